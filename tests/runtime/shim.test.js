// The exports, what happens at load (nothing), and how options are taken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { createApi } from "./api.js";
import { actionText, importPackage, loadPackage } from "./built.js";
import { loginEvent } from "./event.js";
import { keepLog, replace, replaceFetch, watchProcess } from "./globals.js";

const url = "https://mfa.example.com/challenge?token=t";
const hooks = /** @type {const} */ (["onExecutePostLogin", "onContinuePostLogin"]);
const unavailable = ["deny", "MFA is unavailable"];
const noWebAssembly = "authsignal-auth0: deny, internal_error: no WebAssembly in this process, or no memory for it";

/** The user is challenged at execute, and has passed at continue. */
const answer = JSON.stringify({
  state: "CHALLENGE_REQUIRED",
  url,
  isEnrolled: true,
  isValid: false,
});

/**
 * Calls one hook of `createAction(options)`.
 * @param {import("node:test").TestContext} t
 * @param {typeof hooks[number]} hook
 * @param {unknown} options
 * @param {Record<string, any>} [event]
 */
const call = async (t, hook, options, event = {}) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  let requests = 0;
  replaceFetch(t, async () => {
    requests++;
    return new Response(answer);
  });
  const { api, calls } = createApi();
  const action = loadPackage().createAction(options);
  const given = loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" }, request: { query: { token: "t" } }, ...event });
  const outcome = await action[hook](given, api);
  await assertUnharmed();
  return { calls, requests, lines, outcome };
};

const names = [
  "createAction",
  "handleAuth0ContinuePostLogin",
  "handleAuth0ExecutePostLogin",
  "onContinuePostLogin",
  "onExecutePostLogin",
];

/** @param {any} exports */
const assertExports = (exports) => {
  assert.deepEqual(
    Object.keys(exports)
      .filter((name) => name !== "default")
      .sort(),
    names,
  );
  for (const name of names) assert.equal(typeof exports[name], "function", name);
  for (const name of names.filter((name) => name !== "createAction")) {
    assert.equal(exports[name].constructor.name, "AsyncFunction", name);
  }
  for (const options of [undefined, {}, () => false]) {
    const action = exports.createAction(options);
    assert.deepEqual(Object.keys(action).sort(), ["onContinuePostLogin", "onExecutePostLogin"]);
    for (const hook of hooks) assert.equal(action[hook].constructor.name, "AsyncFunction");
  }
};

/** The pasted file's exports, as the runtime gets them. */
const pastedExports = async () => {
  /** @type {any} */
  const keep = {};
  replace({ after() {} }, globalThis, "shimTest", keep);
  const source = `${actionText("{}")}\n;globalThis.shimTest.exports = module.exports;`;
  const action = await loadAction({ source });
  await action.execute("onExecutePostLogin", loginEvent({ transaction: { protocol: "oauth2-refresh-token" } }));
  delete (/** @type {any} */ (globalThis).shimTest);
  return keep.exports;
};

test("index.cjs exports native async handlers and createAction", () => assertExports(loadPackage()));
test("index.mjs exports native async handlers and createAction", async () => assertExports(await importPackage()));
test("action.js exports native async handlers and createAction", async () => assertExports(await pastedExports()));

test("index.cjs can be imported by name", async () => {
  const imported = await import("../../pkg/index.cjs" + "?named");
  for (const name of names) assert.equal(typeof imported[name], "function", name);
});

test("nothing happens at load: no module is compiled, no timer is set, no request is sent", async (t) => {
  /** @type {string[]} */
  const happened = [];
  for (const [object, name] of /** @type {[any, string][]} */ ([
    [WebAssembly, "Module"],
    [WebAssembly, "Instance"],
    [WebAssembly, "compile"],
    [WebAssembly, "instantiate"],
    [globalThis, "setTimeout"],
    [globalThis, "setInterval"],
    [globalThis, "queueMicrotask"],
    [globalThis, "fetch"],
  ])) {
    const original = object[name];
    replace(t, object, name, function (/** @type {any[]} */ ...args) {
      happened.push(name);
      return new.target ? new original(...args) : original(...args);
    });
  }
  const log = keepLog(t);

  const pkg = loadPackage();
  const action = pkg.createAction({ nonsense: true });
  assert.equal(happened.join(), "");
  await action.onExecutePostLogin(loginEvent(), createApi().api);
  assert.ok(happened.includes("Module") && happened.includes("Instance"));
  assert.equal(log.length, 1);

  // The module is compiled once for the process.
  happened.length = 0;
  await action.onExecutePostLogin(loginEvent(), createApi().api);
  assert.ok(!happened.includes("Module") && !happened.includes("Instance"));
});

test("a runtime that can't compile the module denies, and the next login finds one that can", async (t) => {
  const lines = keepLog(t);
  const restore = replace(t, WebAssembly, "Module", function () {
    throw new RangeError("Out of memory");
  });
  replaceFetch(t, async () => new Response(answer));
  const { onExecutePostLogin, onContinuePostLogin } = loadPackage();
  const event = loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" } });
  for (const hook of [onExecutePostLogin, onContinuePostLogin]) {
    const { api, calls } = createApi();
    await hook(event, api);
    assert.deepEqual(calls, [unavailable]);
  }
  assert.equal(lines.length, 2);
  for (const line of lines) assert.equal(line, noWebAssembly);
  restore();
  const { api, calls } = createApi();
  await onExecutePostLogin(event, api);
  assert.deepEqual(calls, [["sendUserTo", url]]);
});

test("first logins that come at once share one instance", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(answer));
  const { Instance } = WebAssembly;
  let instances = 0;
  replace(t, WebAssembly, "Instance", function (/** @type {[any, any]} */ ...given) {
    // Not the one that decodes the module's text, which imports nothing.
    if (given[1]) instances++;
    return new Instance(...given);
  });
  const { onExecutePostLogin, onContinuePostLogin } = loadPackage();
  const event = loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" }, request: { query: { token: "t" } } });
  const logins = /** @type {const} */ ([
    [onExecutePostLogin, ["sendUserTo", url]],
    [onContinuePostLogin, ["deny", "MFA challenge failed"]],
    [onExecutePostLogin, ["sendUserTo", url]],
  ]);
  await Promise.all(
    logins.map(async ([hook, outcome]) => {
      const { api, calls } = createApi();
      await hook(event, api);
      assert.deepEqual(calls, [outcome]);
    }),
  );
  assert.equal(instances, 1);
});

test("timers that never end hold no first login up", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(answer));
  for (const name of ["setTimeout", "setImmediate"]) replace(t, globalThis, name, () => ({}));
  const { api, calls } = createApi();
  await loadPackage().onExecutePostLogin(loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" } }), api);
  assert.deepEqual(calls, [["sendUserTo", url]]);
});

test("a runtime without WebAssembly denies with the caller's words, and the line says what is missing", async (t) => {
  const lines = keepLog(t);
  replace(t, globalThis, "WebAssembly", undefined);
  const { api, calls } = createApi();
  const outcome = await loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, { unavailableMessage: "Later" });
  assert.deepEqual(calls, [["deny", "Later"]]);
  assert.deepEqual(lines, [noWebAssembly]);
  assert.deepEqual(outcome, { outcome: "deny", code: "internal_error" });
  assert.ok(Object.isFrozen(outcome));
});

test("a module that is damaged is not taken for a process without WebAssembly", async (t) => {
  const lines = keepLog(t);
  replace(t, WebAssembly, "Module", function () {
    throw new WebAssembly.CompileError("WebAssembly.Module(): expected magic word");
  });
  const { api, calls } = createApi();
  await loadPackage().onContinuePostLogin(loginEvent(), api);
  assert.deepEqual(calls, [unavailable]);
  assert.deepEqual(lines, ["authsignal-auth0: deny, internal_error: the hook failed"]);
});

test("a process that has no memory for an instance says so", async (t) => {
  const lines = keepLog(t);
  const { Instance } = WebAssembly;
  replace(t, WebAssembly, "Instance", function (/** @type {[any, any]} */ ...given) {
    if (given[1]) throw new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory");
    return new Instance(...given);
  });
  const { api, calls } = createApi();
  await loadPackage().onContinuePostLogin(loginEvent(), api);
  assert.deepEqual(calls, [unavailable]);
  assert.deepEqual(lines, [noWebAssembly]);
});

for (const [what, options] of /** @type {[string, unknown][]} */ ([
  ["nothing", undefined],
  ["an empty object", {}],
  ["an object", { logLevel: "silent" }],
  ["an object of no prototype", Object.assign(Object.create(null), { logLevel: "silent" })],
  ["a frozen object", Object.freeze({ logLevel: "silent" })],
  ["an object whose entries are undefined", { secret: undefined, custom: undefined, unheardOf: undefined }],
  ["an object of another realm", runInNewContext("({ logLevel: 'silent', custom: { a: 1 } })")],
  ["a function of another realm", runInNewContext("() => ({ logLevel: 'silent' })")],
  [
    "an object whose getters give values",
    {
      get logLevel() {
        return "silent";
      },
    },
  ],
  ["a function that gives an object", () => ({ logLevel: "silent" })],
  ["a function that gives an empty object", () => ({})],
])) {
  test(`options that are ${what} are taken`, async (t) => {
    const { calls, requests } = await call(t, "onExecutePostLogin", options);
    assert.deepEqual(calls, [["sendUserTo", url]]);
    assert.equal(requests, 1);
  });
}

test("a function of the event is given the event", async (t) => {
  /** @type {any[]} */
  const seen = [];
  await call(
    t,
    "onExecutePostLogin",
    (/** @type {any} */ ...args) => {
      seen.push(args);
      return {};
    },
    { client: { client_id: "mine" } },
  );
  assert.equal(seen.length, 1);
  assert.equal(seen[0].length, 1);
  assert.equal(seen[0][0].client.client_id, "mine");
});

test("a function that gives false proceeds at execute without a request, and denies at continue", async (t) => {
  const executed = await call(t, "onExecutePostLogin", () => false);
  const proceeds = { outcome: "proceed", code: "options_off" };
  assert.deepEqual(executed, { calls: [], requests: 0, lines: [], outcome: proceeds });
  const resumed = await call(t, "onContinuePostLogin", () => false);
  const line = "authsignal-auth0: deny, options_off_at_continue: the options function returned false on the way back";
  const denies = { outcome: "deny", code: "options_off_at_continue" };
  const calls = [["deny", "MFA challenge failed"]];
  assert.deepEqual(resumed, { calls, requests: 0, lines: [line], outcome: denies });
});

const thrown = () => {
  throw new Error("from the options function");
};
class Options {
  logLevel = "silent";
}
const hostile = (/** @type {ProxyHandler<object>} */ handler) => new Proxy({ logLevel: "silent" }, handler);

for (const [what, options] of /** @type {[string, unknown][]} */ ([
  ["null", null],
  ["false", false],
  ["true", true],
  ["a string", "secret"],
  ["a number", 7],
  ["a BigInt", 7n],
  ["a symbol", Symbol("options")],
  ["a list", []],
  ["a list of entries", [["secret", "key"]]],
  ["a Map", new Map([["logLevel", "silent"]])],
  ["a Date", new Date()],
  ["an instance of a class", new Options()],
  ["a promise", Promise.resolve({})],
  [
    "an object with a getter that throws",
    {
      get logLevel() {
        return thrown();
      },
    },
  ],
  ["a Proxy whose keys throw", hostile({ ownKeys: thrown })],
  ["a Proxy whose fields throw", hostile({ get: thrown })],
  ["a Proxy whose descriptors throw", hostile({ getOwnPropertyDescriptor: thrown })],
  ["a Proxy whose prototype throws", hostile({ getPrototypeOf: thrown })],
  ["a function that throws", thrown],
  [
    "a function that throws nothing",
    () => {
      throw undefined;
    },
  ],
  ["a function that gives nothing", () => {}],
  ["a function that gives null", () => null],
  ["a function that gives true", () => true],
  ["a function that gives 0", () => 0],
  ["a function that gives a list", () => []],
  ["a function that gives a function", () => () => ({})],
  ["a function that gives a False object", () => new Boolean(false)],
  ["an async function", async () => ({})],
  ["an async function that gives false", async () => false],
  ["an async function that rejects", async () => thrown()],
  ["a class", Options],
])) {
  for (const hook of hooks) {
    test(`options that are ${what} deny at ${hook} without a request, and the line says so`, async (t) => {
      const { calls, requests, lines } = await call(t, hook, options);
      assert.deepEqual(calls, [unavailable]);
      assert.equal(requests, 0);
      assert.equal(lines.length, 1);
      assert.match(lines[0], /^authsignal-auth0: deny, invalid_options: options are a plain object, or a function/);
      assert.ok(lines[0].length < 256);
    });
  }
}

/** @type {[options: Record<string, unknown>, code: string, names: string][]} */
const mistakes = [
  [{ unheardOf: 1 }, "unknown_option", "unheardOf"],
  [{ Secret: "key" }, "unknown_option", "Secret"],
  [{ "made up": 1 }, "unknown_option", "(unprintable)"],
  [{ ["x".repeat(300)]: 1 }, "unknown_option", "(unprintable)"],
  [JSON.parse('{ "__proto__": { "secret": "x" } }'), "unknown_option", "__proto__"],
  [{ unheardOf: null }, "unknown_option", "unheardOf"],
  [{ secret: "" }, "invalid_option", "secret"],
  [{ secret: "a\nb" }, "invalid_option", "secret"],
  [{ secret: 7 }, "invalid_option", "secret"],
  [{ secret: null }, "invalid_option", "secret"],
  [{ secret: "ä" }, "invalid_option", "secret"],
  [{ secret: "a", apiSecretKey: "b" }, "conflicting_options", "secret, apiSecretKey"],
  [{ region: "mars" }, "invalid_option", "region"],
  [{ region: "eu", apiUrl: "https://api.authsignal.com/v1" }, "conflicting_options", "region, apiBaseUrl"],
  [{ apiBaseUrl: "https://a/v1", apiUrl: "https://b/v1" }, "conflicting_options", "apiBaseUrl, apiUrl"],
  [{ apiBaseUrl: "http://example.com/v1" }, "invalid_option", "apiBaseUrl"],
  [{ apiBaseUrl: "https://user:pass@example.com/v1" }, "invalid_option", "apiBaseUrl"],
  [{ apiBaseUrl: "https://example.com/v1?x" }, "invalid_option", "apiBaseUrl"],
  [{ apiBaseUrl: new URL("https://example.com/v1") }, "invalid_option", "apiBaseUrl"],
  [{ userId: "" }, "invalid_option", "userId"],
  [{ userId: "." }, "invalid_option", "userId"],
  [{ userId: 0.5 }, "invalid_option", "userId"],
  [{ userId: 2 ** 53 }, "invalid_option", "userId"],
  [{ userId: 7n }, "invalid_option", "userId"],
  [{ userId: true }, "invalid_option", "userId"],
  [{ action: "a b" }, "invalid_option", "action"],
  [{ action: "" }, "invalid_option", "action"],
  [{ redirectUrl: "http://example.com/" }, "invalid_option", "redirectUrl"],
  [{ custom: [] }, "invalid_option", "custom"],
  [{ custom: "x" }, "invalid_option", "custom"],
  [{ custom: { x: {} } }, "invalid_option", "custom"],
  [{ custom: { x: [] } }, "invalid_option", "custom"],
  [{ custom: { x: NaN } }, "invalid_option", "custom"],
  [{ custom: { x: 7n } }, "invalid_option", "custom"],
  [{ custom: { x: Symbol("x") } }, "invalid_option", "custom"],
  [{ custom: { x: () => 1 } }, "invalid_option", "custom"],
  [{ custom: { x: new Date() } }, "invalid_option", "custom"],
  [{ custom: { x: new String("x") } }, "invalid_option", "custom"],
  [{ custom: new Map() }, "invalid_option", "custom"],
  [{ includeContext: "yes" }, "invalid_option", "includeContext"],
  [{ attributes: { scope: "add:authenticators" } }, "unknown_option", "attributes.scope"],
  [{ attributes: { challengeId: "x" } }, "unknown_option", "attributes.challengeId"],
  [{ attributes: { idempotencyKey: "x" } }, "unknown_option", "attributes.idempotencyKey"],
  [{ attributes: { email: 7 } }, "invalid_option", "attributes.email"],
  [{ attributes: { redirectToSettings: "true" } }, "invalid_option", "attributes.redirectToSettings"],
  [{ enrollment: "sometimes" }, "invalid_option", "enrollment"],
  [{ enrollment: true }, "invalid_option", "enrollment"],
  [{ forceEnrollment: "true" }, "invalid_option", "forceEnrollment"],
  [{ maxAge: -1 }, "invalid_option", "maxAge"],
  [{ maxAge: "60" }, "invalid_option", "maxAge"],
  [{ maxAge: Infinity }, "invalid_option", "maxAge"],
  [{ maxAge: null }, "invalid_option", "maxAge"],
  [{ onReview: "ALLOW" }, "invalid_option", "onReview"],
  [{ onUnavailable: true }, "invalid_option", "onUnavailable"],
  [{ timeoutMs: 0 }, "invalid_option", "timeoutMs"],
  [{ timeoutMs: NaN }, "invalid_option", "timeoutMs"],
  [{ timeoutMs: "300" }, "invalid_option", "timeoutMs"],
  [{ maxRetries: -1 }, "invalid_option", "maxRetries"],
  [{ maxRetries: 0.5 }, "invalid_option", "maxRetries"],
  [{ failureMessage: 7 }, "invalid_option", "failureMessage"],
  [{ blockedMessage: null }, "invalid_option", "blockedMessage"],
  [{ logLevel: "debug" }, "invalid_option", "logLevel"],
  [{ onStepUp: "always" }, "invalid_option", "onStepUp"],
  [{ claim: "amr" }, "invalid_option", "claim"],
  [{ claim: "https://example.auth0.com/mfa" }, "invalid_option", "claim"],
  [{ console: true }, "invalid_option", "console"],
  [{ console: "log" }, "invalid_option", "console"],
  [{ console: null }, "invalid_option", "console"],
  [{ console: Symbol("log") }, "invalid_option", "console"],
];

for (const [options, code, at] of mistakes) {
  const told = Object.entries(options)
    .map(
      ([name, value]) =>
        `${name}: ${typeof value === "object" && value ? Object.keys(value).join() || value.constructor.name : String(value)}`,
    )
    .join(", ")
    .slice(0, 80);
  test(`options with ${JSON.stringify(told)} deny both hooks without a request, and the line names ${at}`, async (t) => {
    for (const hook of hooks) {
      const { calls, requests, lines } = await call(t, hook, { unavailableMessage: "Ask us", ...options });
      assert.deepEqual(calls, [["deny", "Ask us"]]);
      assert.equal(requests, 0);
      assert.equal(lines.length, 1);
      assert.ok(lines[0].startsWith(`authsignal-auth0: deny, ${code}: `), lines[0]);
      assert.ok(lines[0].endsWith(at), lines[0]);
      assert.ok(lines[0].length < 256);
    }
  });
}

test("unavailableMessage that is no string denies with the default one", async (t) => {
  const { calls, lines } = await call(t, "onExecutePostLogin", { unavailableMessage: 7 });
  assert.deepEqual(calls, [unavailable]);
  assert.match(lines[0], /invalid_option: .*unavailableMessage$/);
});

test("both names of one option may be given where they are equal", async (t) => {
  const both = {
    secret: "key",
    apiSecretKey: "key",
    apiBaseUrl: "https://a.example.com/v1",
    apiUrl: "https://a.example.com/v1",
  };
  const { calls } = await call(t, "onExecutePostLogin", both);
  assert.deepEqual(calls, [["sendUserTo", url]]);
});

test("a refresh token exchange proceeds before the options function is called, and before options are read", async (t) => {
  let called = 0;
  const event = { transaction: { protocol: "oauth2-refresh-token" } };
  for (const options of [
    () => {
      called++;
      throw new Error("called");
    },
    hostile({ get: thrown, ownKeys: thrown, getPrototypeOf: thrown }),
    null,
  ]) {
    const outcome = { outcome: "proceed", code: "refresh_token" };
    const login = await call(t, "onExecutePostLogin", options, event);
    assert.deepEqual(login, { calls: [], requests: 0, lines: [], outcome });
  }
  assert.equal(called, 0);
});

test("a part of the context that throws is left out, and the login goes on", async (t) => {
  keepLog(t);
  /** @type {string[]} */
  const bodies = [];
  replaceFetch(t, async (/** @type {string} */ _, /** @type {{ body: string }} */ { body }) => {
    bodies.push(body);
    return new Response(answer);
  });
  const event = Object.defineProperty(loginEvent(), "tenant", { get: thrown });
  const { api, calls } = createApi();
  await loadPackage().createAction({ secret: "key", includeContext: true }).onExecutePostLogin(event, api);
  assert.deepEqual(calls, [["sendUserTo", url]]);
  const { custom } = JSON.parse(bodies[0]);
  assert.equal(custom.auth0ClientId, "app");
  assert.ok(!("auth0TenantId" in custom));
});

test("the log is at most one line a hook, and logLevel says which", async (t) => {
  const count = async (/** @type {string} */ logLevel, /** @type {Record<string, unknown>} */ more) =>
    (await call(t, "onExecutePostLogin", { logLevel, ...more })).lines.length;
  assert.deepEqual([await count("silent", {}), await count("error", {}), await count("info", {})], [0, 0, 1]);
  const wrong = { maxAge: -1 };
  assert.deepEqual([await count("silent", wrong), await count("error", wrong), await count("info", wrong)], [0, 1, 1]);
});

test("a console that throws changes nothing", async (t) => {
  replace(t, console, "log", thrown);
  replaceFetch(t, async () => new Response(answer));
  const { api, calls } = createApi();
  const action = loadPackage().createAction({ secret: "key", logLevel: "info" });
  await action.onExecutePostLogin(loginEvent(), api);
  assert.deepEqual(calls, [["sendUserTo", url]]);
});

test("handlers need no this, and hooks of one action don't see another's options", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(answer));
  const pkg = loadPackage();
  const { onExecutePostLogin: good } = pkg.createAction({ secret: "key" });
  const { onExecutePostLogin: bad } = pkg.createAction({ secret: "" });
  const results = [];
  for (const hook of [good, bad, good]) {
    const { api, calls } = createApi();
    await hook(loginEvent(), api);
    results.push(calls[0][0]);
  }
  assert.deepEqual(results, ["sendUserTo", "deny", "sendUserTo"]);
});
