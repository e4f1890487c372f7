// Every page, in light and in dark: axe-core finds nothing that is serious or critical.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import axe from "axe-core";
import { startBrowser } from "./browser.js";
import { METHODS } from "./challenge.js";

const { open, another } = await startBrowser();
const EXAMPLE = await readFile(new URL("../../sandbox/tenant.example.json", import.meta.url), "utf8");

/** @typedef {import("playwright-core").Page} Page */

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`the application and Auth0, in ${colorScheme}`, async (t) => {
    const { person, page, sandbox } = await open(t, { browser: { colorScheme } });
    const check = await checker(page);

    await page.goto(`${sandbox.tenant.origin}/inspector`);
    await check("the inspector before a login");
    await person.follow("Settings");
    await check("the tenant's settings");
    await page.getByLabel("Settings, as in the file of TENANT").fill(EXAMPLE);
    await person.press("Apply");
    await check("the tenant's settings after a change");
    await page.getByLabel("Settings, as in the file of TENANT").fill("{");
    await person.press("Apply");
    await check("the tenant's settings that are wrong");
    await person.press("Reset to what it started with");
    await person.visitApplication();
    await check("the application's front page");
    await page.getByText("Log in with other parameters").click();
    await check("the choices before logging in");
    await page.goto(`${sandbox.app.origin}/spa`);
    await page.getByRole("heading", { name: "You are not logged in" }).waitFor();
    await check("the single-page application");
    await page.goto(`${sandbox.app.origin}/device`);
    await page.getByRole("button", { name: "Show a code" }).click();
    await check("a device that shows a code");
    await page.goto(`${sandbox.tenant.origin}/activate`);
    await check("the page for a device's code");
    await person.goToLogin();
    await check("the login page");
    await person.enterPassword({ ...person.user, password: "wrong" });
    await check("the login page after a wrong password");

    await person.logsInForTheFirstTime();
    await check("the signed-in page");
    await person.press("Refresh the tokens");
    await check("the signed-in page after a refresh");
    await page.goto(`${sandbox.app.origin}/nowhere`);
    await person.isRefused("not_found");
    await check("the application's error page");
    await person.comeBackWith(person.cameBackWith());
    await check("Auth0's error page");

    await page.goto(`${sandbox.tenant.origin}/inspector`);
    await page.getByRole("link", { name: "Auth0 to Action: onExecutePostLogin" }).click();
    await page.getByLabel("What was sent").waitFor();
    await check("the inspector with an arrow selected");
    await page.goto(`${sandbox.tenant.origin}/v2/logout`);
    await check("Auth0's page after logging out");
  });

  test(`the enrolment of each method, in ${colorScheme}`, async (t) => {
    const { person } = await open(t, { browser: { colorScheme } });
    const check = await checker(person.page);
    await person.logIn();
    await person.isChallenged();
    await check("the choice of a method");
    for (const method of METHODS) {
      await person.challenge.choose(method);
      await check(`the enrolment: ${method}`);
      if (method === "Text message") {
        await person.challenge.givePhoneNumber();
        await check("the enrolment: the code of a text message");
        await person.challenge.enter("000000");
        await check("the enrolment: a wrong code");
      }
      await person.follow("Choose another method");
    }
    await person.enrol("Authenticator app");
    await person.isLoggedIn();
  });

  test(`the challenge of each method, in ${colorScheme}`, async (t) => {
    for (const method of METHODS) {
      const { person } = await open(t, { browser: { colorScheme } });
      await person.logIn();
      await person.enrol(method);
      await person.isLoggedIn();

      const elsewhere = await another(t, person);
      await elsewhere.page.emulateMedia({ colorScheme });
      const check = await checker(elsewhere.page);
      await elsewhere.logIn();
      await check(`the challenge: ${method}`);
    }
  });

  test(`the Portal and Authsignal's error page, in ${colorScheme}`, async (t) => {
    const { person, page, sandbox } = await open(t, { browser: { colorScheme } });
    await person.logIn();
    await person.enrol("Text message");
    await person.isLoggedIn();
    await person.portal.setFaults({ track: "slow" });
    const check = await checker(page);
    for (const address of await person.portal.addresses()) {
      await page.goto(address);
      await check(`the Portal: ${new URL(address).pathname}`);
    }
    await page.goto(`${sandbox.authsignal?.origin}/challenge?token=none`);
    await check("Authsignal's error page");
  });
}

/** @param {Page} page */
async function checker(page) {
  // Not by a script element: the pages' policy would refuse it.
  await page.addInitScript(axe.source);
  /** @param {string} name */
  return async (name) => {
    const { violations } = await page.evaluate(() => /** @type {typeof axe} */ (/** @type {any} */ (window).axe).run());
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(found, [], name);
  };
}
