// A login that ends without MFA: the application shows the reason.

import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open, another } = await startBrowser();

test("Block: the application shows that the action is blocked", async (t) => {
  const { person } = await open(t);
  await person.portal.setOutcome("Auth0 Login", "Block");
  await person.logIn();
  await person.isRefused("access_denied", "Action blocked");
});

test("Review: the application shows that the action is under review", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();
  await person.portal.setOutcome("Auth0 Login", "Review");

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.isRefused("access_denied", "Action under review");
});

test("leaving the enrolment: the challenge has failed, and the next login asks again", async (t) => {
  const { person } = await open(t);
  await person.logIn();
  await person.challenge.leave();
  await person.isRefused("access_denied", "MFA challenge failed");

  await person.logIn();
  await person.enrol("Authenticator app");
  await person.isLoggedIn();
});

test("leaving the challenge: the challenge has failed", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.challenge.leave();
  await elsewhere.isRefused("access_denied", "MFA challenge failed");
});

test("too many wrong codes: the challenge has failed", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  for (let tries = 5; tries > 0; tries -= 1) await elsewhere.challenge.enter("000000");
  await elsewhere.isRefused("access_denied", "MFA challenge failed");
});

test("a wrong password is said plainly, and is no login", async (t) => {
  const { person, page } = await open(t);
  await person.logIn({ ...person.user, password: "wrong" });
  await page.getByRole("alert").getByText("Wrong email or password.").waitFor();
});
