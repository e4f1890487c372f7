// The decision table, end to end: what each answer of Authsignal makes of a login.

import assert from "node:assert/strict";
import { after, test } from "node:test";
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
const blocked = deny("Action blocked");
const review = deny("Action under review");
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
 * The table of DESIGN: a state, what becomes of an enrolled user and of one who is not, and the same with
 * `onReview: "allow"` and with `enrollment: "optional"` where it differs.
 * @type {[state: unknown, enrolled: Command, unenrolled: Command, options?: Record<string, unknown>][]}
 */
const table = [
  ["BLOCK", blocked, blocked],
  ["CHALLENGE_REQUIRED", redirect, redirect],
  ["ALLOW", proceed, redirect],
  ["REVIEW_REQUIRED", review, review],
  ["REVIEW_FAILED", review, review],
  ["REVIEW_SUCCEEDED", failure, failure],
  ["CHALLENGE_SUCCEEDED", failure, failure],
  ["CHALLENGE_FAILED", failure, failure],
  ["SOMETHING_NEW", failure, failure],
  ["allow", failure, failure],
  ["", failure, failure],
  [undefined, failure, failure],
  [null, failure, failure],
  [true, failure, failure],
  [["ALLOW"], failure, failure],
  [{ ALLOW: true }, failure, failure],

  ["BLOCK", blocked, blocked, { enrollment: "optional" }],
  ["CHALLENGE_REQUIRED", redirect, redirect, { enrollment: "optional" }],
  ["ALLOW", proceed, proceed, { enrollment: "optional" }],
  ["REVIEW_REQUIRED", review, review, { enrollment: "optional" }],
  ["REVIEW_FAILED", review, review, { enrollment: "optional" }],
  ["SOMETHING_NEW", failure, failure, { enrollment: "optional" }],

  ["BLOCK", blocked, blocked, { onReview: "allow" }],
  ["CHALLENGE_REQUIRED", redirect, redirect, { onReview: "allow" }],
  ["ALLOW", proceed, redirect, { onReview: "allow" }],
  ["REVIEW_REQUIRED", proceed, review, { onReview: "allow" }],
  ["REVIEW_FAILED", review, review, { onReview: "allow" }],
  ["SOMETHING_NEW", failure, failure, { onReview: "allow" }],

  ["REVIEW_REQUIRED", proceed, review, { onReview: "allow", enrollment: "optional" }],
  ["SOMETHING_NEW", failure, failure, { onUnavailable: "allow" }],
  [undefined, failure, failure, { onUnavailable: "allow" }],
];

for (const [state, enrolled, unenrolled, options] of table) {
  const tell = (/** @type {Command} */ command) =>
    command === null ? "proceeds" : "reason" in command ? `is denied: ${command.reason}` : "is redirected";
  const given = options ? ` with ${JSON.stringify(options)}` : "";
  test(`at ${JSON.stringify(state)}${given} an enrolled user ${tell(enrolled)}, another ${tell(unenrolled)}`, async () => {
    const answer = { state, url, token: "t", idempotencyKey: "k" };
    const of = async (/** @type {unknown} */ isEnrolled) =>
      (await run("onExecutePostLogin", { answer: { ...answer, isEnrolled }, options })).command;
    assert.deepEqual(await of(true), enrolled);
    // Only `true` is enrolled.
    for (const isEnrolled of [false, undefined, null, "true", 1, {}])
      assert.deepEqual(await of(isEnrolled), unenrolled);
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

for (const protocol of [
  "oauth2-password",
  "oauth2-resource-owner",
  "oauth2-webauthn",
  "oauth2-token-exchange",
  "oauth2-access-token",
  "oauth2-resource-owner-jwt-bearer",
  "wstrust-usernamemixed",
  "oidc-ciba",
]) {
  test(`a challenge in ${protocol}, which has no browser, denies`, async () => {
    const event = loginEvent({ transaction: { protocol } });
    const { command, metadata } = await run("onExecutePostLogin", {
      answer: { state: "CHALLENGE_REQUIRED", url, idempotencyKey: "k" },
      event,
    });
    assert.deepEqual(command, failure);
    assert.deepEqual(metadata, {});
    const allowed = loginEvent({ transaction: { protocol } });
    assert.equal(
      (await run("onExecutePostLogin", { answer: { state: "ALLOW", isEnrolled: true }, event: allowed })).command,
      proceed,
    );
  });
}

for (const protocol of [undefined, "samlp", "wsfed", "oauth2-device-code", "oidc-ciba-web-link", "something-new"]) {
  test(`a challenge in ${protocol ?? "no protocol at all"} redirects, with prompt=none too`, async () => {
    const event = loginEvent({ transaction: { protocol }, request: { query: { prompt: "none" } } });
    assert.deepEqual(
      (await run("onExecutePostLogin", { answer: { state: "CHALLENGE_REQUIRED", url }, event })).command,
      redirect,
    );
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

/** @type {[what: string, change: Record<string, unknown>, passes: boolean][]} */
const validations = [
  ["that all fits", {}, true],
  ["with the action's other name", { actionCode: undefined, action: "auth0-login" }, true],
  ["with both names of the action", { action: "auth0-login" }, true],
  ["without a user", { userId: undefined }, true],
  ["with isValid false", { isValid: false }, false],
  ["without isValid", { isValid: undefined }, false],
  ['with isValid "true"', { isValid: "true" }, false],
  ["with isValid 1", { isValid: 1 }, false],
  ["without a state", { state: undefined }, false],
  ["with the state ALLOW", { state: "ALLOW" }, false],
  ["with the state CHALLENGE_REQUIRED", { state: "CHALLENGE_REQUIRED" }, false],
  ["with the state CHALLENGE_FAILED", { state: "CHALLENGE_FAILED" }, false],
  ["with the state REVIEW_SUCCEEDED", { state: "REVIEW_SUCCEEDED" }, false],
  ["without an action", { actionCode: undefined }, false],
  ["of another action", { actionCode: "transfer" }, false],
  ["whose two names of the action differ", { action: "transfer" }, false],
  ["with an action that is no string", { actionCode: ["auth0-login"] }, false],
  ["of another user", { userId: "auth0|eve" }, false],
  ["with a user that is no string", { userId: { userId } }, false],
  ["of another challenge", { idempotencyKey: "l" }, false],
  ["without an idempotency key", { idempotencyKey: undefined }, false],
];

for (const [what, change, passes] of validations) {
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
