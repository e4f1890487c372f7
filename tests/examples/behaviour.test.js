// What each Action in examples/ says of itself, in the stand-in for the Actions runtime.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { encodeToken } from "../../sandbox/auth0/token.js";
import { startStage } from "../docs/stage.js";
import { SECRET } from "../runtime/authsignal.js";
import { newUser } from "../runtime/event.js";

const stage = await startStage({ after });
const folder = new URL("../../examples/", import.meta.url);
const tested = new Set();

/** @param {string} name */
const load = (name) => {
  tested.add(name);
  return stage.load(readFileSync(new URL(name, folder), "utf8"));
};

const US = "https://api.authsignal.com/v1";
const CLAIM = "https://example.com/mfa";
/** The claim of a token. @param {Record<string, any>} token */
const mfaOf = ({ [CLAIM]: mfa }) => mfa;
const NO_CLAIMS = { idToken: {}, accessToken: {} };
const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
/** A session that recorded this so many hours ago. @param {string} name @param {number} [hours] */
const session = (name, hours = 0) => ({
  authentication: { methods: [{ name, timestamp: new Date(Date.now() - hours * 3_600_000).toISOString() }] },
});

/** The login goes on, and nobody was asked. @param {import("../docs/stage.js").Seen} seen */
const proceeds = ({ outcome, asked, log }) => assert.deepEqual([outcome, asked], ["proceeds", []], log[0]);
/** The user is sent to Authsignal. @param {import("../docs/stage.js").Seen} seen */
const redirects = (seen) => {
  assert.equal(seen.outcome, "redirects", seen.log[0]);
  return seen;
};

test("only-some-applications.js: an application with mfa: off has none, every other one has", async () => {
  const { login, comesBack } = await load("only-some-applications.js");
  proceeds(await login({ client: { metadata: { mfa: "off" } } }));
  for (const metadata of [{ mfa: "on" }, { mfa: "OFF" }, { mfa: true }, {}, undefined]) {
    redirects(await login({ client: { metadata } }));
  }
  // Turned off while the browser was away: the challenge is not looked at, and the login is denied.
  const seen = redirects(await login());
  const back = await comesBack({ ...seen, event: { ...seen.event, client: { metadata: { mfa: "off" } } } });
  assert.deepEqual([back.outcome, back.asked], ["denies", []]);
});

test("per-organization.js: members have an action of their own, and an organization with mfa: off has none", async () => {
  const { login, comesBack } = await load("per-organization.js");
  await stage.authsignal.outcome("organization-login", "CHALLENGE");
  assert.match(redirects(await login(session("pwd"))).asked[0].url, /\/actions\/auth0-login$/);
  const organization = { id: "org_1", name: "engines", metadata: {} };
  const seen = redirects(await login({ organization, ...session(US) }));
  assert.match(seen.asked[0].url, /\/actions\/organization-login$/);
  assert.deepEqual(seen.asked[0].body.custom, { organization: "engines" });
  await stage.authsignal.complete(seen.challenge.href);
  const [name] = (await comesBack(seen)).recorded;
  proceeds(await login({ organization, ...session(name) }));
  redirects(await login(session(name)));
  proceeds(await login({ organization: { ...organization, metadata: { mfa: "off" } } }));
});

test("step-up.js: a sensitive scope, or none, asks again; the others ask once a session", async () => {
  const { login, comesBack } = await load("step-up.js");
  /** @type {(scopes: string[] | undefined) => ReturnType<typeof login>} */
  const again = (requested_scopes) => login({ transaction: { requested_scopes }, ...session(US) });
  proceeds(await again(["openid", "read:balance"]));
  proceeds(await again(["transfer:fund"]));
  for (const scopes of [["transfer:funds"], ["openid", "delete:account"], [], undefined])
    redirects(await again(scopes));
  const seen = redirects(await login({ transaction: { requested_scopes: ["openid"] } }));
  assert.deepEqual(seen.claims, NO_CLAIMS);
  await stage.authsignal.complete(seen.challenge.href);
  assert.equal(mfaOf((await comesBack(seen)).claims.accessToken).action, "auth0-login");
});

for (const [name, seldom] of /** @type {const} */ ([
  ["step-up-by-acr.js", "a login that asks for nothing is challenged once a session"],
  ["mfa-on-request.js", "a login that asks for nothing needs no challenge"],
])) {
  test(`${name}: ${seldom}, one that asks for MFA is challenged each time`, async () => {
    const { login, comesBack } = await load(name);
    if (name === "mfa-on-request.js") proceeds(await login());
    else redirects(await login());
    const again = await login(session(US));
    proceeds(again);
    const isClaimed = CLAIM in again.claims.accessToken;
    assert.equal(isClaimed, name === "step-up-by-acr.js");

    const before = Date.now();
    for (const acr_values of [[MULTI_FACTOR], ["urn:x", MULTI_FACTOR], `urn:x ${MULTI_FACTOR}`]) {
      const seen = redirects(await login({ transaction: { acr_values }, ...session(US) }));
      assert.deepEqual(seen.claims, NO_CLAIMS);
      await stage.authsignal.complete(seen.challenge.href, undefined, "PASSKEY");
      const { recorded, claims } = await comesBack(seen);
      assert.deepEqual(recorded, [US]);
      for (const { at, ...rest } of [mfaOf(claims.idToken), mfaOf(claims.accessToken)]) {
        assert.deepEqual(rest, { action: "auth0-login", method: "PASSKEY" });
        assert.ok(Date.parse(at) >= before && Date.parse(at) <= Date.now());
      }
    }
  });

  test(`${name}: a login that asks for MFA is denied in an outage`, async (t) => {
    await stage.authsignal.faults([{ endpoint: "track", kind: "status", status: 503 }], t);
    const source = readFileSync(new URL(name, folder), "utf8").replace("onStepUp", 'onUnavailable: "allow", onStepUp');
    const { login } = await stage.load(source);
    const seen = await login({ transaction: { acr_values: [MULTI_FACTOR] } });
    assert.deepEqual([seen.outcome, seen.asked.length], ["denies", 3]);
    assert.match(seen.log[0], /deny, server_error: /);
  });
}

test("mfa-on-request.js: other acr_values don't ask, and what can't be read is denied", async () => {
  const { login } = await load("mfa-on-request.js");
  for (const acr_values of [[], ["urn:x"], "urn:x", null]) proceeds(await login({ transaction: { acr_values } }));
  for (const acr_values of [5, { 0: MULTI_FACTOR }]) {
    assert.equal((await login({ transaction: { acr_values } })).outcome, "denies");
  }
});

/** What handlers can resolve to. */
const codes = (() => {
  const types = readFileSync(new URL("../../pkg/index.d.ts", import.meta.url), "utf8");
  const [, union] = /^export type OutcomeCode =\n([^;]*);$/m.exec(types) ?? assert.fail();
  return [...union.matchAll(/"(\w+)"/g)].map(([, code]) => code);
})();

test("own-claims.js: claims stand for a challenge alone, whatever else a handler resolves to", async () => {
  const source = readFileSync(new URL("own-claims.js", folder), "utf8");
  assert.ok(codes.length > 30);
  /** @type {string[]} */
  const claimed = [];
  for (const code of codes) {
    for (const outcome of ["proceed", "redirect", "deny", "record"]) {
      const handler = async () => ({ outcome, code, state: "ALLOW", isEnrolled: true, verificationMethod: "PASSKEY" });
      const handlers = { handleAuth0ExecutePostLogin: handler, handleAuth0ContinuePostLogin: handler };
      const action = /** @type {Record<string, (event: object, api: object) => Promise<void>>} */ ({});
      new Function("exports", "require", "console", source)(action, () => handlers, console);
      const setCustomClaim = () => claimed.push(code);
      for (const hook of ["onExecutePostLogin", "onContinuePostLogin"]) {
        await action[hook]({}, { idToken: { setCustomClaim }, accessToken: { setCustomClaim } });
      }
    }
  }
  assert.deepEqual([...new Set(claimed)].sort(), ["already_challenged", "challenge_passed"]);
});

test("own-claims.js: a passed challenge and a recorded one are claimed, the method by the first alone", async () => {
  const { login, comesBack } = await load("own-claims.js");
  const seen = redirects(await login());
  assert.deepEqual(seen.claims, NO_CLAIMS);
  assert.deepEqual((await comesBack(seen)).claims, NO_CLAIMS);
  await stage.authsignal.complete(seen.challenge.href, undefined, "PASSKEY");
  const accessToken = { "https://example.com/assurance": "mfa" };
  assert.deepEqual((await comesBack(seen)).claims, {
    accessToken,
    idToken: { "https://example.com/method": "PASSKEY" },
  });
  assert.deepEqual((await login(session(US))).claims, { accessToken, idToken: {} });
});

const TERMS_SECRET = "the secret of the page";
const secrets = { AUTHSIGNAL_SECRET: SECRET, TERMS_SECRET };
/** What the page sends back. @param {Record<string, unknown>} event @param {object} [claims] @param {string} [secret] */
const termsToken = ({ user, request }, claims = {}, secret = TERMS_SECRET) => {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const { user_id: sub } = /** @type {any} */ (user);
  const { hostname: iss } = /** @type {any} */ (request);
  return encodeToken({ iss, sub, exp, state: "state-1", accepted: true, ...claims }, secret);
};

test("own-redirect.js: a login that is challenged has no page, and the next one of the session has", async () => {
  const { login, comesBack } = await load("own-redirect.js");
  const seen = redirects(await login({ secrets }));
  assert.notEqual(seen.challenge.origin, "https://example.com");
  assert.ok(!("at_terms_page" in seen.metadata));
  await stage.authsignal.complete(seen.challenge.href);
  assert.deepEqual((await comesBack(seen)).recorded, [US]);

  const next = redirects(await login({ secrets, ...session(US) }));
  assert.equal(`${next.challenge.origin}${next.challenge.pathname}`, "https://example.com/terms");
  const back = await comesBack(next, { query: { state: "state-1", session_token: termsToken(next.event) } });
  proceeds(back);
  assert.deepEqual(back.recorded, []);
  assert.deepEqual(back.calls.at(-1), ["user.setAppMetadata", "accepted_terms", true]);

  proceeds(await login({ secrets, user: { app_metadata: { accepted_terms: true } }, ...session(US) }));
  proceeds(await login({ secrets, ...session(US), transaction: { protocol: "oauth2-refresh-token" } }));
  proceeds(await login({ secrets, ...session(US), request: { query: { prompt: "none" } } }));
  assert.equal((await login({ secrets, request: { hostname: undefined } })).outcome, "denies");
});

test("own-redirect.js: a login at Authsignal gets in by its challenge alone", async () => {
  const { login, comesBack } = await load("own-redirect.js");
  const seen = redirects(await login({ secrets }));
  const session_token = termsToken(seen.event);
  const forged = { state: "state-1", session_token, at_terms_page: "true", accepted: "true" };
  /** @type {[string, Record<string, unknown>, Record<string, unknown>][]} */
  const returns = [
    ["stripped of its token", { query: { state: "state-1" } }, seen.metadata],
    ["with the parameters of the page", { query: forged }, seen.metadata],
    ["with them in its body", { query: { state: "state-1" }, body: forged }, seen.metadata],
    ["without metadata", { query: forged }, {}],
    ["with metadata that is almost the page's", { query: forged }, { at_terms_page: true }],
    ["with the page's metadata of another user", { query: forged }, { at_terms_page: newUser() }],
    ["without passing the challenge", {}, seen.metadata],
  ];
  for (const [what, request, metadata] of returns) {
    const back = await comesBack({ ...seen, metadata: /** @type {any} */ (metadata) }, request);
    assert.deepEqual([back.outcome, back.reason, back.recorded], ["denies", "MFA challenge failed", []], what);
  }
});

test("own-redirect.js: a login at the page gets in by the page's answer alone", async () => {
  const { login, comesBack } = await load("own-redirect.js");
  const seen = redirects(await login({ secrets, ...session(US) }));
  const other = redirects(await login({ secrets }));
  await stage.authsignal.complete(other.challenge.href);
  const token = other.challenge.searchParams.get("token");
  const invalid = "The answer of the page is not valid";
  for (const [reason, query] of /** @type {[string, Record<string, unknown>][]} */ ([
    [invalid, {}],
    [invalid, { token }],
    [invalid, { accepted: "true" }],
    [invalid, { session_token: termsToken(seen.event, {}, "another secret") }],
    [invalid, { session_token: termsToken(seen.event, { state: "state-2" }) }],
    [invalid, { session_token: termsToken(other.event) }],
    [invalid, { session_token: termsToken(seen.event, { iss: "evil.example" }) }],
    [invalid, { session_token: seen.challenge.searchParams.get("session_token") }],
    ["You have to accept the terms", { session_token: termsToken(seen.event, { accepted: false }) }],
    ["You have to accept the terms", { session_token: termsToken(seen.event, { accepted: "true" }) }],
  ])) {
    const back = await comesBack(seen, { query: { state: "state-1", ...query } });
    assert.deepEqual([back.outcome, back.reason], ["denies", reason], JSON.stringify(query));
  }
  // A return that nothing attributes to the page has to bring a challenge.
  const query = { state: "state-1", session_token: termsToken(seen.event) };
  const back = await comesBack({ ...seen, metadata: {} }, { query });
  assert.deepEqual([back.outcome, back.reason], ["denies", "MFA challenge failed"]);
  assert.match(back.log[0], /deny, invalid_token: /);
  const nobody = { ...seen, metadata: {}, event: { ...seen.event, user: {} } };
  assert.equal((await comesBack(nobody, { query })).outcome, "denies");
});

test("linked-accounts.js: accounts with one person_id have one set of authenticators", async () => {
  const { login, comesBack } = await load("linked-accounts.js");
  const app_metadata = { person_id: newUser() };
  const path = `/v1/users/${encodeURIComponent(app_metadata.person_id)}/actions/auth0-login`;
  const seen = redirects(await login({ user: { app_metadata } }));
  assert.equal(new URL(seen.asked[0].url).pathname, path);
  // The account was linked to another one in the meantime.
  await stage.authsignal.complete(seen.challenge.href);
  const event = { ...seen.event, user: { user_id: newUser(), app_metadata } };
  assert.deepEqual((await comesBack({ ...seen, event })).recorded, [US]);

  const own = { user_id: newUser(), app_metadata: {}, user_metadata: app_metadata };
  const { asked } = redirects(await login({ user: own }));
  assert.equal(new URL(asked[0].url).pathname, `/v1/users/${encodeURIComponent(own.user_id)}/actions/auth0-login`);
  for (const person_id of ["", {}, [app_metadata.person_id]]) {
    const { outcome, asked } = await login({ user: { app_metadata: { person_id } } });
    assert.deepEqual([outcome, asked], ["denies", []]);
  }
});

test("delegated-session.js: a delegated session is denied, though its session has passed a challenge", async () => {
  const { login, comesBack } = await load("delegated-session.js");
  const delegated = { session: { id: "s", actor: { sub: "agent" } } };
  for (const parts of [delegated, { ...delegated, ...session(US) }]) {
    const { outcome, reason, asked } = await login(parts);
    assert.deepEqual([outcome, reason, asked], ["denies", "A delegated session can't pass MFA", []]);
  }
  const seen = redirects(await login({ session: { id: "s" } }));
  await stage.authsignal.complete(seen.challenge.href);
  assert.equal((await comesBack({ ...seen, event: { ...seen.event, ...delegated } })).outcome, "denies");
  assert.deepEqual((await comesBack(seen)).recorded, [US]);
});

test("delegated-session.js: without the deny it gets in, as the comment there says", async () => {
  const source = readFileSync(new URL("delegated-session.js", folder), "utf8");
  const { login } = await stage.load(source.replace(/^ *api\.access\.deny.*$/m, ""));
  proceeds(await login({ session: { actor: { sub: "agent" } } }));
  redirects(await login());
});

test("remember-24-hours.js: a challenge counts for 24 hours", async () => {
  const { login } = await load("remember-24-hours.js");
  proceeds(await login(session(US, 23.9)));
  redirects(await login(session(US, 24.1)));
});

/**
 * Those of the users who are not let off. They have no hostname, so that such a login ends before a request: that
 * is quick.
 * @param {Awaited<ReturnType<typeof load>>} action
 * @param {string[]} users
 */
async function havingMfa({ login }, users) {
  const found = [];
  for (const user_id of users) {
    const { outcome } = await login({ user: { user_id }, request: { hostname: undefined } });
    if (outcome === "denies") found.push(user_id);
    // Else the event loop would not see for seconds that a kept connection is closed.
    await setImmediate();
  }
  return found;
}

test("gradual-rollout.js: of 10,000 users 4 to 6 percent have MFA, each of them always", async () => {
  const action = await load("gradual-rollout.js");
  const users = Array.from({ length: 10_000 }, (_, count) => `auth0|${count.toString(16).padStart(24, "0")}`);
  const found = await havingMfa(action, users);
  assert.ok(found.length >= 400 && found.length <= 600, `${found.length}`);
  assert.deepEqual(await havingMfa(action, found), found);
  const none = users.find((user) => !found.includes(user));
  redirects(await action.login({ user: { user_id: found[0] } }));
  proceeds(await action.login({ user: { user_id: none } }));
  assert.equal((await action.login({ user: { user_id: undefined } })).outcome, "denies");
});

test("gradual-rollout.js: who has MFA keeps it as the number grows, and at 100 everybody has it", async () => {
  const source = readFileSync(new URL("gradual-rollout.js", folder), "utf8");
  const users = Array.from({ length: 200 }, newUser);
  /** @type {string[]} */
  let before = [];
  for (const percent of [0, 5, 50, 100]) {
    const now = await havingMfa(await stage.load(source.replace("PERCENT = 5;", `PERCENT = ${percent};`)), users);
    assert.deepEqual(
      before.filter((user) => !now.includes(user)),
      [],
    );
    if (percent === 0) assert.deepEqual(now, []);
    before = now;
  }
  assert.deepEqual(before, users);
});

test("optional-enrollment.js: from its day on everybody has to enroll, and who has is challenged from the first day", async (t) => {
  const { login } = await load("optional-enrollment.js");
  const user_id = newUser();
  await stage.authsignal.enroll(user_id);
  const day = Date.parse("2027-03-01T00:00:00Z");
  t.mock.timers.enable({ apis: ["Date"], now: day - 1000 });
  assert.equal((await login()).outcome, "proceeds");
  redirects(await login({ user: { user_id } }));
  t.mock.timers.setTime(day);
  redirects(await login());
  redirects(await login({ user: { user_id } }));
});

test("optional-enrollment.js: a day that can't be read is past", async () => {
  const source = readFileSync(new URL("optional-enrollment.js", folder), "utf8");
  const { login } = await stage.load(source.replace("2027-03-01T00:00:00Z", "1st of March"));
  redirects(await login());
});

test("auth0-passkeys.js: a passkey at Auth0 is enough, and nothing else is", async () => {
  const { login } = await load("auth0-passkeys.js");
  proceeds(await login(session("passkey")));
  for (const name of ["pwd", "federated", "https://example.com/passkey"]) redirects(await login(session(name)));
  for (const authentication of [{ methods: undefined }, { methods: [] }]) redirects(await login({ authentication }));
});

test("each example prints on the Action's console, so that Auth0's log has its line", async () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
    const { login } = await load(name);
    // The user is one of the five percent of gradual-rollout.js.
    const user = { user_id: "auth0|7", app_metadata: {} };
    const transaction = { acr_values: [MULTI_FACTOR] };
    const { outcome, log, printed } = await login({ secrets: {}, user, transaction });
    assert.deepEqual([outcome, log.length, printed], ["denies", 1, []], name);
  }
});

test("each example is tested here", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  assert.deepEqual([...tested].sort(), files.sort());
});
