// The handlers that Auth0 calls. Auth0 demands native async functions; everything else is the module's.

import { execute, resume } from "./instance.js";

/** Auth0's options block of a pasted Action, which stands above this code. */
/* global authsignalOptions */

/**
 * What the user reads where the module itself failed: the caller's words, if they can be had.
 * @param {any} options
 */
const reason = (options) => {
  try {
    const message = options.unavailableMessage;
    if (typeof message === "string") return message;
  } catch {}
  return "MFA is unavailable";
};

/**
 * Wraps one of the module's hooks so that it always ends: where the module fails, the login is denied,
 * and where even that fails, the hook rejects, since to resolve would let the login through.
 * @param {import("./instance.js").Hook} hook
 */
const handler = (hook) => {
  /** @param {any} event @param {any} api @param {any} [options] */
  return async (event, api, options) => {
    try {
      await hook(event, api, options);
    } catch {
      api.access.deny(reason(options));
      try {
        console.log("authsignal-auth0: deny, internal_error: the module failed, and is started anew");
      } catch {}
    }
  };
};

export const handleAuth0ExecutePostLogin = handler(execute);
export const handleAuth0ContinuePostLogin = handler(resume);

/** @param {any} [options] */
export const createAction = (options) => ({
  /** @param {any} event @param {any} api */
  onExecutePostLogin: async (event, api) => handleAuth0ExecutePostLogin(event, api, options),
  /** @param {any} event @param {any} api */
  onContinuePostLogin: async (event, api) => handleAuth0ContinuePostLogin(event, api, options),
});

export const { onExecutePostLogin, onContinuePostLogin } = createAction(
  typeof authsignalOptions === "undefined" ? undefined : authsignalOptions,
);
