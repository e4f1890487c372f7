// The pre-built UI and the Portal in Chromium: passkeys, and what only a browser shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import { addPasskeys } from "../e2e/passkeys.js";
import { other, start, startBrowser, userId } from "./authsignal-start.js";

test("an unenrolled user creates a passkey, and is challenged with it after", async (t) => {
  const { browser, sandbox, continued } = await startBrowser(t);
  const { login, validate, store } = sandbox;
  const page = await browser.page();
  await addPasskeys(page, []);

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
  await addPasskeys(page, []);
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
      assert.deepEqual(
        violations.map((/** @type {any} */ each) => each.id),
        [],
        address,
      );
      const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(isTooWide, false, `${address} is wider than a phone`);
    }
  }
});
