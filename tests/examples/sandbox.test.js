// Each Action in examples/ as `ACTION=examples/….js make start` runs it: whole logins over HTTP, with the package as
// the sandbox finds it.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeToken } from "../../sandbox/auth0/token.js";
import { startSandbox } from "../../sandbox/start.js";
import { assertClient } from "../e2e/clients.js";
import { copyAction } from "../sandbox/action-copy.js";
import { Browser, claimsOf, requestTokens } from "../sandbox/tenant-browser.js";
import { startClaimApi } from "./claim-api.js";

/** @typedef {import("../sandbox/tenant-browser.js").Answer & { url: URL }} Answer */
/** @typedef {Awaited<ReturnType<typeof start>>} Person */

const HOUR_MS = 3_600_000;
const CLAIM = "https://example.com/mfa";
const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const AUDIENCE = "https://api.example.com";
const TERMS_SECRET = "the secret of the page";
const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
// gradual-rollout.js lets only the first have MFA.
const USERS = [7, 1].map((number) => ({
  user_id: `auth0|${number}`,
  email: `user${number}@example.com`,
  password: "correct horse",
  name: `User ${number}`,
}));

/**
 * A sandbox with the Action, and a person with a browser.
 * @param {import("node:test").TestContext} t
 * @param {string} name
 */
async function start(t, name) {
  const { file, moveClock } = await copyAction(t, `${folder}${name}`);
  const sandbox = await startSandbox({
    actions: [file],
    users: USERS,
    secrets: () => ({ TERMS_SECRET }),
    tell: (line) => assert.match(line, /is loaded again\.$/),
  });
  t.after(async () => {
    try {
      await assertClient(sandbox, "node:http");
    } finally {
      await sandbox.close();
    }
  });
  const { tenant, application } = sandbox;
  const authsignal = sandbox.authsignal ?? assert.fail();
  let browser = new Browser(tenant.origin);
  /** @param {Record<string, string>} [parameters] */
  const authorize = (parameters) =>
    browser.authorize({ client_id: application.clientId, redirect_uri: application.redirectUris[0], ...parameters });

  return {
    /** Moves the clocks of the tenant and of the Action to this time. @param {number} time */
    async moveClocks(time) {
      await moveClock(time);
      mock.timers.reset();
      mock.timers.enable({ apis: ["Date"], now: time });
      t.after(() => mock.timers.reset());
    },
    /** In a new browser. @param {Record<string, string>} [parameters] @param {typeof USERS[0]} [user] */
    async logIn(parameters, user = USERS[0]) {
      browser = new Browser(tenant.origin);
      return browser.logIn(await authorize(parameters), user);
    },
    /** In the same one. @param {Record<string, string>} [parameters] */
    logInAgain: authorize,
    /** Does what the pre-built UI asks for, and comes back. @param {Answer} challenge */
    async pass({ url }) {
      assert.equal(`${url.origin}${url.pathname}`, `${authsignal.origin}/challenge`);
      const [token, state] = ["token", "state"].map((parameter) => String(url.searchParams.get(parameter)));
      const response = await fetch(`${authsignal.origin}/sandbox/challenges/complete`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token, verificationMethod: "AUTHENTICATOR_APP" }),
      });
      assert.equal(response.status, 200);
      return browser.visit(`/continue?${new URLSearchParams({ token, state })}`);
    },
    /** Comes back with these parameters. @param {Record<string, string>} parameters */
    comeBack: (parameters) => browser.visit(`/continue?${new URLSearchParams(parameters)}`),
    /** The tokens of a login that ended at the application. @param {Answer} answer */
    async tokens({ url }) {
      const { access_token, id_token } = await requestTokens(tenant, {
        client_id: application.clientId,
        client_secret: application.clientSecret,
        grant_type: "authorization_code",
        code: url.searchParams.get("code") ?? assert.fail(url.href),
        redirect_uri: application.redirectUris[0],
      });
      return { access: String(access_token), id: claimsOf(id_token) };
    },
    /** The API in examples/, which trusts this tenant. */
    startApi: () => startClaimApi(t, { issuer: `${tenant.origin}/`, audience: AUDIENCE }),
    /** @param {Answer} answer */
    isLoggedIn({ url }) {
      assert.equal(`${url.origin}${url.pathname}`, application.redirectUris[0], url.href);
      assert.ok(url.searchParams.has("code"), url.href);
    },
  };
}

/** A login with a challenge, and one more that needs none. @param {Person} person */
async function challengeOncePerSession({ logIn, logInAgain, pass, isLoggedIn }) {
  isLoggedIn(await pass(await logIn()));
  isLoggedIn(await logInAgain());
}

const LET_IN = { status: 204, error: undefined };
const MFA_MISSING = { status: 401, error: "insufficient_user_authentication" };

/** @type {Record<string, (person: Person) => Promise<void>>} */
const logins = {
  "only-some-applications.js": challengeOncePerSession,
  "per-organization.js": challengeOncePerSession,
  "auth0-passkeys.js": challengeOncePerSession,
  "linked-accounts.js": challengeOncePerSession,
  "delegated-session.js": challengeOncePerSession,
  async "step-up.js"({ logIn, logInAgain, pass, isLoggedIn, tokens }) {
    isLoggedIn(await pass(await logIn()));
    const { id: recorded } = await tokens(await logInAgain());
    isLoggedIn(await pass(await logInAgain({ scope: "openid transfer:funds" })));
    const { id: passed } = await tokens(await pass(await logInAgain({ scope: "openid transfer:funds" })));
    assert.equal(passed[CLAIM].method, "AUTHENTICATOR_APP");
    assert.ok(Date.parse(recorded[CLAIM].at) < Date.parse(passed[CLAIM].at));
    isLoggedIn(await logInAgain());
  },
  async "step-up-by-acr.js"({ logIn, logInAgain, pass, tokens, startApi, moveClocks }) {
    const now = Date.now();
    const post = await startApi();
    await moveClocks(now - 6 * 60 * 1000);
    await pass(await logIn());
    await moveClocks(now);
    const old = await tokens(await logInAgain({ audience: AUDIENCE }));
    assert.equal(old.id[CLAIM].action, "auth0-login");
    assert.deepEqual(await post(old.access), MFA_MISSING);
    const asking = { audience: AUDIENCE, acr_values: MULTI_FACTOR };
    const silent = await logInAgain({ ...asking, prompt: "none" });
    assert.equal(silent.url.searchParams.get("error"), "interaction_required");
    const { access, id } = await tokens(await pass(await logInAgain(asking)));
    assert.deepEqual(await post(access), LET_IN);
    assert.deepEqual(id[CLAIM], claimsOf(access)[CLAIM]);
    // The session is ten minutes old at most, and so is its challenge.
    assert.deepEqual(
      await post((await tokens(await logInAgain({ audience: AUDIENCE, max_age: "600" }))).access),
      LET_IN,
    );
  },
  async "mfa-on-request.js"({ logIn, logInAgain, pass, tokens, startApi }) {
    const post = await startApi();
    const { access: without } = await tokens(await logIn({ audience: AUDIENCE }));
    assert.deepEqual(await post(without), MFA_MISSING);
    const { access } = await tokens(await pass(await logInAgain({ audience: AUDIENCE, acr_values: MULTI_FACTOR })));
    assert.deepEqual(await post(access), LET_IN);
  },
  async "own-claims.js"({ logIn, logInAgain, pass, tokens }) {
    const { access, id } = await tokens(await pass(await logIn({ audience: AUDIENCE })));
    assert.equal(claimsOf(access)["https://example.com/assurance"], "mfa");
    assert.equal(id["https://example.com/method"], "AUTHENTICATOR_APP");
    const again = await tokens(await logInAgain({ audience: AUDIENCE }));
    assert.equal(claimsOf(again.access)["https://example.com/assurance"], "mfa");
    assert.ok(!("https://example.com/method" in again.id));
  },
  async "own-redirect.js"({ logIn, logInAgain, pass, comeBack, isLoggedIn }) {
    isLoggedIn(await pass(await logIn()));
    const { url } = await logInAgain();
    assert.equal(`${url.origin}${url.pathname}`, "https://example.com/terms");
    const { iss, sub } = claimsOf(String(url.searchParams.get("session_token")));
    const state = String(url.searchParams.get("state"));
    const exp = Math.floor(Date.now() / 1000) + 60;
    const forged = encodeToken({ iss, sub, state, exp, accepted: true }, "another secret");
    const denied = await comeBack({ state, session_token: forged });
    assert.equal(denied.url.searchParams.get("error"), "access_denied");

    const next = String((await logInAgain()).url.searchParams.get("state"));
    const session_token = encodeToken({ iss, sub, state: next, exp, accepted: true }, TERMS_SECRET);
    isLoggedIn(await comeBack({ state: next, session_token }));
    // The terms are accepted.
    isLoggedIn(await logInAgain());

    const challenged = await logIn();
    const skipped = await comeBack({ state: String(challenged.url.searchParams.get("state")), session_token });
    assert.equal(skipped.url.searchParams.get("error"), "access_denied");
  },
  async "remember-24-hours.js"(person) {
    await challengeOncePerSession(person);
    await person.moveClocks(Date.now() + 24 * HOUR_MS + 1000);
    person.isLoggedIn(await person.pass(await person.logInAgain()));
  },
  async "gradual-rollout.js"(person) {
    await challengeOncePerSession(person);
    person.isLoggedIn(await person.logIn({}, USERS[1]));
  },
  async "optional-enrollment.js"({ logIn, pass, isLoggedIn, moveClocks }) {
    const day = Date.parse("2027-03-01T00:00:00Z");
    await moveClocks(day - HOUR_MS);
    isLoggedIn(await logIn());
    await moveClocks(day);
    isLoggedIn(await pass(await logIn()));
  },
};

for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
  test(`${name}: whole logins through the sandbox`, async (t) => {
    assert.ok(name in logins, "there are no logins for it here");
    await logins[name](await start(t, name));
  });
}
