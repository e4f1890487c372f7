import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as openid from "openid-client";
import { startTenant } from "../../sandbox/auth0/tenant.js";
import {
  ADA,
  APP,
  authorizeUrl,
  BOB,
  Browser,
  CLIENT,
  claimsOf,
  exchangeCode,
  REDIRECT_URI,
  requestTokens,
  startWith,
} from "./tenant-browser.js";

const PROCEED = `exports.onExecutePostLogin = async () => {};`;
/** Asks for a second factor, once a session. */
const MFA = `
  exports.onExecutePostLogin = async (event, api) => {
    if (event.authentication.methods.some(({ name }) => name === "https://mfa.example")) return;
    api.transaction.setMetadata("asked", event.transaction.id);
    api.redirect.sendUserTo("https://mfa.example/challenge", { query: { token: "challenge-token" } });
  };
  exports.onContinuePostLogin = async (event, api) => {
    const passed = event.request.body.passed ?? event.request.query.passed;
    if (passed !== "yes" || event.transaction.metadata.asked !== event.transaction.id) return api.access.deny("not passed");
    api.authentication.recordMethod("https://mfa.example");
    api.idToken.setCustomClaim("https://example.com/mfa", true);
  };`;

/** What each execution saw, as claims can't tell it before a redirect: there is one realm. @type {any} */
const seen = { events: [] };
Object.assign(globalThis, { tenantTest: seen });
const REMEMBER = `globalThis.tenantTest.events.push(structuredClone(event));`;
/** The last event that an Action remembered. @returns {any} */
const lastEvent = () => seen.events.at(-1);

/** @param {{ url: URL }} answer */
const errorOf = ({ url }) => ({
  error: url.searchParams.get("error"),
  reason: url.searchParams.get("error_description"),
});
/** @param {{ url: URL }} answer */
const stateOf = ({ url }) => url.searchParams.get("state") ?? "";
/** @param {{ url: URL }} answer */
const place = ({ url }) => `${url.origin}${url.pathname}`;
/** @param {{ url: URL }} answer */
const isSignedIn = (answer) => place(answer) === REDIRECT_URI && answer.url.searchParams.has("code");

describe("The OpenID provider", () => {
  test("openid-client passes a code flow with PKCE, userinfo and refresh, and the old refresh token is refused", async (t) => {
    const tenant = await startWith(t, PROCEED);
    const config = await openid.discovery(new URL(tenant.origin), CLIENT.clientId, CLIENT.clientSecret, undefined, {
      execute: [openid.allowInsecureRequests],
    });
    assert.equal(config.serverMetadata().issuer, `${tenant.origin}/`);
    const verifier = openid.randomPKCECodeVerifier();
    const nonce = openid.randomNonce();
    const state = openid.randomState();
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: "openid profile email offline_access",
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      nonce,
      state,
    });

    const browser = new Browser(tenant.origin);
    const back = await browser.logIn(await browser.visit(address), ADA);
    const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state };
    const tokens = await openid.authorizationCodeGrant(config, back.url, checks);
    const claims = tokens.claims();
    assert.equal(claims?.sub, ADA.user_id);
    assert.equal(claims?.email, ADA.email);
    assert.equal(claims?.name, ADA.name);
    assert.equal(typeof claims?.sid, "string");
    assert.equal(claims?.amr, undefined);
    assert.equal(tokens.scope, "openid profile email offline_access");

    const userinfo = await openid.fetchUserInfo(config, tokens.access_token, ADA.user_id);
    assert.equal(userinfo.email, ADA.email);
    const old = String(tokens.refresh_token);
    const refreshed = await openid.refreshTokenGrant(config, old);
    assert.notEqual(refreshed.refresh_token, old);
    assert.equal(refreshed.claims()?.sub, ADA.user_id);
    await assert.rejects(openid.refreshTokenGrant(config, old), { error: "invalid_grant" });
  });

  test("its paths are Auth0's", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const metadata = await (await fetch(`${origin}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.authorization_endpoint, `${origin}/authorize`);
    assert.equal(metadata.token_endpoint, `${origin}/oauth/token`);
    assert.equal(metadata.userinfo_endpoint, `${origin}/userinfo`);
    assert.equal(metadata.jwks_uri, `${origin}/.well-known/jwks.json`);
    assert.equal(metadata.end_session_endpoint, `${origin}/oidc/logout`);
    const { keys } = await (await fetch(metadata.jwks_uri)).json();
    assert.deepEqual(
      keys.map((/** @type {any} */ { alg, d }) => [alg, d]),
      [["RS256", undefined]],
    );
  });

  test("a wrong code verifier, a used code and a wrong client secret are refused", async (t) => {
    const tenant = await startWith(t, PROCEED);
    const challenge = await openid.calculatePKCECodeChallenge("a".repeat(43));
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
    const browser = new Browser(tenant.origin);
    const back = await browser.signIn(ADA, pkce);
    const exchange = {
      grant_type: "authorization_code",
      code: back.url.searchParams.get("code") ?? "",
      redirect_uri: REDIRECT_URI,
    };
    assert.equal((await requestTokens(tenant, { ...exchange, code_verifier: "b".repeat(43) })).error, "invalid_grant");
    assert.equal((await requestTokens(tenant, { ...exchange, client_secret: "wrong" })).error, "invalid_client");
    assert.equal((await requestTokens(tenant, { ...exchange, code_verifier: "a".repeat(43) })).status, 200);
    assert.equal((await requestTokens(tenant, { ...exchange, code_verifier: "a".repeat(43) })).error, "invalid_grant");
  });

  test("the client secret can come by Basic authentication as well", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const basic = Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString("base64");
    const body = new URLSearchParams({ grant_type: "password", username: ADA.email, password: ADA.password });
    const response = await fetch(`${origin}/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${basic}` },
      body,
    });
    assert.equal(response.status, 200);
  });

  test("an unknown redirect_uri is told on a page, and nobody is sent there", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const answer = await new Browser(origin).authorize({ redirect_uri: "https://evil.example/" });
    assert.equal(answer.status, 400);
    assert.equal(answer.location, undefined);
    assert.match(answer.text, /sandbox/);
  });

  test("an access token for an API is a JWT with the Action's claims, and a refreshed one is too", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      api.accessToken.setCustomClaim("https://example.com/api", event.resource_server.identifier);
      api.accessToken.setCustomClaim("iss", "https://evil.example/");
    };`,
    );
    const audience = "https://api.example.com/";
    const tokens = await exchangeCode(
      tenant,
      await new Browser(tenant.origin).signIn(ADA, { audience, scope: "openid offline_access" }),
    );
    const refreshed = await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    const byPassword = await requestTokens(tenant, {
      grant_type: "password",
      username: ADA.email,
      password: ADA.password,
      audience,
    });
    for (const { access_token } of [tokens, refreshed, byPassword]) {
      const claims = claimsOf(access_token);
      assert.equal(claims.aud, audience);
      assert.equal(claims.iss, `${tenant.origin}/`);
      assert.equal(claims["https://example.com/api"], audience);
    }
  });

  test("it prints nothing", async (t) => {
    const lines = /** @type {unknown[][]} */ ([]);
    for (const level of /** @type {const} */ (["log", "info", "warn", "error"]))
      t.mock.method(console, level, (/** @type {unknown[]} */ ...line) => lines.push(line));
    const tenant = await startWith(t, PROCEED, { tell: undefined });
    const browser = new Browser(tenant.origin);
    const tokens = await exchangeCode(tenant, await browser.signIn(ADA, { scope: "openid offline_access" }));
    await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    await browser.visit("/v2/logout");
    assert.deepEqual(lines, []);
  });

  test("it answers to its own name only", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const { port } = new URL(origin);
    const sent = httpRequest({ host: "127.0.0.1", port, path: "/inspector", headers: { Host: "evil.example" } }).end();
    const [response] = await once(sent, "response");
    response.resume();
    assert.equal(response.statusCode, 421);
  });

  test("a port that is taken rejects", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    await assert.rejects(startWith(t, PROCEED, { port: Number(new URL(origin).port) }), { code: "EADDRINUSE" });
  });
});

describe("Universal Login", () => {
  test("it has labels, autocomplete and the policy that lets the form end elsewhere", async (t) => {
    const { origin } = await startWith(t, PROCEED, { formAction: ["https://mfa.example"] });
    const { text, headers } = await new Browser(origin).authorize({ login_hint: "hint@example.com" });
    assert.match(text, /<label for="email">/);
    assert.match(text, /autocomplete="username"[^>]*value="hint@example.com"/);
    assert.match(text, /autocomplete="current-password"/);
    assert.match(
      String(headers.get("content-security-policy")),
      new RegExp(`form-action 'self' ${APP} https://mfa.example;`),
    );
  });

  test("a wrong password and an unknown user get the same plain words, and the next try works", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const browser = new Browser(origin);
    const page = await browser.authorize();
    for (const wrong of [
      { email: ADA.email, password: "wrong" },
      { email: `"><b>nobody@example.com`, password: "x" },
    ]) {
      const { status, text } = await browser.logIn(page, wrong);
      assert.equal(status, 400);
      assert.match(text, /role="alert"[^>]*>Wrong email or password\.</);
      assert.ok(!text.includes("<b>nobody"));
    }
    assert.ok(isSignedIn(await browser.logIn(page, ADA)));
  });

  test("the form of a login that is over, or that never was, is told to be", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const browser = new Browser(origin);
    const page = await browser.authorize();
    await browser.logIn(page, ADA);
    for (const state of [page.url.searchParams.get("state"), "unknown"]) {
      const { status, text } = await browser.visit(`/u/login?state=${state}`, {
        form: { email: ADA.email, password: ADA.password },
      });
      assert.equal(status, 400);
      assert.match(text, /This login has expired/);
    }
  });

  test("another browser can't finish the login", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const page = await new Browser(origin).authorize();
    const answer = await new Browser(origin).logIn(page, ADA);
    assert.equal(answer.status, 400);
    assert.equal(answer.location, undefined);
  });

  test("prompt=login asks for the password again, of the same user or of another one", async (t) => {
    const tenant = await startWith(t, MFA);
    const browser = new Browser(tenant.origin);
    const away = await browser.signIn(ADA);
    await browser.visit(`/continue?state=${stateOf(away)}&passed=yes`);
    const page = await browser.authorize({ prompt: "login" });
    assert.equal(page.url.pathname, "/u/login");
    assert.ok(isSignedIn(await browser.logIn(page, ADA)));

    // The provider ends the other user's session first, by a form that sends itself.
    const { text } = await browser.signIn(BOB, { prompt: "login" });
    const fields = Object.fromEntries(
      [...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const away2 = await browser.visit("/oidc/logout/confirm", { form: fields });
    assert.equal(place(away2), "https://mfa.example/challenge", "what Ada recorded counts nothing for Bob");
  });
});

describe("The post-login trigger", () => {
  test("its event is Auth0's, at a login by form", async (t) => {
    const tenant = await startWith(t, `exports.onExecutePostLogin = async (event, api) => {${REMEMBER}};`, {
      secrets: { KEY: "value" },
    });
    const browser = new Browser(tenant.origin);
    await browser.signIn(ADA, {
      acr_values: "a b",
      prompt: "login",
      device_id: "device-1",
      scope: "openid offline_access",
    });
    const event = lastEvent();
    assert.equal(event.transaction.protocol, "oidc-basic-profile");
    assert.deepEqual(event.transaction.acr_values, ["a", "b"]);
    assert.deepEqual(event.transaction.prompt, ["login"]);
    assert.deepEqual(event.transaction.requested_scopes, ["openid", "offline_access"]);
    assert.equal(event.transaction.redirect_uri, REDIRECT_URI);
    assert.equal(event.transaction.state, "app-state");
    assert.equal(event.request.hostname, new URL(tenant.origin).host);
    assert.equal(event.request.method, "POST");
    assert.equal(event.request.ip, "127.0.0.1");
    assert.equal(event.request.user_agent, "test browser");
    assert.equal(event.request.language, "en-NZ");
    assert.equal(event.request.query.device_id, "device-1");
    assert.deepEqual(event.request.body, {});
    assert.deepEqual(
      event.authentication.methods.map((/** @type {any} */ { name }) => name),
      ["pwd"],
    );
    assert.ok(Math.abs(Date.now() - Date.parse(event.authentication.methods[0].timestamp)) < 5000);
    assert.equal(event.session.user_id, ADA.user_id);
    assert.equal(event.client.client_id, CLIENT.clientId);
    assert.equal(event.connection.strategy, "auth0");
    assert.equal(event.user.user_id, ADA.user_id);
    assert.deepEqual(event.secrets, { KEY: "value" });
    assert.equal(event.stats.logins_count, 1);
    assert.ok(!JSON.stringify(event).includes(ADA.password));

    await browser.authorize();
    assert.equal(lastEvent().stats.logins_count, 2);
    assert.equal(lastEvent().session.id, event.session.id);
    assert.notEqual(lastEvent().transaction.id, event.transaction.id);
  });

  test("a deny is access_denied with the reason, and prompt=none runs the Action again", async (t) => {
    const { origin } = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      api.access.deny("no. " + event.transaction.prompt.join());
    };`,
    );
    const browser = new Browser(origin);
    const denied = await browser.signIn(ADA);
    assert.equal(place(denied), REDIRECT_URI);
    assert.equal(denied.url.searchParams.get("state"), "app-state");
    assert.deepEqual(errorOf(denied), { error: "access_denied", reason: "no. " });
    assert.deepEqual(errorOf(await browser.authorize({ prompt: "none" })), {
      error: "access_denied",
      reason: "no. none",
    });
  });

  test("an error of the Action is access_denied with its message, and nobody is logged in", async (t) => {
    const told = /** @type {string[]} */ ([]);
    const source = `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("a", 1); null.x; };`;
    const { origin } = await startWith(t, source, { tell: (line) => told.push(line) });
    const { error, reason } = errorOf(await new Browser(origin).signIn(ADA));
    assert.equal(error, "access_denied");
    assert.match(String(reason), /Cannot read properties of null/);
    assert.equal(told.length, 1);
  });

  test("custom claims reach the tokens, except those whose names Auth0 restricts, and a line says so", async (t) => {
    const told = /** @type {string[]} */ ([]);
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      for (const token of [api.idToken, api.accessToken]) {
        token.setCustomClaim("https://example.com/roles", ["a", { b: 1 }]);
        for (const name of ["sub", "exp", "amr", "acr", "roles", "org_id", "permissions", "typ", "gty"]) {
          token.setCustomClaim(name, "evil");
        }
      }
    };`,
      { tell: (line) => told.push(line) },
    );
    const browser = new Browser(tenant.origin);
    const tokens = await exchangeCode(tenant, await browser.signIn(ADA, { audience: "https://api.example.com" }));
    for (const token of [tokens.id_token, tokens.access_token]) {
      const claims = claimsOf(token);
      assert.deepEqual(claims["https://example.com/roles"], ["a", { b: 1 }]);
      assert.ok(!Object.values(claims).includes("evil"));
    }
    assert.equal(told.length, 18);
    assert.equal(told[2], 'Auth0 restricts the claim "amr", and leaves it out of the ID token.');
    assert.match(JSON.stringify(tenant.logins()[0].arrows), /restricts the claim .{2}amr/);
  });

  test("the access token's scopes are those that the Action left and added, at the login and at a refresh", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      api.accessToken.removeScope("transfer:funds");
      api.accessToken.addScope("read:" + event.transaction.protocol);
    };`,
    );
    const scope = "openid offline_access transfer:funds";
    const browser = new Browser(tenant.origin);
    const tokens = await exchangeCode(
      tenant,
      await browser.signIn(ADA, { audience: "https://api.example.com", scope }),
    );
    assert.equal(tokens.scope, "openid offline_access read:oidc-basic-profile");
    assert.equal(claimsOf(tokens.access_token).scope, "openid offline_access read:oidc-basic-profile");
    const refreshed = await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    assert.equal(claimsOf(refreshed.access_token).scope, "openid offline_access read:oauth2-refresh-token");
  });

  test("the user's metadata is kept for the next login, and null removes an entry", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      ${REMEMBER}
      api.user.setAppMetadata("logins", (event.user.app_metadata.logins ?? 0) + 1);
      api.user.setUserMetadata("color", null);
    };`,
      { users: [{ ...ADA, user_metadata: { color: "blue", size: 1 }, created_at: "2024-05-04T08:15:31.204Z" }] },
    );
    const browser = new Browser(tenant.origin);
    await browser.signIn(ADA);
    assert.deepEqual(lastEvent().user.app_metadata, {});
    assert.deepEqual(lastEvent().user.user_metadata, { color: "blue", size: 1 });
    assert.equal(lastEvent().user.created_at, "2024-05-04T08:15:31.204Z");
    const tokens = await exchangeCode(tenant, await browser.authorize());
    assert.deepEqual(lastEvent().user.app_metadata, { logins: 1 });
    assert.deepEqual(lastEvent().user.user_metadata, { size: 1 });
    const { app_metadata, user_metadata } = claimsOf(tokens.id_token);
    assert.deepEqual([app_metadata, user_metadata], [undefined, undefined], "the tokens have none of it");
  });

  test("without a session prompt=none is login_required, and the Action does not run", async (t) => {
    const { origin } = await startWith(t, `exports.onExecutePostLogin = async (event, api) => api.access.deny("ran");`);
    assert.equal(errorOf(await new Browser(origin).authorize({ prompt: "none" })).error, "login_required");
  });

  test("one login goes on while another one waits", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      if (event.user.email === "${ADA.email}") await globalThis.tenantTest.gate;
      api.idToken.setCustomClaim("for", event.user.email);
    };`,
    );
    let open = () => {};
    seen.gate = new Promise((resolve) => (open = () => resolve(undefined)));
    const ada = new Browser(tenant.origin).signIn(ADA);
    const bob = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(BOB));
    open();
    assert.equal(claimsOf(bob.id_token).for, BOB.email);
    assert.equal(claimsOf((await exchangeCode(tenant, await ada)).id_token).for, ADA.email);
  });
});

describe("A redirect", () => {
  test("goes where the Action says with a state of Auth0's, and /continue takes the user on", async (t) => {
    const tenant = await startWith(t, MFA);
    const browser = new Browser(tenant.origin);
    const away = await browser.signIn(ADA);
    assert.equal(place(away), "https://mfa.example/challenge");
    assert.equal(away.url.searchParams.get("token"), "challenge-token");
    assert.match(stateOf(away), /^[\w-]{32}$/);
    const back = await browser.visit(`/continue?state=${stateOf(away)}&passed=yes`);
    assert.ok(isSignedIn(back));
    const claims = claimsOf((await exchangeCode(tenant, back)).id_token);
    assert.equal(claims["https://example.com/mfa"], true);
    assert.equal(claims.amr, undefined, "recordMethod changes no token");
  });

  test("a form can come back as well, and its body wins over the query", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    const away = await browser.signIn(ADA);
    assert.ok(
      isSignedIn(
        await browser.visit("/continue?state=none&passed=no", { form: { state: stateOf(away), passed: "yes" } }),
      ),
    );
  });

  test("the Action resumes in the same transaction, with a new request", async (t) => {
    const { origin } = await startWith(
      t,
      `
      exports.onExecutePostLogin = async (event, api) => {
        ${REMEMBER}
        api.transaction.setMetadata("n", 7);
        api.idToken.setCustomClaim("before", true);
        api.redirect.sendUserTo("https://mfa.example/");
      };
      exports.onContinuePostLogin = async (event, api) => {${REMEMBER}};`,
    );
    const browser = new Browser(origin);
    const away = await browser.signIn(ADA, { device_id: "d" });
    const [before] = seen.events.slice(-1);
    await browser.visit(`/continue?state=${stateOf(away)}&a=1`, { form: { b: "2" } });
    const after = lastEvent();
    assert.equal(after.transaction.id, before.transaction.id);
    assert.deepEqual(after.transaction.metadata, { n: 7 });
    assert.deepEqual(after.request.query, { state: stateOf(away), a: "1" });
    assert.deepEqual(after.request.body, { b: "2" });
    assert.equal(after.request.method, "POST");
    assert.equal(after.stats.logins_count, before.stats.logins_count);

    await browser.authorize();
    assert.deepEqual(lastEvent().transaction.metadata, {}, "metadata ends with its transaction");
  });

  test("a deny at its end is access_denied, and what was recorded before stays out", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    const away = await browser.signIn(ADA);
    assert.deepEqual(errorOf(await browser.visit(`/continue?state=${stateOf(away)}`)), {
      error: "access_denied",
      reason: "not passed",
    });
    assert.equal(errorOf(await browser.authorize({ prompt: "none" })).error, "interaction_required");
  });

  test("an error at its end is access_denied, and an Action without onContinuePostLogin is one", async (t) => {
    const { origin } = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => { api.redirect.sendUserTo("https://mfa.example/"); };`,
    );
    const browser = new Browser(origin);
    const { error, reason } = errorOf(await browser.visit(`/continue?state=${stateOf(await browser.signIn(ADA))}`));
    assert.equal(error, "access_denied");
    assert.match(String(reason), /onContinuePostLogin/);
  });

  test("an unknown state, a used one and another browser's are refused on a page", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    const away = await browser.signIn(ADA);
    const other = new Browser(origin);
    await other.signIn(BOB);
    const refused = async (/** @type {Browser} */ who, /** @type {string} */ query) => {
      const answer = await who.visit(`/continue${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(answer.location, undefined);
      assert.match(answer.text, /This login can&#39;t go on/);
    };
    await refused(browser, "");
    await refused(browser, "?state=unknown");
    await refused(browser, `?state=${stateOf(away)}&state=again`);
    await refused(other, `?state=${stateOf(away)}&passed=yes`);
    await refused(new Browser(origin), `?state=${stateOf(away)}&passed=yes`);
    assert.ok(
      isSignedIn(await browser.visit(`/continue?state=${stateOf(away)}&passed=yes`)),
      "the right browser still can",
    );
    await refused(browser, `?state=${stateOf(away)}&passed=yes`);
  });

  test("a recorded method is in the session: no second redirect there, and one in another browser", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    const away = await browser.signIn(ADA);
    await browser.visit(`/continue?state=${stateOf(away)}&passed=yes`);
    assert.ok(isSignedIn(await browser.authorize()));
    assert.ok(isSignedIn(await browser.authorize({ prompt: "none" })));
    assert.equal(place(await new Browser(origin).signIn(ADA)), "https://mfa.example/challenge");
  });

  test("under prompt=none it is interaction_required, and SSO then goes there", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    await browser.signIn(ADA);
    assert.deepEqual(errorOf(await browser.authorize({ prompt: "none" })), {
      error: "interaction_required",
      reason: "External interaction required",
    });
    assert.equal(place(await browser.authorize()), "https://mfa.example/challenge");
  });

  test("can follow upon a redirect", async (t) => {
    const { origin } = await startWith(
      t,
      `
      exports.onExecutePostLogin = async (event, api) => { api.redirect.sendUserTo("https://one.example/"); };
      exports.onContinuePostLogin = async (event, api) => { if (!event.request.query.end) api.redirect.sendUserTo("https://two.example/"); };`,
    );
    const browser = new Browser(origin);
    const one = await browser.signIn(ADA);
    const two = await browser.visit(`/continue?state=${stateOf(one)}`);
    assert.equal(two.url.origin, "https://two.example");
    assert.notEqual(stateOf(two), stateOf(one));
    assert.ok(isSignedIn(await browser.visit(`/continue?state=${stateOf(two)}&end=1`)));
  });

  test("two tabs of one browser can be away at a time", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    const one = await browser.signIn(ADA);
    const two = await browser.authorize();
    assert.ok(isSignedIn(await browser.visit(`/continue?state=${stateOf(one)}&passed=yes`)));
    assert.ok(isSignedIn(await browser.visit(`/continue?state=${stateOf(two)}&passed=yes`)));
  });
});

describe("Refresh", () => {
  const source = `exports.onExecutePostLogin = async (event, api) => {
    if (event.transaction.protocol !== "oauth2-refresh-token") return;
    ${REMEMBER}
    const wish = globalThis.tenantTest.wish;
    if (wish === "deny") api.access.deny("not now");
    if (wish === "redirect") api.redirect.sendUserTo("https://mfa.example/");
    api.idToken.setCustomClaim("refreshed", true);
  };`;

  test("runs the Action, whose deny and redirect end it and leave the token as it was", async (t) => {
    const tenant = await startWith(t, source);
    const tokens = await exchangeCode(
      tenant,
      await new Browser(tenant.origin).signIn(ADA, { scope: "openid offline_access" }),
    );
    assert.equal(claimsOf(tokens.id_token).refreshed, undefined);
    const refresh = () => requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });

    seen.wish = "deny";
    const { status, error, error_description } = await refresh();
    assert.deepEqual(
      { status, error, error_description },
      { status: 403, error: "access_denied", error_description: "not now" },
    );
    seen.wish = "redirect";
    const redirected = await refresh();
    assert.equal(redirected.error, "interaction_required");
    assert.match(redirected.error_description, /oauth2-refresh-token/);

    seen.wish = "";
    assert.equal(claimsOf((await refresh()).id_token).refreshed, true);
    const event = lastEvent();
    assert.deepEqual(event.transaction.requested_scopes, ["openid", "offline_access"]);
    assert.equal(event.session.user_id, ADA.user_id);
    assert.ok(!JSON.stringify(event.request).includes(tokens.refresh_token));
  });

  test("without offline_access there is no refresh token", async (t) => {
    const tenant = await startWith(t, PROCEED);
    assert.equal((await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA))).refresh_token, undefined);
  });

  test("a rotated token that comes again ends the whole family", async (t) => {
    const tenant = await startWith(t, PROCEED);
    const tokens = await exchangeCode(
      tenant,
      await new Browser(tenant.origin).signIn(ADA, { scope: "openid offline_access" }),
    );
    const refresh = (/** @type {string} */ refresh_token) =>
      requestTokens(tenant, { grant_type: "refresh_token", refresh_token });
    const next = await refresh(tokens.refresh_token);
    assert.equal((await refresh(tokens.refresh_token)).error, "invalid_grant");
    assert.equal((await refresh(next.refresh_token)).error, "invalid_grant");
  });

  test("the session's recorded methods are in its event", async (t) => {
    const tenant = await startWith(
      t,
      `${MFA}
      const before = exports.onExecutePostLogin;
      exports.onExecutePostLogin = async (event, api) => {${REMEMBER} return before(event, api);};`,
    );
    const browser = new Browser(tenant.origin);
    const away = await browser.signIn(ADA, { scope: "openid offline_access" });
    const tokens = await exchangeCode(tenant, await browser.visit(`/continue?state=${stateOf(away)}&passed=yes`));
    assert.equal(
      (await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token })).status,
      200,
    );
    assert.deepEqual(
      lastEvent().authentication.methods.map((/** @type {any} */ { name }) => name),
      ["pwd", "https://mfa.example"],
    );
  });
});

describe("The password grant", () => {
  const grant = { grant_type: "password", username: ADA.email, password: ADA.password };

  test("gives tokens that work, and its event has no session and no password", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {${REMEMBER} api.idToken.setCustomClaim("by", event.transaction.protocol);};`,
    );
    const tokens = await requestTokens(tenant, { ...grant, scope: "openid email offline_access" });
    assert.equal(tokens.status, 200);
    assert.equal(claimsOf(tokens.id_token).by, "oauth2-password");
    assert.equal(claimsOf(tokens.id_token).email, ADA.email);
    const event = lastEvent();
    assert.equal(event.session, undefined);
    assert.equal(event.request.body.grant_type, "password");
    for (const secret of [ADA.password, CLIENT.clientSecret]) assert.ok(!JSON.stringify(event).includes(secret));

    const userinfo = await fetch(`${tenant.origin}/userinfo`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });
    assert.equal((await userinfo.json()).sub, ADA.user_id);
    assert.equal(
      (await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token })).status,
      200,
    );
  });

  test("is denied with the Action's reason, and a redirect in it is interaction_required", async (t) => {
    const denying = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => { api.access.deny("MFA is required"); };`,
    );
    const { status, error, error_description } = await requestTokens(denying, grant);
    assert.deepEqual(
      { status, error, error_description },
      { status: 403, error: "access_denied", error_description: "MFA is required" },
    );
    const { error: code, error_description: text, access_token } = await requestTokens(await startWith(t, MFA), grant);
    assert.equal(code, "interaction_required");
    assert.match(text, /oauth2-password/);
    assert.equal(access_token, undefined);
  });

  test("a wrong password is invalid_grant, and the Action does not run", async (t) => {
    const tenant = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => { api.access.deny("ran"); };`,
    );
    for (const wrong of [{ ...grant, password: "x" }, { ...grant, username: "nobody" }, { grant_type: "password" }]) {
      const { error, error_description } = await requestTokens(tenant, wrong);
      assert.deepEqual(
        { error, error_description },
        { error: "invalid_grant", error_description: "Wrong email or password." },
      );
    }
  });
});

describe("Logging out", () => {
  test("Auth0's way ends the session and what it recorded, and goes where it may", async (t) => {
    const { origin } = await startWith(t, MFA);
    const browser = new Browser(origin);
    await browser.visit(`/continue?state=${stateOf(await browser.signIn(ADA))}&passed=yes`);
    const answer = await browser.visit(
      `/v2/logout?${new URLSearchParams({ client_id: CLIENT.clientId, returnTo: APP })}`,
    );
    assert.equal(answer.url.href, `${APP}/`);
    assert.equal(errorOf(await browser.authorize({ prompt: "none" })).error, "login_required");
    assert.equal(place(await browser.signIn(ADA)), "https://mfa.example/challenge");
  });

  test("the end-session endpoint does, with the parameters of OpenID Connect", async (t) => {
    const tenant = await startWith(t, PROCEED);
    const browser = new Browser(tenant.origin);
    const { id_token } = await exchangeCode(tenant, await browser.signIn(ADA));
    const parameters = {
      id_token_hint: id_token,
      client_id: CLIENT.clientId,
      post_logout_redirect_uri: `${APP}/`,
      state: "s",
    };
    const answer = await browser.visit(`/oidc/logout?${new URLSearchParams(parameters)}`);
    assert.equal(answer.url.href, `${APP}/?state=s`);
    assert.equal(errorOf(await browser.authorize({ prompt: "none" })).error, "login_required");
  });

  test("an address that is not allowed, another client and a forged hint are refused, and the session stays", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const browser = new Browser(origin);
    await browser.signIn(ADA);
    /** @type {Record<string, string>[]} */
    const wrong = [
      { returnTo: "https://evil.example/" },
      { returnTo: "nonsense" },
      { client_id: "other" },
      { id_token_hint: "a.b.c" },
    ];
    for (const parameters of wrong) {
      const { status, location } = await browser.visit(`/v2/logout?${new URLSearchParams(parameters)}`);
      assert.deepEqual([status, location], [400, undefined], JSON.stringify(parameters));
    }
    assert.ok(isSignedIn(await browser.authorize({ prompt: "none" })));
    assert.match((await browser.visit("/v2/logout")).text, /You are logged out/);
  });
});

describe("The Action's file", () => {
  /** @param {import("node:test").TestContext} t @param {string} source */
  const write = async (t, source) => {
    const folder = await mkdtemp(join(tmpdir(), "tenant-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "login.js");
    await writeFile(file, source);
    return file;
  };
  const denying = (/** @type {string} */ reason) =>
    `exports.onExecutePostLogin = async (event, api) => { api.access.deny("${reason}"); };`;
  const start = (
    /** @type {import("node:test").TestContext} */ t,
    /** @type {string} */ file,
    /** @type {object} */ options = {},
  ) => startWith(t, "", { actions: [{ file }], ...options });

  test("is loaded again when it has changed", async (t) => {
    const file = await write(t, denying("first version"));
    const { origin } = await start(t, file);
    const browser = new Browser(origin);
    assert.equal(errorOf(await browser.signIn(ADA)).reason, "first version");
    await writeFile(file, denying("the second version"));
    assert.equal(errorOf(await browser.authorize()).reason, "the second version");
  });

  test("that doesn't compile is told in one line, fails each login, and works once it is mended", async (t) => {
    const told = /** @type {string[]} */ ([]);
    const file = await write(t, `exports.onExecutePostLogin = async () => {\n  const x = ;\n};`);
    const { origin } = await start(t, file, { tell: (/** @type {string} */ line) => told.push(line) });
    assert.equal(told.length, 1);
    assert.match(told[0], /login\.js:2/);
    assert.doesNotMatch(told[0], /\n/);
    const browser = new Browser(origin);
    for (const answer of [await browser.signIn(ADA), await browser.authorize()]) {
      assert.equal(errorOf(answer).error, "access_denied");
      assert.match(String(errorOf(answer).reason), /can't be loaded/);
    }
    await writeFile(file, PROCEED);
    assert.ok(isSignedIn(await browser.authorize()));
  });

  test("that is gone fails each login, and the tenant goes on", async (t) => {
    const file = await write(t, PROCEED);
    const { origin } = await start(t, file);
    await rm(file);
    const browser = new Browser(origin);
    assert.equal(errorOf(await browser.signIn(ADA)).error, "access_denied");
    await writeFile(file, PROCEED);
    assert.ok(isSignedIn(await browser.authorize()));
  });

  test("keeps its warm process until it changes, and reload() replaces it", async (t) => {
    const file = await write(
      t,
      `let runs = 0; exports.onExecutePostLogin = async (event, api) => { api.access.deny(String(++runs)); };`,
    );
    const tenant = await start(t, file);
    const browser = new Browser(tenant.origin);
    assert.equal(errorOf(await browser.signIn(ADA)).reason, "1");
    assert.equal(errorOf(await browser.authorize()).reason, "2");
    tenant.reload();
    assert.equal(errorOf(await browser.authorize()).reason, "1");
  });

  test("gets its secrets as they are at each execution", async (t) => {
    const source = `exports.onExecutePostLogin = async (event, api) => { api.access.deny(event.secrets.WORD); };`;
    let word = "one";
    const tenant = await startWith(t, source, { secrets: () => ({ WORD: word }) });
    const browser = new Browser(tenant.origin);
    assert.equal(errorOf(await browser.signIn(ADA)).reason, "one");
    word = "two";
    assert.equal(errorOf(await browser.authorize()).reason, "two");
    tenant.setSecrets({ WORD: "three" });
    assert.equal(errorOf(await browser.authorize()).reason, "three");
  });

  test("reaches its modules and packages", async (t) => {
    const file = await write(
      t,
      `exports.onExecutePostLogin = async (event, api) => { api.access.deny(require("actions:words").word); };`,
    );
    const { origin } = await start(t, file, { modules: { words: { source: `exports.word = "from a module";` } } });
    assert.equal(errorOf(await new Browser(origin).signIn(ADA)).reason, "from a module");
  });
});

describe("The inspector", () => {
  const SECRET = "sandbox-secret-of-this-test";

  /** A server that an Action sends to. @param {import("node:test").TestContext} t */
  async function startApi(t) {
    /** @type {{ headers: import("node:http").IncomingHttpHeaders, body: string }[]} */
    const requests = [];
    const server = createServer(async (req, res) => {
      let body = "";
      for await (const chunk of req) body += chunk;
      requests.push({ headers: req.headers, body });
      res
        .setHeader("Content-Type", "application/json")
        .end(JSON.stringify({ state: "ALLOW", token: "answered-token" }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    return { url: `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`, requests };
  }

  /** Every page of the inspector about the newest login. @param {string} origin */
  async function pagesOf(origin) {
    const page = await (await fetch(`${origin}/inspector`)).text();
    const arrows = [...page.matchAll(/href="(\/inspector\/\d+\/\d+)#/g)].map(([, path]) => path);
    const pages = await Promise.all(arrows.map(async (path) => (await fetch(origin + path)).text()));
    const labels = [...page.matchAll(/<span class="hidden">(.*?): <\/span>(.*?)\s*(?:<span class="took">|<\/span>)/g)];
    return {
      page,
      details: pages.map((text) =>
        text
          .slice(text.indexOf("<pre"))
          .replace(/<[^>]*>/g, "")
          .replaceAll("&quot;", '"'),
      ),
      all: [page, ...pages].join(""),
      arrows: labels.map(([, between, label]) => `${between}: ${label.replace(/<[^>]*>/g, "")}`),
    };
  }

  test("shows a login from the application and back, and none of its secrets", async (t) => {
    const api = await startApi(t);
    const { origin } = await startWith(
      t,
      `const { once } = require("node:events");
      const { json } = require("node:stream/consumers");
      exports.onExecutePostLogin = async (event, api) => {
        const request = require("node:http").request(event.secrets.URL + "/track?a=1", {
          method: "POST",
          headers: { Authorization: "Basic " + Buffer.from(event.secrets.KEY + ":").toString("base64"), "Content-Type": "application/json" },
        }).end(JSON.stringify({ email: event.user.email }));
        const [response] = await once(request, "response");
        const { token } = await json(response);
        console.log("the key is", event.secrets.KEY);
        api.redirect.sendUserTo("https://mfa.example/challenge", { query: { token } });
      };
      exports.onContinuePostLogin = async (event, api) => { api.authentication.recordMethod("https://mfa.example"); };`,
      { secrets: { KEY: SECRET, URL: api.url } },
    );
    const browser = new Browser(origin);
    const page = await browser.authorize({
      scope: "openid offline_access",
      state: "applications-own-state",
      nonce: "applications-own-nonce",
    });
    await browser.logIn(page, { email: ADA.email, password: "wrong horse" });
    const away = await browser.logIn(page, ADA);
    const back = await browser.visit(`/continue?state=${stateOf(away)}&token=returned-token`);
    const tokens = await exchangeCode({ origin }, back);
    assert.equal(
      api.requests[0].headers["content-length"],
      String(api.requests[0].body.length),
      "watching changes nothing of what is sent",
    );

    const { arrows, details, all } = await pagesOf(origin);
    assert.deepEqual(arrows, [
      "Browser to Auth0: GET /authorize",
      "Auth0 to Browser: 303 to /u/login",
      "Browser to Auth0: POST /u/login",
      "Auth0 to Browser: 400, wrong email or password",
      "Browser to Auth0: POST /u/login",
      "Auth0 to Action: onExecutePostLogin",
      "Action to Outside: POST /track?a=1",
      "Outside to Action: 200",
      "Action to Auth0: redirect to mfa.example",
      "Auth0 to Browser: 303 to mfa.example/challenge",
      "Browser to Outside: GET /challenge",
      "Outside to Browser: back to /continue",
      "Browser to Auth0: GET /continue",
      "Auth0 to Action: onContinuePostLogin",
      "Action to Auth0: proceed, method recorded",
      `Auth0 to Browser: 303 to ${new URL(REDIRECT_URI).host}/callback, signed in`,
      "Browser to Auth0: POST /oauth/token",
      "Auth0 to Browser: 200",
    ]);
    assert.match(details[6], new RegExp(`"client": "node:http"[^]*"email": "${ADA.email}"`));
    assert.match(details[7], /"state": "ALLOW"/);
    assert.match(
      details[17],
      new RegExp(`"claims": \\{[^}]*"email_verified"|"claims": \\{[^]*"sub": "${ADA.user_id.replace("|", "\\|")}"`),
    );

    const cookie = [...browser.cookies.values()].map(({ value }) => value.slice(value.indexOf("=") + 1));
    const code = String(back.url.searchParams.get("code"));
    const { access_token, id_token, refresh_token } = tokens;
    const hidden = {
      SECRET,
      basic: Buffer.from(`${SECRET}:`).toString("base64"),
      password: ADA.password,
      form: new URLSearchParams({ p: ADA.password }).toString().slice(2),
      wrong: "wrong horse",
      clientSecret: CLIENT.clientSecret,
      code,
      access_token,
      id_token,
      refresh_token,
      state: stateOf(away),
      given: "answered-token",
      returned: "returned-token",
      own: "applications-own-state",
      nonce: "applications-own-nonce",
    };
    for (const [name, value] of Object.entries(hidden)) assert.ok(!all.includes(value), `${name} is on the page`);
    for (const value of cookie) assert.ok(!all.includes(value), "a cookie is on the page");
    assert.match(all, /••••••/);
  });

  test("shows a request that fails, a deny, an error, and the grants without a browser", async (t) => {
    const { origin } = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
      if (event.transaction.protocol === "oauth2-password") throw new Error("broken here");
      await new Promise((failed) => require("node:http").get("http://127.0.0.1:1/").on("error", failed));
      api.access.deny("no <b>entry</b>");
    };`,
    );
    await new Browser(origin).signIn(ADA);
    const login = await pagesOf(origin);
    assert.ok(login.arrows.includes("Outside to Action: no answer"));
    assert.ok(login.arrows.includes("Action to Auth0: deny: no &lt;b&gt;entry&lt;/b&gt;"));
    assert.match(login.page, /access_denied: no &lt;b&gt;entry/);
    await requestTokens({ origin }, { grant_type: "password", username: ADA.email, password: ADA.password });
    const grant = await pagesOf(origin);
    assert.match(grant.page, /Password grant of ada@example\.com/);
    assert.ok(grant.arrows.includes("Action to Auth0: error: broken here"));
    assert.ok(!grant.all.includes(ADA.password));
  });

  test("shows a request by fetch, and that its bodies are not visible", async (t) => {
    const api = await startApi(t);
    const { origin } = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => {
        const response = await fetch(event.secrets.URL + "/track", { method: "POST", body: "a body" });
        api.access.deny((await response.json()).state);
      };`,
      { secrets: { URL: api.url } },
    );
    assert.equal(errorOf(await new Browser(origin).signIn(ADA)).reason, "ALLOW");
    const { arrows, details } = await pagesOf(origin);
    assert.match(
      details[arrows.indexOf("Action to Outside: POST /track")],
      /"client": "fetch"[^]*fetch sent this: the body is not visible\./,
    );
    assert.match(
      details[arrows.indexOf("Outside to Action: 200")],
      /"status": 200[^]*fetch sent this: the body is not visible\./,
    );
  });

  test("keeps the fetch of logins apart, and lets others' alone", async (t) => {
    const api = await startApi(t);
    const { origin } = await startWith(
      t,
      `exports.onExecutePostLogin = async (event, api) => { await fetch(event.secrets.URL + "/for/" + event.user.user_id.slice(6)); };`,
      { secrets: { URL: api.url } },
    );
    await Promise.all([
      new Browser(origin).signIn(ADA),
      new Browser(origin).signIn(BOB),
      fetch(`${api.url}/for/nobody`),
    ]);
    for (const id of [1, 2]) {
      const page = await (await fetch(`${origin}/inspector/${id}`)).text();
      const name = /Login of (\w+)@/.exec(page)?.[1];
      assert.deepEqual(
        [...page.replaceAll("<wbr />", "").matchAll(/GET \/for\/(\w+)/g)].map(([, who]) => who),
        [name],
      );
    }
  });

  test("tells at once when there is something new", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const stop = new AbortController();
    const response = await fetch(`${origin}/inspector/events`, { signal: stop.signal });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), "data: 0\n\n");
    await new Browser(origin).authorize();
    assert.match(Buffer.from((await reader.read()).value ?? []).toString(), /^data: [1-9]/);
    stop.abort();
  });

  test("keeps the last fifty logins", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    const browser = new Browser(origin);
    await browser.signIn(ADA);
    for (let count = 0; count < 50; count += 1) await browser.request(authorizeUrl(origin, { prompt: "none" }));
    const page = await (await fetch(`${origin}/inspector`)).text();
    assert.equal(page.match(/id="login-\d+"/g)?.length, 50);
    const gone = await fetch(`${origin}/inspector/1`);
    assert.equal(gone.status, 404);
    assert.match(await gone.text(), /not kept any more/);
  });

  test("has nothing inline, and its script and stylesheet are there", async (t) => {
    const { origin } = await startWith(t, PROCEED);
    await new Browser(origin).signIn(ADA);
    const { all } = await pagesOf(origin);
    assert.doesNotMatch(all, /<script(?! type="module" src=)|style=|\son\w+=/);
    for (const [path, type] of [
      ["/inspector.js", /javascript/],
      ["/style.css", /css/],
    ]) {
      const response = await fetch(origin + path);
      assert.match(String(response.headers.get("content-type")), /** @type {RegExp} */ (type));
      await response.text();
    }
  });
});

test("without users of its own the tenant has Ada and Bob", async (t) => {
  const { loadAction } = await import("../../sandbox/auth0/runtime.js");
  const tenant = await startTenant({
    port: 0,
    actions: [{ loaded: await loadAction({ source: PROCEED }) }],
    applications: [{ ...CLIENT, redirectUris: [REDIRECT_URI] }],
  });
  t.after(tenant.close);
  assert.deepEqual(
    tenant.users.map(({ email, password }) => [email, password]),
    [
      ["ada@example.com", "sandbox"],
      ["bob@example.com", "sandbox"],
    ],
  );
});
