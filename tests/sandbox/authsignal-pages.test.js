// The pre-built UI and the Portal, by their forms; and by Chromium, where a passkey needs one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Authsignal, UserActionState, VerificationMethod } from "@authsignal/node";
import axe from "axe-core";
import { generateSync } from "otplib";
import { chromium } from "playwright-core";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";

/** @import { TestContext } from "node:test" */
/** @import { Page as BrowserPage } from "playwright-core" */

const userId = "auth0|abc";
const action = "auth0-login";
const email = "abc@example.com";
const redirectUrl = "http://localhost:9/continue";

// Enrolment.

test("an unenrolled user enrols an authenticator app by its secret, and is challenged with it after", async (t) => {
  const { login, validate, client } = await start(t);
  const first = await login();
  const setUp = await (await first.open()).follow("Authenticator app");
  const secret = setUp.text("#totp-secret");
  assert.equal(new URL(setUp.text("#otpauth-uri")).searchParams.get("secret"), secret);
  assert.match(setUp.html, /<img[^>]* src="data:image\/svg\+xml;base64,/);

  first.isBackAt(await setUp.submit("Verify", { code: generateSync({ secret }) }));
  assert.deepEqual(await validate(first), { isValid: true, verificationMethod: "AUTHENTICATOR_APP" });
  assert.deepEqual((await client.getUser({ userId })).enrolledVerificationMethods, ["AUTHENTICATOR_APP"]);
  assert.ok(!JSON.stringify(await client.getAuthenticators({ userId })).includes(secret));

  const second = await login();
  const challenge = await second.open();
  assert.equal(challenge.heading, "Enter the code from your app");
  second.isBackAt(await challenge.submit("Verify", { code: nextCode(secret) }));
  assert.deepEqual(await validate(second), { isValid: true, verificationMethod: "AUTHENTICATOR_APP" });
});

test("an unenrolled user gives a phone number, and enrols it by the code that it gets", async (t) => {
  const { login, validate, client, outbox } = await start(t);
  const first = await login();
  const asked = await (await first.open()).follow("Text message");
  const sent = await asked.submit("Send a code", { phoneNumber: "+64 21 123-4567" });
  const [message] = await outbox();
  assert.deepEqual({ ...message, code: "" }, { method: "SMS", to: "+64211234567", userId, code: "" });
  first.isBackAt(await sent.submit("Verify", { code: message.code }));
  assert.deepEqual(await validate(first), { isValid: true, verificationMethod: "SMS" });
  assert.equal((await client.getAuthenticators({ userId }))[0].phoneNumber, "+64211234567");

  const second = await login();
  const challenge = await second.open();
  assert.ok(!challenge.html.includes("+64211234567"), "who has only the password learns no number");
  second.isBackAt(await challenge.submit("Verify", { code: (await outbox())[0].code }));
  assert.deepEqual(await validate(second), { isValid: true, verificationMethod: "SMS" });
});

test("an email address that is known is not asked for, and enrols by the code that it gets", async (t) => {
  const { login, validate, outbox } = await start(t);
  const first = await login();
  const sent = await (await first.open()).follow("Email");
  assert.ok(!sent.buttons.includes("Use another email address"));
  first.isBackAt(await sent.submit("Verify", { code: (await outbox())[0].code }));
  assert.deepEqual(await validate(first), { isValid: true, verificationMethod: "EMAIL_OTP" });
});

test("an email address that is not known is asked for, and may be given again", async (t) => {
  const { login, client, outbox } = await start(t);
  const { open, isBackAt } = await login({ email: undefined });
  const asked = await (await open()).follow("Email");
  const wrong = await asked.submit("Send a code", { email: "typo@example.com" });
  const again = await wrong.submit("Use another email address");
  const sent = await again.submit("Send a code", { email });
  const [newest, older] = await outbox();
  assert.deepEqual([newest.to, older.to], [email, "typo@example.com"]);
  isBackAt(await sent.submit("Verify", { code: newest.code }));
  assert.equal((await client.getUser({ userId })).email, email);
});

for (const [name, method, field, value] of [
  ["Text message", "phone number", "phoneNumber", "021 123 4567"],
  ["Email", "email address", "email", "nobody"],
]) {
  test(`${value} is no ${method}, and the page says so`, async (t) => {
    const { login, outbox } = await start(t);
    const asked = await (await (await login({ email: undefined })).open()).follow(name);
    const refused = await asked.submit("Send a code", { [field]: value });
    assert.equal(refused.status, 422);
    assert.match(refused.problem, new RegExp(`Enter an? ${method}`));
    assert.deepEqual(await outbox(), []);
  });
}

test("a user who was allowed to enrol has completed a challenge by it", async (t) => {
  const { login, validate, outbox } = await start(t, { defaultOutcome: "ALLOW" });
  const first = await login();
  assert.equal(first.state, UserActionState.ALLOW);
  const sent = await (await first.open()).follow("Email");
  first.isBackAt(await sent.submit("Verify", { code: (await outbox())[0].code }));
  assert.deepEqual(await validate(first), { isValid: true, verificationMethod: "EMAIL_OTP" });
  assert.equal((await login()).state, UserActionState.ALLOW);
});

test("an enrolled user can't enrol another method with the password alone", async (t) => {
  const { login, client, enrol } = await start(t);
  const early = await login();
  const setUp = await (await early.open()).follow("Authenticator app");
  await enrol.sms();
  const refused = await setUp.submit("Verify", { code: generateSync({ secret: setUp.text("#totp-secret") }) });
  assert.equal(refused.heading, "Enter the code we sent");
  assert.deepEqual((await client.getUser({ userId })).enrolledVerificationMethods, ["SMS"]);
});

test("a code that went to a number before the user enrolled another one doesn't count", async (t) => {
  const { login, validate, outbox, enrol } = await start(t);
  const early = await login();
  const asked = await (await early.open()).follow("Text message");
  await asked.submit("Send a code", { phoneNumber: "+15550001111" });
  const [{ code }] = await outbox();
  await enrol.sms();
  const challenge = await early.open("/verify/sms");
  const [{ code: right }] = await outbox();
  if (code !== right) assert.equal((await challenge.submit("Verify", { code })).status, 422);
  assert.equal((await validate(early)).isValid, false);
});

test("only the methods that the tenant allows are offered", async (t) => {
  const { login, store } = await start(t);
  store.settings.verificationMethods = ["SMS"];
  const { open } = await login();
  const page = await open();
  assert.deepEqual(page.links, ["Text message", "Back to the application"]);
  assert.equal((await open("/enrol/email")).status, 404);
});

// The challenge.

test("an enrolled user is challenged with the default method, and may switch between the enrolled ones", async (t) => {
  const { login, validate, outbox, enrol } = await start(t);
  await enrol.email();
  await enrol.sms();
  const { open, isBackAt, ...rest } = await login();
  const first = await open();
  assert.equal((await outbox())[0].method, "EMAIL_OTP");
  assert.deepEqual(first.links, ["the Portal's outbox", "Text message", "Back to the application"]);
  const switched = await first.follow("Text message");
  assert.deepEqual(switched.links, ["the Portal's outbox", "Email", "Back to the application"]);
  const [{ method, code }] = await outbox();
  assert.equal(method, "SMS");
  isBackAt(await switched.submit("Verify", { code }));
  assert.deepEqual(await validate(rest), { isValid: true, verificationMethod: "SMS" });
});

test("a page that is loaded again sends no second code, and a newer code takes the older one's place", async (t) => {
  const { login, outbox, enrol } = await start(t);
  await enrol.sms();
  const { open, isBackAt } = await login();
  await open();
  const page = await open();
  assert.equal((await outbox()).length, 1);
  const again = await page.submit("Send a new code");
  const [newest, older] = await outbox();
  if (newest.code !== older.code) {
    assert.match((await again.submit("Verify", { code: older.code })).problem, /wrong/);
  }
  isBackAt(await again.submit("Verify", { code: newest.code }));
});

test("leaving keeps the challenge as it was, and it may be done after all", async (t) => {
  const { login, validate, outbox, enrol } = await start(t);
  await enrol.sms();
  const left = await login();
  left.isBackAt(await (await left.open()).follow("Back to the application"));
  assert.equal((await validate(left)).isValid, false);
  assert.equal((await left.validated()).state, "CHALLENGE_REQUIRED");
  left.isBackAt(await (await left.open()).submit("Verify", { code: (await outbox())[0].code }));
  assert.equal((await validate(left)).isValid, true);
});

test("force_enrollment hides the way back on the first enrolment screen alone", async (t) => {
  const { login, enrol } = await start(t);
  const { open } = await login({}, { force_enrollment: "true", state: "s" });
  const first = await open();
  assert.ok(!first.links.includes("Back to the application"));
  const back = await (await first.follow("Email")).follow("Back to the application");
  assert.deepEqual([...new URL(back.location).searchParams.keys()], ["token", "state"]);
  await enrol.sms();
  assert.ok((await open()).links.includes("Back to the application"));
});

test("what was added to the url comes back through every step, and the rest of redirectUrl stays", async (t) => {
  const { login, outbox } = await start(t);
  const added = { state: "a+b/c=&<d>", more: "é" };
  const { open, token } = await login({ email: undefined, redirectUrl: `${redirectUrl}?tenant=t&state=old` }, added);
  const asked = await (await open()).follow("Text message");
  const wrong = await asked.submit("Send a code", { phoneNumber: "+15550001111" });
  const again = await wrong.submit("Use another phone number");
  const sent = await again.submit("Send a code", { phoneNumber: "+15550002222" });
  const [{ code }] = await outbox();
  const refused = await sent.submit("Verify", { code: other(code) });
  const { location } = await refused.submit("Verify", { code });
  assert.deepEqual(Object.fromEntries(new URL(location).searchParams), { tenant: "t", token, ...added });
});

for (const given of [undefined, "javascript:alert(1)", "/continue", "nowhere"]) {
  test(`with ${given} as redirectUrl there is no way back, and the page says how it ended`, async (t) => {
    const { login, validate, outbox, enrol } = await start(t);
    await enrol.sms();
    const { open, ...rest } = await login({ redirectUrl: given });
    const done = await (await open()).submit("Verify", { code: (await outbox())[0].code });
    assert.equal(done.heading, "You have confirmed that it's you");
    assert.deepEqual(done.links, []);
    assert.equal((await validate(rest)).isValid, true);
  });
}

test("a user whom the API enrolled without what a challenge needs is told so", async (t) => {
  const { login, client } = await start(t);
  const attributes = { verificationMethod: VerificationMethod.AUTHENTICATOR_APP };
  await client.enrollVerifiedAuthenticator({ userId, attributes });
  const { open, isBackAt } = await login();
  const page = await open();
  assert.equal(page.heading, "This challenge can't be done here");
  isBackAt(await page.follow("Back to the application"));
});

// What doesn't work.

test("each wrong code says how many tries are left, and the fifth fails the challenge and leads back", async (t) => {
  const { login, outbox, enrol } = await start(t);
  await enrol.sms();
  const failed = await login();
  let page = await failed.open();
  const [{ code }] = await outbox();
  for (const left of ["4 tries are", "3 tries are", "2 tries are", "One try is"]) {
    page = await page.submit("Verify", { code: other(code) });
    assert.equal(page.status, 422);
    assert.equal(page.problem, `This code is wrong. ${left} left.`);
    assert.match(page.title, /^Error: /);
  }
  const last = await page.submit("Verify", { code: other(code) });
  failed.isBackAt(last);
  assert.equal((await failed.validated()).state, "CHALLENGE_FAILED");
  assert.equal((await failed.validated()).isValid, false);

  const after = await page.submit("Verify", { code });
  assert.equal(after.status, 409);
  assert.equal(after.heading, "Too many wrong codes");
  assert.equal((await failed.validated()).state, "CHALLENGE_FAILED");
  failed.isBackAt(await after.follow("Back to the application"));
});

test("wrong codes count over all methods, and while enrolling", async (t) => {
  const { login, client, outbox } = await start(t);
  const failed = await login();
  const app = await (await failed.open()).follow("Authenticator app");
  const wrong = wrongFor(app.text("#totp-secret"));
  for (let i = 0; i < 3; i++) assert.equal((await app.submit("Verify", { code: wrong })).status, 422);
  const mail = await (await failed.open()).follow("Email");
  const [{ code }] = await outbox();
  assert.match((await mail.submit("Verify", { code: other(code) })).problem, /One try is left/);
  failed.isBackAt(await mail.submit("Verify", { code: other(code) }));
  assert.equal((await failed.validated()).state, "CHALLENGE_FAILED");
  assert.equal((await client.getUser({ userId })).isEnrolled, false);
});

test("codes that are tried at the same time are as many tries", async (t) => {
  const { login, outbox, enrol } = await start(t);
  await enrol.sms();
  const { open, validated } = await login();
  const page = await open();
  const [{ code }] = await outbox();
  const wrong = Array.from({ length: 20 }, () => page.submit("Verify", { code: other(code) }));
  const statuses = (await Promise.all(wrong)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 422).length, 4);
  assert.equal(statuses.filter((status) => status === 409).length, 15);
  await page.submit("Verify", { code });
  assert.equal((await validated()).state, "CHALLENGE_FAILED");
});

for (const code of ["", "12345", "1234567", "12345a", "１２３４５６"]) {
  test(`${JSON.stringify(code)} is no code, and no try`, async (t) => {
    const { login, outbox, enrol } = await start(t);
    await enrol.sms();
    const { open, isBackAt } = await login();
    let page = await open();
    for (let i = 0; i < 6; i++) page = await page.submit("Verify", { code });
    assert.equal(page.problem, "The code has 6 digits.");
    const [sent] = await outbox();
    isBackAt(await page.submit("Verify", { code: ` ${sent.code.slice(0, 3)} ${sent.code.slice(3)} ` }));
  });
}

test("the code of an authenticator app works once, also for another login", async (t) => {
  const { login, enrol } = await start(t);
  const secret = await enrol.app();
  const code = nextCode(secret);
  const first = await login();
  first.isBackAt(await (await first.open()).submit("Verify", { code }));
  const second = await login();
  const refused = await (await second.open()).submit("Verify", { code });
  assert.match(refused.problem, /^This code was used already/);
  assert.equal((await second.validated()).state, "CHALLENGE_REQUIRED");
});

test("the code of an authenticator app from two steps ago is wrong", async (t) => {
  const { login, enrol } = await start(t);
  const secret = await enrol.app();
  const old = generateSync({ secret, epoch: now() - 90 });
  const near = [-60, -30, 0, 30, 60].map((seconds) => generateSync({ secret, epoch: now() + seconds }));
  if (near.includes(old)) return t.skip("the steps' codes happen to be equal");
  const { open } = await login();
  assert.match((await (await open()).submit("Verify", { code: old })).problem, /^This code is wrong/);
});

test("a sent code works once", async (t) => {
  const { login, outbox, enrol } = await start(t);
  await enrol.sms();
  const first = await login();
  const page = await first.open();
  const [{ code }] = await outbox();
  first.isBackAt(await page.submit("Verify", { code }));
  const again = await page.submit("Verify", { code });
  assert.equal(again.status, 409);
  assert.equal(again.heading, "You have confirmed that it's you");

  const second = await login();
  const other = await second.open();
  const [{ code: right }] = await outbox();
  if (code !== right) assert.match((await other.submit("Verify", { code })).problem, /wrong/);
});

test("a sent code expires, and a new one is sent", async (t) => {
  const { login, outbox, enrol } = await start(t, { codeSeconds: 0 });
  await enrol.sms();
  const { open, validated } = await login();
  const page = await open();
  const [{ code }] = await outbox();
  const refused = await page.submit("Verify", { code });
  assert.equal(refused.problem, "This code has expired. A new one was sent.");
  assert.equal((await outbox()).length, 2);
  assert.equal((await validated()).state, "CHALLENGE_REQUIRED");
});

test("a code that was sent for one user or one login counts for no other", async (t) => {
  const { login, outbox, enrol, client } = await start(t);
  await enrol.sms();
  await client.enrollVerifiedAuthenticator({ userId: "auth0|eve", attributes: sms });
  const abc = await login();
  await abc.open();
  const [{ code }] = await outbox();
  for (const theirs of [await login({ userId: "auth0|eve" }), await login()]) {
    const page = await theirs.open();
    const [{ code: right }] = await outbox();
    if (code !== right) assert.match((await page.submit("Verify", { code })).problem, /wrong/);
    assert.equal((await theirs.validated()).isValid, false);
  }
  assert.equal((await abc.validated()).isValid, false);
});

test("a token that has expired opens a plain page, whatever is posted", async (t) => {
  const { login, origin, outbox } = await start(t, { tokenSeconds: 0 });
  const { open, token } = await login();
  const page = await open();
  assert.equal(page.status, 400);
  assert.equal(page.heading, "This page has expired");
  assert.deepEqual(page.links, []);
  const posted = await visit(`${origin}/challenge/enrol/email?token=${token}`, { method: "POST" });
  assert.equal(posted.heading, "This page has expired");
  assert.deepEqual(await outbox(), []);
});

test("a broken token opens a plain page that tells nothing", async (t) => {
  const { login, origin } = await start(t);
  const { token } = await login();
  const tokens = ["token=", "token=x", `token=${token}x`, `token=${token}&token=${token}`, `token[]=${token}`];
  const queries = ["", ...tokens.map((each) => `?${each}`)];
  for (const path of ["", "/leave", "/over", "/enrol/email", "/verify/sms"]) {
    for (const query of queries) {
      const page = await visit(`${origin}/challenge${path}${query}`);
      assert.equal(page.status, 400, query);
      assert.equal(page.heading, "This link is broken");
      assert.doesNotMatch(page.html, /jwt|jws|node_modules|at .*\.js/i);
    }
  }
});

for (const outcome of /** @type {const} */ (["REVIEW", "BLOCK"])) {
  test(`the default outcome ${outcome} leaves nothing to do here`, async (t) => {
    const { login, validate, client } = await start(t, { defaultOutcome: outcome });
    const { open, ...rest } = await login();
    assert.equal((await open()).heading, "There is nothing to confirm");
    assert.equal((await open("/enrol/email")).heading, "There is nothing to confirm");
    assert.equal((await validate(rest)).isValid, false);
    assert.equal((await client.getUser({ userId })).isEnrolled, false);
  });
}

test("a page that isn't there is a page", async (t) => {
  const { login, origin } = await start(t);
  const { open } = await login();
  for (const path of ["/nothing", "/enrol/nothing", "/verify/nothing", "/enrol/constructor"]) {
    const page = await open(path);
    assert.equal(page.status, 404);
    assert.equal(page.heading, "Not found");
  }
  assert.equal((await visit(`${origin}/portal/nothing`)).status, 404);
});

test("every page has a strict policy, in which a form may lead to the application", async (t) => {
  const { login, origin } = await start(t, { formOrigins: ["http://localhost:4000"] });
  const { url } = await login();
  for (const [address, formAction] of [
    [url, "form-action 'self' http://localhost:9 http://localhost:4000;"],
    [`${origin}/portal`, "form-action 'self';"],
    [`${origin}/challenge`, "form-action 'self';"],
  ]) {
    const policy = String((await fetch(address)).headers.get("Content-Security-Policy"));
    assert.ok(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'"), policy);
    assert.ok(policy.includes(formAction), policy);
  }
});

test("what a user is called is text on every page", async (t) => {
  const { login, origin } = await start(t);
  const name = `<script src="x">"'`;
  const { open } = await login({ userId: name, email: undefined, username: name });
  for (const page of [await open(), await open("/enrol/authenticator-app"), await visit(`${origin}/portal/users`)]) {
    assert.equal(page.status, 200);
    assert.ok(!page.html.includes("<script src="));
  }
});

// The Portal.

test("the Portal shows an action once it was tracked, and sets what a track of it answers", async (t) => {
  const { login, origin, enrol } = await start(t, { defaultOutcome: "ALLOW" });
  assert.match((await visit(`${origin}/portal`)).html, /No action has been tracked yet/);
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
    assert.equal(await statusAs(`example.com:${port}`, Number(port), path), 403);
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

// In Chromium.

test("an unenrolled user creates a passkey, and is challenged with it after", async (t) => {
  const { browser, sandbox, continued } = await startBrowser(t);
  const { login, validate, store } = sandbox;
  const page = await browser.page();
  await addAuthenticator(page);

  const first = await login({ redirectUrl: continued.tenant }, { state: "one" });
  await page.goto(first.url);
  await page.getByRole("link", { name: "Passkey" }).click();
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await page.waitForURL(`${continued.application}**`);
  assert.equal(new URL(page.url()).searchParams.get("state"), "one");
  assert.deepEqual(await validate(first), { isValid: true, verificationMethod: "PASSKEY" });

  const second = await login({ redirectUrl: continued.tenant });
  await page.goto(second.url);
  const posted = page.waitForRequest((request) => request.method() === "POST");
  await page.getByRole("button", { name: "Use your passkey" }).click();
  const body = String((await posted).postData());
  await page.waitForURL(`${continued.application}**`);
  assert.deepEqual(await validate(second), { isValid: true, verificationMethod: "PASSKEY" });

  // The same answer again, for another login.
  const third = await login();
  await third.open();
  const response = String(new URLSearchParams(body).get("response"));
  const replayed = await (await third.open()).submit("Use your passkey", { response });
  assert.match(replayed.problem, /not accepted\. 4 tries/);
  assert.equal((await third.validated()).isValid, false);

  // An authenticator that counts less than it did is a copy.
  for (const credential of store.user(userId).credentials.values()) {
    if ("passkey" in credential) credential.passkey.counter += 1000;
  }
  const fourth = await login({ redirectUrl: continued.tenant });
  await page.goto(fourth.url);
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await page.getByText("This passkey was not accepted. 4 tries are left.").waitFor();
  assert.equal((await fourth.validated()).state, "CHALLENGE_REQUIRED");
});

test("a passkey that the browser doesn't give is said plainly, and is no try", async (t) => {
  const { browser, sandbox, continued } = await startBrowser(t);
  const page = await browser.page();
  await addAuthenticator(page);
  await page.addInitScript(() => {
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = () => {
      navigator.credentials.create = create;
      return Promise.reject(new DOMException("The operation was cancelled.", "NotAllowedError"));
    };
  });
  const { url, validated } = await sandbox.login({ redirectUrl: continued.tenant });
  await page.goto(url);
  await page.getByRole("link", { name: "Passkey" }).click();
  const create = page.getByRole("button", { name: "Create a passkey" });
  await create.click();
  await page.getByRole("alert").filter({ hasText: "The browser gave no passkey. Try again" }).waitFor();
  assert.equal((await validated()).state, "CHALLENGE_REQUIRED");
  await create.click();
  await page.waitForURL(`${continued.application}**`);
  assert.equal((await validated()).state, "CHALLENGE_SUCCEEDED");
});

test("a passkey's answer that is none is refused", async (t) => {
  const { login, validate } = await start(t);
  const { open, ...rest } = await login();
  for (const response of ["", "null", "{", "[]", "{}", `{"id":"x","response":{}}`]) {
    const page = await open("/enrol/passkey");
    if (page.status !== 200) break;
    const refused = await page.submit("Create a passkey", { response });
    assert.equal(refused.status, 422);
  }
  assert.equal((await validate(rest)).isValid, false);
});

test("codes are entered by keyboard, and the browser follows to the application", async (t) => {
  const { browser, sandbox, continued } = await startBrowser(t);
  const page = await browser.page();
  await sandbox.enrol.sms();
  const { url } = await sandbox.login({ redirectUrl: continued.tenant });
  await page.goto(url);
  const [{ code }] = await sandbox.outbox();
  const isFocused = () => page.waitForFunction(() => document.activeElement?.id === "code");
  await isFocused();
  await page.keyboard.type(other(code));
  await page.keyboard.press("Enter");
  await page.getByText("This code is wrong. 4 tries are left.").waitFor();
  await isFocused();
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${continued.application}**`);
});

test("the Portal's forms work in a browser", async (t) => {
  const { browser, sandbox } = await startBrowser(t);
  const page = await browser.page();
  await sandbox.login();
  await page.goto(`${sandbox.origin}/portal`);
  await page.getByLabel("Default outcome").selectOption("Block");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForFunction(() => document.querySelector("select")?.value === "BLOCK");
  assert.equal((await sandbox.login()).state, "BLOCK");
});

test("axe finds nothing on any page, in light and dark", async (t) => {
  const { browser, sandbox } = await startBrowser(t);
  const { login, origin, enrol } = sandbox;
  const fresh = await login();
  const token = new URL(fresh.url).search;
  const paths = ["", "/enrol/authenticator-app", "/enrol/sms", "/enrol/email", "/enrol/passkey", "/over", "/nothing"];
  await enrol.sms("auth0|eve");
  const challenge = (await login({ userId: "auth0|eve" })).url;
  const addresses = [
    ...paths.map((path) => `${origin}/challenge${path}${token}`),
    challenge,
    ...["", "/users", "/outbox", "/activity", "/faults"].map((path) => `${origin}/portal${path}`),
  ];
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const page = await browser.page({ colorScheme, bypassCSP: true, viewport: { width: 390, height: 800 } });
    for (const address of addresses) {
      await page.goto(address);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate("axe.run()");
      assert.deepEqual(violations.map((/** @type {any} */ each) => each.id), [], address);
      const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(isTooWide, false, `${address} is wider than a phone`);
    }
  }
});

// What the tests stand on.

const sms = { verificationMethod: VerificationMethod.SMS, phoneNumber: "+64211234567" };

const now = () => Math.floor(Date.now() / 1000);

/** The code of the next time step, which counts already. @param {string} secret */
const nextCode = (secret) => generateSync({ secret, epoch: now() + 30 });

/** @param {string} code */
const other = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

/** A code that is of no time step near. @param {string} secret */
function wrongFor(secret) {
  const near = [-60, -30, 0, 30, 60, 90].map((seconds) => generateSync({ secret, epoch: now() + seconds }));
  return String(Array.from("0123456", (digit) => digit.repeat(6)).find((code) => !near.includes(code)));
}

/**
 * @param {string} host as the browser believes it
 * @param {number} port
 * @param {string} path
 */
async function statusAs(host, port, path) {
  const { request } = await import("node:http");
  const [response] = await once(request({ host: "127.0.0.1", port, path, headers: { Host: host } }).end(), "response");
  response.resume();
  return response.statusCode;
}

/**
 * A page as a person without a browser would use it: by the names of its links and buttons.
 * @typedef {ReturnType<typeof readPage>} Page
 */

/**
 * Opens an address, and follows redirects as far as this origin goes.
 * @param {string} address
 * @param {RequestInit} [init]
 * @returns {Promise<Page>}
 */
async function visit(address, init) {
  const response = await fetch(address, { redirect: "manual", ...init });
  const html = await response.text();
  const location = response.headers.get("Location") ?? "";
  if (!location) return readPage(address, response.status, html, "");
  assert.equal(response.status, 303);
  const next = new URL(location, address);
  if (next.origin !== new URL(address).origin) return readPage(address, 303, html, next.href);
  return visit(next.href);
}

/**
 * @param {string} address
 * @param {number} status
 * @param {string} html
 * @param {string} location of another origin, where the page leads there
 */
function readPage(address, status, html, location) {
  const links = [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)]
    .map(([, tag, inside]) => ({ href: attribute(tag, "href"), name: plain(inside.replace(/<span[\s\S]*/, "")) }))
    .filter(({ href }) => !href.startsWith("otpauth:"));
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag, inside]) => ({
    action: attribute(tag, "action"),
    hidden: [...inside.matchAll(/<input type="hidden"([^>]*)>/g)].map(([, input]) => [
      attribute(input, "name"),
      attribute(input, "value"),
    ]),
    buttons: [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, button, name]) => ({
      name: plain(name),
      field: attribute(button, "name"),
      value: attribute(button, "value"),
    })),
  }));

  return {
    status,
    html,
    location,
    title: plain(/<title>([\s\S]*?)<\/title>/.exec(html)?.[1] ?? ""),
    heading: plain(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? ""),
    problem: plain(/<p id="problem"[^>]*>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? ""),
    links: links.map(({ name }) => name),
    buttons: forms.flatMap(({ buttons }) => buttons.map(({ name }) => name)),

    /** @param {string} selector an id */
    text: (selector) => plain(new RegExp(` id="${selector.slice(1)}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? ""),

    /** @param {string} name of a select */
    chosen(name) {
      const [, inside = ""] = new RegExp(`<select[^>]* name="${name}"[^>]*>([\\s\\S]*?)</select>`).exec(html) ?? [];
      return /<option value="([^"]*)" selected>/.exec(inside)?.[1];
    },

    /** @param {string} name */
    follow(name) {
      const link = links.find((link) => link.name === name);
      assert.ok(link, `${name} is none of ${links.map((link) => link.name)}`);
      return visit(new URL(link.href, address).href);
    },

    /**
     * Presses a button of a form.
     * @param {string} name
     * @param {Record<string, string>} [fields]
     * @param {Record<string, string>} [headers]
     */
    submit(name, fields = {}, headers = {}) {
      for (const { action, hidden, buttons } of forms) {
        const button = buttons.find((button) => button.name === name);
        if (!button) continue;
        const body = new URLSearchParams(hidden);
        if (button.field) body.set(button.field, button.value);
        for (const [field, value] of Object.entries(fields)) body.set(field, value);
        return visit(new URL(action, address).href, { method: "POST", body, headers });
      }
      throw new Error(`The page "${this.heading}" has no button ${name}.`);
    },
  };
}

/**
 * @param {string} tag
 * @param {string} name
 */
const attribute = (tag, name) => unescaped(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
/** @param {string} markup */
const plain = (markup) => unescaped(markup.replace(/<[^>]*>/g, "")).replace(/\s+/g, " ").trim();
/** @param {string} text */
const unescaped = (text) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]);
/** @type {Record<string, string>} */
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };

/**
 * An Authsignal that ends with the test, with its action set to Challenge.
 * @param {TestContext} t
 * @param {Parameters<typeof startAuthsignal>[0]} [options]
 */
async function start(t, options) {
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
async function startBrowser(t) {
  const application = `${await listen(t, (_req, res) => res.end("signed in"))}/`;
  const tenant = await listen(t, (req, res) => {
    const { searchParams } = new URL(String(req.url), application);
    res.writeHead(302, { Location: `${application}callback?state=${searchParams.get("state")}` }).end();
  });
  const sandbox = await start(t, { hostname: "localhost", formOrigins: [new URL(application).origin] });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
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
async function listen(t, listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}

/**
 * Chromium's virtual authenticator.
 * @param {BrowserPage} page
 */
async function addAuthenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
