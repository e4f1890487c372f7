// One instance of the module at a time: made at the first login, dropped when anything throws out of it.
//
// A trap in the module is thrown out of the export that was called, or of the callback of a promise, where nobody
// waits for it. An instance that a trap or an exception passed through is not to be used again: its stack pointer
// and its borrow flags stay as they were. So every raw export is wrapped here, the late callbacks' too.

import { glue } from "build:glue";
import { namespace } from "build:wasm";
import { compile } from "./module.js";
import { createPlatform } from "./platform.js";

/** Thrown if the process has no WebAssembly, or no memory for it. */
export const noWebAssembly = Error();

/** @type {WebAssembly.Module | undefined} compiled once for the process */
let module;

/** @type {ReturnType<typeof start> | undefined} */
let current;

function start() {
  /** Ends each login that waits in this instance. @type {Set<(error: unknown) => void>} */
  const waiting = new Set();
  const platform = createPlatform();
  let failed = false;
  let depth = 0;

  /** @param {unknown} error */
  function fail(error) {
    failed = true;
    if (current === instance) current = undefined;
    for (const reject of waiting) reject(error);
    platform.end();
  }

  /** @param {Function} raw */
  function guard(raw) {
    /** @param {unknown[]} args */
    return (...args) => {
      depth += 1;
      try {
        // Nothing enters a failed instance again: its late callbacks get an array, which they read, and
        // if its own frames are still below, as an import is called, these end too.
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

  const bound = glue(platform.names);
  module ??= compile();
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

function currentInstance() {
  try {
    current ??= start();
    return current;
  } catch (error) {
    throw typeof WebAssembly === "object" && !(error instanceof RangeError) ? error : noWebAssembly;
  }
}

/**
 * Runs a hook of the module. The promise rejects if the instance fails under it.
 * @param {"onExecute" | "onContinue"} hook
 * @param {unknown} event
 * @param {unknown} api
 * @param {unknown} options
 * @returns {Promise<object>} what the handler resolves to
 */
export function run(hook, event, api, options) {
  return new Promise((resolve, reject) => {
    const { hooks, waiting } = currentInstance();
    /** @param {(value: any) => void} end @returns {(value: unknown) => void} */
    const settle = (end) => (value) => {
      waiting.delete(reject);
      end(value);
    };
    waiting.add(reject);
    hooks[hook](event, api, options, settle(resolve), settle(reject));
  });
}
