// One contender in a process of its own, and what is measured inside it:
//   load   from the Action's file until both handlers are there; then it exits
//   cold   from the Action's file until the first hook has resolved; then it exits
//   warm   whatever the messages ask for: some logins' CPU time, one login's time, or the resident memory
// It runs under the Node that is measured, 18 or 22.

import { readFileSync, writeSync } from "node:fs";
import { compileAction, createActionRequire } from "../sandbox/auth0/compile.js";
import { loadAction } from "../sandbox/auth0/runtime.js";

/**
 * @typedef {object} Task
 * @property {string} file of the Action
 * @property {string} packagesFrom
 * @property {Record<string, any>} event
 *
 * @typedef {{ logins: number } | { timedLogin: true } | { memory: true }} Request
 */

const mode = process.argv[2];
/** @type {Task} */
const { file, packagesFrom, event } = JSON.parse(process.argv[3]);

/** What the stand-in does up to the Action's first execution. */
const load = () => {
  const initialize = compileAction(readFileSync(file, "utf8"), file, createActionRequire(packagesFrom));
  const module = { exports: /** @type {any} */ ({}) };
  initialize(module, module.exports, console);
  return [module.exports.onExecutePostLogin, module.exports.onContinuePostLogin];
};

/** @param {import("../sandbox/auth0/runtime.js").LoadedAction} action */
const login = async (action) => {
  const { status, command, error } = await action.execute("onExecutePostLogin", event);
  if (status === "ok" && command?.type === "redirect") return;
  throw new Error(`a login ended without a challenge: ${error?.message ?? JSON.stringify(command)}`);
};

/** @param {import("../sandbox/auth0/runtime.js").LoadedAction} action @param {Request} request */
const answer = async (action, request) => {
  if ("logins" in request) {
    const before = process.cpuUsage();
    for (let i = 0; i < request.logins; i++) {
      await login(action);
      // The next login comes in a turn of its own. Without one `fetch` still holds the connection.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    return { cpuUs: user + system };
  }
  if ("timedLogin" in request) {
    const began = performance.now();
    await login(action);
    return { ms: performance.now() - began };
  }
  for (let i = 0; i < 3; i++) {
    /** @type {any} */ (globalThis).gc();
    // What waits for finalizers goes in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { rss: process.memoryUsage.rss() };
};

if (mode === "warm") {
  const action = await loadAction({ file, packagesFrom });
  const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));
  process.on("message", (/** @type {Request} */ request) =>
    answer(action, request).then(send, (error) => send({ error: error.message })),
  );
  process.on("disconnect", () => process.exit());
  send({});
} else {
  const began = performance.now();
  if (mode === "load") {
    const handlers = load();
    if (!handlers.every((handler) => typeof handler === "function")) throw new Error("a handler is missing");
  } else {
    await login(await loadAction({ file, packagesFrom }));
  }
  const ms = performance.now() - began;
  writeSync(1, JSON.stringify({ ms }));
  process.exit();
}
