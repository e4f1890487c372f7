// The tenant's page of settings, by its forms: what it shows, what the next login has of a change, and what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readTenant } from "../../sandbox/tenant-settings.js";
import { unescaped, visit } from "./authsignal-page.js";
import { statusAs } from "./authsignal-start.js";
import { ADA, BOB, Browser, startWith } from "./tenant-browser.js";

/** @import { TestContext } from "node:test" */

const SECRET = "a-secret-of-the-action-0123456789";
const { $schema: _, ...EXAMPLE } = /** @type {any} */ (
  readTenant(fileURLToPath(new URL("../../sandbox/tenant.example.json", import.meta.url)))
);

/** @type {any[]} */
const events = [];
Object.assign(globalThis, { settingsTest: events });
const REMEMBER = `exports.onExecutePostLogin = async (event, api) => {
  globalThis.settingsTest.push(structuredClone(event));
  api.user.setAppMetadata("seen", true);
  api.user.setUserMetadata("key", event.secrets.KEY);
};`;

/** @param {TestContext} t @param {Partial<import("../../sandbox/auth0/tenant.js").TenantOptions>} [options] */
async function start(t, options) {
  const tenant = await startWith(t, REMEMBER, { secrets: { KEY: SECRET }, ...options });
  const address = `${tenant.origin}/settings`;
  const open = () => visit(address);
  return {
    tenant,
    address,
    open,
    /** @param {unknown} settings */
    apply: async (settings) => (await open()).submit("Apply", { settings: JSON.stringify(settings) }),
    /** @param {typeof ADA} user @param {Record<string, string>} [parameters] */
    async eventOf(user, parameters) {
      const { url } = await new Browser(tenant.origin).signIn(user, parameters);
      assert.ok(url.searchParams.has("code"), url.href);
      return events.at(-1);
    },
  };
}

/** The text of the text area. @param {{ html: string }} page */
const textOf = ({ html }) => unescaped(/<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(html)?.[1] ?? "");

test("the page shows the tenant, and what to do next where nothing is set", async (t) => {
  const { open } = await start(t);
  const page = await open();
  assert.equal(page.status, 200);
  assert.deepEqual(page.links, ["Inspector", "Settings"]);
  for (const shown of [/ada@example\.com/, /auth0\|bob/, /Username-Password-Authentication/, /Action 1/]) {
    assert.match(page.html, shown);
  }
  for (const hint of [/No organization yet\. Add one/, /None yet\. Set <code>riskAssessment/, /Set <code>geoip/]) {
    assert.match(page.html, hint);
  }
});

test("the inspector links to it", async (t) => {
  const { tenant } = await start(t);
  const settings = await (await visit(`${tenant.origin}/inspector`)).follow("Settings");
  assert.equal(settings.heading, "Settings");
});

test("applied as it is, the text changes nothing", async (t) => {
  const { open, apply } = await start(t);
  const settings = JSON.parse(textOf(await open()));
  assert.deepEqual(settings.users, [ADA, BOB]);
  const page = await apply(settings);
  assert.match(page.html, /role="status">Applied\. The next login has it\.</);
  assert.deepEqual(JSON.parse(textOf(page)), settings);
});

test("the next login has what was applied", async (t) => {
  const { tenant, open, apply, eventOf } = await start(t);
  const before = await eventOf(ADA);
  assert.deepEqual([before.authentication.riskAssessment, before.custom_domain], [undefined, undefined]);

  await apply(EXAMPLE);
  const page = await open();
  for (const shown of [/<code>org_example<\/code>/, /Example Corp/, /samlp\|example-corp\|cleo/, /admin/, /Auckland/]) {
    assert.match(page.html, shown);
  }
  assert.deepEqual(JSON.parse(textOf(page)), EXAMPLE);
  assert.deepEqual(tenant.users, EXAMPLE.users);

  const event = await eventOf(EXAMPLE.users[0], { organization: "org_example" });
  assert.equal(event.organization.name, "example");
  assert.deepEqual(event.authorization.roles, ["admin"]);
  assert.deepEqual(event.authentication.riskAssessment, EXAMPLE.riskAssessment);
  assert.deepEqual(event.request.geoip, EXAMPLE.geoip);
  assert.deepEqual(event.custom_domain, EXAMPLE.customDomain);
  assert.equal((await eventOf(EXAMPLE.users[1])).connection.name, "google-oauth2");
});

test("a login that has begun goes on, and a session whose user is gone asks for a new login", async (t) => {
  const { tenant, apply, eventOf } = await start(t);
  const browser = new Browser(tenant.origin);
  const begun = await browser.authorize();
  await apply({ users: [ADA] });
  assert.ok((await browser.logIn(begun, ADA)).url.searchParams.has("code"));

  await apply({ users: [BOB] });
  const asked = await browser.authorize();
  assert.equal(asked.url.pathname, "/u/login");
  assert.match((await browser.logIn(asked, ADA)).text, /Wrong email or password/);
  const silent = await browser.authorize({ prompt: "none" });
  assert.equal(silent.url.searchParams.get("error"), "login_required");
  await eventOf(BOB);
});

test("what an Action wrote into metadata stays, unless the settings change that metadata", async (t) => {
  const { apply, eventOf } = await start(t);
  await eventOf(ADA);
  await apply({ users: [{ ...ADA, roles: ["admin"], user_metadata: { color: "blue" } }] });
  const { user, stats } = await eventOf(ADA);
  assert.deepEqual([user.app_metadata, user.user_metadata], [{ seen: true }, { color: "blue" }]);
  assert.equal(stats.logins_count, 2);
});

test("a reset brings back what the tenant started with, and forgets what happened since", async (t) => {
  const { open, apply, eventOf } = await start(t);
  const started = textOf(await open());
  await eventOf(ADA);
  await apply({ ...EXAMPLE, users: [ADA] });
  const page = await (await open()).submit("Reset to what it started with");
  assert.match(page.html, /role="status">Reset\./);
  assert.equal(textOf(page), started);

  const event = await eventOf(ADA);
  assert.deepEqual([event.user.app_metadata, event.stats.logins_count], [{}, 1]);
  assert.equal(event.authentication.riskAssessment, undefined);
  await eventOf(BOB);
});

/** @type {[what: string, text: string, problem: RegExp][]} */
const WRONG = [
  ["nothing", "", /^Nothing was changed: the text is not valid JSON\./],
  ["text that is no JSON", '{ "users": [', /^Nothing was changed: the text is not valid JSON\./],
  ["no object", "null", /: the whole of the settings must be object\.$/],
  ["an unknown field", '{ "user": [] }', /: the whole of the settings must NOT have additional properties: user\.$/],
  [
    "an unknown field of a user",
    JSON.stringify({ users: [ADA, { ...BOB, role: "admin" }] }),
    /: \/users\/1 of the settings must NOT have additional properties: role\.$/,
  ],
  ["no user", '{ "users": [] }', /: \/users of the settings must NOT have fewer than 1 items\.$/],
  [
    "a value that is not known",
    '{ "riskAssessment": { "confidence": "sure" } }',
    /: \/riskAssessment\/confidence of the settings .*: low, medium, high, neutral\.$/,
  ],
  [
    "a connection that is not there",
    JSON.stringify({ users: [{ ...ADA, connection: "saml" }] }),
    /: the connection saml of auth0\|ada is not in the settings\.$/,
  ],
  ["markup", '{ "</textarea><script>": 1 }', /additional properties: <\/textarea><script>\.$/],
];

for (const [what, text, problem] of WRONG) {
  test(`${what} is refused by name, stays in the text area, and changes nothing`, async (t) => {
    const { open, eventOf } = await start(t);
    const before = await open();
    const refused = await before.submit("Apply", { settings: text });
    assert.equal(refused.status, 400);
    assert.match(refused.problem, problem);
    assert.match(refused.html, /aria-describedby="problem effect"\s+aria-invalid="true"/);
    assert.equal(textOf(refused), text);
    assert.doesNotMatch(refused.html, /<script>/);
    assert.equal((await open()).html, before.html);
    await eventOf(BOB);
  });
}

test("another origin's page, and another name for this machine, get nothing done", async (t) => {
  const { address, open, apply } = await start(t);
  await apply(EXAMPLE);
  const before = (await open()).html;
  const body = new URLSearchParams({ settings: JSON.stringify({ users: [ADA] }) });
  /** @type {Record<string, string>[]} */
  const strangers = [
    { Origin: "http://localhost:4000" },
    { Origin: "https://example.com" },
    { Origin: "null" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
  ];
  for (const headers of strangers) {
    for (const path of ["", "/reset"]) {
      const response = await fetch(`${address}${path}`, { method: "POST", body, headers, redirect: "manual" });
      assert.equal(response.status, 403, `${path} from ${JSON.stringify(headers)}`);
      assert.match(await response.text(), /Nothing was changed: this came from a page of another origin\./);
    }
  }
  const port = Number(new URL(address).port);
  assert.equal(await statusAs(`example.com:${port}`, port, "/settings"), 421);
  assert.equal(await statusAs(`localhost:${port}`, port, "/settings"), 200);
  assert.equal((await open()).html, before);

  const own = { Origin: new URL(address).origin, "Sec-Fetch-Site": "same-origin" };
  const applied = await (await open()).submit("Apply", { settings: JSON.stringify({ users: [ADA] }) }, own);
  assert.deepEqual(JSON.parse(textOf(applied)), { users: [ADA] });
});

test("a page behind a forwarded port is changed from its public origin, and from no other", async (t) => {
  const { tenant } = await start(t, { publicOrigin: "https://my-codespace-{port}.example.com" });
  const post = (/** @type {string} */ origin) =>
    fetch(`${tenant.local}/settings/reset`, { method: "POST", redirect: "manual", headers: { Origin: origin } });
  assert.equal((await post(tenant.origin)).status, 303);
  assert.equal((await post(tenant.local)).status, 403);
});

test("neither a secret of an Action nor what looks like one is shown, also not from metadata", async (t) => {
  const { tenant, open, eventOf } = await start(t);
  assert.equal((await eventOf(ADA)).secrets.KEY, SECRET);
  const { html } = await open();
  assert.match(html, /user_metadata <code>\{&quot;key&quot;:&quot;••••••&quot;\}<\/code>/);
  assert.ok(!html.includes(SECRET));
  assert.ok(!html.includes("test-application-secret"));
  const headers = (await fetch(`${tenant.origin}/settings`)).headers;
  assert.match(String(headers.get("Content-Security-Policy")), /form-action 'self'; base-uri 'none'; frame-ancestors/);
  assert.equal(headers.get("Cache-Control"), "no-store");
});
