// The lists fit the code as it is. Whether the tests see each sabotage, `make sabotage` says.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { apply } from "./apply.js";
import { shim } from "./shim.js";
import { wasm } from "./wasm.js";

/** @param {string} path */
const here = (path) => new URL(`../../${path}`, import.meta.url);
const all = [...shim, ...wasm];

for (const sabotage of all) {
  test(`the sabotage "${sabotage.name}" finds its place once, and names test files that are there`, () => {
    const text = readFileSync(here(sabotage.file), "utf8");
    assert.notEqual(apply(sabotage, text), text);
    assert.ok(sabotage.seenBy.length > 0);
    for (const name of sabotage.seenBy) assert.ok(existsSync(here(`tests/${name}.test.js`)), name);
  });
}

test("each sabotage has a name of its own", () => {
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

test("a place that is not there, or there twice, is an error", () => {
  const sabotage = { name: "n", file: "f", find: "a", put: "b", seenBy: [] };
  assert.equal(apply(sabotage, "xay"), "xby");
  assert.throws(() => apply(sabotage, "xy"), /"n" finds its place in f 0 times/);
  assert.throws(() => apply(sabotage, "aa"), /"n" finds its place in f 2 times/);
});
