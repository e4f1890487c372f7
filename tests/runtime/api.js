// Auth0's `api` where a test calls a handler itself: it keeps the calls in their order.

/** @typedef {[method: string, ...args: unknown[]]} Call */

/**
 * Each part has a private field, as Auth0's have: a method that is called without its own `this` throws.
 * @param {Record<string, any>} [parts] replaces parts; `undefined` removes them
 */
export const createApi = (parts = {}) => {
  /** @type {Call[]} */
  const calls = [];

  class Part {
    #api;
    /** @param {object} api */
    constructor(api) {
      this.#api = api;
    }

    /** @param {Call} call */
    keep(...call) {
      calls.push(call);
      return this.#api;
    }
  }
  class Access extends Part {
    /** @param {unknown[]} args */
    deny(...args) {
      return this.keep("deny", ...args);
    }
  }
  class Authentication extends Part {
    /** @param {unknown[]} args */
    recordMethod(...args) {
      return this.keep("recordMethod", ...args);
    }
  }
  class Redirect extends Part {
    /** @param {unknown[]} args */
    sendUserTo(...args) {
      return this.keep("sendUserTo", ...args);
    }
  }
  class Transaction extends Part {
    /** @param {unknown[]} args */
    setMetadata(...args) {
      this.keep("setMetadata", ...args);
    }
  }

  class Token extends Part {
    #name;
    /** @param {object} api @param {string} name */
    constructor(api, name) {
      super(api);
      this.#name = name;
    }
    /** @param {unknown[]} args */
    setCustomClaim(...args) {
      return this.keep(`${this.#name}.setCustomClaim`, ...args);
    }
  }

  const api = {};
  Object.assign(api, {
    access: new Access(api),
    authentication: new Authentication(api),
    redirect: new Redirect(api),
    transaction: new Transaction(api),
    idToken: new Token(api, "idToken"),
    accessToken: new Token(api, "accessToken"),
    ...parts,
  });
  return { api, calls };
};
