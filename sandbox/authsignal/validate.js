import { Router } from "express";
import { isNonEmpty, isText, known } from "./body.js";
import { invalidRequest } from "./errors.js";
import { TokenError } from "./tokens.js";

/** @import { ValidateResponse } from "./api.js" */
/** @import { Store } from "./store.js" */
/** @import { Tokens } from "./tokens.js" */

/**
 * What became of the challenge that a token stands for.
 * @param {Store} store
 * @param {Tokens} tokens
 */
export function validateRoutes(store, tokens) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.post("/validate", async (req, res) => {
    const { token, action, userId } = known(req.body, { token: isNonEmpty, action: isText, userId: isText });
    if (token === undefined) throw invalidRequest("token is required.");
    const response = await validate(token, action, userId);
    const { isValid, state, error } = response;
    store.record("validate", error ?? (isValid ? "valid" : `not valid: ${state}`), response);
    res.json(response);
  });

  return routes;

  /**
   * @param {string} token
   * @param {string} [action]
   * @param {string} [userId]
   * @returns {Promise<ValidateResponse>}
   */
  async function validate(token, action, userId) {
    try {
      const tracked = await tokens.open(token);
      if (action !== undefined && action !== tracked.actionCode) return { isValid: false, error: "ACTION_MISMATCH" };
      if (userId !== undefined && userId !== tracked.userId) return { isValid: false, error: "USER_MISMATCH" };
      const { state, stateUpdatedAt, actionCode, idempotencyKey, verificationMethod } = tracked;
      return {
        isValid: state === "CHALLENGE_SUCCEEDED",
        state,
        stateUpdatedAt,
        userId: tracked.userId,
        actionCode,
        idempotencyKey,
        verificationMethod,
      };
    } catch (error) {
      if (error instanceof TokenError) return { isValid: false, error: error.code };
      throw error;
    }
  }
}
