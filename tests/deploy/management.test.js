// The local Management API, as a tool that deploys Actions sees it: create, update, deploy, bind, and what is refused.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { request } from "undici";
import { startManagement } from "../../sandbox/auth0/management/server.js";
import { ADA, Browser } from "../sandbox/tenant-browser.js";
import { startTenantWith } from "./login.js";
import { clientOf } from "./tools.js";

const CODE = "exports.onExecutePostLogin = async () => {};";
const ACTION = {
  name: "MFA",
  supported_triggers: [{ id: "post-login", version: "v3" }],
  code: CODE,
  runtime: "node22",
};
const DENIES = `exports.onExecutePostLogin = async (event, api) => api.access.deny(event.secrets.REASON);`;

/** @param {import("node:test").TestContext} t @param {Parameters<typeof startManagement>[0]} [options] */
async function start(t, options) {
  const management = await startManagement(options);
  t.after(management.close);
  return { management, ...(await clientOf(management)) };
}

/** @param {Awaited<ReturnType<typeof start>>} tenant @param {string} id */
async function built({ call }, id) {
  for (;;) {
    const { body } = await call("GET", `/actions/${id}`);
    if (!["pending", "building"].includes(body.status)) return body;
    await setImmediate();
  }
}

/**
 * Creates, builds, deploys and binds an Action, and gives its id.
 * @param {Awaited<ReturnType<typeof start>>} tenant
 * @param {object} [change]
 */
async function deployed(tenant, change) {
  const { body } = await tenant.call("POST", "/actions", { ...ACTION, ...change });
  await built(tenant, body.id);
  assert.equal((await tenant.call("POST", `/actions/${body.id}/deploy`)).status, 200);
  return body.id;
}

/** @param {string} value */
const byName = (value) => ({ ref: { type: "action_name", value } });

describe("An Action's life", () => {
  test("created, built, deployed and bound, it is what runs at the trigger", async (t) => {
    const tenant = await start(t);
    const created = await tenant.call("POST", "/actions", { ...ACTION, secrets: [{ name: "KEY", value: "made-up" }] });
    assert.equal(created.status, 201);
    assert.equal(created.body.status, "pending");
    assert.equal(created.body.all_changes_deployed, false);
    const { id } = created.body;

    assert.equal((await built(tenant, id)).status, "built");
    assert.equal(tenant.management.store.deployed("post-login")[0], undefined);
    const version = await tenant.call("POST", `/actions/${id}/deploy`);
    assert.equal(version.status, 200);
    assert.deepEqual([version.body.number, version.body.deployed, version.body.action_id], [1, true, id]);
    assert.equal(tenant.management.store.deployed("post-login")[0], undefined, "deployed is not bound");

    const bound = await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    assert.equal(bound.status, 200);
    assert.deepEqual([bound.body.bindings[0].action.id, bound.body.bindings[0].display_name], [id, "MFA"]);
    const runs = tenant.management.store.deployed("post-login")[0];
    assert.deepEqual(runs && [runs.code, runs.secrets], [CODE, { KEY: "made-up" }]);
  });

  test("a change is a draft until it is deployed, and an earlier version can be deployed again", async (t) => {
    const tenant = await start(t);
    const id = await deployed(tenant);
    await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    const code = `${CODE} // changed`;
    assert.equal((await tenant.call("PATCH", `/actions/${id}`, { code })).body.status, "pending");
    assert.equal((await built(tenant, id)).all_changes_deployed, false);
    assert.equal(tenant.management.store.deployed("post-login")[0].code, CODE);

    await tenant.call("POST", `/actions/${id}/deploy`);
    assert.equal(tenant.management.store.deployed("post-login")[0].code, code);
    assert.equal((await built(tenant, id)).all_changes_deployed, true);

    const { versions, total } = (await tenant.call("GET", `/actions/${id}/versions`)).body;
    assert.deepEqual(
      [total, versions.map((/** @type {any} */ { number, deployed }) => [number, deployed])],
      [
        2,
        [
          [2, true],
          [1, false],
        ],
      ],
    );
    assert.equal((await tenant.call("GET", `/actions/${id}/versions/${versions[1].id}`)).body.code, CODE);
    assert.equal((await tenant.call("POST", `/actions/${id}/versions/${versions[1].id}/deploy`)).body.number, 3);
    assert.equal(tenant.management.store.deployed("post-login")[0].code, CODE);
  });

  test("secrets are never given back; their list is replaced as a whole, and one without a value keeps its own", async (t) => {
    const tenant = await start(t);
    const id = await deployed(tenant, {
      secrets: [
        { name: "A", value: "value-a" },
        { name: "B", value: "value-b" },
      ],
    });
    await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    await tenant.call("PATCH", `/actions/${id}`, { secrets: [{ name: "A" }, { name: "C", value: "value-c" }] });
    await built(tenant, id);
    assert.deepEqual(
      tenant.management.store.deployed("post-login")[0].secrets,
      { A: "value-a", B: "value-b" },
      "not yet deployed",
    );
    await tenant.call("POST", `/actions/${id}/deploy`);
    assert.deepEqual(tenant.management.store.deployed("post-login")[0].secrets, { A: "value-a", C: "value-c" });

    for (const path of ["/actions", `/actions/${id}`, `/actions/${id}/versions`, "/triggers/post-login/bindings"]) {
      const text = JSON.stringify((await tenant.call("GET", path)).body);
      assert.match(text, /"name":"[AC]"/);
      assert.doesNotMatch(text, /value-/);
    }
  });

  test("the list can be asked for by trigger, name and deployment, page by page", async (t) => {
    const tenant = await start(t);
    await deployed(tenant, { name: "one" });
    for (const name of ["two", "three"]) await tenant.call("POST", "/actions", { ...ACTION, name });
    const names = async (/** @type {string} */ query) => {
      const { body } = await tenant.call("GET", `/actions?${query}`);
      return [body.actions.map((/** @type {any} */ { name }) => name), body.total];
    };
    assert.deepEqual(await names(""), [["one", "two", "three"], 3]);
    assert.deepEqual(await names("page=1&per_page=2"), [["three"], 3]);
    assert.deepEqual(await names("actionName=two"), [["two"], 1]);
    assert.deepEqual(await names("deployed=true"), [["one"], 1]);
    assert.deepEqual(await names("triggerId=post-login&deployed=false"), [["two", "three"], 2]);
  });

  test("bound, it is deleted only by force, and then bound no more", async (t) => {
    const tenant = await start(t);
    const id = await deployed(tenant);
    await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    assert.deepEqual(await tenant.call("DELETE", `/actions/${id}`), {
      status: 409,
      body: { statusCode: 409, error: "Conflict", message: "Unable to delete an action bound to a trigger." },
    });
    assert.equal((await tenant.call("DELETE", `/actions/${id}?force=true`)).status, 204);
    assert.deepEqual((await tenant.call("GET", "/triggers/post-login/bindings")).body.bindings, []);
    assert.equal((await tenant.call("GET", `/actions/${id}`)).status, 404);
  });
});

describe("The flow", () => {
  test("it is replaced as a whole, in the order given, and a binding that stays keeps its id", async (t) => {
    const tenant = await start(t);
    for (const name of ["one", "two"]) await deployed(tenant, { name });
    const bind = async (/** @type {object[]} */ bindings) => {
      const answer = await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings });
      const now = await tenant.call("GET", "/triggers/post-login/bindings");
      assert.deepEqual(now.body.bindings, answer.body.bindings);
      return now.body.bindings;
    };
    const [one] = await bind([byName("one")]);
    const both = await bind([
      { ...byName("two"), display_name: "Second" },
      { ref: { type: "binding_id", value: one.id } },
    ]);
    assert.deepEqual(
      both.map((/** @type {any} */ { display_name }) => display_name),
      ["Second", "one"],
    );
    assert.equal(both[1].id, one.id);
    assert.deepEqual(
      (await bind([{ ref: { type: "action_id", value: both[0].action.id } }])).map((/** @type {any} */ { id }) => id),
      [both[0].id],
    );
  });

  test("an Action that is not deployed, unknown, or named twice is not bound, and what was bound stays", async (t) => {
    const tenant = await start(t);
    await deployed(tenant);
    await tenant.call("POST", "/actions", { ...ACTION, name: "draft" });
    await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    for (const [bindings, status, message] of /** @type {[object[], number, RegExp][]} */ ([
      [[byName("draft")], 400, /has not been deployed yet/],
      [[byName("nobody")], 404, /nobody/],
      [[byName("MFA"), byName("MFA")], 400, /only once/],
    ])) {
      const answer = await tenant.call("PATCH", "/triggers/post-login/bindings", { bindings });
      assert.equal(answer.status, status);
      assert.match(answer.body.message, message);
    }
    assert.equal((await tenant.call("GET", "/triggers/post-login/bindings")).body.bindings[0].action.name, "MFA");
  });

  test("a tenant runs what is deployed now, with that version's secrets, and nothing where nothing is bound", async (t) => {
    const api = await start(t);
    const tenant = await startTenantWith(t, api.management.tenantOptions("post-login"));
    const outcome = async () =>
      (await new Browser(tenant.origin).signIn(ADA)).url.searchParams.get("error_description");
    assert.equal(await outcome(), null);
    const id = await deployed(api, { code: DENIES, secrets: [{ name: "REASON", value: "first" }] });
    assert.equal(await outcome(), null);
    await api.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("MFA")] });
    assert.equal(await outcome(), "first");
    await api.call("PATCH", `/actions/${id}`, { secrets: [{ name: "REASON", value: "second" }] });
    await built(api, id);
    assert.equal(await outcome(), "first");
    await api.call("POST", `/actions/${id}/deploy`);
    assert.equal(await outcome(), "second");
    await deployed(api, { name: "another", code: DENIES, secrets: [{ name: "REASON", value: "another" }] });
    await api.call("PATCH", "/triggers/post-login/bindings", { bindings: [byName("another"), byName("MFA")] });
    assert.equal(await outcome(), "another", "the first of two, with its own secrets");
  });
});

describe("What is refused", () => {
  test("a draft that is not built is not deployed", async (t) => {
    /** @type {() => void} */
    let finish = () => {};
    const tenant = await start(t, { build: () => new Promise((resolve) => (finish = () => resolve(undefined))) });
    const { id } = (await tenant.call("POST", "/actions", ACTION)).body;
    const refused = {
      statusCode: 400,
      error: "Bad Request",
      message: "A draft must be in the 'built' state before it can be deployed.",
    };
    assert.deepEqual(await tenant.call("POST", `/actions/${id}/deploy`), { status: 400, body: refused });
    finish();
    await built(tenant, id);
    assert.equal((await tenant.call("POST", `/actions/${id}/deploy`)).status, 200);
  });

  test("code that does not compile fails in its build, and is not deployed", async (t) => {
    const tenant = await start(t);
    const { id } = (await tenant.call("POST", "/actions", { ...ACTION, code: "exports.x = ;" })).body;
    const { status, errors } = await built(tenant, id);
    assert.equal(status, "failed");
    assert.match(errors[0].msg, /Unexpected token/);
    assert.equal((await tenant.call("POST", `/actions/${id}/deploy`)).status, 400);
  });

  const whole = (/** @type {number} */ bytes) => `/*${"x".repeat(bytes - 4)}*/`;
  for (const [what, change, message] of /** @type {[string, object, RegExp][]} */ ([
    ["no name", { name: undefined }, /Missing required property: name/],
    ["an empty name", { name: " " }, /too short/],
    ["no trigger", { supported_triggers: undefined }, /Missing required property: supported_triggers/],
    ["two triggers", { supported_triggers: [{ id: "post-login" }, { id: "post-login" }] }, /exactly one trigger/],
    ["an unknown trigger", { supported_triggers: [{ id: "pre-lunch" }] }, /No enum match for: "pre-lunch"/],
    [
      "another version of the trigger",
      { supported_triggers: [{ id: "post-login", version: "v1" }] },
      /post-login v3 and not v1/,
    ],
    ["an unknown runtime", { runtime: "node21" }, /No enum match for: "node21"/],
    ["an unknown field", { colour: "red" }, /Additional properties not allowed: colour/],
    ["code that is no string", { code: 1 }, /Expected type string but found type number on property code/],
    ["code over the limit", { code: whole(100_001) }, /100001 bytes, maximum 100000/],
    ["a secret without a value", { secrets: [{ name: "NEW" }] }, /NEW is new and has no value/],
    ["a secret over the limit", { secrets: [{ name: "KEY", value: "x".repeat(4097) }] }, /4097 chars\), maximum 4096/],
    [
      "too many secrets",
      { secrets: Array.from({ length: 31 }, (_, index) => ({ name: `K${index}`, value: "x" })) },
      /maximum 30/,
    ],
    ["a dependency without a version", { dependencies: [{ name: "lodash" }] }, /Missing required property: version/],
    ["an Actions Module", { modules: [{ module_name: "x" }] }, /no Actions Modules/],
  ])) {
    test(`${what}: 400, and there is no Action`, async (t) => {
      const { call } = await start(t);
      const { status, body } = await call("POST", "/actions", { ...ACTION, ...change });
      assert.equal(status, 400);
      assert.deepEqual([body.statusCode, body.error], [400, "Bad Request"]);
      assert.match(body.message, message);
      assert.equal((await call("GET", "/actions")).body.total, 0);
    });
  }

  test("code of exactly the limit is taken", async (t) => {
    const { call } = await start(t);
    assert.equal((await call("POST", "/actions", { ...ACTION, code: whole(100_000) })).status, 201);
  });

  test("a name that is taken: 409, at once and by renaming", async (t) => {
    const { call } = await start(t);
    await call("POST", "/actions", ACTION);
    const { id } = (await call("POST", "/actions", { ...ACTION, name: "other" })).body;
    assert.equal((await call("POST", "/actions", ACTION)).status, 409);
    assert.equal((await call("PATCH", `/actions/${id}`, { name: ACTION.name })).status, 409);
  });

  test("what does not exist: 404", async (t) => {
    const { call } = await start(t);
    for (const path of ["/actions/none", "/actions/none/versions", "/triggers/none/bindings", "/nothing"]) {
      const { status, body } = await call("GET", path);
      assert.deepEqual([status, body.statusCode, body.error], [404, 404, "Not Found"]);
    }
  });

  test("an unknown query, or one out of range: 400", async (t) => {
    const { call } = await start(t);
    for (const query of ["include_totals=true", "per_page=101", "page=-1"]) {
      const { status, body } = await call("GET", `/actions?${query}`);
      assert.deepEqual([status, body.errorCode], [400, "invalid_query_string"]);
    }
  });
});

describe("Who may call", () => {
  test("nobody without a token of this tenant", async (t) => {
    const { send } = await start(t);
    for (const authorization of ["", "Basic eDp5", "Bearer unknown"]) {
      const { status, body } = await send("GET", "/api/v2/actions/actions", undefined, { authorization });
      assert.deepEqual([status, body.statusCode, body.error], [401, 401, "Unauthorized"]);
    }
  });

  test("a token for the right application, secret, grant and audience", async (t) => {
    const { send, grant } = await start(t);
    assert.equal((await send("POST", "/oauth/token", grant)).body.token_type, "Bearer");
    for (const [change, status, error] of /** @type {[object, number, string][]} */ ([
      [{ client_id: "other" }, 401, "access_denied"],
      [{ client_secret: "other" }, 401, "access_denied"],
      [{ client_secret: undefined }, 401, "access_denied"],
      [{ audience: "https://other.example/api/v2/" }, 403, "access_denied"],
      [{ grant_type: "password" }, 403, "unsupported_grant_type"],
    ])) {
      const answer = await send("POST", "/oauth/token", { ...grant, ...change });
      assert.deepEqual([answer.status, answer.body.error, answer.body.access_token], [status, error, undefined]);
    }
  });

  test("what the application's scopes allow, and no more", async (t) => {
    const { call } = await start(t, { machine: { scopes: ["read:actions"] } });
    assert.equal((await call("GET", "/actions")).status, 200);
    for (const [method, path, scope] of [
      ["POST", "/actions", "create:actions"],
      ["PATCH", "/actions/any", "update:actions"],
      ["DELETE", "/actions/any", "delete:actions"],
      ["POST", "/actions/any/deploy", "create:actions"],
      ["PATCH", "/triggers/post-login/bindings", "update:actions"],
    ]) {
      assert.deepEqual(await call(method, path, {}), {
        status: 403,
        body: {
          statusCode: 403,
          error: "Forbidden",
          message: `Insufficient scope, expected any of: ${scope}`,
          errorCode: "insufficient_scope",
        },
      });
    }
  });

  test("a client that does not trust this run's certificate gets no answer", async (t) => {
    const { management } = await start(t);
    await assert.rejects(
      request(`https://${management.domain}/api/v2/actions/actions`),
      /self-signed|self signed|unable to verify/i,
    );
    assert.deepEqual(
      management.log.filter(({ path }) => path.startsWith("/api")),
      [],
    );
  });
});
