// One instance of the module at a time: made at the first login, dropped when anything throws out of it.
//
// A trap inside an async export is no rejected promise but an uncaught exception, and an instance that a
// trap or an exception passed through is not to be used again: its stack pointer and its borrow flags
// stay as they were. So every raw export is wrapped here, the late callbacks' too.

import { glue } from "build:glue";
import { imports, wasm } from "build:wasm";
import { node } from "build:node";
import { abandon } from "./host.js";

/**
 * A hook of the module. Its promise rejects where the instance fails under it.
 * @typedef {(event: unknown, api: unknown, options: unknown) => Promise<void>} Hook
 */

/** @type {Promise<WebAssembly.Module> | undefined} compiled once for the process */
let module;

/** @type {ReturnType<typeof start> | undefined} */
let current;

/**
 * One of the properties of what a caller gave, as far as it can be had.
 * @param {any} object
 * @param {string} name
 */
export function peek(object, name) {
  try {
    return object[name];
  } catch {}
}

/**
 * Compiles the module in the background, while Node loads its `fetch`: it does so at the first use, for longer
 * than all else takes. A login that is thought to send nothing does not wait for that.
 * @param {unknown} event
 */
async function compile(event) {
  const fetches = peek(peek(event, "transaction"), "protocol") !== "oauth2-refresh-token";
  const [compiled] = await Promise.all([WebAssembly.compile(decompress()), fetches && loadFetch()]);
  return compiled;
}

function decompress() {
  // In one piece: by default it would come in four, and a copy.
  const options = { chunkSize: 1 << 17 };
  return node("zlib").brotliDecompressSync(Buffer.from(wasm, "base64"), options);
}

async function loadFetch() {
  // Where all functions are compiled at once, as Node 18 does, it begins with them in another turn of the event
  // loop. An empty module gives it one, and no fake timer can hold that up.
  if (parseInt(process.versions.v8) < 11) await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  globalThis.Headers;
}

/** @param {WebAssembly.Module} module */
function start(module) {
  /** @type {Set<(error: unknown) => void>} the logins that wait in this instance */
  const waiting = new Set();
  let failed = false;
  let depth = 0;

  /** @param {unknown} error */
  function fail(error) {
    failed = true;
    if (current === instance) current = undefined;
    for (const reject of waiting) reject(error);
    abandon();
  }

  /** @param {Function} raw */
  function guard(raw) {
    /** @param {unknown[]} args */
    return function (...args) {
      depth += 1;
      try {
        // Nothing enters a failed instance again: its late callbacks get an array, which they read, and
        // where its own frames are still below, as an import is called, these end too.
        if (failed) throw Error();
        return raw(...args);
      } catch (error) {
        if (!failed) fail(error);
        if (depth > 1) throw error;
        return [];
      } finally {
        depth -= 1;
      }
    };
  }

  const bound = glue(globalThis.crypto ?? node("crypto"));
  const raw = new WebAssembly.Instance(module, imports(bound)).exports;
  /** @type {WebAssembly.Exports} */
  const guarded = {};
  for (const name in raw) {
    const value = raw[name];
    guarded[name] = typeof value === "function" ? guard(value) : value;
  }
  bound.start(guarded);

  /** @param {"execute" | "resume"} name @returns {Hook} */
  function hook(name) {
    return (event, api, options) =>
      new Promise((resolve, reject) => {
        const done = () => waiting.delete(reject);
        waiting.add(reject);
        bound[name](event, api, options).then(resolve, reject).then(done);
      });
  }

  const instance = { execute: hook("execute"), resume: hook("resume") };
  return instance;
}

/** The instance, made where there is none. @param {unknown} event */
async function ready(event) {
  const compiled = await (module ??= compile(event)).catch((error) => {
    // The next login tries again.
    module = undefined;
    throw error;
  });
  // Other logins have waited for the module too.
  return (current ??= start(compiled));
}

/** @type {Hook} */
export async function execute(event, api, options) {
  return (current ?? (await ready(event))).execute(event, api, options);
}

/** @type {Hook} */
export async function resume(event, api, options) {
  return (current ?? (await ready(event))).resume(event, api, options);
}
