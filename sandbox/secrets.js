// The Action's secrets and its configuration, from files that may change.

import { readFileSync } from "node:fs";
import { SettingsError } from "./settings.js";

/** @typedef {Record<string, string>} Texts */
/** @typedef {"SECRETS" | "CONFIGURATION"} Setting which messages name */

/**
 * The texts that the file has now, by their names. If a change breaks the file, that is told once, and what it had
 * before goes on.
 *
 * @param {Setting} setting
 * @param {string} file
 * @param {(line: string) => void} tell
 * @returns {() => Texts}
 * @throws {SettingsError} if the file is broken from the start
 */
export function textsOf(setting, file, tell) {
  let text = read(setting, file);
  let texts = parse(setting, file, text);
  let problem = "";
  return () => {
    try {
      const now = read(setting, file);
      if (now !== text) {
        texts = parse(setting, file, now);
        text = now;
        tell(`${file} is read again.`);
      }
      problem = "";
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      if (message !== problem) tell(`${message} What the file had before goes on.`);
      problem = message;
    }
    return texts;
  };
}

/** @param {Setting} setting @param {string} file */
function read(setting, file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new SettingsError(`${setting}: ${file} can't be read.`);
  }
}

/**
 * A JSON object of strings, or lines of `NAME=VALUE`, where empty lines and those that start with `#` are
 * nothing, and quotes around a whole value are left out. No message has anything of the content but names.
 *
 * @param {Setting} setting
 * @param {string} file
 * @param {string} text
 * @returns {Texts}
 */
function parse(setting, file, text) {
  return text.trimStart().startsWith("{") ? parseJson(setting, file, text) : parseLines(setting, file, text);
}

/** @param {Setting} setting @param {string} file @param {string} text @returns {Texts} */
function parseJson(setting, file, text) {
  let texts;
  try {
    texts = JSON.parse(text);
  } catch {
    throw new SettingsError(`${setting}: ${file} is not valid JSON.`);
  }
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value !== "string") throw new SettingsError(`${setting}: ${name} in ${file} is not a string.`);
  }
  return texts;
}

/** @param {Setting} setting @param {string} file @param {string} text @returns {Texts} */
function parseLines(setting, file, text) {
  /** @type {Texts} */
  const texts = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) throw new SettingsError(`${setting}: line ${index + 1} of ${file} is not NAME=VALUE.`);
    texts[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return texts;
}
