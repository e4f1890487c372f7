// Does pkg/package.json say where its code, its page and its issues are? `node scripts/repository.js
// https://github.com/OWNER/NAME` checks that it is this repository, and with `--write` puts it in. npm refuses provenance
// of a package that names another repository than the one that published it.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

const file = fileURLToPath(new URL("../pkg/package.json", import.meta.url));

/** What the manifest has to say. @param {string} address of the repository, without a slash at the end */
const fieldsOf = (address) => ({
  repository: { type: "git", url: `git+${address}.git`, directory: "pkg" },
  homepage: `${address}#readme`,
  bugs: { url: `${address}/issues` },
});

/**
 * The fields that are missing or lead elsewhere, with what they have to be.
 * @param {Record<string, unknown>} manifest
 * @param {string} address
 */
export const wrongFields = (manifest, address) =>
  Object.entries(fieldsOf(address)).filter(([name, value]) => !isDeepStrictEqual(manifest[name], value));

/** @param {string} text of the manifest @param {string} address @returns {string} */
export const withFields = (text, address) =>
  `${JSON.stringify({ ...JSON.parse(text), ...fieldsOf(address) }, undefined, 2)}\n`;

function main() {
  const [address, option] = process.argv.slice(2);
  if (!/^https:\/\/[^\s/]+(\/[\w.-]+){2}$/.test(address ?? "") || ![undefined, "--write"].includes(option)) {
    console.error("usage: node scripts/repository.js https://github.com/OWNER/NAME [--write]");
    process.exitCode = 2;
    return;
  }
  if (option === "--write") writeFileSync(file, withFields(readFileSync(file, "utf8"), address));
  const wrong = wrongFields(JSON.parse(readFileSync(file, "utf8")), address);
  for (const [name, value] of wrong) console.error(`pkg/package.json: ${name} has to be ${JSON.stringify(value)}`);
  if (wrong.length > 0) {
    console.error(`To put them in: node scripts/repository.js ${address} --write, and make format`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
