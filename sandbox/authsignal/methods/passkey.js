import { createHash } from "node:crypto";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { html } from "../../page.js";
import { problemText } from "../pages/parts.js";

/** @import { Method } from "./index.js" */
/** @import { User, UserAction } from "../store.js" */

/** What passkeys are bound to: WebAuthn takes a name, and no address. */
const RP_ID = "localhost";

/**
 * A passkey, by WebAuthn.
 * @param {string} origin of the pages, as the browser says it
 * @returns {Method}
 */
export const createPasskey = (origin) => ({
  code: "PASSKEY",
  slug: "passkey",
  name: "Passkey",
  hint: "Your fingerprint, face, screen lock or security key",

  isEnrolled: (user) => passkeysOf(user).length > 0,

  async enrolScreen(visit, problem) {
    const { action, user, userName } = visit;
    const options = await generateRegistrationOptions({
      rpName: "Authsignal sandbox",
      rpID: RP_ID,
      userName,
      // WebAuthn takes at most 64 bytes.
      userID: new Uint8Array(createHash("sha256").update(user.userId).digest()),
      attestationType: "none",
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    });
    action.challenge.passkeyChallenge = options.challenge;
    return {
      heading: "Create a passkey",
      body: html`
        <p>Your browser asks for your fingerprint, your face, your screen lock or a security key.</p>
        ${ceremonyForm(visit.link(`/enrol/${this.slug}`), "create", options, problem, "Create a passkey")}
      `,
      scripts: ["/passkey.js"],
    };
  },

  async enrol({ action }, form) {
    const expectedChallenge = takeChallenge(action);
    const response = parse(form("response"));
    if (!response || !expectedChallenge) return unread;
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: RP_ID,
    }).catch(() => ({ registrationInfo: undefined }));
    if (!registrationInfo) return refused;
    return {
      kind: "verified",
      attributes: { verificationMethod: this.code },
      credential: { passkey: registrationInfo.credential },
    };
  },

  async challengeScreen(visit, problem) {
    const options = await generateAuthenticationOptions({
      rpID: RP_ID,
      allowCredentials: passkeysOf(visit.user).map(({ id, transports }) => ({ id, transports })),
      userVerification: "required",
    });
    visit.action.challenge.passkeyChallenge = options.challenge;
    return {
      heading: "Use your passkey",
      body: html`
        <p>Your browser asks for the passkey that you created here.</p>
        ${ceremonyForm(visit.link(`/verify/${this.slug}`), "get", options, problem, "Use your passkey")}
      `,
      scripts: ["/passkey.js"],
    };
  },

  async verify({ action, user }, form) {
    const expectedChallenge = takeChallenge(action);
    const response = parse(form("response"));
    if (!response || !expectedChallenge) return unread;
    const credential = passkeysOf(user).find(({ id }) => id === response.id);
    if (!credential) return refused;
    const verification = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: RP_ID,
      credential,
    }).catch(() => undefined);
    if (!verification?.verified) return refused;
    credential.counter = Math.max(credential.counter, verification.authenticationInfo.newCounter);
    return { kind: "verified" };
  },
});

const unread = /** @type {const} */ ({ kind: "invalid", problem: "The passkey's answer was not read. Try again." });
const refused = /** @type {const} */ ({ kind: "wrong", problem: "This passkey was not accepted." });

/** @param {User} user */
const passkeysOf = (user) =>
  [...user.credentials.values()].flatMap((credential) => ("passkey" in credential ? [credential.passkey] : []));

/**
 * Each challenge is answered once.
 * @param {UserAction} action
 */
function takeChallenge({ challenge }) {
  const { passkeyChallenge } = challenge;
  challenge.passkeyChallenge = undefined;
  return passkeyChallenge;
}

/**
 * What the browser sent; the library checks the rest of its shape.
 * @param {string} text
 * @returns {any}
 */
function parse(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * The form that `passkey-browser.js` fills in; until that is loaded, the form can't be sent.
 * @param {string} action
 * @param {"create" | "get"} ceremony
 * @param {unknown} options
 * @param {string | undefined} problem
 * @param {string} submit
 */
const ceremonyForm = (action, ceremony, options, problem, submit) => html`
  <form
    id="passkey"
    method="post"
    action="${action}"
    data-ceremony="${ceremony}"
    data-options="${JSON.stringify(options)}"
  >
    ${problemText(problem)}
    <input type="hidden" name="response" />
    <button disabled>${submit}</button>
    <noscript><p class="bad">Passkeys need JavaScript.</p></noscript>
  </form>
`;
