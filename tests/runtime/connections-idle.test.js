// Which connections are kept, for how long, and what a new one is made with. The clock stands still in these tests,
// except where they move it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { challenge, redirected, start } from "./connections.js";

/** @typedef {import("./connections.js").Process} Process */
/** @typedef {import("./connections.js").Request} Request */

/**
 * Whether a login is sent on a connection that was kept.
 * @param {Process} process
 * @param {Request} kept the request before
 */
const assertReused = async (process, kept, reused = true) => {
  const login = process.logIn();
  const request = await process.next();
  assert.equal(request.connection === kept.connection, reused);
  assert.equal(await kept.isOpen(), reused);
  await request.answer(challenge("after"));
  assert.deepEqual(await process.outcome(login), redirected("after"));
};

for (const [server, headers, kept, gone] of /** @type {[string, Record<string, string>, number, number][]} */ ([
  ["says nothing of it", {}, 49_000, 51_000],
  ["keeps it for 100 s", { "Keep-Alive": "timeout=100" }, 49_000, 51_000],
  ["keeps it for 20 s", { "Keep-Alive": "timeout=20" }, 18_900, 19_100],
  ["keeps it for 20 s and 100 requests", { "Keep-Alive": "timeout=20, max=100" }, 18_900, 19_100],
  ["keeps it for 100 requests and 20 s", { "Keep-Alive": "max=100, timeout=20" }, 18_900, 19_100],
])) {
  test(`a connection is used again after ${kept} ms, if the server ${server}`, async (t) => {
    const process = await start(t);
    const [request] = await process.keep(1, headers);
    await process.shiftDate(kept);
    await assertReused(process, request);
    await process.end();
  });

  test(`a connection is not used again after ${gone} ms, if the server ${server}`, async (t) => {
    const process = await start(t);
    const [request] = await process.keep(1, headers);
    await process.shiftDate(gone);
    await assertReused(process, request, false);
    await process.end();
  });
}

for (const timeout of [0, 1]) {
  test(`a connection is not kept if the server keeps it for ${timeout} s`, async (t) => {
    const process = await start(t);
    const [request] = await process.keep(1, { "Keep-Alive": `timeout=${timeout}` });
    assert.equal(await request.isOpen(), false);
    await process.end();
  });
}

for (const [what, shift] of /** @type {const} */ ([
  ["goes backwards", -1],
  ["is broken", NaN],
])) {
  test(`a connection is not used again if the clock ${what}`, async (t) => {
    const process = await start(t);
    const [request] = await process.keep();
    await process.shiftDate(shift);
    await assertReused(process, request, false);
    await process.end();
  });
}

test("how long a connection is idle counts from its last answer", async (t) => {
  const process = await start(t);
  const [request] = await process.keep();
  for (let time = 0; time < 3; time++) {
    await process.shiftDate(49_000);
    await assertReused(process, request);
  }
  await process.end();
});

test("of two idle connections the one that was used last is used again", async (t) => {
  const process = await start(t);
  const [, last] = await process.keep(2);
  await process.shiftDate(30_000);
  await assertReused(process, last);
  // The other one has been idle for a minute.
  await process.shiftDate(30_000);
  await assertReused(process, last);
  await process.end();
});

test("an idle connection is closed when the server's time is almost over", { timeout: 30_000 }, async (t) => {
  const process = await start(t, { clock: "real" });
  // Node itself would look for the time at the beginning of the header only.
  const [{ socket }] = await process.keep(1, { "Keep-Alive": "max=100, timeout=2" });
  await once(socket, "close");
  assert.equal((await process.state()).open, 0);
  await process.end();
});

test("eight idle connections are kept, and they don't keep the process alive", async (t) => {
  const process = await start(t);
  const requests = await process.keep(10);
  assert.equal(new Set(requests.map(({ connection }) => connection)).size, 10);
  assert.equal((await process.state()).open, 8);
  await process.end();
});

test("eight idle connections are kept for each origin", async (t) => {
  const process = await start(t);
  const other = await start(t, { clock: "real" });
  await process.keep(10);
  const logins = Array.from({ length: 10 }, () => process.logIn({ apiBaseUrl: other.url }));
  for (const request of await other.nextOnes(10)) request.answerUnread(challenge("other"));
  for (const { outcome } of logins) assert.deepEqual((await outcome).calls, redirected("other").calls);
  assert.equal((await process.state()).open, 16);
});

test("a request that has to be on a new connection leaves the idle ones of another origin open", async (t) => {
  const process = await start(t);
  const other = await start(t, { clock: "real" });
  const logInToOther = async () => {
    const login = process.logIn({ apiBaseUrl: other.url });
    const request = await other.next();
    // It never comes to this server.
    process.lose();
    request.answerUnread(challenge("other"));
    assert.deepEqual((await login.outcome).calls, redirected("other").calls);
    return request;
  };
  await process.keep();
  const before = await logInToOther();
  const login = process.logIn();
  await (await process.next()).breakBy((socket) => socket.resetAndDestroy());
  const again = await process.next();
  assert.equal(again.onKept, false);
  await again.answer(challenge("after"));
  assert.deepEqual((await login.outcome).calls, redirected("after").calls);
  const after = await logInToOther();
  assert.deepEqual([after.onKept, after.connection], [true, before.connection]);
});

test("the connection that a lost request was sent again on is kept", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn();
  await (await process.next()).breakBy((socket) => socket.resetAndDestroy());
  const again = await process.next();
  await again.answer(challenge("after"));
  assert.deepEqual(await process.outcome(login), redirected("after"));
  await assertReused(process, again);
  await process.end();
});

test("the new connection that wins a race is kept", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn();
  await process.next();
  await process.advance(1000);
  const fresh = await process.next();
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(login), redirected("fresh"));
  await assertReused(process, fresh);
  await process.end();
});

for (const tls of /** @type {const} */ (["TLSv1.2", "TLSv1.3"])) {
  test(`a new connection resumes the session of the one before it, by ${tls}`, async (t) => {
    const process = await start(t, { tls });
    const [before] = await process.keep();
    assert.equal(before.socket.isSessionReused(), false);
    await process.shiftDate(51_000);
    const login = process.logIn();
    const request = await process.next();
    assert.deepEqual([request.onKept, request.socket.isSessionReused()], [false, true]);
    await request.answer(challenge("after"));
    assert.deepEqual(await process.outcome(login), redirected("after"));
    await process.end();
  });

  test(`a new connection that races a kept one resumes its session, by ${tls}`, async (t) => {
    const process = await start(t, { tls });
    await process.keep();
    const login = process.logIn();
    await process.next();
    await process.advance(1000);
    const fresh = await process.next();
    assert.deepEqual([fresh.onKept, fresh.socket.isSessionReused()], [false, true]);
    await fresh.answer(challenge("fresh"));
    assert.deepEqual(await process.outcome(login), redirected("fresh"));
    await process.end();
  });
}

for (const [timeoutMs, each] of [
  [300, 100],
  [1000, 333],
  [1500, 500],
  [3000, 1000],
  [6000, 1000],
]) {
  for (const tls of /** @type {const} */ ([undefined, "TLSv1.3"])) {
    test(`with a time-out of ${timeoutMs} ms each address has ${each} ms ${tls ? "by TLS" : "in the clear"}`, async (t) => {
      const process = await start(t, { tls });
      const login = process.logIn({ timeoutMs });
      await (await process.next()).answer(challenge("after"));
      assert.deepEqual(await process.outcome(login), redirected("after"));
      assert.deepEqual((await process.state()).attemptTimeouts, [each]);
      await process.end();
    });
  }
}

for (const tls of /** @type {const} */ ([undefined, "TLSv1.3"])) {
  test(`if the server's first address refuses, its second is tried ${tls ? "by TLS" : "in the clear"}`, async (t) => {
    const process = await start(t, { tls });
    await process.resolveTo([
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ]);
    const login = process.logIn({ apiBaseUrl: process.url.replace("127.0.0.1", "localhost"), maxRetries: 0 });
    process.serve((request) => request.answer(challenge("after")));
    assert.deepEqual(await login.outcome, redirected("after"));
    await process.settle();
    await process.end();
  });
}
