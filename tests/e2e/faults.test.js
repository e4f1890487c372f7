// What a login does when Authsignal fails, by the Portal's own switches.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();
/** What Auth0 asks of an Action. */
const DEADLINE_MS = 10_000;

for (const fault of /** @type {const} */ (["down", "slow", "too many requests", "garbage"])) {
  test(`${fault}: the login is denied in time, and the next one works`, async (t) => {
    const { person } = await open(t);
    await person.portal.setFaults({ track: fault });
    await person.logIn();
    await person.isRefused("access_denied", "MFA is unavailable");
    assert.ok((await msInTheAction(person)) < DEADLINE_MS);

    await person.portal.setFaults({});
    await person.logIn();
    await person.enrol("Authenticator app");
    await person.isLoggedIn();
  });
}

test("down when the user comes back: the login is denied, and the next one works", async (t) => {
  const { person } = await open(t);
  await person.logIn();
  await person.isChallenged();
  await person.portal.setFaults({ validate: "down" });
  await person.enrol("Authenticator app");
  await person.isRefused("access_denied", "MFA is unavailable");

  await person.portal.setFaults({});
  await person.logIn();
  await person.pass("Authenticator app");
  await person.isLoggedIn();
});

/** As the inspector has it of the newest login. @param {import("./person.js").Person} person */
async function msInTheAction({ page, sandbox }) {
  await page.goto(`${sandbox.tenant.origin}/inspector`);
  const text = await page.getByText(/ in the Action$/).textContent();
  const [, number, unit] = /([\d.]+) (ms|s|min) in the Action$/.exec(text ?? "") ?? assert.fail(`a time in ${text}`);
  return Number(number) * { ms: 1, s: 1000, min: 60_000 }[/** @type {"ms" | "s" | "min"} */ (unit)];
}
