// When a challenge is due, and when one that was passed still counts.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { copyAction } from "../sandbox/action-copy.js";
import { startBrowser } from "./browser.js";

const { open, another } = await startBrowser();
const DAY_MS = 24 * 60 * 60 * 1000;
const remember24Hours = fileURLToPath(new URL("../../examples/remember-24-hours.js", import.meta.url));

test("a second login in the same session needs no challenge", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();

  const seen = await person.seesAuthsignalWhile(() => person.follow("Log in again"));
  await person.isLoggedIn();
  assert.equal(seen, false);
});

test("a new browser needs a challenge", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.isChallenged();
});

test("after logging out, the next login needs a challenge", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();

  await person.follow("Log out");
  await person.isLoggedOut();
  await person.logIn();
  await person.isChallenged();
});

test("once maxAge is over, the same session needs a challenge again", async (t) => {
  const { file, moveClock } = await copyAction(t, remember24Hours);
  const { person } = await open(t, { actions: [file] });
  await person.logsInForTheFirstTime();
  await person.follow("Log in again");
  await person.isLoggedIn();

  const later = Date.now() + DAY_MS + 1000;
  await moveClock(later);
  mock.timers.enable({ apis: ["Date"], now: later });
  t.after(() => mock.timers.reset());
  await person.follow("Log in again");
  await person.isChallenged();
  await person.pass("Authenticator app");
  await person.isLoggedIn();
});

test("silent login before MFA needs interaction, and after MFA succeeds", async (t) => {
  const { person } = await open(t);
  await person.logIn();
  await person.isChallenged();
  await person.visitApplication();
  await person.follow("Log in silently");
  await person.isRefused("interaction_required");

  await person.follow("Log in");
  await person.enrol("Authenticator app");
  await person.isLoggedIn();
  const seen = await person.seesAuthsignalWhile(() => person.follow("Log in silently"));
  await person.isLoggedIn();
  assert.equal(seen, false);
});

test("silent login without a session needs a login", async (t) => {
  const { person } = await open(t);
  await person.visitApplication();
  await person.follow("Log in silently");
  await person.isRefused("login_required");
});

test("refreshing the tokens succeeds without a prompt", async (t) => {
  const { person, page } = await open(t);
  await person.logsInForTheFirstTime();

  const seen = await person.seesAuthsignalWhile(() => person.press("Refresh the tokens"));
  await page.getByText("The tokens are refreshed.").waitFor();
  await person.isLoggedIn();
  assert.equal(seen, false);
});

test("the password grant is denied where a challenge is due", async (t) => {
  const { person, sandbox } = await open(t);
  await person.logsInForTheFirstTime();

  const { clientId: client_id, clientSecret: client_secret } = sandbox.application;
  const { email: username, password } = person.user;
  const grant = { grant_type: "password", username, password, scope: "openid", client_id, client_secret };
  const response = await fetch(`${sandbox.tenant.origin}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams(grant),
  });
  assert.deepEqual(await response.json(), { error: "access_denied", error_description: "MFA challenge failed" });
});

test("a new Authsignal tenant allows; the first login shows the action in its Portal, where it can be set to Challenge", async (t) => {
  const { person } = await open(t, { fresh: true });
  assert.deepEqual(await person.portal.actions(), []);
  await person.logsInForTheFirstTime();
  assert.deepEqual(await person.portal.actions(), ["Auth0 Login"]);

  const allowed = await another(t, person);
  await allowed.logIn();
  await allowed.isLoggedIn({ recorded: false });

  await person.portal.setOutcome("Auth0 Login", "Challenge");
  const challenged = await another(t, person);
  await challenged.logIn();
  await challenged.isChallenged();
});
