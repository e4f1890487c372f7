// /continue with what is not this login's own.

import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open, another } = await startBrowser();

test("the token of an earlier challenge doesn't pass a new login", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();
  const { token } = person.cameBackWith();

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.comeBackWith({ ...elsewhere.wasSentWith(), token });
  await elsewhere.isRefused("access_denied", "MFA challenge failed");
});

test("the token of another user doesn't pass a login", async (t) => {
  const { person, sandbox } = await open(t);
  await person.logsInForTheFirstTime();
  const { token } = person.cameBackWith();

  const stranger = await another(t, person);
  await stranger.logIn(sandbox.tenant.users[1]);
  await stranger.comeBackWith({ ...stranger.wasSentWith(), token });
  await stranger.isRefused("access_denied", "MFA challenge failed");
});

test("the token of a challenge that was not passed doesn't pass it", async (t) => {
  const { person } = await open(t);
  await person.logIn();
  await person.comeBackWith(person.wasSentWith());
  await person.isRefused("access_denied", "MFA challenge failed");
});

test("a used state is refused by the tenant, and nobody is logged in by it", async (t) => {
  const { person, page } = await open(t);
  await person.logsInForTheFirstTime();
  const used = person.cameBackWith();
  await person.comeBackWith(used);
  await page.getByRole("heading", { name: "This login can't go on" }).waitFor();

  const elsewhere = await another(t, person);
  await elsewhere.comeBackWith(used);
  await elsewhere.page.getByRole("heading", { name: "This login can't go on" }).waitFor();
  await elsewhere.visitApplication();
  await elsewhere.isLoggedOut();
});

test("a state is refused in another browser than the one that it was given to", async (t) => {
  const { person } = await open(t);
  await person.logIn();
  const sent = person.wasSentWith();

  const elsewhere = await another(t, person);
  await elsewhere.comeBackWith(sent);
  await elsewhere.page.getByRole("heading", { name: "This login can't go on" }).waitFor();

  await person.enrol("Authenticator app");
  await person.isLoggedIn();
});
