/**
 * A stand-in for the Auth0 Actions runtime: the post-login trigger, version 3.
 *
 * It loads any Action by its file or text, and runs its handlers as Auth0 does: see
 * {@link loadAction} and `Action.execute`. It knows nothing of what the Action is for. A tenant calls
 * `execute` for each Action of the trigger, and applies the result.
 *
 * Read on in `compile.js` (how the source is wrapped), `execution.js` (what an execution collects, and
 * the type of the result), `api.js` (the `api` object), `observe.js` (how its requests are watched),
 * `thread.js` (the same in a thread of its own) and `limits.js`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { readFile } from "node:fs/promises";
import { createApi } from "./api.js";
import { Cache } from "./cache.js";
import { compileAction, compileModule, createActionRequire, once } from "./compile.js";
import { createConsole } from "./console.js";
import { Execution } from "./execution.js";
import { EXECUTION_MS } from "./limits.js";
import { observeRequests } from "./observe.js";

export { ActionCompileError } from "./compile.js";

/**
 * @typedef {import("./execution.js").Handler} Handler
 * @typedef {import("./execution.js").Event} Event
 * @typedef {import("./execution.js").Result} Result
 * @typedef {Action} LoadedAction
 *
 * @typedef {{ file: string, source?: undefined } | { file?: undefined, source: string }} Source
 * @typedef {object} LoadOptions
 * @property {string} [name] the Action's name in stack traces and errors; its file's, where not given
 * @property {Record<string, Source & { secrets?: Record<string, string> }>} [modules] Actions Modules,
 *   which the Action reaches with `require("actions:NAME")`. A module doesn't reach other modules
 * @property {string} [packagesFrom] the folder whose npm packages the Action can `require`
 *
 * @typedef {object} ExecuteOptions
 * @property {{ methods: import("./execution.js").RecordedMethod[] }} [session] the browser session: its
 *   methods are added to `event.authentication.methods`, and it keeps what the execution records. A
 *   tenant that does both by itself leaves it out
 * @property {number} [timeoutMs] what is left of the trigger's 20 s
 * @property {import("./observe.js").Observer} [observer] sees the requests that the Action sends
 */

/** The execution took longer than it may. */
export class ActionTimeoutError extends Error {
  name = "ActionTimeoutError";

  /** @param {number} ms */
  constructor(ms) {
    super(`The Action did not end within ${ms} ms`);
  }
}

/**
 * Compiles an Action. Its body runs later, at the first execution.
 *
 * Throws an `ActionCompileError` with the file and the line where the Action or one of its modules
 * does not compile, and a `RangeError` where its source is larger than 100 kB.
 *
 * @example
 * const action = await loadAction({ file: "pkg/action.js" });
 * const { status, command } = await action.execute("onExecutePostLogin", event);
 *
 * @param {Source & LoadOptions} options
 * @returns {Promise<LoadedAction>}
 */
export async function loadAction({ name, modules = {}, packagesFrom, ...from }) {
  /** @type {AsyncLocalStorage<Execution>} */
  const running = new AsyncLocalStorage();
  const console = createConsole(() => running.getStore()?.console);

  /** @type {Map<string, () => unknown>} */
  const loaders = new Map();
  for (const [id, { secrets = {}, ...source }] of Object.entries(modules)) {
    const scope = { require: createActionRequire(packagesFrom), secrets, console };
    loaders.set(`actions:${id}`, compileModule(await read(source), source.file ?? `actions:${id}`, scope));
  }
  const require = createActionRequire(packagesFrom, loaders);
  const initialize = compileAction(await read(from), name ?? from.file ?? "action.js", require);

  return new Action(
    running,
    once(() => {
      const module = { exports: /** @type {any} */ ({}) };
      initialize(module, module.exports, console);
      return module.exports;
    }),
  );
}

/** A loaded Action: what Auth0 keeps in a warm process. It serves many executions, interleaved. */
class Action {
  #running;
  #body;
  #cache = new Cache();

  /**
   * @param {AsyncLocalStorage<Execution>} running
   * @param {() => any} body runs the Action's body once, and gives its exports or throws its error
   */
  constructor(running, body) {
    this.#running = running;
    this.#body = body;
  }

  /**
   * Runs one handler. The Action works on a copy of `event`, which has to be plain data. Whatever the
   * Action does wrong is in the result; only a mistake of the caller rejects.
   *
   * The result stands when the handler has settled or the time is over: what the Action still calls
   * then is ignored, and so is what it prints. Only a handler that gives way to the event loop can be
   * left behind at that moment; one that computes without a pause is waited for, then timed out.
   *
   * @param {Handler} handler
   * @param {Event} event
   * @param {ExecuteOptions} [options]
   * @returns {Promise<Result>}
   */
  async execute(handler, event, { session, timeoutMs = EXECUTION_MS, observer } = {}) {
    if (handler !== "onExecutePostLogin" && handler !== "onContinuePostLogin") {
      throw new TypeError(`The post-login trigger has no handler ${handler}`);
    }
    const execution = new Execution(handler, event, session?.methods ?? []);
    const api = createApi(execution, this.#cache);
    const handle = async () => getHandler(this.#body(), handler)(execution.event, api);
    const run = () => observeRequests(observer, () => this.#running.run(execution, handle));
    try {
      await within(timeoutMs, run);
      if (execution.ms > timeoutMs) throw new ActionTimeoutError(timeoutMs);
    } catch (error) {
      return execution.result(error);
    }
    const result = execution.result();
    session?.methods.push(...structuredClone(result.recordedMethods));
    return result;
  }
}

/**
 * The URL of a redirect as the browser gets it: with Auth0's own `state`, whatever the Action's said.
 *
 * @param {string} url
 * @param {string} state
 */
export function withState(url, state) {
  const target = new URL(url);
  target.searchParams.set("state", state);
  return target.href;
}

/** @param {Source} source */
async function read({ file, source }) {
  if ((file === undefined) === (source === undefined)) throw new TypeError("Give either a file or a source");
  return source ?? readFile(/** @type {string} */ (file), "utf8");
}

/**
 * The texts are Auth0's, since these are what people search for.
 *
 * @param {any} exports
 * @param {Handler} name
 * @returns {(event: Event, api: object) => Promise<unknown>}
 */
function getHandler(exports, name) {
  if (typeof exports !== "object" || exports === null) throw new Error("The Action must export an object.");
  const handler = exports[name];
  if (typeof handler !== "function" || handler.constructor?.name !== "AsyncFunction") {
    throw new Error(
      `Invalid function signature for the "${name}" handler. Use "exports.${name} = async function(event, api) { }" as the signature.`,
    );
  }
  return handler;
}

/**
 * @template T
 * @param {number} ms
 * @param {() => Promise<T>} work
 */
async function within(ms, work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const expired = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new ActionTimeoutError(ms)), ms);
  });
  try {
    return await Promise.race([work(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
