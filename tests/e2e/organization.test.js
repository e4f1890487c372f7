// A login to an organization, which a person chooses on the application's page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readTenant } from "../../sandbox/tenant-settings.js";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();
const example = fileURLToPath(new URL("../../sandbox/tenant.example.json", import.meta.url));
const { users = [], ...directory } = readTenant(example);

test("a member logs in to the organization with MFA, and a user who is none is refused", async (t) => {
  const { person, page, sandbox } = await open(t, { users, directory });
  const begin = async () => {
    await person.visitApplication();
    await page.getByText("Log in with other parameters").click();
    await page.getByLabel("Organization").fill("org_example");
    await person.press("Log in with these");
    await page.getByRole("heading", { name: "Log in to Example Corp" }).waitFor();
  };
  await begin();
  await person.enterPassword(users[0]);
  await person.enrol("Authenticator app");
  await person.isLoggedIn();
  assert.match(String(await page.getByRole("row", { name: "org_id" }).textContent()), /org_example/);

  await person.follow("Log out");
  await begin();
  await person.enterPassword(users[1]);
  await person.isRefused("access_denied", `user ${users[1].user_id} is not part of the org_example organization`);
  const kinds = sandbox.tenant.logins()[0].arrows.filter(({ to }) => to === "action");
  assert.deepEqual(kinds, [], "no Action ran");
});
