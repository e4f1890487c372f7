// What tests do to the globals of their process, and undo.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { setImmediate } from "node:timers/promises";

/** @typedef {{ after: (done: () => void) => void }} Test */

/** Where the built file has its random keys from. Node 18 has no global. */
export const randomSource = globalThis.crypto ?? crypto;

/**
 * Replaces a property until the test ends, or until the function that it gives is called.
 * @param {Test} t
 * @param {any} object
 * @param {string} name
 * @param {unknown} value
 */
export const replace = (t, object, name, value) => {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true, enumerable: true });
  let replaced = true;
  const restore = () => {
    if (!replaced) return;
    replaced = false;
    if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  };
  t.after(restore);
  return restore;
};

/**
 * Replaces `fetch` until the test ends.
 * @param {Test} t
 * @param {unknown} value
 */
export const replaceFetch = (t, value) => replace(t, globalThis, "fetch", value);

/**
 * The lines that the code of a test prints.
 * @param {Test} t
 */
export const keepLog = (t) => {
  /** @type {string[]} */
  const lines = [];
  replace(t, console, "log", (/** @type {unknown[]} */ ...line) => lines.push(line.join(" ")));
  return lines;
};

/**
 * Watches for what would end the process. The function that it gives waits until all that is due has
 * run, then fails where something came.
 * @param {Test} t
 */
export const watchProcess = (t) => {
  /** @type {unknown[]} */
  const seen = [];
  /** @param {unknown} error */
  const listener = (error) => seen.push(error);
  const events = ["uncaughtException", "unhandledRejection"];
  for (const event of events) process.on(event, listener);
  t.after(() => {
    for (const event of events) process.off(event, listener);
  });
  return async () => {
    // An unhandled rejection is told of after the microtasks, an exception in a listener in the next tick.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    assert.deepEqual(seen, []);
  };
};
