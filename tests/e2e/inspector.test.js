// What the inspector shows, and what it must not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open, newPage } = await startBrowser();
/** A password that is no word of the page. */
const ADA = { user_id: "auth0|ada", email: "ada@example.com", name: "Ada Byron", password: "correct horse battery" };

test("the inspector shows the login that is made while one looks", async (t) => {
  const { person, sandbox } = await open(t);
  const inspector = await newPage(t);
  await inspector.goto(`${sandbox.tenant.origin}/inspector`);
  await inspector.getByText("No login yet.").waitFor();

  await person.logIn();
  await inspector.getByRole("heading", { name: "Login of ada@example.com" }).waitFor();
  await inspector
    .getByText(`at ${new URL(person.page.url()).host}`)
    .first()
    .waitFor();
  await inspector.getByRole("link", { name: "Auth0 to Action: onExecutePostLogin" }).waitFor();
  await inspector
    .getByRole("link", { name: /Action to Outside: POST .*\/users\/auth0\|ada\/actions\/auth0-login/ })
    .click();
  const sent = inspector.getByLabel("What was sent");
  await sent.getByText('"node:http"').waitFor();
  await sent.getByText(`"${sandbox.tenant.origin}/continue"`).waitFor();
  await inspector.getByRole("link", { name: "Outside to Action: 200" }).click();
  await sent.getByText('"isEnrolled"').waitFor();

  await person.enrol("Authenticator app");
  await person.isLoggedIn();
  await inspector.getByRole("link", { name: "Auth0 to Action: onContinuePostLogin" }).waitFor();
  await inspector.getByRole("link", { name: /Action to Outside: POST .*\/validate/ }).waitFor();
  await inspector.getByRole("link", { name: "Action to Auth0: proceed, method recorded" }).waitFor();
  await inspector.getByRole("navigation", { name: "Logins" }).getByText("tokens given").waitFor();
});

test("the inspector shows why a login was denied", async (t) => {
  const { person, sandbox } = await open(t);
  await person.portal.setOutcome("Auth0 Login", "Block");
  await person.logIn();
  await person.isRefused("access_denied", "Action blocked");

  const inspector = await newPage(t);
  await inspector.goto(`${sandbox.tenant.origin}/inspector`);
  await inspector.getByRole("link", { name: "Action to Auth0: deny: Action blocked" }).waitFor();
});

test("no arrow of the inspector shows a secret, a password, a code or a token", async (t) => {
  const tokens = tokensGiven(t);
  const { person, sandbox } = await open(t, { users: [ADA] });
  await person.logsInForTheFirstTime();
  await person.press("Refresh the tokens");
  await person.isLoggedIn();

  const { page } = person;
  await page.goto(`${sandbox.tenant.origin}/inspector`);
  const logins = await hrefs(page.getByRole("navigation", { name: "Logins" }).getByRole("link"));
  assert.equal(logins.length, 2, "the login and the refresh");
  let text = "";
  for (const login of logins) {
    await page.goto(login);
    text += await page.content();
    const arrows = await hrefs(page.getByRole("list").last().getByRole("link"));
    assert.ok(arrows.length > 3);
    for (const arrow of arrows) {
      const answer = await page.request.get(arrow);
      text += await answer.text();
    }
  }
  assert.match(text, /What was sent/);
  assert.match(text, /onContinuePostLogin/);

  const given = Object.values(sandbox.secrets).filter((value) => !value.startsWith("http"));
  const { token, state } = person.cameBackWith();
  const secrets = [
    ...given,
    sandbox.application.clientSecret,
    ADA.password,
    token,
    state,
    person.owns.app?.secret,
    ...tokens,
  ];
  assert.equal(tokens.length, 6, "an access token, an ID token and a refresh token, twice");
  for (const secret of secrets) assert.ok(secret && !text.includes(secret), secret);
  assert.doesNotMatch(text, /\beyJ[\w-]+\.[\w-]+\.[\w-]+/, "no JWT");
});

/** All tokens that the application gets. @param {import("node:test").TestContext} t */
function tokensGiven(t) {
  /** @type {string[]} */
  const tokens = [];
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", async (/** @type {Parameters<typeof fetch>} */ ...request) => {
    const response = await fetch(...request);
    if (response.url.endsWith("/oauth/token")) {
      const { access_token, id_token, refresh_token } = await response.clone().json();
      tokens.push(access_token, id_token, refresh_token);
    }
    return response;
  });
  return tokens;
}

/** @param {import("playwright-core").Locator} links */
const hrefs = (links) => links.evaluateAll((all) => all.map((link) => /** @type {HTMLAnchorElement} */ (link).href));
