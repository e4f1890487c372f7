// Where an Action's text is run: as Auth0 loads it, with the built package, and with the local Authsignal in the
// place of every https host.

import { fileURLToPath } from "node:url";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { SECRET, startAuthsignal } from "../runtime/authsignal.js";
import { loadPackage } from "../runtime/built.js";
import { loginEvent, returnEvent } from "../runtime/event.js";
import { keepLog, replaceFetch } from "../runtime/globals.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** @typedef {Awaited<ReturnType<typeof startStage>>} Stage */
/** @typedef {Awaited<ReturnType<typeof loadAction>>} Action */

/**
 * @typedef {object} Seen what an execution did
 * @property {"proceeds" | "redirects" | "denies"} outcome
 * @property {URL} challenge where it redirects
 * @property {string} [reason] of a deny
 * @property {{ url: string, body: any }[]} asked the requests, with the addresses that the Action asked for
 * @property {string[]} log
 * @property {string[]} printed what of it went to the process's console, and not to the Action's own
 * @property {string[]} recorded the names of recorded methods
 * @property {import("../../sandbox/auth0/execution.js").Result["claims"]} claims of the tokens
 * @property {unknown[][]} calls to Auth0's `api`, each a method with its arguments
 * @property {Record<string, any>} event
 * @property {import("../../sandbox/auth0/execution.js").Result["metadata"]} metadata
 */

/** @param {{ after: (done: () => any) => void }} t ends it */
export async function startStage(t) {
  const authsignal = await startAuthsignal();
  t.after(() => authsignal.stop());
  const { fetch } = globalThis;
  // A package prints to the process's console, a pasted Action to its own.
  const printed = keepLog(t);
  /** @type {Seen["asked"]} */
  let asked = [];
  replaceFetch(t, async (/** @type {Parameters<typeof fetch>} */ ...args) => {
    const request = new Request(...args);
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push({ url: request.url, body: JSON.parse(body) });
    return fetch(authsignal.origin + pathname, { method: request.method, headers: request.headers, body });
  });

  /**
   * @param {Action} action
   * @param {"onExecutePostLogin" | "onContinuePostLogin"} hook
   * @param {any} event
   * @returns {Promise<Seen>}
   */
  async function execute(action, hook, event) {
    asked = [];
    printed.length = 0;
    const { status, error, command, console, metadata, recordedMethods, claims, calls } = await action.execute(
      hook,
      event,
    );
    if (status === "error") throw new Error(`The Action threw: ${error?.stack}`);
    return {
      outcome: command === null ? "proceeds" : command.type === "redirect" ? "redirects" : "denies",
      challenge: command?.type === "redirect" ? new URL(command.url) : new URL("none:"),
      reason: command?.type === "deny" ? command.reason : undefined,
      asked,
      log: [...printed, ...console.map(({ text }) => text)],
      printed: [...printed],
      recorded: recordedMethods.map(({ name }) => name),
      claims,
      calls: calls.map(({ method, args }) => [method, ...args]),
      event,
      metadata,
    };
  }

  return {
    authsignal,
    /** An Action in a process of its own, as far as retries count. @param {string} source */
    async load(source) {
      loadPackage();
      const action = await loadAction({ source, packagesFrom: root });
      return {
        /** A login of a user whom nobody else is. @param {Record<string, Record<string, unknown>>} [parts] */
        login: ({ secrets = { AUTHSIGNAL_SECRET: SECRET }, ...parts } = {}) =>
          execute(action, "onExecutePostLogin", loginEvent({ secrets, ...parts })),
        /**
         * The browser comes back, with the token of the challenge or with another request.
         * @param {Seen} seen
         * @param {Record<string, unknown>} [request]
         */
        comesBack({ event, challenge, metadata }, request) {
          const back = returnEvent(event, { challenge: challenge.href, metadata });
          return execute(action, "onContinuePostLogin", { ...back, request: { ...back.request, ...request } });
        },
      };
    },
  };
}
