// The handlers that Auth0 calls. Auth0 demands native async functions; everything else is the module's.

import { run } from "./instance.js";

/**
 * One of the caller's options, as far as it can be had.
 * @param {any} options
 * @param {string} name
 */
function given(options, name) {
  try {
    return options[name];
  } catch {}
}

/**
 * Wraps one of the module's hooks so that it always ends. If the module fails, the login is denied. If even that fails,
 * the hook rejects, since to resolve would let the login through.
 * @param {"onExecute" | "onContinue"} hook
 * @param {{ options: any }} [action] whose options are those of every login
 */
function handler(hook, action) {
  /** @param {any} event @param {any} api @param {any} [own] the options of this login */
  return async (event, api, own) => {
    const { options } = action ?? { options: own };
    try {
      await run(hook, event, api, options);
    } catch {
      const reason = given(options, "unavailableMessage");
      api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");
      try {
        if (given(options, "logLevel") !== "silent") {
          console.log("authsignal-auth0: deny, internal_error: the hook failed");
        }
      } catch {}
    }
  };
}

export const handleAuth0ExecutePostLogin = handler("onExecute");
export const handleAuth0ContinuePostLogin = handler("onContinue");

/** @param {any} [options] */
export const createAction = (options) => ({
  onExecutePostLogin: handler("onExecute", { options }),
  onContinuePostLogin: handler("onContinue", { options }),
});

// The options block of a pasted Action stands above this code.
export const { onExecutePostLogin, onContinuePostLogin } = createAction(
  typeof authsignalOptions === "undefined" ? undefined : authsignalOptions,
);
