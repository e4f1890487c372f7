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
 */
export class Sessions {
  /** @type {Map<string, Session>} */
  #sessions = new Map();

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

  /** @param {string} uid */
  end(uid) {
    this.#sessions.delete(uid);
  }
}
