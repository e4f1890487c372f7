// The blocks of docs/ that are written by `make docs` are what it would write now.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGES, read, withBlocks } from "../../scripts/docs.js";
import { differences } from "../parity/differences.js";

for (const page of PAGES) {
  test(`${page} is as its sources are: else run make docs`, () => {
    const text = read(page);
    assert.match(text, /^<!-- from \S+ -->$/m);
    assert.equal(text, withBlocks(text));
  });
}

test("each reason of the parity test's list is on the page once, and the cases add up", () => {
  const page = read("docs/migrating.md");
  for (const { reason } of differences) assert.equal(page.split(reason.replaceAll("|", "\\|")).length, 2, reason);
  const counts = [...page.matchAll(/^\| .* \| (\d+) \| .* \| .* \|$/gm)].map(([, count]) => Number(count));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    differences.length,
  );
});
