/**
 * An Action of the flow: loaded again when its file has changed, as a deployment would replace it, when
 * another version is deployed, or when its thread has ended.
 */
import { stat } from "node:fs/promises";
import { nothing } from "./execution.js";
import { startAction } from "./thread.js";

/**
 * @typedef {import("./runtime.js").LoadedAction} LoadedAction
 * @typedef {import("./thread.js").ActionThread} ActionThread
 * @typedef {import("./execution.js").Result} Result
 *
 * @typedef {{ id: string, name: string, code: string, secrets?: Record<string, string> }} Version of a deployed
 *   Action; it never changes
 *
 * @typedef {{ file: string } | { loaded: LoadedAction } | Version} OneAction
 *   a file, an Action that is loaded already and never changes, or a version that is deployed. An Action that is loaded
 *   already stays in this thread
 * @typedef {Pick<import("./runtime.js").LoadOptions, "modules" | "packagesFrom">} Surroundings
 */

export class DeployedAction {
  #surroundings;
  #tell;
  /** @type {string | undefined} */
  #version;
  /** @type {Promise<ActionThread> | undefined} */
  #loading;

  /** @param {OneAction} source may become another one @param {Surroundings} surroundings @param {(line: string) => void} tell */
  constructor(source, surroundings, tell) {
    this.source = source;
    this.#surroundings = surroundings;
    this.#tell = tell;
  }

  /**
   * Runs a handler of the file as it is now. An Action that can't be loaded is an error of each
   * execution, and is told once.
   *
   * @param {import("./execution.js").Handler} handler
   * @param {import("./execution.js").Event} event
   * @param {{ observer?: import("./observe.js").Observer, timeoutMs?: number }} options
   * @returns {Promise<Result>}
   */
  async execute(handler, event, options) {
    let action;
    try {
      action = await this.load();
    } catch (error) {
      return failed(handler, event, "The Action can't be loaded", error);
    }
    try {
      return await action.execute(handler, event, options);
    } catch (error) {
      return failed(handler, event, "The Action's process ended", error);
    }
  }

  /** @returns {Promise<LoadedAction | ActionThread>} */
  async load() {
    if ("loaded" in this.source) return this.source.loaded;
    const { name, version, ...from } = await find(this.source);
    if (!this.#loading || version !== this.#version) {
      const again = this.#version !== undefined;
      this.reload();
      this.#version = version;
      const loading = startAction({ name, ...from, ...this.#surroundings });
      this.#loading = loading;
      loading.then(
        async ({ ended }) => {
          if (again) this.#tell(`The Action ${name} is loaded again.`);
          await ended;
          if (this.#loading === loading) this.#loading = undefined;
        },
        (error) => this.#tell(`The Action can't be loaded: ${error.message}`),
      );
    }
    return this.#loading;
  }

  /** The next execution loads it, changed or not. Those that are running end as they would. */
  reload() {
    this.#loading?.then(
      ({ retire }) => retire(),
      () => {},
    );
    this.#loading = undefined;
  }

  /** Ends its thread at once. */
  async close() {
    await this.#loading?.then(
      ({ close }) => close(),
      () => {},
    );
  }
}

/**
 * What there is to load now, and what tells it from what was there before.
 *
 * @param {Exclude<OneAction, { loaded: LoadedAction }>} source
 * @returns {Promise<import("./runtime.js").Source & { name: string, version: string }>}
 */
async function find(source) {
  if ("file" in source) {
    const { file } = source;
    const version = await stat(file).then(
      ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
      () => "none",
    );
    return { file, name: file, version };
  }
  const { id: version, name, code } = source;
  return { source: code, name, version };
}

/**
 * @param {import("./execution.js").Handler} handler
 * @param {any} event
 * @param {string} what
 * @param {unknown} error
 * @returns {Result}
 */
function failed(handler, event, what, error) {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    handler,
    status: "error",
    error: { name, message: `${what}: ${message}`, stack: String(stack) },
    ...nothing(event.transaction?.metadata ?? {}),
    calls: [],
    console: [],
    ms: 0,
  };
}
