/**
 * The Action that is deployed: loaded again when its file has changed, as a deployment would replace it, or when
 * another version is deployed.
 */
import { stat } from "node:fs/promises";
import { loadAction } from "./runtime.js";

/**
 * @typedef {import("./runtime.js").LoadedAction} LoadedAction
 * @typedef {import("./execution.js").Result} Result
 *
 * @typedef {{ id: string, name: string, code: string }} Deployed a version, which never changes
 *
 * @typedef {{ file: string } | { loaded: LoadedAction } | { deployed: () => Deployed | undefined }} ActionSource
 *   a file, an Action that is loaded already and never changes, or what gives the version that is deployed now:
 *   where that is none, a login goes on as it would without Actions
 * @typedef {Pick<import("./runtime.js").LoadOptions, "modules" | "packagesFrom">} Surroundings
 */

export class DeployedAction {
  #source;
  #surroundings;
  #tell;
  /** @type {string | undefined} */
  #version;
  /** @type {Promise<LoadedAction> | undefined} */
  #loading;

  /** @param {ActionSource} source @param {Surroundings} surroundings @param {(line: string) => void} tell */
  constructor(source, surroundings, tell) {
    this.#source = source;
    this.#surroundings = surroundings;
    this.#tell = tell;
  }

  /**
   * Runs a handler of the file as it is now. An Action that can't be loaded is an error of each
   * execution, and is told once.
   *
   * @param {import("./execution.js").Handler} handler
   * @param {import("./execution.js").Event} event
   * @returns {Promise<Result>}
   */
  async execute(handler, event) {
    let action;
    try {
      action = await this.load();
    } catch (error) {
      return notLoaded(handler, event, error);
    }
    return action.execute(handler, event);
  }

  /** @returns {Promise<LoadedAction>} */
  async load() {
    if ("loaded" in this.#source) return this.#source.loaded;
    const { name, version, ...from } = await find(this.#source);
    if (!this.#loading || version !== this.#version) {
      const again = this.#version !== undefined;
      this.#version = version;
      this.#loading = loadAction({ name, ...from, ...this.#surroundings });
      this.#loading.then(
        () => again && this.#tell(`The Action ${name} is loaded again.`),
        (error) => this.#tell(`The Action can't be loaded: ${error.message}`),
      );
    }
    return this.#loading;
  }

  /** The next execution loads it, changed or not. */
  reload() {
    this.#loading = undefined;
  }
}

/**
 * What there is to load now, and what tells it from what was there before.
 *
 * @param {Exclude<ActionSource, { loaded: LoadedAction }>} source
 * @returns {Promise<import("./runtime.js").Source & { name: string, version: string }>}
 */
async function find(source) {
  if ("file" in source) {
    const { file } = source;
    const version = await stat(file).then(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`, () => "none");
    return { file, name: file, version };
  }
  const { id: version, name, code } = source.deployed() ?? NOTHING;
  return { source: code, name, version };
}

const NOTHING = { id: "none", name: "no Action", code: "exports.onExecutePostLogin = async () => {};" };

/** @param {import("./execution.js").Handler} handler @param {any} event @param {unknown} error @returns {Result} */
function notLoaded(handler, event, error) {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    handler,
    status: "error",
    error: { name, message: `The Action can't be loaded: ${message}`, stack: String(stack) },
    command: null,
    recordedMethods: [],
    metadata: event.transaction?.metadata ?? {},
    claims: { idToken: {}, accessToken: {} },
    calls: [],
    console: [],
    ms: 0,
  };
}
