// `make sbom`: the crates that the module is made of, and those that run as it is compiled, as CycloneDX in
// target/authsignal-auth0.cdx.json. The same tree gives the same bytes.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const name = "sbom-of-make-sbom";

/** @param {string} command @param {string[]} args @param {Record<string, string>} [env] */
const run = (command, args, env) =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 26 });

// It writes one beside each manifest of the workspace, whatever it is asked for.
const { packages } = JSON.parse(run("cargo", ["metadata", "--no-deps", "--locked", "--format-version=1"]));
const written = packages.map((/** @type {any} */ { manifest_path }) => join(dirname(manifest_path), `${name}.json`));
try {
  const args = `cyclonedx --manifest-path module/Cargo.toml --target wasm32-unknown-unknown --format json --spec-version 1.5 --override-filename ${name}`;
  run("cargo", args.split(" "), { SOURCE_DATE_EPOCH: run("git", ["log", "-1", "--format=%ct"]).trim() });

  // Where the tree lies is nobody's business.
  const text = readFileSync(`${root}module/${name}.json`, "utf8").replaceAll(`file://${root.slice(0, -1)}`, "file://.");
  const { components } = JSON.parse(text);
  mkdirSync(`${root}target`, { recursive: true });
  writeFileSync(`${root}target/authsignal-auth0.cdx.json`, text);
  console.log(`target/authsignal-auth0.cdx.json: ${components.length} crates`);
} finally {
  for (const path of written) rmSync(path, { force: true });
}
