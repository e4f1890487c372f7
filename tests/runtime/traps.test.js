// What goes through the module like a panic: it denies the logins of that instance, harms nothing else, and
// the next login has a fresh instance. And an `api` that is not as it should be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "./api.js";
import { importPackage, loadPackage } from "./built.js";
import { loginEvent, newUser } from "./event.js";
import { keepLog, randomSource, replace, replaceFetch, watchProcess } from "./globals.js";

const url = "https://mfa.example.com/challenge?token=t";
const challenge = () =>
  new Response(JSON.stringify({ state: "CHALLENGE_REQUIRED", url, isEnrolled: true, idempotencyKey: "k" }));
const denied = [["deny", "MFA is unavailable"]];
const redirected = [
  ["setMetadata", "authsignal_challenge", "k"],
  ["sendUserTo", url],
];
const settings = { secret: "key", maxRetries: 0 };
const hooks = /** @type {const} */ (["handleAuth0ExecutePostLogin", "handleAuth0ContinuePostLogin"]);
const token = { request: { query: { token: "t" } } };

/** Thrown by what a test has sabotaged. */
const thrown = () => {
  throw new Error("sabotage");
};

/**
 * A `fetch` whose answers the test gives: it keeps each user's request until then.
 * @param {import("node:test").TestContext} t
 */
const holdRequests = (t) => {
  /** @type {{ resolve: (value: unknown) => void, reject: (error: unknown) => void }[]} */
  const held = [];
  let arrived = () => {};
  replaceFetch(
    t,
    () =>
      new Promise((resolve, reject) => {
        held.push({ resolve, reject });
        arrived();
      }),
  );
  /** Waits until so many requests are held. @param {number} count @returns {Promise<void>} */
  const until = (count) =>
    held.length >= count
      ? Promise.resolve()
      : new Promise((resolve) => {
          arrived = () => held.length >= count && resolve();
        });
  return { held, until };
};

/**
 * Calls a hook, and keeps the calls of its own `api`.
 * @param {import("./built.js").Package} pkg
 * @param {{ hook?: typeof hooks[number], event?: Record<string, any>, options?: unknown }} [given]
 */
const begin = (pkg, { hook = hooks[0], options = settings, ...given } = {}) => {
  const { api, calls } = createApi();
  const event = "event" in given ? given.event : loginEvent(token);
  return { calls, done: pkg[hook](event, api, options) };
};

/**
 * Begins a login that ends its instance, `later` or before this returns.
 * @param {import("node:test").TestContext} t
 * @param {import("./built.js").Package} pkg
 * @param {"at once" | "later"} when
 */
const failAnother = (t, pkg, when) => {
  if (when === "later") return begin(pkg, { event: new Proxy(loginEvent(), { get: thrown }) });
  const restore = replace(t, Promise.prototype, "then", thrown);
  const login = begin(pkg);
  restore();
  return login;
};

/**
 * What throws into the module, at the first step of a hook or when its request ends. `code` is what the log calls it:
 * `internal_error` if the instance fails, and with it the logins that wait in it; any other, if the login is denied
 * alone. `request` is how its request ends, if it sends one.
 * @type {[what: string, code: string, sabotage: (t: import("node:test").TestContext) => () => void, more?: {
 *   hook?: typeof hooks[number], event?: () => Record<string, any>, request?: "fails" | "is answered" }][]}
 */
const traps = [
  ["crypto.randomUUID throws", "internal_error", (t) => replace(t, randomSource, "randomUUID", thrown)],
  ["crypto.randomUUID gives nothing", "internal_error", (t) => replace(t, randomSource, "randomUUID", () => {})],
  ["performance.now throws", "internal_error", (t) => replace(t, performance, "now", thrown)],
  [
    "performance.now throws at continue",
    "internal_error",
    (t) => replace(t, performance, "now", thrown),
    { hook: "handleAuth0ContinuePostLogin" },
  ],
  [
    "performance.now throws when the request ends",
    "internal_error",
    (t) => {
      const { now } = performance;
      return replace(t, performance, "now", (/** @type {any[]} */ ...args) =>
        ended ? thrown() : now.apply(performance, /** @type {any} */ (args)),
      );
    },
    { request: "fails" },
  ],
  ["Date.now throws", "internal_error", (t) => replace(t, Date, "now", thrown)],
  ["setTimeout throws", "internal_error", (t) => replace(t, globalThis, "setTimeout", thrown)],
  [
    "setTimeout throws at continue",
    "internal_error",
    (t) => replace(t, globalThis, "setTimeout", thrown),
    { hook: "handleAuth0ContinuePostLogin" },
  ],
  [
    "clearTimeout throws",
    "internal_error",
    (t) => replace(t, globalThis, "clearTimeout", thrown),
    { request: "is answered" },
  ],
  ["Math.random throws", "internal_error", (t) => replace(t, Math, "random", thrown), { request: "fails" }],
  [
    "AbortController.abort throws",
    "no_connection",
    (t) => replace(t, AbortController.prototype, "abort", thrown),
    { request: "fails" },
  ],
  ["AbortController throws", "unsendable", (t) => replace(t, globalThis, "AbortController", thrown)],
  ["Headers throws", "unsendable", (t) => replace(t, globalThis, "Headers", thrown)],
  [
    "Object.entries throws",
    "internal_error",
    (t) => {
      // The reading of options is guarded; what reads their copies is not.
      const { entries } = Object;
      let calls = 0;
      return replace(t, Object, "entries", (/** @type {object} */ object) =>
        "secret" in object && ++calls > 1 ? thrown() : entries(object),
      );
    },
  ],
  ["a promise's then throws", "internal_error", (t) => replace(t, Promise.prototype, "then", thrown)],
  [
    "the event is a Proxy that throws",
    "internal_error",
    () => () => {},
    { event: () => new Proxy(loginEvent(), { get: thrown, has: thrown, ownKeys: thrown }) },
  ],
  [
    "a part of the event is a Proxy that throws",
    "internal_error",
    () => () => {},
    {
      event: () => ({ ...loginEvent(), user: new Proxy({}, { get: thrown, has: thrown, ownKeys: thrown }) }),
    },
  ],
  [
    "the event has a getter that throws",
    "internal_error",
    () => () => {},
    { event: () => Object.defineProperty(loginEvent(), "transaction", { get: thrown }) },
  ],
  [
    "the event has a list that throws",
    "internal_error",
    () => () => {},
    {
      event: () => loginEvent({ authentication: { methods: new Proxy([], { get: thrown }) } }),
    },
  ],
  [
    "the event has an iterable in the place of a list",
    "invalid_event",
    () => () => {},
    {
      event: () => loginEvent({ authentication: { methods: { [Symbol.iterator]: () => ({ next: thrown }) } } }),
    },
  ],
];

/** Whether the sabotaged login's request has ended. */
let ended = false;

for (const [what, code, sabotage, { hook, event, request } = {}] of traps) {
  test(`if ${what}, that login is denied, the process lives, and the next login works`, async (t) => {
    const assertUnharmed = watchProcess(t);
    const lines = keepLog(t);
    const { held, until } = holdRequests(t);
    const pkg = loadPackage();
    ended = false;

    // Two logins wait for their answers.
    const waiting = [begin(pkg), begin(pkg, { hook: "handleAuth0ContinuePostLogin" })];
    await until(2);
    const restore = sabotage(t);
    const login = begin(pkg, { hook, ...(event && { event: event() }) });
    if (request) {
      await until(3);
      ended = true;
      if (request === "fails") held[2].reject(new Error("connection"));
      else held[2].resolve(challenge());
    }
    await login.done;
    restore();
    assert.deepEqual(
      login.calls.filter(([method]) => method !== "setMetadata"),
      denied,
    );
    const told = (/** @type {number} */ times) =>
      assert.deepEqual(
        lines.map((line) => line.split(/[,:] /)[2]),
        Array(times).fill(code),
      );

    // The others share its instance. If that has failed, they are denied at once.
    const fails = code === "internal_error";
    if (fails) {
      await Promise.all(waiting.map(({ done }) => done));
      told(3);
    }
    // A late answer to a dropped instance has no effect.
    held[0].resolve(challenge());
    held[1].resolve(new Response(JSON.stringify({ isValid: false })));
    await Promise.all(waiting.map(({ done }) => done));
    await assertUnharmed();
    assert.deepEqual(
      waiting.map(({ calls }) => calls),
      fails ? [denied, denied] : [redirected, [["deny", "MFA challenge failed"]]],
    );
    told(fails ? 3 : 1);

    const before = held.length;
    const next = begin(pkg);
    await until(before + 1);
    held[before].resolve(challenge());
    await next.done;
    assert.deepEqual(next.calls, redirected);
    await assertUnharmed();
  });
}

for (const [what, where, when] of /** @type {const} */ ([
  ["that is being read", "read", "later"],
  ["whose reader is only being given", "getReader", "later"],
  ["whose reader is only being given", "getReader", "at once"],
])) {
  test(`an answer ${what} is left if another login ends the instance ${when}`, async (t) => {
    const assertUnharmed = watchProcess(t);
    keepLog(t);
    const { held, until } = holdRequests(t);
    const pkg = loadPackage();
    const waiting = begin(pkg);
    await until(1);
    await new Promise((cancel) => {
      // It knows nothing of the request's signal.
      const read = () => {
        if (where === "read") setImmediate(() => failAnother(t, pkg, when));
        return new Promise(() => {});
      };
      const getReader = () => {
        if (where === "getReader") failAnother(t, pkg, when);
        return { read, cancel };
      };
      held[0].resolve({ status: 200, body: { getReader } });
    });
    await waiting.done;
    assert.deepEqual(waiting.calls, denied);
    await assertUnharmed();
  });
}

for (const [what, when] of /** @type {const} */ ([
  ["setTimeout", "later"],
  ["setTimeout", "at once"],
  ["AbortController", "later"],
  ["AbortController", "at once"],
  ["Headers", "later"],
  ["Headers", "at once"],
])) {
  test(`a login whose ${what} begins another login that fails ${when} is denied with it, and leaves no timer`, async (t) => {
    const assertUnharmed = watchProcess(t);
    keepLog(t);
    let requests = 0;
    replaceFetch(t, () => {
      requests++;
      return new Promise(() => {});
    });
    const pkg = loadPackage();
    const own = globalThis[what];
    /** @type {ReturnType<typeof begin> | undefined} */
    let other;
    const restore = replace(t, globalThis, what, function (/** @type {any[]} */ ...args) {
      other ??= failAnother(t, pkg, when);
      return new.target ? Reflect.construct(own, args) : Reflect.apply(own, globalThis, args);
    });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const login = begin(pkg);
    await login.done;
    await other?.done;
    restore();
    assert.deepEqual([login.calls, other?.calls], [denied, denied]);
    // What fails later doesn't stop a request that is sent now.
    assert.equal(requests, when === "later" ? 1 : 0);
    assert.equal(timers(), before);
    await assertUnharmed();
  });
}

test("a login that is ended while it goes on begins no request and no timer", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, () => assert.fail("it was called"));
  const pkg = loadPackage();
  /** @type {ReturnType<typeof begin> | undefined} */
  let other;
  let readings = 0;
  const { now } = performance;
  // The first is when the hook began, and the second is just before its request.
  const restore = replace(t, performance, "now", () => {
    if (++readings === 2) other = failAnother(t, pkg, "at once");
    return now.call(performance);
  });
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const login = begin(pkg);
  await login.done;
  await other?.done;
  restore();
  assert.equal(readings, 2);
  assert.deepEqual([login.calls, other?.calls], [denied, denied]);
  assert.equal(timers(), before);
  await assertUnharmed();
});

test("late timers, failures and bodies of a dropped instance change nothing and do no harm", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  const { held, until } = holdRequests(t);
  /** @type {(() => void)[]} */
  const timers = [];
  const restoreTimers = [
    replace(t, globalThis, "setTimeout", (/** @type {() => void} */ timer) => timers.push(timer)),
    replace(t, globalThis, "clearTimeout", () => {}),
  ];
  const pkg = loadPackage();
  const waiting = Array.from({ length: 5 }, () => begin(pkg));
  await until(5);
  // One of them waits for a body already.
  /** @type {any} */
  let body;
  const reading = new Promise((resolve) => {
    const text = () =>
      new Promise((...settle) => {
        body = settle;
        resolve(undefined);
      });
    held[0].resolve({ status: 200, text });
  });
  await reading;

  const restore = replace(t, randomSource, "randomUUID", thrown);
  const login = begin(pkg);
  await Promise.all([login, ...waiting].map(({ done }) => done));
  restore();
  // Each has the timer of its request, that of the race, and that of the whole hook.
  assert.equal(timers.length, 15);
  for (const timer of timers) timer();
  body[1](new Error("late"));
  held[1].reject(new Error("late"));
  held[2].reject(undefined);
  held[3].resolve(undefined);
  held[4].resolve(challenge());
  await assertUnharmed();
  for (const { calls } of [login, ...waiting]) assert.deepEqual(calls, denied);

  for (const undo of restoreTimers) undo();
  const next = begin(pkg);
  await until(6);
  held[5].resolve(challenge());
  await next.done;
  assert.deepEqual(next.calls, redirected);
});

test("timers that come though they were cleared do no harm to the logins that wait", async (t) => {
  const assertUnharmed = watchProcess(t);
  const { held, until } = holdRequests(t);
  const { setTimeout } = globalThis;
  /** @type {(() => void)[]} */
  const timers = [];
  replace(t, globalThis, "setTimeout", (/** @type {() => void} */ timer, /** @type {number} */ ms) => {
    timers.push(timer);
    return setTimeout(() => {}, ms);
  });
  const pkg = loadPackage();
  const first = begin(pkg);
  await until(1);
  held[0].resolve(challenge());
  await first.done;
  assert.deepEqual(first.calls, redirected);

  const waiting = begin(pkg);
  await until(2);
  for (const timer of timers.slice(0, 3)) timer();
  await assertUnharmed();
  held[1].resolve(challenge());
  await waiting.done;
  assert.deepEqual(waiting.calls, redirected);
  await assertUnharmed();
});

test("a trap is told in one line, and denies with the caller's words", async (t) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  const restore = replace(t, randomSource, "randomUUID", thrown);
  const { calls, done } = begin(loadPackage(), { options: { ...settings, unavailableMessage: "Later" } });
  await done;
  restore();
  assert.deepEqual(calls, [["deny", "Later"]]);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^authsignal-auth0: deny, internal_error: /);
  assert.ok(lines[0].length < 256);
  await assertUnharmed();
});

test("a trap is not told where the log is silent", async (t) => {
  const lines = keepLog(t);
  const restore = replace(t, randomSource, "randomUUID", thrown);
  const { calls, done } = begin(loadPackage(), { options: { ...settings, logLevel: "silent" } });
  await done;
  restore();
  assert.deepEqual(calls, denied);
  assert.deepEqual(lines, []);
});

test("a trap denies whatever onUnavailable says", async (t) => {
  keepLog(t);
  const restore = replace(t, randomSource, "randomUUID", thrown);
  const { calls, done } = begin(loadPackage(), { options: { ...settings, onUnavailable: "allow" } });
  await done;
  restore();
  assert.deepEqual(calls, denied);
});

test("the ES module survives a trap too", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = await importPackage();
  const restore = replace(t, randomSource, "randomUUID", thrown);
  const login = begin(pkg);
  await login.done;
  restore();
  assert.deepEqual(login.calls, denied);
  const next = begin(pkg);
  await next.done;
  assert.deepEqual(next.calls, redirected);
  await assertUnharmed();
});

test("a hundred traps in a row cost no more than their logins", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = loadPackage();
  for (let turn = 0; turn < 100; turn++) {
    const restore = replace(t, randomSource, "randomUUID", thrown);
    const login = begin(pkg);
    await login.done;
    restore();
    assert.deepEqual(login.calls, denied);
    // A dropped instance's memory is freed in a turn of the event loop.
    await assertUnharmed();
  }
  const next = begin(pkg);
  await next.done;
  assert.deepEqual(next.calls, redirected);
});

test("many logins that trap at the same time all deny", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = loadPackage();
  const restore = replace(t, randomSource, "randomUUID", thrown);
  const logins = Array.from({ length: 20 }, () => begin(pkg));
  await Promise.all(logins.map(({ done }) => done));
  restore();
  for (const { calls } of logins) assert.deepEqual(calls, denied);
  await assertUnharmed();
});

test("the breaker outlives a dropped instance", async (t) => {
  keepLog(t);
  let tries = 0;
  replaceFetch(t, async () => {
    tries++;
    throw new TypeError("fetch failed");
  });
  const pkg = loadPackage();
  /** How often a login tries. */
  const count = async () => {
    tries = 0;
    await begin(pkg, { options: { secret: "key" } }).done;
    return tries;
  };
  assert.deepEqual([await count(), await count(), await count()], [3, 2, 1]);
  const restore = replace(t, randomSource, "randomUUID", thrown);
  assert.equal(await count(), 0);
  restore();
  assert.equal(await count(), 1);
});

test("an event of 100,000 levels, and lists of a hundred thousand methods, are read or denied", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = loadPackage();
  /** @type {any} */
  let deep = {};
  for (let level = 0; level < 100_000; level++) deep = { token: deep, user_id: deep };
  const methods = Array.from({ length: 100_000 }, (_, at) => ({
    name: `m${at}`,
    timestamp: "2026-05-04T08:15:31.204Z",
  }));
  for (const event of [
    loginEvent({ user: { user_metadata: deep }, authentication: { methods } }),
    loginEvent({ user: { email: deep } }),
    loginEvent({ request: { query: deep, body: deep } }),
  ]) {
    const login = begin(pkg, { event });
    await login.done;
    assert.deepEqual(login.calls, redirected);
  }
  for (const event of [
    loginEvent({ user: { user_id: deep } }),
    { ...loginEvent(), user: [] },
    { ...loginEvent(), authentication: { methods: 7 } },
  ]) {
    const login = begin(pkg, { event });
    await login.done;
    assert.deepEqual(login.calls, denied);
  }
  for (const custom of [deep, { deep }]) {
    const login = begin(pkg, { options: { ...settings, custom } });
    await login.done;
    assert.deepEqual(login.calls, denied);
  }
  await assertUnharmed();
});

for (const event of [undefined, null, 7, "event", [], () => {}]) {
  for (const hook of hooks) {
    test(`${hook} with an event that is ${Array.isArray(event) ? "a list" : String(event)} denies`, async (t) => {
      const assertUnharmed = watchProcess(t);
      keepLog(t);
      replaceFetch(t, async () => challenge());
      const login = begin(loadPackage(), { hook, event: /** @type {any} */ (event) });
      await login.done;
      assert.deepEqual(login.calls, denied);
      await assertUnharmed();
    });
  }
}

test("an options function that starts another login gets both done", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = loadPackage();
  /** @type {ReturnType<typeof begin> | undefined} */
  let inner;
  const outer = begin(pkg, {
    options: () => {
      inner = begin(pkg);
      return settings;
    },
  });
  await outer.done;
  await inner?.done;
  assert.deepEqual(outer.calls, redirected);
  assert.deepEqual(inner?.calls, redirected);
});

// Auth0's `api`.

/**
 * @param {import("node:test").TestContext} t
 * @param {Record<string, any>} parts
 * @param {typeof hooks[number]} [hook]
 */
const withApi = async (t, parts, hook = hooks[0]) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  const user = newUser();
  const passed = { isValid: true, state: "CHALLENGE_SUCCEEDED", actionCode: "auth0-login", userId: user };
  replaceFetch(t, async () => (hook === hooks[0] ? challenge() : new Response(JSON.stringify(passed))));
  const { api, calls } = createApi(parts);
  const event = loginEvent({ user: { user_id: user }, ...token });
  const outcome = await loadPackage()
    [hook](event, api, settings)
    .then(
      () => "resolves",
      () => "rejects",
    );
  await assertUnharmed();
  return { outcome, calls, lines };
};

for (const [what, access] of /** @type {[string, any][]} */ ([
  ["is missing", undefined],
  ["has no deny", {}],
  ["has a deny that is no function", { deny: "deny" }],
  ["has a deny that throws", { deny: thrown }],
  [
    "has a deny that throws nothing",
    {
      deny: () => {
        throw undefined;
      },
    },
  ],
  ["is a getter of a deny that throws", Object.defineProperty({}, "deny", { get: thrown })],
])) {
  for (const hook of hooks) {
    test(`${hook} rejects where api.access ${what}: to resolve would let the login through`, async (t) => {
      const assertUnharmed = watchProcess(t);
      keepLog(t);
      replaceFetch(t, async () => new Response(JSON.stringify({ state: "BLOCK", isValid: false })));
      const { api } = createApi({ access });
      await assert.rejects(async () => {
        try {
          await loadPackage()[hook](loginEvent(token), api, settings);
        } catch (error) {
          throw new Error("rejected", { cause: error });
        }
      }, /^Error: rejected$/);
      await assertUnharmed();
    });
  }
}

for (const api of [undefined, null, 7, {}]) {
  test(`a login that has to be denied rejects where api is ${JSON.stringify(api)}`, async (t) => {
    keepLog(t);
    await assert.rejects(loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, { unheardOf: true }));
  });
}

test("a trap whose deny throws rejects, and the next login works", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const pkg = loadPackage();
  const restore = replace(t, randomSource, "randomUUID", thrown);
  await assert.rejects(
    pkg.handleAuth0ExecutePostLogin(loginEvent(), createApi({ access: { deny: thrown } }).api, settings),
  );
  restore();
  const next = begin(pkg);
  await next.done;
  assert.deepEqual(next.calls, redirected);
  await assertUnharmed();
});

for (const [what, parts, hook] of /** @type {[string, Record<string, any>, typeof hooks[number]][]} */ ([
  ["api.redirect is missing", { redirect: undefined }, hooks[0]],
  ["sendUserTo is missing", { redirect: {} }, hooks[0]],
  ["sendUserTo throws", { redirect: { sendUserTo: thrown } }, hooks[0]],
  ["api.authentication is missing", { authentication: undefined }, hooks[1]],
  ["recordMethod is missing", { authentication: {} }, hooks[1]],
  ["recordMethod throws", { authentication: { recordMethod: thrown } }, hooks[1]],
])) {
  test(`where ${what} the login is denied, and the line says so`, async (t) => {
    const { outcome, calls, lines } = await withApi(t, parts, hook);
    assert.equal(outcome, "resolves");
    assert.deepEqual(
      calls.filter(([method]) => method !== "setMetadata"),
      denied,
    );
    assert.equal(lines.length, 1);
    assert.match(lines[0], /^authsignal-auth0: deny, api_failed: /);
  });
}

for (const [what, transaction] of /** @type {[string, any][]} */ ([
  ["api.transaction is missing", undefined],
  ["setMetadata is missing", {}],
  ["setMetadata throws", { setMetadata: thrown }],
  ["setMetadata is no function", { setMetadata: 7 }],
])) {
  test(`where ${what} the login goes on`, async (t) => {
    const { outcome, calls, lines } = await withApi(t, { transaction });
    assert.equal(outcome, "resolves");
    assert.deepEqual(calls, [["sendUserTo", url]]);
    assert.deepEqual(lines, []);
  });
}

test("a part of api whose getter throws denies", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  replaceFetch(t, async () => challenge());
  const { api, calls } = createApi();
  Object.defineProperty(api, "redirect", { get: thrown });
  await loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, settings);
  assert.deepEqual(calls.at(-1), denied[0]);
  await assertUnharmed();
});

test("each method is called on its own object, with its one or two arguments", async (t) => {
  const executed = await withApi(t, {});
  assert.deepEqual(executed.calls, redirected);
  const resumed = await withApi(t, {}, hooks[1]);
  assert.deepEqual(resumed.calls, [["recordMethod", "https://api.authsignal.com/v1"]]);
});

test("a login that proceeds needs nothing of api", async (t) => {
  keepLog(t);
  replaceFetch(t, async () => new Response(JSON.stringify({ state: "ALLOW", isEnrolled: true })));
  const api = new Proxy({}, { get: thrown, has: thrown });
  await loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, settings);
});

test("a trap in an export that the module's own import calls ends the frames below it, without an effect", async (t) => {
  // The glue calls the module back as it hands a string over. From the switch on, each such nested call
  // traps, as one that runs out of memory does.
  let nestedTraps = false;
  let depth = 0;
  let traps = 0;
  let callsAfterTrap = 0;
  const { Instance } = WebAssembly;
  replace(
    t,
    WebAssembly,
    "Instance",
    function (
      /** @type {WebAssembly.Module} */ module,
      /** @type {Record<string, Record<string, Function>> | undefined} */ imports,
    ) {
      // The one that decodes the module's text.
      if (!imports) return new Instance(module);
      const watched = Object.fromEntries(
        Object.entries(imports).map(([from, functions]) => [
          from,
          Object.fromEntries(
            Object.entries(functions).map(([name, value]) => [
              name,
              (/** @type {unknown[]} */ ...given) => {
                if (nestedTraps && traps > 0) callsAfterTrap += 1;
                return value(...given);
              },
            ]),
          ),
        ]),
      );
      const { exports } = new Instance(module, watched);
      return {
        exports: Object.fromEntries(
          Object.entries(exports).map(([name, value]) => [
            name,
            typeof value !== "function"
              ? value
              : (/** @type {unknown[]} */ ...given) => {
                  if (nestedTraps && depth > 0) {
                    traps += 1;
                    throw new WebAssembly.RuntimeError("unreachable");
                  }
                  depth += 1;
                  try {
                    return value(...given);
                  } finally {
                    depth -= 1;
                  }
                },
          ]),
        ),
      };
    },
  );
  const assertUnharmed = watchProcess(t);
  replaceFetch(t, async () => challenge());
  keepLog(t);
  const pkg = loadPackage();
  const healthy = begin(pkg);
  await healthy.done;
  assert.deepEqual(healthy.calls, redirected);

  nestedTraps = true;
  const trapped = begin(pkg);
  await trapped.done;
  assert.deepEqual(trapped.calls, denied);
  assert.equal(traps, 1, "nothing enters the instance after its trap");
  assert.equal(callsAfterTrap, 0, "what was running below it does nothing more");

  nestedTraps = false;
  const next = begin(pkg);
  await next.done;
  assert.deepEqual(next.calls, redirected);
  await assertUnharmed();
});
