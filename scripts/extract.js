// `make extract FILE=my-action.js`: is the code of a pasted action.js that of this build? Its module, and
// this build's, go to target/extract/, where they can be compared and disassembled. Without a FILE, this
// build's alone.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ActionFileError, moduleOf, readAction, sha256 } from "./action-file.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const [file] = process.argv.slice(2);
const out = `${root}target/extract`;

/** Its parts, and its module in target/extract/ as `name`. @param {string} path @param {string} name */
const extract = (path, name) => {
  const action = readAction(readFileSync(path, "utf8"));
  console.log(`${path.replace(root, "")}
  version                  ${action.version ?? "not said"}
  below the options block  ${Buffer.byteLength(action.code).toLocaleString("en")} bytes, SHA-256 ${sha256(action.code)}`);
  const module = moduleOf(action.code);
  writeFileSync(`${out}/${name}`, module);
  console.log(`  the module inside        ${module.length.toLocaleString("en")} bytes, SHA-256 ${sha256(module)}
                           in target/extract/${name}\n`);
  return { ...action, module };
};

const compare = () => {
  const build = extract(`${root}pkg/action.js`, "build.wasm");
  if (!file) return true;
  const pasted = extract(file, "file.wasm");

  if (pasted.block === build.block) console.log("Its options block is as it was shipped.");
  else
    console.log(
      `Its options block was edited. It is code that runs: read it.\n\n${pasted.block.replace(/^/gm, "  | ")}\n`,
    );
  if (pasted.code === build.code) {
    console.log("Below the block its code is that of this build, character for character.");
    return true;
  }
  const at = [...pasted.code].findIndex((character, index) => character !== build.code[index]);
  console.log(`Below the block its code is NOT that of this build: it differs at character ${at < 0 ? pasted.code.length : at}.
The module inside is ${pasted.module.equals(build.module) ? "the same; the JavaScript around it is not" : "another one"}.`);
  return false;
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
try {
  if (!compare()) process.exitCode = 1;
  if (file) console.log("\nCompare the modules:   cmp target/extract/file.wasm target/extract/build.wasm");
  console.log(
    `${file ? "" : "\n"}Disassemble a module:  node_modules/.bin/wasm-dis target/extract/build.wasm -o target/extract/build.wat`,
  );
} catch (error) {
  if (!(error instanceof ActionFileError) && /** @type {any} */ (error).code !== "ENOENT") throw error;
  console.error(`${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}
