import { createOneTimeCode } from "./otp.js";
import { createPasskey } from "./passkey.js";
import { authenticatorApp } from "./totp.js";

/** @import { EnrolAttributes, VerificationMethod } from "../api.js" */
/** @import { Html } from "../../page.js" */
/** @import { Visit } from "../pages/visit.js" */
/** @import { Credential, Store, User } from "../store.js" */

/**
 * One way to verify a user on the pre-built UI.
 * @typedef {object} Method
 * @property {VerificationMethod} code
 * @property {string} slug its place in the page's path
 * @property {string} name
 * @property {string} hint what it takes
 * @property {(user: User) => boolean} isEnrolled whether the user can be challenged with it here
 * @property {(visit: Visit, problem?: string) => Screen | Promise<Screen>} enrolScreen
 * @property {(visit: Visit, form: Form) => Answer | Promise<Answer>} enrol
 * @property {(visit: Visit, problem?: string) => Screen | Promise<Screen>} challengeScreen
 * @property {(visit: Visit, form: Form) => Answer | Promise<Answer>} verify
 */

/** @typedef {{ heading: string, body: Html, scripts?: string[] }} Screen */

/** What a form sent: the empty string, where it sent no such field. @typedef {(name: string) => string} Form */

/**
 * - `verified`: it was right; at enrolment, with what is enrolled by it
 * - `next`: the method's next screen
 * - `invalid`: nothing was tried, for this reason
 * - `wrong`: it was tried, and counts
 * @typedef {(
 *   { kind: "verified", attributes?: EnrolAttributes, credential?: Credential } |
 *   { kind: "next" } |
 *   { kind: "invalid" | "wrong", problem: string }
 * )} Answer
 */

/**
 * Every method that the pre-built UI has.
 * @param {{ store: Store, origin: string, codeSeconds: number }} sandbox
 * @returns {Method[]}
 */
export const createMethods = ({ store, origin, codeSeconds }) => [
  authenticatorApp,
  createPasskey(origin),
  createOneTimeCode(store, codeSeconds, {
    code: "SMS",
    slug: "sms",
    name: "Text message",
    hint: "A code sent to your phone",
    field: "phoneNumber",
  }),
  createOneTimeCode(store, codeSeconds, {
    code: "EMAIL_OTP",
    slug: "email",
    name: "Email",
    hint: "A code sent to your email address",
    field: "email",
  }),
];
