import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Authsignal, UserActionState, VerificationMethod } from "@authsignal/node";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";

const SECRET = "sandbox-secret-key";
const userId = "auth0|abc";
const action = "auth0-login";

// The official client, unchanged.

test("an unenrolled user is told ALLOW with isEnrolled false, and a way to enrol", async (t) => {
  const { origin, client } = await start(t);
  const tracked = await client.track({ userId, action });
  assert.equal(tracked.state, UserActionState.ALLOW);
  assert.equal(tracked.isEnrolled, false);
  assert.equal(tracked.url, `${origin}/challenge?token=${tracked.token}`);
  assert.match(tracked.idempotencyKey, /^.{36}$/);
  assert.deepEqual(tracked.enrolledVerificationMethods, []);
  assert.ok(tracked.allowedVerificationMethods?.includes(VerificationMethod.AUTHENTICATOR_APP));
  assert.equal(tracked.defaultVerificationMethod, undefined);
});

test("an enrolled user's track names the enrolled methods and the default one", async (t) => {
  const { client } = await start(t, { defaultOutcome: "CHALLENGE" });
  await client.enrollVerifiedAuthenticator({ userId, attributes: sms });
  const tracked = await client.track({ userId, action });
  assert.equal(tracked.state, UserActionState.CHALLENGE_REQUIRED);
  assert.equal(tracked.isEnrolled, true);
  assert.deepEqual(tracked.enrolledVerificationMethods, ["SMS"]);
  assert.equal(tracked.defaultVerificationMethod, "SMS");
});

test("a token is not valid before its challenge, and valid after it, again and again", async (t) => {
  const { client, complete } = await start(t);
  const { token, idempotencyKey } = await client.track({ userId, action });

  const before = await client.validateChallenge({ token, action, userId });
  assert.equal(before.isValid, false);
  assert.equal(before.state, UserActionState.CHALLENGE_REQUIRED);
  assert.equal(before.verificationMethod, undefined);

  await complete({ token });
  const after = await client.validateChallenge({ token, action, userId });
  assert.match(after.stateUpdatedAt ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual(after, {
    isValid: true,
    state: "CHALLENGE_SUCCEEDED",
    stateUpdatedAt: after.stateUpdatedAt,
    userId,
    action,
    idempotencyKey,
    verificationMethod: "AUTHENTICATOR_APP",
  });
  assert.deepEqual(await client.validateChallenge({ token, action, userId }), after);
  assert.deepEqual(await client.validateChallenge({ token }), after);
});

test("a failed challenge is not valid, and enrols nobody", async (t) => {
  const { client, complete } = await start(t);
  const { token } = await client.track({ userId, action });
  await complete({ token, outcome: "CHALLENGE_FAILED" });
  const validated = await client.validateChallenge({ token });
  assert.equal(validated.isValid, false);
  assert.equal(validated.state, UserActionState.CHALLENGE_FAILED);
  assert.equal((await client.getUser({ userId })).isEnrolled, false);
});

test("an enrolled user's allowed action validates to ALLOW, and isn't valid", async (t) => {
  const { client } = await start(t);
  await client.enrollVerifiedAuthenticator({ userId, attributes: sms });
  const { token } = await client.track({ userId, action });
  const validated = await client.validateChallenge({ token });
  assert.equal(validated.isValid, false);
  assert.equal(validated.state, UserActionState.ALLOW);
});

test("a completed token isn't valid for another action or another user", async (t) => {
  const { client, complete } = await start(t);
  const { token } = await client.track({ userId, action });
  await complete({ token });
  const wrong = (/** @type {string} */ error) => ({ action: undefined, isValid: false, error });
  assert.deepEqual(await client.validateChallenge({ token, action: "transfer" }), wrong("ACTION_MISMATCH"));
  assert.deepEqual(await client.validateChallenge({ token, userId: "auth0|eve" }), wrong("USER_MISMATCH"));
});

test("completing a challenge enrols an unenrolled user with the method", async (t) => {
  const { client, complete } = await start(t);
  const { token } = await client.track({ userId, action });
  await complete({ token, verificationMethod: "PASSKEY" });
  assert.equal((await client.validateChallenge({ token })).verificationMethod, VerificationMethod.PASSKEY);
  assert.deepEqual((await client.getUser({ userId })).enrolledVerificationMethods, ["PASSKEY"]);
});

test("an enrolled user completes with the default method, and enrols no other", async (t) => {
  const { client, complete } = await start(t, { defaultOutcome: "CHALLENGE" });
  await client.enrollVerifiedAuthenticator({ userId, attributes: sms });
  const { token } = await client.track({ userId, action });
  await complete({ token });
  assert.equal((await client.validateChallenge({ token })).verificationMethod, VerificationMethod.SMS);
  assert.equal((await client.getAuthenticators({ userId })).length, 1);
});

test("a user is read, updated and deleted", async (t) => {
  const { client } = await start(t);
  const unknown = await client.getUser({ userId });
  assert.equal(unknown.isEnrolled, false);
  assert.equal(unknown.email, undefined);

  const attributes = { email: "a@example.com", emailVerified: true, displayName: "A", custom: { vip: true } };
  assert.deepEqual(await client.updateUser({ userId, attributes }), { ...attributes, phoneNumberVerified: false });
  await client.updateUser({ userId, attributes: { username: "a" } });
  const known = await client.getUser({ userId });
  assert.equal(known.email, "a@example.com");
  assert.equal(known.username, "a");
  assert.equal(known.emailVerified, true);
  assert.equal(known.phoneNumberVerified, false);
  assert.deepEqual(known.custom, { vip: true });

  await client.deleteUser({ userId });
  assert.deepEqual(await client.getUser({ userId }), unknown);
});

test("a track gives the user its email address, phone number and user name", async (t) => {
  const { client } = await start(t);
  const attributes = { email: "a@example.com", phoneNumber: "+64211234567", username: "a" };
  await client.track({ userId, action, attributes });
  await client.track({ userId, action, attributes: { username: "b" } });
  const { email, phoneNumber, username } = await client.getUser({ userId });
  assert.deepEqual({ email, phoneNumber, username }, { ...attributes, username: "b" });
});

test("the token of a deleted user is no token", async (t) => {
  const { client, complete } = await start(t);
  const { token } = await client.track({ userId, action });
  await complete({ token });
  await client.deleteUser({ userId });
  assert.equal((await client.validateChallenge({ token })).error, "TOKEN_INVALID");
});

test("authenticators are enrolled, listed and deleted", async (t) => {
  const { client, store } = await start(t);
  const first = await client.enrollVerifiedAuthenticator({ userId, attributes: sms });
  assert.equal(first.authenticator.phoneNumber, sms.phoneNumber);
  assert.equal(first.authenticator.userId, userId);
  assert.equal(first.recoveryCodes?.length, 5);
  assert.equal((await client.getUser({ userId })).phoneNumberVerified, true);

  const email = { verificationMethod: VerificationMethod.EMAIL_OTP, email: "a@example.com", isDefault: true };
  const second = await client.enrollVerifiedAuthenticator({ userId, attributes: email });
  assert.equal(second.recoveryCodes, undefined);
  assert.deepEqual(store.user(userId).recoveryCodes, first.recoveryCodes);
  assert.deepEqual(await client.getAuthenticators({ userId }), [second.authenticator, first.authenticator]);
  assert.equal((await client.track({ userId, action })).defaultVerificationMethod, "EMAIL_OTP");

  const { userAuthenticatorId } = second.authenticator;
  await client.deleteAuthenticator({ userId, userAuthenticatorId });
  assert.deepEqual(await client.getAuthenticators({ userId }), [first.authenticator]);
  await assert.rejects(client.deleteAuthenticator({ userId, userAuthenticatorId }), { statusCode: 404 });
  assert.deepEqual(await client.getAuthenticators({ userId: "nobody" }), []);
});

test("an action is read and updated", async (t) => {
  const { client } = await start(t);
  const { idempotencyKey, token } = await client.track({ userId, action });
  const key = { userId, action, idempotencyKey };
  const tracked = await client.getAction(key);
  assert.equal(tracked.state, UserActionState.CHALLENGE_REQUIRED);
  assert.equal(tracked.createdAt, tracked.stateUpdatedAt);

  const state = UserActionState.REVIEW_SUCCEEDED;
  assert.equal((await client.updateAction({ ...key, attributes: { state } })).state, state);
  assert.equal((await client.getAction(key)).state, state);
  assert.equal((await client.validateChallenge({ token })).state, state);
  await assert.rejects(client.getAction({ ...key, idempotencyKey: "none" }), { statusCode: 404 });
});

test("a user's actions are queried by code, state and date, newest first", async (t) => {
  const { client, complete } = await start(t);
  const login = await client.track({ userId, action });
  await complete({ token: login.token });
  const transfer = await client.track({ userId, action: "transfer" });

  /** @param {Omit<import("@authsignal/node").QueryUserActionsRequest, "userId">} [query] */
  const keys = async (query) => (await client.queryUserActions({ userId, ...query })).map((a) => a.idempotencyKey);
  const [newest, oldest] = [transfer.idempotencyKey, login.idempotencyKey];
  assert.deepEqual(await keys(), [newest, oldest]);
  assert.deepEqual(await keys({ actionCodes: [action] }), [oldest]);
  assert.deepEqual(await keys({ actionCodes: [action, "transfer"] }), [newest, oldest]);
  assert.deepEqual(await keys({ state: UserActionState.CHALLENGE_SUCCEEDED }), [oldest]);
  assert.deepEqual(await keys({ fromDate: "2020-01-01T00:00:00.000Z" }), [newest, oldest]);
  assert.deepEqual(await keys({ fromDate: "2999-01-01T00:00:00.000Z" }), []);

  const [queried] = await client.queryUserActions({ userId, actionCodes: [action] });
  assert.deepEqual(queried, {
    actionCode: action,
    idempotencyKey: oldest,
    createdAt: queried.createdAt,
    updatedAt: queried.stateUpdatedAt,
    state: "CHALLENGE_SUCCEEDED",
    stateUpdatedAt: queried.stateUpdatedAt,
    verificationMethod: "AUTHENTICATOR_APP",
  });
});

test("another secret is unauthorized", async (t) => {
  const { url } = await start(t);
  const client = new Authsignal({ apiSecretKey: "another", apiUrl: url, retries: 0 });
  await assert.rejects(client.track({ userId, action }), {
    statusCode: 401,
    errorCode: "unauthorized",
    errorDescription:
      "The request is unauthorized. Check that your API key and region base URL are correctly configured.",
  });
});

// The wire.

for (const [defaultOutcome, unenrolled, enrolled] of /** @type {const} */ ([
  ["ALLOW", "ALLOW", "ALLOW"],
  ["CHALLENGE", "ALLOW", "CHALLENGE_REQUIRED"],
  ["REVIEW", "REVIEW_REQUIRED", "REVIEW_REQUIRED"],
  ["BLOCK", "BLOCK", "BLOCK"],
])) {
  test(`the default outcome ${defaultOutcome} is ${unenrolled} unenrolled and ${enrolled} enrolled`, async (t) => {
    const { client, control } = await start(t);
    await client.enrollVerifiedAuthenticator({ userId: "enrolled", attributes: sms });
    await control("PUT", "/actions/auth0-login", { defaultOutcome });
    assert.equal((await client.track({ userId: "unenrolled", action })).state, unenrolled);
    assert.equal((await client.track({ userId: "enrolled", action })).state, enrolled);
  });
}

test("an unknown action is created with the default outcome, and named after its code", async (t) => {
  const { client, store } = await start(t, { defaultOutcome: "BLOCK" });
  assert.equal((await client.track({ userId, action })).state, UserActionState.BLOCK);
  assert.deepEqual([...store.actions.values()], [{ code: action, name: "Auth0 Login", defaultOutcome: "BLOCK" }]);
});

test("no challenge is open where the action is blocked, under review, or done", async (t) => {
  const { client, control } = await start(t);
  const { token, idempotencyKey } = await client.track({ userId, action });
  for (const state of /** @type {const} */ (["BLOCK", "REVIEW_REQUIRED", "CHALLENGE_SUCCEEDED", "CHALLENGE_FAILED"])) {
    await client.updateAction({ userId, action, idempotencyKey, attributes: { state: UserActionState[state] } });
    const { status } = await control("POST", "/challenges/complete", { token });
    assert.equal(status, 400, state);
    assert.equal((await client.validateChallenge({ token })).state, state);
  }
});

test("a token is valid until it expires", async (t) => {
  const { client, complete, control } = await start(t, { tokenSeconds: 60 });
  const { token } = await client.track({ userId, action });
  await complete({ token });

  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 50_000 });
  assert.equal((await client.validateChallenge({ token })).isValid, true);
  t.mock.timers.tick(15_000);
  assert.deepEqual(await client.validateChallenge({ token }), {
    action: undefined,
    isValid: false,
    error: "TOKEN_EXPIRED",
  });
  assert.equal((await control("POST", "/challenges/complete", { token })).status, 400);
});

test("a token that this process didn't sign is invalid", async (t) => {
  const { client } = await start(t);
  const { client: elsewhere } = await start(t);
  const attributes = { idempotencyKey: "same" };
  const { token } = await elsewhere.track({ userId, action, attributes });
  await client.track({ userId, action, attributes });
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${token.split(".")[1]}.`;
  for (const forged of [token, unsigned, "garbage"]) {
    assert.equal((await client.validateChallenge({ token: forged })).error, "TOKEN_INVALID", forged);
  }
});

test("one idempotency key is one action of one user and one code", async (t) => {
  const { client, complete } = await start(t);
  const attributes = { idempotencyKey: "key/1" };
  const first = await client.track({ userId, action, attributes });
  await complete({ token: first.token });

  const again = await client.track({ userId, action, attributes });
  assert.equal(again.idempotencyKey, "key/1");
  assert.equal(again.state, UserActionState.CHALLENGE_SUCCEEDED);
  assert.equal((await client.validateChallenge({ token: again.token })).isValid, true);
  assert.equal((await client.queryUserActions({ userId })).length, 1);

  const ofAnotherCode = await client.track({ userId, action: "transfer", attributes });
  assert.equal((await client.validateChallenge({ token: ofAnotherCode.token })).isValid, false);
  const ofAnotherUser = await client.track({ userId: "eve", action, attributes });
  assert.equal((await client.validateChallenge({ token: ofAnotherUser.token })).isValid, false);
});

for (const id of ["auth0|abc", "samlp|conn|a/b", "a%2Fb", "100%", "a b?c#d", "é😀", "users/x/actions/y"]) {
  test(`the user id ${id} arrives as it is`, async (t) => {
    const { call, store } = await start(t);
    const { status, json } = await call("POST", `/users/${encodeURIComponent(id)}/actions/${action}`, {});
    assert.equal(status, 200);
    assert.deepEqual([...store.users.keys()], [id]);
    assert.equal((await call("POST", "/validate", { token: json.token })).json.userId, id);
  });
}

for (const [what, path, body] of /** @type {[string, string, unknown][]} */ ([
  ["an action code with a space", "/users/u/actions/a%20b", {}],
  ["an action code of 65 characters", `/users/u/actions/${"a".repeat(65)}`, {}],
  ["a user id that is no percent-encoding", "/users/100%/actions/login", {}],
  ["malformed JSON", "/users/u/actions/login", "{"],
  ["a body that is a list", "/users/u/actions/login", []],
  ["a body that is null", "/users/u/actions/login", null],
  ["an email that is a number", "/users/u/actions/login", { email: 1 }],
  ["an idempotency key that is null", "/users/u/actions/login", { idempotencyKey: null }],
  ["an empty idempotency key", "/users/u/actions/login", { idempotencyKey: "" }],
  ["redirectToSettings that is a string", "/users/u/actions/login", { redirectToSettings: "true" }],
  ["a phone number that is not E.164", "/users/u/actions/login", { phoneNumber: "021 123" }],
  ["a custom data point that is null", "/users/u/actions/login", { custom: { a: null } }],
  ["a custom data point that is a list", "/users/u/actions/login", { custom: { a: [], b: 1 } }],
  ["custom that is a list", "/users/u/actions/login", { custom: [] }],
  ["validate without a token", "/validate", {}],
  ["validate with an empty token", "/validate", { token: "" }],
  ["validate with a token that is a number", "/validate", { token: 1 }],
  ["validate with a user id that is a number", "/validate", { token: "t", userId: 1 }],
  ["an authenticator without a method", "/users/u/authenticators", {}],
  ["an authenticator of an unknown method", "/users/u/authenticators", { verificationMethod: "CARRIER_PIGEON" }],
  ["an SMS authenticator without a phone number", "/users/u/authenticators", { verificationMethod: "SMS" }],
])) {
  test(`${what} is an invalid request`, async (t) => {
    const { call, store } = await start(t);
    const { status, json } = await call("POST", path, body);
    assert.equal(status, 400);
    assert.equal(json.error, "invalid_request");
    assert.equal(typeof json.errorDescription, "string");
    assert.equal(store.users.size, 0);
  });
}

test("a track without a body, or with an attribute that is not known, is a track", async (t) => {
  const { call } = await start(t);
  assert.equal((await call("POST", "/users/u/actions/login")).status, 200);
  assert.equal((await call("POST", "/users/u/actions/login", { isNew: 1 })).status, 200);
});

test("the secret counts only as the user name of Basic, with an empty password", async (t) => {
  const { url } = await start(t);
  /** @param {string} [authorization] */
  const statusOf = async (authorization) => {
    const headers = authorization === undefined ? undefined : { authorization };
    return (await fetch(`${url}/users/u`, { headers })).status;
  };
  const base64 = (/** @type {string} */ credentials) => Buffer.from(credentials).toString("base64");
  assert.equal(await statusOf(`Basic ${base64(`${SECRET}:`)}`), 200);
  assert.equal(await statusOf(`basic ${base64(`${SECRET}:`)}`), 200);
  for (const authorization of [
    undefined,
    "Basic",
    `Basic ${base64(SECRET)}`,
    `Basic ${base64(`${SECRET}:password`)}`,
    `Basic ${base64(`:${SECRET}`)}`,
    `Bearer ${base64(`${SECRET}:`)}`,
    `Bearer ${SECRET}`,
  ]) {
    assert.equal(await statusOf(authorization), 401, authorization);
  }
});

test("an unknown path is not found", async (t) => {
  const { call, origin } = await start(t);
  assert.equal((await call("GET", "/nothing")).status, 404);
  assert.equal((await call("POST", "/users//actions/login", {})).status, 404);
  assert.equal((await call("GET", "/validate")).status, 404);
  assert.deepEqual((await call("GET", "/nothing")).json, {
    error: "not_found",
    errorDescription: "There is no GET /v1/nothing.",
  });
  assert.equal((await fetch(origin)).status, 404);
});

test("a tenant without authenticators answers a track with AUTHENTICATOR_NOT_FOUND", async (t) => {
  const { client, control } = await start(t);
  await control("PUT", "/settings", { authenticatorsConfigured: false });
  const expected = { statusCode: 400, errorCode: "AUTHENTICATOR_NOT_FOUND" };
  await assert.rejects(client.track({ userId, action }), expected);
  await control("PUT", "/settings", { authenticatorsConfigured: true });
  assert.equal((await client.track({ userId, action })).isEnrolled, false);
});

test("the pre-built UI may be somewhere else", async (t) => {
  const { client } = await start(t, { uiUrl: "https://mfa.example.com" });
  const { url, token } = await client.track({ userId, action });
  assert.equal(url, `https://mfa.example.com/challenge?token=${token}`);
});

// The request log.

test("the log has each request of the API as it was received", async (t) => {
  const { call, control, url } = await start(t);
  const before = Date.now();
  await call("POST", "/users/auth0%7Ca%2fb/actions/login?x=%20", '{ "email":"é" }');
  await fetch(`${url}/users/u`, { headers: { "X-Case": "Kept" } });
  await call("POST", "/validate", "{");

  const { json: requests } = await control("GET", "/requests");
  assert.deepEqual(
    requests.map((/** @type {any} */ request) => [request.method, request.path, request.body]),
    [
      ["POST", "/v1/users/auth0%7Ca%2fb/actions/login?x=%20", '{ "email":"é" }'],
      ["GET", "/v1/users/u", ""],
      ["POST", "/v1/validate", "{"],
    ],
  );
  assert.equal(requests[0].headers.authorization, `Basic ${Buffer.from(`${SECRET}:`).toString("base64")}`);
  assert.equal(requests[1].headers["x-case"], "Kept");
  assert.ok(requests[1].rawHeaders.includes("Kept"));
  assert.ok(requests[0].time >= before && requests[2].time <= Date.now());

  await control("DELETE", "/requests");
  assert.deepEqual((await control("GET", "/requests")).json, []);
});

test("the log tells which requests came on one connection", async (t) => {
  const { url, control } = await start(t);
  const [kept, other] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent()];
  for (const agent of [kept, kept, other]) {
    const [response] = await once(httpRequest(`${url}/users/u`, { agent }).end(), "response");
    await text(response);
  }
  const connections = (await control("GET", "/requests")).json.map((/** @type {any} */ request) => request.connection);
  assert.equal(connections[0], connections[1]);
  assert.notEqual(connections[1], connections[2]);
  kept.destroy();
});

// Faults.

test("a status fault answers with its status, headers and body, as often as it says, and is in the log", async (t) => {
  const { call, control } = await start(t);
  const busy = { error: "too_many_requests" };
  await control("PUT", "/faults", [
    { endpoint: "track", kind: "status", status: 429, times: 2, headers: { "Retry-After": "7" }, body: busy },
  ]);
  for (let i = 0; i < 2; i++) {
    const { status, headers, json } = await call("POST", `/users/u/actions/${action}`, {});
    assert.equal(status, 429);
    assert.equal(headers.get("Retry-After"), "7");
    assert.deepEqual(json, busy);
  }
  assert.equal((await call("POST", `/users/u/actions/${action}`, {})).status, 200);
  assert.equal((await control("GET", "/requests")).json.length, 3);
});

test("a status fault's body may be any text", async (t) => {
  const { control, raw } = await start(t);
  const headers = { "Content-Type": "text/html" };
  await control("PUT", "/faults", [{ endpoint: "*", kind: "status", status: 502, headers, body: "<h1>Bad gateway" }]);
  const response = await raw("POST", "/validate", {});
  assert.equal(response.status, 502);
  assert.match(response.headers.get("Content-Type") ?? "", /^text\/html/);
  assert.equal(await response.text(), "<h1>Bad gateway");
});

test("a fault meets its endpoint alone, and the first in the list goes first", async (t) => {
  const { call, control } = await start(t);
  const endpoints = /** @type {const} */ ([
    ["track", "POST", "/users/u/actions/login"],
    ["validate", "POST", "/validate"],
    ["users", "GET", "/users/u"],
    ["authenticators", "GET", "/users/u/authenticators"],
    ["actions", "GET", "/users/u/actions"],
    ["actions", "GET", "/users/u/actions/login/key"],
  ]);
  for (const [faulted] of endpoints) {
    await control("PUT", "/faults", [{ endpoint: faulted, kind: "status", status: 503 }]);
    for (const [endpoint, method, path] of endpoints) {
      const { status } = await call(method, path, method === "POST" ? {} : undefined);
      assert.equal(status === 503, endpoint === faulted, `${faulted} at ${method} ${path}`);
    }
  }

  await control("PUT", "/faults", [
    { endpoint: "*", kind: "status", status: 500, times: 1 },
    { endpoint: "users", kind: "status", status: 501, times: 1 },
  ]);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await call("GET", "/users/u")).status);
  assert.deepEqual(statuses, [500, 501, 200]);
});

test("a delay gives the normal answer later", async (t) => {
  const { call, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "users", kind: "delay", ms: 60 }]);
  const sent = performance.now();
  const { status, json } = await call("GET", "/users/u");
  assert.ok(performance.now() - sent > 55);
  assert.equal(status, 200);
  assert.equal(json.isEnrolled, false);
});

test("a reset ends the connection without an answer", async (t) => {
  const { raw, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "*", kind: "reset" }]);
  await assert.rejects(raw("GET", "/users/u"), (/** @type {any} */ error) => error.cause.code === "ECONNRESET");
});

test("a hang is never answered, and ends with the sandbox", async (t) => {
  const { raw, call, control, close } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "users", kind: "hang", times: 1 }]);
  let settled = false;
  const hanging = assert.rejects(raw("GET", "/users/u").finally(() => (settled = true)));
  /** @type {unknown[]} */
  let requests = [];
  while (requests.length === 0) requests = (await control("GET", "/requests")).json;
  assert.equal((await call("GET", "/users/u")).status, 200);
  assert.equal(settled, false);
  await close();
  await hanging;
});

test("garbage is 200 without JSON", async (t) => {
  const { raw, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "*", kind: "garbage" }]);
  const response = await raw("GET", "/users/u");
  assert.equal(response.status, 200);
  await assert.rejects(response.json(), SyntaxError);
});

for (const body of [{ isValid: "true" }, [], null, 7]) {
  test(`${JSON.stringify(body)} replaces the answer`, async (t) => {
    const { call, control } = await start(t);
    await control("PUT", "/faults", [{ endpoint: "validate", kind: "replace", body }]);
    const { status, json } = await call("POST", "/validate", { token: "t" });
    assert.equal(status, 200);
    assert.deepEqual(json, body);
  });
}

for (const [status, sent] of [
  [302, undefined],
  [307, 307],
]) {
  test(`a redirect answers with ${status} and its location`, async (t) => {
    const { raw, control } = await start(t);
    const location = "https://elsewhere.example.com/v1/validate";
    await control("PUT", "/faults", [{ endpoint: "*", kind: "redirect", location, status: sent }]);
    const response = await raw("POST", "/validate", {});
    assert.equal(response.status, status);
    assert.equal(response.headers.get("Location"), location);
  });
}

test("a huge answer is as many bytes as it says, around the given body", async (t) => {
  const { raw, control } = await start(t);
  const body = { state: "ALLOW", isEnrolled: true };
  await control("PUT", "/faults", [{ endpoint: "*", kind: "huge", bytes: 300_000, body }]);
  const answer = await (await raw("POST", "/validate", {})).text();
  assert.equal(answer.length, 300_000);
  assert.deepEqual(JSON.parse(answer), body);
});

test("a huge answer of no given size has no end", async (t) => {
  const { raw, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "*", kind: "huge" }]);
  const stream = reader(await raw("POST", "/validate", {}));
  for (let bytes = 0; bytes < 5_000_000; ) bytes += await stream.next();
  await stream.cancel();
});

test("a drip sends the headers, and then a byte at a time without end", async (t) => {
  const { raw, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "*", kind: "drip", ms: 2 }]);
  const response = await raw("POST", "/validate", {});
  assert.equal(response.status, 200);
  const stream = reader(response);
  for (let bytes = 0; bytes < 10; ) {
    const read = await stream.next();
    assert.ok(read < 1000);
    bytes += read;
  }
  await stream.cancel();
});

test("a cut ends the connection before the body is whole", async (t) => {
  const { raw, control } = await start(t);
  const body = { isValid: true };
  await control("PUT", "/faults", [{ endpoint: "*", kind: "cut", body }]);
  const response = await raw("POST", "/validate", {});
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Length"), String(JSON.stringify(body).length + 1));
  await assert.rejects(response.text());
});

test("faults are taken back", async (t) => {
  const { call, control } = await start(t);
  await control("PUT", "/faults", [{ endpoint: "*", kind: "status", status: 500 }]);
  assert.equal((await call("GET", "/users/u")).status, 500);
  assert.equal((await control("DELETE", "/faults")).status, 204);
  assert.equal((await call("GET", "/users/u")).status, 200);
});

for (const [what, method, path, body] of /** @type {[string, string, string, unknown][]} */ ([
  ["faults that are no list", "PUT", "/faults", { endpoint: "*", kind: "hang" }],
  ["a fault of an unknown kind", "PUT", "/faults", [{ endpoint: "*", kind: "flood" }]],
  ["a fault of an unknown endpoint", "PUT", "/faults", [{ endpoint: "login", kind: "hang" }]],
  ["a fault without an endpoint", "PUT", "/faults", [{ kind: "hang" }]],
  ["a fault with a field that its kind doesn't have", "PUT", "/faults", [{ endpoint: "*", kind: "hang", ms: 1 }]],
  ["a fault without what its kind needs", "PUT", "/faults", [{ endpoint: "*", kind: "delay" }]],
  ["a fault for zero times", "PUT", "/faults", [{ endpoint: "*", kind: "hang", times: 0 }]],
  ["an unknown default outcome", "PUT", "/actions/login", { defaultOutcome: "PERHAPS" }],
  ["an action's code with a dot", "PUT", "/actions/a.b", { defaultOutcome: "ALLOW" }],
  ["an unknown setting", "PUT", "/settings", { authenticators: false }],
  ["completing without a token", "POST", "/challenges/complete", {}],
  ["completing with garbage", "POST", "/challenges/complete", { token: "garbage" }],
  ["completing with an outcome of another word", "POST", "/challenges/complete", { token: "t", outcome: "OK" }],
])) {
  test(`the control API refuses ${what}`, async (t) => {
    const { control, call } = await start(t);
    const { status, json } = await control(method, path, body);
    assert.equal(status, 400);
    assert.equal(json.error, "invalid_request");
    assert.equal((await call("GET", "/users/u")).status, 200);
  });
}

test("closing twice is closing once", async () => {
  const { close, origin } = await startAuthsignal();
  await close();
  await close();
  await assert.rejects(fetch(origin));
});

// The command line.

test("the command line prints where it listens, and stops when stdin closes", async (t) => {
  const cli = run(t, "--stdin", "--default-outcome", "BLOCK", "--secret", "s3cret", "--token-seconds", "0");
  const [line] = await once(cli.stdout, "data");
  assert.match(String(line), /^\{.*\}\n$/);
  const { url, origin } = JSON.parse(line);
  assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(url, `${origin}/v1`);

  const client = new Authsignal({ apiSecretKey: "s3cret", apiUrl: url, retries: 0 });
  const { state, token } = await client.track({ userId, action });
  assert.equal(state, UserActionState.BLOCK);
  assert.equal((await client.validateChallenge({ token })).error, "TOKEN_EXPIRED");

  cli.stdin.end();
  assert.deepEqual(await once(cli, "exit"), [0, null]);
});

test("the command line's help names each option", async (t) => {
  const { code, stdout, stderr } = await ended(run(t, "--help"));
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const options = ["port", "secret", "default-outcome", "token-seconds", "code-seconds", "hostname", "form-origin"];
  for (const option of [...options, "action", "stdin", "help"]) {
    assert.ok(stdout.includes(`--${option} `), option);
  }
});

for (const [args, named] of /** @type {[string[], string][]} */ ([
  [["--colour"], "--colour"],
  [["extra"], "extra"],
  [["--port", "http"], "--port"],
  [["--port", "70000"], "70000"],
  [["--port"], "--port"],
  [["--token-seconds", "-1"], "--token-seconds"],
  [["--default-outcome", "PERHAPS"], "ALLOW, CHALLENGE, REVIEW, BLOCK"],
  [["--secret", ""], "secret"],
  [["--code-seconds", "soon"], "--code-seconds"],
  [["--hostname", "example.com"], "localhost"],
  [["--form-origin", "localhost"], "localhost"],
  [["--action", "login"], "ALLOW, CHALLENGE, REVIEW, BLOCK"],
])) {
  test(`the command line refuses ${args.join(" ")} in one line`, async (t) => {
    const { code, stdout, stderr } = await ended(run(t, ...args));
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^[^\n]+\n$/);
    assert.ok(stderr.includes(named), stderr);
  });
}

test("the command line says that a port is taken", async (t) => {
  const { origin } = await start(t);
  const { port } = new URL(origin);
  const { code, stdout, stderr } = await ended(run(t, "--port", port));
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^[^\n]*taken[^\n]*\n$/);
  assert.ok(stderr.includes(port));
});

const sms = { verificationMethod: VerificationMethod.SMS, phoneNumber: "+64211234567" };

/**
 * An Authsignal that ends with the test, and ways to call it.
 * @param {import("node:test").TestContext} t
 * @param {Parameters<typeof startAuthsignal>[0]} [options]
 */
async function start(t, options) {
  const authsignal = await startAuthsignal(options);
  t.after(authsignal.close);

  /**
   * @param {string} target
   * @param {string} method
   * @param {unknown} [body] a string goes as it is
   */
  const send = (target, method, body) =>
    fetch(target, {
      method,
      redirect: "manual",
      headers: { Authorization: `Basic ${Buffer.from(`${SECRET}:`).toString("base64")}` },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
  /** @type {(sending: Promise<Response>) => Promise<{ status: number, headers: Headers, json: any }>} */
  const answered = async (sending) => {
    const response = await sending;
    const { status, headers } = response;
    return { status, headers, json: JSON.parse((await response.text()) || "null") };
  };
  /** @type {(method: string, path: string, body?: unknown) => Promise<Response>} */
  const raw = (method, path, body) => send(authsignal.url + path, method, body);
  /** @type {(method: string, path: string, body?: unknown) => ReturnType<typeof answered>} */
  const call = (method, path, body) => answered(raw(method, path, body));
  /** @type {(method: string, path: string, body?: unknown) => ReturnType<typeof answered>} */
  const control = (method, path, body) => answered(send(`${authsignal.origin}/sandbox${path}`, method, body));

  return {
    ...authsignal,
    client: new Authsignal({ apiSecretKey: SECRET, apiUrl: authsignal.url, retries: 0 }),
    raw,
    call,
    control,
    /** @param {{ token: string, outcome?: string, verificationMethod?: string }} challenge */
    async complete(challenge) {
      const { status, json } = await control("POST", "/challenges/complete", challenge);
      assert.equal(status, 200, json.errorDescription);
    },
  };
}

/** @param {Response} response */
function reader(response) {
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  return {
    /** How many bytes came; they are spaces, and not the last. */
    async next() {
      const { done, value = new Uint8Array() } = await body.read();
      assert.equal(done, false);
      assert.ok(value.every((byte) => byte === 0x20));
      return value.length;
    },
    cancel: () => body.cancel(),
  };
}

/**
 * @param {import("node:test").TestContext} t
 * @param {string[]} args
 */
function run(t, ...args) {
  const cli = spawn(process.execPath, [
    fileURLToPath(new URL("../../sandbox/authsignal/cli.js", import.meta.url)),
    ...args,
  ]);
  t.after(() => cli.kill());
  return cli;
}

/** @param {ReturnType<typeof run>} cli */
async function ended(cli) {
  const [stdout, stderr, [code]] = await Promise.all([text(cli.stdout), text(cli.stderr), once(cli, "exit")]);
  return { code, stdout, stderr };
}
