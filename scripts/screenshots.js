// `make screenshots`: the README's pictures, docs/images/challenge.png and docs/images/inspector.png, from a
// sandbox of its own. PORT moves it, as it does `make start`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readSettings } from "../sandbox/settings.js";
import { startSandbox } from "../sandbox/start.js";
import { launchChromium } from "../tests/e2e/chromium.js";
import { Person } from "../tests/e2e/person.js";

const images = new URL("../docs/images/", import.meta.url);
/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, images));

await mkdir(images, { recursive: true });
const sandbox = await startSandbox(readSettings({ PORT: process.env.PORT }));
const browser = await launchChromium();
try {
  const context = await browser.newContext({ colorScheme: "light", deviceScaleFactor: 2 });
  const person = new Person(await context.newPage(), sandbox);
  const { page } = person;

  await page.setViewportSize({ width: 520, height: 600 });
  await person.logsInForTheFirstTime();
  await person.portal.addAuthenticator(person.owns.phoneNumber);
  await person.follow("Log out");
  await person.logIn();
  await person.isChallenged();
  await page.screenshot({ path: path("challenge.png"), fullPage: true });
  await person.pass("Authenticator app");
  await person.isLoggedIn();

  await page.setViewportSize({ width: 820, height: 720 });
  await page.goto(`${sandbox.tenant.origin}/inspector`);
  await page.getByRole("link", { name: "Action to Auth0: proceed, method recorded" }).waitFor();
  await page.screenshot({ path: path("inspector.png"), fullPage: true });
} finally {
  await browser.close();
  await sandbox.close();
}
