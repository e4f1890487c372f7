// The tests that a table of a page names, each as `file`: title.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The cells of the third column that name a file, each as a list of [file, what is named of it]. Where nothing is named,
 * that is the empty text.
 * @param {string} page
 */
export const namedIn = (page) =>
  readFileSync(root + page, "utf8")
    .split("\n")
    .filter((line) => /^\| .* \| .*`[\w./-]+`: /.test(line))
    .map((line) => line.replace(/ \|$/, "").split(" | ")[2].split("<br>"))
    .map((cell) => cell.map((each) => /^`([\w./-]+)`: (.+)$/.exec(each)?.slice(1) ?? [each, ""]));

const literal = (/** @type {string} */ part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * The titles of a file's tests, as patterns: what is filled in may be anything. A title that is hardly more than what
 * is filled in is left out, since it would fit any name.
 * @param {string} file
 */
export function titlesOf(file) {
  const text = readFileSync(root + file, "utf8");
  if (file.endsWith(".rs"))
    return [...text.matchAll(/#\[test\]\s+fn (\w+)/g)].map(([, name]) => new RegExp(`^${name}$`));
  return [...text.matchAll(/\b(?:test|it|it\.each\([^]*?\))\(\s*(["`])(.*?)\1,/gs)]
    .map(([, , title]) => title.split(/\$\{.*?\}|%[sj]/s))
    .filter((parts) => parts.join("").length > 10)
    .map((parts) => new RegExp(`^${parts.map(literal).join(".+")}$`, "s"));
}
