// Unit tests of Actions fake the timers and microtasks of their process, as jest, sinon and node:test do. A login ends
// all the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent, returnEvent } from "./event.js";
import { replace, replaceFetch } from "./globals.js";
import { listen } from "./server.js";

useNode();

const { setImmediate } = globalThis;
const url = "https://mfa.example.com/challenge?token=t";
const answer = JSON.stringify({ state: "CHALLENGE_REQUIRED", url, isValid: false });

/** A stub may answer without any turn of the event loop. */
const stub = async () => ({ status: 200, text: async () => answer });

/** More turns of the event loop than a login needs that waits for nothing. */
const TURNS = 100;

/** A login that waits for the network, and for longer than this, hangs: no hook takes nine seconds. */
const HANGS_MS = 20_000;

/** Fails if a hook doesn't end by itself. @param {Promise<void>} hook */
const ends = async (hook) => {
  let ended = false;
  const settled = hook.then(() => (ended = true));
  for (let turn = 0; turn < TURNS && !ended; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(ended, "the hook hangs");
  await settled;
};

/** @type {[string, (t: import("node:test").TestContext) => void][]} */
const fakes = [
  ["queueMicrotask does nothing", (t) => void replace(t, globalThis, "queueMicrotask", () => {})],
  ["node:test mocks the timers", (t) => t.mock.timers.enable()],
  [
    "node:test mocks the timers and queueMicrotask does nothing",
    (t) => {
      replace(t, globalThis, "queueMicrotask", () => {});
      t.mock.timers.enable();
    },
  ],
];

for (const [what, fake] of fakes) {
  for (const when of /** @type {const} */ (["before", "after"])) {
    test(`both hooks end if ${what}, from ${when} the package is loaded`, async (t) => {
      replaceFetch(t, stub);
      if (when === "before") fake(t);
      const pkg = loadPackage();
      if (when === "after") fake(t);

      const execute = createApi();
      await ends(pkg.handleAuth0ExecutePostLogin(loginEvent(), execute.api, { secret: "key" }));
      assert.deepEqual(execute.calls, [["sendUserTo", url]]);
      const resume = createApi();
      await ends(
        pkg.handleAuth0ContinuePostLogin(returnEvent(loginEvent(), { challenge: url }), resume.api, { secret: "key" }),
      );
      assert.deepEqual(resume.calls, [["deny", "MFA challenge failed"]]);
    });
  }

  test(`a login by Node's own client ends if ${what}`, { timeout: HANGS_MS }, async (t) => {
    const server = await listen(t, (_, response) => void response.end(answer));
    const pkg = loadPackage();
    fake(t);
    const { api, calls } = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), api, { secret: "key", apiBaseUrl: server.url });
    assert.deepEqual(calls, [["sendUserTo", url]]);
    assert.equal(server.requests[0].headers["sec-fetch-mode"], undefined);
  });
}

test("a login in which the faked time-out goes by ends", async (t) => {
  replaceFetch(t, () => new Promise(() => {}));
  t.mock.timers.enable();
  const { api, calls } = createApi();
  const hook = loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, {
    secret: "key",
    maxRetries: 0,
    logLevel: "silent",
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(3000);
  await ends(hook);
  assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
});
