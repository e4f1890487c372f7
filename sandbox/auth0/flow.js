/**
 * The flow of Actions at the post-login trigger, in its order. Each Action has a warm process and a cache of its own.
 */
import { basename, dirname, resolve } from "node:path";
import { DeployedAction } from "./action.js";

/**
 * @typedef {import("./action.js").Version} Version
 *
 * @typedef {{ file: string, packagesFrom?: string } | { loaded: import("./runtime.js").LoadedAction, name?: string }
 *   | { deployed: () => Version[] }} ActionSource
 *   a file, read again when it changes, with the npm packages of its own folder or of another one; an Action that is
 *   loaded already, and stays in this thread; or what gives the versions that are deployed now
 *
 * @typedef {object} Step one Action of the flow
 * @property {string} id its own in the flow, across changes of its code
 * @property {string} name
 * @property {Record<string, string>} [secrets] if it has its own
 * @property {DeployedAction["execute"]} execute
 */

export class Flow {
  #sources;
  #modules;
  #tell;
  /** @type {Map<string, DeployedAction>} */
  #actions = new Map();

  /**
   * @param {ActionSource[]} sources
   * @param {import("./runtime.js").LoadOptions["modules"]} modules
   * @param {(line: string) => void} tell
   */
  constructor(sources, modules, tell) {
    this.#sources = sources;
    this.#modules = modules;
    this.#tell = tell;
  }

  /** The Actions as they are now. @returns {Step[]} */
  steps() {
    return this.#sources.flatMap((source, index) => {
      if ("deployed" in source) {
        return source
          .deployed()
          .map((version) => this.#step(`deployed ${version.name}`, version.name, version, version.secrets));
      }
      const name = "file" in source ? basename(source.file) : (source.name ?? `Action ${index + 1}`);
      return this.#step(`${index} ${name}`, name, source);
    });
  }

  /** Loads them, so that what can't be loaded is told at once. */
  async load() {
    this.steps();
    await Promise.allSettled([...this.#actions.values()].map((action) => action.load()));
  }

  /** The next login loads them again, changed or not. */
  reload() {
    for (const action of this.#actions.values()) action.reload();
  }

  /** Ends their threads at once. */
  async close() {
    await Promise.all([...this.#actions.values()].map((action) => action.close()));
  }

  /**
   * @param {string} id
   * @param {string} name
   * @param {import("./action.js").OneAction & { packagesFrom?: string }} source
   * @param {Record<string, string>} [secrets]
   * @returns {Step}
   */
  #step(id, name, source, secrets) {
    const packagesFrom = "file" in source ? (source.packagesFrom ?? dirname(resolve(source.file))) : undefined;
    const action =
      this.#actions.get(id) ?? new DeployedAction(source, { modules: this.#modules, packagesFrom }, this.#tell);
    this.#actions.set(id, action);
    action.source = source;
    return { id, name, ...(secrets && { secrets }), execute: (...args) => action.execute(...args) };
  }
}
