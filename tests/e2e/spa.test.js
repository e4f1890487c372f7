// The single-page application, with Auth0's SDK for browsers: a public client on another origin than the tenant.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { copyAction } from "../sandbox/action-copy.js";
import { startBrowser } from "./browser.js";
import { toNextPage } from "./next-page.js";

const { open } = await startBrowser();
const stepUp = fileURLToPath(new URL("../../examples/step-up.js", import.meta.url));

/** @typedef {import("./person.js").Person} Person */

/** Opens the application, and waits for what it finds. @param {Person} person @param {string} heading */
async function visit({ page, sandbox }, heading) {
  await page.goto(`${sandbox.app.origin}/spa`);
  await page.getByRole("heading", { name: heading, exact: true }).waitFor();
}

/** @param {Person} person */
async function beginLogin(person) {
  await visit(person, "You are not logged in");
  await toNextPage(person.page, () => person.page.getByRole("button", { name: "Log in", exact: true }).click());
  await person.enterPassword();
}

/** @param {Person} person */
const isLoggedIn = ({ page }) => page.getByRole("heading", { name: "You are logged in", exact: true }).waitFor();

test("it logs in, refreshes its tokens, logs in silently after a reload, and logs out", async (t) => {
  const { person, page, sandbox } = await open(t);
  await beginLogin(person);
  await person.enrol("Authenticator app");
  await isLoggedIn(person);
  await page.getByRole("row", { name: person.user.email }).first().waitFor();
  assert.equal(page.url(), `${sandbox.app.origin}/spa`, "neither code nor state stays in the address");

  await page.getByRole("button", { name: "Refresh the tokens" }).click();
  await page.getByText("The tokens are refreshed.").waitFor();
  assert.equal(sandbox.tenant.logins()[0].kind, "Refresh");

  await visit(person, "You are logged in");
  assert.ok(sandbox.tenant.logins().some(({ kind }) => kind === "Silent login"));

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "You are not logged in", exact: true }).waitFor();
});

test("it steps up: a sensitive scope asks for another challenge", async (t) => {
  const { file } = await copyAction(t, stepUp);
  const { person, page } = await open(t, { actions: [file] });
  await beginLogin(person);
  await person.enrol("Authenticator app");
  await isLoggedIn(person);

  await page.getByText("Log in with other parameters").click();
  await page.getByLabel("Scope").fill("openid email offline_access transfer:funds");
  await toNextPage(page, () => page.getByRole("button", { name: "Log in with these" }).click());
  await person.isChallenged();
  await person.pass("Authenticator app");
  await isLoggedIn(person);
});

test("it shows why it was denied", async (t) => {
  const { person, page } = await open(t);
  await person.portal.setOutcome("Auth0 Login", "Block");
  await beginLogin(person);
  await page.getByText("access_denied").waitFor();
  assert.equal(await page.locator("#error-description").textContent(), "Action blocked");
  await page.getByRole("heading", { name: "You are not logged in", exact: true }).waitFor();
});
