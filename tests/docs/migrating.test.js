// docs/migrating.md: each of its examples does what it says.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { codeBlocks, readPage } from "./page.js";
import { startStage } from "./stage.js";

const stage = await startStage({ after });
const blocks = codeBlocks(readPage("migrating.md"));

const LINE = "Change one line (2)";

/** Where the login of a block is tracked, and where its challenge is validated. @param {string} title */
async function hostsOf(title) {
  const { login, comesBack } = await stage.load(blocks.get(title) ?? "");
  const seen = await login();
  assert.equal(seen.outcome, "redirects", seen.log[0]);
  await stage.authsignal.complete(seen.challenge.href);
  const back = await comesBack(seen);
  assert.equal(back.recorded.length, 1);
  return [seen, back].map(({ asked }) => new URL(asked[0].url).host);
}

test("the changed line is the whole migration", async () => {
  const [before, now] = ["Change one line", LINE].map((title) => String(blocks.get(title)));
  assert.equal(before.replace("@authsignal/node", "authsignal-auth0"), now);
  assert.deepEqual(await hostsOf(LINE), ["api.authsignal.com", "api.authsignal.com"]);
});

test("with the Action's console the line of a denied login is in Auth0's log", async () => {
  const title = "Change one line (3)";
  assert.deepEqual(await hostsOf(title), ["api.authsignal.com", "api.authsignal.com"]);
  const { login } = await stage.load(String(blocks.get(title)));
  const { log, printed } = await login({ secrets: {} });
  assert.match(log[0], /deny, no_secret: /);
  assert.deepEqual(printed, []);
});

for (const title of ["The guide's older snippet with apiBaseUrl", "The guide's older snippet with apiBaseUrl (2)"]) {
  test(`${title} asks the EU`, async () => {
    assert.deepEqual(await hostsOf(title), ["eu.api.authsignal.com", "eu.api.authsignal.com"]);
  });
}

test("who was at the challenge before the change gets in after it", async () => {
  const { login, comesBack } = await stage.load(String(blocks.get(LINE)));
  const seen = await login();
  await stage.authsignal.complete(seen.challenge.href);
  // The official handler keeps nothing in the transaction.
  assert.equal((await comesBack({ ...seen, metadata: {} })).recorded.length, 1);
});

for (const [title, name, outcome] of [
  [LINE, "https://api.authsignal.com/v1", "proceeds"],
  [LINE, "https://api.authsignal.com/v1/", "redirects"],
  ["The guide's older snippet with apiBaseUrl", "https://eu.api.authsignal.com/v1", "proceeds"],
  ["The guide's older snippet with apiBaseUrl (2)", "https://eu.api.authsignal.com/v1", "proceeds"],
  ["The guide's older snippet with apiBaseUrl (2)", "https://eu.api.authsignal.com/v1/", "redirects"],
]) {
  test(`"${title}": a session that the official handler recorded for ${name} ${outcome}`, async () => {
    const { login } = await stage.load(String(blocks.get(title)));
    const methods = [{ name, timestamp: new Date().toISOString() }];
    assert.equal((await login({ authentication: { methods } })).outcome, outcome);
  });
}

test("there is no other example on the page", () => {
  assert.equal(blocks.size, 5);
});
