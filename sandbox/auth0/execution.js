import { inspect } from "node:util";
import { ConsoleLog } from "./console.js";
import { METADATA } from "./limits.js";

/**
 * @typedef {"onExecutePostLogin" | "onContinuePostLogin"} Handler
 * @typedef {Record<string, any>} Event the event of the post-login trigger: plain data, open at every level
 * @typedef {{ name: string, timestamp: string }} RecordedMethod
 * @typedef {{ type: "form", id: string, options: { vars?: object, fields?: object } }} Form
 * @typedef {{ type: "deny", reason: string } | { type: "redirect", url: string } | Form} Command
 *
 * @typedef {object} Result what one execution asks of the tenant: plain data, changed by nothing later
 * @property {Handler} handler
 * @property {"ok" | "error"} status with `error`, Auth0 fails the login, and what was asked for before
 *   the error counts for nothing: then `command` is null, `recordedMethods`, `claims`, `scopes`, `user` and `session` are
 *   empty and `metadata` is what it was before. `calls` and `console` tell what happened all the same
 * @property {{ name: string, message: string, stack: string }} [error] where `status` is `error`
 * @property {Command | null} command null lets the login go on. A deny beats the others; of two of a
 *   kind the later one counts. The tenant adds its `state` to `url`, and where the request said
 *   `prompt=none` it answers `interaction_required` instead
 * @property {RecordedMethod[]} recordedMethods what `event.authentication.methods` has from now on in
 *   this browser session, whatever `command` says
 * @property {Record<string, string | number | boolean>} metadata the transaction's, after this execution
 * @property {{ idToken: Record<string, unknown>, accessToken: Record<string, unknown> }} claims
 * @property {{ type: "add" | "remove", scope: string }[]} scopes what changes in the access token's, in order
 * @property {{ app_metadata: Record<string, unknown>, user_metadata: Record<string, unknown> }} user what changes in
 *   their metadata: null removes an entry
 * @property {{ revoked?: true, tokenRevoked?: true, metadata?: Record<string, string> }} session what becomes of the
 *   browser session and of the refresh token
 * @property {{ method: string, args: unknown[] }[]} calls every call to `api`, in order, those that threw
 *   too. Arguments are copies, and may hold secrets: don't log them
 * @property {import("./console.js").ConsoleLine[]} console
 * @property {number} ms how long it took
 */

/**
 * One execution of a handler: the event it sees, and what it has asked for so far.
 */
export class Execution {
  /** @type {Result["calls"]} */
  calls = [];
  console = new ConsoleLog();
  /** @type {Extract<Command, { type: "deny" }> | null} */
  denial = null;
  /** @type {Extract<Command, { type: "redirect" }> | null} */
  redirect = null;
  /** @type {Form | null} */
  form = null;
  /** @type {RecordedMethod[]} */
  recordedMethods = [];
  /** @type {Result["session"]} */
  session = {};
  /** @type {Result["claims"]} */
  claims = { idToken: {}, accessToken: {} };
  /** @type {Result["scopes"]} */
  scopes = [];
  /** @type {Result["user"]} */
  user = { app_metadata: {}, user_metadata: {} };

  #started = performance.now();
  /** @type {Result["metadata"]} */
  #metadata;
  #before;

  /**
   * @param {Handler} handler
   * @param {Event} event its copy is the Action's, to read and to change
   * @param {RecordedMethod[]} sessionMethods
   */
  constructor(handler, event, sessionMethods) {
    this.handler = handler;
    this.event = /** @type {Event} */ (structuredClone(event));
    if (sessionMethods.length > 0) {
      const methods = [...(this.event.authentication?.methods ?? []), ...structuredClone(sessionMethods)];
      this.event.authentication = { ...this.event.authentication, methods };
    }
    this.#before = structuredClone(event.transaction?.metadata ?? {});
    this.#metadata = { ...this.#before };
  }

  get ms() {
    return performance.now() - this.#started;
  }

  /** @param {string} method @param {IArguments} args as they came, before anything looks at them */
  called(method, args) {
    this.calls.push({ method, args: Array.from(args, copy) });
  }

  /** The Action asks for what can't be done together: its login ends. @param {string} reason */
  abort(reason) {
    this.denial = { type: "deny", reason };
  }

  /**
   * Sets or, with null, removes one entry, and shows the whole in the event at once.
   *
   * @param {string} key
   * @param {string | number | boolean | null} value
   */
  setMetadata(key, value) {
    if (typeof key !== "string" || key.length > METADATA.keyCharacters) {
      throw new Error(`A transaction metadata key must be a string of at most ${METADATA.keyCharacters} characters`);
    }
    const { [key]: _, ...metadata } = this.#metadata;
    if (value !== null) {
      if (!["string", "number", "boolean"].includes(typeof value)) {
        throw new Error("A transaction metadata value must be a string, a number or a boolean");
      }
      if (Buffer.byteLength(String(value)) > METADATA.valueBytes) {
        throw new Error(`A transaction metadata value must have at most ${METADATA.valueBytes} bytes`);
      }
      metadata[key] = value;
    }
    if (Buffer.byteLength(Object.entries(metadata).flat().join("")) > METADATA.totalBytes) {
      throw new Error(`Transaction metadata must have at most ${METADATA.totalBytes} bytes in all`);
    }
    this.#metadata = metadata;
    this.event.transaction ??= {};
    this.event.transaction.metadata = { ...metadata };
  }

  /**
   * A copy of how things stand. What the Action calls after this changes no result.
   *
   * @param {[error?: unknown]} thrown what the handler threw, if it did
   * @returns {Result}
   */
  result(...thrown) {
    const { handler, calls, ms } = this;
    const told = { calls, console: this.console.lines, ms };
    if (thrown.length > 0) {
      const error = plainError(thrown[0]);
      return structuredClone({ handler, status: "error", error, ...nothing(this.#before), ...told });
    }
    const { recordedMethods, claims, scopes, user, session } = this;
    const command = this.denial ?? this.redirect ?? this.form;
    return structuredClone({
      handler,
      status: "ok",
      command,
      recordedMethods,
      metadata: this.#metadata,
      claims,
      scopes,
      user,
      session,
      ...told,
    });
  }
}

/**
 * What an execution that failed asks for.
 * @param {Result["metadata"]} metadata as it was before
 * @returns {Pick<Result, "command" | "recordedMethods" | "metadata" | "claims" | "scopes" | "user" | "session">}
 */
export const nothing = (metadata) => ({
  command: null,
  recordedMethods: [],
  metadata,
  claims: { idToken: {}, accessToken: {} },
  scopes: [],
  user: { app_metadata: {}, user_metadata: {} },
  session: {},
});

/** @param {unknown} value @returns {unknown} a deep copy, or a description where there can be none */
export function copy(value) {
  try {
    return structuredClone(value);
  } catch {
    return inspect(value);
  }
}

/** @param {unknown} thrown @returns {NonNullable<Result["error"]>} */
function plainError(thrown) {
  const error = thrown instanceof Error ? thrown : new Error(thrown ? textOf(thrown) : "Unknown error");
  return { name: String(error.name), message: String(error.message), stack: String(error.stack) };
}

/** @param {unknown} value */
function textOf(value) {
  try {
    return String(value);
  } catch {
    return inspect(value);
  }
}
