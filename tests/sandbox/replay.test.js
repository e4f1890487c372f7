// Replay and mix-up, over HTTP: the tenant with the shipped Action, and what comes back to /continue is not this
// login's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertDenied,
  assertLoggedIn,
  assertNoWayBackIn,
  assertStopped,
  beginLogin,
  comeBack,
  startChallenges,
  startTenantWith,
} from "./action-tenant.js";
import { ADA, BOB, Browser } from "./tenant-browser.js";

const failed = "MFA challenge failed";

/** @param {import("node:test").TestContext} t */
const start = async (t) => {
  const authsignal = await startChallenges(t);
  const tenant = await startTenantWith(t, authsignal);
  return { authsignal, tenant, browser: new Browser(tenant.origin) };
};

/**
 * How often the Action asked whether a challenge was passed.
 * @param {Awaited<ReturnType<typeof startChallenges>>} authsignal
 */
const validations = async (authsignal) =>
  (await authsignal.requests()).filter(({ path }) => path === "/v1/validate").length;

test("a login that comes back with its own token and state is let in, and once only", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const { state, token } = await beginLogin(browser, ADA);
  await authsignal.complete(token);
  assertLoggedIn(
    await comeBack(browser, [
      ["state", state],
      ["token", token],
    ]),
  );

  // The same address again, here and elsewhere: Auth0's state was used.
  const before = await validations(authsignal);
  assertStopped(
    await comeBack(browser, [
      ["state", state],
      ["token", token],
    ]),
    tenant.origin,
  );
  const elsewhere = new Browser(tenant.origin);
  assertStopped(
    await comeBack(elsewhere, [
      ["state", state],
      ["token", token],
    ]),
    tenant.origin,
  );
  await assertNoWayBackIn(elsewhere);
  assert.equal(await validations(authsignal), before, "the Action is not even run");
});

test("a state is used as soon as it has come, before the login has ended", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const sent = await beginLogin(browser, ADA);
  const address = `/continue?${new URLSearchParams(sent)}`;
  // The challenge is not passed yet. The browser doesn't go on to where it is sent.
  assert.equal((await browser.request(address)).status, 303);
  await authsignal.complete(sent.token);
  assertStopped(await browser.visit(address), tenant.origin);
  assert.equal(await validations(authsignal), 1);
});

test("a state is no use in another browser, even one that knows the same password", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const sent = await beginLogin(browser, ADA);
  await authsignal.complete(sent.token);
  const elsewhere = new Browser(tenant.origin);
  await beginLogin(elsewhere, ADA);
  assertStopped(await comeBack(elsewhere, Object.entries(sent)), tenant.origin);
  await assertNoWayBackIn(elsewhere);
});

test("the completed token of another user is denied", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const { token } = await beginLogin(browser, ADA);
  await authsignal.complete(token);
  const thief = new Browser(tenant.origin);
  const { state } = await beginLogin(thief, BOB);
  assertDenied(
    await comeBack(thief, [
      ["state", state],
      ["token", token],
    ]),
    failed,
  );
  await assertNoWayBackIn(thief);
});

test("the completed token of another action is denied", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const { token } = await beginLogin(browser, ADA);
  await authsignal.complete(token);
  const stricter = await startTenantWith(t, authsignal, { options: `{ action: "transfer" }` });
  const there = new Browser(stricter.origin);
  const { state } = await beginLogin(there, ADA);
  assertDenied(
    await comeBack(there, [
      ["state", state],
      ["token", token],
    ]),
    failed,
  );
  await assertNoWayBackIn(there);
  assert.notEqual(stricter.origin, tenant.origin);
});

test("the completed token of an earlier login is denied in a new one of the same user", async (t) => {
  const { authsignal, tenant, browser } = await start(t);
  const { state: first, token } = await beginLogin(browser, ADA);
  await authsignal.complete(token);
  assertLoggedIn(
    await comeBack(browser, [
      ["state", first],
      ["token", token],
    ]),
  );
  const thief = new Browser(tenant.origin);
  const { state } = await beginLogin(thief, ADA);
  assertDenied(
    await comeBack(thief, [
      ["state", state],
      ["token", token],
    ]),
    failed,
  );
  await assertNoWayBackIn(thief);
});

test("of two tabs each needs its own challenge", async (t) => {
  const { authsignal, browser } = await start(t);
  const one = await beginLogin(browser, ADA);
  const { url } = await browser.authorize();
  const { state, token } = Object.fromEntries(url.searchParams);
  assert.equal(url.pathname, "/challenge");
  await authsignal.complete(one.token);
  assertDenied(
    await comeBack(browser, [
      ["state", state],
      ["token", one.token],
    ]),
    failed,
  );
  await authsignal.complete(token);
  assertLoggedIn(await comeBack(browser, Object.entries(one)));
});

test("a token whose challenge was not passed is denied", async (t) => {
  const { browser } = await start(t);
  assertDenied(await comeBack(browser, Object.entries(await beginLogin(browser, ADA))), failed);
  await assertNoWayBackIn(browser);
});

/**
 * @type {[what: string, query: (own: string, other: string) => [string, string][],
 *   form?: (own: string, other: string) => Record<string, string>][]}
 */
const mixtures = [
  ["no token", () => []],
  ["an empty token", () => [["token", ""]]],
  [
    "two tokens in the query",
    (own, other) => [
      ["token", own],
      ["token", other],
    ],
  ],
  [
    "the same token twice in the query",
    (own) => [
      ["token", own],
      ["token", own],
    ],
  ],
  ["a token in a list", (own) => [["token[]", own]]],
  ["a token in an object", (own) => [["token[token]", own]]],
  ["another token in the body than in the query", (_own, other) => [["token", other]], (own) => ({ token: own })],
  [
    "its own token in the query and another in the body",
    (own) => [["token", own]],
    (_own, other) => ({ token: other }),
  ],
  ["an empty token in the body beside its own in the query", (own) => [["token", own]], () => ({ token: "" })],
  ["a token in a list in the body", () => [], (own) => ({ "token[]": own })],
  ["a token under another name", (own) => [["Token", own]]],
  ["a token of 8,193 characters", () => [["token", "a".repeat(8193)]]],
];

for (const [what, query, form] of mixtures) {
  test(`coming back with ${what} is denied, and Authsignal is not asked`, async (t) => {
    const { authsignal, browser, tenant } = await start(t);
    const other = await beginLogin(new Browser(tenant.origin), ADA);
    const { state, token } = await beginLogin(browser, ADA);
    await authsignal.complete(other.token);
    await authsignal.complete(token);
    assertDenied(
      await comeBack(browser, [["state", state], ...query(token, other.token)], form?.(token, other.token)),
      failed,
    );
    await assertNoWayBackIn(browser);
    assert.equal(await validations(authsignal), 0);
  });
}

test("a token in the body of a form is as good as one in the query", async (t) => {
  const { authsignal, browser } = await start(t);
  const { state, token } = await beginLogin(browser, ADA);
  await authsignal.complete(token);
  assertLoggedIn(await comeBack(browser, [["state", state]], { token }));
});

test("a challenge that began before its user was denied lets nobody else in by the session that is left", async (t) => {
  const { browser } = await start(t);
  const { state } = await beginLogin(browser, ADA);
  assertDenied(await comeBack(browser, [["state", state]]), failed);
  await assertNoWayBackIn(browser);
  // An interactive login is challenged again.
  assert.equal((await browser.authorize()).url.pathname, "/challenge");
});
