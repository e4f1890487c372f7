// deploy/ goes through Auth0's own deploy CLI into a local tenant, and what is deployed there then logs a user in.
// The tests build on each other, since a whole run of the CLI takes more than ten seconds.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { startManagement } from "../../sandbox/auth0/management/server.js";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { SECRET, startAuthsignal } from "../runtime/authsignal.js";
import { files } from "../runtime/built.js";
import { logInByChallenge, logInWithoutPassing, startTenantWith } from "./login.js";
import { clientOf, importDeploy, VERSION } from "./tools.js";

/** As a tenant in the EU has them. */
const SECRETS = { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_REGION: "eu" };

/** What the deployed Action sends to Authsignal's EU region comes to the local one. */
const EU = "https://eu.api.authsignal.com/v1";
const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  if (!request.url.startsWith(`${EU}/`)) return fetch(input, init);
  return fetch(new Request(request.url.replace(EU, authsignal.url), request));
};

/** @type {Awaited<ReturnType<typeof startAuthsignal>>} */
let authsignal;
/** @type {import("./tools.js").Management} */
let management;
/** @type {Awaited<ReturnType<typeof clientOf>>} */
let client;
/** The customer's own Action, bound before. @type {string} */
let other;

before(async () => {
  authsignal = await startAuthsignal();
  management = await startManagement({ build });
  client = await clientOf(management);
  const action = {
    name: "Other",
    supported_triggers: [{ id: "post-login" }],
    code: "exports.onExecutePostLogin = async () => {};",
  };
  other = (await client.call("POST", "/actions", action)).body.id;
  await client.call("POST", `/actions/${other}/deploy`);
  await client.call("PATCH", "/triggers/post-login/bindings", {
    bindings: [{ ref: { type: "action_id", value: other } }],
  });
  slow = true;
});
after(async () => {
  await management?.close();
  await authsignal?.stop();
});

/** While this is so, a build ends once somebody was told to wait for it. */
let slow = false;
const build = async () => {
  while (slow && !management.log.some(({ path, status }) => path.endsWith("/deploy") && status === 400))
    await setTimeout(20);
};

/**
 * The tenant runs what is deployed and bound, with the secrets of that version, and in this thread, which has the
 * `fetch` above.
 *
 * @param {import("node:test").TestContext} t
 */
const startDeployed = async (t) => {
  const [{ code, secrets }] = management.store.deployed("post-login");
  return startTenantWith(t, { actions: [{ loaded: await loadAction({ source: code }) }], secrets });
};

const flow = async () => (await client.call("GET", "/triggers/post-login/bindings")).body.bindings;
const versions = async () =>
  (await client.call("GET", `/actions/${(await flow())[0].action.id}/versions`)).body.versions;

describe("a0deploy import of deploy/", () => {
  test("the version that the page names is the one that is tested", async () => {
    const { devDependencies } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    assert.equal(VERSION, devDependencies["auth0-deploy-cli"]);
  });

  for (const missing of Object.keys(SECRETS)) {
    test(`without ${missing} nothing is changed, and the message names the file`, async () => {
      const before = management.log.length;
      const { code, output } = await importDeploy(management, { ...SECRETS, [missing]: undefined });
      assert.equal(code, 1, output);
      assert.match(output, /deploy\/actions\/Authsignal MFA\.json/);
      assert.deepEqual(
        management.log.slice(before).filter(({ path }) => path !== "/oauth/token"),
        [],
      );
    });
  }

  test("the tenant has the built file as a deployed Action, alone in the Login flow, with its secrets", async () => {
    const { code, output } = await importDeploy(management, SECRETS);
    assert.equal(code, 0, output);
    assert.match(output, /Waiting for build to complete/);

    const [binding, ...more] = await flow();
    assert.deepEqual(more, []);
    assert.equal(binding.display_name, "Authsignal MFA");
    const { deployed_version, all_changes_deployed, supported_triggers } = binding.action;
    assert.equal(all_changes_deployed, true);
    assert.deepEqual(supported_triggers, [{ id: "post-login", version: "v3" }]);
    assert.equal(deployed_version.runtime, "node22");
    assert.equal(deployed_version.code, await readFile(files.action, "utf8"));
    assert.deepEqual(management.store.deployed("post-login")[0].secrets, SECRETS);
  });

  test("what is not in deploy/ stays in the tenant, though no more in the flow", async () => {
    assert.equal((await client.call("GET", `/actions/${other}`)).body.name, "Other");
  });

  test("the tenant runs that Action: a login is challenged, and signs in", async (t) => {
    await logInByChallenge(await startDeployed(t), authsignal);
  });

  test("a challenge that was not passed ends the login", async (t) => {
    await logInWithoutPassing(await startDeployed(t));
  });

  test("a second import leaves code, secrets and bindings as they are, and makes a further version", async (t) => {
    slow = false;
    const before = { flow: await flow(), deployed: management.store.deployed("post-login")[0] };
    const { code, output } = await importDeploy(management, SECRETS);
    assert.equal(code, 0, output);

    const { id: first, ...deployed } = before.deployed ?? assert.fail();
    const { id: second, ...again } = management.store.deployed("post-login")[0] ?? assert.fail();
    assert.deepEqual(again, deployed);
    assert.notEqual(second, first);
    assert.deepEqual(
      (await versions()).map((/** @type {any} */ { number, deployed }) => [number, deployed]),
      [
        [2, true],
        [1, false],
      ],
    );
    const bound = (/** @type {any[]} */ bindings) =>
      bindings.map(({ id, display_name, action }) => [id, display_name, action.id]);
    assert.deepEqual(bound(await flow()), bound(before.flow));
    await logInByChallenge(await startDeployed(t), authsignal);
  });
});
