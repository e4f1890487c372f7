// A flow of Actions: in order, until one denies, fails or sends the user away.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Directory } from "../../sandbox/auth0/directory.js";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { createTrigger } from "../../sandbox/auth0/trigger.js";
import { ADA, Browser, claimsOf, exchangeCode, REDIRECT_URI, requestTokens, startWith } from "./tenant-browser.js";

/** What the Actions of a test did, in order. @type {string[]} */
let did = [];
Object.assign(globalThis, { flowTest: (/** @type {string} */ what) => did.push(what) });

/**
 * A tenant with a flow of these Actions, each named by its property.
 * @param {import("node:test").TestContext} t
 * @param {Record<string, string>} sources
 */
async function startFlow(t, sources) {
  did = [];
  const actions = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => ({ name, loaded: await loadAction({ source }) })),
  );
  return startWith(t, "", { actions });
}

/** An Action. @param {string} name @param {string} [body] @param {string} [onContinue] */
const action = (name, body = "", onContinue = "") => `
  exports.onExecutePostLogin = async (event, api) => { globalThis.flowTest("${name}"); ${body} };
  exports.onContinuePostLogin = async (event, api) => { globalThis.flowTest("${name} continues"); ${onContinue} };`;
const REDIRECTS = `api.redirect.sendUserTo("https://mfa.example/");`;

/** @param {{ url: URL }} answer */
const reasonOf = ({ url }) => url.searchParams.get("error_description");
/** @param {{ url: URL }} answer */
const stateOf = ({ url }) => url.searchParams.get("state") ?? "";

test("all run in order, and later ones see and replace what earlier ones set", async (t) => {
  const tenant = await startFlow(t, {
    one: action(
      "one",
      `api.transaction.setMetadata("from", "one");
      api.user.setAppMetadata("plan", "gold").user.setUserMetadata("color", "blue");
      api.idToken.setCustomClaim("who", "one").idToken.setCustomClaim("first", true);`,
    ),
    two: action(
      "two",
      `const { transaction: { metadata }, user: { app_metadata, user_metadata } } = event;
      api.idToken.setCustomClaim("who", "two");
      api.idToken.setCustomClaim("seen", [metadata.from, app_metadata.plan, user_metadata.color]);`,
    ),
  });
  const { id_token } = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA));
  assert.deepEqual(did, ["one", "two"]);
  const { who, first, seen } = claimsOf(id_token);
  assert.deepEqual({ who, first, seen }, { who: "two", first: true, seen: ["one", "gold", "blue"] });
});

test("without Actions the login goes on", async (t) => {
  const { origin } = await startFlow(t, {});
  assert.ok((await new Browser(origin).signIn(ADA)).url.searchParams.has("code"));
});

test("a deny ends it", async (t) => {
  const { origin } = await startFlow(t, { one: action("one", `api.access.deny("no");`), two: action("two") });
  assert.equal(reasonOf(await new Browser(origin).signIn(ADA)), "no");
  assert.deepEqual(did, ["one"]);
});

test("an error ends it", async (t) => {
  const { origin } = await startFlow(t, { one: action("one", `throw new Error("broken");`), two: action("two") });
  assert.equal(reasonOf(await new Browser(origin).signIn(ADA)), "broken");
  assert.deepEqual(did, ["one"]);
});

test("a redirect suspends it, the same Action continues, and the later ones run then", async (t) => {
  const tenant = await startFlow(t, {
    one: action("one", `api.transaction.setMetadata("from", "one");`),
    two: action(
      "two",
      REDIRECTS,
      `api.idToken.setCustomClaim("from", event.transaction.metadata.from);
      api.authentication.recordMethod("https://mfa.example/");`,
    ),
    three: action(
      "three",
      `api.idToken.setCustomClaim("methods", event.authentication.methods.map(({ name }) => name));`,
    ),
  });
  const browser = new Browser(tenant.origin);
  const away = await browser.signIn(ADA);
  assert.equal(away.url.origin, "https://mfa.example");
  assert.deepEqual(did, ["one", "two"]);

  const back = await browser.visit(`/continue?state=${stateOf(away)}`);
  assert.equal(`${back.url.origin}${back.url.pathname}`, REDIRECT_URI);
  assert.deepEqual(did, ["one", "two", "two continues", "three"]);
  const { from, methods } = claimsOf((await exchangeCode(tenant, back)).id_token);
  assert.deepEqual({ from, methods }, { from: "one", methods: ["pwd", "https://mfa.example/"] });
});

test("each of two Actions can send the user away", async (t) => {
  const { origin } = await startFlow(t, { one: action("one", REDIRECTS), two: action("two", REDIRECTS) });
  const browser = new Browser(origin);
  const first = await browser.signIn(ADA);
  const second = await browser.visit(`/continue?state=${stateOf(first)}`);
  assert.equal(second.url.origin, "https://mfa.example");
  const back = await browser.visit(`/continue?state=${stateOf(second)}`);
  assert.ok(back.url.searchParams.has("code"));
  assert.deepEqual(did, ["one", "one continues", "two", "two continues"]);
});

test("a deny after the redirect ends it", async (t) => {
  const sources = { one: action("one", REDIRECTS, `api.access.deny("not passed");`), two: action("two") };
  const { origin } = await startFlow(t, sources);
  const browser = new Browser(origin);
  const away = await browser.signIn(ADA);
  assert.equal(reasonOf(await browser.visit(`/continue?state=${stateOf(away)}`)), "not passed");
  assert.deepEqual(did, ["one", "one continues"]);
});

test("a refresh runs all of them", async (t) => {
  const tenant = await startFlow(t, { one: action("one"), two: action("two") });
  const scope = "openid offline_access";
  const { refresh_token } = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA, { scope }));
  assert.equal((await requestTokens(tenant, { grant_type: "refresh_token", refresh_token })).status, 200);
  assert.deepEqual(did, ["one", "two", "one", "two"]);
});

test("each has the packages of its own folder", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "flow-"));
  t.after(() => rm(folder, { recursive: true }));
  const files = ["a", "b"].map((name) => join(folder, name, `${name}.js`));
  for (const [index, name] of ["a", "b"].entries()) {
    await mkdir(join(folder, name, "node_modules", "word"), { recursive: true });
    await writeFile(join(folder, name, "node_modules", "word", "index.js"), `module.exports = "${name}";`);
    const body = `api.idToken.setCustomClaim("word_${name}", require("word"));`;
    await writeFile(files[index], `exports.onExecutePostLogin = async (event, api) => {${body}};`);
  }
  const tenant = await startWith(t, "", { actions: files.map((file) => ({ file })) });
  const { id_token } = await exchangeCode(tenant, await new Browser(tenant.origin).signIn(ADA));
  const { word_a, word_b } = claimsOf(id_token);
  assert.deepEqual([word_a, word_b], ["a", "b"]);
});

test("an Action that was taken out of the flow while the user was away denies the login", async (t) => {
  const version = { id: "1", name: "mfa", code: `exports.onExecutePostLogin = async (event, api) => {${REDIRECTS}};` };
  const deployed = [version];
  const { origin } = await startWith(t, "", { actions: [{ deployed: () => deployed }] });
  const browser = new Browser(origin);
  const away = await browser.signIn(ADA);
  deployed.pop();
  const back = await browser.visit(`/continue?state=${stateOf(away)}`);
  assert.equal(reasonOf(back), "The Action that this login waits for is no longer in the flow.");
});

test("all of them share one time limit", async (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  /** @type {(number | undefined)[]} */
  const limits = [];
  const result = await (await loadAction({ source: action("") })).execute("onExecutePostLogin", { user: {} });
  const step = {
    id: "step",
    name: "step",
    execute: async (/** @type {any} */ _handler, /** @type {any} */ _event, /** @type {any} */ { timeoutMs }) => {
      limits.push(timeoutMs);
      now += 8000;
      return result;
    },
  };
  const trigger = createTrigger({
    flow: { steps: () => [step, step, step, step] },
    secrets: () => ({}),
    users: /** @type {any} */ ({ loginsCount: () => 1, setMetadata() {} }),
    applications: { eventClient: () => ({ client_id: "c", name: "n" }) },
    directory: new Directory(),
    hostname: "localhost",
    tell: () => {},
  });
  const transaction = { protocol: "p", query: {}, metadata: {}, claims: { idToken: {}, accessToken: {} }, scopes: [] };
  const request = { headers: {}, socket: {} };
  await trigger("onExecutePostLogin", /** @type {any} */ ({ transaction, user: ADA, request }));
  assert.deepEqual(limits, [20_000, 12_000, 4000, 0]);
});

test("the inspector names each Action", async (t) => {
  const { origin, logins } = await startFlow(t, { "one.js": action("one"), "two.js": action("two") });
  await new Browser(origin).signIn(ADA);
  const labels = logins()[0].arrows.map(({ label }) => label);
  assert.deepEqual(
    labels.filter((label) => label.includes(".js")),
    ["one.js: onExecutePostLogin", "one.js: proceed", "two.js: onExecutePostLogin", "two.js: proceed"],
  );
});
