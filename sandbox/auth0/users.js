/**
 * The users of the tenant's one database connection.
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
 */

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

export class Users {
  #users;
  /** @type {Map<string, number>} */
  #logins = new Map();

  /** @param {User[]} users */
  constructor(users) {
    this.#users = users;
  }

  /** @param {string} id */
  find(id) {
    return this.#users.find(({ user_id }) => user_id === id);
  }

  /** The user with this email and this password. @param {unknown} email @param {unknown} password */
  authenticate(email, password) {
    if (typeof email !== "string" || typeof password !== "string") return undefined;
    const name = email.trim().toLowerCase();
    return this.#users.find((user) => user.email.toLowerCase() === name && user.password === password);
  }

  /** One login more. Gives how many there are now. @param {User} user */
  countLogin({ user_id }) {
    const count = this.loginsCount({ user_id }) + 1;
    this.#logins.set(user_id, count);
    return count;
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
