// A `fetch` that tests or tools have replaced, or that the runtime lacks. What has the shape of a response
// is taken as one; what has not denies; nothing hangs and nothing ends the process.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { loginEvent } from "./event.js";
import { keepLog, replace, replaceFetch, watchProcess } from "./globals.js";

const url = "https://mfa.example.com/challenge?token=t";
const answer = JSON.stringify({ state: "CHALLENGE_REQUIRED", url, isEnrolled: true });
const allowed = JSON.stringify({ state: "ALLOW", url, isEnrolled: true });
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const never = () => new Promise(() => {});

/**
 * A stream by its shape: chunks, then `end`.
 * @param {unknown[]} chunks
 * @param {Record<string, unknown>} [more]
 */
const stream = (chunks, more = {}) => {
  const left = [...chunks];
  const read = async () => (left.length > 0 ? { done: false, value: left.shift() } : { done: true, value: undefined });
  return { getReader: () => ({ read, cancel: async () => {}, ...more }) };
};

/**
 * A login at execute whose requests this `fetch` gets.
 * @param {import("node:test").TestContext} t
 * @param {unknown} fetch
 * @param {Record<string, unknown>} [options]
 */
const logIn = async (t, fetch, options = {}) => {
  const assertUnharmed = watchProcess(t);
  const lines = keepLog(t);
  replaceFetch(t, fetch);
  const { api, calls } = createApi();
  const settings = { secret: "key", timeoutMs: 200, maxRetries: 0, ...options };
  await loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, settings);
  await assertUnharmed();
  assert.ok(lines.length <= 1);
  return { calls, line: lines[0] ?? "" };
};

/** @type {[what: string, give: () => unknown][]} */
const taken = [
  ["a Response", () => new Response(answer)],
  ["a promise of a Response", async () => new Response(answer)],
  ["a Response of 201", () => new Response(answer, { status: 201 })],
  [
    "a plain object with text()",
    () => ({ ok: true, status: 200, text: async () => answer, json: async () => JSON.parse(answer) }),
  ],
  ["an object whose text() gives no promise", () => ({ status: 200, text: () => answer })],
  ["an object without a body that has a text()", () => ({ status: 200, body: null, text: () => answer })],
  ["an object of no prototype", () => Object.assign(Object.create(null), { status: 200, text: () => answer })],
  [
    "a thenable of a response",
    () => ({ then: (/** @type {any} */ resolve) => resolve({ status: 200, text: () => answer }) }),
  ],
  ["an object with a stream", () => ({ status: 200, body: stream([bytes(answer)]) })],
  [
    "a stream in single bytes",
    () => ({ status: 200, body: stream([...bytes(answer)].map((byte) => Uint8Array.of(byte))) }),
  ],
  ["a stream of Buffers", () => ({ status: 200, body: stream([Buffer.from(answer)]) })],
  [
    "a stream with empty chunks",
    () => ({ status: 200, body: stream([new Uint8Array(), bytes(answer), new Uint8Array()]) }),
  ],
  ["a web stream", () => ({ status: 200, body: new Blob([answer]).stream() })],
  [
    "headers that throw and that an answer needs not",
    () => ({
      status: 200,
      text: () => answer,
      get headers() {
        throw new Error("headers");
      },
    }),
  ],
  ["a response of another realm", () => runInNewContext("({ status: 200, text: async () => answer })", { answer })],
  [
    "a stream of bytes of another realm",
    () => ({ status: 200, body: stream([runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes(answer)] })]) }),
  ],
  ["an answer with a byte order mark", () => new Response(`\ufeff${answer}`)],
];

for (const [what, give] of taken) {
  test(`a fetch that gives ${what} works`, async (t) => {
    const { calls } = await logIn(t, give);
    assert.deepEqual(calls, [["sendUserTo", url]]);
  });
}

test("characters that chunks cut in two arrive whole", async (t) => {
  const place = "https://mfa.example.com/é東😀";
  const chunks = [...bytes(JSON.stringify({ state: "CHALLENGE_REQUIRED", url: place }))].map((byte) =>
    Uint8Array.of(byte),
  );
  const { calls } = await logIn(t, () => ({ status: 200, body: stream(chunks) }));
  assert.deepEqual(calls, [["sendUserTo", place]]);
});

/**
 * What can't be used, and what the log calls it. `outage`: what `onUnavailable: "allow"` is about.
 * @type {[what: string, fetch: unknown, code: string, outage?: "outage"][]}
 */
const unusable = [
  ["is missing", undefined, "unsendable"],
  ["is no function", { fetch }, "unsendable"],
  [
    "throws",
    () => {
      throw new TypeError("fetch failed");
    },
    "no_connection",
    "outage",
  ],
  [
    "throws a string",
    () => {
      throw "no";
    },
    "no_connection",
    "outage",
  ],
  [
    "rejects",
    async () => {
      throw new TypeError("fetch failed");
    },
    "no_connection",
    "outage",
  ],
  ["rejects with a string", () => Promise.reject("no"), "no_connection", "outage"],
  ["rejects with nothing", () => Promise.reject(), "no_connection", "outage"],
  ["rejects with null", () => Promise.reject(null), "no_connection", "outage"],
  ["gives nothing", () => {}, "unreadable_answer"],
  ["gives a string", async () => allowed, "unreadable_answer"],
  ["gives a number", async () => 200, "unreadable_answer"],
  ["gives a symbol", async () => Symbol("response"), "unreadable_answer"],
  ["gives an empty object", async () => ({}), "unreadable_answer"],
  ["gives a status that is a string", () => ({ status: "200", text: () => allowed }), "unreadable_answer"],
  ["gives a status that is NaN", () => ({ status: NaN, text: () => allowed }), "unreadable_answer"],
  ["gives a status that is no integer", () => ({ status: 200.5, text: () => allowed }), "unreadable_answer"],
  ["gives a status that is a BigInt", () => ({ status: 200n, text: () => allowed }), "unreadable_answer"],
  ["gives a negative status", () => ({ status: -1, text: () => allowed }), "unreadable_answer"],
  [
    "gives a negative status that is 200 in 16 bits",
    () => ({ status: 200 - 2 ** 16, text: () => allowed }),
    "unreadable_answer",
  ],
  [
    "gives a status that is 200 in 32 bits",
    () => ({ status: 2 ** 32 + 200, text: () => allowed }),
    "unreadable_answer",
  ],
  ["gives a status of 100", () => ({ status: 100, text: () => allowed }), "unreadable_answer"],
  ["gives a status of 600", () => ({ status: 600, text: () => allowed }), "unreadable_answer"],
  [
    "gives a status that throws",
    () => ({
      get status() {
        throw new Error("status");
      },
      text: () => allowed,
    }),
    "unreadable_answer",
  ],
  [
    "gives a refusal with headers that throw",
    () => ({
      status: 429,
      get headers() {
        throw new Error("headers");
      },
    }),
    "too_many_requests",
  ],
  [
    "gives an error with headers that throw",
    () => ({
      status: 500,
      get headers() {
        throw new Error("headers");
      },
    }),
    "server_error",
    "outage",
  ],
  ["gives an error without headers", () => ({ status: 500 }), "server_error", "outage"],
  ["gives an error Response", async () => Response.error(), "moved"],
  ["gives a redirect", async () => Response.redirect("https://example.com/"), "moved"],
  ["gives no body at all", () => ({ status: 200 }), "unreadable_answer"],
  ["gives a text that is a string", () => ({ status: 200, text: allowed }), "unreadable_answer"],
  ["gives a text() of a number", () => ({ status: 200, text: () => 1 }), "unreadable_answer"],
  ["gives a text() of nothing", () => ({ status: 200, text: () => {} }), "unreadable_answer"],
  ["gives a text() of an object", () => ({ status: 200, text: async () => JSON.parse(allowed) }), "unreadable_answer"],
  ["gives a text() of a String object", () => ({ status: 200, text: () => new String(allowed) }), "unreadable_answer"],
  [
    "gives a text() that throws",
    () => ({
      status: 200,
      text: () => {
        throw new Error("text");
      },
    }),
    "unreadable_answer",
  ],
  [
    "gives a text() that rejects",
    () => ({ status: 200, text: () => Promise.reject(new Error("text")) }),
    "no_connection",
    "outage",
  ],
  [
    "gives a text of 256 KiB and one",
    () => ({ status: 200, text: () => allowed.padEnd(256 * 1024 + 1) }),
    "answer_too_large",
  ],
  [
    "gives a body that throws",
    () => ({
      status: 200,
      get body() {
        throw new Error("body");
      },
      text: () => allowed,
    }),
    "unreadable_answer",
  ],
  [
    "gives a body that has been read",
    async () => {
      const response = new Response(allowed);
      await response.text();
      return response;
    },
    "unreadable_answer",
  ],
  ["gives a stream of strings", () => ({ status: 200, body: stream([allowed]) }), "unreadable_answer"],
  [
    "gives a stream of more than 256 KiB",
    () => ({ status: 200, body: stream([new Uint8Array(256 * 1024), new Uint8Array(1)]) }),
    "answer_too_large",
  ],
  [
    "gives a stream that breaks",
    () => ({
      status: 200,
      body: stream([bytes(allowed)], {
        read: async () => {
          throw new Error("read");
        },
      }),
    }),
    "no_connection",
    "outage",
  ],
  [
    "gives a reader that gives nothing",
    () => ({ status: 200, body: stream([], { read: async () => {} }) }),
    "no_connection",
    "outage",
  ],
  ["gives a stream that never ends", () => ({ status: 200, body: stream([], { read: never }) }), "timeout", "outage"],
  ["gives a text() that never comes", () => ({ status: 200, text: never }), "timeout", "outage"],
  ["never gives anything", never, "timeout", "outage"],
  ["gives JSON that is cut", async () => new Response(allowed.slice(0, -1)), "unreadable_answer"],
  ["gives a prototype instead of fields", async () => new Response(`{"__proto__":${allowed}}`), "unknown_state"],
];

for (const [what, fetch, code, outage] of unusable) {
  test(`a fetch that ${what} denies`, async (t) => {
    const { calls, line } = await logIn(t, fetch);
    const reason = code === "unknown_state" ? "MFA challenge failed" : "MFA is unavailable";
    assert.deepEqual(calls, [["deny", reason]]);
    assert.ok(line.startsWith(`authsignal-auth0: deny, ${code}: `), line);
  });

  test(`a fetch that ${what} ${outage ? "lets in" : "denies all the same"} with onUnavailable "allow"`, async (t) => {
    const { calls } = await logIn(t, fetch, { onUnavailable: "allow" });
    assert.equal(calls.length, outage ? 0 : 1);
  });
}

// A reader's `cancel` is called when the hook gives up. It is somebody else's too.
for (const [what, cancel] of /** @type {[string, unknown][]} */ ([
  ["is missing", undefined],
  [
    "throws",
    () => {
      throw new Error("cancel");
    },
  ],
  ["gives nothing", () => {}],
  ["rejects", () => Promise.reject(new Error("cancel"))],
  ["never settles", never],
])) {
  test(`a stream that is given up and whose cancel ${what} denies, and does no harm to the process`, async (t) => {
    const { calls, line } = await logIn(t, () => ({ status: 200, body: stream([], { read: never, cancel }) }));
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.match(line, /, timeout: /);
  });
}

test("a fetch is called once, with an address and one object of settings", async (t) => {
  /** @type {unknown[][]} */
  const args = [];
  await logIn(t, (/** @type {unknown[]} */ ...given) => {
    args.push(given);
    return new Response(answer);
  });
  assert.equal(args.length, 1);
  const [url, init, ...more] = /** @type {[string, RequestInit]} */ (args[0]);
  assert.match(url, /^https:\/\/api\.authsignal\.com\/v1\/users\/auth0%7C[^/]+\/actions\/auth0-login$/);
  assert.deepEqual(Object.keys(init).sort(), ["body", "headers", "method", "redirect", "signal"]);
  assert.equal(init.method, "POST");
  assert.equal(init.redirect, "manual");
  assert.ok(init.signal instanceof AbortSignal);
  assert.deepEqual(more, []);
});

test("a fetch that is put in place after the first login is the one that is used", async (t) => {
  const pkg = loadPackage();
  for (const place of ["https://a.example.com/", "https://b.example.com/"]) {
    const restore = replaceFetch(
      t,
      async () => new Response(JSON.stringify({ state: "CHALLENGE_REQUIRED", url: place })),
    );
    const { api, calls } = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), api, { secret: "key" });
    assert.deepEqual(calls, [["sendUserTo", place]]);
    restore();
  }
});

test("an API URL that no parser takes is no outage, and nothing is fetched", async (t) => {
  keepLog(t);
  replaceFetch(t, () => assert.fail("it was called"));
  const { api, calls } = createApi();
  const options = { secret: "key", apiBaseUrl: "https://1.2.3.999/v1", onUnavailable: "allow" };
  await loadPackage().handleAuth0ExecutePostLogin(loginEvent(), api, options);
  assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
});

for (const hook of /** @type {const} */ (["handleAuth0ExecutePostLogin", "handleAuth0ContinuePostLogin"])) {
  test(`${hook} holds its deadline where fetch ignores the signal, aborts it, and leaves no timer`, async (t) => {
    const assertUnharmed = watchProcess(t);
    keepLog(t);
    /** @type {AbortSignal[]} */
    const signals = [];
    replaceFetch(t, (/** @type {string} */ _, /** @type {{ signal: AbortSignal }} */ { signal }) => {
      signals.push(signal);
      return never();
    });
    const { api, calls } = createApi();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    await loadPackage()[hook](loginEvent({ request: { query: { token: "t" } } }), api, {
      secret: "key",
      timeoutMs: 100,
      maxRetries: 1,
    });
    assert.equal(timers(), before);
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true],
    );
    await assertUnharmed();
  });
}

test("a login that is answered leaves no timer", async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  await logIn(t, async () => new Response(answer), { timeoutMs: 3000 });
  assert.equal(timers(), before);
});

test("an answer that comes after the hook has ended changes nothing", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  /** @type {(response: unknown) => void} */
  let resolve = () => {};
  replaceFetch(t, () => new Promise((done) => (resolve = done)));
  const { api, calls } = createApi();
  const pkg = loadPackage();
  await pkg.handleAuth0ExecutePostLogin(loginEvent(), api, { secret: "key", timeoutMs: 100, maxRetries: 0 });
  assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
  let touched = false;
  resolve({
    get status() {
      touched = true;
      return 200;
    },
    text: () => answer,
  });
  await assertUnharmed();
  assert.equal(calls.length, 1);
  assert.equal(touched, false);
});

test("a chunk that comes after the hook has ended is the last that is read", async (t) => {
  const assertUnharmed = watchProcess(t);
  let reads = 0;
  /** @type {(chunk: unknown) => void} */
  let resolve = () => {};
  const read = () => {
    reads++;
    return new Promise((done) => (resolve = done));
  };
  await logIn(t, () => ({ status: 200, body: stream([], { read }) }));
  resolve({ done: false, value: bytes("x") });
  await assertUnharmed();
  assert.equal(reads, 1);
});

test("a text that comes with the abort of its request comes too late", async (t) => {
  const { calls } = await logIn(
    t,
    (/** @type {string} */ _, /** @type {{ signal: AbortSignal }} */ { signal }) => ({
      status: 200,
      text: () => new Promise((done) => signal.addEventListener("abort", () => done(answer))),
    }),
    { onUnavailable: "allow" },
  );
  assert.deepEqual(calls, []);
});

test("an answer that is a failure after the hook has ended does no harm to the process", async (t) => {
  const assertUnharmed = watchProcess(t);
  keepLog(t);
  /** @type {((error: unknown) => void)[]} */
  const rejects = [];
  const give = [
    () => new Promise((_, reject) => rejects.push(reject)),
    () => ({ status: 200, text: () => new Promise((_, reject) => rejects.push(reject)) }),
    () => ({ status: 200, body: stream([], { read: () => new Promise((_, reject) => rejects.push(reject)) }) }),
  ];
  const pkg = loadPackage();
  for (const fetch of give) {
    const restore = replaceFetch(t, fetch);
    const { api, calls } = createApi();
    await pkg.handleAuth0ExecutePostLogin(loginEvent(), api, { secret: "key", timeoutMs: 100, maxRetries: 0 });
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    restore();
  }
  assert.equal(rejects.length, 3);
  for (const reject of rejects) reject(new Error("late"));
  await assertUnharmed();
});

for (const [what, chunks, more, cancelled] of /** @type {[string, unknown[], Record<string, unknown>, boolean][]} */ ([
  ["that is too long is cancelled", [new Uint8Array(256 * 1024 + 1)], {}, true],
  ["that never ends is cancelled at the deadline", [], { read: never }, true],
  ["that was read to its end is not cancelled", [bytes("no JSON")], {}, false],
])) {
  test(`a stream ${what}`, async (t) => {
    let calledCancel = false;
    const cancel = async () => {
      calledCancel = true;
    };
    const { calls } = await logIn(t, () => ({ status: 200, body: stream(chunks, { ...more, cancel }) }));
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.equal(calledCancel, cancelled);
  });
}

test("the body of a refusal is not read, but for a 400 and its reason", async (t) => {
  for (const [status, read] of /** @type {[number, boolean][]} */ ([
    [302, false],
    [401, false],
    [429, false],
    [503, false],
    [400, true],
  ])) {
    let wasRead = false;
    const getReader = () => {
      wasRead = true;
      return stream([]).getReader();
    };
    const body = { getReader };
    const { calls } = await logIn(t, () => ({ status, body, headers: new Headers() }));
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.equal(wasRead, read, `${status}`);
  }
});

for (const [when, steps, outcome] of /** @type {[string, number, string[]][]} */ ([
  ["before its deadline is taken", -40, ["sendUserTo", url]],
  ["after its deadline is not taken", 40, ["deny", "MFA is unavailable"]],
])) {
  test(`an answer that comes some microtasks ${when}, and there is one outcome`, async (t) => {
    const own = setTimeout;
    let over = () => {};
    const restore = replace(t, globalThis, "setTimeout", (/** @type {() => void} */ call, /** @type {number} */ ms) => {
      if (ms === 200) over = call;
      return own(call, ms);
    });
    const wait = async (/** @type {number} */ turns) => {
      for (let turn = 0; turn < turns; turn++) await undefined;
    };
    const text = async () => {
      await new Promise((resolve) => own(resolve, 1));
      wait(-steps).then(() => over());
      await wait(steps);
      return answer;
    };
    const { calls } = await logIn(t, () => ({ status: 200, text }));
    restore();
    assert.deepEqual(calls, [outcome]);
  });
}

test("a body that is being read is aborted and cancelled at the deadline, and an abort that throws does no harm", async (t) => {
  for (const throws of [false, true]) {
    let aborted = 0;
    let cancelled = 0;
    const { abort } = AbortController.prototype;
    const restore = replace(
      t,
      AbortController.prototype,
      "abort",
      /** @this {AbortController} */ function () {
        aborted++;
        if (throws) throw new Error("abort");
        abort.call(this);
      },
    );
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const { calls, line } = await logIn(t, () => ({
      status: 200,
      body: stream([], { read: never, cancel: async () => void cancelled++ }),
    }));
    restore();
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.match(line, /, timeout: /);
    assert.equal(timers(), before);
    assert.deepEqual([aborted, cancelled], [1, 1]);
  }
});

for (const [what, object, name] of /** @type {[string, any, string][]} */ ([
  ["setTimeout", globalThis, "setTimeout"],
  ["AbortController", globalThis, "AbortController"],
])) {
  test(`a runtime whose ${what} throws is no outage`, async (t) => {
    const restore = replace(t, object, name, function () {
      throw new Error(what);
    });
    const { calls, line } = await logIn(t, async () => new Response(answer), { onUnavailable: "allow" });
    restore();
    assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
    assert.match(line, what === "setTimeout" ? /, internal_error: / : /, unsendable: /);
  });
}

test("an abort that rejects does no harm to the process", async (t) => {
  const restore = replace(t, AbortController.prototype, "abort", async () => {
    throw new Error("abort");
  });
  const { calls } = await logIn(t, never);
  restore();
  assert.deepEqual(calls, [["deny", "MFA is unavailable"]]);
});

test("what a fetch adds to the headers of one try is not in the next", async (t) => {
  /** @type {(string | null)[]} */
  const traces = [];
  await logIn(
    t,
    async (/** @type {string} */ _, /** @type {{ headers: Headers }} */ { headers }) => {
      headers.append("x-trace", "a");
      traces.push(headers.get("x-trace"));
      return new Response("", { status: 503 });
    },
    { maxRetries: 1 },
  );
  assert.deepEqual(traces, ["a", "a"]);
});
