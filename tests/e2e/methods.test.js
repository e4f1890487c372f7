// Each method, from the first login on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSync } from "otplib";
import { startBrowser } from "./browser.js";
import { METHODS } from "./challenge.js";

const { open, another } = await startBrowser();

for (const method of METHODS) {
  test(`${method}: enrol at the first login, and be challenged in a new browser`, async (t) => {
    const { person } = await open(t);
    await person.logIn();
    await person.enrol(method);
    await person.isLoggedIn({ recorded: true });

    const elsewhere = await another(t, person);
    await elsewhere.logIn();
    await elsewhere.pass(method);
    await elsewhere.isLoggedIn({ recorded: true });
  });
}

test("who has two methods may take the other one at a challenge", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();
  await person.portal.addAuthenticator(person.owns.phoneNumber);

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.challenge.choose("Text message");
  await elsewhere.pass("Text message");
  await elsewhere.isLoggedIn();
});

test("a code of an authenticator app counts once", async (t) => {
  const { person } = await open(t);
  await person.logsInForTheFirstTime();
  const { secret, lastStep } = person.owns.app ?? assert.fail();

  const elsewhere = await another(t, person);
  await elsewhere.logIn();
  await elsewhere.challenge.enter(generateSync({ secret, epoch: lastStep * 30 }));
  await elsewhere.page.getByRole("alert").getByText("This code was used already.").waitFor();
  await elsewhere.pass("Authenticator app");
  await elsewhere.isLoggedIn();
});
