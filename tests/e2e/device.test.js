// A device without a browser, whose user logs in elsewhere with its code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowser } from "./browser.js";
import { Challenge } from "./challenge.js";

const { open } = await startBrowser();

/** The device shows a code, and the user is at the tenant to confirm it. @param {import("./person.js").Person} person */
async function begin({ page, sandbox }) {
  await page.goto(`${sandbox.app.origin}/device`);
  await page.getByRole("button", { name: "Show a code" }).click();
  const code = String(await page.locator("#user-code").textContent());
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Enter it at the tenant" }).click();
  const tab = await opened;
  await tab.getByRole("heading", { name: "Is this your device?" }).waitFor();
  await tab.getByText(code).waitFor();
  return tab;
}

/** @param {import("playwright-core").Page} tab @param {{ email: string, password: string }} user */
async function confirm(tab, { email, password }) {
  await tab.getByRole("button", { name: "Yes, connect it" }).click();
  await tab.getByLabel("Email").fill(email);
  await tab.getByLabel("Password").fill(password);
  await tab.getByRole("button", { name: "Continue" }).click();
}

test("the device waits for the user, who logs in with MFA in another tab", async (t) => {
  const { person, page, sandbox } = await open(t);
  await person.logsInForTheFirstTime();
  await person.follow("Log out");

  const tab = await begin(person);
  await page.getByRole("button", { name: "I have entered it" }).click();
  await page.getByText("Not yet: the user has not entered the code.").waitFor();

  await confirm(tab, person.user);
  await tab.waitForURL((url) => url.origin === sandbox.authsignal?.origin);
  await new Challenge(tab, person.portal, person.owns).pass("Authenticator app");
  await tab.getByRole("heading", { name: "The device is connected" }).waitFor();
  await page.getByRole("button", { name: "I have entered it" }).click();
  await page.getByText(`The device is logged in as ${person.user.email}.`).waitFor();
  const event = sandbox.tenant.logins()[0].arrows.find(({ to }) => to === "action")?.detail.event;
  assert.equal(/** @type {any} */ (event).transaction.protocol, "oauth2-device-code");
});

test("if the Action denies, the user and the device see why", async (t) => {
  const { person, page } = await open(t);
  await person.portal.setOutcome("Auth0 Login", "Block");
  const tab = await begin(person);
  await confirm(tab, person.user);
  await tab.getByRole("heading", { name: "The device is not connected" }).waitFor();
  await tab.getByText("Action blocked").waitFor();
  await page.getByRole("button", { name: "I have entered it" }).click();
  await page.getByText("access_denied").waitFor();
  assert.equal(await page.locator("#error-description").textContent(), "Action blocked");
});
