// marketplace/CHECKLIST.md names tests and lines that are there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { namedIn, titlesOf } from "../docs/named-tests.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = "marketplace/CHECKLIST.md";
const shown = namedIn(page);

test("each rule of a table names a test or a line", () => {
  const rows = readFileSync(root + page, "utf8").match(/^\| (?!---|rule ).*$/gm) ?? [];
  assert.equal(shown.length, rows.length);
  assert.ok(rows.length >= 15, `${rows.length} rules`);
});

for (const [file, name] of shown.flat()) {
  test(`${file} has: ${name}`, () => {
    const [, line] = /^`(.+)`$/.exec(name) ?? [];
    if (line) assert.ok(readFileSync(root + file, "utf8").includes(line));
    else assert.ok(titlesOf(file).some((title) => title.test(name)));
  });
}
