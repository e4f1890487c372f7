// What each Action in examples/ says of itself, in the stand-in for the Actions runtime.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { startStage } from "../docs/stage.js";
import { newUser } from "../runtime/event.js";

const stage = await startStage({ after });
const folder = new URL("../../examples/", import.meta.url);
const tested = new Set();

/** @param {string} name */
const load = (name) => {
  tested.add(name);
  return stage.load(readFileSync(new URL(name, folder), "utf8"));
};

const US = "https://api.authsignal.com/v1";
/** A session that recorded this so many hours ago. @param {string} name @param {number} [hours] */
const session = (name, hours = 0) => ({
  authentication: { methods: [{ name, timestamp: new Date(Date.now() - hours * 3_600_000).toISOString() }] },
});

/** The login goes on, and nobody was asked. @param {import("../docs/stage.js").Seen} seen */
const proceeds = ({ outcome, asked, log }) => assert.deepEqual([outcome, asked], ["proceeds", []], log[0]);
/** The user is sent to Authsignal. @param {import("../docs/stage.js").Seen} seen */
const redirects = (seen) => {
  assert.equal(seen.outcome, "redirects", seen.log[0]);
  return seen;
};

test("only-some-applications.js: an application with mfa: off has none, every other one has", async () => {
  const { login, comesBack } = await load("only-some-applications.js");
  proceeds(await login({ client: { metadata: { mfa: "off" } } }));
  for (const metadata of [{ mfa: "on" }, { mfa: "OFF" }, { mfa: true }, {}, undefined]) {
    redirects(await login({ client: { metadata } }));
  }
  // Turned off while the browser was away: the challenge is not looked at, and the login is denied.
  const seen = redirects(await login());
  const back = await comesBack({ ...seen, event: { ...seen.event, client: { metadata: { mfa: "off" } } } });
  assert.deepEqual([back.outcome, back.asked], ["denies", []]);
});

test("per-organization.js: members have an action of their own, and an organization with mfa: off has none", async () => {
  const { login, comesBack } = await load("per-organization.js");
  await stage.authsignal.outcome("organization-login", "CHALLENGE");
  assert.match(redirects(await login(session("pwd"))).asked[0].url, /\/actions\/auth0-login$/);
  const organization = { id: "org_1", name: "engines", metadata: {} };
  const seen = redirects(await login({ organization, ...session(US) }));
  assert.match(seen.asked[0].url, /\/actions\/organization-login$/);
  assert.deepEqual(seen.asked[0].body.custom, { organization: "engines" });
  await stage.authsignal.complete(seen.challenge.href);
  const [name] = (await comesBack(seen)).recorded;
  proceeds(await login({ organization, ...session(name) }));
  redirects(await login(session(name)));
  proceeds(await login({ organization: { ...organization, metadata: { mfa: "off" } } }));
});

test("step-up.js: a sensitive scope, or none, asks again; the others ask once a session", async () => {
  const { login } = await load("step-up.js");
  /** @type {(scopes: string[] | undefined) => ReturnType<typeof login>} */
  const again = (requested_scopes) => login({ transaction: { requested_scopes }, ...session(US) });
  proceeds(await again(["openid", "read:balance"]));
  proceeds(await again(["transfer:fund"]));
  for (const scopes of [["transfer:funds"], ["openid", "delete:account"], [], undefined])
    redirects(await again(scopes));
  redirects(await login({ transaction: { requested_scopes: ["openid"] } }));
});

test("remember-24-hours.js: a challenge counts for 24 hours", async () => {
  const { login } = await load("remember-24-hours.js");
  proceeds(await login(session(US, 23.9)));
  redirects(await login(session(US, 24.1)));
});

/**
 * Those of the users who are not let off. They have no hostname, so that such a login ends before a request: that
 * is quick.
 * @param {Awaited<ReturnType<typeof load>>} action
 * @param {string[]} users
 */
async function havingMfa({ login }, users) {
  const found = [];
  for (const user_id of users) {
    const { outcome } = await login({ user: { user_id }, request: { hostname: undefined } });
    if (outcome === "denies") found.push(user_id);
    // Else the event loop would not see for seconds that a kept connection is closed.
    await setImmediate();
  }
  return found;
}

test("gradual-rollout.js: of 10,000 users 4 to 6 percent have MFA, each of them always", async () => {
  const action = await load("gradual-rollout.js");
  const users = Array.from({ length: 10_000 }, (_, count) => `auth0|${count.toString(16).padStart(24, "0")}`);
  const found = await havingMfa(action, users);
  assert.ok(found.length >= 400 && found.length <= 600, `${found.length}`);
  assert.deepEqual(await havingMfa(action, found), found);
  const none = users.find((user) => !found.includes(user));
  redirects(await action.login({ user: { user_id: found[0] } }));
  proceeds(await action.login({ user: { user_id: none } }));
  assert.equal((await action.login({ user: { user_id: undefined } })).outcome, "denies");
});

test("gradual-rollout.js: who has MFA keeps it as the number grows, and at 100 everybody has it", async () => {
  const source = readFileSync(new URL("gradual-rollout.js", folder), "utf8");
  const users = Array.from({ length: 200 }, newUser);
  /** @type {string[]} */
  let before = [];
  for (const percent of [0, 5, 50, 100]) {
    const now = await havingMfa(await stage.load(source.replace("PERCENT = 5;", `PERCENT = ${percent};`)), users);
    assert.deepEqual(
      before.filter((user) => !now.includes(user)),
      [],
    );
    if (percent === 0) assert.deepEqual(now, []);
    before = now;
  }
  assert.deepEqual(before, users);
});

test("optional-enrolment.js: from its day on everybody has to enrol, and who has is challenged from the first day", async (t) => {
  const { login } = await load("optional-enrolment.js");
  const user_id = newUser();
  await stage.authsignal.enroll(user_id);
  const day = Date.parse("2027-03-01T00:00:00Z");
  t.mock.timers.enable({ apis: ["Date"], now: day - 1000 });
  assert.equal((await login()).outcome, "proceeds");
  redirects(await login({ user: { user_id } }));
  t.mock.timers.setTime(day);
  redirects(await login());
  redirects(await login({ user: { user_id } }));
});

test("optional-enrolment.js: a day that can't be read is past", async () => {
  const source = readFileSync(new URL("optional-enrolment.js", folder), "utf8");
  const { login } = await stage.load(source.replace("2027-03-01T00:00:00Z", "1st of March"));
  redirects(await login());
});

test("auth0-passkeys.js: a passkey at Auth0 is enough, and nothing else is", async () => {
  const { login } = await load("auth0-passkeys.js");
  proceeds(await login(session("passkey")));
  for (const name of ["pwd", "federated", "https://example.com/passkey"]) redirects(await login(session(name)));
  for (const authentication of [{ methods: undefined }, { methods: [] }]) redirects(await login({ authentication }));
});

test("each example is tested here", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  assert.deepEqual([...tested].sort(), files.sort());
});
