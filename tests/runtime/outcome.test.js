// What the handlers resolve to, the claim that they set, and the console that they log to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { loginEvent } from "./event.js";
import { keepLog, replaceFetch, watchProcess } from "./globals.js";

const CLAIM = "https://example.com/mfa";
const URL = "https://mfa.example.com/challenge?token=t";
const API = "https://api.authsignal.com/v1";
const CHALLENGE = { state: "CHALLENGE_REQUIRED", url: URL, token: "t", isEnrolled: true, idempotencyKey: "k" };
const PASSED = {
  isValid: true,
  state: "CHALLENGE_SUCCEEDED",
  actionCode: "auth0-login",
  idempotencyKey: "k",
  verificationMethod: "PASSKEY",
};

/**
 * A login that Authsignal answers.
 * @param {import("node:test").TestContext} t
 * @param {object} login
 * @param {"onExecutePostLogin" | "onContinuePostLogin"} [login.hook]
 * @param {unknown} [login.answer] JSON, or a status
 * @param {any} [login.options]
 * @param {Record<string, any>} [login.event]
 * @param {Record<string, any>} [login.parts] of `api`
 */
const logIn = async (t, { hook = "onExecutePostLogin", answer = CHALLENGE, options = {}, event = {}, parts }) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  replaceFetch(t, async () =>
    typeof answer === "number" ? new Response("{}", { status: answer }) : new Response(JSON.stringify(answer)),
  );
  const { api, calls } = createApi(parts);
  const action = loadPackage().createAction({ secret: "key", maxRetries: 0, ...options });
  const outcome = await action[hook](loginEvent({ request: { query: { token: "t" } }, ...event }), api);
  await assertUnharmed();
  return { outcome, calls, lines };
};

/** A session that passed a challenge then. @param {unknown} timestamp */
const recorded = (timestamp) => ({ authentication: { methods: [{ name: API, timestamp }] } });

// The outcome

for (const [name, login, expected] of /** @type {[string, Parameters<typeof logIn>[1], object][]} */ ([
  [
    "a redirect",
    {},
    {
      outcome: "redirect",
      code: "challenge_required",
      state: "CHALLENGE_REQUIRED",
      isEnrolled: true,
      idempotencyKey: "k",
    },
  ],
  [
    "an allowed login, with the rules that matched",
    { answer: { state: "ALLOW", isEnrolled: true, ruleIds: ["a", "b"] } },
    { outcome: "proceed", code: "allowed", state: "ALLOW", isEnrolled: true, ruleIds: ["a", "b"] },
  ],
  [
    "a blocked login",
    { answer: { state: "BLOCK", isEnrolled: false, ruleIds: "a", idempotencyKey: 5 } },
    { outcome: "deny", code: "blocked", state: "BLOCK", isEnrolled: false },
  ],
  [
    "a passed challenge",
    { hook: "onContinuePostLogin", answer: PASSED },
    {
      outcome: "record",
      code: "challenge_passed",
      state: "CHALLENGE_SUCCEEDED",
      verificationMethod: "PASSKEY",
      idempotencyKey: "k",
    },
  ],
  [
    "a challenge that was not passed",
    { hook: "onContinuePostLogin", answer: { isValid: false, state: "CHALLENGE_REQUIRED" } },
    { outcome: "deny", code: "challenge_not_passed", state: "CHALLENGE_REQUIRED" },
  ],
  ["a recorded challenge", { event: recorded("once") }, { outcome: "proceed", code: "already_challenged" }],
  ["an outage", { answer: 503 }, { outcome: "deny", code: "server_error" }],
  [
    "an outage that lets in",
    { answer: 503, options: { onUnavailable: "allow" } },
    { outcome: "proceed", code: "server_error" },
  ],
  ["a configuration error", { options: { maxAge: -1 } }, { outcome: "deny", code: "invalid_option" }],
  [
    "an api that fails",
    { parts: { redirect: {} } },
    { outcome: "deny", code: "api_failed", state: "CHALLENGE_REQUIRED", isEnrolled: true, idempotencyKey: "k" },
  ],
  [
    "a refresh token exchange",
    { event: { transaction: { protocol: "oauth2-refresh-token" } } },
    { outcome: "proceed", code: "refresh_token" },
  ],
])) {
  test(`${name}: the handler resolves to what happened, without a token or an address, frozen`, async (t) => {
    const { outcome } = await logIn(t, login);
    assert.ok(Object.isFrozen(outcome) && Object.isFrozen(outcome.ruleIds));
    assert.equal(Object.getPrototypeOf(outcome), Object.prototype);
    assert.deepEqual(outcome, expected);
  });
}

// The claim

const claims = (/** @type {unknown[][]} */ calls) =>
  calls.filter(([name]) => /** @type {string} */ (name).includes("."));

test("a challenge passed now is claimed in both tokens, after it was recorded", async (t) => {
  const before = Date.now();
  const { calls, lines } = await logIn(t, {
    hook: "onContinuePostLogin",
    answer: PASSED,
    options: { claim: CLAIM },
  });
  assert.deepEqual(
    calls.map(([name, first]) => [name, first]),
    [
      ["recordMethod", API],
      ["idToken.setCustomClaim", CLAIM],
      ["accessToken.setCustomClaim", CLAIM],
    ],
  );
  for (const [, , value] of claims(calls)) {
    const { at, ...rest } = /** @type {any} */ (value);
    assert.deepEqual(rest, { action: "auth0-login", method: "PASSKEY" });
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(at) >= before && Date.parse(at) <= Date.now());
  }
  assert.deepEqual(lines, []);
});

test("a recorded challenge is claimed with its time, and without a method", async (t) => {
  const { calls } = await logIn(t, {
    event: recorded("2026-05-04T10:15:32.5+02:00"),
    options: { claim: CLAIM, action: "auth0-login" },
  });
  const value = { action: "auth0-login", at: "2026-05-04T08:15:32.500Z" };
  assert.deepEqual(calls, [
    ["idToken.setCustomClaim", CLAIM, value],
    ["accessToken.setCustomClaim", CLAIM, value],
  ]);
});

for (const [name, login] of /** @type {[string, Parameters<typeof logIn>[1]][]} */ ([
  ["without the option", { event: recorded("2026-05-04T08:15:32.500Z"), options: { claim: undefined } }],
  ["a recorded challenge whose time can't be read", { event: recorded("once") }],
  ["a redirect", {}],
  ["an allowed login", { answer: { state: "ALLOW", isEnrolled: true } }],
  ["a deny", { answer: { state: "BLOCK" } }],
  ["a challenge that was not passed", { hook: "onContinuePostLogin", answer: { ...PASSED, isValid: false } }],
  ["an outage that lets in", { answer: 503, options: { onUnavailable: "allow" } }],
  [
    "a refresh token exchange",
    { event: { ...recorded("2026-05-04T08:15:32.500Z"), transaction: { protocol: "oauth2-refresh-token" } } },
  ],
  ["a record that fails", { hook: "onContinuePostLogin", answer: PASSED, parts: { authentication: {} } }],
])) {
  test(`${name}: no claim`, async (t) => {
    const { calls } = await logIn(t, { ...login, options: { claim: CLAIM, ...login.options } });
    assert.deepEqual(claims(calls), []);
  });
}

for (const [what, broken] of /** @type {[string, object][]} */ ([
  ["is missing", {}],
  [
    "throws",
    {
      setCustomClaim() {
        throw new Error("refused");
      },
    },
  ],
  [
    "is a getter that throws",
    {
      get setCustomClaim() {
        throw new Error("refused");
      },
    },
  ],
])) {
  test(`a setCustomClaim that ${what} costs the claim of its token: the login goes on, and the line says so`, async (t) => {
    for (const [token, other] of [
      ["idToken", "accessToken"],
      ["accessToken", "idToken"],
    ]) {
      const { outcome, calls, lines } = await logIn(t, {
        hook: "onContinuePostLogin",
        answer: PASSED,
        options: { claim: CLAIM },
        parts: { [token]: broken },
      });
      assert.deepEqual(
        calls.map(([name]) => name),
        ["recordMethod", `${other}.setCustomClaim`],
      );
      assert.deepEqual([outcome.outcome, outcome.code], ["record", "challenge_passed"]);
      assert.equal(lines.length, 1);
      assert.match(lines[0], /^authsignal-auth0: record, claim_failed: /);
    }
  });
}

// The console

test("the option console gets the line, called on itself, and the global one gets none", async (t) => {
  class Console {
    #lines = /** @type {unknown[][]} */ ([]);
    log(/** @type {unknown[]} */ ...args) {
      this.#lines.push(args);
    }
    get lines() {
      return this.#lines;
    }
  }
  const own = new Console();
  const { outcome, lines } = await logIn(t, { options: { console: own, logLevel: "info" } });
  assert.equal(outcome.outcome, "redirect");
  assert.deepEqual(own.lines, [["authsignal-auth0: redirect, challenge_required: Authsignal requires a challenge"]]);
  assert.deepEqual(lines, []);
});

test("a function with a log is a console too, and one of an options function is that login's", async (t) => {
  const seen = /** @type {unknown[]} */ ([]);
  const own = Object.assign(() => {}, { log: (/** @type {unknown} */ line) => seen.push(line) });
  const options = () => ({ secret: "key", console: own, logLevel: "info" });
  const lines = keepLog(t);
  replaceFetch(t, async () => new Response(JSON.stringify(CHALLENGE)));
  await loadPackage().createAction(options).onExecutePostLogin(loginEvent(), createApi().api);
  assert.equal(seen.length, 1);
  assert.deepEqual(lines, []);
});

test("the line of other options that are wrong goes to the option console, too", async (t) => {
  const seen = /** @type {unknown[]} */ ([]);
  const own = { log: (/** @type {unknown} */ line) => seen.push(line) };
  const { lines } = await logIn(t, { options: { console: own, maxAge: -1 } });
  assert.deepEqual([seen.length, lines.length], [1, 0]);
});

for (const [what, event, more] of /** @type {[string, any, object][]} */ ([
  ["an event that can't be read", { user: "ada" }, {}],
  [
    "options with a getter that throws",
    {},
    {
      get maxAge() {
        throw new Error("no");
      },
    },
  ],
  ["options that are an instance of a class", {}, new (class {})()],
])) {
  test(`the line of ${what} goes to the option console, too`, async (t) => {
    const seen = /** @type {unknown[]} */ ([]);
    const lines = keepLog(t);
    const options = Object.defineProperties(more, Object.getOwnPropertyDescriptors({ secret: "key" }));
    Object.assign(options, { console: { log: (/** @type {unknown} */ line) => seen.push(line) } });
    const { api, calls } = createApi();
    await loadPackage()
      .createAction(/** @type {any} */ (options))
      .onExecutePostLogin({ ...loginEvent(), ...event }, api);
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.equal(seen.length, 1);
    assert.deepEqual(lines, []);
  });
}

test("the outcome is its own object, whatever Object.prototype has", async (t) => {
  t.after(() => {
    delete (/** @type {any} */ (Object.prototype).code);
  });
  Object.defineProperty(Object.prototype, "code", {
    configurable: true,
    set() {
      throw new Error("set");
    },
  });
  const { outcome, calls } = await logIn(t, { hook: "onContinuePostLogin", answer: PASSED });
  assert.deepEqual(calls, [["recordMethod", API]]);
  assert.deepEqual([outcome.outcome, outcome.code], ["record", "challenge_passed"]);
});

for (const [what, own] of /** @type {[string, object][]} */ ([
  ["without a log", {}],
  ["whose log is no function", { log: "x" }],
  [
    "whose log throws",
    {
      log() {
        throw new Error("closed");
      },
    },
  ],
  ["whose log rejects", { log: async () => Promise.reject(new Error("closed")) }],
  ["whose log never ends", { log: () => new Promise(() => {}) }],
  [
    "whose log gives something that looks like a promise and is none",
    {
      log: () => ({
        get then() {
          throw new Error("no promise");
        },
      }),
    },
  ],
  [
    "that is a Proxy which throws",
    new Proxy(
      {},
      {
        get() {
          throw new Error("no");
        },
      },
    ),
  ],
])) {
  test(`a console ${what} costs the line, and nothing else`, async (t) => {
    const { outcome, calls } = await logIn(t, { options: { console: own, logLevel: "info" } });
    assert.equal(outcome.code, "challenge_required");
    assert.deepEqual(calls.at(-1), ["sendUserTo", URL]);
  });
}

test("the shim's own line goes to the console of an options object", async (t) => {
  const seen = /** @type {unknown[]} */ ([]);
  const lines = keepLog(t);
  const { Instance } = WebAssembly;
  t.after(() => {
    WebAssembly.Instance = Instance;
  });
  WebAssembly.Instance = /** @type {any} */ (
    function () {
      throw new RangeError("Out of memory");
    }
  );
  const console = { log: (/** @type {unknown} */ line) => seen.push(line) };
  const outcome = await loadPackage().createAction({ console }).onExecutePostLogin(loginEvent(), createApi().api);
  assert.deepEqual(outcome, { outcome: "deny", code: "internal_error" });
  assert.equal(seen.length, 1);
  assert.deepEqual(lines, []);
});
