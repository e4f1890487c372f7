// Whole logins through the built files, as the Actions runtime runs them.

import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { createApi } from "./api.js";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { actionText, files, importPackage, loadPastedAction } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent, newUser, returnEvent } from "./event.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

/** The settings as the Action's secrets. */
const secrets = { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: authsignal.url };

/** @param {import("../../sandbox/auth0/runtime.js").Result} result */
const challengeOf = ({ status, command, error }) => {
  assert.equal(status, "ok", error?.stack);
  assert.equal(command?.type, "redirect", JSON.stringify(command));
  return /** @type {{ url: string }} */ (command).url;
};

/**
 * A login that is challenged, completed and recorded, then another one of the same session.
 * @param {import("../../sandbox/auth0/runtime.js").LoadedAction} action
 * @param {Record<string, any>} event
 * @param {string} [method] the recorded method's name
 */
const logInTwice = async (action, event, method = authsignal.url) => {
  /** @type {{ methods: { name: string, timestamp: string }[] }} */
  const session = { methods: [] };
  const userId = event.user.user_id;

  const begun = await action.execute("onExecutePostLogin", event, { session });
  const challenge = challengeOf(begun);
  assert.equal(new URL(challenge).origin, authsignal.origin);
  const completed = await authsignal.complete(challenge);
  assert.equal(completed.userId, userId);
  assert.deepEqual(begun.metadata, { authsignal_challenge: completed.idempotencyKey });
  assert.deepEqual(begun.console, []);

  const back = returnEvent(event, { challenge, metadata: begun.metadata });
  const ended = await action.execute("onContinuePostLogin", back, { session });
  assert.equal(ended.status, "ok", ended.error?.stack);
  assert.equal(ended.command, null);
  assert.deepEqual(
    ended.recordedMethods.map(({ name }) => name),
    [method],
  );
  assert.deepEqual(ended.console, []);
  assert.equal((await authsignal.requests(userId)).length, 2);

  const again = await action.execute("onExecutePostLogin", event, { session });
  assert.equal(again.status, "ok");
  assert.equal(again.command, null);
  assert.deepEqual(again.calls, []);
  assert.equal((await authsignal.requests(userId)).length, 2);
};

test("a login is challenged, completed and recorded, and the session's next one proceeds without a request", async () => {
  const action = await loadPastedAction({ secret: SECRET, apiBaseUrl: authsignal.url });
  await logInTwice(action, loginEvent());
});

test("the file as it is takes its settings from the Action's secrets", async () => {
  await logInTwice(await loadAction({ file: files.action }), loginEvent({ secrets }));
});

test("a user who has enrolled is challenged the same way", async () => {
  const event = loginEvent({ secrets });
  await authsignal.enroll(event.user.user_id);
  await logInTwice(await loadAction({ file: files.action }), event);
});

test("a challenge for another action is recorded under that action's name, and stands for no other", async () => {
  const action = await loadPastedAction({ action: "transfer" });
  const event = loginEvent({ secrets });
  await logInTwice(action, event, `${authsignal.url}#transfer`);
  const methods = [{ name: authsignal.url, timestamp: new Date().toISOString() }];
  challengeOf(await action.execute("onExecutePostLogin", { ...event, authentication: { methods } }));
});

for (const [region, host] of [
  [undefined, "api.authsignal.com"],
  ["us", "api.authsignal.com"],
  ["eu", "eu.api.authsignal.com"],
  ["au", "au.api.authsignal.com"],
  ["ca", "ca.api.authsignal.com"],
]) {
  test(`the secret AUTHSIGNAL_REGION that is ${region ?? "absent"} leads to ${host}`, async () => {
    const AUTHSIGNAL_REGION = region === undefined ? {} : { AUTHSIGNAL_REGION: region };
    const methods = [{ name: `https://${host}/v1`, timestamp: new Date().toISOString() }];
    const event = loginEvent({
      secrets: { AUTHSIGNAL_SECRET: SECRET, ...AUTHSIGNAL_REGION },
      authentication: { methods },
    });
    const action = await loadPastedAction({ logLevel: "info" });
    const { command, console } = await action.execute("onExecutePostLogin", event);
    assert.equal(command, null);
    assert.deepEqual(
      console.map(({ text }) => text),
      ["authsignal-auth0: proceed, already_challenged: this session has passed a challenge"],
    );
  });
}

for (const [what, bad, line] of [
  ["no secret at all", {}, /deny, no_secret: .*AUTHSIGNAL_SECRET/],
  ["an empty secret key", { AUTHSIGNAL_SECRET: " \n" }, /deny, no_secret: .*AUTHSIGNAL_SECRET/],
  [
    "a secret key in quotes",
    { AUTHSIGNAL_SECRET: '"key"' },
    /deny, invalid_option: .*AUTHSIGNAL_SECRET, which is in quotes$/,
  ],
  [
    "a placeholder",
    { AUTHSIGNAL_SECRET: "##AUTHSIGNAL_SECRET##" },
    /deny, invalid_option: .*AUTHSIGNAL_SECRET, which is a placeholder$/,
  ],
  [
    "an unknown region",
    { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_REGION: "mars" },
    /deny, invalid_option: .*AUTHSIGNAL_REGION/,
  ],
  [
    "a plain http URL",
    { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: "http://example.com/v1" },
    /deny, invalid_option: .*AUTHSIGNAL_API_URL/,
  ],
  [
    "a region and a URL",
    { ...secrets, AUTHSIGNAL_REGION: "us" },
    /deny, conflicting_options: .*AUTHSIGNAL_REGION, AUTHSIGNAL_API_URL/,
  ],
]) {
  test(`secrets with ${what} deny both hooks, and the log line names the mistake`, async () => {
    const action = await loadAction({ file: files.action });
    for (const handler of /** @type {const} */ (["onExecutePostLogin", "onContinuePostLogin"])) {
      const event = loginEvent({ request: { query: { token: "t" } } });
      const result = await action.execute(handler, { ...event, secrets: bad });
      assert.equal(result.status, "ok");
      assert.deepEqual(result.command, { type: "deny", reason: "MFA is unavailable" });
      assert.equal(result.console.length, 1);
      assert.match(result.console[0].text, /** @type {RegExp} */ (line));
    }
  });
}

test("options beat secrets", async () => {
  const action = await loadPastedAction({ secret: SECRET, apiUrl: authsignal.url });
  const wrong = { AUTHSIGNAL_SECRET: "another", AUTHSIGNAL_REGION: "eu" };
  await logInTwice(action, loginEvent({ secrets: wrong }));
});

test("an options block that is a function of the event decides for each login", async () => {
  const source = actionText(
    `(event) => event.client.client_id !== "internal" && { secret: "${SECRET}", apiBaseUrl: "${authsignal.url}" }`,
  );
  const action = await loadAction({ source });
  await logInTwice(action, loginEvent());
  const internal = loginEvent({ client: { client_id: "internal" } });
  const { command, calls } = await action.execute("onExecutePostLogin", internal);
  assert.equal(command, null);
  assert.deepEqual(calls, []);
  assert.deepEqual(await authsignal.requests(internal.user.user_id), []);
});

test("it can be an Actions Module, which a short Action requires", async () => {
  const source = `exports.onExecutePostLogin = async (event, api) => require("actions:authsignal").handleAuth0ExecutePostLogin(event, api);
exports.onContinuePostLogin = async (event, api) => require("actions:authsignal").handleAuth0ContinuePostLogin(event, api);`;
  const action = await loadAction({ source, modules: { authsignal: { file: files.cjs } } });
  await logInTwice(action, loginEvent({ secrets }));
});

test("the pasted file as an Actions Module can hand on its handlers", async () => {
  const source = `module.exports = require("actions:authsignal");`;
  const action = await loadAction({ source, modules: { authsignal: { file: files.action } } });
  await logInTwice(action, loginEvent({ secrets }));
});

test("it can be an npm package, which a short Action requires", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "authsignal-auth0-"));
  t.after(() => rm(folder, { recursive: true }));
  const home = join(folder, "node_modules", "authsignal-auth0");
  await mkdir(home, { recursive: true });
  await Promise.all([files.cjs, files.manifest].map((file) => copyFile(file, join(home, basename(file)))));

  const ready = await loadAction({ source: `module.exports = require("authsignal-auth0");`, packagesFrom: folder });
  await logInTwice(ready, loginEvent({ secrets }));

  // The one changed line is the `require`: this is how the official package's example goes.
  const migrated = await loadAction({
    source: `const { handleAuth0ExecutePostLogin, handleAuth0ContinuePostLogin } = require("authsignal-auth0");
exports.onExecutePostLogin = async (event, api) => { await handleAuth0ExecutePostLogin(event, api, { apiUrl: "${authsignal.url}" }); };
exports.onContinuePostLogin = async (event, api) => { await handleAuth0ContinuePostLogin(event, api, { apiUrl: "${authsignal.url}" }); };`,
    packagesFrom: folder,
  });
  await logInTwice(migrated, loginEvent({ secrets: { AUTHSIGNAL_SECRET: SECRET } }));
});

test("the ES module does the same", async () => {
  const { onExecutePostLogin, onContinuePostLogin } = await importPackage();
  const event = loginEvent({ secrets });
  const { api, calls } = createApi();
  await onExecutePostLogin(event, api);
  assert.deepEqual(
    calls.map(([method]) => method),
    ["setMetadata", "sendUserTo"],
  );
  const [[, key, value], [, url]] = calls;
  const challenge = String(url);
  await authsignal.complete(challenge);
  await onContinuePostLogin(returnEvent(event, { challenge, metadata: { [String(key)]: value } }), api);
  assert.deepEqual(calls.slice(2), [["recordMethod", authsignal.url]]);
});

/** Logs a new user in up to the challenge. */
const begin = async () => {
  const action = await loadAction({ file: files.action });
  const event = loginEvent({ secrets });
  const begun = await action.execute("onExecutePostLogin", event);
  return { action, event, challenge: challengeOf(begun), metadata: begun.metadata };
};

/** @param {import("../../sandbox/auth0/runtime.js").Result} result */
const assertFailed = (result) => {
  assert.equal(result.status, "ok");
  assert.deepEqual(result.command, { type: "deny", reason: "MFA challenge failed" });
  assert.deepEqual(result.recordedMethods, []);
};

test("a challenge that was left open denies", async () => {
  const { action, event, challenge, metadata } = await begin();
  assertFailed(await action.execute("onContinuePostLogin", returnEvent(event, { challenge, metadata })));
});

test("a challenge that failed denies", async () => {
  const { action, event, challenge, metadata } = await begin();
  await authsignal.complete(challenge, "CHALLENGE_FAILED");
  assertFailed(await action.execute("onContinuePostLogin", returnEvent(event, { challenge, metadata })));
});

test("a token that Authsignal never gave denies", async () => {
  const { action, event, metadata } = await begin();
  const back = returnEvent(event, { challenge: "https://example.com/?token=forged.to.ken", metadata });
  assertFailed(await action.execute("onContinuePostLogin", back));
  assert.equal((await authsignal.requests(event.user.user_id)).length, 2);
});

test("another user's completed challenge denies", async () => {
  const { action, event, metadata } = await begin();
  const other = await begin();
  await authsignal.complete(other.challenge);
  assertFailed(
    await action.execute("onContinuePostLogin", returnEvent(event, { challenge: other.challenge, metadata })),
  );
});

test("an earlier transaction's completed challenge of the same user denies", async () => {
  const { action, event, challenge } = await begin();
  await authsignal.complete(challenge);
  const later = await action.execute("onExecutePostLogin", event);
  challengeOf(later);
  assertFailed(
    await action.execute("onContinuePostLogin", returnEvent(event, { challenge, metadata: later.metadata })),
  );
});

test("another action's completed challenge denies", async () => {
  const { event, challenge, metadata } = await begin();
  await authsignal.complete(challenge);
  const stricter = await loadPastedAction({ action: "transfer" });
  assertFailed(await stricter.execute("onContinuePostLogin", returnEvent(event, { challenge, metadata })));
});

for (const [what, request] of [
  ["no token", { query: {}, body: {} }],
  ["an empty token", { query: { token: "" } }],
  ["two tokens that differ", { query: { token: "a" }, body: { token: "b" } }],
  ["a list of tokens", { query: { token: ["a", "a"] } }],
  ["a list of tokens in the body", { body: { token: ["a"] } }],
  ["a token in the query and a list in the body", { query: { token: "a" }, body: { token: ["a"] } }],
  ["a token of 8,193 characters", { query: { token: "a".repeat(8193) } }],
]) {
  test(`coming back with ${what} denies without a request`, async () => {
    const action = await loadAction({ file: files.action });
    const event = loginEvent({ secrets, request: /** @type {Record<string, unknown>} */ (request) });
    assertFailed(await action.execute("onContinuePostLogin", event));
    assert.deepEqual(await authsignal.requests(event.user.user_id), []);
  });
}

test("a token in the body counts, and the same one in the query too", async () => {
  for (const place of ["body", "both"]) {
    const { action, event, challenge, metadata } = await begin();
    await authsignal.complete(challenge);
    const back = returnEvent(event, { challenge, metadata });
    const { token } = back.request.query;
    back.request = { ...back.request, query: place === "both" ? { token } : {}, body: { token } };
    const result = await action.execute("onContinuePostLogin", back);
    assert.equal(result.command, null);
    assert.equal(result.recordedMethods.length, 1);
  }
});

test("a refresh token exchange proceeds without a request, whatever the options are", async () => {
  const source = actionText(`{ nonsense: true, get secret() { throw new Error("read"); } }`);
  const action = await loadAction({ source });
  const event = loginEvent({ transaction: { protocol: "oauth2-refresh-token" } });
  const { status, command, calls } = await action.execute("onExecutePostLogin", event);
  assert.equal(status, "ok");
  assert.equal(command, null);
  assert.deepEqual(calls, []);
});

test("a user id as long as a user id gets and an event of a megabyte make no difference", async () => {
  const action = await loadAction({ file: files.action });
  const deep = JSON.parse(`${"[".repeat(2000)}${"]".repeat(2000)}`);
  const user = { user_id: `samlp|${"x".repeat(1000)}|${newUser()}`, user_metadata: { big: "x".repeat(1 << 20), deep } };
  await logInTwice(action, loginEvent({ secrets, user }));
});
