/**
 * What Actions put into the tokens of a grant, and the login that the grant came from.
 *
 * @typedef {import("./execution.js").Result["claims"]} Claims
 * @typedef {import("./recorder.js").Login} Login
 */
export class GrantedClaims {
  /** @type {Map<string, { claims: Claims, login: Login | undefined }>} */
  #grants = new Map();

  /** @param {string} grantId @param {Claims} claims @param {Login | undefined} login */
  set(grantId, claims, login) {
    this.#grants.set(grantId, { claims, login });
  }

  /** @param {string | undefined} grantId */
  find(grantId) {
    return grantId === undefined ? undefined : this.#grants.get(grantId);
  }
}
