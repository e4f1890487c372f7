// The handlers of @authsignal/node and ours are given the same events, options and answers, over HTTP. They
// have to do the same, but for what differences.js lists.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ABSENT, check } from "./compare.js";
import {
  beforeEveryRedirect,
  differences,
  inEveryRequest,
  inTheLog,
  whatTheyResolveTo,
  whereItIsPrinted,
} from "./differences.js";
import { createStage } from "./observe.js";
import { scenarios } from "./scenarios.js";

/** @import { Difference } from "./compare.js" */
/** @import { Observation } from "./observe.js" */

const expectations = { inEveryRequest, beforeEveryRedirect, differences };

/** @type {Awaited<ReturnType<typeof createStage>>} */
let stage;
before(async () => {
  stage = await createStage();
});
after(() => stage?.close());

for (const scenario of scenarios) {
  test(scenario.id, async () => {
    const official = await stage.observe(scenario, "official");
    const ours = await stage.observe(scenario, "ours");
    check(scenario.id, official, ours, expectations);

    // As inTheLog says.
    assert.deepEqual(official.log, []);
    assert.ok(ours.log.length <= 1, ours.log.join("\n"));
    for (const line of ours.log) assert.match(line, /^authsignal-auth0: .{1,237}$/);
    if (ours.calls.includes('access.deny("MFA is unavailable")')) assert.equal(ours.log.length, 1);

    // As whatTheyResolveTo says.
    assert.equal(official.resolved, undefined);
    if (ours.rejection === undefined) {
      const resolved = /** @type {Record<string, unknown>} */ (ours.resolved);
      assert.ok(Object.isFrozen(resolved));
      assert.equal(resolved.outcome, outcomeOf(ours.calls));
      assert.equal(typeof resolved.code, "string");
    }
  });
}

/** @param {string[]} calls */
function outcomeOf(calls) {
  const words = { "access.deny": "deny", "redirect.sendUserTo": "redirect", "authentication.recordMethod": "record" };
  return (
    Object.entries(words).find(([method]) => calls.some((call) => call.startsWith(`${method}(`)))?.[1] ?? "proceed"
  );
}

test("a line goes to the console that the options give, as whereItIsPrinted says", async () => {
  const scenario = scenarios.find(({ id }) => id === "execute: option console") ?? assert.fail();
  for (const [name, count] of /** @type {const} */ ([
    ["official", 0],
    ["ours", 1],
  ])) {
    /** @type {string[]} */
    const lines = [];
    const console = { log: (/** @type {string} */ line) => lines.push(line) };
    const options = (/** @type {string} */ apiUrl) => ({ apiUrl, logLevel: "info", console });
    const { log } = await stage.observe({ ...scenario, options }, name);
    assert.deepEqual([log, lines.length], [[], count]);
  }
});

test("each scenario has a name of its own", () => {
  const ids = scenarios.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test("each listed difference is of a scenario, and is listed once", () => {
  const ids = new Set(scenarios.map(({ id }) => id));
  const listed = differences.map(({ scenario }) => scenario);
  assert.deepEqual(
    [...listed, ...beforeEveryRedirect.except].filter((scenario) => !ids.has(scenario)),
    [],
  );
  assert.deepEqual(listed, [...new Set(listed)]);
});

test("each reason is one sentence", () => {
  for (const { reason } of [
    ...differences,
    ...inEveryRequest,
    beforeEveryRedirect,
    inTheLog,
    whereItIsPrinted,
    whatTheyResolveTo,
  ]) {
    assert.match(reason, /^\S.*[^.]\.$/);
    assert.doesNotMatch(reason, /\. [A-Z]/);
  }
});

// What the comparison itself notices.

/** @type {Observation} */
const official = {
  hook: "execute",
  calls: ['redirect.sendUserTo("https://x")'],
  sent: ["POST /v1/users/auth0|6637d1c0a9f3b2e4d5c6b7a8/actions/auth0-login"],
  request: {
    "headers.user-agent": "authsignal-node",
    "headers.x-authsignal-version": "2.20.0",
    "headers.accept": "application/json, text/plain, */*",
    "body.custom": {},
  },
  log: [],
};
/** @type {Observation} */
const ours = {
  hook: "execute",
  calls: [beforeEveryRedirect.ours, ...official.calls],
  sent: ["POST /v1/users/auth0%7C6637d1c0a9f3b2e4d5c6b7a8/actions/auth0-login"],
  request: {
    "headers.user-agent": "authsignal-auth0/VERSION",
    "headers.accept": "application/json",
    "body.custom": {},
    "body.idempotencyKey": "<random UUID>",
  },
  log: [],
};

/** @param {Observation} our @param {Difference[]} [differences] @param {Observation} [their] */
const checkWith = (our, differences = [], their = official) =>
  check("scenario", their, our, { ...expectations, differences });

test("what differs only as every request and every redirect does is no difference", () => {
  checkWith(ours);
});

test("a difference that is not listed fails", () => {
  /** @type {Partial<Observation>[]} */
  const changes = [
    { calls: official.calls },
    { calls: [beforeEveryRedirect.ours, 'redirect.sendUserTo("https://y")'] },
    { calls: [] },
    { rejection: "Refused" },
    { sent: [] },
    { sent: official.sent },
    { sent: [`2 × ${ours.sent}`] },
    ...[...inEveryRequest.filter(({ at }) => at !== "path"), { at: "body.custom" }, { at: "body.more" }].map(
      ({ at }) => ({
        request: { ...ours.request, [at]: "changed" },
      }),
    ),
  ];
  for (const change of changes) {
    assert.throws(() => checkWith({ ...ours, ...change }), assert.AssertionError, JSON.stringify(change));
  }
});

test("a general difference fails where the two have become alike", () => {
  for (const { at, official: their, ours: our } of inEveryRequest) {
    if (at === "path") {
      assert.throws(() => checkWith(ours, [], { ...official, sent: ours.sent }), assert.AssertionError);
      assert.throws(() => checkWith({ ...ours, sent: official.sent }), assert.AssertionError);
      continue;
    }
    assert.throws(() => checkWith(ours, [], having(official, at, our)), assert.AssertionError, at);
    assert.throws(() => checkWith(having(ours, at, their)), assert.AssertionError, at);
  }
  const theirs = { ...official, calls: ours.calls };
  assert.throws(() => checkWith(ours, [], theirs), assert.AssertionError);
});

/** @type {(observation: Observation, at: string, value: string) => Observation} */
function having(observation, at, value) {
  const { [at]: _, ...request } = observation.request;
  return { ...observation, request: value === ABSENT ? request : { ...request, [at]: value } };
}

test("a listed difference passes only while both outcomes are exactly as they are listed", () => {
  const denied = { ...ours, calls: ['access.deny("No.")'] };
  const theirs = { outcome: 'redirect.sendUserTo("https://x")' };
  /** @type {(official: object, ours: object) => Difference[]} */
  const listed = (official, ours) => [
    { scenario: "scenario", official: { ...official }, ours: { ...ours }, reason: "It is meant." },
  ];
  const right = listed(theirs, { outcome: 'access.deny("No.")' });
  checkWith(denied, right);
  for (const [our, list] of /** @type {[Observation, Difference[]][]} */ ([
    [ours, right],
    [denied, listed(theirs, { outcome: 'access.deny("Yes.")' })],
    [denied, listed({ outcome: "proceeds" }, { outcome: 'access.deny("No.")' })],
    [denied, listed({ ...theirs, sent: [] }, { outcome: 'access.deny("No.")', sent: [] })],
    [denied, [...right, ...right]],
  ])) {
    assert.throws(() => checkWith(our, list), assert.AssertionError);
  }
});
