// SECURITY.md names tests that are there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { namedIn, titlesOf } from "./named-tests.js";

const shown = namedIn("SECURITY.md");

/** Each file, and the tests of it that are named. @type {Map<string, string[]>} */
const files = new Map();
for (const [file, name] of shown.flat()) files.set(file, [...(files.get(file) ?? []), name]);

test("each row of the table of attacks has a file and a test", () => {
  assert.ok(shown.length >= 20, `${shown.length} rows`);
  for (const cell of shown) for (const [file, name] of cell) assert.ok(name, `no file and name: ${file}`);
});

for (const [file, names] of files) {
  test(`the tests of ${file} that SECURITY.md names are there`, () => {
    const all = titlesOf(file);
    for (const name of names)
      assert.ok(
        all.some((title) => title.test(name)),
        `${file} has no test "${name}"`,
      );
  });
}
