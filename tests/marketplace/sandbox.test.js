// The Marketplace's Action in the sandbox: whole logins over HTTP, with the fields of a file.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { textsOf } from "../../sandbox/secrets.js";
import { startSandbox } from "../../sandbox/start.js";
import { ADA, Browser, claimsOf, requestTokens } from "../sandbox/tenant-browser.js";

const action = fileURLToPath(new URL("../../marketplace/integration/integration.action.js", import.meta.url));

/**
 * A sandbox whose Action has these fields, and a browser that begins a login.
 * @param {import("node:test").TestContext} t
 * @param {Record<string, string>} fields
 */
async function start(t, fields) {
  const folder = await mkdtemp(join(tmpdir(), "marketplace-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "fields.json");
  await writeFile(file, JSON.stringify(fields));
  const sandbox = await startSandbox({
    actions: [action],
    configuration: textsOf("CONFIGURATION", file, assert.fail),
    users: [ADA],
    tell: assert.fail,
  });
  t.after(sandbox.close);
  const { tenant, application } = sandbox;
  const authsignal = sandbox.authsignal ?? assert.fail();
  const browser = new Browser(tenant.origin);
  const redirect_uri = application.redirectUris[0];
  const authorize = () => browser.authorize({ client_id: application.clientId, redirect_uri });

  return {
    authsignal,
    async logIn() {
      return browser.logIn(await authorize(), ADA);
    },
    logInAgain: authorize,
    /** Passes the challenge at this address, and comes back. @param {URL} challenge */
    async pass(challenge) {
      assert.equal(challenge.origin, authsignal.origin, challenge.href);
      const [token, state] = ["token", "state"].map((name) => String(challenge.searchParams.get(name)));
      const response = await fetch(`${authsignal.origin}/sandbox/challenges/complete`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token, verificationMethod: "PASSKEY" }),
      });
      assert.equal(response.status, 200);
      return browser.visit(`/continue?${new URLSearchParams({ token, state })}`);
    },
    /** @param {URL} callback */
    tokensOf(callback) {
      return requestTokens(tenant, {
        grant_type: "authorization_code",
        code: String(callback.searchParams.get("code")),
        redirect_uri,
        client_id: application.clientId,
        client_secret: application.clientSecret,
      });
    },
    /** What the Action logged, of all logins. */
    log: () => tenant.logins().flatMap(({ arrows }) => arrows.flatMap(({ detail }) => lines(detail.console))),
  };
}

/** @param {any} console of an execution */
const lines = (console = []) => console.map((/** @type {{ text: string }} */ { text }) => text);

test("with no field, a login passes one challenge a session", async (t) => {
  const { logIn, logInAgain, pass, log } = await start(t, {});
  const { url } = await pass((await logIn()).url);
  assert.ok(url.searchParams.has("code"), url.href);
  assert.ok((await logInAgain()).url.searchParams.has("code"));
  assert.deepEqual(log(), []);
});

test("the fields reach the package: an action of its own, a claim in the tokens, and every outcome in the log", async (t) => {
  const claim = "https://example.com/mfa";
  const { logIn, pass, tokensOf, log } = await start(t, {
    ACTION: "payroll-login",
    CLAIM: claim,
    LOG_LEVEL: "info",
    MAX_AGE: "",
  });
  const tokens = await tokensOf((await pass((await logIn()).url)).url);
  const { action: code, method } = claimsOf(tokens.id_token)[claim];
  assert.deepEqual([code, method], ["payroll-login", "PASSKEY"]);
  assert.deepEqual(
    log().map((line) => line.split(":")[1]),
    [" redirect, enrollment_required", " record, challenge_passed"],
  );
});

test("MAX_AGE of 0 asks at each login", async (t) => {
  const { authsignal, logIn, logInAgain, pass } = await start(t, { MAX_AGE: "0" });
  await pass((await logIn()).url);
  assert.equal((await logInAgain()).url.origin, authsignal.origin);
});

test("a field that is wrong denies the login without a request, and the log names the field", async (t) => {
  const { authsignal, logIn, log } = await start(t, { MAX_AGE: "a day", UNAVAILABLE_MESSAGE: "Not used" });
  const { url } = await logIn();
  assert.equal(url.searchParams.get("error_description"), "MFA is unavailable");
  assert.deepEqual(await (await fetch(`${authsignal.origin}/sandbox/requests`)).json(), []);
  assert.deepEqual(log(), ["authsignal-auth0: deny, invalid_field: MAX_AGE has a value that it can't have"]);
});
