// The types of applications: who may ask the token endpoint for what, and from where.

import assert from "node:assert/strict";
import { test } from "node:test";
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from "openid-client";
import { ADA, APP, Browser, CLIENT, claimsOf, REDIRECT_URI, requestTokens, startWith } from "./tenant-browser.js";

const SPA = { client_id: "spa", client_secret: "" };
const MACHINE = { client_id: "machine", client_secret: "machine-secret-0123456789abcdef" };
const APPLICATIONS = [
  { ...CLIENT, redirectUris: [REDIRECT_URI] },
  {
    clientId: SPA.client_id,
    type: /** @type {const} */ ("spa"),
    name: "Single page",
    redirectUris: [`${APP}/spa`],
    postLogoutRedirectUris: [`${APP}/spa`],
    webOrigins: [APP],
  },
  {
    clientId: MACHINE.client_id,
    type: /** @type {const} */ ("non_interactive"),
    clientSecret: MACHINE.client_secret,
  },
];
const NAMED = `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("client", event.client); };`;

/** @param {import("node:test").TestContext} t */
const start = (t) => startWith(t, NAMED, { applications: APPLICATIONS });

/** A code for the single-page application. @param {Browser} browser @param {Record<string, string>} [parameters] */
async function signInAtSpa(browser, parameters) {
  const code_verifier = randomPKCECodeVerifier();
  const code_challenge = await calculatePKCECodeChallenge(code_verifier);
  const redirect_uri = `${APP}/spa`;
  const { url } = await browser.signIn(ADA, {
    client_id: "spa",
    redirect_uri,
    code_challenge,
    code_challenge_method: "S256",
    scope: "openid offline_access",
    ...parameters,
  });
  return { grant_type: "authorization_code", code: url.searchParams.get("code") ?? "", code_verifier, redirect_uri };
}

/** As requestTokens, without a client secret. @param {{ origin: string }} tenant @param {Record<string, string>} body */
async function requestAsSpa({ origin }, body) {
  const response = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    headers: { Origin: APP },
    body: new URLSearchParams({ client_id: "spa", ...body }),
  });
  return { response, status: response.status, ...(await response.json()) };
}

test("a single-page application has no secret, gets tokens by PKCE, and its refresh tokens rotate", async (t) => {
  const tenant = await start(t);
  const tokens = await requestAsSpa(tenant, await signInAtSpa(new Browser(tenant.origin)));
  assert.equal(tokens.response.headers.get("access-control-allow-origin"), APP);
  assert.deepEqual(claimsOf(tokens.id_token).client, { client_id: "spa", name: "Single page", metadata: {} });

  const refresh = (/** @type {string} */ refresh_token) =>
    requestAsSpa(tenant, { grant_type: "refresh_token", refresh_token });
  const next = await refresh(tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.equal((await refresh(tokens.refresh_token)).error, "invalid_grant");
});

test("a single-page application can't leave out PKCE, nor use a password", async (t) => {
  const tenant = await start(t);
  const { url } = await new Browser(tenant.origin).authorize({ client_id: "spa", redirect_uri: `${APP}/spa` });
  assert.equal(url.searchParams.get("error"), "invalid_request");
  const password = { grant_type: "password", username: ADA.email, password: ADA.password };
  assert.equal((await requestAsSpa(tenant, password)).access_token, undefined);
});

test("the scripts of an origin that is not allowed can't read the tokens", async (t) => {
  const tenant = await start(t);
  const body = new URLSearchParams({ client_id: "spa", ...(await signInAtSpa(new Browser(tenant.origin))) });
  const headers = { Origin: "https://evil.example" };
  const response = await fetch(`${tenant.origin}/oauth/token`, { method: "POST", headers, body });
  assert.equal(response.headers.get("access-control-allow-origin"), null);
  assert.equal((await response.json()).access_token, undefined);
});

test("each application logs out to its own addresses only", async (t) => {
  const tenant = await start(t);
  const browser = new Browser(tenant.origin);
  const logOut = (/** @type {Record<string, string>} */ query) =>
    browser.request(`/v2/logout?${new URLSearchParams(query)}`);
  const returnTo = `${APP}/spa`;
  assert.equal((await logOut({ client_id: CLIENT.clientId, returnTo })).status, 400);
  assert.equal((await logOut({ client_id: "spa", returnTo })).location?.href, returnTo);
  assert.equal((await logOut({ returnTo })).location?.href, returnTo);
});

test("a machine is denied, since no API lets it in", async (t) => {
  const tenant = await start(t);
  const audience = "https://api.example.com";
  const { status, error, error_description } = await requestTokens(tenant, {
    grant_type: "client_credentials",
    audience,
    ...MACHINE,
  });
  assert.deepEqual([status, error], [403, "access_denied"]);
  const text = `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`;
  assert.equal(error_description, text);
});

test("a machine with a wrong secret is no machine", async (t) => {
  const grant = { grant_type: "client_credentials", ...MACHINE, client_secret: "wrong" };
  assert.equal((await requestTokens(await start(t), grant)).error, "invalid_client");
});

test("another application can't have a machine's grant", async (t) => {
  const { status, error, error_description } = await requestTokens(await start(t), {
    grant_type: "client_credentials",
  });
  assert.deepEqual([status, error], [403, "unauthorized_client"]);
  assert.equal(error_description, "Grant type 'client_credentials' not allowed for the client.");
});
