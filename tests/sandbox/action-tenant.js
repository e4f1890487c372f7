// A tenant with the shipped Action, and a local Authsignal behind it: whole logins over HTTP, without a browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { Browser, REDIRECT_URI, startWith } from "./tenant-browser.js";

/** @import { TestContext } from "node:test" */
/** @typedef {Awaited<ReturnType<Browser["visit"]>>} Answer */

const SHIPPED = readFileSync(fileURLToPath(new URL("../../pkg/action.js", import.meta.url)), "utf8");

/** The tenant's secret key. */
export const SECRET = "sandbox-secret-key-of-this-test";

/**
 * An Authsignal that challenges each login, until the test ends.
 * @param {TestContext} t
 */
export async function startChallenges(t) {
  const authsignal = await startAuthsignal({ secret: SECRET, defaultOutcome: "CHALLENGE" });
  t.after(authsignal.close);

  /** @param {string} method @param {string} path @param {unknown} [body] */
  const call = async (method, path, body) => {
    const Authorization = `Basic ${Buffer.from(`${SECRET}:`).toString("base64")}`;
    const response = await fetch(`${authsignal.origin}${path}`, {
      method,
      headers: { Authorization },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response.json();
  };
  return {
    ...authsignal,
    /** What a person does on the pre-built UI. @param {string} token */
    complete: (token) => call("POST", "/sandbox/challenges/complete", { token }),
    /** @param {import("../../sandbox/authsignal/faults.js").Fault[]} list */
    faults: (list) => call("PUT", "/sandbox/faults", list),
    /** @returns {Promise<import("../../sandbox/authsignal/request-log.js").LoggedRequest[]>} those of the Action */
    requests: async () =>
      (await call("GET", "/sandbox/requests")).filter((/** @type {any} */ { path }) => path.startsWith("/v1/")),
  };
}

/**
 * A tenant with the Action as it ships.
 * @param {TestContext} t
 * @param {{ url: string }} authsignal
 * @param {{ options?: string, secrets?: Record<string, string> }} [given] what stands in the options block, and
 *   secrets besides or instead of the usual ones
 */
export function startTenantWith(t, { url }, { options = "{}", secrets } = {}) {
  const source = SHIPPED.replace(
    /^const authsignalOptions = \{[^]*?^\};$/m,
    () => `const authsignalOptions = ${options};`,
  );
  return startWith(t, source, { secrets: { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: url, ...secrets } });
}

/**
 * A login up to its challenge: what the browser was sent with.
 * @param {Browser} browser
 * @param {{ email: string, password: string }} user
 */
export async function beginLogin(browser, user) {
  const { url } = await browser.signIn(user);
  assert.equal(url.pathname, "/challenge", url.href);
  const { state, token } = Object.fromEntries(url.searchParams);
  assert.ok(state && token);
  return { state, token };
}

/**
 * Comes back to the tenant.
 * @param {Browser} browser
 * @param {[string, string][]} query
 * @param {Record<string, string>} [form]
 */
export const comeBack = (browser, query, form) =>
  browser.visit(`/continue?${new URLSearchParams(query)}`, form && { form });

/** The application got a code. @param {Answer} answer */
export function assertLoggedIn({ url }) {
  assert.equal(`${url.origin}${url.pathname}`, REDIRECT_URI);
  assert.ok(url.searchParams.get("code"), url.href);
}

/**
 * The application was told that the login was denied, and why, and nothing else.
 * @param {Answer} answer
 * @param {string} reason
 */
export function assertDenied({ url }, reason) {
  assert.equal(`${url.origin}${url.pathname}`, REDIRECT_URI);
  const { state, iss, ...told } = Object.fromEntries(url.searchParams);
  assert.deepEqual(told, { error: "access_denied", error_description: reason });
}

/** The tenant itself stopped it: the application got nothing. @param {Answer} answer @param {string} origin */
export function assertStopped({ url, status, text }, origin) {
  assert.equal(url.origin, origin);
  assert.equal(status, 400);
  assert.match(text, /This login can(&#39;|&#x27;|&apos;|'|’)t go on/);
}

/**
 * Whoever was denied has a browser session at Auth0, but no challenge in it: silent login doesn't get in.
 * @param {Browser} browser
 */
export async function assertNoWayBackIn(browser) {
  const { url } = await browser.authorize({ prompt: "none" });
  assert.equal(url.searchParams.get("code"), null, url.href);
  assert.ok(["interaction_required", "login_required"].includes(String(url.searchParams.get("error"))), url.href);
}
