// Each Action in examples/ as `ACTION=examples/….js make start` runs it: whole logins over HTTP, with the package as
// the sandbox finds it.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../../sandbox/start.js";
import { assertClient } from "../e2e/clients.js";
import { copyAction } from "../sandbox/action-copy.js";
import { Browser } from "../sandbox/tenant-browser.js";

/** @typedef {import("../sandbox/tenant-browser.js").Answer & { url: URL }} Answer */
/** @typedef {Awaited<ReturnType<typeof start>>} Person */

const HOUR_MS = 3_600_000;
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
    action: file,
    users: USERS,
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

/** @type {Record<string, (person: Person) => Promise<void>>} */
const logins = {
  "only-some-applications.js": challengeOncePerSession,
  "per-organization.js": challengeOncePerSession,
  "auth0-passkeys.js": challengeOncePerSession,
  async "step-up.js"({ logIn, logInAgain, pass, isLoggedIn }) {
    isLoggedIn(await pass(await logIn()));
    isLoggedIn(await logInAgain());
    isLoggedIn(await pass(await logInAgain({ scope: "openid transfer:funds" })));
    isLoggedIn(await pass(await logInAgain({ scope: "openid transfer:funds" })));
    isLoggedIn(await logInAgain());
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
  async "optional-enrolment.js"({ logIn, pass, isLoggedIn, moveClocks }) {
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
