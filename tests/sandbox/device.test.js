// The device code grant: a device shows a code, and its user enters it in a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, Browser, CLIENT, claimsOf, REDIRECT_URI, startWith } from "./tenant-browser.js";

/** @import { TestContext } from "node:test" */

const ACTION = `exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim("seen", [event.transaction.protocol, event.client.client_id, event.transaction.requested_scopes]);
};`;
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** A tenant, and a device that shows a code. @param {TestContext} t @param {string} [source] */
async function start(t, source = ACTION) {
  const device = { clientId: "tv", type: /** @type {const} */ ("native"), name: "Television" };
  const tenant = await startWith(t, source, { applications: [{ ...CLIENT, redirectUris: [REDIRECT_URI] }, device] });
  /** @param {string} path @param {Record<string, string>} body */
  const ask = async (path, body) => {
    const form = new URLSearchParams({ client_id: "tv", ...body });
    const response = await fetch(new URL(path, tenant.origin), { method: "POST", body: form });
    return response.json();
  };
  const code = await ask("/oauth/device/code", { scope: "openid offline_access" });
  return {
    tenant,
    code,
    poll: () => ask("/oauth/token", { grant_type: GRANT, device_code: code.device_code }),
    refresh: (/** @type {string} */ refresh_token) =>
      ask("/oauth/token", { grant_type: "refresh_token", refresh_token }),
    browser: new Browser(tenant.origin),
  };
}

/** The hidden fields of a page's form. @param {string} text */
const fieldsOf = (text) =>
  Object.fromEntries(
    [...text.matchAll(/name="(xsrf|user_code)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );

/** Enters a code, up to the page that asks whether it is the user's. @param {Browser} browser @param {string} user_code */
async function enter(browser, user_code) {
  const { text } = await browser.visit("/activate");
  return browser.visit("/activate", { form: { ...fieldsOf(text), user_code } });
}

test("the device gets tokens once the user has logged in, and refreshes them", async (t) => {
  const { tenant, code, poll, refresh, browser } = await start(t);
  assert.equal(code.verification_uri, `${tenant.origin}/activate`);
  assert.match(code.user_code, /^[A-Z]{4}-[A-Z]{4}$/);
  assert.equal((await poll()).error, "authorization_pending");

  const { text } = await enter(browser, code.user_code);
  assert.match(text, /Television/);
  const login = await browser.visit("/activate", { form: { ...fieldsOf(text), confirm: "yes" } });
  assert.match((await browser.logIn(login, ADA)).text, /The device is connected/);

  const tokens = await poll();
  const seen = ["oauth2-device-code", "tv", ["openid", "offline_access"]];
  assert.deepEqual(claimsOf(tokens.id_token).seen, seen);
  assert.equal(claimsOf((await refresh(tokens.refresh_token)).id_token).seen[0], "oauth2-refresh-token");
  assert.equal((await poll()).error, "invalid_grant", "a device code is good once");
});

test("a deny of the Action reaches the device, and the user's page", async (t) => {
  const { code, poll, browser } = await start(
    t,
    `exports.onExecutePostLogin = async (event, api) => { api.access.deny("Not on a television."); };`,
  );
  const { text } = await enter(browser, code.user_code);
  const login = await browser.visit("/activate", { form: { ...fieldsOf(text), confirm: "yes" } });
  assert.match((await browser.logIn(login, ADA)).text, /Not on a television\./);
  const { error, error_description } = await poll();
  assert.deepEqual([error, error_description], ["access_denied", "Not on a television."]);
});

test("an Action can send the user away, and the device waits", async (t) => {
  const { code, poll, browser } = await start(
    t,
    `exports.onExecutePostLogin = async (event, api) => { api.redirect.sendUserTo("https://mfa.example/"); };
    exports.onContinuePostLogin = async () => {};`,
  );
  const { text } = await enter(browser, code.user_code);
  const login = await browser.visit("/activate", { form: { ...fieldsOf(text), confirm: "yes" } });
  const away = await browser.logIn(login, ADA);
  assert.equal(away.url.origin, "https://mfa.example");
  assert.equal((await poll()).error, "authorization_pending");
  const back = await browser.visit(`/continue?state=${away.url.searchParams.get("state")}`);
  assert.match(back.text, /The device is connected/);
  assert.equal(typeof (await poll()).access_token, "string");
});

test("a user who refuses denies the device", async (t) => {
  const { code, poll, browser } = await start(t);
  const { text } = await enter(browser, code.user_code);
  assert.match(
    (await browser.visit("/activate", { form: { ...fieldsOf(text), abort: "yes" } })).text,
    /The device is not connected/,
  );
  assert.equal((await poll()).error, "access_denied");
});

test("a code that nobody shows is told to be unknown, and another can be entered", async (t) => {
  const { code, browser } = await start(t);
  const { text } = await enter(browser, "AAAA-AAAA");
  assert.match(text, /This code is unknown, used or expired\./);
  const next = await browser.visit("/activate", { form: { ...fieldsOf(text), user_code: code.user_code } });
  assert.match(next.text, /Is this your device\?/);
});

test("another application has no device code", async (t) => {
  const { tenant } = await start(t);
  const body = new URLSearchParams({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, scope: "openid" });
  const response = await fetch(`${tenant.origin}/oauth/device/code`, { method: "POST", body });
  assert.equal(response.status, 400);
});
