// The Action of an event stream: what it changes at the local Authsignal, for a user who has logged in through the Action
// of the login.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { test } from "node:test";
import {
  assertLoggedIn,
  beginLogin,
  comeBack,
  SECRET,
  startChallenges,
  startTenantWith,
} from "../sandbox/action-tenant.js";
import { ADA, BOB, Browser } from "../sandbox/tenant-browser.js";

const { onExecuteEventStream } = createRequire(import.meta.url)("../../examples/user-events/authsignal-users.js");

/** @typedef {Awaited<ReturnType<typeof startChallenges>>} Authsignal */

/**
 * What Auth0 delivers.
 * @param {string} type
 * @param {unknown} object
 * @param {{ url: string }} authsignal
 * @param {object} [secrets]
 */
const deliver = (type, object, { url }, secrets = {}) =>
  onExecuteEventStream(
    {
      message: { id: "evt_1", specversion: "1.0", source: "urn:auth0:example", type, data: { object } },
      secrets: { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: url, ...secrets },
    },
    {},
  );

/** A login with a challenge, after which the user is enrolled. @param {Authsignal} authsignal @param {{ origin: string }} tenant @param {typeof ADA} user */
async function logIn(authsignal, tenant, user) {
  const browser = new Browser(tenant.origin);
  const { state, token } = await beginLogin(browser, user);
  await authsignal.complete(token);
  assertLoggedIn(
    await comeBack(browser, [
      ["state", state],
      ["token", token],
    ]),
  );
}

/** @param {Authsignal} authsignal */
const people = ({ store }) => [...store.users.keys()].sort();
/** @param {Authsignal} authsignal @param {typeof ADA} user */
const attributes = ({ store }, { user_id }) => store.users.get(user_id)?.attributes;

/** Two users who have logged in. @param {import("node:test").TestContext} t */
async function start(t) {
  const authsignal = await startChallenges(t);
  const tenant = await startTenantWith(t, authsignal);
  for (const user of [ADA, BOB]) await logIn(authsignal, tenant, user);
  assert.deepEqual(people(authsignal), [ADA.user_id, BOB.user_id]);
  return authsignal;
}

test("it is a native async function, as Auth0 demands", () => {
  assert.equal(onExecuteEventStream.constructor.name, "AsyncFunction");
});

test("user.deleted deletes the very user that the login tracked, and no other", async (t) => {
  const authsignal = await start(t);
  await deliver("user.deleted", { user_id: ADA.user_id, email: ADA.email }, authsignal);
  assert.deepEqual(people(authsignal), [BOB.user_id]);
  const requests = await authsignal.requests();
  const [track] = requests.filter(({ path }) => path.endsWith("/actions/auth0-login"));
  const last = requests[requests.length - 1];
  assert.deepEqual([last.method, `${last.path}/actions/auth0-login`], ["DELETE", track.path]);
});

test("user.deleted a second time, and of a user who never logged in, is done already", async (t) => {
  const authsignal = await start(t);
  for (const user_id of [ADA.user_id, ADA.user_id, "auth0|nobody"])
    await deliver("user.deleted", { user_id }, authsignal);
  assert.deepEqual(people(authsignal), [BOB.user_id]);
});

test("user.updated passes on a verified email address and phone number", async (t) => {
  const authsignal = await start(t);
  const object = { user_id: ADA.user_id, email: "ada@new.example", email_verified: true };
  await deliver("user.updated", { ...object, phone_number: "+6421555123", phone_verified: true }, authsignal);
  assert.deepEqual(attributes(authsignal, ADA), {
    email: "ada@new.example",
    emailVerified: true,
    phoneNumber: "+6421555123",
    phoneNumberVerified: true,
  });
  assert.equal(attributes(authsignal, BOB)?.email, BOB.email);
});

for (const [what, given] of /** @type {[string, object][]} */ ([
  ["neither is verified", { email: "a@new.example", email_verified: false, phone_number: "+6421555123" }],
  ["verified is not true", { email: "a@new.example", email_verified: "true", phone_number: "+64", phone_verified: 1 }],
  ["there is neither", { email_verified: true, phone_verified: true }],
])) {
  test(`user.updated asks nothing of Authsignal if ${what}`, async (t) => {
    const authsignal = await start(t);
    const before = (await authsignal.requests()).length;
    await deliver("user.updated", { user_id: ADA.user_id, ...given }, authsignal);
    assert.equal((await authsignal.requests()).length, before);
    assert.equal(attributes(authsignal, ADA)?.email, ADA.email);
  });
}

test("user.updated that comes after user.deleted doesn't create the user again", async (t) => {
  const authsignal = await start(t);
  await deliver("user.deleted", { user_id: ADA.user_id }, authsignal);
  await deliver("user.updated", { user_id: ADA.user_id, email: ADA.email, email_verified: true }, authsignal);
  assert.deepEqual(people(authsignal), [BOB.user_id]);
});

test("user.updated leaves a user alone who has not enrolled: the next login passes on the email address", async (t) => {
  const authsignal = await startChallenges(t);
  const tenant = await startTenantWith(t, authsignal);
  await beginLogin(new Browser(tenant.origin), ADA);
  await deliver("user.updated", { user_id: ADA.user_id, email: "ada@new.example", email_verified: true }, authsignal);
  assert.equal(attributes(authsignal, ADA)?.email, ADA.email);
});

test("any other event changes nothing", async (t) => {
  const authsignal = await start(t);
  await deliver("user.created", { user_id: ADA.user_id, email: "ada@new.example", email_verified: true }, authsignal);
  assert.deepEqual(people(authsignal), [ADA.user_id, BOB.user_id]);
  assert.equal(attributes(authsignal, ADA)?.email, ADA.email);
});

for (const user_id of [undefined, "", ".", "..", 7]) {
  test(`the user id ${JSON.stringify(user_id)} fails the delivery, and nobody is deleted`, async (t) => {
    const authsignal = await start(t);
    await assert.rejects(deliver("user.deleted", { user_id }, authsignal), { message: /no user id$/ });
    assert.deepEqual(people(authsignal), [ADA.user_id, BOB.user_id]);
  });
}

test("an answer that is no success fails the delivery, with nothing of the user in the message", async (t) => {
  const authsignal = await start(t);
  for (const type of ["user.deleted", "user.updated"]) {
    const object = { user_id: ADA.user_id, email: ADA.email, email_verified: true };
    await assert.rejects(deliver(type, object, authsignal, { AUTHSIGNAL_SECRET: "another" }), {
      message: /^authsignal-auth0: (DELETE|GET) of a user at Authsignal failed: status 401$/,
    });
  }
  assert.deepEqual(people(authsignal), [ADA.user_id, BOB.user_id]);
});

/**
 * A server that answers every request with this, and the methods and paths of what it got.
 * @param {import("node:test").TestContext} t
 * @param {number} status
 * @param {Record<string, string>} [headers]
 */
async function startAnswering(t, status, headers) {
  /** @type {string[]} */
  const requests = [];
  const server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    response.writeHead(status, headers).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/v1`, requests };
}

test("the secret key follows no redirect", async (t) => {
  const elsewhere = await startAnswering(t, 307, { Location: "/elsewhere" });
  await assert.rejects(deliver("user.deleted", { user_id: ADA.user_id }, elsewhere));
  assert.deepEqual(elsewhere.requests, ["DELETE /v1/users/auth0%7Cada"]);
});

test("a user whom Authsignal doesn't know is deleted already, and can't be updated", async (t) => {
  const unknown = await startAnswering(t, 404);
  await deliver("user.deleted", { user_id: ADA.user_id }, unknown);
  const object = { user_id: ADA.user_id, email: ADA.email, email_verified: true };
  await assert.rejects(deliver("user.updated", object, unknown), { message: /status 404$/ });
  assert.deepEqual(unknown.requests, ["DELETE /v1/users/auth0%7Cada", "GET /v1/users/auth0%7Cada"]);
});
