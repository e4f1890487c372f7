// The glue that wasm-bindgen generates is part of what ships. glue.js.golden is a copy of it, so that a review shows
// what a new wasm-bindgen, or another import, changes in it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { factory } from "../../scripts/glue.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const generated = readFileSync(`${root}target/wasm-pack/authsignal_auth0_bg.js`, "utf8");

/** Without the number of a closure's function, which any change of the module moves. @param {string} glue */
const withoutNumbers = (glue) => glue.replace(/shim_idx: \d+/g, "shim_idx: …");

test("wasm-bindgen's glue is the one that was reviewed", () => {
  const golden = readFileSync(`${root}tests/release/glue.js.golden`, "utf8");
  assert.equal(
    withoutNumbers(generated),
    withoutNumbers(golden),
    "Review the difference, then take the new glue with `make golden`",
  );
});

test("glue without the function that names values for panics is refused", () => {
  const names = { imports: [], exports: new Map() };
  assert.throws(() => factory(generated.replaceAll("debugString", "describe"), root, names), /has no debugString/);
});

test("the factory leaves no name of the platform to the process", () => {
  const names = { imports: [], exports: new Map([["__wbindgen_start", "start"]]) };
  const source = factory(generated, root, names);
  const [, parameters] = /** @type {RegExpExecArray} */ (/export function glue\(\{([^}]*)\}\)/.exec(source));
  const given = parameters.split(",").map((name) => name.trim());
  for (const name of ["fetch", "Headers", "Request", "Response", "AbortController", "setTimeout", "clearTimeout"]) {
    assert.ok(given.includes(name), name);
    assert.match(generated, new RegExp(`\\b${name}\\b`));
  }
});
