import { Router } from "express";
import { isNonEmpty, isText, known } from "./body.js";
import { invalidRequest } from "./errors.js";
import { TokenError } from "./tokens.js";

/** @import { ValidateResponse } from "./api.js" */
/** @import { Tokens } from "./tokens.js" */

/**
 * What became of the challenge that a token stands for.
 * @param {Tokens} tokens
 */
export function validateRoutes(tokens) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.post("/validate", async (req, res) => {
    const { token, action, userId } = known(req.body, { token: isNonEmpty, action: isText, userId: isText });
    if (token === undefined) throw invalidRequest("token is required.");
    res.json(await validate(token, action, userId));
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
      const { attributes, createdAt, ...challenge } = await tokens.open(token);
      if (action !== undefined && action !== challenge.actionCode) return { isValid: false, error: "ACTION_MISMATCH" };
      if (userId !== undefined && userId !== challenge.userId) return { isValid: false, error: "USER_MISMATCH" };
      return { isValid: challenge.state === "CHALLENGE_SUCCEEDED", ...challenge };
    } catch (error) {
      if (error instanceof TokenError) return { isValid: false, error: error.code };
      throw error;
    }
  }
}
