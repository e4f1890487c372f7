// Who may race a kept connection that is silent, what that costs, and what of it counts as an outage. The clock stands
// still in these tests, except where they move it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { challenge, denied, letIn, redirected, start } from "./connections.js";

/** @typedef {import("./connections.js").Process} Process */

/** A second request is no retry. */
const maxRetries = 0;

/** The retries that a process may have at once, and the failures that open the breaker. */
const RETRIES = 5;
const FAILURES = 5;

/**
 * Leaves six kept connections, and a budget that has no retry for the next six logins.
 * @param {Process} process
 */
const keepSix = async (process) => {
  await process.drawRetries(RETRIES);
  await process.keep(8);
  // It closes two of them.
  await process.drawRetries();
};

/**
 * A login that is raced, and whose kept connection answers in the end.
 * @param {Process} process
 */
const raceInVain = async (process) => {
  const login = process.logIn({ maxRetries });
  const kept = await process.next();
  assert.equal(kept.onKept, true);
  await process.advance(1000);
  await process.next();
  await kept.answer(challenge("kept"));
  assert.deepEqual(await process.outcome(login), redirected("kept"));
};

test("after four second requests the retry budget has another retry", async (t) => {
  const process = await start(t);
  await process.keep();
  for (let time = 1; time < RETRIES; time++) await raceInVain(process);
  const login = process.logIn();
  await (await process.next()).answer("", 503);
  await process.advance(200);
  await (await process.next()).answer(challenge("retried"));
  assert.deepEqual(await process.outcome(login), redirected("retried"));
  await process.end();
});

test("after five second requests the retry budget is empty", async (t) => {
  const process = await start(t);
  await process.keep();
  for (let time = 0; time < RETRIES; time++) await raceInVain(process);
  const login = process.logIn();
  await (await process.next()).answer("", 503);
  assert.deepEqual(await process.outcome(login), denied("server_error"));
  await process.end();
});

test("with an empty budget one login at a time is raced, whoever is silent first", async (t) => {
  const process = await start(t);
  await process.drawRetries(RETRIES);
  await process.keep(2);
  const first = process.logIn({ maxRetries });
  const firstKept = await process.next();
  const second = process.logIn({ maxRetries });
  const secondKept = await process.next();
  assert.deepEqual([firstKept.onKept, secondKept.onKept], [true, true]);
  await process.advance(1000);
  const raced = await process.next();
  assert.equal(raced.key, firstKept.key);
  assert.equal((await process.state()).sent, process.requests.length);
  await secondKept.answer(challenge("second"));
  assert.deepEqual(await process.outcome(second), redirected("second"));
  await firstKept.answer(challenge("first"));
  assert.deepEqual(await process.outcome(first), redirected("first"));

  // Both were only slow. For 20 seconds after a late answer the budget alone pays for races.
  await process.advance(19_000);
  const slow = process.logIn({ maxRetries });
  const late = await process.next();
  await process.advance(900);
  await late.answer(challenge("slow"));
  assert.deepEqual(await process.outcome(slow), redirected("slow"));
  await process.advance(100);
  await raceInVain(process);
  await process.end();
});

test("with an empty budget a login is not raced after a late answer", async (t) => {
  const process = await start(t);
  await process.drawRetries(RETRIES);
  await process.keep(2);
  await raceInVain(process);
  const login = process.logIn({ maxRetries });
  const kept = await process.next();
  await process.advance(2999);
  assert.equal((await process.state()).sent, process.requests.length);
  await kept.answer(challenge("late"));
  assert.deepEqual(await process.outcome(login), redirected("late"));
  await process.end();
});

test("a login whose answer has begun leaves the one race to another", async (t) => {
  const process = await start(t);
  await process.drawRetries(RETRIES);
  await process.keep(2);
  const first = process.logIn({ maxRetries });
  const begun = await process.next();
  const second = process.logIn({ maxRetries });
  const silent = await process.next();
  await begun.answerInPart(challenge("first"));
  await process.advance(1000);
  const raced = await process.next();
  assert.equal(raced.key, silent.key);
  await raced.answer(challenge("second"));
  assert.deepEqual(await process.outcome(second), redirected("second"));
  await process.advance(2000);
  assert.deepEqual((await process.outcome(first)).calls, denied("timeout").calls);
  await process.end();
});

test("a race that would have no time is not begun, and its login is not let in", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const racing = process.logIn({ timeoutMs: 8500 });
  await process.next();
  const login = process.logIn({ timeoutMs: 8500, maxRetries, onUnavailable: "allow" });
  assert.equal((await process.next()).onKept, true);
  await process.advance(1000);
  const fresh = await process.next();
  await process.advance(7300);
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(racing), redirected("fresh"));
  await process.advance(200);
  assert.deepEqual(await process.outcome(login), denied("timeout"));
  await process.end();
});

test("a request that is lost when no time is left is not sent again, and its login is not let in", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const racing = process.logIn({ timeoutMs: 8500 });
  await process.next();
  const login = process.logIn({ timeoutMs: 8500, maxRetries, onUnavailable: "allow" });
  const kept = await process.next();
  assert.equal(kept.onKept, true);
  await process.advance(1000);
  const fresh = await process.next();
  await process.advance(7300);
  await kept.breakBy((socket) => socket.resetAndDestroy());
  assert.deepEqual(await process.outcome(login), denied("timeout"));
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(racing), redirected("fresh"));
  await process.end();
});

test("whoever is sent while a race runs, on a connection that is older, goes again at no cost too", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const first = process.logIn({ maxRetries });
  await process.next();
  await process.advance(500);
  const busy = [process.logIn({ maxRetries }), process.logIn({ maxRetries })];
  const busyKept = await process.nextOnes(2);
  await process.advance(500);
  const fresh = await process.next();
  for (const request of busyKept) await request.answer(challenge("busy"));
  for (const login of busy) assert.deepEqual((await process.outcome(login)).calls, redirected("busy").calls);
  await process.advance(100);
  const others = [process.logIn({ maxRetries }), process.logIn({ maxRetries })];
  assert.ok((await process.nextOnes(2)).every(({ onKept }) => onKept));
  await process.advance(100);
  await fresh.answer(challenge("first"));
  assert.deepEqual(await process.outcome(first), redirected("first"));
  await process.advance(900);
  const free = [await process.next(), await process.next()];
  for (const request of free) await request.answer(challenge("other"));
  for (const login of others) assert.deepEqual((await process.outcome(login)).calls, redirected("other").calls);
  await process.end();
});

test("a 503 of a new connection lets whoever was silent for the delay go again at no cost, while the race goes on", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const first = process.logIn({ maxRetries });
  const kept = await process.next();
  const second = process.logIn({ maxRetries });
  const secondKept = await process.next();
  await process.advance(1000);
  const fresh = await process.next();
  assert.equal(fresh.key, kept.key);
  await fresh.answer("", 503);
  const free = await process.next();
  assert.equal(free.key, secondKept.key);
  await free.answer(challenge("second"));
  assert.deepEqual(await process.outcome(second), redirected("second"));
  await kept.answer(challenge("first"));
  assert.deepEqual(await process.outcome(first), redirected("first"));
  await process.end();
});

test("a login is raced while the breaker is open", async (t) => {
  const process = await start(t);
  await process.keep(FAILURES + 1);
  const failing = Array.from({ length: FAILURES }, () => process.logIn({ maxRetries }));
  for (const request of await process.nextOnes(FAILURES)) await request.answer("", 503, { Connection: "close" });
  for (const login of failing) assert.deepEqual((await process.outcome(login)).calls, denied("server_error").calls);

  const login = process.logIn();
  const kept = await process.next();
  assert.equal(kept.onKept, true);
  await process.advance(1000);
  const fresh = await process.next();
  assert.equal(fresh.key, kept.key);
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(login), redirected("fresh"));
  await process.end();
});

test("as soon as a new connection has answered, whoever was silent for the delay goes again at no cost", async (t) => {
  const process = await start(t);
  await process.keep(8);
  const logins = Array.from({ length: 8 }, () => process.logIn({ maxRetries }));
  const kept = await process.nextOnes(8);
  assert.ok(kept.every(({ onKept }) => onKept));
  await process.advance(1000);
  // What the budget has.
  const raced = await process.nextOnes(RETRIES);
  assert.equal((await process.state()).sent, process.requests.length);

  await raced[0].answer(challenge("fresh"));
  const free = await process.nextOnes(8 - RETRIES);
  assert.ok(free.every(({ onKept }) => !onKept));
  const keys = [...raced, ...free].map(({ key }) => key);
  assert.deepEqual(keys.sort(), kept.map(({ key }) => key).sort());
  for (const request of [...raced.slice(1), ...free]) await request.answer(challenge("fresh"));
  for (const login of logins) assert.deepEqual((await process.outcome(login)).calls, redirected("fresh").calls);
  await process.end();
});

test("once a new connection has answered, whoever is silent for the delay later goes again at no cost too", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const first = process.logIn({ maxRetries });
  const firstKept = await process.next();
  await process.advance(500);
  const others = [process.logIn({ maxRetries }), process.logIn({ maxRetries })];
  const othersKept = await process.nextOnes(2);
  assert.ok([firstKept, ...othersKept].every(({ onKept }) => onKept));
  await process.advance(500);
  await (await process.next()).answer(challenge("first"));
  assert.deepEqual(await process.outcome(first), redirected("first"));

  await process.advance(499);
  assert.equal((await process.state()).sent, process.requests.length);
  await process.advance(1);
  const free = await process.nextOnes(2);
  assert.deepEqual(free.map(({ key }) => key).sort(), othersKept.map(({ key }) => key).sort());
  for (const request of free) await request.answer(challenge("other"));
  for (const login of others) assert.deepEqual((await process.outcome(login)).calls, redirected("other").calls);
  await process.end();
});

for (const [what, steps] of /** @type {[string, ("part" | "503" | "whole")[]][]} */ ([
  ["has begun to answer before the new one has", ["part"]],
  ["answers after the new connection of another login", ["whole"]],
  ["answers after the new connection of another login and a 503 of its own", ["503", "whole"]],
])) {
  test(`if a kept connection ${what}, the others are not taken for dead`, async (t) => {
    const process = await start(t);
    await keepSix(process);
    const first = process.logIn({ maxRetries });
    const kept = [await process.next()];
    const second = process.logIn({ maxRetries });
    kept.push(await process.next());
    await process.advance(500);
    const later = [process.logIn({ maxRetries }), process.logIn({ maxRetries })];
    kept.push(...(await process.nextOnes(2)));
    assert.ok(kept.every(({ onKept }) => onKept));
    await process.advance(500);
    const fresh = await process.next();
    assert.equal(fresh.key, kept[0].key);
    if (steps[0] === "part") {
      await kept[1].answer(challenge("second"));
      await kept[0].answerInPart(challenge("first"));
    }
    await fresh.answer(challenge("first"));
    assert.deepEqual(await process.outcome(first), redirected("first"));
    if (steps.includes("whole")) {
      const free = await process.next();
      assert.equal(free.key, kept[1].key);
      if (steps[0] === "503") await free.answer("", 503);
      await kept[1].answer(challenge("second"));
    }
    assert.deepEqual(await process.outcome(second), redirected("second"));

    // Authsignal is slow, so the others wait.
    await process.advance(500);
    assert.equal((await process.state()).sent, process.requests.length);
    for (const request of kept.slice(2)) await request.answer(challenge("later"));
    for (const login of later) assert.deepEqual((await process.outcome(login)).calls, redirected("later").calls);
    await process.end();
  });
}

test("if its kept connection has begun to answer, a new one's answer doesn't show that the others are dead", async (t) => {
  const process = await start(t);
  await keepSix(process);
  const logins = [process.logIn({ maxRetries })];
  const begun = await process.next();
  logins.push(process.logIn({ maxRetries }));
  const silent = await process.next();
  await process.advance(500);
  logins.push(process.logIn({ maxRetries }), process.logIn({ maxRetries }));
  await process.nextOnes(2);
  await process.advance(500);
  const first = await process.next();
  assert.equal(first.key, begun.key);
  await begun.answerInPart(challenge("fresh"));
  await first.answer(challenge("fresh"));
  const second = await process.next();
  assert.equal(second.key, silent.key);
  const { sent } = await process.state();
  await process.advance(500);
  assert.equal((await process.state()).sent, sent);

  await second.answer(challenge("fresh"));
  for (const free of await process.nextOnes(2)) await free.answer(challenge("fresh"));
  for (const login of logins) assert.deepEqual((await process.outcome(login)).calls, redirected("fresh").calls);
  await process.end();
});

test("a login goes again at no cost only once", async (t) => {
  const process = await start(t);
  await process.drawRetries(RETRIES);
  await process.keep(2);
  const first = process.logIn({ maxRetries });
  await process.next();
  const second = process.logIn({ maxRetries });
  const secondKept = await process.next();
  await process.advance(1000);
  await (await process.next()).answer(challenge("first"), 200, { Connection: "close" });
  assert.deepEqual(await process.outcome(first), redirected("first"));
  const free = await process.next();
  assert.equal(free.key, secondKept.key);

  // Another new connection answers, while the second login's two stay silent.
  const other = process.logIn({ maxRetries });
  const otherRequest = await process.next();
  assert.equal(otherRequest.onKept, false);
  await otherRequest.answer(challenge("other"));
  assert.deepEqual(await process.outcome(other), redirected("other"));
  assert.equal((await process.state()).sent, process.requests.length);

  await free.answer(challenge("second"));
  assert.deepEqual(await process.outcome(second), redirected("second"));
  await process.end();
});

for (const [onUnavailable, outcome] of /** @type {const} */ ([
  ["deny", denied("timeout")],
  ["allow", letIn("timeout")],
])) {
  test(`a time-out of a new connection is an outage (onUnavailable: ${onUnavailable})`, async (t) => {
    const process = await start(t);
    const login = process.logIn({ maxRetries, onUnavailable });
    await process.next();
    await process.advance(3000);
    assert.deepEqual(await process.outcome(login), outcome);
    await process.end();
  });

  test(`a time-out of the kept and the new connection is an outage (onUnavailable: ${onUnavailable})`, async (t) => {
    const process = await start(t);
    await process.keep();
    const login = process.logIn({ maxRetries, onUnavailable });
    await process.next();
    await process.advance(1000);
    await process.next();
    await process.advance(3000);
    assert.deepEqual(await process.outcome(login), outcome);
    await process.end();
  });
}

test("a new connection that breaks is an outage, if the kept one stays silent", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries, onUnavailable: "allow" });
  await process.next();
  await process.advance(1000);
  await (await process.next()).breakBy((socket) => socket.resetAndDestroy());
  assert.equal(login.ended, false);
  await process.advance(3000);
  assert.deepEqual((await process.outcome(login)).calls, []);
  await process.end();
});

test("a 5xx on a kept connection is an outage", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries, onUnavailable: "allow" });
  const kept = await process.next();
  assert.equal(kept.onKept, true);
  await kept.answer("", 503);
  assert.deepEqual(await process.outcome(login), letIn("server_error"));
  await process.end();
});

/**
 * A login whose race goes on, and others that may not race meanwhile: the budget is empty. All have kept connections.
 * @param {Process} process
 * @param {number} count of the others, whose time-out comes before the race's end
 * @param {Record<string, unknown>} [options] of the others
 */
const raceOn = async (process, count, options) => {
  await keepSix(process);
  const racing = process.logIn({ timeoutMs: 8000 });
  const kept = [await process.next()];
  await process.advance(500);
  const others = Array.from({ length: count }, () => process.logIn({ timeoutMs: 1500, maxRetries, ...options }));
  kept.push(...(await process.nextOnes(count)));
  assert.ok(kept.every(({ onKept }) => onKept));
  await process.advance(500);
  const fresh = await process.next();
  assert.equal(fresh.key, kept[0].key);
  await process.advance(1000);
  return { racing, fresh, others, kept };
};

test("a login whose only try stays silent on a kept connection is not let in", async (t) => {
  const process = await start(t);
  const { racing, fresh, others, kept } = await raceOn(process, 1, { onUnavailable: "allow" });
  assert.deepEqual(await process.outcome(others[0]), denied("timeout"));
  assert.equal(await kept[1].isOpen(), false);

  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(racing), redirected("fresh"));
  await process.end();
});

test("five kept connections that stay silent don't open the breaker", async (t) => {
  const process = await start(t);
  const { racing, fresh, others } = await raceOn(process, FAILURES);
  for (const login of others) assert.deepEqual((await process.outcome(login)).calls, denied("timeout").calls);

  // An open breaker would end it after two seconds.
  const login = process.logIn({ maxRetries });
  const request = await process.next();
  await process.advance(2000);
  assert.equal(login.ended, false);
  await request.answer(challenge("after"));
  assert.deepEqual(await process.outcome(login), redirected("after"));

  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(racing), redirected("fresh"));
  await process.end();
});

test("five logins whose kept and new connections stay silent open the breaker", async (t) => {
  const process = await start(t);
  await process.keep(FAILURES);
  const silent = Array.from({ length: FAILURES }, () => process.logIn({ maxRetries }));
  await process.nextOnes(FAILURES);
  await process.advance(1000);
  await process.nextOnes(FAILURES);
  await process.advance(3000);
  for (const login of silent) assert.deepEqual((await process.outcome(login)).calls, denied("timeout").calls);

  const login = process.logIn({ maxRetries });
  await process.next();
  await process.advance(1999);
  assert.equal(login.ended, false);
  await process.advance(1);
  assert.deepEqual(await process.outcome(login), denied("timeout"));
  await process.end();
});

test("after a time-out on a kept connection the next try has a new one, though another is idle", async (t) => {
  const process = await start(t);
  await process.drawRetries(5);
  await process.keep(2);
  const raced = process.logIn({ timeoutMs: 8000 });
  const waits = process.logIn({ timeoutMs: 2000 });
  const [first, second] = await process.nextOnes(2);
  assert.deepEqual([first.onKept, second.onKept], [true, true]);
  // The one race that an empty budget allows closes what is idle.
  await process.advance(1000);
  const fresh = await process.next();
  assert.equal(fresh.key, first.key);
  const other = process.logIn();
  const idle = await process.next();
  await idle.answer(challenge("other"));
  assert.deepEqual(await process.outcome(other), redirected("other"));

  await process.advance(1000);
  await process.advance(200);
  const again = await process.next();
  assert.equal(again.key, second.key);
  assert.equal(again.onKept, false);
  await again.answer(challenge("again"));
  assert.deepEqual(await process.outcome(waits), redirected("again"));
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(raced), redirected("fresh"));
  await process.end();
});
