/**
 * The words of Authsignal's API, and the shapes that its official client expects.
 * @import * as Client from "@authsignal/node"
 */

/** @satisfies {readonly State[]} */
export const STATES = /** @type {const} */ ([
  "ALLOW",
  "BLOCK",
  "CHALLENGE_REQUIRED",
  "CHALLENGE_SUCCEEDED",
  "CHALLENGE_FAILED",
  "REVIEW_REQUIRED",
  "REVIEW_SUCCEEDED",
  "REVIEW_FAILED",
]);

/** @satisfies {readonly VerificationMethod[]} */
export const VERIFICATION_METHODS = /** @type {const} */ ([
  "SMS",
  "WHATSAPP",
  "EMAIL_OTP",
  "EMAIL_MAGIC_LINK",
  "AUTHENTICATOR_APP",
  "PASSKEY",
  "SECURITY_KEY",
  "PUSH",
  "DEVICE",
  "RECOVERY_CODE",
  "VERIFF",
  "IPROOV",
  "IDVERSE",
  "PALM_BIOMETRICS_RR",
]);

/** What an action may be set to in the Portal. */
export const OUTCOMES = /** @type {const} */ (["ALLOW", "CHALLENGE", "REVIEW", "BLOCK"]);

/**
 * A type of the client as it is on the wire, where an enum is its string.
 * @template T
 * @typedef {T extends string ? `${T}` : T extends object ? { [K in keyof T]: Wire<T[K]> } : T} Wire
 */

/** @typedef {typeof OUTCOMES[number]} Outcome */
/** @typedef {Wire<Client.UserActionState>} State */
/** @typedef {Wire<Client.VerificationMethod>} VerificationMethod */
/** @typedef {Wire<Client.TrackAttributes>} TrackAttributes */
/** @typedef {Wire<Client.TrackResponse>} TrackResponse */
/** @typedef {Omit<Wire<Client.ValidateChallengeResponse>, "action"> & { actionCode?: string }} ValidateResponse */
/** @typedef {Wire<Client.UserAttributes>} UserAttributes */
/** @typedef {Wire<Client.GetUserResponse>} UserResponse */
/** @typedef {Wire<Client.UserAuthenticator>} Authenticator */
/** @typedef {Wire<Client.EnrollVerifiedAuthenticatorAttributes>} EnrolAttributes */
/** @typedef {Wire<Client.EnrollVerifiedAuthenticatorResponse>} EnrolResponse */
/** @typedef {Wire<Client.GetActionResponse>} ActionResponse */
/** @typedef {Wire<Client.QueryUserActionsResponse>} ActionsResponse */
