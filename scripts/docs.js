// `make docs`: writes the blocks of docs/ that come from elsewhere. A block stands between
// `<!-- from FILE -->` and `<!-- end -->`; a test compares what is there with what would be written.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { differencesTable } from "./differences-table.js";

const root = new URL("../", import.meta.url);
const BLOCK = /^<!-- from (\S+) -->\n[^]*?^<!-- end -->$/gm;

/** The pages that have such blocks. */
export const PAGES = ["docs/migrating.md", "docs/options.md"];

/** @param {string} file */
export const read = (file) => readFileSync(new URL(file, root), "utf8");

/**
 * The page as it should be.
 * @param {string} text
 */
export const withBlocks = (text) =>
  text.replace(BLOCK, (_, file) => `<!-- from ${file} -->\n\n${blockOf(file)}\n\n<!-- end -->`);

/** @param {string} file */
const blockOf = (file) => (file === "tests/parity/differences.js" ? differencesTable() : codeOf(file));

/** An example without its head, which says in a comment what the page says around it. @param {string} file */
function codeOf(file) {
  const code = read(file).replace(/^(\/\/.*\n)+\n/, "");
  return `\`\`\`js\n${code}\`\`\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of PAGES) writeFileSync(new URL(page, root), withBlocks(read(page)));
}
