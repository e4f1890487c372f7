// Is it one version everywhere? `node scripts/version.js v1.2.3` also holds a tag against it, and the
// changelog, which has to have that version released.

import { readFileSync } from "node:fs";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const [tag] = process.argv.slice(2);

/** @type {[where: string, version: string | undefined][]} */
const versions = [
  ["Cargo.toml", /^version = "(.+)"$/m.exec(read("Cargo.toml"))?.[1]],
  ["module/Cargo.toml", /^version = "(.+)"$/m.exec(read("module/Cargo.toml"))?.[1]],
  ["pkg/package.json", JSON.parse(read("pkg/package.json")).version],
  [
    "marketplace/integration/configuration.json",
    JSON.parse(read("marketplace/integration/configuration.json")).dependencies[0].version,
  ],
  [
    "marketplace/template/authsignal-mfa-POST_LOGIN/manifest.yaml",
    /^ +- name: 'authsignal-auth0'\n +version: '(.+)'$/m.exec(
      read("marketplace/template/authsignal-mfa-POST_LOGIN/manifest.yaml"),
    )?.[1],
  ],
  ["CHANGELOG.md", /^## (\S+)/m.exec(read("CHANGELOG.md"))?.[1]],
];
if (tag) {
  versions.push([`the tag ${tag}`, /^v(.+)$/.exec(tag)?.[1]]);
  if (/^## .*unreleased/m.test(read("CHANGELOG.md"))) versions.push(["CHANGELOG.md, unreleased", undefined]);
}
for (const [where, version] of versions) console.log(`${version ?? "none"}  ${where}`);
if (new Set(versions.map(([, version]) => version)).size > 1) {
  console.error("These have to be one version.");
  process.exitCode = 1;
}
