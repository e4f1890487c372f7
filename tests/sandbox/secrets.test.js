// Secrets stay in, over HTTP: what the application, the browser and whoever looks at the tenant's log get to see of
// a login that goes wrong, and where the secret key is sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertDenied,
  assertLoggedIn,
  beginLogin,
  comeBack,
  SECRET,
  startChallenges,
  startTenantWith,
} from "./action-tenant.js";
import { listen } from "./authsignal-start.js";
import { ADA, Browser } from "./tenant-browser.js";

const basic = Buffer.from(`${SECRET}:`).toString("base64");

/** All pages of the inspector about the newest login, with the Action's log lines in them. @param {string} origin */
const inspector = async (origin) => {
  const page = await (await fetch(`${origin}/inspector`)).text();
  const paths = [...page.matchAll(/href="(\/inspector\/\d+\/\d+)#/g)].map(([, path]) => path);
  assert.ok(paths.length > 0);
  return [page, ...(await Promise.all(paths.map(async (path) => (await fetch(origin + path)).text())))].join("");
};

/** @typedef {import("../../sandbox/authsignal/faults.js").Kind} Kind */

/** @type {[what: string, fault: (all: string) => Kind][]} */
const faults = [
  [
    "refuses and repeats what it was sent",
    (all) => ({ kind: "status", status: 400, body: { error: all, errorDescription: all } }),
  ],
  [
    "fails and repeats what it was sent",
    (all) => ({ kind: "status", status: 500, body: all, headers: { "Retry-After": "60" } }),
  ],
  ["answers with a state that holds it", (all) => ({ kind: "replace", body: { state: all, error: all } })],
  ["answers with what is no JSON", (all) => ({ kind: "replace", body: all })],
];

for (const [what, fault] of faults) {
  test(`an Authsignal that ${what} brings nothing of it before the application or into the log`, async (t) => {
    const authsignal = await startChallenges(t);
    const { origin } = await startTenantWith(t, authsignal, { options: `{ logLevel: "info", maxRetries: 0 }` });
    const browser = new Browser(origin);
    const { state, token } = await beginLogin(browser, ADA);
    const all = [SECRET, basic, token, ADA.user_id, ADA.email].join(" ");
    const reasons = ["MFA is unavailable", "MFA challenge failed"];

    await authsignal.faults([{ ...fault(all), endpoint: "*" }]);
    const continued = await comeBack(browser, [
      ["state", state],
      ["token", token],
    ]);
    const executed = await new Browser(origin).signIn(ADA);
    for (const { url } of [continued, executed]) {
      assert.equal(url.searchParams.get("error"), "access_denied");
      assert.ok(reasons.includes(String(url.searchParams.get("error_description"))), url.href);
      for (const value of all.split(" ")) assert.ok(!decodeURIComponent(url.href).includes(value), url.href);
    }
    // The person's own data are in the event that the inspector shows; the key and the token are nowhere.
    const shown = await inspector(origin);
    assert.match(shown, /authsignal-auth0: deny, /);
    for (const value of [SECRET, basic, token]) assert.ok(!shown.includes(value));
    const lines = shown.match(/authsignal-auth0: [^<]*/g) ?? [];
    for (const line of lines) assert.ok(!line.includes(ADA.email) && !line.includes(ADA.user_id), line);
  });
}

test("the secret key follows no redirect: the login is denied, and the other server hears nothing", async (t) => {
  const authsignal = await startChallenges(t);
  const { origin } = await startTenantWith(t, authsignal);
  /** @type {(string | undefined)[]} */
  const reached = [];
  const elsewhere = await listen(t, (req, res) => {
    reached.push(req.url);
    res.end(JSON.stringify({ state: "ALLOW", isEnrolled: true, isValid: true }));
  });
  for (const status of [301, 302, 303, 307, 308]) {
    await authsignal.faults([{ kind: "redirect", endpoint: "*", status, location: `${elsewhere}/v1/elsewhere` }]);
    assertDenied(await new Browser(origin).signIn(ADA), "MFA is unavailable");
  }
  await authsignal.faults([]);
  const browser = new Browser(origin);
  const sent = await beginLogin(browser, ADA);
  await authsignal.complete(sent.token);
  await authsignal.faults([
    { kind: "redirect", endpoint: "validate", status: 307, location: `${elsewhere}/v1/validate` },
  ]);
  assertDenied(await comeBack(browser, Object.entries(sent)), "MFA is unavailable");
  assert.deepEqual(reached, []);
});

for (const [what, secrets] of /** @type {[string, (url: string) => Record<string, string>][]} */ ([
  ["an API URL of plain http", () => ({ AUTHSIGNAL_API_URL: "http://api.example.com/v1" })],
  ["an API URL with credentials", (url) => ({ AUTHSIGNAL_API_URL: url.replace("//", "//user:password@") })],
  ["an API URL with a line break", (url) => ({ AUTHSIGNAL_API_URL: `${url}\r\nX-Injected: 1` })],
  ["a secret key with a line break", () => ({ AUTHSIGNAL_SECRET: `${SECRET}\r\nX-Injected: 1` })],
])) {
  test(`with ${what} every login is denied, and nothing is sent`, async (t) => {
    const authsignal = await startChallenges(t);
    const { origin } = await startTenantWith(t, authsignal, { secrets: secrets(authsignal.url) });
    assertDenied(await new Browser(origin).signIn(ADA), "MFA is unavailable");
    assert.deepEqual(await authsignal.requests(), []);
    assert.ok(!(await inspector(origin)).includes(SECRET));
  });
}

test("the key comes to Authsignal as Basic authentication, the token and the person in a body", async (t) => {
  const authsignal = await startChallenges(t);
  const { origin } = await startTenantWith(t, authsignal);
  const browser = new Browser(origin);
  const sent = await beginLogin(browser, ADA);
  await authsignal.complete(sent.token);
  assertLoggedIn(await comeBack(browser, Object.entries(sent)));
  const requests = await authsignal.requests();
  assert.deepEqual(
    requests.map(({ path }) => path),
    [`/v1/users/${encodeURIComponent(ADA.user_id)}/actions/auth0-login`, "/v1/validate"],
  );
  for (const { path, headers, body } of requests) {
    const { authorization, ...others } = headers;
    assert.equal(authorization, `Basic ${basic}`);
    const rest = JSON.stringify([path, others, body]);
    for (const value of [SECRET, basic]) assert.ok(!rest.includes(value));
    for (const value of [ADA.email, sent.token]) assert.ok(!JSON.stringify([path, others]).includes(value));
  }
});
