// The text that the module has in pkg/: what scripts/base91.js writes, js-shim/base91.wat reads.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase91, toBase91 } from "../../scripts/base91.js";
import { files } from "../runtime/built.js";

const [, base64] = /** @type {RegExpExecArray} */ (/"(AGFzbQ[A-Za-z0-9+/=]+)"/.exec(readFileSync(files.cjs, "utf8")));

/** As the shim decodes. @param {string} text */
const decode = (text) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, "base64")));
  const { memory, decode } = /** @type {import("build:wasm").Decoder} */ (/** @type {unknown} */ (exports));
  const bytes = Buffer.from(memory.buffer);
  decode(bytes.write(text, "latin1"));
  return bytes.subarray(0, Math.floor((text.length * 13) / 16));
};

for (const [name, bytes] of /** @type {[string, Buffer][]} */ ([
  ["all zeros", Buffer.alloc(26)],
  ["all ones", Buffer.alloc(26, 255)],
  ["one byte", Buffer.from([1])],
  ["three bytes", Buffer.from([1, 2, 3])],
  ["50,000 random bytes", randomBytes(50_000)],
])) {
  test(`${name}: what is written is read again, with zeros up to 13 bits`, () => {
    const text = toBase91(bytes);
    assert.match(text, /^[!#%-[\]-~]+$/);
    assert.equal(text.length, Math.ceil((bytes.length * 8) / 13) * 2);
    for (const read of [decode(text), fromBase91(text)]) {
      assert.deepEqual(read.subarray(0, bytes.length), bytes);
      assert.ok(read.subarray(bytes.length).every((byte) => byte === 0));
    }
  });
}
