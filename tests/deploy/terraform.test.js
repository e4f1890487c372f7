// deploy/terraform/, as far as it can be checked without the providers: HashiCorp's own parser reads it, each argument is
// one that the providers' pages list, and what it refers to is there.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { parse } from "@cdktn/hcl2json";

const folder = new URL("../../deploy/terraform/", import.meta.url);

/**
 * The arguments and blocks of docs/resources/ in auth0/terraform-provider-auth0 and authsignal/terraform-provider-authsignal.
 * @type {Record<string, { required: string[], optional?: string[], blocks?: Record<string, string[]> }>}
 */
const RESOURCES = {
  auth0_action: {
    required: ["name", "code", "supported_triggers"],
    optional: ["dependencies", "deploy", "modules", "runtime", "secrets"],
    blocks: { supported_triggers: ["id", "version"], secrets: ["name", "value"], dependencies: ["name", "version"] },
  },
  auth0_trigger_actions: {
    required: ["trigger", "actions"],
    blocks: { actions: ["id", "display_name"] },
  },
  authsignal_action_configuration: {
    required: ["action_code", "default_user_action_result"],
    optional: ["messaging_templates"],
  },
};

/** All files as one. @type {any} */
const configuration = { resource: {}, variable: {}, terraform: [] };
/** @type {[type: string, name: string, resource: any][]} */
let resources = [];

before(async () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".tf"))) {
    const {
      resource = {},
      variable = {},
      terraform = [],
      ...others
    } = /** @type {any} */ (await parse(file, readFileSync(new URL(file, folder), "utf8")));
    assert.deepEqual(others, {}, file);
    Object.assign(configuration.resource, resource);
    Object.assign(configuration.variable, variable);
    configuration.terraform.push(...terraform);
  }
  resources = Object.entries(configuration.resource).flatMap(([type, named]) =>
    Object.entries(/** @type {any} */ (named)).map(([name, [resource]]) => /** @type {any} */ ([type, name, resource])),
  );
});

/** How the parser writes an expression. @param {string} expression */
const reference = (expression) => `\${${expression}}`;

/** The one resource of a type. */
const only = (/** @type {string} */ type) => {
  const found = resources.filter(([each]) => each === type);
  assert.equal(found.length, 1, type);
  return found[0][2];
};

test("the providers are those of both sides, in versions that have what is used", () => {
  const [{ required_providers }] = configuration.terraform;
  assert.deepEqual(required_providers, [
    {
      auth0: { source: "auth0/auth0", version: "~> 1.49" },
      authsignal: { source: "authsignal/authsignal", version: "~> 3.3" },
    },
  ]);
});

test("each resource has the required arguments, and only documented ones", () => {
  assert.deepEqual(resources.map(([type]) => type).sort(), Object.keys(RESOURCES).sort());
  for (const [type, , { depends_on, ...resource }] of resources) {
    const { required, optional = [], blocks = {} } = RESOURCES[type];
    const given = Object.keys(resource);
    assert.deepEqual(
      required.filter((name) => !given.includes(name)),
      [],
      type,
    );
    assert.deepEqual(
      given.filter((name) => !required.includes(name) && !optional.includes(name)),
      [],
      type,
    );
    for (const [name, fields] of Object.entries(blocks)) {
      for (const block of resource[name] ?? []) assert.deepEqual(Object.keys(block).sort(), [...fields].sort());
    }
  }
});

test("every reference leads to a resource or a variable", () => {
  const references = [...JSON.stringify(resources).matchAll(/\b(var|auth0_\w+|authsignal_\w+)\.(\w+)/g)];
  assert.ok(references.length >= 5, `${references.length} references`);
  for (const [whole, type, name] of references) {
    const there = type === "var" ? configuration.variable : configuration.resource[type];
    assert.ok(name in (there ?? {}), whole);
  }
});

test("the Action is the built file, for post-login, deployed, and in the flow", () => {
  const { code, deploy, runtime, supported_triggers } = only("auth0_action");
  const [, path] = /^\$\{file\("\$\{path\.module\}\/(.+)"\)\}$/.exec(code) ?? [];
  assert.equal(new URL(path, folder).href, new URL("../../pkg/action.js", import.meta.url).href);
  assert.ok(existsSync(new URL(path, folder)));
  assert.deepEqual([deploy, runtime, supported_triggers], [true, "node22", [{ id: "post-login", version: "v3" }]]);
  const { trigger, actions } = only("auth0_trigger_actions");
  assert.equal(trigger, "post-login");
  assert.deepEqual(actions, [
    { id: reference("auth0_action.authsignal_mfa.id"), display_name: reference("auth0_action.authsignal_mfa.name") },
  ]);
});

test("the secrets are those that the Action reads, from variables without a default, and the key is sensitive", () => {
  assert.deepEqual(only("auth0_action").secrets, [
    { name: "AUTHSIGNAL_SECRET", value: reference("var.authsignal_secret") },
    { name: "AUTHSIGNAL_REGION", value: reference("var.authsignal_region") },
  ]);
  const { authsignal_secret, authsignal_region } = configuration.variable;
  assert.equal(authsignal_secret[0].sensitive, true);
  for (const [variable] of [authsignal_secret, authsignal_region]) assert.ok(!("default" in variable));
  assert.match(authsignal_region[0].validation[0].condition, /contains\(\["us", "eu", "au", "ca"\], /);
});

test("Authsignal challenges the action that the Action tracks, before the flow has the Action", () => {
  assert.deepEqual(only("authsignal_action_configuration"), {
    action_code: "auth0-login",
    default_user_action_result: "CHALLENGE",
  });
  const [before] = only("auth0_trigger_actions").depends_on;
  assert.equal(before, reference("authsignal_action_configuration.auth0_login"));
});

test("the folder has the three files, and no state or variables file", () => {
  assert.deepEqual(readdirSync(folder).sort(), ["main.tf", "variables.tf", "versions.tf"]);
});
