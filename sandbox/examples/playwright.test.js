// An end-to-end test of your own Action, with Playwright and Node's test runner: `node --test`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSandbox } from "authsignal-auth0-sandbox";
import { chromium } from "playwright";

let sandbox;
let browser;

before(async () => {
  sandbox = await startSandbox({
    actions: [fileURLToPath(new URL("./action.js", import.meta.url))],
    users: [
      { user_id: "auth0|ada", email: "ada@example.com", password: "secret", name: "Ada Byron" },
      { user_id: "auth0|eve", email: "eve@example.net", password: "secret", name: "Eve Stone" },
    ],
  });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM });
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
});

/** Logs in at the sandbox's application. */
async function logIn({ email, password }) {
  const page = await browser.newPage();
  await page.goto(`${sandbox.application}/login`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
  return page;
}

test("a user of example.com gets in, and the application sees it", async () => {
  const page = await logIn(sandbox.users[0]);
  await page.getByRole("heading", { name: "You are logged in" }).waitFor();
  await page.getByRole("row", { name: "https://example.com/terms accepted" }).waitFor();
  const [{ runs }] = sandbox.logins();
  assert.equal(runs[0].event.user.email, "ada@example.com");
});

test("anybody else is denied", async () => {
  const page = await logIn(sandbox.users[1]);
  await page.getByText("This application is for Example's people.").waitFor();
});
