// A tenant out of a file: its users, connections, organizations, and what Auth0 would know of each login.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { SettingsError } from "./settings.js";

/** @typedef {import("./auth0/directory.js").Settings & { users?: import("./auth0/users.js").User[] }} TenantSettings */

const schema = JSON.parse(readFileSync(new URL("./tenant.schema.json", import.meta.url), "utf8"));
const validate = new Ajv().compile(schema);

/**
 * @param {string} file
 * @returns {TenantSettings}
 * @throws {SettingsError}
 */
export function readTenant(file) {
  return checkTenant(parse(file), file);
}

/**
 * @param {unknown} settings
 * @param {string} source what it came from, for the message
 * @returns {TenantSettings}
 * @throws {SettingsError}
 */
export function checkTenant(settings, source) {
  const problem = problemOf(settings, source);
  if (problem) throw new SettingsError(`TENANT: ${problem}`);
  return /** @type {TenantSettings} */ (settings);
}

/**
 * What is wrong with settings, in a sentence that names the field; nothing, if they are right.
 * @param {unknown} settings
 * @param {string} source what it came from
 * @returns {string | undefined}
 */
export function problemOf(settings, source) {
  if (!validate(settings)) {
    const [{ instancePath, message, params }] = validate.errors ?? [];
    const place = instancePath || "the whole";
    const detail = params.additionalProperty ?? params.allowedValues?.join(", ");
    return `${place} of ${source} ${detail ? `${message}: ${detail}` : message}.`;
  }
  const { users = [], connections } = /** @type {TenantSettings} */ (settings);
  const names = connections?.map(({ name }) => name);
  const lost = users.find(({ connection }) => connection !== undefined && !names?.includes(connection));
  return lost && `the connection ${lost.connection} of ${lost.user_id} is not in ${source}.`;
}

/** @param {string} file */
function parse(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new SettingsError(`TENANT: ${file} can't be read.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingsError(`TENANT: ${file} is not valid JSON.`);
  }
}
