// Actions by their text, and what they do in the runtime stand-in.

import assert from "node:assert/strict";
import { loadAction } from "../../sandbox/auth0/runtime.js";

/** A small event of the trigger. */
export const event = () => ({
  transaction: { id: "tx", protocol: "oidc-basic-profile", metadata: { campaign: "spring" } },
  authentication: { methods: [{ name: "pwd", timestamp: "2026-05-04T08:15:31.204Z" }] },
  request: { ip: "203.0.113.24", hostname: "login.example.com", query: {}, body: {} },
  user: { user_id: "auth0|ada", app_metadata: { nested: { deep: [1, { x: null }] } }, user_metadata: {} },
});

/** @typedef {import("../../sandbox/auth0/runtime.js").ExecuteOptions} ExecuteOptions */

/**
 * Loads an Action whose handlers have this body, and runs one of them.
 *
 * @param {string} body
 * @param {{ handler?: "onExecutePostLogin" | "onContinuePostLogin", event?: object } & ExecuteOptions} [options]
 */
export async function run(body, { handler = "onExecutePostLogin", event: given = event(), ...options } = {}) {
  const action = await loadAction({ source: `exports.${handler} = async (event, api) => {${body}\n};` });
  return action.execute(handler, given, options);
}

/**
 * Gives the value that an expression has inside an Action.
 *
 * @param {string} expression
 * @param {Parameters<typeof run>[1]} [options]
 */
export async function evaluate(expression, options) {
  const result = await run(`api.idToken.setCustomClaim("value", await (${expression}));`, options);
  assert.equal(result.error, undefined);
  return result.claims.idToken.value;
}

/** What tests and Actions share, as `globalThis.actionsRuntimeTest`: there is one realm. @type {any} */
export const shared = {};
Object.assign(globalThis, { actionsRuntimeTest: shared });
