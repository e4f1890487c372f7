/**
 * What Auth0 keeps beside the login itself in a browser session: the methods that Actions recorded.
 * `uid` is the session's; the cookie's value is another one.
 *
 * @typedef {import("./execution.js").RecordedMethod} RecordedMethod
 *
 * @typedef {object} Session
 * @property {string} uid
 * @property {string} userId
 * @property {number} authenticatedAt in milliseconds
 * @property {RecordedMethod[]} methods
 * @property {Record<string, string>} [metadata] that Actions set
 */
export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** @type {Set<string>} */
  #revoked = new Set();

  /**
   * The session, as of this user's login. A session of another user under the same id begins anew.
   *
   * @param {string} uid
   * @param {string} userId
   * @param {number | undefined} loginTs in seconds
   * @returns {Session}
   */
  open(uid, userId, loginTs) {
    const known = this.#sessions.get(uid);
    const session = known?.userId === userId ? known : { uid, userId, authenticatedAt: 0, methods: [] };
    if (loginTs !== undefined) session.authenticatedAt = loginTs * 1000;
    this.#sessions.set(uid, session);
    return session;
  }

  /** @param {string | undefined} uid @returns {Session | undefined} */
  find(uid) {
    return uid === undefined ? undefined : this.#sessions.get(uid);
  }

  /** The user has to enter the password again. @param {string | undefined} uid */
  revoke(uid) {
    if (uid === undefined) return;
    this.#revoked.add(uid);
    this.end(uid);
  }

  /** @param {string} uid */
  isRevoked(uid) {
    return this.#revoked.has(uid);
  }

  /** The user has entered the password. @param {string} uid */
  restore(uid) {
    this.#revoked.delete(uid);
  }

  /** @param {string} uid */
  end(uid) {
    this.#sessions.delete(uid);
  }
}
