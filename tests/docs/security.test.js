// SECURITY.md names tests that are there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The last cells of the table of attacks, as [file, name]. */
const shown = readFileSync(`${root}SECURITY.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`tests/"))
  .map((line) => line.replace(/ \|$/, "").split(" | ")[2].split("<br>"))
  .map((cell) => cell.map((each) => /^`(tests\/[\w/.-]+)`: (.+)$/.exec(each)?.slice(1) ?? [each, ""]));

/** Each file, and the tests of it that are named. @type {Map<string, string[]>} */
const files = new Map();
for (const [file, name] of shown.flat()) files.set(file, [...(files.get(file) ?? []), name]);

test("each row of the table of attacks has a file and a test", () => {
  assert.ok(shown.length >= 20, `${shown.length} rows`);
  for (const cell of shown) for (const [file, name] of cell) assert.ok(name, `no file and name: ${file}`);
});

/**
 * The titles of a file's tests, as patterns: what is filled in may be anything. A title that is hardly more than what
 * is filled in is left out, since it would fit any name.
 * @param {string} file
 */
const titles = (file) => {
  const text = readFileSync(root + file, "utf8");
  const written = [...text.matchAll(/\btest\(\s*(["`])(.*?)\1,/gs)]
    .map(([, , title]) => title)
    .filter((title) => title.replace(/\$\{.*?\}/gs, "").length > 10);
  const literal = (/** @type {string} */ part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return written.map(
    (title) =>
      new RegExp(
        `^${title
          .split(/\$\{.*?\}/s)
          .map(literal)
          .join(".+")}$`,
        "s",
      ),
  );
};

for (const [file, names] of files) {
  test(`the tests of ${file} that SECURITY.md names are there`, () => {
    const all = titles(file);
    for (const name of names)
      assert.ok(
        all.some((title) => title.test(name)),
        `${file} has no test "${name}"`,
      );
  });
}
