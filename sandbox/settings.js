// What a person may set, by the environment, and what each setting means.

import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const HELP = `Runs your Auth0 Actions on this machine, with an application, an Auth0 tenant and a local Authsignal.

usage: authsignal-auth0-sandbox [--help] [ACTION…]          in its repository: make start

Environment variables:
  PORT=4000             The application's port on localhost. The tenant and Authsignal use the next two ports.
  ACTION=FILE,…         The Actions to run, in this order, if you don't name them as arguments. The default in the
                        repository is pkg/action.js. An Action can require the npm packages that its folder can see.
                        The sandbox reads its file again when it changes.
  SECRETS=FILE          Secrets for the Actions: a file with a JSON object, or with lines of NAME=VALUE. The sandbox
                        adds AUTHSIGNAL_SECRET and AUTHSIGNAL_API_URL, and reads the file again when it changes.
  CONFIGURATION=FILE    The event.configuration of the Actions, as a Marketplace integration has it. The file is like
                        that of SECRETS.
  TENANT=FILE           The tenant's users, connections, organizations, risk assessment, geoip and custom domain, as
                        JSON. tenant.schema.json is the schema, and tenant.example.json is an example. You can change
                        them at the tenant's /settings while the sandbox runs.
  ORIGIN=…              The https addresses where your browser reaches the sandbox, if that is not localhost: those of
                        the application, the tenant and Authsignal, separated by commas. Or one address with {port} in
                        it, such as https://my-codespace-{port}.app.github.dev.
  FRESH=1               Start Authsignal as a new tenant, with nothing set up. Otherwise the action auth0-login is set
                        to Challenge.
  AUTHSIGNAL_API_URL=…  Use this Authsignal tenant instead of the local one, for example https://api.authsignal.com/v1.
                        Requires AUTHSIGNAL_SECRET.
  AUTHSIGNAL_SECRET=…   The secret key of that tenant.

The sandbox listens on loopback only (127.0.0.1 and ::1). It keeps everything in memory and forgets it when it ends.`;

/** Something that a person set is wrong. The message is one line that says what. */
export class SettingsError extends Error {
  name = "SettingsError";
}

const BUILT_ACTION = fileURLToPath(new URL("../pkg/action.js", import.meta.url));
/** Whether this is the repository of the Action, and not the sandbox's own package. */
const isAtHome = existsSync(new URL("../pkg/package.json", import.meta.url));

/**
 * @typedef {object} Settings
 * @property {number} port of the application; the tenant and Authsignal have the next two
 * @property {string[]} actions the Actions' files, in order
 * @property {string} [secretsFile]
 * @property {string} [tenantFile]
 * @property {string[]} origins the public ones of the application, the tenant and Authsignal; none: on localhost
 * @property {string} [configurationFile]
 * @property {boolean} fresh
 * @property {{ apiUrl: string, secret: string }} [remote] an Authsignal tenant elsewhere
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} [files] the Actions, if they are named besides the environment
 * @returns {Settings}
 * @throws {SettingsError}
 */
export function readSettings(env, files = []) {
  const named = files.length > 0 ? files : list(env.ACTION ?? "");
  if (named.length === 0 && !isAtHome) {
    throw new SettingsError(
      "Name the file of your Action: authsignal-auth0-sandbox action.js. --help explains the rest.",
    );
  }
  const actions = named.length > 0 ? named : [BUILT_ACTION];
  for (const action of actions) {
    if (statSync(action, { throwIfNoEntry: false })?.isFile()) continue;
    throw new SettingsError(
      named.length > 0 ? `ACTION: there is no file ${action}.` : "pkg/action.js is not built yet: run make build.",
    );
  }
  return {
    port: readPort(env.PORT || "4000"),
    actions,
    secretsFile: env.SECRETS || undefined,
    tenantFile: env.TENANT || undefined,
    origins: readOrigins(env.ORIGIN ?? ""),
    configurationFile: env.CONFIGURATION || undefined,
    fresh: readSwitch("FRESH", env.FRESH),
    remote: readRemote(env.AUTHSIGNAL_API_URL, env.AUTHSIGNAL_SECRET),
  };
}

/** What is between commas. @param {string} text */
const list = (text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

/** @param {string} text */
function readPort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65533) return port;
  throw new SettingsError(`PORT is a whole number from 1 to 65533, and not ${text}.`);
}

/** @param {string} text */
function readOrigins(text) {
  const given = list(text);
  if (given.length === 0) return [];
  const origins = given.length === 1 && given[0].includes("{port}") ? Array(3).fill(given[0]) : given;
  if (origins.length !== 3) throw new SettingsError("ORIGIN is three addresses, or one with {port} in it.");
  for (const origin of origins) {
    const address = origin.replaceAll("{port}", "4000");
    if (!URL.canParse(address) || new URL(address).protocol !== "https:" || new URL(address).href !== `${address}/`)
      throw new SettingsError(`ORIGIN: ${origin} is not an address such as https://auth.example.com.`);
  }
  return origins;
}

/** @param {string} name @param {string | undefined} text */
function readSwitch(name, text = "") {
  if (["1", "true", "yes"].includes(text)) return true;
  if (["", "0", "false", "no"].includes(text)) return false;
  throw new SettingsError(`${name} is 1 or 0, and not ${text}.`);
}

/** @param {string | undefined} apiUrl @param {string | undefined} secret */
function readRemote(apiUrl, secret) {
  if (!apiUrl && !secret) return undefined;
  if (!apiUrl || !secret) {
    throw new SettingsError("AUTHSIGNAL_API_URL and AUTHSIGNAL_SECRET go together: give both, or none.");
  }
  if (!URL.canParse(apiUrl)) throw new SettingsError("AUTHSIGNAL_API_URL is not a URL.");
  return { apiUrl, secret };
}
