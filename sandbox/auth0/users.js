/**
 * The users of the tenant.
 *
 * @typedef {object} User
 * @property {string} user_id
 * @property {string} email
 * @property {string} password
 * @property {string} name
 * @property {string} [nickname]
 * @property {string} [given_name]
 * @property {string} [family_name]
 * @property {string} [phone_number]
 * @property {string} [connection] its name; the tenant's first one, if not given
 * @property {string[]} [roles]
 * @property {string} [created_at] as ISO 8601; when the tenant started, if not given
 * @property {string} [updated_at]
 * @property {Record<string, unknown>} [app_metadata] what it has at the start
 * @property {Record<string, unknown>} [user_metadata]
 */
import { isDeepStrictEqual } from "node:util";

/** @type {User[]} */
export const USERS = [
  {
    user_id: "auth0|ada",
    email: "ada@example.com",
    password: "sandbox",
    name: "Ada Byron",
    nickname: "ada",
    given_name: "Ada",
    family_name: "Byron",
  },
  {
    user_id: "auth0|bob",
    email: "bob@example.com",
    password: "sandbox",
    name: "Bob Marsh",
    nickname: "bob",
    given_name: "Bob",
    family_name: "Marsh",
  },
];

/**
 * What of a user is theirs: neither the password nor what the tenant says of them elsewhere.
 * @param {User} user
 */
export const profileOf = ({ password: _, connection: __, roles: ___, ...profile }) => profile;

/** What the tenant itself sets or changes of a user. */
const KEPT = /** @type {const} */ (["created_at", "updated_at", "app_metadata", "user_metadata"]);

/** @typedef {User & Required<Pick<User, typeof KEPT[number]>>} KnownUser */

export class Users {
  /** @type {KnownUser[]} */
  #users = [];
  /** @type {User[]} the users as they were given */
  #given = [];
  /** @type {Map<string, number>} */
  #logins = new Map();

  /** @param {User[]} users */
  constructor(users) {
    this.replace(users);
  }

  /**
   * These users and no others. What the tenant and its Actions changed of a user stays, except for the fields that are
   * given otherwise than before.
   * @param {User[]} users
   */
  replace(users) {
    const now = new Date().toISOString();
    const given = structuredClone(users);
    this.#users = structuredClone(given).map((user) => {
      const known = this.find(user.user_id);
      const before = this.#given.find(({ user_id }) => user_id === user.user_id);
      const kept = KEPT.filter((field) => known && before && isDeepStrictEqual(user[field], before[field]));
      return {
        created_at: now,
        updated_at: user.created_at ?? now,
        app_metadata: {},
        user_metadata: {},
        ...user,
        ...Object.fromEntries(kept.map((field) => [field, known?.[field]])),
      };
    });
    this.#given = given;
  }

  /** These users, as if nobody had ever logged in. @param {User[]} users */
  reset(users) {
    this.#given = [];
    this.#logins.clear();
    this.replace(users);
  }

  /** @returns {readonly KnownUser[]} */
  get all() {
    return this.#users;
  }

  /** @param {string} id */
  find(id) {
    return this.#users.find(({ user_id }) => user_id === id);
  }

  /**
   * The user with this email and this password, of those who may log in here.
   *
   * @param {unknown} email
   * @param {unknown} password
   * @param {(user: User) => boolean} [may]
   */
  authenticate(email, password, may = () => true) {
    if (typeof email !== "string" || typeof password !== "string") return undefined;
    const name = email.trim().toLowerCase();
    return this.#users.find((user) => user.email.toLowerCase() === name && user.password === password && may(user));
  }

  /** One login more. Gives how many there are now. @param {User} user */
  countLogin({ user_id }) {
    const count = this.loginsCount({ user_id }) + 1;
    this.#logins.set(user_id, count);
    this.#touch(user_id);
    return count;
  }

  /**
   * Changes a user's metadata. Null removes an entry.
   * @param {{ user_id: string }} user
   * @param {import("./execution.js").Result["user"]} changes
   */
  setMetadata({ user_id }, changes) {
    const user = this.find(user_id);
    if (!user) return;
    for (const part of /** @type {const} */ (["app_metadata", "user_metadata"])) {
      const entries = Object.entries(changes[part]);
      for (const [name, value] of entries) {
        if (value === null) delete user[part][name];
        else user[part][name] = value;
      }
      if (entries.length > 0) this.#touch(user_id);
    }
  }

  /** @param {string} id */
  #touch(id) {
    const user = this.find(id);
    if (user) user.updated_at = new Date().toISOString();
  }

  /** @param {{ user_id: string }} user */
  loginsCount({ user_id }) {
    return this.#logins.get(user_id) ?? 0;
  }

  /** What the login page tells, since this is a sandbox. */
  get hint() {
    return this.#users.map(({ email, password }) => ({ email, password }));
  }
}
