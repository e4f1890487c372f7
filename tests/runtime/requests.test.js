// What is sent, byte for byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createApi } from "./api.js";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { files, loadPackage, loadPastedAction } from "./built.js";
import { client, useNode } from "./client.js";
import { loginEvent, newUser } from "./event.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const settings = { secret: SECRET, apiBaseUrl: authsignal.url };
const action = await loadPastedAction(settings);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * The one request of one login.
 * @param {Record<string, any>} event
 * @param {Record<string, unknown>} [options]
 * @param {string} [userId] where it is not the event's
 */
const track = async (event, options = {}, userId = event.user.user_id) => {
  const loaded = Object.keys(options).length > 0 ? await loadPastedAction({ ...settings, ...options }) : action;
  const result = await loaded.execute("onExecutePostLogin", event);
  assert.equal(result.command?.type, "redirect", result.console[0]?.text);
  const requests = await authsignal.requests(userId);
  assert.equal(requests.length, 1);
  const { body } = requests[0];
  const json = JSON.parse(body);
  assert.equal(JSON.stringify(json), body);
  return { ...requests[0], json };
};

/** @param {Record<string, any>} event @param {Record<string, unknown>} [options] */
const trackedBody = async (event, options) => {
  const { idempotencyKey, ...json } = (await track(event, options)).json;
  assert.match(idempotencyKey, UUID);
  return json;
};

for (const [id, segment] of [
  ["auth0|6637d1c0", "auth0%7C6637d1c0"],
  ["samlp|c|a/b", "samlp%7Cc%7Ca%2Fb"],
  ["a b%20?#", "a%20b%2520%3F%23"],
  ["google-oauth2|1&2=3+4,5:6;7@8$9", "google-oauth2%7C1%262%3D3%2B4%2C5%3A6%3B7%408%249"],
  ["-_.!~*'()", "-_.!~*'()"],
  ["..%2f..", "..%252f.."],
  ["...", "..."],
  ["Zoë|東京|😀", "Zo%C3%AB%7C%E6%9D%B1%E4%BA%AC%7C%F0%9F%98%80"],
  ['\n\\"<>[]^`{}', "%0A%5C%22%3C%3E%5B%5D%5E%60%7B%7D"],
]) {
  test(`the user ${JSON.stringify(id)} is one path segment: ${segment}`, async () => {
    const { method, path } = await track(loginEvent({ user: { user_id: id } }));
    assert.equal(method, "POST");
    assert.equal(path, `/v1/users/${segment}/actions/auth0-login`);
    assert.equal(segment, encodeURIComponent(id));
  });
}

for (const id of ["", ".", "..", "a\ud800", "\ufffd", 7, null, undefined, ["auth0|a"]]) {
  test(`the user id ${JSON.stringify(id) ?? "undefined"} can't be a path segment of one user, and denies without a request`, async (t) => {
    /** @type {unknown[]} */
    const sent = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (input) => {
      sent.push(input);
      return new Response("{}");
    };
    t.after(() => {
      globalThis.fetch = fetch;
    });
    for (const handler of /** @type {const} */ (["onExecutePostLogin", "onContinuePostLogin"])) {
      const event = loginEvent({ user: { user_id: id }, request: { query: { token: "t" } } });
      const { command, console } = await action.execute(handler, event);
      assert.deepEqual(command, { type: "deny", reason: "MFA is unavailable" });
      assert.match(console[0].text, /^authsignal-auth0: deny, invalid_event: .*user\.user_id$/);
    }
    assert.deepEqual(sent, []);
  });
}

test("the headers that are set are four, and what the client itself adds is no more than usual", async () => {
  const { rawHeaders, headers } = await track(loginEvent());
  const own = new Map();
  const ofNode = ["host", "connection", "accept-encoding", "content-length"];
  const added = client() === "node" ? ofNode : [...ofNode, "accept-language", "sec-fetch-mode"];
  if (client() === "node") assert.equal(headers["accept-encoding"], "identity");
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at].toLowerCase();
    if (!added.includes(name)) own.set(name, [...(own.get(name) ?? []), rawHeaders[at + 1]]);
  }
  const version = /version (\S+) /.exec(readFileSync(files.action, "utf8"))?.[1];
  assert.deepEqual(Object.fromEntries(own), {
    authorization: [`Basic ${Buffer.from(`${SECRET}:`).toString("base64")}`],
    "content-type": ["application/json"],
    accept: ["application/json"],
    "user-agent": [`authsignal-auth0/${version}`],
  });
});

test("a secret key of any printable ASCII goes into Basic authentication as it is", async () => {
  const secret = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => at + 32));
  const event = loginEvent();
  const loaded = await loadPastedAction({ ...settings, secret });
  await loaded.execute("onExecutePostLogin", event);
  const [{ headers }] = await authsignal.requests(event.user.user_id);
  assert.equal(headers.authorization, `Basic ${Buffer.from(`${secret}:`).toString("base64")}`);
});

test("a track's body holds what the event has, in this order and no more", async () => {
  const event = loginEvent({ request: { query: { device_id: "device-1" } } });
  const { body, json } = await track(event);
  assert.match(json.idempotencyKey, UUID);
  assert.equal(
    body,
    `{"idempotencyKey":"${json.idempotencyKey}","redirectUrl":"https://login.example.com/continue","custom":{},` +
      `"email":"ada@example.com","ipAddress":"203.0.113.24","userAgent":"Mozilla/5.0","deviceId":"device-1"}`,
  );
});

test("what the event lacks, or has in another type, is left out", async () => {
  for (const nothing of [undefined, null, 7, ["a"], {}]) {
    const event = loginEvent({
      user: { email: nothing },
      request: { ip: nothing, user_agent: nothing, query: { device_id: nothing } },
    });
    assert.deepEqual(await trackedBody(event), { redirectUrl: "https://login.example.com/continue", custom: {} });
  }
});

test("a context that can't be read is left out, and no login is denied for it", async () => {
  const { custom: whole } = await trackedBody(loginEvent(), { includeContext: true });
  for (const [odd, ...lost] of /** @type {[object, ...string[]][]} */ ([
    [{ client: 5 }, "auth0ClientId", "auth0ClientName"],
    [{ stats: "x" }, "auth0LoginsCount"],
    [{ authorization: { roles: ["admin", 5] } }],
    [{ tenant: [] }],
    [{ resource_server: null, custom_domain: { domain: {} } }],
  ])) {
    const { custom } = await trackedBody(Object.assign(loginEvent(), odd), { includeContext: true });
    const rest = Object.entries(whole).filter(([name]) => !lost.includes(name));
    assert.deepEqual(custom, Object.fromEntries(rest));
  }
});

test("an event of nothing but a user and a host is enough", async () => {
  const user_id = newUser();
  const event = { user: { user_id }, request: { hostname: "login.example.com" } };
  assert.deepEqual(await trackedBody(event), { redirectUrl: "https://login.example.com/continue", custom: {} });
});

test("text comes through as it is: quotes, controls, every plane of Unicode", async () => {
  const email = '"\\\u0000\u001f\u007f\u2028é東😀@example.com';
  const custom = { '"': "\\", "ключ": "😀", "": "" };
  const { email: sent, custom: points } = await trackedBody(loginEvent({ user: { email } }), { custom });
  assert.equal(sent, email);
  assert.deepEqual(points, custom);
});

test("attributes win over the event, and join it", async () => {
  const attributes = {
    email: "grace@example.com",
    phoneNumber: "+6421000000",
    username: "grace",
    locale: "en",
    deviceId: "device-2",
    ipAddress: "198.51.100.7",
    userAgent: "Custom",
    redirectToSettings: true,
    customDomain: "mfa.example.com",
  };
  const event = loginEvent({ request: { query: { device_id: "device-1" } } });
  const sent = await trackedBody(event, { attributes: { ...attributes, locale: "de" } });
  assert.deepEqual(sent, {
    redirectUrl: "https://login.example.com/continue",
    custom: {},
    ...attributes,
    locale: "de",
  });
});

test("entries of custom and attributes that are null are left out, numbers and booleans stay what they are", async () => {
  const custom = { text: "a", yes: true, no: false, whole: 7, half: 0.5, big: 1e21, none: null };
  const sent = await trackedBody(loginEvent(), { custom, attributes: { email: null, username: "ada" } });
  const { none, ...rest } = custom;
  assert.deepEqual(sent.custom, rest);
  assert.equal(sent.email, "ada@example.com");
  assert.equal(sent.username, "ada");
});

test("includeContext adds what Auth0 knows, and the caller's own data points win", async () => {
  const event = loginEvent({
    transaction: { requested_scopes: ["openid", "profile"], acr_values: [] },
    user: { last_password_reset: new Date(Date.now() - 3_600_000).toISOString() },
    organization: { id: "org_1", name: "engines" },
    authorization: { roles: ["billing", "support"] },
    authentication: { methods: [], riskAssessment: { confidence: "medium" } },
  });
  const { custom } = await trackedBody(event, {
    includeContext: true,
    custom: { plan: "gold", auth0ClientName: "Mine" },
  });
  const { auth0SecondsSincePasswordReset: seconds, ...rest } = custom;
  assert.ok(Number.isInteger(seconds) && seconds >= 3600, seconds);
  assert.deepEqual(rest, {
    plan: "gold",
    auth0ClientName: "Mine",
    auth0ClientId: "app",
    auth0ConnectionName: "Username-Password-Authentication",
    auth0ConnectionStrategy: "auth0",
    auth0OrganizationId: "org_1",
    auth0OrganizationName: "engines",
    auth0Roles: "billing,support",
    auth0CountryCode: "NZ",
    auth0RiskConfidence: "medium",
    auth0LoginsCount: 3,
    auth0Protocol: "oidc-basic-profile",
    auth0RequestedScopes: "openid,profile",
    auth0EmailVerified: true,
    auth0LastPasswordReset: event.user.last_password_reset,
  });
});

test("the user, the action and the way back can be set", async () => {
  const userId = newUser();
  const options = { userId, action: "Transfer_2", redirectUrl: "https://other.example.com/back?x=1" };
  const { path, json } = await track(loginEvent(), options, userId);
  assert.equal(path, `/v1/users/${encodeURIComponent(userId)}/actions/Transfer_2`);
  assert.equal(json.redirectUrl, options.redirectUrl);
});

test("a user id that is a safe integer becomes its decimal string", async () => {
  const { path } = await track(loginEvent(), { userId: 9007199254740991 }, "9007199254740991");
  assert.equal(path, "/v1/users/9007199254740991/actions/auth0-login");
});

test("the way back is http where Auth0's host is loopback", async () => {
  const { json } = await track(loginEvent({ request: { hostname: "localhost:4001" } }));
  assert.equal(json.redirectUrl, "http://localhost:4001/continue");
});

test("a slash at the end of the API URL makes no second one", async () => {
  const { path } = await track(loginEvent(), { apiBaseUrl: `${authsignal.url}/` });
  assert.match(path, /^\/v1\/users\//);
});

test("a validate's body holds the token, the action and the user", async () => {
  const userId = newUser();
  const token = 'a.b-c_d"\\é';
  const event = loginEvent({ user: { user_id: userId }, request: { query: { token } } });
  await action.execute("onContinuePostLogin", event);
  const requests = await authsignal.requests(userId);
  assert.equal(requests.length, 1);
  assert.equal(requests[0].method, "POST");
  assert.equal(requests[0].path, "/v1/validate");
  assert.equal(requests[0].body, JSON.stringify({ token, action: "auth0-login", userId }));
});

test("every try of a track carries one idempotency key, and another login another one", async (t) => {
  const userId = newUser();
  const loaded = await loadPastedAction(settings);
  await authsignal.faults([{ kind: "status", endpoint: "track", status: 500, times: 2 }], t);
  for (let login = 0; login < 2; login++) {
    const { command } = await loaded.execute("onExecutePostLogin", loginEvent({ user: { user_id: userId } }));
    assert.equal(command?.type, "redirect");
  }
  const requests = await authsignal.requests(userId);
  assert.equal(requests.length, 4);
  const keys = requests.map(({ body }) => JSON.parse(body).idempotencyKey);
  assert.deepEqual(keys.slice(0, 3), [keys[0], keys[0], keys[0]]);
  assert.notEqual(keys[3], keys[0]);
  // The tries of one track are the same byte for byte.
  assert.equal(new Set(requests.slice(0, 3).map(({ body }) => body)).size, 1);
});

test("many logins of a warm process share one TCP connection", async () => {
  const pkg = loadPackage();
  const userId = newUser();
  for (let login = 0; login < 20; login++) {
    const { api, calls } = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent({ user: { user_id: userId } }), api, settings);
    assert.equal(calls.length, 2);
    // The connection is free again a turn after its answer.
    await setImmediate();
    await pkg.handleAuth0ContinuePostLogin(
      loginEvent({ user: { user_id: userId }, request: { query: { token: "t" } } }),
      api,
      settings,
    );
    assert.deepEqual(calls[2], ["deny", "MFA challenge failed"]);
    await setImmediate();
  }
  const requests = await authsignal.requests(userId);
  assert.equal(requests.length, 40);
  assert.equal(new Set(requests.map(({ connection }) => connection)).size, 1);
});

test("nothing of a login but its request leaves the process: no secret, token or user in the log", async () => {
  const loaded = await loadPastedAction({ ...settings, logLevel: "info" });
  const event = loginEvent({ user: { user_id: "auth0|tell-tale", email: "tell-tale@example.com" } });
  const { console } = await loaded.execute("onExecutePostLogin", event);
  assert.deepEqual(
    console.map(({ text }) => text),
    ["authsignal-auth0: redirect, enrollment_required: the user has to enroll"],
  );
});
