// docs/options.md: it has every option that the code has, and each of its examples does what it says.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { SECRET } from "../runtime/authsignal.js";
import { actionText } from "../runtime/built.js";
import { newUser } from "../runtime/event.js";
import { codeBlocks, readPage } from "./page.js";
import { startStage } from "./stage.js";

/** @typedef {Awaited<ReturnType<import("./stage.js").Stage["load"]>>} Loaded */

const page = readPage("options.md");
const types = readFileSync(new URL("../../pkg/index.d.ts", import.meta.url), "utf8");
const stage = await startStage({ after });
const { authsignal } = stage;

// The names.

/** Whatever may be an option's name: every word that the Rust sources have in quotes. */
const words = [...rustSources().matchAll(/"([A-Za-z]\w*)"/g)].map(([, word]) => word);

test("the page, the types and the code have the same options", async () => {
  const inCode = await knownNames((name) => ({ [name]: null }));
  const section = /^## Every option\n([^]*?)^## /m.exec(page)?.[1] ?? "";
  const onPage = [...section.matchAll(/^### (.*)$/gm)].flatMap(([, heading]) => heading.match(/\w+/g) ?? []);
  assert.deepEqual(onPage.toSorted(), inCode);
  assert.deepEqual(membersOf("CommonOptions", "RegionOption", "UrlOption"), inCode);
});

test("the page, the types and the code have the same attributes", async () => {
  const inCode = await knownNames((name) => ({ attributes: { [name]: 1 } }));
  const table = /^### attributes\n([^]*?)^### /m.exec(page)?.[1] ?? "";
  assert.deepEqual([...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name).toSorted(), inCode);
  assert.deepEqual(membersOf("Attributes"), inCode);
});

test("the page has what includeContext adds", async () => {
  const { login } = await load(`Object.assign(exports, createAction({ includeContext: true }));`);
  const code = { code: "match" };
  const assessments = { UntrustedIP: code, NewDevice: code, ImpossibleTravel: code, AgentDetection: code };
  const { event, asked } = await login({
    organization: { id: "org_1", name: "engines" },
    authorization: { roles: ["billing", "admin"] },
    authentication: { methods: [], riskAssessment: { confidence: "low", assessments } },
    transaction: { requested_scopes: ["openid", "email"], acr_values: ["urn:x"] },
    resource_server: { identifier: "https://api.example.com" },
    user: { created_at: "2026-01-02T03:04:05.678Z", last_password_reset: "2026-05-04T03:04:05.678Z" },
    request: { asn: "64496" },
    tenant: { id: "engines-eu" },
    custom_domain: { domain: "login.example.com" },
  });
  const { custom } = asked[0].body;
  const section = /^### includeContext\n([^]*?)^### /m.exec(page)?.[1] ?? "";
  const table = [...section.matchAll(/^\| `(auth0\w+)` \| (.+) \| `(\S+)` \|$/gm)];
  assert.deepEqual(table.map(([, name]) => name).toSorted(), Object.keys(custom).toSorted());
  const secondsAgo = "auth0SecondsSincePasswordReset";
  for (const [, name, what, path] of table) {
    const value = path.split(".").reduce((part, key) => part[key], /** @type {any} */ (event));
    if (name === secondsAgo) continue;
    assert.deepEqual(custom[name], Array.isArray(value) ? value.join(",") : value, name);
    assert.equal(what.includes("joined by commas"), Array.isArray(value), name);
    if (typeof value !== "string") assert.match(what, /, a (number|boolean)$|, joined by commas$/);
  }
  assert.ok(Number.isInteger(custom[secondsAgo]) && custom[secondsAgo] > 86_400);
});

test("includeContext leaves out what the event lacks, what is empty, and arrays of anything but strings", async () => {
  const { login } = await load(`Object.assign(exports, createAction({ includeContext: true }));`);
  const { asked } = await login({
    authorization: { roles: ["billing", 5] },
    transaction: { requested_scopes: [], acr_values: "urn:x", protocol: " " },
    user: { email_verified: "true", created_at: null, last_password_reset: "never" },
  });
  assert.deepEqual(asked[0].body.custom, {
    auth0ClientId: "app",
    auth0ClientName: "Example",
    auth0ConnectionName: "Username-Password-Authentication",
    auth0ConnectionStrategy: "auth0",
    auth0CountryCode: "NZ",
    auth0LastPasswordReset: "never",
    auth0LoginsCount: 3,
    // A list that is a string already.
    auth0AcrValues: "urn:x",
  });
});

/**
 * Those of the words that are names: one that is not is refused as such, with whatever value.
 * @param {(name: string) => object} optionsOf
 */
async function knownNames(optionsOf) {
  const known = [];
  const { login } = await load(`Object.assign(exports, createAction(({ user }) => user.options));`);
  for (const word of new Set(words)) {
    const { log } = await login({ user: { options: optionsOf(word) } });
    const code = /^authsignal-auth0: deny, (\w+)/.exec(log[0])?.[1];
    assert.ok(code === "unknown_option" || code === "invalid_option", `${word}: ${log}`);
    if (code === "invalid_option") known.push(word);
  }
  return known.sort();
}

/** @param {string[]} interfaces */
function membersOf(...interfaces) {
  const names = interfaces.flatMap((name) => {
    const body = new RegExp(`^export interface ${name} \\{\\n([^]*?)^\\}`, "m").exec(types)?.[1] ?? "";
    return [...body.matchAll(/^ {2}(\w+)\?: /gm)].map(([, member]) => member);
  });
  return [...new Set(names)].sort();
}

function rustSources() {
  const src = new URL("../../src/", import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".rs"));
  return files.map((file) => readFileSync(new URL(file, src), "utf8")).join("\n");
}

// The examples.

/** @param {string} code a block of the page */
const load = (code) => {
  const pasted = /^const authsignalOptions = ([^]*);\n$/.exec(code)?.[1];
  if (pasted !== undefined) return stage.load(actionText(pasted));
  const preamble = `const { createAction } = require("authsignal-auth0");\n`;
  return stage.load(code.includes(preamble) ? code : preamble + code);
};

/** An enrolled user. */
const enrolled = async () => {
  const user_id = newUser();
  await authsignal.enroll(user_id);
  return { user_id };
};

/** The request of a login that is sent to Authsignal. @param {import("./stage.js").Seen} seen */
const tracked = ({ outcome, asked, log }) => {
  assert.equal(outcome, "redirects", log[0]);
  return { ...asked[0], host: new URL(asked[0].url).host, path: new URL(asked[0].url).pathname };
};

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

const recorded = (/** @type {number} */ minutesAgo) => ({
  methods: [
    { name: "https://api.authsignal.com/v1", timestamp: new Date(Date.now() - minutesAgo * 60_000).toISOString() },
  ],
});

/**
 * What each example does, by the heading that it stands under.
 * @type {Record<string, (action: Loaded, t: import("node:test").TestContext) => Promise<void>>}
 */
const claims = {
  async Options({ login }) {
    assert.equal(tracked(await login()).host, "api.authsignal.com");
  },
  async "Where options go"({ login }) {
    assert.equal(tracked(await login()).host, "eu.api.authsignal.com");
  },
  async "A function of the event"({ login }) {
    assert.deepEqual(tracked(await login()).body.custom, { application: "Example" });
  },
  async "secret (apiSecretKey)"({ login }) {
    tracked(await login({ secrets: { MFA_KEY: SECRET, AUTHSIGNAL_SECRET: "of another tenant" } }));
  },
  async region({ login }) {
    assert.equal(tracked(await login()).host, "eu.api.authsignal.com");
  },
  async "apiBaseUrl (apiUrl)"({ login }) {
    assert.equal(tracked(await login()).host, "au.api.authsignal.com");
  },
  async userId({ login, comesBack }) {
    const seen = await login({ user: { app_metadata: { customer_id: 42 } } });
    assert.equal(tracked(seen).path, "/v1/users/42/actions/auth0-login");
    await authsignal.complete(seen.challenge.href);
    const { recorded, asked } = await comesBack(seen);
    assert.deepEqual([recorded.length, asked[0].body.userId], [1, "42"]);
    const user_id = newUser();
    const { path } = tracked(await login({ user: { user_id, app_metadata: {} } }));
    assert.equal(path, `/v1/users/${encodeURIComponent(user_id)}/actions/auth0-login`);
  },
  async action({ login, comesBack }) {
    const seen = await login({ authentication: recorded(1) });
    assert.match(tracked(seen).path, /\/actions\/admin-login$/);
    await authsignal.complete(seen.challenge.href);
    assert.deepEqual((await comesBack(seen)).recorded, ["https://api.authsignal.com/v1#admin-login"]);
  },
  async redirectUrl({ login }) {
    const { body } = tracked(await login({ request: { hostname: "tenant.example.org" } }));
    assert.equal(body.redirectUrl, "https://login.example.com/continue");
  },
  async custom({ login }) {
    const user = { app_metadata: { plan: "gold" } };
    const { body } = tracked(await login({ user, organization: { name: "engines" } }));
    assert.deepEqual(body.custom, { plan: "gold", organization: "engines" });
    assert.deepEqual(tracked(await login({ user: { app_metadata: {} } })).body.custom, {});
  },
  async includeContext({ login }) {
    assert.equal(tracked(await login()).body.custom.auth0ClientName, "Example");
  },
  async attributes({ login }) {
    const phone_number = "+64211234567";
    const given = { user: { phone_number, phone_verified: true }, transaction: { locale: "en" } };
    const { body } = tracked(await login(given));
    assert.deepEqual([body.phoneNumber, body.locale, body.email], [phone_number, "en", "ada@example.com"]);
    const { body: without } = tracked(await login({ user: { phone_number, phone_verified: false } }));
    assert.ok(!("phoneNumber" in without) && !("locale" in without));
  },
  async enrollment({ login }) {
    assert.equal((await login()).outcome, "proceeds");
    tracked(await login({ user: await enrolled() }));
  },
  async forceEnrollment({ login }) {
    assert.equal((await login()).challenge.searchParams.get("force_enrollment"), "true");
  },
  async maxAge({ login }) {
    const { outcome, asked } = await login({ authentication: recorded(59) });
    assert.deepEqual([outcome, asked], ["proceeds", []]);
    tracked(await login({ authentication: recorded(61) }));
  },
  async onReview({ login }, t) {
    await outcomeIs("REVIEW", t);
    assert.equal((await login({ user: await enrolled() })).outcome, "proceeds");
    assert.equal((await login()).reason, "Action under review");
  },
  async onUnavailable({ login }, t) {
    await authsignal.faults([{ endpoint: "track", kind: "status", status: 503 }], t);
    assert.equal((await login()).outcome, "proceeds");
    await authsignal.faults([{ endpoint: "track", kind: "status", status: 400 }]);
    assert.equal((await login()).reason, "MFA is unavailable");
  },
  async onStepUp({ login }, t) {
    /** @type {Record<string, Record<string, unknown>>[]} */
    const asking = [
      { transaction: { acr_values: [MULTI_FACTOR] } },
      { transaction: { prompt: ["login"] } },
      { request: { query: { max_age: "300" } } },
      { request: { query: { max_age: "soon" } } },
    ];
    for (const parts of asking) {
      const seen = await login({ ...parts, authentication: recorded(6) });
      tracked(seen);
      assert.deepEqual(seen.claims, { idToken: {}, accessToken: {} });
    }
    /** @type {typeof asking} */
    const others = [{}, { request: { query: { max_age: "400" } } }];
    for (const parts of others) {
      const { outcome, claims } = await login({ ...parts, authentication: recorded(6) });
      assert.equal(outcome, "proceeds");
      assert.deepEqual(Object.keys(claims.accessToken), ["https://example.com/mfa"]);
    }
    await outcomeIs("ALLOW", t);
    const { outcome, claims } = await login({ ...asking[0], authentication: recorded(6), user: await enrolled() });
    assert.deepEqual([outcome, claims.idToken], ["proceeds", {}]);
  },
  async claim({ login, comesBack }) {
    const seen = await login();
    assert.deepEqual(seen.claims, { idToken: {}, accessToken: {} });
    await authsignal.complete(seen.challenge.href, undefined, "PASSKEY");
    const { claims } = await comesBack(seen);
    const { at, ...rest } = /** @type {any} */ (claims.idToken["https://example.com/mfa"]);
    assert.deepEqual(rest, { action: "auth0-login", method: "PASSKEY" });
    assert.deepEqual(claims.accessToken, claims.idToken);
    const authentication = recorded(6);
    const { claims: later } = await login({ authentication });
    const value = { action: "auth0-login", at: authentication.methods[0].timestamp };
    assert.deepEqual(later.accessToken, { "https://example.com/mfa": value });
    const exchange = await login({ authentication, transaction: { protocol: "oauth2-refresh-token" } });
    assert.deepEqual(exchange.claims, { idToken: {}, accessToken: {} });
  },
  async console({ login }) {
    const { log, printed } = await login({ secrets: {} });
    assert.match(log[0], /deny, no_secret: /);
    assert.deepEqual(printed, []);
    // A function that has not returned options has not returned a console.
    for (const failing of ["() => {}", "() => { throw new Error(); }", "async () => ({ console })"]) {
      const seen = await (await load(`Object.assign(exports, createAction(${failing}));`)).login();
      assert.match(seen.printed[0], /deny, invalid_options: /);
    }
  },
  async "timeoutMs, maxRetries"({ login }, t) {
    await authsignal.faults([{ endpoint: "track", kind: "status", status: 503 }], t);
    assert.equal((await login()).asked.length, 2);
    await authsignal.faults([{ endpoint: "track", kind: "hang" }]);
    assert.match((await login()).log[0], /, timeout: /);
  },
  async "failureMessage, blockedMessage, reviewMessage, unavailableMessage"({ login, comesBack }, t) {
    assert.match(String((await comesBack(await login())).reason), /^We could not confirm/);
    await outcomeIs("BLOCK", t);
    assert.match(String((await login()).reason), /^This login is blocked/);
    await outcomeIs("REVIEW", t);
    assert.match(String((await login()).reason), /^We are looking/);
    await authsignal.faults([{ endpoint: "track", kind: "garbage" }], t);
    assert.match(String((await login()).reason), /^Logging in does not work/);
  },
  async logLevel({ login }) {
    const { log } = await login();
    assert.equal(log.length, 1);
    assert.match(log[0], /^authsignal-auth0: redirect, enrollment_required: /);
  },
  async "A tenant in the EU"({ login }) {
    assert.equal(tracked(await login()).host, "eu.api.authsignal.com");
  },
  async "A custom domain"({ login }) {
    const { body } = tracked(await login({ request: { hostname: "login.example.org" } }));
    assert.deepEqual([body.customDomain, body.redirectUrl], ["mfa.example.com", "https://login.example.org/continue"]);
  },
  async "A test tenant"({ login, comesBack }) {
    const client = { metadata: { authsignal: "test" } };
    const secrets = { AUTHSIGNAL_SECRET: "of the real tenant", AUTHSIGNAL_TEST_SECRET: SECRET };
    const seen = await login({ client, secrets });
    assert.match(tracked(seen).path, /\/actions\/test-login$/);
    await authsignal.complete(seen.challenge.href);
    const [name] = (await comesBack(seen)).recorded;
    // The real one asks all the same.
    const authentication = { methods: [{ name, timestamp: new Date().toISOString() }] };
    assert.match(tracked(await login({ authentication })).path, /\/actions\/auth0-login$/);
    assert.equal((await login({ client })).reason, "MFA is unavailable");
  },
};

/** @param {import("../runtime/authsignal.js").Outcome} outcome @param {import("node:test").TestContext} t */
async function outcomeIs(outcome, t) {
  t.after(() => authsignal.outcome("auth0-login", "CHALLENGE"));
  await authsignal.outcome("auth0-login", outcome);
}

const quoted = /^<!-- from (examples\/\S+) -->\n[^]*?^<!-- end -->$/gm;
const own = codeBlocks(page.replace(quoted, ""));

for (const [title, code] of own) {
  test(`the example under "${title}" does what it says`, async (t) => {
    assert.ok(title in claims, "nothing is claimed of it here");
    const action = await load(code);
    // Auth0's log has what is printed on the Action's console.
    const { log, printed } = await action.login({
      secrets: {},
      user: { app_metadata: {} },
      client: { metadata: {} },
      request: { hostname: undefined },
    });
    assert.equal(log.length, 1);
    assert.deepEqual(printed, []);
    await claims[title](action, t);
  });
}

test("each claim is of an example on the page", () => {
  assert.deepEqual(Object.keys(claims).toSorted(), [...own.keys()].toSorted());
});

test("each file of examples/ is on the page", () => {
  const files = readdirSync(new URL("../../examples/", import.meta.url)).filter((file) => /\.m?js$/.test(file));
  const onPage = [...page.matchAll(quoted)].map(([, file]) => file.replace("examples/", ""));
  assert.deepEqual(onPage.toSorted(), files.toSorted());
});
