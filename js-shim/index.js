// The handlers that Auth0 calls. Auth0 demands native async functions; everything else is the module's.

import { noWebAssembly, run } from "./instance.js";
import { log } from "./log.js";
import { given } from "./options.js";

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
      return frozen(await run(hook, event, api, options));
    } catch (error) {
      const reason = given(options, "unavailableMessage");
      api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");
      if (given(options, "logLevel") !== "silent") {
        const why = error === noWebAssembly ? "no WebAssembly in this process, or no memory for it" : "the hook failed";
        log(`authsignal-auth0: deny, internal_error: ${why}`, undefined, options);
      }
      return frozen({ outcome: "deny", code: "internal_error" });
    }
  };
}

/** @param {object} outcome which may have a list in it */
function frozen(outcome) {
  Object.values(outcome).forEach(Object.freeze);
  return Object.freeze(outcome);
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
