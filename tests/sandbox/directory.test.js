// A tenant as people have them: connections with their kinds of users, organizations, roles, and what Auth0 knows of a
// login by itself. All of it is in the example of a settings file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readTenant } from "../../sandbox/tenant-settings.js";
import { Browser, claimsOf, exchangeCode, requestTokens, startWith } from "./tenant-browser.js";

/** @import { TestContext } from "node:test" */

const EXAMPLE = fileURLToPath(new URL("../../sandbox/tenant.example.json", import.meta.url));
const { users = [], ...directory } = readTenant(EXAMPLE);
const [ADA, BOB, CLEO] = users;
const AUDIENCE = "https://api.example.com";

/** @type {any[]} */
const events = [];
Object.assign(globalThis, { directoryTest: events });
const REMEMBER = `exports.onExecutePostLogin = async (event) => { globalThis.directoryTest.push(structuredClone(event)); };`;

/** @param {TestContext} t */
const start = (t) => startWith(t, REMEMBER, { users, directory });

/** The event of a login. @param {TestContext} t @param {typeof ADA} user @param {Record<string, string>} [parameters] */
async function eventOf(t, user, parameters) {
  const { origin } = await start(t);
  const { url } = await new Browser(origin).signIn(user, parameters);
  assert.ok(url.searchParams.has("code"), url.href);
  return events.at(-1);
}

/** How a login ends that goes wrong. @param {{ url: URL }} answer */
const errorOf = ({ url }) => [url.searchParams.get("error"), url.searchParams.get("error_description")];

/** @type {[what: string, user: typeof ADA, expected: object][]} */
const KINDS = [
  [
    "a database",
    ADA,
    {
      method: "pwd",
      connection: "Username-Password-Authentication",
      strategy: "auth0",
      identity: {
        connection: "Username-Password-Authentication",
        provider: "auth0",
        user_id: "ada",
        isSocial: false,
      },
    },
  ],
  [
    "a social connection",
    BOB,
    {
      method: "federated",
      connection: "google-oauth2",
      strategy: "google-oauth2",
      identity: {
        connection: "google-oauth2",
        provider: "google-oauth2",
        user_id: "100000000000000000001",
        isSocial: true,
      },
    },
  ],
  [
    "a SAML connection",
    CLEO,
    {
      method: "federated",
      connection: "example-corp",
      strategy: "samlp",
      identity: { connection: "example-corp", provider: "samlp", user_id: "example-corp|cleo", isSocial: false },
    },
  ],
];

for (const [what, user, expected] of KINDS) {
  test(`a user of ${what} is one in the event`, async (t) => {
    const { authentication, connection, user: profile } = await eventOf(t, user);
    const [identity] = profile.identities;
    const seen = {
      method: authentication.methods[0].name,
      connection: connection.name,
      strategy: connection.strategy,
      identity,
    };
    assert.deepEqual(seen, expected);
  });
}

test("the event has the user's roles and metadata, and neither the password nor the connection in the profile", async (t) => {
  const { authorization, user } = await eventOf(t, ADA);
  assert.deepEqual(authorization, { roles: ["admin"] });
  assert.deepEqual(user.app_metadata, { plan: "gold" });
  assert.equal(user.created_at, ADA.created_at);
  for (const name of ["password", "connection", "roles"]) assert.equal(user[name], undefined, name);
});

test("the event has the risk assessment, the place and the custom domain", async (t) => {
  const { authentication, request, custom_domain } = await eventOf(t, ADA);
  assert.deepEqual(authentication.riskAssessment, directory.riskAssessment);
  assert.deepEqual(request.geoip, directory.geoip);
  assert.deepEqual(custom_domain, { domain: "login.example.com" });
});

for (const organization of ["org_example", "example"]) {
  test(`a member logs in to the organization ${organization}, and the event and the tokens say so`, async (t) => {
    const tenant = await start(t);
    const browser = new Browser(tenant.origin);
    const page = await browser.authorize({ organization, audience: AUDIENCE, scope: "openid offline_access" });
    assert.match(page.text, /<h1>Log in to Example Corp<\/h1>/);
    const tokens = await exchangeCode(tenant, await browser.logIn(page, ADA));
    assert.deepEqual(events.at(-1).organization, {
      id: "org_example",
      name: "example",
      display_name: "Example Corp",
      metadata: { tier: "enterprise" },
    });
    for (const token of [tokens.id_token, tokens.access_token]) assert.equal(claimsOf(token).org_id, "org_example");

    const refreshed = await requestTokens(tenant, { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    assert.equal(events.at(-1).organization.id, "org_example");
    assert.equal(claimsOf(refreshed.id_token).org_id, "org_example");
  });
}

test("a login without an organization has none", async (t) => {
  const tenant = await start(t);
  const { id_token } = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA));
  assert.equal(events.at(-1).organization, undefined);
  assert.equal(claimsOf(id_token).org_id, undefined);
});

test("a user who is no member is denied before any Action runs", async (t) => {
  const { origin } = await start(t);
  const before = events.length;
  const denied = await new Browser(origin).signIn(BOB, { organization: "org_example" });
  const text = `user ${BOB.user_id} is not part of the org_example organization`;
  assert.deepEqual(errorOf(denied), ["access_denied", text]);
  assert.equal(events.length, before);
});

test("an organization and a connection that are not there are refused", async (t) => {
  const { origin } = await start(t);
  const browser = new Browser(origin);
  const refused = async (/** @type {Record<string, string>} */ parameters) =>
    errorOf(await browser.authorize(parameters));
  assert.deepEqual(await refused({ organization: "none" }), ["invalid_request", "the organization was not found"]);
  assert.deepEqual(await refused({ connection: "none" }), ["invalid_request", "the connection was not found"]);
});

test("with a connection, only its users can log in", async (t) => {
  const { origin } = await start(t);
  const browser = new Browser(origin);
  const page = await browser.authorize({ connection: "example-corp" });
  assert.match((await browser.logIn(page, ADA)).text, /Wrong email or password/);
  assert.ok((await browser.logIn(page, CLEO)).url.searchParams.has("code"));
});

test("the password grant is for users of a database", async (t) => {
  const tenant = await start(t);
  const grant = (/** @type {typeof ADA} */ { email: username, password }) =>
    requestTokens(tenant, { grant_type: "password", username, password });
  assert.equal((await grant(ADA)).status, 200);
  assert.equal((await grant(BOB)).error, "invalid_grant");
});
