import { randomBytes, randomUUID } from "node:crypto";
import { invalidRequest } from "./errors.js";

/** @import { Authenticator, EnrolAttributes, Outcome, State } from "./api.js" */
/** @import { TrackAttributes, UserAttributes, VerificationMethod } from "./api.js" */

/**
 * An action as the Portal lists it.
 * @typedef {object} Action
 * @property {string} code
 * @property {string} name
 * @property {Outcome} defaultOutcome
 */

/**
 * One time that a user did an action: what a track makes, and what a token stands for.
 * @typedef {object} UserAction
 * @property {string} userId
 * @property {string} actionCode
 * @property {string} idempotencyKey
 * @property {State} state
 * @property {string} createdAt
 * @property {string} stateUpdatedAt
 * @property {VerificationMethod} [verificationMethod] the method that succeeded
 * @property {TrackAttributes} attributes as they were tracked
 */

/** @typedef {Pick<UserAction, "userId" | "actionCode" | "idempotencyKey">} UserActionKey */

/** A tenant's data, in memory. */
export class Store {
  settings = {
    authenticatorsConfigured: true,
    /** @type {VerificationMethod[]} */
    verificationMethods: ["AUTHENTICATOR_APP", "EMAIL_OTP", "SMS", "PASSKEY"],
  };
  /** @type {Map<string, Action>} */
  actions = new Map();
  /** @type {Map<string, User>} */
  users = new Map();
  #defaultOutcome;

  /** @param {Outcome} defaultOutcome of an action that is tracked for the first time */
  constructor(defaultOutcome) {
    this.#defaultOutcome = defaultOutcome;
  }

  /**
   * The action of that code, created where it is unknown.
   * @param {string} code
   */
  action(code) {
    const action = this.actions.get(code) ?? { code, name: nameOf(code), defaultOutcome: this.#defaultOutcome };
    this.actions.set(code, action);
    return action;
  }

  /**
   * The user of that id, created where it is unknown.
   * @param {string} userId
   */
  user(userId) {
    const user = this.users.get(userId) ?? new User(userId);
    this.users.set(userId, user);
    return user;
  }

  /**
   * A second track of one idempotency key gives the first one's user action.
   * @param {string} userId
   * @param {string} actionCode
   * @param {TrackAttributes} attributes
   * @returns {UserAction}
   */
  track(userId, actionCode, attributes) {
    const { idempotencyKey = randomUUID() } = attributes;
    const tracked = this.find({ userId, actionCode, idempotencyKey });
    if (tracked) return tracked;

    const user = this.user(userId);
    const { email, phoneNumber, username, locale } = attributes;
    user.update({ email, phoneNumber, username, locale });

    const state = stateOf(this.action(actionCode).defaultOutcome, user);
    const now = new Date().toISOString();
    const created = { userId, actionCode, idempotencyKey, state, createdAt: now, stateUpdatedAt: now, attributes };
    user.actions.set(`${actionCode}/${idempotencyKey}`, created);
    return created;
  }

  /**
   * @param {UserActionKey} key
   * @returns {UserAction | undefined}
   */
  find({ userId, actionCode, idempotencyKey }) {
    return this.users.get(userId)?.actions.get(`${actionCode}/${idempotencyKey}`);
  }

  /**
   * @param {UserAction} action
   * @param {State} state
   */
  setState(action, state) {
    action.state = state;
    action.stateUpdatedAt = new Date().toISOString();
  }

  /**
   * What a person did on the pre-built UI. Success enrols an unenrolled user.
   * @param {UserAction} action
   * @param {"CHALLENGE_SUCCEEDED" | "CHALLENGE_FAILED"} outcome
   * @param {VerificationMethod} [verificationMethod] the user's default one, where not given
   */
  complete(action, outcome, verificationMethod) {
    if (action.state !== "CHALLENGE_REQUIRED" && action.state !== "ALLOW") {
      throw invalidRequest(`The action is ${action.state}: no challenge is open.`);
    }
    if (outcome === "CHALLENGE_SUCCEEDED") {
      const user = this.user(action.userId);
      const method = verificationMethod ?? user.defaultVerificationMethod ?? "AUTHENTICATOR_APP";
      if (!user.isEnrolled) user.enrol({ verificationMethod: method });
      action.verificationMethod = method;
    }
    this.setState(action, outcome);
  }
}

export class User {
  /** @type {UserAttributes & { emailVerified: boolean, phoneNumberVerified: boolean }} */
  attributes = { emailVerified: false, phoneNumberVerified: false };
  /** The default one first. @type {Authenticator[]} */
  authenticators = [];
  /** @type {string[]} */
  recoveryCodes = [];
  /** Oldest first. @type {Map<string, UserAction>} */
  actions = new Map();

  /** @param {string} userId */
  constructor(userId) {
    this.userId = userId;
  }

  get isEnrolled() {
    return this.authenticators.length > 0;
  }

  get enrolledVerificationMethods() {
    return [...new Set(this.authenticators.map((authenticator) => authenticator.verificationMethod))];
  }

  /** @returns {VerificationMethod | undefined} */
  get defaultVerificationMethod() {
    return this.authenticators[0]?.verificationMethod;
  }

  /** @param {UserAttributes} attributes those that are undefined stay as they are */
  update(attributes) {
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
    Object.assign(this.attributes, Object.fromEntries(given));
  }

  /**
   * Adds a verified authenticator; the first one brings recovery codes.
   * @param {EnrolAttributes} attributes
   * @returns {Authenticator}
   */
  enrol({ isDefault, ...attributes }) {
    const { userId } = this;
    const { email, phoneNumber } = attributes;
    if (email) this.update({ email, emailVerified: true });
    if (phoneNumber) this.update({ phoneNumber, phoneNumberVerified: true });
    if (!this.isEnrolled) this.recoveryCodes = Array.from({ length: 5 }, () => randomBytes(5).toString("hex"));

    const now = new Date().toISOString();
    const authenticator = { userId, userAuthenticatorId: randomUUID(), ...attributes, createdAt: now, verifiedAt: now };
    if (isDefault) this.authenticators.unshift(authenticator);
    else this.authenticators.push(authenticator);
    return authenticator;
  }
}

/**
 * Where an unenrolled user's outcome is a challenge or an allow, what is owed is a challenge, though
 * the answer to the track says ALLOW.
 * @param {Outcome} outcome
 * @param {User} user
 * @returns {State}
 */
function stateOf(outcome, user) {
  switch (outcome) {
    case "ALLOW":
      return user.isEnrolled ? "ALLOW" : "CHALLENGE_REQUIRED";
    case "CHALLENGE":
      return "CHALLENGE_REQUIRED";
    case "REVIEW":
      return "REVIEW_REQUIRED";
    case "BLOCK":
      return "BLOCK";
  }
}

/**
 * `auth0-login` shows as "Auth0 Login".
 * @param {string} code
 */
function nameOf(code) {
  return code.split(/[-_]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}
