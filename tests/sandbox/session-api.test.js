// What api.session, api.refreshToken and api.prompt do in a tenant.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, Browser, claimsOf, exchangeCode, requestTokens, startWith } from "./tenant-browser.js";

/** @param {{ url: URL }} answer */
const errorOf = ({ url }) => [url.searchParams.get("error"), url.searchParams.get("error_description")];
/** @param {{ url: URL }} answer */
const stateOf = ({ url }) => url.searchParams.get("state") ?? "";
const REVOKE = `api.session.revoke("Not on this device.")`;

test("a session that an Action revokes is denied and over: the next login asks for the password", async (t) => {
  const { origin } = await startWith(t, `exports.onExecutePostLogin = async (event, api) => { ${REVOKE} };`);
  const browser = new Browser(origin);
  assert.deepEqual(errorOf(await browser.signIn(ADA)), ["access_denied", "Not on this device."]);
  assert.equal(errorOf(await browser.authorize({ prompt: "none" }))[0], "login_required");
  assert.equal((await browser.authorize()).url.pathname, "/u/login");
});

test("so is one that is revoked after a redirect, and with the password the user gets in again", async (t) => {
  const { origin } = await startWith(
    t,
    `let runs = 0;
    exports.onExecutePostLogin = async (event, api) => { if (++runs === 1) api.redirect.sendUserTo("https://a.example/"); };
    exports.onContinuePostLogin = async (event, api) => { ${REVOKE} };`,
  );
  const browser = new Browser(origin);
  const back = await browser.visit(`/continue?state=${stateOf(await browser.signIn(ADA))}`);
  assert.deepEqual(errorOf(back), ["access_denied", "Not on this device."]);
  const page = await browser.authorize();
  assert.equal(page.url.pathname, "/u/login");
  assert.ok((await browser.logIn(page, ADA)).url.searchParams.has("code"));
  assert.ok((await browser.authorize({ prompt: "none" })).url.searchParams.has("code"));
});

test("session metadata is in the next event of this session, and not in another browser's", async (t) => {
  const tenant = await startWith(
    t,
    `exports.onExecutePostLogin = async (event, api) => {
      api.idToken.setCustomClaim("seen", event.session.metadata ?? null);
      api.session.setMetadata("device", "known");
    };`,
  );
  const browser = new Browser(tenant.origin);
  const seen = async (/** @type {{ url: URL }} */ answer) =>
    claimsOf((await exchangeCode(tenant, answer)).id_token).seen;
  assert.equal(await seen(await browser.signIn(ADA)), null);
  assert.deepEqual(await seen(await browser.authorize()), { device: "known" });
  assert.equal(await seen(await new Browser(tenant.origin).signIn(ADA)), null);
});

test("a refresh token that an Action revokes is denied, and of no use after", async (t) => {
  const tenant = await startWith(
    t,
    `let refreshes = 0;
    exports.onExecutePostLogin = async (event, api) => {
      if (event.transaction.protocol === "oauth2-refresh-token" && ++refreshes === 1) api.refreshToken.revoke("No longer.");
    };`,
  );
  const scope = "openid offline_access";
  const { refresh_token } = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA, { scope }));
  const refresh = () => requestTokens(tenant, { grant_type: "refresh_token", refresh_token });
  const { error, error_description } = await refresh();
  assert.deepEqual([error, error_description], ["access_denied", "No longer."]);
  assert.equal((await refresh()).error, "invalid_grant");
});

const FORM = `
  exports.onExecutePostLogin = async (event, api) => { api.prompt.render("ap_terms", { vars: { name: event.user.name } }); };
  exports.onContinuePostLogin = async (event, api) => { api.idToken.setCustomClaim("prompt", event.prompt); };`;

test("a Form is a page of the tenant, and what the user fills in is in event.prompt", async (t) => {
  const tenant = await startWith(t, FORM);
  const browser = new Browser(tenant.origin);
  const page = await browser.signIn(ADA);
  assert.equal(page.url.pathname, "/u/form");
  assert.match(page.text, /<h1>Form ap_terms<\/h1>/);
  const back = await browser.visit(`/continue?state=${stateOf(page)}`, { form: { fields: '{ "accepted": true }' } });
  const { prompt } = claimsOf((await exchangeCode(tenant, back)).id_token);
  assert.deepEqual(prompt, { id: "ap_terms", vars: { name: ADA.name }, fields: { accepted: true } });
  assert.equal(tenant.logins()[0].arrows.filter(({ label }) => label === "show the Form ap_terms").length, 1);
});

test("fields that are no JSON object can be corrected", async (t) => {
  const { origin } = await startWith(t, FORM);
  const browser = new Browser(origin);
  const page = await browser.signIn(ADA);
  for (const fields of ["{", "[]", "null"]) {
    const { status, text } = await browser.visit(`/continue?state=${stateOf(page)}`, { form: { fields } });
    assert.equal(status, 400);
    assert.match(text, /That is no JSON object/);
  }
  const back = await browser.visit(`/continue?state=${stateOf(page)}`, { form: { fields: "{}" } });
  assert.ok(back.url.searchParams.has("code"));
});

test("another browser sees no Form", async (t) => {
  const { origin } = await startWith(t, FORM);
  const page = await new Browser(origin).signIn(ADA);
  assert.equal((await new Browser(origin).visit(`/u/form?state=${stateOf(page)}`)).status, 400);
});

test("with prompt=none a Form is interaction_required", async (t) => {
  const { origin } = await startWith(t, FORM);
  const browser = new Browser(origin);
  await browser.signIn(ADA);
  assert.equal(errorOf(await browser.authorize({ prompt: "none" }))[0], "interaction_required");
});
