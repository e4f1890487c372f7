// What a person chooses to ask for, on the application's page.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { copyAction } from "../sandbox/action-copy.js";
import { startBrowser } from "./browser.js";
import { toNextPage } from "./next-page.js";

const { open } = await startBrowser();
const stepUp = fileURLToPath(new URL("../../examples/step-up.js", import.meta.url));

test("each choice is in the request that the Action sees", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "choices-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "action.js");
  await writeFile(
    file,
    `exports.onExecutePostLogin = async ({ request: { query }, transaction, resource_server }, api) => {
      api.idToken.setCustomClaim("seen", [
        transaction.requested_scopes, resource_server.identifier, transaction.acr_values, transaction.prompt,
        query.max_age, query.connection,
      ]);
    };`,
  );
  const { person, page } = await open(t, { actions: [file] });
  await person.visitApplication();
  await page.getByText("Log in with other parameters").click();
  await page.getByLabel("Scope").fill("openid email");
  await page.getByLabel("Audience").fill("https://api.example.com");
  await page.getByLabel("Authentication context").selectOption("multi-factor");
  await page.getByLabel("Prompt").selectOption("login: enter the password again");
  await page.getByLabel("Maximum age").fill("60");
  await page.getByLabel("Connection").fill("Username-Password-Authentication");
  await person.press("Log in with these");
  await person.enterPassword();
  await person.isLoggedIn();
  const text = await page.getByRole("row", { name: "seen" }).getByRole("cell").last().textContent();
  assert.deepEqual(JSON.parse(String(text)), [
    ["openid", "email"],
    "https://api.example.com",
    ["http://schemas.openid.net/pape/policies/2007/06/multi-factor"],
    ["login"],
    "60",
    "Username-Password-Authentication",
  ]);
});

test("step-up by a chosen scope asks for another challenge", async (t) => {
  const { file } = await copyAction(t, stepUp);
  const { person, page } = await open(t, { actions: [file] });
  await person.logsInForTheFirstTime();
  await page.getByText("Log in with other parameters").click();
  await page.getByLabel("Scope").fill("openid email transfer:funds");
  await toNextPage(page, () => page.getByRole("button", { name: "Log in with these" }).click());
  await person.isChallenged();
  await person.pass("Authenticator app");
  await person.isLoggedIn({ recorded: true });
});
