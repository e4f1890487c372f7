// The pre-built UI, by its forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserActionState, VerificationMethod } from "@authsignal/node";
import { generateSync } from "otplib";
import { visit } from "./authsignal-page.js";
import { email, nextCode, now, other, redirectUrl, sms, start, userId, wrongFor } from "./authsignal-start.js";

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

test("the code of an authenticator app from three steps ago is wrong", async (t) => {
  const { login, enrol } = await start(t);
  const secret = await enrol.app();
  const codeAt = (/** @type {number} */ seconds) => generateSync({ secret, epoch: now() + seconds });
  const near = [-60, -30, 0, 30, 60].map(codeAt);
  // Two steps can have the same code by chance: then it is the next older one.
  const old = String([-90, -120, -150].map(codeAt).find((code) => !near.includes(code)));
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
