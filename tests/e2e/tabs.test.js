// Two tabs of one browser that log in at once. The application's SDK remembers one login at a time.

import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();

test("each tab whose login can't be finished explains it, and logs in again", async (t) => {
  const { person, page } = await open(t);
  await person.logsInForTheFirstTime();
  await person.follow("Log out");
  await person.goToLogin();

  const other = await page.context().newPage();
  await other.goto(`${person.sandbox.app.origin}/login`);
  await other.getByRole("heading", { name: "Log in" }).waitFor();
  const overtaken = { name: "This login can't be finished here" };

  await person.enterPassword();
  await person.isChallenged();
  await person.pass("Authenticator app");
  await page.getByRole("heading", overtaken).waitFor();

  await other.getByLabel("Email").fill(person.user.email);
  await other.getByLabel("Password").fill(person.user.password);
  await other.getByRole("button", { name: "Continue" }).click();
  await other.getByRole("heading", overtaken).waitFor();

  await person.follow("Log in");
  await person.isLoggedIn();
});
