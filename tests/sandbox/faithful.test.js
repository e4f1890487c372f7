// What Auth0's published test kit for Actions, its types and its documentation say, and what the sandbox does. A probe
// that doesn't give what Auth0 does has to be in the README's list of deliberate differences, and the other way round.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { evaluate, event, run, shared } from "./action-runner.js";
import { ADA, Browser, claimsOf, exchangeCode, requestTokens, startWith } from "./tenant-browser.js";

/** @import { TestContext } from "node:test" */

/**
 * @typedef {object} Probe
 * @property {string} what
 * @property {"kit" | "types" | "docs"} source what is right about Auth0
 * @property {(t: TestContext) => unknown} probe
 * @property {unknown} auth0
 * @property {unknown} [ours] if it is another one
 * @property {string} [listed] then: under this name in the README
 */

/** What an expression gives in an Action, or the message of what it throws. @type {typeof evaluate} */
const outcome = async (expression, options) => {
  const caught = `(async () => { try { return (${expression}) ?? null } catch (error) { return "throws: " + error.message } })()`;
  return evaluate(caught, options);
};
/** Whether it throws. @param {string} expression @param {Parameters<typeof run>[1]} [options] */
const throws = async (expression, options) => String(await outcome(expression, options)).startsWith("throws: ");
const atContinue = /** @type {const} */ ({ handler: "onContinuePostLogin" });

/** The error of an Action with this whole source. @param {string} source */
const errorOf = async (source) => {
  const action = await loadAction({ source });
  return (await action.execute("onExecutePostLogin", event())).error?.message;
};

/** The tokens of a login. @param {TestContext} t @param {string} body @param {Record<string, string>} [parameters] */
const tokensOf = async (t, body, parameters) => {
  const tenant = await startWith(t, `exports.onExecutePostLogin = async (event, api) => {${body}};`);
  return exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA, parameters));
};

/** The answer of a password grant whose Action redirects. @param {TestContext} t */
const redirectedGrant = async (t) => {
  const source = `exports.onExecutePostLogin = async (event, api) => { api.redirect.sendUserTo("https://mfa.example"); };`;
  const grant = { grant_type: "password", username: ADA.email, password: ADA.password };
  return requestTokens(await startWith(t, source), grant);
};

const HANDLER =
  'Invalid function signature for the "onExecutePostLogin" handler. Use "exports.onExecutePostLogin = async function(event, api) { }" as the signature.';
const RESTRICTED = ["amr", "acr", "roles", "org_id", "permissions", "typ", "gty"];

/** Calls that Auth0 refuses, and its words. @type {[call: string, message: string][]} */
const CHECKED = [
  ["transaction.addTargetScope('a')", "Method not implemented."],
  ["transaction.clearTargetScopes()", "Method not implemented."],
  ["authentication.setPrimaryUser('')", "The provided primary_user_id must be a non-empty string"],
  [
    "authentication.setPrimaryUser('a') ?? api.authentication.setPrimaryUser('b')",
    "The primary user can only be altered once per transaction",
  ],
  ["session.setExpiresAt(0)", "Either inactivity or absolute expiration time must be provided"],
  ["session.setIdleExpiresAt()", "Either inactivity or absolute expiration time must be provided"],
  ["session.setCookieMode()", "Cookie mode must be provided"],
  ["session.setCookieMode('other')", "Invalid cookie mode: other. Valid values are 'persistent' and 'non-persistent'."],
  ["session.setMetadata(1, 'b')", "Failed to set session metadata: Invalid metadata: Metadata key must be a string"],
  ["session.setMetadata('a', 1)", "Failed to set session metadata: Invalid metadata: Metadata value must be a string"],
  [
    "session.setMetadata('a b', 'c')",
    "Failed to set session metadata: Invalid metadata: Metadata keys may only include letters, numbers, underscores, or hyphens",
  ],
  [
    "session.setMetadata('a', 'b'.repeat(256))",
    "Failed to set session metadata: Invalid metadata: All metadata values must be at most 255 characters long",
  ],
  [
    "session.setMetadata('a'.repeat(256), 'b')",
    "Failed to set session metadata: Invalid metadata: All metadata keys must be at most 255 characters long",
  ],
  [
    "session && [...Array(26).keys()].forEach((i) => api.session.setMetadata('k' + i, ''))",
    "Failed to set session metadata: Invalid metadata: Metadata must not contain more than 25 entries",
  ],
  ["refreshToken.setExpiresAt()", "Either inactivity or absolute expiration time must be provided"],
  [
    "refreshToken.setMetadata('a', 1)",
    "Failed to set refresh token metadata: Invalid metadata: Metadata value must be a string",
  ],
];

/** @type {Probe[]} */
const PROBES = [
  {
    what: "the ID token's amr after recordMethod",
    source: "docs",
    auth0: "none",
    async probe(t) {
      const tenant = await startWith(
        t,
        `exports.onExecutePostLogin = async (event, api) => { api.redirect.sendUserTo("https://mfa.example"); };
        exports.onContinuePostLogin = async (event, api) => { api.authentication.recordMethod("https://mfa.example"); };`,
      );
      const browser = new Browser(tenant.origin);
      const { url } = await browser.signIn(ADA);
      const back = await browser.visit(`/continue?state=${url.searchParams.get("state")}`);
      return claimsOf((await exchangeCode(tenant, back)).id_token).amr ?? "none";
    },
  },
  {
    what: "claims of restricted names in the ID token",
    source: "docs",
    auth0: [],
    async probe(t) {
      const set = RESTRICTED.map((name) => `api.idToken.setCustomClaim("${name}", "set");`).join("");
      const claims = claimsOf((await tokensOf(t, set)).id_token);
      return RESTRICTED.filter((name) => claims[name] === "set");
    },
  },
  ...["idToken", "accessToken"].map((token) => ({
    what: `${token}.setCustomClaim("scope")`,
    source: /** @type {const} */ ("kit"),
    auth0: 'throws: The "scope" claim cannot be set.',
    probe: () => outcome(`api.${token}.setCustomClaim("scope", "a")`),
  })),
  ...["samlResponse", "session", "refreshToken", "prompt", "validation", "groups", "roles"].map((name) => ({
    what: `api.${name}`,
    source: /** @type {const} */ ("kit"),
    auth0: "object",
    probe: () => outcome(`typeof api.${name}`),
  })),
  ...[
    ...["challengeWith", "challengeWithAny", "enrollWith", "enrollWithAny", "setPrimaryUser"].map(
      (name) => `authentication.${name}`,
    ),
    ...["addTargetScope", "removeTargetScope", "setTargetScopes", "clearTargetScopes"].map(
      (name) => `transaction.${name}`,
    ),
  ].map((name) => ({
    what: `api.${name}`,
    source: /** @type {const} */ ("kit"),
    auth0: "function",
    probe: () => outcome(`typeof api.${name}`),
  })),
  ...CHECKED.map(([call, message]) => ({
    what: `api.${call}`,
    source: /** @type {const} */ ("kit"),
    auth0: `throws: ${message}`,
    probe: () => outcome(`api.${call}`, { event: { ...event(), session: { id: "s" } } }),
  })),
  {
    what: "session metadata without a session",
    source: "kit",
    auth0: "throws: Failed to set session metadata: Cannot set metadata on a session that does not exist.",
    probe: () => outcome(`api.session.setMetadata("a", "b")`),
  },
  {
    what: "session metadata just after it was set, changed and removed",
    source: "kit",
    auth0: [{ a: "1", b: "2" }, { b: "2" }, {}],
    probe: () =>
      outcome(
        `(() => {
          const seen = () => ({ ...event.session.metadata });
          api.session.setMetadata("a", "1"); api.session.setMetadata("b", "2");
          const set = seen();
          api.session.setMetadata("a", null);
          const removed = seen();
          api.session.evictMetadata();
          return [set, removed, seen()];
        })()`,
        { event: { session: {} } },
      ),
  },
  {
    what: "a redirect and a Form in the same Action",
    source: "kit",
    auth0: { type: "deny", reason: "Redirect and render commands cannot be used in the same action." },
    probe: async () => (await run(`api.redirect.sendUserTo("https://a.example"); api.prompt.render("ap_1");`)).command,
  },
  {
    what: "two Forms in the same Action",
    source: "kit",
    auth0: { type: "deny", reason: "Only 1 render command per action is allowed." },
    probe: async () => (await run(`api.prompt.render("ap_1"); api.prompt.render("ap_2");`)).command,
  },
  {
    what: "what the setters of samlResponse return",
    source: "kit",
    auth0: true,
    probe: () => outcome(`api.samlResponse.setAttribute("a", "b").samlResponse.setIssuer("i") === api`),
  },
  ...["challengeWith", "challengeWithAny", "enrollWith", "enrollWithAny"].map((name) => ({
    what: `a login whose Action calls ${name}`,
    source: /** @type {const} */ ("docs"),
    auth0: "one of Auth0's factors",
    probe: async () => (await run(`api.authentication.${name}([{ type: "otp" }])`)).error?.message,
    ours: `The sandbox has none of Auth0's own factors, so api.authentication.${name} can't be tried here.`,
    listed: "factors",
  })),
  {
    what: "the session's end at setExpiresAt",
    source: "docs",
    auth0: "its end",
    probe: async () => (await run("api.session.setExpiresAt(1)")).session,
    ours: {},
    listed: "no-effect",
  },
  {
    what: "how a validation error reaches the application",
    source: "docs",
    auth0: undefined,
    probe: async () => (await run(`api.validation.error("invalid", "Not valid.")`)).command,
    ours: { type: "deny", reason: "Not valid." },
    listed: "validation-error",
  },
  {
    what: "app and user metadata at the next login",
    source: "types",
    auth0: [1, 2],
    async probe(t) {
      const tenant = await startWith(
        t,
        `exports.onExecutePostLogin = async ({ user }, api) => {
          if (user.app_metadata.a) api.access.deny([user.app_metadata.a, user.user_metadata.b].join());
          api.user.setAppMetadata("a", 1).user.setUserMetadata("b", 2);
        };`,
      );
      const browser = new Browser(tenant.origin);
      await browser.signIn(ADA);
      const { url } = await browser.authorize();
      return url.searchParams.get("error_description")?.split(",").map(Number);
    },
  },
  ...["app", "user"].map((part) => ({
    what: `metadata of a user whose ${part}_metadata is no object`,
    source: /** @type {const} */ ("kit"),
    auth0: `throws: Unexpected ${part}_metadata format. Must be a valid JSON object${part === "app" ? "" : "."}`,
    probe: () =>
      outcome(`api.user.set${part === "app" ? "App" : "User"}Metadata("a", 1)`, {
        event: { user: { [`${part}_metadata`]: [] } },
      }),
  })),
  {
    what: "the access token's scope after addScope",
    source: "docs",
    auth0: "openid email read:it",
    probe: async (t) => {
      const parameters = { audience: "https://api.example.com", scope: "openid email" };
      const tokens = await tokensOf(t, `api.accessToken.addScope("read:it")`, parameters);
      return claimsOf(tokens.access_token).scope;
    },
  },
  ...["addScope", "removeScope"].flatMap((method) =>
    ['""', "1", '"a b"', '"a".repeat(281)'].map((scope) => ({
      what: `accessToken.${method}(${scope})`,
      source: /** @type {const} */ ("kit"),
      auth0: true,
      probe: () => throws(`api.accessToken.${method}(${scope})`),
    })),
  ),
  {
    what: "validateToken of a token with another issuer",
    source: "kit",
    auth0: true,
    async probe() {
      const token = await evaluate(
        `api.redirect.encodeToken({ secret: "s", payload: { iss: "https://evil.example" } })`,
      );
      const request = { ...event().request, body: { session_token: token } };
      return throws(`api.redirect.validateToken({ secret: "s" })`, { ...atContinue, event: { ...event(), request } });
    },
  },
  {
    what: "validateToken without the parameter",
    source: "kit",
    auth0: "throws: There is no parameter called 'x' available in either the POST body or query string.",
    probe: () => outcome(`api.redirect.validateToken({ secret: "s", tokenParameterName: "x" })`, atContinue),
  },
  {
    what: "validateToken with an empty name of the parameter",
    source: "kit",
    auth0: "throws: There is no parameter called 'session_token' available in either the POST body or query string.",
    probe: () => outcome(`api.redirect.validateToken({ secret: "s", tokenParameterName: "" })`, atContinue),
  },
  {
    what: "encodeToken without a secret",
    source: "kit",
    auth0: false,
    probe: () => throws(`api.redirect.encodeToken({})`),
    ours: true,
    listed: "token-without-secret",
  },
  ...["oauth2-password", "oauth2-refresh-token", "oauth2-webauthn"].map((protocol) => ({
    what: `a redirect in ${protocol}, as the Action asked for it`,
    source: /** @type {const} */ ("kit"),
    auth0: "redirect",
    probe: async () => {
      const given = { transaction: { protocol } };
      return (await run(`api.redirect.sendUserTo("https://a.example")`, { event: given })).command?.type;
    },
  })),
  {
    what: "the error of a redirect in a password grant",
    source: "types",
    auth0: "interaction_required",
    probe: async (t) => (await redirectedGrant(t)).error,
  },
  {
    what: "the description of that error, which Auth0 publishes nowhere",
    source: "types",
    auth0: undefined,
    probe: async (t) => (await redirectedGrant(t)).error_description,
    ours: "A redirect is not possible in the protocol oauth2-password",
    listed: "redirect-text",
  },
  {
    what: "a handler that isn't async",
    source: "kit",
    auth0: HANDLER,
    probe: () => errorOf("exports.onExecutePostLogin = () => {}"),
  },
  { what: "a missing handler", source: "kit", auth0: HANDLER, probe: () => errorOf("") },
  {
    what: "an export that is no object",
    source: "kit",
    auth0: "The Action must export an object.",
    probe: () => errorOf("module.exports = 1"),
  },
  {
    what: "how much of the console is kept while the Action runs",
    source: "kit",
    auth0: 256 * 1024,
    probe: async () => (await run(`console.log("x".repeat(300_000))`)).console[0].text.length,
  },
  {
    what: "how much of it is kept afterwards",
    source: "docs",
    auth0: 256,
    probe: async () => (await run(`console.log("x".repeat(300))`)).console[0].kept,
  },
  {
    what: "console.group",
    source: "kit",
    auth0: ["g", "  in"],
    probe: async () => (await run(`console.group("g"); console.log("in");`)).console.map(({ text }) => text),
  },
  {
    what: "a 21st entry of the cache",
    source: "docs",
    auth0: "error",
    probe: () => outcome(`[...Array(21).keys()].map((i) => api.cache.set("k" + i, "")).pop().type`),
  },
  {
    what: "the code of that error, which is not among those in the types",
    source: "types",
    auth0: undefined,
    probe: () => outcome(`[...Array(21).keys()].map((i) => api.cache.set("k" + i, "")).pop().code`),
    ours: "CacheEntriesExceeded",
    listed: "cache-entries",
  },
  {
    what: "more than 8 kB in the cache",
    source: "docs",
    auth0: "CacheSizeExceeded",
    probe: () => outcome(`["a", "b", "c"].map((k) => api.cache.set(k, "v".repeat(4090))).pop().code`),
  },
  {
    what: "a cache entry whose ttl is null",
    source: "kit",
    auth0: "InvalidExpiry",
    probe: () => outcome(`api.cache.set("k", "v", { ttl: null }).code`),
  },
  {
    what: "a cache entry whose options are null",
    source: "kit",
    auth0: "success",
    probe: () => outcome(`api.cache.set("k", "v", null).type`),
  },
  {
    what: "a change in a record of the cache",
    source: "kit",
    auth0: "changed",
    probe: () => outcome(`(api.cache.set("k", "v"), (api.cache.get("k").value = "changed"), api.cache.get("k").value)`),
  },
  {
    what: "recordMethod at execute",
    source: "types",
    auth0: true,
    probe: () => throws(`api.authentication.recordMethod("https://a.example")`),
  },
  ...['"mfa"', '"ftp://a.example"', "undefined"].map((url) => ({
    what: `recordMethod(${url})`,
    source: /** @type {const} */ ("types"),
    auth0: true,
    probe: () => throws(`api.authentication.recordMethod(${url})`, atContinue),
  })),
  ...['"k", {}', '"k".repeat(65), 1', '"k", "v".repeat(8193)'].map((args) => ({
    what: `transaction.setMetadata(${args})`,
    source: /** @type {const} */ ("docs"),
    auth0: true,
    probe: () => throws(`api.transaction.setMetadata(${args})`),
  })),
  {
    what: "transaction metadata just after it was set",
    source: "docs",
    auth0: 1,
    probe: () => outcome(`(api.transaction.setMetadata("k", 1), event.transaction.metadata.k)`),
  },
  { what: "require of a path", source: "docs", auth0: true, probe: () => throws(`require("./a.js")`) },
  {
    what: "a source of more than 100 kB",
    source: "docs",
    auth0: true,
    probe: () =>
      loadAction({ source: " ".repeat(100_001) }).then(
        () => false,
        () => true,
      ),
  },
  {
    what: "the Content-Type of Authsignal's answers",
    source: "docs",
    auth0: ["application/json", "application/json"],
    async probe(t) {
      const authsignal = await startAuthsignal();
      t.after(authsignal.close);
      const answers = await Promise.all(["/users/ada", "/none"].map((path) => fetch(`${authsignal.url}${path}`)));
      return answers.map(({ headers }) => headers.get("content-type"));
    },
  },
  {
    what: "what else require has",
    source: "kit",
    auth0: ["object", "object", "undefined", "function"],
    probe: () =>
      outcome("[typeof require.cache, typeof require.extensions, typeof require.main, typeof require.resolve.paths]"),
  },
  {
    what: "require.resolve of an Actions Module",
    source: "kit",
    auth0: true,
    async probe() {
      const source = `exports.onExecutePostLogin = async () => { require.resolve("actions:m"); };`;
      const action = await loadAction({ source, modules: { m: { source: "" } } });
      return (await action.execute("onExecutePostLogin", event())).status === "error";
    },
  },
  {
    what: "the code of a missing package's error",
    source: "kit",
    auth0: "MODULE_NOT_FOUND",
    probe: () => outcome(`(() => { try { require("no-such-package") } catch (error) { return error.code } })()`),
  },
  {
    what: "whether that error has Node's require stack",
    source: "kit",
    auth0: true,
    probe: async () => /Require stack/.test(String(await outcome(`require("no-such-package")`))),
    ours: false,
    listed: "missing-package",
  },
  {
    what: "an Actions Module with a syntax error that is never required",
    source: "kit",
    auth0: "loads",
    probe: () =>
      loadAction({ source: "", modules: { m: { source: ")" } } }).then(
        () => "loads",
        () => "refused",
      ),
    ours: "refused",
    listed: "broken-module",
  },
  {
    what: "whether there is one realm",
    source: "kit",
    auth0: true,
    async probe() {
      shared.array = Array;
      return outcome("[] instanceof globalThis.actionsRuntimeTest.array");
    },
  },
  { what: "a body that throws {}", source: "kit", auth0: "[object Object]", probe: () => errorOf("throw {}") },
  {
    what: "a body that throws undefined",
    source: "kit",
    auth0: "Unknown error",
    probe: () => errorOf("throw undefined"),
  },
  {
    what: "the text of a compile error",
    source: "kit",
    auth0: "Unexpected token ')'",
    probe: () => loadAction({ source: "\n)", name: "a.js" }).catch(({ message }) => message),
    ours: "a.js:2: Unexpected token ')'",
    listed: "compile-error",
  },
  {
    what: "a query with inherited names",
    source: "kit",
    auth0: "https://a.example/?a=1",
    probe: async () => {
      const { command } = await run(
        `api.redirect.sendUserTo("https://a.example", { query: Object.create({ a: "1" }) })`,
      );
      return command?.type === "redirect" && command.url;
    },
  },
  {
    what: "user.created_at and user.updated_at in the event",
    source: "types",
    auth0: ["string", "string"],
    probe: async (t) => {
      const body = `api.idToken.setCustomClaim("seen", [typeof event.user.created_at, typeof event.user.updated_at]);`;
      return claimsOf((await tokensOf(t, body)).id_token).seen;
    },
  },
];

const readme = readFileSync(new URL("../../sandbox/README.md", import.meta.url), "utf8");
const section = readme.split(/^## /m).find((part) => part.startsWith("What differs from Auth0 on purpose")) ?? "";
const deliberate = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);

describe("As at Auth0", () => {
  for (const { what, source, probe, auth0 } of PROBES.filter(({ listed }) => !listed)) {
    test(`${what} (${source})`, async (t) => assert.deepEqual(await probe(t), auth0));
  }
});

describe("Different on purpose, and in the README", () => {
  for (const { what, probe, auth0, ours, listed = "" } of PROBES.filter(({ listed }) => listed)) {
    test(`${what} (${listed})`, async (t) => {
      assert.notDeepEqual(ours, auth0, "a difference");
      assert.deepEqual(await probe(t), ours);
      assert.ok(deliberate.includes(listed), `${listed} is in the README`);
    });
  }

  test("the README lists no other difference", () => {
    const shown = new Set(PROBES.flatMap(({ listed }) => listed ?? []));
    assert.deepEqual(
      deliberate.filter((name) => !shown.has(name)),
      [],
    );
  });
});
