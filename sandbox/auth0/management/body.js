// What the Management API takes, and how it words what it refuses.

import { SECRETS, SOURCE_BYTES } from "../limits.js";
import { invalidBody, invalidQuery, ManagementError } from "./errors.js";

/** The runtimes that an Action may ask for; the last one is what it gets where it doesn't. */
export const RUNTIMES = ["node12", "node16", "node18-actions", "node18", "node22"];
/** The triggers that this tenant has, with the version that is current. */
export const TRIGGERS = new Map([["post-login", "v3"]]);

/**
 * @typedef {{ name: string, value?: string }} SecretBody without a value it keeps the one that it has
 * @typedef {{ id: string, version?: string }} TriggerBody
 * @typedef {object} ActionBody
 * @property {string} [name]
 * @property {TriggerBody[]} [supported_triggers]
 * @property {string} [code]
 * @property {{ name: string, version: string, registry_url?: string }[]} [dependencies]
 * @property {string} [runtime]
 * @property {SecretBody[]} [secrets]
 * @property {object[]} [modules] only the empty list: this tenant has no Actions Modules
 *
 * @typedef {{ ref: { type: "action_name" | "action_id" | "binding_id", value: string },
 *   display_name?: string }} BindingBody
 */

const FIELDS = {
  name: "string",
  supported_triggers: "array",
  code: "string",
  dependencies: "array",
  runtime: "string",
  secrets: "array",
  modules: "array",
};

/**
 * The body of a new Action, or of a change to one.
 *
 * @param {unknown} body
 * @param {{ required?: readonly string[] }} [options]
 * @returns {ActionBody}
 */
export function actionBody(body, { required = [] } = {}) {
  const action = object(body, FIELDS, required);
  if (action.name?.trim() === "") throw invalidBody("String is too short (0 chars), minimum 1 on property name");
  for (const secret of action.secrets ?? []) {
    object(secret, { name: "string", value: "string" }, ["name"]);
    if ((secret.value ?? "").length > SECRETS.valueCharacters) {
      throw invalidBody(
        `String is too long (${secret.value.length} chars), maximum ${SECRETS.valueCharacters} on property secrets.value`,
      );
    }
  }
  if ((action.secrets ?? []).length > SECRETS.entries) {
    throw invalidBody(`Array is too long (${action.secrets.length}), maximum ${SECRETS.entries} on property secrets`);
  }
  for (const dependency of action.dependencies ?? [])
    object(dependency, { name: "string", version: "string", registry_url: "string" }, ["name", "version"]);
  if ((action.modules ?? []).length > 0) throw new ManagementError(400, "This tenant has no Actions Modules");
  for (const trigger of action.supported_triggers ?? []) {
    object(trigger, { id: "string", version: "string" }, ["id"]);
    const version = TRIGGERS.get(trigger.id);
    if (version === undefined)
      throw invalidBody(`No enum match for: "${trigger.id}" on property supported_triggers.id`);
    if (trigger.version !== undefined && trigger.version !== version)
      throw new ManagementError(400, `This tenant has ${trigger.id} ${version} and not ${trigger.version}`);
  }
  if (action.supported_triggers && action.supported_triggers.length !== 1)
    throw invalidBody("An action has exactly one trigger on property supported_triggers");
  if (action.runtime !== undefined && !RUNTIMES.includes(action.runtime))
    throw invalidBody(`No enum match for: "${action.runtime}" on property runtime`);
  const bytes = Buffer.byteLength(action.code ?? "");
  if (bytes > SOURCE_BYTES) throw invalidBody(`The code has ${bytes} bytes, maximum ${SOURCE_BYTES} on property code`);
  return action;
}

/** @param {unknown} body @returns {BindingBody[]} */
export function bindingsBody(body) {
  const { bindings } = object(body, { bindings: "array" }, ["bindings"]);
  for (const binding of bindings) {
    // Secrets of a binding are for partners' integrations, which this tenant has none of.
    object(binding, { ref: "object", display_name: "string", secrets: "array" }, ["ref"]);
    object(binding.ref, { type: "string", value: "string" }, ["type", "value"]);
    if (!["action_name", "action_id", "binding_id"].includes(binding.ref.type)) {
      throw invalidBody(`No enum match for: "${binding.ref.type}" on property ref.type`);
    }
  }
  return bindings;
}

/**
 * A page of a list, as the query asks for it.
 *
 * @template T
 * @param {Record<string, unknown>} query
 * @param {T[]} all
 * @param {readonly string[]} [filters] what else the query may have
 */
export function page(query, all, filters = []) {
  for (const name of Object.keys(query)) {
    if (!["page", "per_page", ...filters].includes(name))
      throw invalidQuery(`Additional properties not allowed: ${name}`);
  }
  const number = whole("page", query.page ?? "0", 0, Number.MAX_SAFE_INTEGER);
  const size = whole("per_page", query.per_page ?? "50", 1, 100);
  return { items: all.slice(number * size, (number + 1) * size), total: all.length, page: number, per_page: size };
}

/** @param {string} name @param {unknown} text @param {number} least @param {number} most */
function whole(name, text, least, most) {
  const value = typeof text === "string" && /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw invalidQuery(`Expected a whole number from ${least} to ${most} on property ${name}`);
}

/**
 * An object with these fields of these types, and no others.
 *
 * @param {any} value
 * @param {Record<string, string>} fields
 * @param {readonly string[]} required
 * @returns {any}
 */
function object(value, fields, required) {
  if (typeOf(value) !== "object") throw invalidBody(`Expected type object but found type ${typeOf(value)}`);
  for (const name of required) {
    if (value[name] === undefined) throw invalidBody(`Missing required property: ${name}`);
  }
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(fields, name)) throw invalidBody(`Additional properties not allowed: ${name}`);
    if (typeOf(field) !== fields[name])
      throw invalidBody(`Expected type ${fields[name]} but found type ${typeOf(field)} on property ${name}`);
  }
  return value;
}

/** @param {unknown} value */
const typeOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
