// Answers without end, clocks that jump and promises that settle twice, under a clock of the test's own: what
// takes nine seconds takes none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ALLOWED } from "./answers.js";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { EPOCH, replaceClock } from "./clock.js";
import { loginEvent } from "./event.js";
import { keepLog, replaceFetch, watchProcess } from "./globals.js";

const LIMIT = 256 * 1024;
const hooks = /** @type {const} */ (["handleAuth0ExecutePostLogin", "handleAuth0ContinuePostLogin"]);
const denied = [["deny", "MFA is unavailable"]];
const url = "https://mfa.example.com/challenge?token=t";
const challenge = JSON.stringify({ state: "CHALLENGE_REQUIRED", url, isEnrolled: true });

/**
 * Runs one hook, and says when it ended.
 * @param {import("node:test").TestContext} t
 * @param {unknown} fetch
 * @param {{ hook?: typeof hooks[number], event?: Record<string, any>, options?: object,
 *   clock?: import("./clock.js").Clock }} [given]
 */
const run = async (t, fetch, { hook = hooks[0], event = {}, options, clock = replaceClock(t) } = {}) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  replaceFetch(t, fetch);
  const { api, calls } = createApi();
  let settled = false;
  const login = loginEvent({ request: { query: { token: "t" } }, ...event });
  const done = loadPackage()
    [hook](login, api, { secret: "key", ...options })
    .finally(() => (settled = true));
  await clock.runUntil(() => settled);
  await done;
  const ms = clock.now;
  assert.equal(clock.timers(), 0);
  await clock.drain();
  await assertUnharmed();
  return { calls, ms, line: lines.join("\n") };
};

/** A stream of these chunks that counts what is read of it, and never ends before so many bytes. */
const counting = () => {
  const counted = { bytes: 0, left: false };
  const chunk = new Uint8Array(64 * 1024).fill(32);
  /** @param {number} bytes */
  const stream = (bytes) =>
    new ReadableStream({
      pull: (controller) => {
        if (counted.bytes >= bytes) return controller.close();
        counted.bytes += chunk.length;
        controller.enqueue(chunk);
      },
      cancel: () => {
        counted.left = true;
      },
    });
  return { counted, stream };
};

for (const hook of hooks) {
  test(`${hook} reads no further than it may of a body of a gigabyte, and leaves it`, async (t) => {
    const { counted, stream } = counting();
    let requests = 0;
    const { calls, line } = await run(
      t,
      async () => {
        requests++;
        return new Response(stream(2 ** 30));
      },
      { hook, options: { onUnavailable: "allow" } },
    );
    assert.deepEqual(calls, denied);
    assert.match(line, /, answer_too_large: /);
    assert.equal(requests, 1);
    // The stream itself reads one chunk ahead.
    assert.ok(counted.bytes > LIMIT && counted.bytes <= LIMIT + 3 * 64 * 1024, `${counted.bytes} bytes`);
    assert.ok(counted.left);
  });

  test(`${hook} ends in under nine seconds where a body comes byte by byte, one a second, without end`, async (t) => {
    for (const options of [{}, { timeoutMs: 1e9, maxRetries: 1e9 }]) {
      const clock = replaceClock(t);
      let requests = 0;
      let left = 0;
      const read = () =>
        new Promise((resolve) => clock.later(1000, () => resolve({ done: false, value: Uint8Array.of(32) })));
      const { calls, ms, line } = await run(
        t,
        () => {
          requests++;
          return { status: 200, body: { getReader: () => ({ read, cancel: async () => void left++ }) } };
        },
        { hook, options, clock },
      );
      assert.deepEqual(calls, denied);
      assert.match(line, /, timeout: /);
      assert.ok(ms > 8000 && ms < 9000, `${ms} ms`);
      assert.equal(left, requests);
    }
  });
}

test("of two answers the first counts, whatever comes after it", async (t) => {
  const later = [JSON.stringify({ state: "ALLOW", isEnrolled: true }), ALLOWED];
  const twice = (/** @type {(text: string) => unknown} */ make) => ({
    then: (/** @type {(value: unknown) => void} */ resolve, /** @type {(error: Error) => void} */ reject) => {
      for (const text of [challenge, ...later]) resolve(make(text));
      reject(new Error("later"));
      throw new Error("later");
    },
  });
  for (const fetch of [
    () => twice((text) => new Response(text)),
    () => ({ status: 200, text: () => twice((text) => text) }),
  ]) {
    const { calls } = await run(t, fetch);
    assert.deepEqual(calls, [["sendUserTo", url]]);
  }
});

const method = "https://api.authsignal.com/v1";
const methods = [{ name: method, timestamp: new Date(EPOCH).toISOString() }];

for (const [what, date] of /** @type {[string, number[]][]} */ ([
  ["back by a day", [-86_400_000]],
  ["to long before", [-1e13]],
  ["ahead by a day", [86_400_000]],
  ["to where no date is", [1e17]],
  ["back and forth", [86_400_000, -2 * 86_400_000, 86_400_000]],
])) {
  test(`a recorded challenge is not taken for younger than maxAge where the date jumps ${what}`, async (t) => {
    const { calls } = await run(t, async () => new Response(challenge), {
      options: { maxAge: 3600 },
      event: { authentication: { methods } },
      clock: replaceClock(t, { date }),
    });
    assert.deepEqual(calls, [["sendUserTo", url]]);
  });

  test(`Retry-After keeps no login longer where the date jumps ${what}`, async (t) => {
    const clock = replaceClock(t, { date: [0, ...date] });
    const { calls, ms } = await run(
      t,
      async () => new Response("", { status: 429, headers: { "Retry-After": new Date(EPOCH + 2000).toUTCString() } }),
      { clock },
    );
    assert.deepEqual(calls, denied);
    assert.ok(ms < 9000, `${ms} ms`);
  });
}

const silent = () => new Promise(() => {});

test("a hook ends in time where the machine sleeps between two tries", async (t) => {
  const { calls, ms } = await run(t, silent, {
    clock: replaceClock(t, { performance: [0, 0, 1e7] }),
    options: { timeoutMs: 1e9 },
  });
  assert.deepEqual(calls, denied);
  assert.ok(ms < 9000, `${ms} ms`);
});

for (const [what, performance] of /** @type {[string, number[]][]} */ ([
  ["goes back once", [0, 0, 0, -60_000]],
  ["goes back each time", Array(100).fill(-5000)],
])) {
  test(`a hook ends in time where the steady clock ${what}`, async (t) => {
    for (const options of [{}, { timeoutMs: 8000, maxRetries: 10 }]) {
      const { calls, ms } = await run(t, silent, { clock: replaceClock(t, { performance }), options });
      assert.deepEqual(calls, denied);
      assert.ok(ms < 9000, `${ms} ms`);
    }
  });
}

test("where the deadline of all tries ends a try, since the clock went back, onUnavailable lets nobody in", async (t) => {
  const clock = replaceClock(t, { performance: [0, 0, -60_000] });
  const { calls, ms } = await run(t, silent, {
    clock,
    options: { timeoutMs: 1e9, maxRetries: 0, onUnavailable: "allow" },
  });
  assert.deepEqual(calls, denied);
  assert.ok(ms < 9000, `${ms} ms`);
});

test("a pause ends in time too where the steady clock goes back", async (t) => {
  const clock = replaceClock(t, { performance: Array(100).fill(-5000) });
  const busy = async () => new Response("", { status: 429, headers: { "Retry-After": "5" } });
  const { calls, ms } = await run(t, busy, { clock, options: { maxRetries: 10 } });
  assert.deepEqual(calls, denied);
  assert.ok(ms > 5000 && ms < 9000, `${ms} ms`);
});
