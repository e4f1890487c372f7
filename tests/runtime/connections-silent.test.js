// A kept connection that stays silent is raced by a new one: which answer counts, when the second request goes out, and
// what is left of the other. The clock stands still in these tests, except where they move it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { block, challenge, denied, failed, passed, redirected, start } from "./connections.js";

/** @typedef {import("./connections.js").Process} Process */

/** A second request is no retry. */
const maxRetries = 0;

/**
 * A login whose kept connection stays silent, so that its request went out on a new one too.
 * @param {Process} process
 * @param {Parameters<Process["logIn"]>[0]} [options]
 */
const race = async (process, options) => {
  await process.keep();
  const login = process.logIn({ maxRetries, ...options });
  const kept = await process.next();
  assert.equal(kept.onKept, true);
  await process.advance(1000);
  const fresh = await process.next();
  assert.deepEqual([fresh.onKept, fresh.key], [false, kept.key]);
  return { login, kept, fresh };
};

for (const [timeoutMs, delay] of [
  [500, 250],
  [1000, 500],
  [2000, 1000],
  [3000, 1000],
  [8000, 1000],
]) {
  test(`with a time-out of ${timeoutMs} ms a kept connection that was silent for ${delay} ms is raced`, async (t) => {
    const process = await start(t);
    await process.keep();
    const login = process.logIn({ timeoutMs, maxRetries });
    const kept = await process.next();
    await process.advance(delay - 1);
    assert.equal((await process.state()).sent, 2);
    await process.advance(1);
    const fresh = await process.next();
    assert.deepEqual([fresh.onKept, fresh.key], [false, kept.key]);
    await fresh.answer(challenge("fresh"));
    assert.deepEqual(await process.outcome(login), redirected("fresh"));
    await process.end();
  });
}

test("a new connection that stays silent is not raced", async (t) => {
  const process = await start(t);
  const login = process.logIn({ maxRetries });
  const only = await process.next();
  await process.advance(2999);
  assert.equal(login.ended, false);
  await only.answer(challenge("only"));
  assert.deepEqual(await process.outcome(login), redirected("only"));
  await process.end();
});

test("a kept connection that answers within the delay is not raced", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries });
  const kept = await process.next();
  await process.advance(999);
  await kept.answer(challenge("kept"));
  assert.deepEqual(await process.outcome(login), redirected("kept"));
  await process.end();
});

test("a kept connection that has begun to answer within the delay is not raced", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries });
  const kept = await process.next();
  await kept.answerInPart(challenge("kept"));
  await process.advance(1000);
  assert.equal((await process.state()).sent, 2);
  kept.response.end("\n");
  await kept.read();
  assert.deepEqual(await process.outcome(login), redirected("kept"));
  await process.end();
});

test("a server that takes 2.5 s to answer is waited for on the kept connection, with two requests", async (t) => {
  const process = await start(t);
  const { login, kept, fresh } = await race(process);
  await process.advance(1500);
  assert.equal(login.ended, false);
  await kept.answer(challenge("kept"));
  assert.deepEqual(await process.outcome(login), redirected("kept"));
  assert.equal(await fresh.isOpen(), false);
  await process.end();
});

test("the new connection has the whole time-out from its start", async (t) => {
  const process = await start(t);
  const { login, kept, fresh } = await race(process);
  await process.advance(2999);
  assert.equal(login.ended, false);
  await process.advance(1);
  assert.deepEqual(await process.outcome(login), denied("timeout"));
  assert.deepEqual([await kept.isOpen(), await fresh.isOpen()], [false, false]);
  await process.end();
});

test("the new connection's answer counts in the last millisecond of its time-out", async (t) => {
  const process = await start(t);
  const { login, fresh } = await race(process);
  await process.advance(2999);
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(login), redirected("fresh"));
  await process.end();
});

/**
 * What a connection does. Of two answers that are taken, one lets the user on and one doesn't.
 * @typedef {"accepts" | "refuses" | number | "garbage" | "part" | "break"} Act
 * @typedef {["kept" | "fresh", Act]} Step
 */
const outcomes = {
  Execute: {
    accepts: challenge("accepted"),
    refuses: block,
    accepted: () => redirected("accepted"),
    refused: () => denied("blocked", "Action blocked"),
  },
  Continue: {
    accepts: passed,
    refuses: failed,
    accepted: (/** @type {string} */ url) => ({ calls: [`recordMethod ${url}`], code: "challenge_passed" }),
    refused: () => denied("challenge_not_passed", "MFA challenge failed"),
  },
};

for (const [steps, outcome] of /** @type {[Step[], "accepted" | "refused" | string][]} */ ([
  // The first whole answer counts.
  [[["kept", "accepts"]], "accepted"],
  [[["kept", "refuses"]], "refused"],
  [[["fresh", "accepts"]], "accepted"],
  [[["fresh", "refuses"]], "refused"],
  [[["kept", 302]], "moved"],
  [[["fresh", 302]], "moved"],
  [[["kept", 400]], "refused"],
  [[["kept", 401]], "unauthorized"],
  [[["fresh", 401]], "unauthorized"],
  [[["kept", 404]], "refused"],
  [[["kept", "garbage"]], "unreadable_answer"],
  [[["fresh", "garbage"]], "unreadable_answer"],
  // What another try could change doesn't end this one.
  [
    [
      ["kept", 408],
      ["fresh", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["kept", 429],
      ["fresh", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["kept", 500],
      ["fresh", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["kept", 503],
      ["fresh", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["kept", 503],
      ["fresh", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["fresh", 408],
      ["kept", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["fresh", 429],
      ["kept", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["fresh", 500],
      ["kept", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["fresh", 503],
      ["kept", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["fresh", 503],
      ["kept", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["kept", "break"],
      ["fresh", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["kept", "break"],
      ["fresh", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["fresh", "break"],
      ["kept", "accepts"],
    ],
    "accepted",
  ],
  [
    [
      ["fresh", "break"],
      ["kept", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["kept", 503],
      ["fresh", 401],
    ],
    "unauthorized",
  ],
  // Nor does an answer that never becomes whole.
  [
    [
      ["kept", "part"],
      ["fresh", "refuses"],
    ],
    "refused",
  ],
  [
    [
      ["fresh", "part"],
      ["kept", "refuses"],
    ],
    "refused",
  ],
  // The try ends with the second.
  [
    [
      ["kept", 503],
      ["fresh", 503],
    ],
    "server_error",
  ],
  [
    [
      ["fresh", 429],
      ["kept", 429],
    ],
    "too_many_requests",
  ],
  [
    [
      ["kept", "break"],
      ["fresh", "break"],
    ],
    "no_connection",
  ],
])) {
  for (const hook of /** @type {const} */ (["Execute", "Continue"])) {
    const title = steps.map((step) => step.join(" ")).join(", then ");
    test(`${hook}: ${title}: ${outcome}`, async (t) => {
      const process = await start(t);
      const { login, ...requests } = await race(process, { hook });
      const { accepts, refuses, accepted, refused } = outcomes[hook];
      /** Those that have not answered. */
      const open = new Set(Object.values(requests));
      for (const [which, act] of steps) {
        assert.equal(login.ended, false);
        const request = requests[which];
        if (act === "part") await request.answerInPart(accepts);
        else open.delete(request);
        if (act === "accepts") await request.answer(accepts);
        if (act === "refuses") await request.answer(refuses);
        if (act === "garbage") await request.answer("<html>");
        if (act === "break") await request.breakBy((socket) => socket.resetAndDestroy());
        if (typeof act === "number") await request.answer(accepts, act);
      }
      const expected = {
        accepted: accepted(process.url),
        refused: steps.at(-1)?.[1] === "refuses" ? refused() : denied("refused"),
      }[outcome];
      assert.deepEqual(await process.outcome(login), expected ?? denied(outcome));
      for (const request of open) assert.equal(await request.isOpen(), false);
      await process.end();
    });
  }
}

for (const first of /** @type {const} */ (["kept", "fresh"])) {
  test(`two answers that come in one turn, the ${first} connection's first, have one effect`, async (t) => {
    const process = await start(t);
    const { login, kept, fresh } = await race(process);
    await process.block(async () => {
      const order = first === "kept" ? [kept, fresh] : [fresh, kept];
      for (const request of order) {
        await new Promise((resolve) => {
          request.response.on("finish", () => resolve(undefined));
          request.answerUnread(challenge("either"));
        });
      }
    });
    await process.advance(0);
    assert.deepEqual(await process.outcome(login), redirected("either"));
    await process.end();
  });
}

test("a try in which both connections time out is closed on both, and the next goes to a new one", async (t) => {
  const process = await start(t);
  // The other one stays idle.
  await process.keep(2);
  const login = process.logIn({ maxRetries: 1 });
  const kept = await process.next();
  await process.advance(1000);
  const fresh = await process.next();
  await process.advance(3000);
  assert.deepEqual([await kept.isOpen(), await fresh.isOpen()], [false, false]);
  await process.advance(200);
  const retry = await process.next();
  assert.deepEqual([retry.onKept, fresh.key, retry.key], [false, kept.key, kept.key]);
  await retry.answer(challenge("retried"));
  assert.deepEqual(await process.outcome(login), redirected("retried"));
  await process.end();
});

test("a 400 whose body breaks off does not win", async (t) => {
  const process = await start(t);
  await process.keep();
  const login = process.logIn({ maxRetries: 0 });
  const kept = await process.next();
  await process.advance(1000);
  const fresh = await process.next();
  kept.response.writeHead(400, { "Content-Length": 100 });
  kept.response.write("{");
  await kept.read();
  await kept.breakBy((socket) => socket.resetAndDestroy());
  assert.equal(login.ended, false);
  await fresh.answer(challenge("fresh"));
  assert.deepEqual(await process.outcome(login), redirected("fresh"));
  await process.end();
});
