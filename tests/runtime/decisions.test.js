// What each answer of Authsignal makes of a login, end to end, as tests/oracle/decisions.json says.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as oracle from "../oracle/decisions.js";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { loadPastedAction } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent, newUser } from "./event.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const settings = { secret: SECRET, apiBaseUrl: authsignal.url, logLevel: "info" };
const url = "https://mfa.example.com/challenge?token=t";

const deny = (/** @type {string} */ reason) => ({ type: "deny", reason });
const failure = deny("MFA challenge failed");
const redirect = { type: "redirect", url };
const proceed = null;

/** @typedef {typeof proceed | typeof redirect | typeof failure} Command */

/**
 * Runs one hook of a fresh copy against one odd answer.
 * @param {"onExecutePostLogin" | "onContinuePostLogin"} handler
 * @param {{ answer: unknown, options?: Record<string, unknown>, event?: Record<string, any> }} given
 */
const run = async (handler, { answer, options = {}, event = loginEvent() }) => {
  const action = await loadPastedAction({ ...settings, ...options });
  await authsignal.faults([{ kind: "replace", endpoint: "*", times: 1, body: answer }]);
  const result = await action.execute(handler, event);
  assert.equal(result.status, "ok", result.error?.stack);
  assert.equal((await authsignal.requests(event.user.user_id)).length, 1);
  assert.equal(result.console.length, 1);
  return result;
};

/**
 * What the oracle says of an answer.
 * @param {Record<string, unknown>} answer
 * @param {Record<string, unknown>} options
 * @returns {Command}
 */
const expected = (answer, options) => {
  const { outcome, message } = oracle.track(answer, options, { canRedirect: true, secureUrl: true });
  if (message) return deny(oracle.messages[message]);
  return outcome === "redirect" ? redirect : proceed;
};

for (const state of [...oracle.states, undefined]) {
  for (const options of [...oracle.trackOptions, { onUnavailable: "allow" }]) {
    const of = (/** @type {unknown} */ isEnrolled) => ({ state, isEnrolled, url, token: "t", idempotencyKey: "k" });
    const tell = (/** @type {Command} */ command) =>
      command === null ? "proceeds" : "reason" in command ? `is denied: ${command.reason}` : "is redirected";
    const [enrolled, other] = [true, false].map((isEnrolled) => tell(expected(of(isEnrolled), options)));
    const given = Object.keys(options).length > 0 ? ` with ${JSON.stringify(options)}` : "";
    test(`at ${JSON.stringify(state)}${given} an enrolled user ${enrolled}, another ${other}`, async () => {
      for (const isEnrolled of [true, false]) {
        const { command } = await run("onExecutePostLogin", { answer: of(isEnrolled), options });
        assert.deepEqual(command, expected(of(isEnrolled), options));
      }
    });
  }
}

for (const isEnrolled of [...oracle.notEnrolled, undefined]) {
  test(`a user whose isEnrolled is ${JSON.stringify(isEnrolled)} has not enrolled`, async () => {
    for (const state of ["ALLOW", "REVIEW_REQUIRED"]) {
      const options = { onReview: "allow" };
      const answer = { state, isEnrolled, url };
      const { command } = await run("onExecutePostLogin", { answer, options });
      assert.deepEqual(command, expected(answer, options));
    }
  });
}

test("each message can be the caller's own", async () => {
  const options = { failureMessage: "F", blockedMessage: "B", reviewMessage: "R", unavailableMessage: "U" };
  for (const [answer, reason] of [
    [{ state: "BLOCK" }, "B"],
    [{ state: "REVIEW_REQUIRED" }, "R"],
    [{ state: "CHALLENGE_FAILED" }, "F"],
    ["{", "U"],
  ]) {
    assert.deepEqual((await run("onExecutePostLogin", { answer, options })).command, { type: "deny", reason });
  }
});

for (const answer of ["null", "1", "true", '"ALLOW"', "", "{", '{"state":"ALLOW","isEnrolled":true', "NaN"]) {
  test(`an answer that is no JSON object denies, whatever onUnavailable says: ${answer || "nothing"}`, async () => {
    const { command } = await run("onExecutePostLogin", { answer, options: { onUnavailable: "allow" } });
    assert.equal(command?.type, "deny");
    const back = loginEvent({ request: { query: { token: "t" } } });
    const resumed = await run("onContinuePostLogin", { answer, event: back });
    assert.equal(resumed.command?.type, "deny");
    assert.deepEqual(resumed.recordedMethods, []);
  });
}

test("a list of answers denies", async () => {
  const { command } = await run("onExecutePostLogin", { answer: [{ state: "ALLOW", isEnrolled: true }] });
  assert.equal(command?.type, "deny");
});

for (const [what, challenge] of /** @type {[string, unknown][]} */ ([
  ["missing", undefined],
  ["no string", { href: url }],
  ["plain http", "http://mfa.example.com/challenge"],
  ["javascript:", "javascript:alert(1)"],
  ["relative", "/challenge"],
  ["with credentials", "https://login.example.com@evil.example/challenge"],
  ["with a backslash", "https://mfa.example.com\\@evil.example/challenge"],
])) {
  test(`a challenge URL that is ${what} denies`, async () => {
    const { command, metadata } = await run("onExecutePostLogin", {
      answer: { state: "CHALLENGE_REQUIRED", url: challenge, idempotencyKey: "k" },
    });
    assert.deepEqual(command, failure);
    assert.deepEqual(metadata, {});
  });
}

test("a challenge URL on loopback may be http", async () => {
  const challenge = "http://localhost:4000/challenge?token=t";
  const { command } = await run("onExecutePostLogin", { answer: { state: "CHALLENGE_REQUIRED", url: challenge } });
  assert.deepEqual(command, { type: "redirect", url: challenge });
});

test("forceEnrollment adds its parameter to the challenge URL", async () => {
  const answer = { state: "ALLOW", isEnrolled: false, url };
  const { command } = await run("onExecutePostLogin", { answer, options: { forceEnrollment: true } });
  assert.deepEqual(command, { type: "redirect", url: `${url}&force_enrollment=true` });
});

for (const protocol of oracle.protocols["can't redirect"]) {
  test(`a challenge in ${protocol}, which has no browser, denies`, async () => {
    const answer = { state: "CHALLENGE_REQUIRED", url, idempotencyKey: "k" };
    const event = loginEvent({ transaction: { protocol } });
    const { command, metadata } = await run("onExecutePostLogin", { answer, event });
    assert.deepEqual(command, failure);
    assert.deepEqual(metadata, {});
    const allowed = { answer: { state: "ALLOW", isEnrolled: true }, event: loginEvent({ transaction: { protocol } }) };
    assert.equal((await run("onExecutePostLogin", allowed)).command, proceed);
  });
}

for (const protocol of [...oracle.protocols["can redirect"], undefined]) {
  const name = JSON.stringify(protocol) ?? "no protocol at all";
  test(`a challenge in ${name} redirects, with prompt=none too`, async () => {
    for (const prompt of ["none", undefined]) {
      const transaction = { protocol, prompt: prompt && [prompt] };
      const event = loginEvent({ transaction, request: { query: { prompt } } });
      const { command } = await run("onExecutePostLogin", { answer: { state: "CHALLENGE_REQUIRED", url }, event });
      assert.deepEqual(command, redirect);
    }
  });
}

// Continue: only all of it together is success.

const userId = newUser();
const succeeded = {
  isValid: true,
  state: "CHALLENGE_SUCCEEDED",
  actionCode: "auth0-login",
  userId,
  idempotencyKey: "k",
};

/** @type {[what: string, change: Record<string, unknown>][]} */
const validations = [
  ["that all fits", {}],
  ["with the action's other name", { actionCode: undefined, action: "auth0-login" }],
  ["with both names of the action", { action: "auth0-login" }],
  ["without a user", { userId: undefined }],
  ["with isValid false", { isValid: false }],
  ["without isValid", { isValid: undefined }],
  ['with isValid "true"', { isValid: "true" }],
  ["with isValid 1", { isValid: 1 }],
  ["without a state", { state: undefined }],
  ["with the state ALLOW", { state: "ALLOW" }],
  ["with the state CHALLENGE_REQUIRED", { state: "CHALLENGE_REQUIRED" }],
  ["with the state CHALLENGE_FAILED", { state: "CHALLENGE_FAILED" }],
  ["with the state REVIEW_SUCCEEDED", { state: "REVIEW_SUCCEEDED" }],
  ["without an action", { actionCode: undefined }],
  ["of another action", { actionCode: "transfer" }],
  ["whose two names of the action differ", { action: "transfer" }],
  ["with an action that is no string", { actionCode: ["auth0-login"] }],
  ["of another user", { userId: "auth0|eve" }],
  ["with a user that is no string", { userId: { userId } }],
  ["of another challenge", { idempotencyKey: "l" }],
  ["without an idempotency key", { idempotencyKey: undefined }],
];

for (const [what, change] of validations) {
  const expected = { action: "auth0-login", userId, authsignal_challenge: "k" };
  const passes = oracle.validate({ ...succeeded, ...change }, expected).outcome === "record";
  test(`a validation ${what} ${passes ? "records the method" : "denies"}`, async () => {
    const user = newUser();
    const answer = { ...succeeded, userId: user, ...change };
    const event = loginEvent({
      user: { user_id: user },
      request: { query: { token: "t" } },
      transaction: { metadata: { authsignal_challenge: "k" } },
    });
    const { command, recordedMethods } = await run("onContinuePostLogin", { answer, event });
    assert.deepEqual(command, passes ? null : failure);
    assert.deepEqual(
      recordedMethods.map(({ name }) => name),
      passes ? [authsignal.url] : [],
    );
  });
}

test("where the transaction has no challenge, its idempotency key is not asked for", async () => {
  const event = loginEvent({ user: { user_id: userId }, request: { query: { token: "t" } } });
  const { command, recordedMethods } = await run("onContinuePostLogin", { answer: succeeded, event });
  assert.equal(command, null);
  assert.equal(recordedMethods.length, 1);
});

// What a session has recorded.

/** @type {[what: string, maxAge: number | undefined, timestamps: unknown[], counts: boolean][]} */
const records = [
  ["counts for ever without maxAge", undefined, ["2020-01-01T00:00:00.000Z"], true],
  ["counts without maxAge, though its timestamp can't be read", undefined, ["soon"], true],
  ["counts while it is young enough", 3600, [ago(3000)], true],
  ["doesn't count when it is too old", 3600, [ago(4000)], false],
  ["counts by its newest", 3600, [ago(4000), ago(100), ago(5000)], true],
  ["doesn't count without a timestamp", 3600, [undefined], false],
  ["doesn't count with an unreadable timestamp", 3600, ["soon"], false],
  ["counts a little in the future", 3600, [ago(-30)], true],
  ["doesn't count far in the future", 3600, [ago(-120)], false],
  ["never counts with maxAge 0", 0, [ago(0)], false],
];

for (const [what, maxAge, timestamps, counts] of records) {
  test(`a recorded challenge ${what}`, async () => {
    const methods = timestamps.map((timestamp) => ({ name: authsignal.url, timestamp }));
    const event = loginEvent({ authentication: { methods } });
    const action = await loadPastedAction({ ...settings, maxAge });
    const { command } = await action.execute("onExecutePostLogin", event);
    assert.equal(command?.type, counts ? undefined : "redirect");
    assert.equal((await authsignal.requests(event.user.user_id)).length, counts ? 0 : 1);
  });
}

/** @param {number} seconds */
function ago(seconds) {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
