// Two Actions in a flow. The second one sends the user to Authsignal.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SHIPPED, startBrowser } from "./browser.js";

const { open, newPage } = await startBrowser();

test("the first Action's claim and the second one's challenge are both in the login, and the inspector shows each", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "flow-"));
  t.after(() => rm(folder, { recursive: true }));
  const first = join(folder, "first.js");
  await writeFile(
    first,
    `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("https://example.com/first", "ran"); };`,
  );
  const { person, page, sandbox } = await open(t, { actions: [first, SHIPPED] });
  await person.logIn();
  await person.isChallenged();
  await person.enrol("Authenticator app");
  await person.isLoggedIn();
  const claim = page.getByRole("row", { name: "https://example.com/first" });
  assert.match(String(await claim.textContent()), /ran/);

  const inspector = await newPage(t);
  await inspector.goto(`${sandbox.tenant.origin}/inspector`);
  const links = await inspector
    .getByRole("list")
    .last()
    .getByRole("link", { name: /Action to Auth0|Auth0 to Action/ });
  const names = (await links.allInnerTexts()).map(
    (text) => /(\w+\.js: .*?)(?: \d|$)/.exec(text.replace(/\s+/g, " "))?.[1],
  );
  assert.deepEqual(names, [
    "first.js: onExecutePostLogin",
    "first.js: proceed",
    "action.js: onExecutePostLogin",
    `action.js: redirect to ${new URL(String(sandbox.authsignal?.origin)).host}`,
    "action.js: onContinuePostLogin",
    "action.js: proceed, method recorded",
  ]);
});
