// `make extract`: what is the code of a pasted action.js? On the built file, with what a user or an attacker
// may have done to it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { moduleOf, readAction, sha256 } from "../../scripts/action-file.js";
import { toBase91 } from "../../scripts/base91.js";
import { actionText, files } from "../runtime/built.js";
import { loginEvent } from "../runtime/event.js";

const script = fileURLToPath(new URL("../../scripts/extract.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "extract-"));
after(() => rmSync(folder, { recursive: true }));

const built = readFileSync(files.action, "utf8");
const cjs = readFileSync(files.cjs, "utf8");
const END = "// ---- to here.";

/** What the command says of a file with this text. @param {string} text */
const extract = (text) => {
  const file = join(folder, "pasted.js");
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  return { status, stdout, stderr };
};

/** @param {string} text @param {RegExp} reason */
const refused = (text, reason) => {
  const { status, stderr } = extract(text);
  assert.match(stderr, reason);
  assert.equal(status, 1);
};

test("the built file is its own: the checksum is that of index.cjs", () => {
  const { status, stdout } = extract(built);
  assert.equal(status, 0);
  assert.equal(stdout.split(sha256(cjs)).length, 3);
  assert.match(stdout, /as it was shipped[^]*is that of this build/);
});

test("edited options change neither the checksum nor the verdict, and are shown", () => {
  for (const options of [`{ maxAge: 3600, enrollment: "optional" };`, `(event) => event.client.name !== "x" && {};`]) {
    const { status, stdout } = extract(actionText(options.slice(0, -1)));
    assert.equal(status, 0, stdout);
    assert.ok(stdout.includes(`  | const authsignalOptions = ${options}`));
    assert.match(stdout, /was edited[^]*is that of this build/);
    assert.ok(stdout.includes(sha256(cjs)));
  }
});

test("what an editor does to line breaks, the end of the file and comments is no difference", () => {
  for (const text of [
    built.replaceAll("\n", "\r\n"),
    built.trimEnd(),
    `${built}\n\n`,
    `\uFEFF${built}`,
    `// Ours.\n\n${built}`,
  ]) {
    const { status, stdout } = extract(text);
    assert.equal(status, 0, stdout);
    assert.ok(stdout.includes(sha256(cjs)));
  }
});

test("one changed character below the block is noticed, wherever it is", () => {
  const start = built.length - cjs.length;
  for (const at of [start, start + 100, built.length - 2]) {
    const other = built[at] === "a" ? "b" : "a";
    const { status, stdout } = extract(built.slice(0, at) + other + built.slice(at + 1));
    assert.equal(status, 1);
    assert.match(
      stdout,
      new RegExp(`NOT that of this build: it differs at character ${at - start}\\.\nThe module inside is the same`),
    );
  }
});

test("code that is added below is noticed", () => {
  for (const text of [
    `${built}exports.onExecutePostLogin = async () => {};\n`,
    built.replace(/\n;\(/, "\nreturn;\n;("),
  ]) {
    const { status, stdout } = extract(text);
    assert.equal(status, 1);
    assert.match(stdout, /NOT that of this build/);
  }
});

test("another module is noticed, and what is no module", () => {
  const inside = /[!#%-[\]-~]{20000,}/;
  // With an empty section more.
  const other = Buffer.concat([moduleOf(cjs), Buffer.from([0, 2, 1, 0x61])]);
  const { status, stdout } = extract(built.replace(inside, () => toBase91(brotliCompressSync(other))));
  assert.equal(status, 1);
  assert.match(stdout, /NOT that of this build[^]*The module inside is another one/);
  assert.ok(stdout.includes(sha256(other)));
  refused(built.replace(inside, "A".repeat(40_000)), /can't be decompressed/);
  refused(
    built.replace(inside, () => toBase91(brotliCompressSync(randomBytes(40_000)))),
    /no WebAssembly module/,
  );
});

test("code around the block can't hide what stands below it", () => {
  const inBlock = (/** @type {string} */ code) => built.replace(END, () => `${code}\n${END}`);
  refused(`exports.x = 1;\n${built}`, /^Line 1, above the options block, is no comment/);
  refused(`// a\u2028exports.x = 1;\n${built}`, /^Line 1, above the options block, is no comment/);
  refused(inBlock("/*"), /not JavaScript by itself/);
  refused(inBlock("const text = `"), /not JavaScript by itself/);
  refused(inBlock("if (false) {"), /not JavaScript by itself/);
  refused(inBlock("return;"), /not JavaScript by itself/);
  const end = built.split("\n").find((line) => line.startsWith(END));
  refused(inBlock(`${end}\nexports.x = 1;`), /is there twice/);
});

test("an options block without its last semicolon is as good", async () => {
  const text = built.replace("\n};\n", "\n}\n");
  assert.notEqual(text, built);
  assert.equal(extract(text).status, 0);
  const action = await loadAction({ source: text });
  const { status, command } = await action.execute("onExecutePostLogin", loginEvent({ secrets: {} }));
  assert.deepEqual({ status, command }, { status: "ok", command: { type: "deny", reason: "MFA is unavailable" } });
});

test("a file that is no action.js gets told what is missing", () => {
  refused("console.log(1);\n", /There is no line "\/\/ ---- Options: edit from here ----": this is no action\.js/);
  refused(built.slice(0, -cjs.length), /no module in it/);
  const { status, stderr } = spawnSync(process.execPath, [script, join(folder, "nothing.js")], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^ENOENT.*nothing\.js'\n$/);
});

test("the module comes out as WebAssembly, the built one, into target/extract", () => {
  extract(actionText("{ maxAge: 0 }"));
  const path = (/** @type {string} */ name) => new URL(`../../target/extract/${name}.wasm`, import.meta.url);
  const module = moduleOf(readAction(built).code);
  assert.deepEqual(readFileSync(path("file")), module);
  assert.deepEqual(readFileSync(path("build")), module);
  const names = WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(module)));
  assert.ok(names.some(({ kind }) => kind === "memory"));
});
