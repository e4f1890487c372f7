// All kept connections of a process have died without a word, as after a freeze or behind a NAT that forgot them: what
// is sent on them is never answered, and new connections work. Every login reaches its challenge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { challenge, redirected, start } from "./connections.js";

/** @typedef {import("./connections.js").Process} Process */

/**
 * Leaves eight idle connections, none of which answers any more. The server takes what comes on them and stays silent.
 * @param {Process} process
 */
const die = async (process) => {
  const dead = new Set((await process.keep(10)).map(({ connection }) => connection));
  const before = process.requests.length;
  process.serve((request) => {
    if (!dead.has(request.connection)) return request.answer(challenge("alive"));
  });
  return {
    /** The requests since then. */
    requests: () => process.requests.slice(before),
    /** Those of them that are never answered. */
    unanswered: () => process.requests.slice(before).filter(({ connection }) => dead.has(connection)),
  };
};

for (const [options, delay] of /** @type {[Record<string, unknown>, number][]} */ ([
  [{}, 1000],
  [{ maxRetries: 0 }, 1000],
  [{ onUnavailable: "allow" }, 1000],
  [{ onUnavailable: "allow", maxRetries: 0 }, 1000],
  [{ timeoutMs: 500 }, 250],
  [{ timeoutMs: 500, maxRetries: 0, onUnavailable: "allow" }, 250],
])) {
  for (const count of [1, 8, 10, 50]) {
    test(`${count} logins, with the options ${JSON.stringify(options)}, reach their challenges`, async (t) => {
      const process = await start(t);
      const since = await die(process);
      const logins = Array.from({ length: count }, () => process.logIn(options));
      await process.settle();
      await process.advance(delay);
      await process.settle();
      for (const login of logins) assert.deepEqual(await process.outcome(login), redirected("alive"));

      // Each kept connection has cost one request more.
      const lost = since.unanswered();
      assert.equal(lost.length, Math.min(count, 8));
      assert.equal(since.requests().length, count + lost.length);
      assert.equal(new Set(since.requests().map(({ key }) => key)).size, count);
      for (const request of lost) assert.equal(await request.isOpen(), false);
      await process.end();
    });
  }
}

test("ten logins reach their challenges by the real clock", async (t) => {
  const process = await start(t, { clock: "real" });
  const since = await die(process);
  const logins = Array.from({ length: 10 }, () => process.logIn());
  for (const login of logins) assert.deepEqual(await process.outcome(login), redirected("alive"));
  assert.equal(since.requests().length, 18);
  await process.settle();
  await process.end();
});
