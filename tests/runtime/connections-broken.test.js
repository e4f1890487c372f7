// A kept connection may be broken without anybody's fault. A request that was lost with it is sent again at once, as if
// nothing had happened. The clock stands still in these tests, except where they move it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { block, challenge, denied, letIn, passed, redirected, start } from "./connections.js";

/** @typedef {import("node:net").Socket} Socket */

const breaks = /** @type {[string, (socket: Socket) => void][]} */ ([
  ["is reset", (socket) => socket.resetAndDestroy()],
  ["is half closed", (socket) => socket.end()],
  ["is closed", (socket) => socket.destroy()],
]);
const reset = breaks[0][1];

/** A break is no retry. */
const maxRetries = 0;

const hooks = /** @type {const} */ ([
  ["Execute", challenge("after"), redirected("after")],
  ["Continue", passed, (/** @type {string} */ url) => ({ calls: [`recordMethod ${url}`], code: "challenge_passed" })],
]);

for (const [what, how] of breaks) {
  for (const [hook, content, outcome] of hooks) {
    test(`a kept connection that ${what} before an answer costs the ${hook} hook no retry`, async (t) => {
      const process = await start(t);
      await process.keep();
      const login = process.logIn({ hook, maxRetries });
      const lost = await process.next();
      assert.equal(lost.onKept, true);
      await lost.breakBy(how);
      const again = await process.next();
      assert.deepEqual([again.onKept, again.key], [false, lost.key]);
      await again.answer(content);
      assert.deepEqual(await process.outcome(login), typeof outcome === "function" ? outcome(process.url) : outcome);
      await process.end();
    });
  }
}

test("a request that was lost is sent again on a new connection, whatever is idle", async (t) => {
  const process = await start(t);
  const [idle] = await process.keep(2);
  const login = process.logIn({ maxRetries });
  await (await process.next()).breakBy(reset);
  const again = await process.next();
  assert.deepEqual([again.onKept, await idle.isOpen()], [false, false]);
  await again.answer(challenge("after"));
  assert.deepEqual(await process.outcome(login), redirected("after"));
  await process.end();
});

test("a request that fails with EPIPE on a kept connection is sent again at once", async (t) => {
  const process = await start(t);
  const [{ socket }] = await process.keep();
  const meanwhile = async () => {
    // After an end a reset is EPIPE to whoever writes next.
    await new Promise((resolve) => socket.end(resolve));
    await new Promise((resolve) => socket.once("close", resolve).resetAndDestroy());
  };
  const login = await process.block(meanwhile, { maxRetries });
  process.lose();
  const again = await process.next();
  await again.answer(challenge("after"));
  assert.deepEqual(await process.outcome(login), redirected("after"));
  assert.deepEqual((await process.state()).errors, ["EPIPE"]);
  await process.end();
});

test("twelve logins in a row, each of which loses its kept connection, reach their challenges", async (t) => {
  const process = await start(t);
  for (let time = 0; time < 12; time++) {
    await process.keep();
    const login = process.logIn({ maxRetries });
    await (await process.next()).breakBy(reset);
    await (await process.next()).answer(challenge("after"));
    assert.deepEqual(await process.outcome(login), redirected("after"));
  }
  await process.end();
});

test("eight kept connections that break are no failures, and draw nothing from the retry budget", async (t) => {
  const process = await start(t);
  await process.keep(8);
  const waiting = Array.from({ length: 8 }, () => process.logIn({ maxRetries }));
  for (const lost of await process.nextOnes(8)) await lost.breakBy(reset);
  const again = await process.nextOnes(8);

  // The breaker is closed, and the budget has a retry.
  const other = process.logIn();
  await (await process.next()).answer("", 503);
  await process.advance(200);
  await (await process.next()).answer(challenge("retried"));
  assert.deepEqual(await process.outcome(other), redirected("retried"));

  for (const request of again) await request.answer(challenge("after"));
  for (const login of waiting) assert.deepEqual((await process.outcome(login)).calls, redirected("after").calls);
  await process.end();
});

for (const [onUnavailable, outcome] of /** @type {const} */ ([
  ["deny", denied("no_connection")],
  ["allow", letIn("no_connection")],
])) {
  test(`a request is sent again once: if the new connection breaks too, that is no_connection (onUnavailable: ${onUnavailable})`, async (t) => {
    const process = await start(t);
    await process.keep();
    const login = process.logIn({ maxRetries, onUnavailable });
    await (await process.next()).breakBy(reset);
    await (await process.next()).breakBy(reset);
    assert.deepEqual(await process.outcome(login), outcome);
    await process.end();
  });

  test(`a request that finds no new connection is no_connection (onUnavailable: ${onUnavailable})`, async (t) => {
    const process = await start(t);
    await process.keep();
    const login = process.logIn({ maxRetries, onUnavailable });
    const lost = await process.next();
    process.refuse();
    await lost.breakBy(reset);
    process.lose();
    assert.deepEqual(await process.outcome(login), outcome);
    await process.end();
  });
}

test("a login whose new connection breaks too still has its retries, and keeps its idempotency key", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries: 1 });
  const lost = await process.next();
  await lost.breakBy(reset);
  const again = await process.next();
  await again.breakBy(reset);
  assert.equal((await process.state()).sent, 3);
  await process.advance(200);
  const retry = await process.next();
  assert.deepEqual([again.key, retry.key], [lost.key, lost.key]);
  await retry.answer(challenge("retried"));
  assert.deepEqual(await process.outcome(login), redirected("retried"));
  await process.end();
});

test("a login whose kept connection breaks may be blocked by the new one's answer", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries, onUnavailable: "allow" });
  await (await process.next()).breakBy(reset);
  await (await process.next()).answer(block);
  assert.deepEqual(await process.outcome(login), denied("blocked", "Action blocked"));
  await process.end();
});

test("five logins whose new connections break too open the breaker", async (t) => {
  const process = await start(t);
  await process.keep(5);
  const broken = Array.from({ length: 5 }, () => process.logIn({ maxRetries }));
  for (const lost of await process.nextOnes(5)) await lost.breakBy(reset);
  for (const again of await process.nextOnes(5)) await again.breakBy(reset);
  for (const login of broken) assert.deepEqual((await process.outcome(login)).calls, denied("no_connection").calls);

  const login = process.logIn();
  await (await process.next()).answer("", 503);
  assert.deepEqual(await process.outcome(login), denied("server_error"));
  await process.end();
});

for (const [what, part] of [
  ["a part of the status line", "HTTP/1.1 2"],
  ["a part of the head", "HTTP/1.1 200 OK\r\nContent-Ty"],
  ["an informational answer", "HTTP/1.1 103 Early Hints\r\n\r\n"],
  ["the head", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"],
  ["a part of the body", 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"state":'],
]) {
  for (const [onUnavailable, outcome] of /** @type {const} */ ([
    ["deny", denied("no_connection")],
    ["allow", letIn("no_connection")],
  ])) {
    test(`a kept connection that ends after ${what} is no_connection (onUnavailable: ${onUnavailable})`, async (t) => {
      const process = await start(t);
      await process.keep();
      const login = process.logIn({ maxRetries, onUnavailable });
      const broken = await process.next();
      assert.equal(broken.onKept, true);
      await broken.breakBy((socket) => socket.end(part));
      assert.deepEqual(await process.outcome(login), outcome);
      await process.end();
    });
  }

  test(`a kept connection that ends after ${what} costs a retry`, async (t) => {
    const process = await start(t);
    await process.keep();
    const login = process.logIn({ maxRetries: 1 });
    const broken = await process.next();
    await broken.breakBy((socket) => socket.end(part));
    assert.equal((await process.state()).sent, 2);
    await process.advance(200);
    const retry = await process.next();
    assert.equal(retry.key, broken.key);
    await retry.answer(challenge("retried"));
    assert.deepEqual(await process.outcome(login), redirected("retried"));
    await process.end();
  });
}
