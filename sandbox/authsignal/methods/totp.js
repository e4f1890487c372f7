import { generateSecret, generateURI, verifySync } from "otplib";
import qrcode from "qrcode";
import { html } from "../../page.js";
import { codeForm, parseCode } from "../pages/parts.js";

/** @import { Answer, Method } from "./index.js" */
/** @import { Visit } from "../pages/visit.js" */
/** @import { User } from "../store.js" */

/**
 * Six digits that an app computes from a shared secret and the time (RFC 6238).
 * @type {Method}
 */
export const authenticatorApp = {
  code: "AUTHENTICATOR_APP",
  slug: "authenticator-app",
  name: "Authenticator app",
  hint: "A code from an app on your phone",

  isEnrolled: (user) => credentialsOf(user).length > 0,

  async enrolScreen(visit, problem) {
    const secret = secretOf(visit);
    const uri = generateURI({ issuer: "Authsignal sandbox", label: visit.userName, secret });
    const svg = await qrcode.toString(uri, { type: "svg", margin: 2 });
    return {
      heading: "Set up your authenticator app",
      body: html`
        <p>Scan this with your authenticator app, then enter the code that it shows.</p>
        <img
          class="qr"
          src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}"
          alt="QR code of the secret below"
          width="200"
          height="200"
        />
        <details class="secret">
          <summary>Can't scan it?</summary>
          <p>Enter this secret in the app: <code id="totp-secret">${secret}</code></p>
          <p><a id="otpauth-uri" href="${uri}">${uri}</a></p>
        </details>
        ${codeForm({ action: visit.link(`/enrol/${this.slug}`), problem, submit: "Verify" })}
      `,
    };
  },

  enrol(visit, form) {
    const secret = secretOf(visit);
    const totp = { secret };
    const answer = check([totp], form("code"));
    if (answer.kind !== "verified") return answer;
    return { ...answer, attributes: { verificationMethod: this.code }, credential: { totp } };
  },

  challengeScreen(visit, problem) {
    return {
      heading: "Enter the code from your app",
      body: html`
        <p>Open your authenticator app, and enter the code that it shows for <strong>Authsignal sandbox</strong>.</p>
        ${codeForm({ action: visit.link(`/verify/${this.slug}`), problem, submit: "Verify" })}
      `,
    };
  },

  verify: (visit, form) => check(credentialsOf(visit.user), form("code")),
};

/** The secret that this visit enrols. @param {Visit} visit */
function secretOf({ action: { challenge } }) {
  challenge.totpSecret ??= generateSecret();
  return challenge.totpSecret;
}

/** @typedef {{ secret: string, lastTimeStep?: number }} Totp */

/** @param {User} user */
const credentialsOf = (user) =>
  [...user.credentials.values()].flatMap((credential) => ("totp" in credential ? [credential.totp] : []));

/**
 * A code of this time step, the last or the next one, each of which counts once.
 * @param {Totp[]} credentials
 * @param {string} text
 * @returns {Answer}
 */
function check(credentials, text) {
  const code = parseCode(text);
  if (!code) return { kind: "invalid", problem: "The code has 6 digits." };
  for (const totp of credentials) {
    const result = verifySync({ secret: totp.secret, token: code, epochTolerance: 30 });
    if (!result.valid || !("timeStep" in result)) continue;
    if (result.timeStep <= (totp.lastTimeStep ?? 0)) {
      return { kind: "wrong", problem: "This code was used already. Wait for the next one." };
    }
    totp.lastTimeStep = result.timeStep;
    return { kind: "verified" };
  }
  return { kind: "wrong", problem: "This code is wrong." };
}
