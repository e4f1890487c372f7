// A whole login over HTTP: the login form, the challenge at Authsignal, back, and the tokens.

import assert from "node:assert/strict";
import { startTenant } from "../../sandbox/auth0/tenant.js";
import { ADA, APP, Browser, CLIENT, claimsOf, exchangeCode, REDIRECT_URI } from "../sandbox/tenant-browser.js";

/**
 * A tenant with this Action; it ends with the test.
 *
 * @param {import("node:test").TestContext} t
 * @param {Pick<import("../../sandbox/auth0/tenant.js").TenantOptions, "actions" | "secrets">} options
 */
export async function startTenantWith(t, options) {
  const applications = [{ ...CLIENT, redirectUris: [REDIRECT_URI], postLogoutRedirectUris: [APP] }];
  const tenant = await startTenant({ port: 0, applications, users: [ADA], tell: () => {}, ...options });
  t.after(tenant.close);
  return tenant;
}

/**
 * Logs in, passes the challenge, signs in, and sees that the next login of this browser asks no more.
 *
 * @param {Awaited<ReturnType<typeof startTenantWith>>} tenant
 * @param {import("../runtime/authsignal.js").Authsignal} authsignal
 */
export async function logInByChallenge(tenant, authsignal) {
  const browser = new Browser(tenant.origin);
  const challenge = (await browser.signIn(ADA)).url;
  assert.equal(challenge.origin, authsignal.origin, `sent to ${challenge}`);
  const completed = await authsignal.complete(challenge.href);
  assert.equal(completed.userId, ADA.user_id);

  const state = challenge.searchParams.get("state") ?? "";
  const token = challenge.searchParams.get("token") ?? "";
  const back = await browser.visit(`/continue?${new URLSearchParams({ state, token })}`);
  assert.equal(back.url.origin, APP, `sent to ${back.url}`);
  const { id_token, error_description } = await exchangeCode(tenant, back);
  assert.equal(claimsOf(id_token ?? assert.fail(error_description)).sub, ADA.user_id);

  const again = await browser.authorize();
  assert.ok(again.url.searchParams.has("code"), `sent to ${again.url}`);
}

/**
 * Logs in, and comes back without having passed the challenge: the login must end there.
 *
 * @param {Awaited<ReturnType<typeof startTenantWith>>} tenant
 */
export async function logInWithoutPassing(tenant) {
  const browser = new Browser(tenant.origin);
  const { searchParams } = (await browser.signIn(ADA)).url;
  const back = await browser.visit(
    `/continue?${new URLSearchParams({ state: searchParams.get("state") ?? "", token: searchParams.get("token") ?? "" })}`,
  );
  assert.equal(back.url.searchParams.get("error"), "access_denied", `sent to ${back.url}`);
  assert.equal(back.url.searchParams.get("code"), null);
}
