// The tool, and what the lists name. Whether each sabotage finds its place and is seen, `make sabotage` says.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { apply } from "./apply.js";
import { shim } from "./shim.js";
import { wasm } from "./wasm.js";

const all = [...shim, ...wasm];

test("each sabotage has a name of its own", () => {
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

test("each sabotage names test files that are there", () => {
  for (const { name, seenBy } of all) {
    assert.ok(seenBy.length > 0, name);
    for (const file of seenBy)
      assert.ok(existsSync(new URL(`../${file}.test.js`, import.meta.url)), `${name}: ${file}`);
  }
});

test("a place that is not there, or there twice, is an error", () => {
  const sabotage = { name: "n", file: "f", find: "a", put: "b", seenBy: [] };
  assert.equal(apply(sabotage, "xay"), "xby");
  assert.throws(() => apply(sabotage, "xy"), /"n" finds its place in f 0 times/);
  assert.throws(() => apply(sabotage, "aa"), /"n" finds its place in f 2 times/);
});
