/**
 * The `api` of the post-login trigger. Each part is a class with private fields, as Auth0's are: a
 * method that is called without its own `this` throws. Those that give `api` back do so at Auth0 too.
 *
 * The sandbox has none of Auth0's own factors, so an Action that asks for one fails: a login must not go on as if it had
 * been passed. `multifactor`, `samlResponse` and `setPrimaryUser` are checked, and appear in the result's `calls` only.
 * Names of claims that Auth0 restricts are accepted here, as they are there: the tenant leaves them out.
 */
import { GroupsApi, RolesApi } from "./directory-api.js";
import { copy } from "./execution.js";
import { NO_REDIRECT, SCOPE_CHARACTERS } from "./limits.js";
import { SamlResponseApi } from "./saml-api.js";
import { RefreshTokenApi, SessionApi } from "./session-api.js";
import { decodeToken, encodeToken } from "./token.js";

/**
 * @typedef {import("./execution.js").Execution} Execution
 * @typedef {import("./cache.js").Cache} Cache
 */

/** @param {Execution} execution @param {Cache} cache */
export const createApi = (execution, cache) => new PostLoginApi(execution, cache);

class PostLoginApi {
  /** @param {Execution} execution @param {Cache} cache */
  constructor(execution, cache) {
    this.access = new AccessApi(this, execution);
    this.accessToken = new AccessTokenApi(this, execution);
    this.authentication = new AuthenticationApi(this, execution);
    this.cache = new CacheApi(execution, cache);
    this.groups = new GroupsApi(execution);
    this.idToken = new IdTokenApi(this, execution);
    this.multifactor = new MultifactorApi(this, execution);
    this.prompt = new PromptApi(execution);
    this.redirect = new RedirectApi(this, execution);
    this.refreshToken = new RefreshTokenApi(execution);
    this.roles = new RolesApi(execution);
    this.rules = new RulesApi(execution);
    this.samlResponse = new SamlResponseApi(this, execution);
    this.session = new SessionApi(execution);
    this.transaction = new TransactionApi(execution);
    this.user = new UserApi(this, execution);
    this.validation = new ValidationApi(this, execution);
  }
}

class AccessApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} reason */
  deny(reason) {
    this.#execution.called("access.deny", arguments);
    this.#execution.denial = { type: "deny", reason: String(reason ?? "") };
    return this.#api;
  }
}

class IdTokenApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} name @param {unknown} value */
  setCustomClaim(name, value) {
    this.#execution.called("idToken.setCustomClaim", arguments);
    checkClaim(name);
    this.#execution.claims.idToken[name] = copy(value);
    return this.#api;
  }
}

class AccessTokenApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} name @param {unknown} value */
  setCustomClaim(name, value) {
    this.#execution.called("accessToken.setCustomClaim", arguments);
    checkClaim(name);
    this.#execution.claims.accessToken[name] = copy(value);
    return this.#api;
  }

  /** @param {string} scope */
  addScope(scope) {
    this.#execution.called("accessToken.addScope", arguments);
    this.#execution.scopes.push({ type: "add", scope: checkedScope(scope) });
  }

  /** @param {string} scope */
  removeScope(scope) {
    this.#execution.called("accessToken.removeScope", arguments);
    this.#execution.scopes.push({ type: "remove", scope: checkedScope(scope) });
  }
}

/** @param {string} name */
function checkClaim(name) {
  if (name === "scope") throw new Error('The "scope" claim cannot be set.');
}

/** @param {unknown} scope */
function checkedScope(scope) {
  if (typeof scope !== "string" || scope === "") throw new Error("A scope must be a string that is not empty.");
  if (/\s/.test(scope)) throw new Error("A scope must not contain white space.");
  if (scope.length > SCOPE_CHARACTERS) throw new Error(`A scope must have at most ${SCOPE_CHARACTERS} characters.`);
  return scope;
}

class AuthenticationApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} url */
  recordMethod(url) {
    this.#execution.called("authentication.recordMethod", arguments);
    if (this.#execution.handler !== "onContinuePostLogin") {
      throw new Error("recordMethod can only be called in onContinuePostLogin");
    }
    if (!["http:", "https:"].includes(new URL(url).protocol)) {
      throw new Error("recordMethod takes an http or https URL");
    }
    this.#execution.recordedMethods.push({ name: String(url), timestamp: new Date().toISOString() });
    return this.#api;
  }

  /** @param {{ type: string }} factor @param {object} [options] */
  challengeWith(factor, options) {
    this.#execution.called("authentication.challengeWith", arguments);
    throw noFactor("challengeWith");
  }

  /** @param {{ type: string }[]} factors */
  challengeWithAny(factors) {
    this.#execution.called("authentication.challengeWithAny", arguments);
    throw noFactor("challengeWithAny");
  }

  /** @param {{ type: string }} factor @param {object} [options] */
  enrollWith(factor, options) {
    this.#execution.called("authentication.enrollWith", arguments);
    throw noFactor("enrollWith");
  }

  /** @param {{ type: string }[]} factors */
  enrollWithAny(factors) {
    this.#execution.called("authentication.enrollWithAny", arguments);
    throw noFactor("enrollWithAny");
  }

  #hasSetPrimaryUser = false;

  /** @param {string} id */
  setPrimaryUser(id) {
    this.#execution.called("authentication.setPrimaryUser", arguments);
    if (this.#hasSetPrimaryUser) throw new Error("The primary user can only be altered once per transaction");
    if (typeof id !== "string" || id === "") {
      throw new Error("The provided primary_user_id must be a non-empty string");
    }
    this.#hasSetPrimaryUser = true;
  }
}

/** @param {string} method */
const noFactor = (method) =>
  new Error(`The sandbox has none of Auth0's own factors, so api.authentication.${method} can't be tried here.`);

class PromptApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** @param {string} id of a Form @param {{ vars?: object, fields?: object }} [options] */
  render(id, options = {}) {
    this.#execution.called("prompt.render", arguments);
    if (this.#execution.redirect) return this.#execution.abort(TOGETHER);
    if (this.#execution.form) return this.#execution.abort("Only 1 render command per action is allowed.");
    if (typeof id !== "string" || id === "") throw new Error("The id of a Form must be a string that is not empty.");
    this.#execution.form = { type: "form", id, options: /** @type {any} */ (copy(options)) };
  }
}

const TOGETHER = "Redirect and render commands cannot be used in the same action.";

class ValidationApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} code @param {string} message */
  error(code, message) {
    this.#execution.called("validation.error", arguments);
    if (typeof code !== "string" || typeof message !== "string") {
      throw new Error("A validation error has a code and a message, which are strings.");
    }
    this.#execution.denial = { type: "deny", reason: message };
    return this.#api;
  }
}

class RedirectApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} url @param {{ query?: Record<string, string> }} [options] */
  sendUserTo(url, options) {
    this.#execution.called("redirect.sendUserTo", arguments);
    if (this.#execution.form) {
      this.#execution.abort(TOGETHER);
      return this.#api;
    }
    const target = new URL(url);
    // Inherited names too, as Auth0 does.
    for (const name in options?.query) target.searchParams.set(name, options.query[name]);
    this.#execution.redirect = { type: "redirect", url: target.href };
    return this.#api;
  }

  canRedirect() {
    this.#execution.called("redirect.canRedirect", arguments);
    const { request, transaction } = this.#execution.event;
    return request?.query?.prompt !== "none" && !NO_REDIRECT.includes(transaction?.protocol);
  }

  /** @param {{ secret: string, payload?: Record<string, unknown>, expiresInSeconds?: number }} options */
  encodeToken(options) {
    this.#execution.called("redirect.encodeToken", arguments);
    const { request, user } = this.#execution.event;
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + (options.expiresInSeconds ?? 15 * 60);
    return encodeToken(
      { iat, iss: request.hostname, sub: user.user_id, exp, ip: request.ip, ...options.payload },
      options.secret,
    );
  }

  /**
   * The payload of the token that came back: of this tenant, for this user, and with the `state` that came beside it.
   *
   * @param {{ secret: string, tokenParameterName?: string }} options
   */
  validateToken(options) {
    this.#execution.called("redirect.validateToken", arguments);
    const { request, user } = this.#execution.event;
    const parameters = { ...request.query, ...request.body };
    const name = options.tokenParameterName || "session_token";
    if (!parameters[name]) {
      throw new Error(`There is no parameter called '${name}' available in either the POST body or query string.`);
    }
    try {
      const payload = decodeToken(parameters[name], options.secret);
      if (payload.iss !== request.hostname) throw new Error("its iss is another tenant");
      if (payload.sub !== user.user_id) throw new Error("its sub is another user");
      if (payload.state !== parameters.state) throw new Error("its state is another one");
      return payload;
    } catch (error) {
      throw new Error(`The session token is invalid: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** As at Auth0, behind a feature flag. */
const NOT_IMPLEMENTED = "Method not implemented.";

class TransactionApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** @param {string} key @param {string | number | boolean | null} value */
  setMetadata(key, value) {
    this.#execution.called("transaction.setMetadata", arguments);
    this.#execution.setMetadata(key, value);
  }

  /** @param {string} scope */
  addTargetScope(scope) {
    this.#execution.called("transaction.addTargetScope", arguments);
    throw new Error(NOT_IMPLEMENTED);
  }

  /** @param {string} scope */
  removeTargetScope(scope) {
    this.#execution.called("transaction.removeTargetScope", arguments);
    throw new Error(NOT_IMPLEMENTED);
  }

  /** @param {string[]} scopes */
  setTargetScopes(scopes) {
    this.#execution.called("transaction.setTargetScopes", arguments);
    throw new Error(NOT_IMPLEMENTED);
  }

  clearTargetScopes() {
    this.#execution.called("transaction.clearTargetScopes", arguments);
    throw new Error(NOT_IMPLEMENTED);
  }
}

class UserApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} name @param {unknown} value */
  setAppMetadata(name, value) {
    this.#execution.called("user.setAppMetadata", arguments);
    if (!isObject(this.#execution.event.user?.app_metadata)) {
      throw new Error("Unexpected app_metadata format. Must be a valid JSON object");
    }
    this.#execution.user.app_metadata[name] = copy(value);
    return this.#api;
  }

  /** @param {string} name @param {unknown} value */
  setUserMetadata(name, value) {
    this.#execution.called("user.setUserMetadata", arguments);
    if (!isObject(this.#execution.event.user?.user_metadata)) {
      throw new Error("Unexpected user_metadata format. Must be a valid JSON object.");
    }
    this.#execution.user.user_metadata[name] = copy(value);
    return this.#api;
  }
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

class MultifactorApi {
  #api;
  #execution;

  /** @param {PostLoginApi} api @param {Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  /** @param {string} provider @param {Record<string, unknown>} [options] */
  enable(provider, options) {
    this.#execution.called("multifactor.enable", arguments);
    return this.#api;
  }
}

class CacheApi {
  #execution;
  #cache;

  /** @param {Execution} execution @param {Cache} cache */
  constructor(execution, cache) {
    this.#execution = execution;
    this.#cache = cache;
  }

  /** @param {string} key */
  get(key) {
    this.#execution.called("cache.get", arguments);
    return this.#cache.get(key);
  }

  /** @param {string} key @param {string} value @param {{ ttl?: number, expires_at?: number }} [options] */
  set(key, value, options) {
    this.#execution.called("cache.set", arguments);
    return this.#cache.set(key, value, options);
  }

  /** @param {string} key */
  delete(key) {
    this.#execution.called("cache.delete", arguments);
    return this.#cache.delete(key);
  }
}

class RulesApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** @param {string} rule Rules are gone, so none ever was. */
  wasExecuted(rule) {
    this.#execution.called("rules.wasExecuted", arguments);
    return false;
  }
}
