// The Action's secrets: what the sandbox gives, and what is in a file that may change.

import { readFileSync } from "node:fs";
import { SettingsError } from "./settings.js";

/** @typedef {Record<string, string>} Secrets */

/**
 * The secrets as the file has them now. Where it is broken after a change, that is told once, and what it had
 * before goes on.
 *
 * @param {string} file
 * @param {(line: string) => void} tell
 * @returns {() => Secrets}
 * @throws {SettingsError} where the file is broken from the start
 */
export function secretsOf(file, tell) {
  let text = read(file);
  let secrets = parseSecrets(file, text);
  let problem = "";
  return () => {
    try {
      const now = read(file);
      if (now !== text) {
        secrets = parseSecrets(file, now);
        text = now;
        tell(`${file} is read again.`);
      }
      problem = "";
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      if (message !== problem) tell(`${message} The secrets from before stay.`);
      problem = message;
    }
    return secrets;
  };
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new SettingsError(`SECRETS: ${file} can't be read.`);
  }
}

/**
 * A JSON object of strings, or lines of `NAME=VALUE`, where empty lines and those that start with `#` are
 * nothing, and quotes around a whole value are left out. No message has anything of the content but names.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Secrets}
 */
export function parseSecrets(file, text) {
  return text.trimStart().startsWith("{") ? parseJson(file, text) : parseLines(file, text);
}

/** @param {string} file @param {string} text @returns {Secrets} */
function parseJson(file, text) {
  let secrets;
  try {
    secrets = JSON.parse(text);
  } catch {
    throw new SettingsError(`SECRETS: ${file} is not valid JSON.`);
  }
  for (const [name, value] of Object.entries(secrets)) {
    if (typeof value !== "string") throw new SettingsError(`SECRETS: ${name} in ${file} is not a string.`);
  }
  return secrets;
}

/** @param {string} file @param {string} text @returns {Secrets} */
function parseLines(file, text) {
  /** @type {Secrets} */
  const secrets = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) throw new SettingsError(`SECRETS: line ${index + 1} of ${file} is not NAME=VALUE.`);
    secrets[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return secrets;
}
