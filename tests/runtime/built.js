// The built files, and ways to load a copy of them that shares nothing with another: it compiles its own
// module, and it has its own retry budget and breaker.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { loadAction } from "../../sandbox/auth0/runtime.js";

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(`../../pkg/${name}`, import.meta.url));

export const files = {
  cjs: path("index.cjs"),
  mjs: path("index.mjs"),
  action: path("action.js"),
  manifest: path("package.json"),
};

const require = createRequire(import.meta.url);

/**
 * @typedef {(event: any, api: any, options?: any) => Promise<any>} Handler
 * @typedef {object} Package
 * @property {Handler} handleAuth0ExecutePostLogin
 * @property {Handler} handleAuth0ContinuePostLogin
 * @property {(options?: any) => { onExecutePostLogin: Handler, onContinuePostLogin: Handler }} createAction
 * @property {Handler} onExecutePostLogin
 * @property {Handler} onContinuePostLogin
 */

/**
 * A fresh copy of the package.
 * @returns {Package}
 */
export const loadPackage = () => {
  delete require.cache[files.cjs];
  return require(files.cjs);
};

/**
 * A fresh copy of the package as an ES module.
 * @returns {Promise<Package>}
 */
export const importPackage = () => import(`../../pkg/index.mjs?${++copies}`);
let copies = 0;

/**
 * The text of the pasted Action with these options in its block, as JavaScript.
 * @param {string} options
 */
export const actionText = (options) =>
  readFileSync(files.action, "utf8").replace(
    /^const authsignalOptions = \{[^]*?^\};$/m,
    () => `const authsignalOptions = ${options};`,
  );

/**
 * The pasted Action with these options, loaded as Auth0 does.
 * @param {Record<string, unknown>} [options]
 */
export const loadPastedAction = (options = {}) => loadAction({ source: actionText(JSON.stringify(options)) });
