// What a pasted action.js is made of: comments, the options block that its user edits, and the code. Nothing
// of it is run here.

import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { brotliDecompressSync } from "node:zlib";
import { fromBase91 } from "./base91.js";

const FROM = "// ---- Options: edit from here ----";
const TO = "// ---- to here. Below is the code, which nobody edits. ----";

/** The shortest text that can be the module, and the most bytes that are decompressed. */
const MODULE_CHARACTERS = 20_000;
const MODULE_BYTES = 4 << 20;

/** The file is no action.js, or something in it hides from what is compared. */
export class ActionFileError extends Error {
  name = "ActionFileError";
}

/** @param {string | Uint8Array} data */
export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/**
 * The parts of an action.js, with line breaks as the build writes them.
 *
 * `code` is what stands below the options block: the text of index.cjs, and its SHA-256 identifies a
 * version. It counts only where nothing around it changes what it means. So above the block there may be
 * comments alone, and the block has to be whole statements, so that no comment, string or brace that opens
 * in it closes below. What these statements do is for a reader to judge.
 *
 * @param {string} text
 */
export const readAction = (text) => {
  const lines = text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .split("\n");
  const from = only(lines, FROM);
  const to = only(lines, TO);
  if (to < from) throw new ActionFileError(`The line "${TO}" stands above the line "${FROM}".`);

  const above = lines.slice(0, from);
  const foreign = above.findIndex((line) => !/^\s*(\/\/.*)?$/.test(line));
  if (foreign >= 0) throw new ActionFileError(`Line ${foreign + 1}, above the options block, is no comment.`);

  const block = lines.slice(from + 1, to).join("\n");
  const code = `${lines
    .slice(to + 1)
    .join("\n")
    .trim()}\n`;
  parse(block, "The options block is not JavaScript by itself");
  return { version: /version (\S+) /.exec(above[0] ?? "")?.[1], block, code };
};

/** Compiles, and runs nothing. @param {string} script @param {string} otherwise */
const parse = (script, otherwise) => {
  try {
    new Script(script);
  } catch (error) {
    throw new ActionFileError(`${otherwise}: ${/** @type {Error} */ (error).message}`);
  }
};

/** @param {string[]} lines @param {string} line */
const only = (lines, line) => {
  const at = lines.findIndex((text) => text.trimEnd() === line);
  if (at < 0) throw new ActionFileError(`There is no line "${line}": this is no action.js, or the line was edited.`);
  if (lines.findLastIndex((text) => text.trimEnd() === line) > at) {
    throw new ActionFileError(`The line "${line}" is there twice.`);
  }
  return at;
};

/**
 * The WebAssembly module inside: the one string as long as that, compressed by brotli, in base 91.
 * @param {string} code
 */
export const moduleOf = (code) => {
  const texts = [...code.matchAll(/"([!#%-[\]-~]+)"/g)].filter(([, text]) => text.length > MODULE_CHARACTERS);
  if (texts.length !== 1) throw new ActionFileError("The code has no module in it.");
  let bytes;
  try {
    bytes = brotliDecompressSync(fromBase91(texts[0][1]), { maxOutputLength: MODULE_BYTES });
  } catch (error) {
    throw new ActionFileError(`The module can't be decompressed: ${/** @type {Error} */ (error).message}`);
  }
  if (!WebAssembly.validate(new Uint8Array(bytes)))
    throw new ActionFileError("What the code has inside is no WebAssembly module.");
  return bytes;
};
