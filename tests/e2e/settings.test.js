// The tenant's page of settings: what a person changes there, the next login has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();
const actions = [fileURLToPath(new URL("../../sandbox/examples/action.js", import.meta.url))];

/** The event of the newest login. @param {import("../../sandbox/start.js").Sandbox} sandbox @returns {any} */
const eventOf = ({ tenant }) => tenant.logins()[0].arrows.find(({ to }) => to === "action")?.detail.event;

test("a person changes the organizations and the risk, sees what is wrong, logs in with them, and resets", async (t) => {
  const { person, page, sandbox } = await open(t, { actions });
  await page.goto(`${sandbox.tenant.origin}/inspector`);
  await person.follow("Settings");
  await page.getByText("No organization yet.").waitFor();
  const text = page.getByLabel("Settings, as in the file of TENANT");
  const started = await text.inputValue();
  const settings = JSON.parse(started);
  settings.organizations = [{ id: "org_example", name: "example", display_name: "Example Corp" }];
  settings.riskAssessment = { confidence: "sure" };

  await text.fill(JSON.stringify(settings));
  await person.press("Apply");
  await page.getByRole("alert").getByText("Nothing was changed: /riskAssessment/confidence of the settings").waitFor();
  await page.getByText("No organization yet.").waitFor();
  assert.deepEqual(JSON.parse(await text.inputValue()), settings);

  settings.riskAssessment.confidence = "low";
  await text.fill(JSON.stringify(settings));
  await person.press("Apply");
  await page.getByRole("status").getByText("Applied.").waitFor();
  await page.getByRole("region", { name: "Organizations" }).getByText("Example Corp").waitFor();

  await person.visitApplication();
  await page.getByText("Log in with other parameters").click();
  await page.getByLabel("Organization").fill("org_example");
  await person.press("Log in with these");
  await page.getByRole("heading", { name: "Log in to Example Corp" }).waitFor();
  await person.enterPassword();
  await person.isLoggedIn();
  const { authentication, organization } = eventOf(sandbox);
  assert.deepEqual(authentication.riskAssessment, { confidence: "low" });
  assert.equal(organization.id, "org_example");

  await page.goto(`${sandbox.tenant.origin}/settings`);
  await person.press("Reset to what it started with");
  await page.getByRole("status").getByText("Reset.").waitFor();
  assert.equal(await text.inputValue(), started);
});

test("a person whose user was taken out logs in as another one", async (t) => {
  const { person, page, sandbox } = await open(t, { actions });
  const [, bob] = sandbox.tenant.users;
  await person.logIn();
  await person.isLoggedIn();
  await page.goto(`${sandbox.tenant.origin}/settings`);
  await page.getByLabel("Settings, as in the file of TENANT").fill(JSON.stringify({ users: [bob] }));
  await person.press("Apply");
  await page.getByRole("status").getByText("Applied.").waitFor();

  await page.context().clearCookies({ name: /^sandbox_app_session/ });
  await person.logIn(bob);
  await page.getByText(bob.email).first().waitFor();
  assert.equal(eventOf(sandbox).user.email, bob.email);
});
