// What the tests of Authsignal's pages stand on: an Authsignal, logins to challenge, codes, and Chromium.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Authsignal, VerificationMethod } from "@authsignal/node";
import { generateSync } from "otplib";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { launchChromium } from "../e2e/chromium.js";
import { attribute, visit } from "./authsignal-page.js";

/** @import { TestContext } from "node:test" */
/** @import { Page } from "./authsignal-page.js" */

export const userId = "auth0|abc";
export const action = "auth0-login";
export const email = "abc@example.com";
export const redirectUrl = "http://localhost:9/continue";

export const sms = { verificationMethod: VerificationMethod.SMS, phoneNumber: "+64211234567" };

export const now = () => Math.floor(Date.now() / 1000);

/** The code of the next time step, which counts already. @param {string} secret */
export const nextCode = (secret) => generateSync({ secret, epoch: now() + 30 });

/** @param {string} code */
export const other = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

/** A code that is of no time step near. @param {string} secret */
export function wrongFor(secret) {
  const near = [-60, -30, 0, 30, 60, 90].map((seconds) => generateSync({ secret, epoch: now() + seconds }));
  return String(Array.from("0123456", (digit) => digit.repeat(6)).find((code) => !near.includes(code)));
}

/**
 * @param {string} host as the browser believes it
 * @param {number} port
 * @param {string} path
 */
export async function statusAs(host, port, path) {
  const { request } = await import("node:http");
  const [response] = await once(request({ host: "127.0.0.1", port, path, headers: { Host: host } }).end(), "response");
  response.resume();
  return response.statusCode;
}

/**
 * An Authsignal that ends with the test, with its action set to Challenge.
 * @param {TestContext} t
 * @param {Parameters<typeof startAuthsignal>[0]} [options]
 */
export async function start(t, options) {
  const authsignal = await startAuthsignal({ defaultOutcome: "CHALLENGE", ...options });
  t.after(authsignal.close);
  const { origin, url, store } = authsignal;
  const client = new Authsignal({ apiSecretKey: "sandbox-secret-key", apiUrl: url, retries: 0 });

  /**
   * Tracks a login, and gives the way to its challenge.
   * @param {import("@authsignal/node").TrackAttributes & { userId?: string, action?: string }} [given]
   * @param {Record<string, string>} [added] to the url on the way
   */
  async function login(given, added = { state: "auth0-state" }) {
    const { userId: user, action: code, ...attributes } = { userId, action, email, redirectUrl, ...given };
    const tracked = await client.track({ userId: user, action: code, attributes });
    const target = new URL(tracked.url);
    for (const [name, value] of Object.entries(added)) target.searchParams.set(name, value);
    return {
      ...tracked,
      url: target.href,
      open: (path = "") => visit(`${origin}/challenge${path}${target.search}`),
      validated: () => client.validateChallenge({ token: tracked.token, action: code, userId: user }),
      /** @param {Page} page */
      isBackAt({ location }) {
        const back = new URL(redirectUrl);
        back.search = String(new URLSearchParams({ token: tracked.token, ...added }));
        assert.equal(location, back.href);
      },
    };
  }

  return {
    origin,
    url,
    store,
    client,
    login,

    /** @param {{ token: string }} login */
    async validate({ token }) {
      const { isValid, verificationMethod } = await client.validateChallenge({ token, action, userId });
      return { isValid, verificationMethod };
    },

    /** What the Portal shows as sent, newest first. */
    async outbox() {
      const { html } = await visit(`${origin}/portal/outbox`);
      const messages = html.matchAll(/<article\b([^>]*)>[\s\S]*?<code[^>]* data-code>(\d{6})<\/code>/g);
      return [...messages].map(([, tag, code]) => ({
        method: attribute(tag, "data-message"),
        to: attribute(tag, "data-to"),
        userId: attribute(tag, "data-user"),
        code,
      }));
    },

    enrol: {
      sms: (user = userId) => client.enrollVerifiedAuthenticator({ userId: user, attributes: sms }),
      email: () =>
        client.enrollVerifiedAuthenticator({
          userId,
          attributes: { verificationMethod: VerificationMethod.EMAIL_OTP, email },
        }),
      /** On the page; gives the secret. */
      async app() {
        const { open, isBackAt } = await login();
        const setUp = await open("/enrol/authenticator-app");
        const secret = setUp.text("#totp-secret");
        isBackAt(await setUp.submit("Verify", { code: generateSync({ secret }) }));
        return secret;
      },
    },
  };
}

/**
 * Chromium, an Authsignal on localhost, and what it leads back to: a tenant that redirects to an application.
 * @param {TestContext} t
 */
export async function startBrowser(t) {
  const application = `${await listen(t, (_req, res) => res.end("signed in"))}/`;
  const tenant = await listen(t, (req, res) => {
    const { searchParams } = new URL(String(req.url), application);
    res.writeHead(302, { Location: `${application}callback?state=${searchParams.get("state")}` }).end();
  });
  const sandbox = await start(t, { hostname: "localhost", formOrigins: [new URL(application).origin] });
  const browser = await launchChromium();
  t.after(() => browser.close());
  return {
    sandbox,
    continued: { tenant: `${tenant}/continue`, application },
    browser: {
      /** @param {import("playwright-core").BrowserContextOptions} [options] */
      async page(options) {
        const page = await (await browser.newContext(options)).newPage();
        page.setDefaultTimeout(15_000);
        return page;
      },
    },
  };
}

/**
 * @param {TestContext} t
 * @param {import("node:http").RequestListener} listener
 * @returns {Promise<string>} its origin
 */
export async function listen(t, listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}
