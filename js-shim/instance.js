// One instance of the module at a time: made at the first login, dropped when anything throws out of it.
//
// A trap in the module is thrown out of the export that was called, or of the callback of a promise, where nobody
// waits for it. An instance that a trap or an exception passed through is not to be used again: its stack pointer
// and its borrow flags stay as they were. So every raw export is wrapped here, the late callbacks' too.

import { glue } from "build:glue";
import { namespace, wasm } from "build:wasm";
import { nodeCrypto, nodeZlib } from "build:node";
import { abandon, useClient } from "./host.js";
import { nodeClient } from "./node-http.js";

useClient(nodeClient);

/** @type {WebAssembly.Module | undefined} compiled once for the process */
let module;

/** @type {ReturnType<typeof start> | undefined} */
let current;

function start() {
  /** @type {Set<import("./host.js").Login>} the logins that wait in this instance */
  const waiting = new Set();
  let failed = false;
  let depth = 0;

  /** @param {unknown} error */
  function fail(error) {
    failed = true;
    if (current === instance) current = undefined;
    for (const { reject } of waiting) reject(error);
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

  const bound = glue(globalThis.crypto ?? nodeCrypto());
  module ??= new WebAssembly.Module(
    // In one piece: by default it would come in four, and a copy.
    nodeZlib().inflateRawSync(Buffer.from(wasm, "base64"), { chunkSize: 1 << 17 }),
  );
  const raw = new WebAssembly.Instance(module, { [namespace]: bound.imports }).exports;
  /** @type {WebAssembly.Exports} */
  const guarded = {};
  for (const name in raw) {
    const value = raw[name];
    guarded[name] = typeof value === "function" ? guard(value) : value;
  }

  const instance = { hooks: bound.start(guarded), waiting };
  return instance;
}

/**
 * Runs a hook of the module. The promise rejects where the instance fails under it.
 * @param {"execute" | "resume"} hook
 * @param {unknown} event
 * @param {unknown} api
 * @param {unknown} options
 * @returns {Promise<void>}
 */
export function run(hook, event, api, options) {
  return new Promise((resolve, reject) => {
    const { hooks, waiting } = (current ??= start());
    const login = { resolve, reject, waiting };
    waiting.add(login);
    hooks[hook](event, api, options, login);
  });
}
