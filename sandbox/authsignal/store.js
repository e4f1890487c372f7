import { randomBytes, randomUUID } from "node:crypto";
import { invalidRequest } from "./errors.js";

/** @import { WebAuthnCredential } from "@simplewebauthn/server" */
/** @import { Authenticator, EnrolAttributes, Outcome, State } from "./api.js" */
/** @import { TrackAttributes, UserAttributes, VerificationMethod } from "./api.js" */

/**
 * An action as the Portal lists it.
 * @typedef {object} Action
 * @property {string} code
 * @property {string} name
 * @property {Outcome} defaultOutcome where no rule decides
 * @property {DeviceRule} [rule]
 */

/**
 * Allows an enrolled user on a device that was challenged for this action in the last `hours`.
 * @typedef {{ ruleId: string, hours: number }} DeviceRule
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
 * @property {string[]} [ruleIds] the rule that decided
 * @property {Challenge} challenge
 */

/**
 * What the pre-built UI keeps of one user action. Nothing of it counts for another one.
 * @typedef {object} Challenge
 * @property {number} wrongCodes
 * @property {Map<VerificationMethod, OneTimeCode>} codes the one that counts of each method
 * @property {string} [totpSecret] of an authenticator app that is being enrolled
 * @property {string} [passkeyChallenge] what the next answer of a passkey has to sign
 */

/** @typedef {{ code: string, to: string, expiresAt: number }} OneTimeCode */

/**
 * An SMS or an email that was sent.
 * @typedef {object} Message
 * @property {"SMS" | "EMAIL_OTP"} verificationMethod
 * @property {string} userId
 * @property {string} to
 * @property {string} code
 * @property {string} sentAt
 */

/**
 * A line of the activity log: a track's answer, a state that was set, or a validation's answer.
 * @typedef {object} Activity
 * @property {string} time
 * @property {"track" | "state" | "validate"} kind
 * @property {string} what
 * @property {string} [userId]
 * @property {string} [actionCode]
 */

/**
 * What an authenticator is verified with. It never leaves the store by the API.
 * @typedef {{ totp: { secret: string, lastTimeStep?: number } } | { passkey: WebAuthnCredential }} Credential
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
  /** Oldest first. @type {Message[]} */
  outbox = [];
  /** Oldest first. @type {Activity[]} */
  activity = [];
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

    const { defaultOutcome, rule } = this.action(actionCode);
    const isAllowed = rule !== undefined && isKnownDevice(user, actionCode, attributes.deviceId, rule.hours);
    const now = new Date().toISOString();
    /** @type {UserAction} */
    const created = {
      userId,
      actionCode,
      idempotencyKey,
      state: isAllowed ? "ALLOW" : stateOf(defaultOutcome, user),
      createdAt: now,
      stateUpdatedAt: now,
      attributes,
      ...(isAllowed && { ruleIds: [rule.ruleId] }),
      challenge: { wrongCodes: 0, codes: new Map() },
    };
    user.actions.set(`${actionCode}/${idempotencyKey}`, created);
    return created;
  }

  /**
   * @param {string} code
   * @param {number | undefined} hours none: no rule
   */
  setRule(code, hours) {
    const action = this.action(code);
    action.rule = hours === undefined ? undefined : { ruleId: action.rule?.ruleId ?? randomUUID(), hours };
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
    this.record("state", state, action);
  }

  /**
   * @param {UserAction} action
   * @returns {boolean} whether a person may still do its challenge
   */
  isOpen({ state }) {
    return state === "CHALLENGE_REQUIRED" || state === "ALLOW";
  }

  /**
   * What a person did on the pre-built UI. Success enrols an unenrolled user.
   * @param {UserAction} action
   * @param {"CHALLENGE_SUCCEEDED" | "CHALLENGE_FAILED"} outcome
   * @param {VerificationMethod} [verificationMethod] the user's default one, where not given
   */
  complete(action, outcome, verificationMethod) {
    if (!this.isOpen(action)) throw invalidRequest(`The action is ${action.state}: no challenge is open.`);
    if (outcome === "CHALLENGE_SUCCEEDED") {
      const user = this.user(action.userId);
      const method = verificationMethod ?? user.defaultVerificationMethod ?? "AUTHENTICATOR_APP";
      if (!user.isEnrolled) user.enrol({ verificationMethod: method });
      action.verificationMethod = method;
    }
    this.setState(action, outcome);
  }

  /** @param {Omit<Message, "sentAt">} message */
  send(message) {
    keep(this.outbox, { ...message, sentAt: new Date().toISOString() });
  }

  /**
   * @param {Activity["kind"]} kind
   * @param {string} what
   * @param {{ userId?: string, actionCode?: string }} [of]
   */
  record(kind, what, { userId, actionCode } = {}) {
    keep(this.activity, { time: new Date().toISOString(), kind, what, userId, actionCode });
  }
}

export class User {
  /** @type {UserAttributes & { emailVerified: boolean, phoneNumberVerified: boolean }} */
  attributes = { emailVerified: false, phoneNumberVerified: false };
  /** The default one first. @type {Authenticator[]} */
  authenticators = [];
  /** By the authenticator's id; none where the API enrolled it. @type {Map<string, Credential>} */
  credentials = new Map();
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
   * @param {Credential} [credential]
   * @returns {Authenticator}
   */
  enrol({ isDefault, ...attributes }, credential) {
    const { userId } = this;
    const { email, phoneNumber } = attributes;
    if (email) this.update({ email, emailVerified: true });
    if (phoneNumber) this.update({ phoneNumber, phoneNumberVerified: true });
    if (!this.isEnrolled) this.recoveryCodes = Array.from({ length: 5 }, () => randomBytes(5).toString("hex"));

    const now = new Date().toISOString();
    const authenticator = { userId, userAuthenticatorId: randomUUID(), ...attributes, createdAt: now, verifiedAt: now };
    if (isDefault) this.authenticators.unshift(authenticator);
    else this.authenticators.push(authenticator);
    if (credential) this.credentials.set(authenticator.userAuthenticatorId, credential);
    return authenticator;
  }

  /**
   * @param {string} userAuthenticatorId
   * @returns {boolean} false where the user has no such authenticator
   */
  remove(userAuthenticatorId) {
    const index = this.authenticators.findIndex((each) => each.userAuthenticatorId === userAuthenticatorId);
    if (index < 0) return false;
    this.authenticators.splice(index, 1);
    this.credentials.delete(userAuthenticatorId);
    return true;
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
 * @param {User} user
 * @param {string} actionCode
 * @param {string | undefined} deviceId
 * @param {number} hours
 */
function isKnownDevice(user, actionCode, deviceId, hours) {
  if (!user.isEnrolled || !deviceId) return false;
  return [...user.actions.values()].some(
    (done) =>
      done.actionCode === actionCode &&
      done.state === "CHALLENGE_SUCCEEDED" &&
      done.attributes.deviceId === deviceId &&
      Date.parse(done.stateUpdatedAt) > Date.now() - hours * 3_600_000,
  );
}

/**
 * Keeps the newest 500, so that a sandbox that runs for days doesn't grow by them.
 * @template T
 * @param {T[]} list
 * @param {T} entry
 */
function keep(list, entry) {
  list.push(entry);
  if (list.length > 500) list.shift();
}

/**
 * `auth0-login` shows as "Auth0 Login".
 * @param {string} code
 */
function nameOf(code) {
  return code
    .split(/[-_]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
