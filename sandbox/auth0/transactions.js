import { randomBytes } from "node:crypto";
import { withState } from "./runtime.js";

/**
 * One run of the trigger, from the request that started it to the answer, across redirects.
 *
 * @typedef {object} Transaction
 * @property {string} id
 * @property {string} protocol
 * @property {string} clientId of the application
 * @property {Record<string, any>} query of the request that started it
 * @property {Record<string, string | number | boolean>} metadata
 * @property {import("./execution.js").Result["claims"]} claims
 * @property {import("./execution.js").Result["scopes"]} scopes
 * @property {import("./directory.js").Organization} [organization] that the login is for
 * @property {boolean} byForm the user has entered a password in it
 * @property {boolean} passed the trigger has ended, and the login goes on
 * @property {string} [userId]
 * @property {string} [sendTo] where an Action wants the user to go
 * @property {import("./execution.js").Form} [form] that an Action showed last
 * @property {string} [waitsFor] the Action of the flow that sent the user away
 * @property {import("./recorder.js").Login} [login] what the inspector shows of it
 *
 * @typedef {object} Suspended
 * @property {Transaction} transaction
 * @property {string} interaction
 * @property {string} session the browser session that has to come back
 * @property {number} expires
 * @property {boolean} used
 */

const STATE_MS = 60 * 60 * 1000;

export class Transactions {
  /** @type {Map<string, Transaction>} by the login flow that it belongs to */
  #flows = new Map();
  /** @type {Set<string>} */
  #forms = new Set();
  /** @type {Map<string, Suspended>} by Auth0's `state` */
  #suspended = new Map();

  /** @param {Pick<Transaction, "protocol" | "clientId" | "query">} start @returns {Transaction} */
  begin({ protocol, clientId, query }) {
    const id = randomBytes(24).toString("base64url");
    return {
      id,
      protocol,
      clientId,
      query,
      metadata: {},
      claims: { idToken: {}, accessToken: {} },
      scopes: [],
      byForm: false,
      passed: false,
    };
  }

  /** @param {string | undefined} flow */
  find(flow) {
    return flow === undefined ? undefined : this.#flows.get(flow);
  }

  /** @param {{ cid: string, uid: string }} interaction @param {Transaction} transaction */
  keep({ cid, uid }, transaction) {
    this.#flows.set(cid, transaction);
    this.#forms.add(uid);
  }

  /** @param {string | undefined} flow */
  end(flow) {
    if (flow !== undefined) this.#flows.delete(flow);
  }

  /**
   * The user leaves. Gives the address with the `state` to come back with, once.
   *
   * @param {string} url
   * @param {Omit<Suspended, "expires" | "used">} suspended
   */
  leave(url, suspended) {
    const now = Date.now();
    for (const [state, { expires }] of this.#suspended) if (expires <= now) this.#suspended.delete(state);
    const state = randomBytes(24).toString("base64url");
    this.#suspended.set(state, { ...suspended, expires: now + STATE_MS, used: false });
    return withState(url, state);
  }

  /** @param {unknown} state @returns {Suspended | undefined} */
  peek(state) {
    const suspended = typeof state === "string" ? this.#suspended.get(state) : undefined;
    return suspended && !suspended.used && suspended.expires > Date.now() ? suspended : undefined;
  }

  /** Nobody comes back with this `state` again. @param {unknown} state */
  use(state) {
    const suspended = this.#suspended.get(String(state));
    if (suspended) suspended.used = true;
  }

  /** What the browser holds of a login under way: a `state`, or a login form's. @param {string} word */
  isTicket(word) {
    return this.#suspended.has(word) || this.#forms.has(word);
  }
}
