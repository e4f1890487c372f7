// Writes into pkg/package.json where the package's code, its page and its issues are. The release does it, since only there
// is the repository's address known for sure: npm refuses provenance of a package that names another one.
//   node scripts/repository.js https://github.com/OWNER/NAME

import { readFileSync, writeFileSync } from "node:fs";

const [address, ...more] = process.argv.slice(2);
if (!/^https:\/\/[^\s/]+(\/[\w.-]+){2}$/.test(address ?? "") || more.length > 0) {
  console.error("usage: node scripts/repository.js https://github.com/OWNER/NAME");
  process.exit(2);
}
const file = new URL("../pkg/package.json", import.meta.url);
const manifest = {
  ...JSON.parse(readFileSync(file, "utf8")),
  repository: { type: "git", url: `git+${address}.git`, directory: "pkg" },
  homepage: `${address}#readme`,
  bugs: { url: `${address}/issues` },
};
writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
