// The Portal, by its forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { visit } from "./authsignal-page.js";
import { action, email, start, statusAs, userId } from "./authsignal-start.js";

test("the Portal shows an action once it was tracked, and sets what a track of it answers", async (t) => {
  const { login, origin, enrol } = await start(t, { defaultOutcome: "ALLOW" });
  assert.match((await visit(`${origin}/portal`)).html, /No action yet/);
  await enrol.sms();
  await login();
  const page = await visit(`${origin}/portal`);
  assert.match(page.html, /<h2[^>]*>Auth0 Login<\/h2>/);
  assert.equal(page.chosen("defaultOutcome"), "ALLOW");
  for (const [outcome, state] of [
    ["CHALLENGE", "CHALLENGE_REQUIRED"],
    ["REVIEW", "REVIEW_REQUIRED"],
    ["BLOCK", "BLOCK"],
    ["ALLOW", "ALLOW"],
  ]) {
    const saved = await page.submit("Save", { defaultOutcome: outcome });
    assert.equal(saved.chosen("defaultOutcome"), outcome);
    assert.equal((await login()).state, state);
  }
});

test("it starts with the actions of its presets, and with nothing where there are none", async (t) => {
  const { login, origin, enrol } = await start(t, {
    defaultOutcome: "ALLOW",
    presets: { actions: { [action]: "CHALLENGE" } },
  });
  assert.equal((await visit(`${origin}/portal`)).chosen("defaultOutcome"), "CHALLENGE");
  await enrol.sms();
  assert.equal((await login()).state, "CHALLENGE_REQUIRED");
  assert.equal((await login({ action: "transfer" })).state, "ALLOW");
});

test("the rule allows an enrolled user on a device that was challenged, and names itself", async (t) => {
  const { login, origin, outbox, store } = await start(t);
  const deviceId = "device-1";
  const first = await login({ deviceId });
  await (await visit(`${origin}/portal`)).submit("Save", { hours: "2", defaultOutcome: "CHALLENGE" });
  const unenrolled = await login({ deviceId });
  assert.equal(unenrolled.ruleIds, undefined);

  const sent = await (await first.open()).follow("Email");
  first.isBackAt(await sent.submit("Verify", { code: (await outbox())[0].code }));

  const known = await login({ deviceId });
  assert.equal(known.state, "ALLOW");
  assert.deepEqual(known.ruleIds, [store.action(action).rule?.ruleId]);
  for (const other of [{ deviceId: "device-2" }, {}, { deviceId: "" }, { deviceId, action: "transfer" }]) {
    const { state, ruleIds } = await login(other);
    assert.equal(state, "CHALLENGE_REQUIRED");
    assert.equal(ruleIds, undefined);
  }

  // As if the challenge had been longer ago.
  for (const done of store.user(userId).actions.values()) {
    done.stateUpdatedAt = new Date(Date.now() - 2 * 3_600_000 - 1).toISOString();
  }
  assert.equal((await login({ deviceId })).state, "CHALLENGE_REQUIRED");
});

test("the rule counts no challenge that failed or was left, and goes when its hours are emptied", async (t) => {
  const { login, origin, enrol, store } = await start(t);
  const deviceId = "device-1";
  await enrol.sms();
  const failed = await login({ deviceId });
  await (await visit(`${origin}/portal`)).submit("Save", { hours: "0.5" });
  for (const tracked of store.user(userId).actions.values()) store.complete(tracked, "CHALLENGE_FAILED");
  assert.equal((await failed.validated()).state, "CHALLENGE_FAILED");
  const open = await login({ deviceId });
  assert.equal(open.state, "CHALLENGE_REQUIRED");

  for (const tracked of store.user(userId).actions.values()) {
    if (store.isOpen(tracked)) store.complete(tracked, "CHALLENGE_SUCCEEDED");
  }
  assert.equal((await login({ deviceId })).state, "ALLOW");
  await (await visit(`${origin}/portal`)).submit("Save", { hours: "" });
  assert.equal((await login({ deviceId })).state, "CHALLENGE_REQUIRED");
});

for (const fields of /** @type {Record<string, string>[]} */ ([
  { hours: "-1" },
  { hours: "0" },
  { hours: "soon" },
  { defaultOutcome: "PERHAPS" },
])) {
  test(`the Portal refuses ${JSON.stringify(fields)}, and leaves the action as it was`, async (t) => {
    const { login, origin, store } = await start(t);
    await login();
    const refused = await (await visit(`${origin}/portal`)).submit("Save", fields);
    assert.equal(refused.status, 400);
    assert.deepEqual(store.action(action), { code: action, name: "Auth0 Login", defaultOutcome: "CHALLENGE" });
  });
}

test("an authenticator that the Portal removes is gone, and its user enrols again", async (t) => {
  const { login, origin, client, enrol, store } = await start(t);
  await enrol.app();
  await login();
  const removed = await (await visit(`${origin}/portal/users`)).submit("Remove");
  assert.match(removed.html, /Not enrolled/);
  assert.deepEqual(await client.getAuthenticators({ userId }), []);
  assert.equal(store.user(userId).credentials.size, 0);
  assert.equal((await (await login()).open()).heading, "Protect your account");
});

test("the Portal adds a phone number or an email address to a user", async (t) => {
  const { login, origin, client } = await start(t);
  await login();
  const page = await visit(`${origin}/portal/users`);
  await page.submit("Add", { address: "+64 21 123 4567" });
  await page.submit("Add", { address: email });
  assert.deepEqual((await client.getUser({ userId })).enrolledVerificationMethods, ["SMS", "EMAIL_OTP"]);
  assert.equal((await page.submit("Add", { address: "12" })).status, 400);
});

test("the activity log has tracks, states and validations, newest first", async (t) => {
  const { login, origin, outbox } = await start(t);
  const { open, validated } = await login();
  const sent = await (await open()).follow("Email");
  await validated();
  await sent.submit("Verify", { code: (await outbox())[0].code });
  await validated();
  const { html } = await visit(`${origin}/portal/activity`);
  const rows = [...html.matchAll(/<tr data-activity="(\w+)">([\s\S]*?)<\/tr>/g)].map(([, kind, cells]) => [
    kind,
    ...[...cells.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell]) => cell).slice(2),
  ]);
  assert.deepEqual(rows, [
    ["validate", "valid", userId, action],
    ["state", "CHALLENGE_SUCCEEDED", userId, action],
    ["validate", "not valid: CHALLENGE_REQUIRED", userId, action],
    ["track", "ALLOW", userId, action],
  ]);
});

test("a fault of the Portal meets every request of its endpoint until it is set back", async (t) => {
  const { login, origin, client, enrol } = await start(t);
  await enrol.sms();
  const { token } = await login();
  const track = () => client.track({ userId, action });
  const page = await visit(`${origin}/portal/faults`);

  const down = await page.submit("Save", { track: "down" });
  assert.equal(down.chosen("track"), "down");
  assert.equal(down.chosen("validate"), "off");
  for (let i = 0; i < 3; i++) await assert.rejects(track());
  assert.equal((await client.validateChallenge({ token })).state, "CHALLENGE_REQUIRED");

  await page.submit("Save", { validate: "429" });
  for (let i = 0; i < 3; i++) {
    await assert.rejects(client.validateChallenge({ token }), { statusCode: 429, errorCode: "too_many_requests" });
  }
  assert.equal((await track()).state, "CHALLENGE_REQUIRED");

  const slow = await page.submit("Save", { track: "slow", ms: "50" });
  assert.equal(slow.chosen("track"), "slow");
  const since = performance.now();
  assert.equal((await track()).state, "CHALLENGE_REQUIRED");
  assert.ok(performance.now() - since >= 45);

  await page.submit("Save", { track: "garbage" });
  assert.equal(typeof (await track()), "string");

  const off = await page.submit("Save", { track: "off", validate: "off" });
  assert.ok(!off.html.includes("A fault is on."));
  assert.equal((await track()).state, "CHALLENGE_REQUIRED");
});

test("another origin's page, and another name for this machine, get nothing done", async (t) => {
  const { login, origin, url, enrol, store } = await start(t);
  await enrol.sms();
  const { token } = await login();
  const posts = [
    ["POST", `${origin}/portal/actions/${action}`, "defaultOutcome=ALLOW"],
    ["POST", `${origin}/portal/faults`, "track=down"],
    ["POST", `${origin}/portal/users/add`, `userId=${userId}&address=eve@example.com`],
    ["POST", `${origin}/challenge/verify/sms?token=${token}`, "do=again"],
    ["PUT", `${origin}/sandbox/faults`, `[{"endpoint":"*","kind":"hang"}]`],
    ["POST", `${origin}/sandbox/challenges/complete`, JSON.stringify({ token })],
  ];
  /** @type {Record<string, string>[]} */
  const strangers = [
    { Origin: "http://localhost:4000" },
    { Origin: "https://example.com" },
    { Origin: "null" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
  ];
  for (const [method, address, body] of posts) {
    for (const headers of strangers) {
      const type = { "Content-Type": "application/x-www-form-urlencoded" };
      const { status } = await fetch(address, { method, body, headers: { ...type, ...headers } });
      assert.equal(status, 403, `${method} ${address} from ${JSON.stringify(headers)}`);
    }
  }
  for (const path of ["/portal/outbox", "/sandbox/requests", `/challenge?token=${token}`]) {
    const { port } = new URL(url);
    assert.equal(await statusAs(`example.com:${port}`, Number(port), path), 421);
    assert.equal(await statusAs(`localhost:${port}`, Number(port), path), 200);
  }
  assert.equal(store.action(action).defaultOutcome, "CHALLENGE");
  assert.deepEqual(store.user(userId).enrolledVerificationMethods, ["SMS"]);
  assert.equal((await login()).state, "CHALLENGE_REQUIRED");

  const page = await visit(`${origin}/portal`);
  const own = { Origin: origin, "Sec-Fetch-Site": "same-origin" };
  const saved = await page.submit("Save", { defaultOutcome: "BLOCK" }, own);
  assert.equal(saved.chosen("defaultOutcome"), "BLOCK");
});

test("an option that can't be is refused", async () => {
  /** @type {[any, RegExp][]} */
  const refused = [
    [{ codeSeconds: -1 }, /Code seconds/],
    [{ hostname: "example.com" }, /host name/],
    [{ formOrigins: ["http://localhost:4000/"] }, /origin/],
    [{ formOrigins: ["localhost"] }, /origin/],
    [{ presets: { actions: { "a.b": "ALLOW" } } }, /a\.b/],
    [{ presets: { actions: { login: "PERHAPS" } } }, /login/],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(startAuthsignal(options), { name: "RangeError", message });
  }
});
