// Outages, refusals and odd answers, at both hooks. Each test has a fresh copy of the Action, with a retry
// budget and a breaker of its own.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { loadPastedAction } from "./built.js";
import { client, useNode } from "./client.js";
import { loginEvent, newUser } from "./event.js";
import { closedUrl, listen } from "./server.js";

useNode();

// Most of the time is waiting: several tests run at once, each with a server to itself.
const AT_ONCE = 5;
const servers = await Promise.all(Array.from({ length: AT_ONCE }, () => startAuthsignal()));
const free = [...servers];
after(() => Promise.all(servers.map((server) => server.stop())));

/**
 * Gives a test a server to itself, without faults.
 * @template T
 * @param {(authsignal: import("./authsignal.js").Authsignal) => Promise<T>} work
 */
const withServer = async (work) => {
  const server = /** @type {import("./authsignal.js").Authsignal} */ (free.pop());
  try {
    return await work(server);
  } finally {
    await server.faults([]);
    free.push(server);
  }
};

/** @typedef {import("../../sandbox/authsignal/faults.js").Kind} Kind */
/** @typedef {"onExecutePostLogin" | "onContinuePostLogin"} Handler */

const settings = { secret: SECRET };
const unavailable = { type: "deny", reason: "MFA is unavailable" };
const atContinue = () => loginEvent({ request: { query: { token: "t" } } });

/** A short time-out where nothing whole comes in time, and the default one elsewhere. @param {Kind} fault */
const patience = ({ kind }) => (["hang", "delay", "drip"].includes(kind) ? { timeoutMs: 300 } : {});

/**
 * Runs one hook, whose every request meets these faults in turn.
 * @param {Handler} handler
 * @param {(Kind & { times?: number })[]} kinds
 * @param {Record<string, unknown>} [options]
 */
const run = (handler, kinds, options = {}) =>
  withServer(async (authsignal) => {
    const event = atContinue();
    const action = await loadPastedAction({ ...settings, apiBaseUrl: authsignal.url, ...options });
    await authsignal.faults(kinds.map((kind) => ({ ...kind, endpoint: "*" })));
    const result = await action.execute(handler, event);
    assert.equal(result.status, "ok", result.error?.stack);
    assert.deepEqual(result.recordedMethods, []);
    assert.ok(result.console.length <= 1);
    const requests = await authsignal.requests(event.user.user_id);
    return { ...result, line: result.console[0]?.text ?? "", requests };
  });

/** A server error's headers, and another's, say when to come back. @param {string} when */
const retryAfter = (when) => ({ "Retry-After": when });

/**
 * What a fault that stays is called in the log, how many tries it gets by default, and whether
 * `onUnavailable: "allow"` lets the login in.
 * @type {[name: string, fault: Kind, code: string, tries: number, outage: boolean][]}
 */
const table = [
  ["500", { kind: "status", status: 500 }, "server_error", 3, true],
  [
    "502 with a page",
    { kind: "status", status: 502, body: "<html>", headers: { "Content-Type": "text/html" } },
    "server_error",
    3,
    true,
  ],
  ["503", { kind: "status", status: 503 }, "server_error", 3, true],
  ["599", { kind: "status", status: 599 }, "server_error", 3, true],
  [
    "503 for longer than a login can wait",
    { kind: "status", status: 503, headers: retryAfter("20") },
    "server_error",
    1,
    true,
  ],
  ["a connection that is reset", { kind: "reset" }, "no_connection", 3, true],
  ["no answer", { kind: "hang" }, "timeout", 3, true],
  ["an answer that comes too late", { kind: "delay", ms: 60_000 }, "timeout", 3, true],
  ["an answer that never ends, byte by byte", { kind: "drip", ms: 1 }, "timeout", 3, true],
  ["an answer that is cut", { kind: "cut", body: { state: "ALLOW", isEnrolled: true } }, "no_connection", 3, true],
  ["400", { kind: "status", status: 400 }, "refused", 1, false],
  [
    "400 without an authenticator",
    { kind: "status", status: 400, body: { error: "AUTHENTICATOR_NOT_FOUND" } },
    "no_authenticator",
    1,
    false,
  ],
  ["401", { kind: "status", status: 401 }, "unauthorized", 1, false],
  ["403", { kind: "status", status: 403 }, "refused", 1, false],
  ["404", { kind: "status", status: 404 }, "refused", 1, false],
  ["408", { kind: "status", status: 408 }, "refused", 3, false],
  ["418", { kind: "status", status: 418 }, "refused", 1, false],
  ["429", { kind: "status", status: 429 }, "too_many_requests", 3, false],
  ["429 at once", { kind: "status", status: 429, headers: retryAfter("0") }, "too_many_requests", 3, false],
  [
    "429 for longer than a login can wait",
    { kind: "status", status: 429, headers: retryAfter("20") },
    "too_many_requests",
    1,
    false,
  ],
  [
    "429 until a day",
    { kind: "status", status: 429, headers: retryAfter("Fri, 01 Jan 2100 00:00:00 GMT") },
    "too_many_requests",
    1,
    false,
  ],
  [
    "429 until a day long ago",
    { kind: "status", status: 429, headers: retryAfter("Thu, 01 Jan 1970 00:00:00 GMT") },
    "too_many_requests",
    3,
    false,
  ],
  [
    "429 until nobody knows",
    { kind: "status", status: 429, headers: retryAfter("soon") },
    "too_many_requests",
    3,
    false,
  ],
  ["204", { kind: "status", status: 204 }, "unreadable_answer", 1, false],
  ["304", { kind: "status", status: 304 }, "moved", 1, false],
  ["301", { kind: "redirect", status: 301, location: "/v1/elsewhere" }, "moved", 1, false],
  ["302", { kind: "redirect", location: "https://example.com/" }, "moved", 1, false],
  ["307", { kind: "redirect", status: 307, location: "/v1/elsewhere" }, "moved", 1, false],
  ["308", { kind: "redirect", status: 308, location: "nonsense://" }, "moved", 1, false],
  ["garbage", { kind: "garbage" }, "unreadable_answer", 1, false],
  ["an answer without end", { kind: "huge" }, "answer_too_large", 1, false],
  [
    "an answer of a byte too many",
    { kind: "huge", bytes: 256 * 1024 + 1, body: { state: "ALLOW", isEnrolled: true } },
    "answer_too_large",
    1,
    false,
  ],
];

describe("Faults", { concurrency: AT_ONCE }, () => {
  for (const [name, fault, code, tries, outage] of table) {
    const times = tries === 1 ? "once" : `${tries} times`;

    test(`at execute ${name} is tried ${times}, then denies`, async () => {
      const { command, line, requests } = await run("onExecutePostLogin", [fault], patience(fault));
      assert.deepEqual(command, unavailable);
      assert.equal(requests.length, tries);
      assert.ok(line.startsWith(`authsignal-auth0: deny, ${code}: `), line);
      assert.ok(line.length < 256);
    });

    test(`at execute ${name} ${outage ? "lets in" : "denies all the same"} with onUnavailable "allow"`, async () => {
      const { command, line, calls } = await run("onExecutePostLogin", [fault], {
        onUnavailable: "allow",
        maxRetries: 1,
        ...patience(fault),
      });
      assert.deepEqual(command, outage ? null : unavailable);
      assert.equal(calls.length, outage ? 0 : 1);
      assert.ok(line.startsWith(`authsignal-auth0: ${outage ? "proceed" : "deny"}, ${code}: `), line);
    });

    test(`at continue ${name} denies, whatever onUnavailable says`, async () => {
      const { command, line, requests } = await run("onContinuePostLogin", [fault], {
        onUnavailable: "allow",
        maxRetries: 1,
        ...patience(fault),
      });
      assert.deepEqual(command, unavailable);
      assert.equal(requests.length, Math.min(tries, 2));
      assert.ok(line.startsWith(`authsignal-auth0: deny, ${code}: `), line);
    });
  }

  for (const [names, kinds, tries] of /** @type {[string, (Kind & { times?: number })[], number][]} */ ([
    ["429, then no answer", [{ kind: "status", status: 429, times: 1 }, { kind: "hang" }], 3],
    [
      "no answer, then 429",
      [
        { kind: "hang", times: 1 },
        { kind: "status", status: 429 },
      ],
      3,
    ],
    [
      "500, 408, 500",
      [
        { kind: "status", status: 500, times: 1 },
        { kind: "status", status: 408, times: 1 },
        { kind: "status", status: 500 },
      ],
      3,
    ],
    [
      "500, then 400",
      [
        { kind: "status", status: 500, times: 1 },
        { kind: "status", status: 400 },
      ],
      2,
    ],
    [
      "a reset, then a redirect",
      [
        { kind: "reset", times: 1 },
        { kind: "redirect", location: "/" },
      ],
      2,
    ],
    ["503, then garbage", [{ kind: "status", status: 503, times: 1 }, { kind: "garbage" }], 2],
  ])) {
    test(`${names} is no outage as a whole, and denies with onUnavailable "allow"`, async () => {
      const { command, requests } = await run("onExecutePostLogin", kinds, { onUnavailable: "allow", timeoutMs: 500 });
      assert.deepEqual(command, unavailable);
      assert.equal(requests.length, tries);
    });
  }

  test("a mix of outages is one", async () => {
    const kinds = /** @type {(Kind & { times?: number })[]} */ ([
      { kind: "status", status: 502, times: 1 },
      { kind: "reset", times: 1 },
      { kind: "hang", times: 1 },
    ]);
    const { command, requests } = await run("onExecutePostLogin", kinds, { onUnavailable: "allow", timeoutMs: 500 });
    assert.equal(command, null);
    assert.equal(requests.length, 3);
  });

  for (const [name, fault] of /** @type {[string, Kind][]} */ ([
    ["500", { kind: "status", status: 500 }],
    ["408", { kind: "status", status: 408 }],
    ["429", { kind: "status", status: 429 }],
    ["a reset", { kind: "reset" }],
    ["no answer", { kind: "hang" }],
    ["a cut answer", { kind: "cut" }],
  ])) {
    test(`a login gets over ${name} that passes, at both hooks`, async () => {
      const begun = await run("onExecutePostLogin", [{ ...fault, times: 1 }], { timeoutMs: 1000 });
      assert.equal(begun.command?.type, "redirect");
      assert.equal(begun.requests.length, 2);
      assert.deepEqual(begun.console, []);
      const ended = await run("onContinuePostLogin", [{ ...fault, times: 1 }], { timeoutMs: 1000 });
      assert.deepEqual(ended.command, { type: "deny", reason: "MFA challenge failed" });
      assert.equal(ended.requests.length, 2);
    });
  }

  test("maxRetries says how often a try is repeated", async () => {
    for (const maxRetries of [0, 1, 3]) {
      const { requests } = await run("onExecutePostLogin", [{ kind: "status", status: 500 }], { maxRetries });
      assert.equal(requests.length, maxRetries + 1);
    }
  });

  test("an answer that is late but in time is taken", async () => {
    const { command, requests } = await run("onExecutePostLogin", [{ kind: "delay", ms: 50 }]);
    assert.equal(command?.type, "redirect");
    assert.equal(requests.length, 1);
  });

  test("an answer of exactly 256 KiB is taken", async () => {
    const body = { state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/" };
    const { command } = await run("onExecutePostLogin", [{ kind: "huge", bytes: 256 * 1024, body }]);
    assert.deepEqual(command, { type: "redirect", url: "https://mfa.example.com/" });
  });

  test("Retry-After is waited for where it fits, in seconds and as a date", async () => {
    // A date has whole seconds: three of them from now are more than one when it comes.
    for (const when of [() => "1", () => new Date(Date.now() + 3000).toUTCString()]) {
      const { command, requests } = await run("onExecutePostLogin", [
        { kind: "status", status: 429, headers: retryAfter(when()), times: 1 },
      ]);
      assert.equal(command?.type, "redirect");
      assert.equal(requests.length, 2);
      assert.ok(requests[1].time - requests[0].time > 900, `${requests[1].time - requests[0].time} ms`);
    }
  });

  test("a wrong secret key denies, and the line says what to check", async () => {
    const { command, line, requests } = await run("onExecutePostLogin", [], {
      secret: "another",
      onUnavailable: "allow",
    });
    assert.deepEqual(command, unavailable);
    assert.equal(requests.length, 1);
    assert.equal(
      line,
      "authsignal-auth0: deny, unauthorized: check AUTHSIGNAL_SECRET and that the region is your tenant's: status 401",
    );
  });

  test("a tenant without an authenticator denies, and the line says what to do", () =>
    withServer(async (authsignal) => {
      await authsignal.settings({ authenticatorsConfigured: false });
      const action = await loadPastedAction({ ...settings, apiBaseUrl: authsignal.url });
      const { command, console } = await action.execute("onExecutePostLogin", loginEvent());
      await authsignal.settings({ authenticatorsConfigured: true });
      assert.deepEqual(command, unavailable);
      assert.match(console[0].text, /^authsignal-auth0: deny, no_authenticator: .*AUTHENTICATOR_NOT_FOUND/);
    }));

  test("a closed port is no connection", async () => {
    const apiBaseUrl = await closedUrl();
    for (const [handler, onUnavailable, command] of /** @type {[Handler, string, unknown][]} */ ([
      ["onExecutePostLogin", "deny", unavailable],
      ["onExecutePostLogin", "allow", null],
      ["onContinuePostLogin", "allow", unavailable],
    ])) {
      const action = await loadPastedAction({ ...settings, apiBaseUrl, onUnavailable, maxRetries: 1 });
      const result = await action.execute(handler, atContinue());
      assert.deepEqual(result.command, command);
      assert.match(result.console[0].text, /, no_connection: /);
    }
  });

  test("a redirect is not followed: the secret never reaches another server", async (t) => {
    const other = await listen(
      t,
      (_req, res) => void res.end(JSON.stringify({ state: "ALLOW", isEnrolled: true, isValid: true })),
    );
    for (const status of [301, 302, 303, 307, 308]) {
      for (const handler of /** @type {Handler[]} */ (["onExecutePostLogin", "onContinuePostLogin"])) {
        const { command } = await run(handler, [{ kind: "redirect", status, location: other.url }], {
          onUnavailable: "allow",
        });
        assert.deepEqual(command, unavailable);
      }
    }
    assert.equal(other.requests.length, 0);
  });

  for (const [what, send] of /** @type {[string, (res: import("node:http").ServerResponse) => void][]} */ ([
    ["never comes", (res) => res.flushHeaders()],
    [
      "never ends",
      (res) => {
        const dripping = setInterval(() => res.write(" "), 1);
        res.once("close", () => clearInterval(dripping));
      },
    ],
    ["breaks off", (res) => void res.write(" ", () => res.destroy())],
    ["is too large", (res) => void res.end(" ".repeat(300 * 1024))],
  ])) {
    for (const status of [400, 401, 429]) {
      test(`a ${status} whose body ${what} stays a refusal`, async (t) => {
        const server = await listen(t, (_req, res) => send(res.writeHead(status)));
        const action = await loadPastedAction({
          ...settings,
          apiBaseUrl: server.url,
          onUnavailable: "allow",
          maxRetries: 1,
          timeoutMs: what.startsWith("never") ? 500 : undefined,
        });
        const { command, console } = await action.execute("onExecutePostLogin", loginEvent());
        assert.deepEqual(command, unavailable);
        assert.match(console[0].text, new RegExp(`^authsignal-auth0: deny, .*: status ${status}$`));
        assert.equal(server.requests.length, status === 429 ? 2 : 1);
      });
    }
  }

  test("a compressed answer is measured as it unfolds by fetch, and is none by Node's client, which asked for a plain one", async (t) => {
    const body = JSON.stringify({ state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/" });
    for (const [bytes, byFetch] of /** @type {[number, RegExp][]} */ ([
      [0, /^redirect$/],
      [1 << 26, /^deny, answer_too_large: /],
    ])) {
      const zipped = gzipSync(body.padEnd(bytes));
      const server = await listen(
        t,
        (_req, res) => void res.writeHead(200, { "Content-Encoding": "gzip" }).end(zipped),
      );
      const action = await loadPastedAction({ ...settings, apiBaseUrl: server.url });
      const { command, console } = await action.execute("onExecutePostLogin", loginEvent());
      const expected = client() === "fetch" ? byFetch : /^deny, unreadable_answer: /;
      assert.match(console[0]?.text.replace("authsignal-auth0: ", "") ?? command?.type, expected);
      assert.equal(server.requests.length, 1);
    }
  });

  for (const coding of ["zstd", "constructor", "__proto__"]) {
    test(`an answer that says it is in the coding ${coding}, and isn't, is read`, async (t) => {
      const body = JSON.stringify({ state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/" });
      const server = await listen(t, (_req, res) => void res.writeHead(200, { "Content-Encoding": coding }).end(body));
      const action = await loadPastedAction({ ...settings, apiBaseUrl: server.url });
      const { command } = await action.execute("onExecutePostLogin", loginEvent());
      assert.equal(command?.type, "redirect");
    });
  }

  test("what is no HTTP denies", async (t) => {
    const server = await listen(t, (req) => void req.socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
    const action = await loadPastedAction({ ...settings, apiBaseUrl: server.url, maxRetries: 0 });
    const { command, console } = await action.execute("onExecutePostLogin", loginEvent());
    assert.deepEqual(command, unavailable);
    assert.match(console[0].text, client() === "fetch" ? /, no_connection: / : /, unreadable_answer: /);
  });

  test("a connection that a hook has given up is closed, and not left open", async (t) => {
    /** @type {Promise<void>[]} */
    const closed = [];
    const server = await listen(t, (_req, res) => {
      closed.push(new Promise((resolve) => res.once("close", resolve)));
    });
    const action = await loadPastedAction({ ...settings, apiBaseUrl: server.url, maxRetries: 1, timeoutMs: 300 });
    await action.execute("onExecutePostLogin", loginEvent());
    assert.equal(closed.length, 2);
    await Promise.all(closed);
  });

  test("one failed login doesn't spoil the next", () =>
    withServer(async (authsignal) => {
      const action = await loadPastedAction({ ...settings, apiBaseUrl: authsignal.url, timeoutMs: 500, maxRetries: 1 });
      for (const { command, faults } of /** @type {{ command: string, faults: Kind[] }[]} */ ([
        { command: "deny", faults: [{ kind: "hang" }] },
        { command: "redirect", faults: [] },
        { command: "deny", faults: [{ kind: "garbage" }] },
        { command: "redirect", faults: [] },
        { command: "deny", faults: [{ kind: "huge" }] },
        { command: "redirect", faults: [] },
      ])) {
        await authsignal.faults(faults.map((fault) => ({ ...fault, endpoint: "*" })));
        assert.equal((await action.execute("onExecutePostLogin", loginEvent())).command?.type, command);
      }
    }));

  test("in a long outage the breaker spares retries, never a login, and closes with the first answer", () =>
    withServer(async (authsignal) => {
      const action = await loadPastedAction({ ...settings, apiBaseUrl: authsignal.url });
      const user = { user_id: newUser() };
      /** How many requests the next login makes. */
      const login = async () => {
        const before = (await authsignal.requests(user.user_id)).length;
        const { command } = await action.execute("onExecutePostLogin", loginEvent({ user }));
        return [command?.type, (await authsignal.requests(user.user_id)).length - before];
      };
      await authsignal.faults([{ kind: "status", endpoint: "*", status: 500 }]);
      assert.deepEqual(await login(), ["deny", 3]);
      // The fifth failed try in a row opens it.
      assert.deepEqual(await login(), ["deny", 2]);
      assert.deepEqual(await login(), ["deny", 1]);
      await authsignal.faults([]);
      assert.deepEqual(await login(), ["redirect", 1]);
      await authsignal.faults([{ kind: "status", endpoint: "*", status: 500 }]);
      assert.deepEqual(await login(), ["deny", 3]);
      await authsignal.faults([]);
    }));
});
