/**
 * The Action that is deployed: read again when its file has changed, as a deployment would replace it.
 */
import { stat } from "node:fs/promises";
import { loadAction } from "./runtime.js";

/**
 * @typedef {import("./runtime.js").LoadedAction} LoadedAction
 * @typedef {import("./execution.js").Result} Result
 *
 * @typedef {{ file: string, loaded?: undefined } | { loaded: LoadedAction, file?: undefined }} ActionSource
 *   a file, or an Action that is loaded already and never changes
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
    if (this.#source.loaded) return this.#source.loaded;
    const { file } = this.#source;
    const version = await stat(file).then(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`, () => "none");
    if (!this.#loading || version !== this.#version) {
      const again = this.#version !== undefined;
      this.#version = version;
      this.#loading = loadAction({ file, ...this.#surroundings });
      this.#loading.then(
        () => again && this.#tell(`The Action ${file} is loaded again.`),
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
