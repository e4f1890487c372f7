import { randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";

/** @import { Store, UserAction } from "./store.js" */

/** @typedef {ReturnType<typeof createTokens>} Tokens */

/** Why a token doesn't open a challenge. */
export class TokenError extends Error {
  /** @param {"TOKEN_INVALID" | "TOKEN_EXPIRED"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * The challenge tokens of one process: JWTs, signed with a key that ends with it.
 * @param {Store} store
 * @param {number} seconds how long a token lives
 */
export function createTokens(store, seconds) {
  const key = randomBytes(32);

  return {
    /**
     * @param {UserAction} action
     * @returns {Promise<string>}
     */
    sign({ userId, actionCode, idempotencyKey }) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ actionCode, idempotencyKey })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .sign(key);
    },

    /**
     * The user action that a token stands for.
     * @param {string} token
     * @returns {Promise<UserAction>}
     * @throws {TokenError}
     */
    async open(token) {
      const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"] }).catch((error) => {
        throw new TokenError(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
      });
      const { sub, actionCode, idempotencyKey } = /** @type {Record<string, string>} */ (payload);
      const action = store.find({ userId: sub, actionCode, idempotencyKey });
      if (!action) throw new TokenError("TOKEN_INVALID");
      return action;
    },
  };
}
