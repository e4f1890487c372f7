// On a phone's width no page is wider than the screen.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();
const EXAMPLE = await readFile(new URL("../../sandbox/tenant.example.json", import.meta.url), "utf8");

test("the application, the inspector with an arrow open, the settings and the Portal fit a phone", async (t) => {
  const { person, page, sandbox } = await open(t, { browser: { viewport: { width: 360, height: 740 } } });
  await person.logIn();
  await person.enrol("Text message");
  await person.isLoggedIn();

  /** @param {string} name */
  const fits = async (name) => {
    const { scrollWidth, clientWidth } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      clientWidth: document.documentElement.clientWidth,
    }));
    assert.ok(scrollWidth <= clientWidth, `${name}: ${scrollWidth} of ${clientWidth} pixels`);
  };
  await page.getByText("Log in with other parameters").click();
  await fits("the application");
  await page.goto(`${sandbox.app.origin}/spa`);
  await page.getByText("Log in with other parameters").click();
  await fits("the single-page application");

  await page.goto(`${sandbox.tenant.origin}/inspector`);
  await fits("the inspector");
  await page.getByRole("link", { name: "Auth0 to Action: onExecutePostLogin" }).first().click();
  await page.getByLabel("What was sent").waitFor();
  await fits("an arrow of the inspector");
  await page.goto(`${sandbox.tenant.origin}/settings`);
  await fits("the tenant's settings");
  await page.getByLabel("Settings, as in the file of TENANT").fill(EXAMPLE);
  await person.press("Apply");
  await fits("the tenant's settings after a change");
  for (const address of await person.portal.addresses()) {
    await page.goto(address);
    await fits(new URL(address).pathname);
  }
});
