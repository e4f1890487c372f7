// The tenant's Actions: each with a draft that is built, versions that never change, and bindings to triggers.

import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { ActionCompileError, compileAction } from "../compile.js";
import { RUNTIMES, TRIGGERS } from "./body.js";
import { ManagementError, notFound } from "./errors.js";

/**
 * @typedef {import("./body.js").ActionBody} ActionBody
 * @typedef {{ name: string, value: string, updated_at: string }} Secret
 *
 * @typedef {object} Content what a draft and a version have
 * @property {string} code
 * @property {{ name: string, version: string, registry_url?: string }[]} dependencies
 * @property {string} runtime
 * @property {Secret[]} secrets
 *
 * @typedef {object} BuildState
 * @property {"pending" | "building" | "built" | "failed"} status
 * @property {string} [built_at]
 * @property {{ id: string, msg: string }[]} [errors] why the build failed
 *
 * @typedef {Content & { id: string, number: number, deployed: boolean, built_at?: string, created_at: string,
 *   updated_at: string }} Version
 *
 * @typedef {object} Action
 * @property {string} id
 * @property {string} name
 * @property {import("./body.js").TriggerBody[]} supported_triggers
 * @property {Content & BuildState} draft
 * @property {Version[]} versions the newest first
 * @property {string} created_at
 * @property {string} updated_at
 *
 * @typedef {{ id: string, trigger_id: string, display_name: string, action: Action, created_at: string,
 *   updated_at: string }} Binding
 * @typedef {{ id: string, name: string, code: string, secrets: Record<string, string> }} Deployed what runs at a
 *   trigger
 */

export class Store {
  /** @type {Map<string, Action>} */
  #actions = new Map();
  /** @type {Map<string, Binding[]>} */
  #bindings = new Map([...TRIGGERS.keys()].map((id) => [id, []]));
  #build;

  /** @param {() => Promise<unknown>} [build] what takes the time of a build */
  constructor(build = () => setImmediate()) {
    this.#build = build;
  }

  get actions() {
    return [...this.#actions.values()];
  }

  /** @param {string} id */
  action(id) {
    const action = this.#actions.get(id);
    if (!action) throw notFound("That action does not exist.");
    return action;
  }

  /** @param {ActionBody} body with a name and a trigger */
  create(body) {
    const now = new Date().toISOString();
    if (this.actions.some(({ name }) => name === body.name)) throw nameTaken();
    /** @type {Action} */
    const action = {
      id: randomUUID(),
      name: /** @type {string} */ (body.name),
      supported_triggers: [],
      draft: {
        code: "",
        dependencies: [],
        runtime: /** @type {string} */ (RUNTIMES.at(-1)),
        secrets: [],
        status: "pending",
      },
      versions: [],
      created_at: now,
      updated_at: now,
    };
    this.#change(action, body, now);
    this.#actions.set(action.id, action);
    return action;
  }

  /** @param {string} id @param {ActionBody} body */
  update(id, body) {
    const action = this.action(id);
    if (this.actions.some((other) => other !== action && other.name === body.name)) throw nameTaken();
    this.#change(action, body, new Date().toISOString());
    return action;
  }

  /** @param {string} id @param {boolean} force also where it is bound */
  delete(id, force) {
    this.action(id);
    for (const [trigger, bindings] of this.#bindings) {
      const others = bindings.filter(({ action }) => action.id !== id);
      if (others.length < bindings.length && !force)
        throw new ManagementError(409, "Unable to delete an action bound to a trigger.");
      this.#bindings.set(trigger, others);
    }
    this.#actions.delete(id);
  }

  /** Makes a version of the draft; it runs from now on. @param {string} id */
  deploy(id) {
    const { draft, versions } = this.action(id);
    if (draft.status !== "built")
      throw new ManagementError(400, "A draft must be in the 'built' state before it can be deployed.");
    return this.#publish(versions, draft);
  }

  /** Makes a version that is like an earlier one. @param {string} id @param {string} versionId */
  deployVersion(id, versionId) {
    return this.#publish(this.action(id).versions, this.version(id, versionId));
  }

  /** @param {string} id @param {string} versionId */
  version(id, versionId) {
    const version = this.action(id).versions.find((each) => each.id === versionId);
    if (!version) throw notFound("That action version does not exist.");
    return version;
  }

  /** @param {string} trigger */
  bindings(trigger) {
    const bindings = this.#bindings.get(trigger);
    if (!bindings) throw notFound("That trigger does not exist.");
    return bindings;
  }

  /**
   * The whole list, in its order: what is not in it is bound no more.
   * @param {string} trigger
   * @param {import("./body.js").BindingBody[]} wanted
   */
  bind(trigger, wanted) {
    const before = this.bindings(trigger);
    const now = new Date().toISOString();
    const after = wanted.map(({ ref, display_name }) => {
      const binding = before.find(
        ({ id, action }) => ref.value === { binding_id: id, action_id: action.id, action_name: action.name }[ref.type],
      );
      const action =
        binding?.action ?? this.actions.find(({ id, name }) => ref.value === (ref.type === "action_name" ? name : id));
      if (!action) throw notFound(`There is no action ${ref.value}.`);
      if (!action.versions.some(({ deployed }) => deployed))
        throw new ManagementError(400, "Trying to create a binding for an action that has not been deployed yet");
      if (!action.supported_triggers.some(({ id }) => id === trigger))
        throw new ManagementError(400, `The action ${action.name} does not support the trigger ${trigger}`);
      const { id, created_at } = binding ?? { id: randomUUID(), created_at: now };
      return {
        id,
        trigger_id: trigger,
        display_name: display_name ?? action.name,
        action,
        created_at,
        updated_at: now,
      };
    });
    if (new Set(after.map(({ action }) => action)).size < after.length)
      throw new ManagementError(400, "An action can be bound to a trigger only once");
    this.#bindings.set(trigger, after);
    return after;
  }

  /**
   * What runs at a trigger, in its order. Copies, with the secrets' values, which the API never gives.
   *
   * @param {string} trigger
   * @returns {Deployed[]}
   */
  deployed(trigger) {
    return this.bindings(trigger).map(({ action }) => {
      const { id, code, secrets } = /** @type {Version} */ (action.versions.find(({ deployed }) => deployed));
      return {
        id,
        name: action.name,
        code,
        secrets: Object.fromEntries(secrets.map(({ name, value }) => [name, value])),
      };
    });
  }

  /**
   * What the body has takes the place of what was there, whole lists too, and the draft is built again.
   * @param {Action} action
   * @param {ActionBody} body
   * @param {string} now
   */
  #change(action, body, now) {
    const { code, dependencies, runtime, secrets } = action.draft;
    /** @type {Content & BuildState} */
    const draft = {
      code: body.code ?? code,
      dependencies: body.dependencies ?? dependencies,
      runtime: body.runtime ?? runtime,
      secrets: body.secrets?.map((secret) => newSecret(secret, secrets, now)) ?? secrets,
      status: "pending",
    };
    const triggers = body.supported_triggers?.map(({ id, version = TRIGGERS.get(id) }) => ({ id, version }));
    Object.assign(action, {
      name: body.name ?? action.name,
      supported_triggers: triggers ?? action.supported_triggers,
      draft,
      updated_at: now,
    });
    void this.#buildDraft(draft, action.name);
  }

  /** A build only sees that the code compiles. @param {Content & BuildState} draft @param {string} name */
  async #buildDraft(draft, name) {
    await this.#build();
    try {
      compileAction(draft.code, name, /** @type {any} */ (undefined));
      Object.assign(draft, { status: "built", built_at: new Date().toISOString() });
    } catch (error) {
      if (!(error instanceof ActionCompileError)) throw error;
      Object.assign(draft, { status: "failed", errors: [{ id: "compile_error", msg: error.message }] });
    }
  }

  /** @param {Version[]} versions @param {Content} content @returns {Version} */
  #publish(versions, { code, dependencies, runtime, secrets }) {
    const now = new Date().toISOString();
    const version = {
      ...structuredClone({ code, dependencies, runtime, secrets }),
      id: randomUUID(),
      number: versions.length + 1,
      deployed: true,
      built_at: now,
      created_at: now,
      updated_at: now,
    };
    for (const each of versions) each.deployed = false;
    versions.unshift(version);
    return version;
  }
}

const nameTaken = () => new ManagementError(409, "An action with this name exists already.");

/** @param {import("./body.js").SecretBody} secret @param {Secret[]} before @param {string} now @returns {Secret} */
function newSecret({ name, value }, before, now) {
  if (value !== undefined) return { name, value, updated_at: now };
  const kept = before.find((each) => each.name === name);
  if (!kept) throw new ManagementError(400, `The secret ${name} is new and has no value`);
  return kept;
}
