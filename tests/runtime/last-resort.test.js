// The module has failed, and what is left to deny with fails too, or is not what it should be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { loginEvent } from "./event.js";
import { keepLog, replace, replaceFetch, watchProcess } from "./globals.js";

const denied = [["deny", "MFA is unavailable"]];
const hooks = /** @type {const} */ (["handleAuth0ExecutePostLogin", "handleAuth0ContinuePostLogin"]);
const thrown = () => {
  throw new Error("sabotage");
};

for (const hook of hooks) {
  for (const [what, options] of /** @type {[string, unknown][]} */ ([
    ["an unavailableMessage that is no string", { unavailableMessage: 7 }],
    ["an unavailableMessage that is an object", { unavailableMessage: { toString: thrown } }],
    [
      "a getter that throws",
      {
        get unavailableMessage() {
          return thrown();
        },
        get logLevel() {
          return thrown();
        },
      },
    ],
    ["a Proxy that throws", new Proxy({}, { get: thrown, has: thrown, ownKeys: thrown, getPrototypeOf: thrown })],
    ["null", null],
    ["nothing", undefined],
    ["a function that throws", thrown],
  ])) {
    test(`a failed module denies at ${hook} with the default words where options are ${what}`, async (t) => {
      const assertUnharmed = watchProcess(t);
      const lines = keepLog(t);
      const pkg = loadPackage();
      const { api, calls } = createApi();
      const restore = replace(t, performance, "now", thrown);
      await pkg[hook](loginEvent(), api, options);
      restore();
      assert.deepEqual(calls, denied);
      assert.equal(lines.length, 1);
      await assertUnharmed();
    });
  }

  test(`a failed module denies at ${hook}, and resolves, where the console throws too`, async (t) => {
    const assertUnharmed = watchProcess(t);
    const pkg = loadPackage();
    const { api, calls } = createApi();
    const restore = [replace(t, performance, "now", thrown), replace(t, console, "log", thrown)];
    await pkg[hook](loginEvent(), api, { secret: "key" });
    for (const undo of restore) undo();
    assert.deepEqual(calls, denied);
    await assertUnharmed();
  });
}

for (const [what, returned, codes, requests] of /** @type {[string, unknown, string[], number][]} */ ([
  ["and ends its request", { secret: "key" }, ["internal_error", "internal_error"], 1],
  ["or finds it denied", 7, ["invalid_options", "internal_error"], 0],
])) {
  test(`a login that an options function starts and that fails takes the outer one along, ${what}`, async (t) => {
    const assertUnharmed = watchProcess(t);
    const lines = keepLog(t);
    /** @type {(AbortSignal | null | undefined)[]} */
    const signals = [];
    replaceFetch(t, (/** @type {string} */ _, /** @type {RequestInit} */ init) => {
      signals.push(init.signal);
      return new Promise(() => {});
    });
    const pkg = loadPackage();
    const outer = createApi();
    const inner = createApi();
    /** @type {Promise<void> | undefined} */
    let started;
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), outer.api, () => {
      const event = new Proxy(loginEvent(), { get: thrown });
      started = pkg.handleAuth0ExecutePostLogin(event, inner.api, { secret: "key" });
      return returned;
    });
    await started;
    await assertUnharmed();
    assert.deepEqual([outer.calls, inner.calls], [denied, denied]);
    assert.deepEqual(
      signals.map((signal) => signal?.aborted),
      Array(requests).fill(true),
    );
    assert.deepEqual(lines.map((line) => line.split(/[,:] /)[2]).sort(), codes.sort());
  });
}

test("the process compiles the module once, however often an instance of it fails", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(JSON.stringify({ state: "ALLOW", isEnrolled: true })));
  const { Module } = WebAssembly;
  let compiled = 0;
  replace(t, WebAssembly, "Module", function (/** @type {Buffer<ArrayBuffer>} */ bytes) {
    // Not the one that decodes the module's text.
    if (bytes.length > 1000) compiled++;
    return new Module(bytes);
  });
  const pkg = loadPackage();
  for (let login = 0; login < 3; login++) {
    const restore = replace(t, performance, "now", thrown);
    const failing = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), failing.api, { secret: "key" });
    restore();
    assert.deepEqual(failing.calls, denied);
    const next = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), next.api, { secret: "key" });
    assert.deepEqual(next.calls, []);
  }
  assert.equal(compiled, 1);
});

test("a process keeps nothing of the logins that have ended", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(JSON.stringify({ state: "ALLOW", isEnrolled: true })));
  const pkg = loadPackage();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  /** @type {WeakRef<object>[]} what the package has made for its logins to wait by */
  const made = [];
  const Original = /** @type {any} */ (Promise);
  const restore = replace(
    t,
    globalThis,
    "Promise",
    class extends Original {
      /** @param {any} start */
      constructor(start) {
        super(start);
        made.push(new WeakRef(this));
      }
    },
  );
  for (let login = 0; login < 50; login++)
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), createApi().api, { secret: "key" });
  restore();
  await setImmediate();
  collect();
  await setImmediate();
  assert.ok(made.length >= 50, `${made.length} were made`);
  assert.ok(
    made.filter((it) => it.deref()).length < 10,
    `${made.filter((it) => it.deref()).length} of ${made.length} are left`,
  );
});
