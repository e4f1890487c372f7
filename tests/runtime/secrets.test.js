// Secrets stay in: what a hook prints, tells the user or rejects with holds nothing of the tenant or the person,
// whatever Authsignal, `fetch`, Auth0's `api` or the options say; and the secret key goes to one place only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { loginEvent } from "./event.js";
import { randomSource, replace, replaceFetch, watchProcess } from "./globals.js";
import { listen } from "./server.js";

const hooks = /** @type {const} */ (["handleAuth0ExecutePostLogin", "handleAuth0ContinuePostLogin"]);

/** What nobody may read. */
const hidden = {
  secret: "sk+telltale/secret",
  token: "telltale.challenge.token",
  code: "731946",
  user: "auth0|telltale-user",
  email: "telltale@example.com",
  ip: "203.0.113.77",
  agent: "TelltaleBrowser/7",
  device: "telltale-device",
  challenge: "telltale-idempotency-key",
};
const basic = Buffer.from(`${hidden.secret}:`).toString("base64");
const all = Object.values(hidden).join(" ");

/** What of it is in a text. @param {string} text */
const found = (text) => {
  const forms = Object.entries({ ...hidden, basic }).flatMap(([name, value]) => [
    [name, value],
    [name, encodeURIComponent(value)],
  ]);
  return [...new Set(forms.filter(([, value]) => text.includes(value)).map(([name]) => name))];
};

const event = () =>
  loginEvent({
    user: { user_id: hidden.user, email: hidden.email },
    request: {
      ip: hidden.ip,
      user_agent: hidden.agent,
      query: { token: hidden.token, device_id: hidden.device, code: hidden.code },
    },
    transaction: { metadata: { authsignal_challenge: hidden.challenge } },
  });

const loud = () => {
  throw Object.assign(new Error(all, { cause: new Error(all) }), { name: all, code: all });
};

/** A person is told one of these, and nothing else. */
const reasons = ["MFA challenge failed", "Action blocked", "Action under review", "MFA is unavailable"];

/**
 * Runs a hook, and fails where it gives away anything.
 * @param {import("node:test").TestContext} t
 * @param {typeof hooks[number]} hook
 * @param {{ fetch?: unknown, options?: unknown, parts?: Record<string, any>, sabotage?: () => () => void }} [given]
 */
const assertTellsNothing = async (
  t,
  hook,
  { fetch = async () => new Response("{}"), options, parts, sabotage } = {},
) => {
  const assertUnharmed = watchProcess(t);
  /** @type {string[]} */
  const told = [];
  const restore = ["log", "info", "warn", "error", "debug", "trace"].map((name) =>
    replace(t, console, name, (/** @type {unknown[]} */ ...line) => told.push(line.join(" "))),
  );
  restore.push(replaceFetch(t, fetch));
  const { api, calls } = createApi(parts);
  const settings = options ?? { secret: hidden.secret, logLevel: "info", maxRetries: 0, timeoutMs: 200 };
  const pkg = loadPackage();
  if (sabotage) restore.push(sabotage());
  const rejected = await pkg[hook](event(), api, settings).then(
    () => [],
    (/** @type {any} */ error) => [String(error), error?.stack],
  );
  await assertUnharmed();
  for (const undo of restore) undo();

  assert.deepEqual(found([...told, ...rejected].join("\n")), [], told.join("\n"));
  for (const [method, reason] of calls)
    if (method === "deny") assert.ok(reasons.includes(String(reason)), String(reason));
  assert.ok(told.length <= 1);
  return { told, calls, rejected };
};

test("what these tests look for is found, as it is and encoded", () => {
  assert.deepEqual(found("nothing"), []);
  assert.deepEqual(found(all), Object.keys(hidden));
  assert.deepEqual(found(`a ${encodeURIComponent(hidden.user)} b ${basic}`), ["user", "basic"]);
});

const failure = JSON.stringify({ error: all, errorDescription: all, message: all });
const fields = {
  state: all,
  url: all,
  token: all,
  isEnrolled: all,
  isValid: all,
  actionCode: all,
  userId: all,
  idempotencyKey: all,
};
const passed = {
  isValid: true,
  state: "CHALLENGE_SUCCEEDED",
  actionCode: "auth0-login",
  userId: hidden.user,
  idempotencyKey: hidden.challenge,
};
const json = (/** @type {unknown} */ body) => async () => new Response(JSON.stringify(body));

/** @type {[what: string, fetch: unknown][]} */
const answers = [
  ...[400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503].map(
    (status) =>
      /** @type {[string, unknown]} */ ([
        `is a ${status} that repeats all it was sent`,
        async () => new Response(failure, { status, statusText: all, headers: { "Retry-After": all, "X-Echo": all } }),
      ]),
  ),
  [
    "redirects to an address that holds it all",
    async () =>
      new Response(all, { status: 302, headers: { Location: `https://example.com/?${new URLSearchParams(hidden)}` } }),
  ],
  ["is no JSON", async () => new Response(all)],
  ["is JSON that is cut", async () => new Response(JSON.stringify(fields).slice(0, -1))],
  ["is too large", async () => new Response(all.repeat(5000))],
  ["has it in every field", json(fields)],
  ["has an unknown state", json({ state: all })],
  ["has a challenge URL that can't be used", json({ state: "CHALLENGE_REQUIRED", url: `http://example.com/?${all}` })],
  ["is of another user", json({ ...passed, userId: all })],
  ["is of another action", json({ ...passed, actionCode: all })],
  ["is of another challenge", json({ ...passed, idempotencyKey: all })],
  ["blocks with an error", json({ state: "BLOCK", error: all })],
  ["is an error that fetch throws", loud],
  ["is an error that fetch rejects with", async () => loud()],
  ["is a string that fetch rejects with", () => Promise.reject(all)],
  ["has a status that throws", () => Object.defineProperty({}, "status", { get: loud })],
  ["has headers that throw", () => ({ status: 500, headers: { get: loud } })],
  ["has a text() that throws", () => ({ status: 200, text: loud })],
  ["has a text() that rejects", () => ({ status: 200, text: async () => loud() })],
  [
    "has a stream that breaks",
    () => ({ status: 200, body: { getReader: () => ({ read: async () => loud(), cancel: loud }) } }),
  ],
  ["never comes", () => new Promise(() => {})],
];

for (const [what, fetch] of answers) {
  test(`an answer that ${what} brings nothing of it into the log, a reason or an error`, async (t) => {
    for (const hook of hooks) {
      const { told, calls } = await assertTellsNothing(t, hook, { fetch });
      assert.equal(told.length, 1);
      assert.equal(calls.length, 1);
    }
  });
}

test("a login that goes well tells nothing of the person either", async (t) => {
  const challenge = json({
    state: "CHALLENGE_REQUIRED",
    isEnrolled: true,
    url: "https://mfa.example.com/",
    idempotencyKey: "k",
  });
  const begun = await assertTellsNothing(t, hooks[0], { fetch: challenge });
  assert.deepEqual(begun.told, ["authsignal-auth0: redirect, challenge_required: Authsignal requires a challenge"]);
  const ended = await assertTellsNothing(t, hooks[1], { fetch: json(passed) });
  assert.deepEqual(ended.told, ["authsignal-auth0: record, challenge_passed: the challenge was passed"]);
});

for (const [what, options] of /** @type {[string, unknown][]} */ ([
  ["a function that throws", loud],
  ["a function that rejects", async () => loud()],
  ["a getter that throws", Object.defineProperty({}, "secret", { get: loud, enumerable: true })],
  ["a secret key with a line break", { secret: `${hidden.secret}\n` }],
  ["two secret keys", { secret: hidden.secret, apiSecretKey: hidden.token }],
  [
    "an API URL with credentials",
    { secret: hidden.secret, apiBaseUrl: `https://${encodeURIComponent(hidden.secret)}@example.com/v1` },
  ],
  ["an unknown region", { secret: hidden.secret, region: all }],
  ["an action that is none", { secret: hidden.secret, action: all }],
  ["a user id that is none", { secret: hidden.secret, userId: { all } }],
  ["a data point that is none", { secret: hidden.secret, custom: { x: [all] } }],
  ["an attribute that is none", { secret: hidden.secret, attributes: { email: [hidden.email] } }],
  ["a message that is none", { secret: hidden.secret, failureMessage: [all] }],
])) {
  test(`options with ${what} are logged by the option's name alone`, async (t) => {
    for (const hook of hooks) {
      const { told, calls } = await assertTellsNothing(t, hook, { options });
      assert.equal(told.length, 1);
      assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    }
  });
}

for (const hook of hooks) {
  test(`an error that goes through the module at ${hook} is not told`, async (t) => {
    const trap = () => replace(t, performance, "now", loud);
    const { told, calls } = await assertTellsNothing(t, hook, { sabotage: trap });
    assert.match(told[0], /^authsignal-auth0: deny, internal_error: /);
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
  });
}

test("an error of the random source is not told", async (t) => {
  const { told } = await assertTellsNothing(t, hooks[0], {
    sabotage: () => replace(t, randomSource, "randomUUID", loud),
  });
  assert.match(told[0], /^authsignal-auth0: deny, internal_error: /);
});

for (const [what, hook, parts] of /** @type {[string, typeof hooks[number], Record<string, any>][]} */ ([
  ["sendUserTo", hooks[0], { redirect: { sendUserTo: loud } }],
  ["recordMethod", hooks[1], { authentication: { recordMethod: loud } }],
])) {
  test(`an error of api's ${what} is not told`, async (t) => {
    const challenge = { state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/" };
    const { told, calls } = await assertTellsNothing(t, hook, {
      parts,
      fetch: json(hook === hooks[0] ? challenge : passed),
    });
    assert.match(told[0], /^authsignal-auth0: deny, api_failed: /);
    assert.deepEqual(calls.at(-1), ["deny", "MFA is unavailable"]);
  });
}

test("where even deny is missing, the error that the hook rejects with tells nothing", async (t) => {
  for (const hook of hooks) {
    const { rejected } = await assertTellsNothing(t, hook, { parts: { access: undefined }, fetch: loud });
    assert.equal(rejected.length, 2);
  }
});

// Where the secret key goes.

test("the secret key is in the Authorization header and nowhere else in a request", async (t) => {
  for (const hook of hooks) {
    /** @type {Request[]} */
    const requests = [];
    const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
      requests.push(new Request(url, init));
      return new Response("{}");
    };
    await assertTellsNothing(t, hook, { fetch });
    assert.equal(requests.length, 1);
    const [request] = requests;
    assert.equal(request.headers.get("authorization"), `Basic ${basic}`);
    request.headers.delete("authorization");
    const rest = [request.url, await request.text(), ...[...request.headers].flat()].join("\n");
    assert.deepEqual(
      found(rest).filter((name) => name === "secret" || name === "basic"),
      [],
    );
    // The person's data goes into the body, not into an address, but for the user's id in the path.
    assert.deepEqual(found(request.url), hook === hooks[0] ? ["user"] : []);
  }
});

for (const address of [
  "http://api.authsignal.com/v1",
  "http://localhost.example.com/v1",
  "http://127.0.0.1.example.com/v1",
  "http://127.1/v1",
  "http://2130706433/v1",
  "http://0.0.0.0/v1",
  "http://[::2]/v1",
  "http://192.168.0.1/v1",
  "https://user@api.authsignal.com/v1",
  "https://user:password@api.authsignal.com/v1",
  "https://api.authsignal.com@example.com/v1",
  "https://api.authsignal.com\\@example.com/v1",
  "http://localhost@example.com/v1",
  "http://localhost:80@example.com/v1",
  "https://api.authsignal.com/v1?x=",
  "https://api.authsignal.com/v1#",
  "https://api.authsignal.com /v1",
  "https://api.authsignal.com/v1\r\nX-Injected: 1",
  "https://exаmple.com/v1",
  "//example.com/v1",
  "ftp://example.com/v1",
  "data:application/json,{}",
  "",
]) {
  test(`the secret key is not sent to ${JSON.stringify(address)}, whether an option or the Action's secret says so`, async (t) => {
    /** @type {unknown[]} */
    const requests = [];
    const fetch = async (/** @type {unknown[]} */ ...given) => {
      requests.push(given);
      return new Response("{}");
    };
    for (const hook of hooks) {
      await assertTellsNothing(t, hook, { fetch, options: { secret: hidden.secret, apiBaseUrl: address } });
      const restore = replaceFetch(t, fetch);
      const { api, calls } = createApi();
      const secrets = { AUTHSIGNAL_SECRET: hidden.secret, AUTHSIGNAL_API_URL: address };
      await loadPackage()[hook]({ ...event(), secrets }, api, { logLevel: "silent" });
      restore();
      assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    }
    assert.deepEqual(requests, []);
  });
}

for (const end of ["\n", "\r", "\r\n", "\r\nX-Injected: 1", "\u0000", "\t", "\u0085", "\u2028", "\u010a"]) {
  test(`a secret key with ${JSON.stringify(end)} in it can't split a header: nothing is sent`, async (t) => {
    const requests = [];
    const fetch = async (/** @type {unknown} */ request) => {
      requests.push(request);
      return new Response("{}");
    };
    for (const hook of hooks) {
      for (const secret of [`a${end}`, `${end}a`, `a${end}b`]) {
        const { calls } = await assertTellsNothing(t, hook, { fetch, options: { secret } });
        assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
      }
    }
    assert.equal(requests.length, 0);
  });
}

test("line breaks in the user, the browser and the token make no second header or request on the wire", async (t) => {
  const split = "\r\nX-Injected: 1\r\n\r\nPOST /v1/validate HTTP/1.1\r\n";
  const server = await listen(t, (_req, res) => void res.end("{}"));
  for (const hook of hooks) {
    const { api, calls } = createApi();
    const parts = {
      user: { user_id: `auth0|a${split}`, email: split },
      request: { ip: split, user_agent: split, query: { token: split, device_id: split } },
    };
    const options = {
      secret: hidden.secret,
      apiBaseUrl: server.url,
      logLevel: "silent",
      attributes: { locale: split },
      custom: { [split]: split },
    };
    await loadPackage()[hook](loginEvent(parts), api, options);
    assert.deepEqual(calls, [["deny", "MFA challenge failed"]]);
  }
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    [`/v1/users/${encodeURIComponent(`auth0|a${split}`)}/actions/auth0-login`, "/v1/validate"],
  );
  for (const { headers } of server.requests) {
    assert.ok(!("x-injected" in headers));
    assert.match(String(headers["user-agent"]), /^authsignal-auth0\/[\d.]+$/);
  }
});
