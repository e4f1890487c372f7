import { randomInt } from "node:crypto";
import { html } from "../../page.js";
import { isPhoneNumber } from "../body.js";
import { codeForm, parseCode, problemAttributes, problemText } from "../pages/parts.js";

/** @import { Answer, Method } from "./index.js" */
/** @import { Visit } from "../pages/visit.js" */
/** @import { Store, User } from "../store.js" */

/**
 * A code that is sent, in an SMS or an email: it counts once, for a while, for the user action that it was sent
 * for, until a newer one is sent.
 * @param {Store} store
 * @param {number} seconds how long a code counts
 * @param {Pick<Method, "slug" | "name" | "hint"> & { code: "SMS" | "EMAIL_OTP", field: "phoneNumber" | "email" }} kind
 * @returns {Method}
 */
export function createOneTimeCode(store, seconds, { code: method, slug, name, hint, field }) {
  const address = ADDRESSES[field];

  return {
    code: method,
    slug,
    name,
    hint,
    isEnrolled: (user) => enrolledAddress(user) !== undefined,

    enrolScreen(visit, problem) {
      const { to, isKnown } = newAddress(visit);
      const action = visit.link(`/enrol/${slug}`);
      if (!to) {
        return {
          heading: `What is your ${address.noun}?`,
          body: html`
            <form method="post" action="${action}">
              ${problemText(problem)}
              <label for="address">${address.label}</label>
              <input
                id="address"
                name="${field}"
                type="${address.type}"
                autocomplete="${address.autocomplete}"
                ${address.placeholder && html`placeholder="${address.placeholder}"`}
                required
                autofocus
                ${problemAttributes(problem)}
              />
              <button>Send a code</button>
            </form>
          `,
        };
      }
      sendUnlessSent(visit, to);
      const change = html`<button class="quiet" name="do" value="change">Use another ${address.noun}</button>`;
      return codeScreen(action, to, problem, !isKnown && change);
    },

    enrol(visit, form) {
      const { to } = newAddress(visit);
      if (!to) {
        const given = address.parse(form(field));
        if (!given) return { kind: "invalid", problem: address.problem };
        send(visit, given);
        return { kind: "next" };
      }
      switch (form("do")) {
        case "again":
          send(visit, to);
          return { kind: "next" };
        case "change":
          visit.action.challenge.codes.delete(method);
          return { kind: "next" };
      }
      const answer = check(visit, to, form("code"));
      if (answer.kind !== "verified") return answer;
      return { ...answer, attributes: { verificationMethod: method, [field]: to } };
    },

    challengeScreen(visit, problem) {
      const to = String(enrolledAddress(visit.user));
      sendUnlessSent(visit, to);
      return codeScreen(visit.link(`/verify/${slug}`), masked(to), problem);
    },

    verify(visit, form) {
      const to = String(enrolledAddress(visit.user));
      if (form("do") === "again") {
        send(visit, to);
        return { kind: "next" };
      }
      return check(visit, to, form("code"));
    },
  };

  /**
   * Where codes go of a user who enrols: what the tenant knows, or what the person gave on this visit.
   * @param {Visit} visit
   */
  function newAddress({ user, action }) {
    const known = user.attributes[field];
    return { to: known || action.challenge.codes.get(method)?.to, isKnown: Boolean(known) };
  }

  /** @param {User} user */
  function enrolledAddress(user) {
    const authenticator = user.authenticators.find((each) => each.verificationMethod === method);
    return authenticator && (authenticator[field] || user.attributes[field] || undefined);
  }

  /**
   * @param {Visit} visit
   * @param {string} to
   */
  function send({ action }, to) {
    const code = String(randomInt(1_000_000)).padStart(6, "0");
    action.challenge.codes.set(method, { code, to, expiresAt: Date.now() + seconds * 1000 });
    store.send({ verificationMethod: method, userId: action.userId, to, code });
  }

  /**
   * A page that is loaded again sends no second code.
   * @param {Visit} visit
   * @param {string} to
   */
  function sendUnlessSent(visit, to) {
    if (!sent(visit, to)) send(visit, to);
  }

  /**
   * The code that counts. One that went elsewhere, before the user had this address, doesn't.
   * @param {Visit} visit
   * @param {string} to
   */
  function sent({ action }, to) {
    const code = action.challenge.codes.get(method);
    return code && code.to === to && Date.now() < code.expiresAt ? code : undefined;
  }

  /**
   * @param {Visit} visit
   * @param {string} to
   * @param {string} text
   * @returns {Answer}
   */
  function check(visit, to, text) {
    const code = parseCode(text);
    if (!code) return { kind: "invalid", problem: "The code has 6 digits." };
    const expected = sent(visit, to);
    // The screen that says so sends the new one.
    if (!expected) return { kind: "invalid", problem: "This code has expired. A new one was sent." };
    if (code !== expected.code) return { kind: "wrong", problem: "This code is wrong." };
    visit.action.challenge.codes.delete(method);
    return { kind: "verified" };
  }
}

/**
 * @param {string} action
 * @param {string} to
 * @param {string | undefined} problem
 * @param {import("../../page.js").Html | false} [other]
 */
const codeScreen = (action, to, problem, other) => ({
  heading: "Enter the code we sent",
  body: html`
    <p>
      It went to <strong>${to}</strong>: in this sandbox, to
      <a href="/portal/outbox" target="_blank">the Portal's outbox</a>.
    </p>
    ${codeForm({ action, problem, submit: "Verify" })}
    <form class="row" method="post" action="${action}">
      <button class="quiet" name="do" value="again">Send a new code</button>
      ${other}
    </form>
  `,
});

/**
 * As much of an address as its owner needs to know it: who only has the password learns no more.
 * @param {string} to
 */
export const masked = (to) =>
  to.includes("@") ? to.replace(/^(.).*(?=@)/, "$1•••") : to.replace(/^.*(?=\d{3}$)/, "•••");

const ADDRESSES = {
  phoneNumber: {
    noun: "phone number",
    label: "Phone number, with the country's code",
    type: "tel",
    autocomplete: "tel",
    placeholder: "+64 21 123 4567",
    problem: "Enter a phone number that starts with + and the country's code.",
    /** @param {string} text */
    parse(text) {
      const number = text.replace(/[\s().-]/g, "");
      return isPhoneNumber(number) ? number : undefined;
    },
  },
  email: {
    noun: "email address",
    label: "Email address",
    type: "email",
    autocomplete: "email",
    placeholder: undefined,
    problem: "Enter an email address.",
    /** @param {string} text */
    parse(text) {
      const email = text.trim();
      return /^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254 ? email : undefined;
    },
  },
};

/**
 * What a phone number or an email address enrols, where the text is one.
 * @param {string} text
 */
export function parseAddress(text) {
  const email = ADDRESSES.email.parse(text);
  if (email) return { verificationMethod: /** @type {const} */ ("EMAIL_OTP"), email };
  const phoneNumber = ADDRESSES.phoneNumber.parse(text);
  return phoneNumber ? { verificationMethod: /** @type {const} */ ("SMS"), phoneNumber } : undefined;
}
