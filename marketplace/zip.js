// Packs what Auth0 reviews, integration/ and the images of media/, into a zip file: `node zip.js FILE`. The same files
// give the same bytes.

const { mkdirSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { zipSync } = require("fflate");

/** The first day that a zip file can name, in local time, as the library reads it. */
const DAY = new Date(1980, 0, 1);

/** What is packed: paths that start in this folder. */
function files() {
  const integration = readdirSync(join(__dirname, "integration")).map((name) => `integration/${name}`);
  const media = readdirSync(join(__dirname, "media")).map((name) => `media/${name}`);
  return [...integration, ...media.filter((path) => path.endsWith(".png"))].sort();
}

function pack() {
  /** @type {Record<string, [Uint8Array, { mtime: Date }]>} */
  const entries = {};
  for (const path of files()) entries[path] = [new Uint8Array(readFileSync(join(__dirname, path))), { mtime: DAY }];
  return zipSync(entries, { level: 9 });
}

module.exports = { pack };

if (require.main === module) {
  const [file] = process.argv.slice(2);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, pack());
  console.log(`${file}: ${files().join(", ")}`);
}
