// An Action in a thread of its own: what reaches it, what comes back, and how it ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DeployedAction } from "../../sandbox/auth0/action.js";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { startAction } from "../../sandbox/auth0/thread.js";
import { copyAction } from "./action-copy.js";
import { SECRET, startChallenges } from "./action-tenant.js";

const SHIPPED = fileURLToPath(new URL("../../pkg/action.js", import.meta.url));
const event = { user: { user_id: "auth0|ada" }, transaction: { protocol: "oidc-basic-profile", metadata: {} } };

/** @param {import("node:test").TestContext} t @param {import("../../sandbox/auth0/thread.js").Options} options */
async function start(t, options) {
  const action = await startAction(options);
  t.after(action.close);
  return action;
}

/** The Action of a file, as a tenant has it. @param {import("node:test").TestContext} t @param {string} source */
async function deploy(t, source) {
  const { file } = await copyAction(t, SHIPPED);
  await writeFile(file, source);
  const action = new DeployedAction({ file }, {}, () => {});
  t.after(() => action.close());
  return { action, file };
}

/** @returns {import("../../sandbox/auth0/observe.js").Exchange} */
const noExchange = () => ({ sent() {}, answered() {}, read() {}, failed() {} });
const watched = { observer: noExchange };

test("the result is that of an Action in this thread", async (t) => {
  const source = `exports.onExecutePostLogin = async (event, api) => {
    console.log("hello");
    api.transaction.setMetadata("a", 1);
    api.redirect.sendUserTo("https://mfa.example");
  };`;
  const { ms: _, ...here } = await (await loadAction({ source })).execute("onExecutePostLogin", event);
  const { ms: __, ...there } = await (await start(t, { source })).execute("onExecutePostLogin", event);
  assert.deepEqual(there, here);
});

test("an Action that doesn't compile is refused with the same message", async () => {
  const source = "exports.a = ;";
  const { message } = await loadAction({ source }).catch((error) => error);
  await assert.rejects(startAction({ source }), { message });
});

test("the shipped Action sends by Node's own HTTP client, though this thread has used fetch", async (t) => {
  const authsignal = await startChallenges(t);
  await fetch(authsignal.origin);
  const action = await start(t, { file: SHIPPED });
  /** @type {unknown[]} */
  const seen = [];
  const { status } = await action.execute(
    "onExecutePostLogin",
    {
      ...event,
      request: { hostname: "login.example.com" },
      secrets: { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: authsignal.url },
    },
    {
      observer: ({ client, method }) => {
        seen.push(client, method);
        return {
          ...noExchange(),
          sent: ({ body }) => void seen.push(/** @type {any} */ (body).redirectUrl),
          answered: ({ status }) => void seen.push(status),
          read: (body) => void seen.push(/** @type {any} */ (body).isEnrolled),
        };
      },
    },
  );
  assert.equal(status, "ok");
  assert.deepEqual(seen, ["node:http", "POST", "https://login.example.com/continue", 200, false]);
});

test("an error that nobody catches ends the thread: the execution is an error, and the next one has a new thread", async (t) => {
  const { action } = await deploy(
    t,
    `let runs = 0; exports.onExecutePostLogin = async (event, api) => {
    if (event.user.user_id === "auth0|bob") await new Promise(() => setImmediate(() => { throw new Error("uncaught"); }));
    api.access.deny(String(++runs));
  };`,
  );
  /** @param {string} user_id */
  const logIn = (user_id) => action.execute("onExecutePostLogin", { ...event, user: { user_id } }, watched);
  assert.deepEqual((await logIn("auth0|ada")).command, { type: "deny", reason: "1" });
  const { status, error } = await logIn("auth0|bob");
  assert.deepEqual([status, error?.message], ["error", "The Action's process ended: uncaught"]);
  assert.deepEqual((await logIn("auth0|ada")).command, { type: "deny", reason: "1" });
});

test("an execution that runs while the Action is replaced ends as it would", async (t) => {
  const waiting = `exports.onExecutePostLogin = async (event, api) => {
    const { once } = require("node:events");
    const [response] = await once(require("node:http").get(event.url), "response");
    for await (const _ of response);
    api.access.deny("the old one");
  };`;
  const { action, file } = await deploy(t, waiting);
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const old = action.execute("onExecutePostLogin", { ...event, url: `http://127.0.0.1:${port}` }, watched);
  const [, response] = await once(server, "request");
  await writeFile(file, `exports.onExecutePostLogin = async (event, api) => { api.access.deny("the new one"); };`);
  const next = await action.execute("onExecutePostLogin", event, watched);
  assert.deepEqual(next.command, { type: "deny", reason: "the new one" });
  response.end();
  assert.deepEqual((await old).command, { type: "deny", reason: "the old one" });
});

test("once it is closed, an execution is refused, and one that runs is an error", async (t) => {
  const action = await start(t, { source: "exports.onExecutePostLogin = async () => new Promise(() => {});" });
  const runs = assert.rejects(action.execute("onExecutePostLogin", event), /thread ended/);
  await action.close();
  await runs;
  await assert.rejects(action.execute("onExecutePostLogin", event), /thread has ended/);
});
