// Authsignal's pre-built UI: enrolment, and challenge.

import { generateSync } from "otplib";
import { toNextPage } from "./next-page.js";
import { addPasskeys, passkeysOf } from "./passkeys.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {typeof METHODS[number]} Method */
export const METHODS = /** @type {const} */ (["Authenticator app", "Text message", "Email", "Passkey"]);

/**
 * What a person has besides their password.
 * @typedef {object} Owns
 * @property {string} email
 * @property {string} phoneNumber
 * @property {{ secret: string, lastStep: number }} [app] an authenticator app
 * @property {import("./passkeys.js").Passkey[]} [passkeys]
 */

export class Challenge {
  #page;
  #portal;
  #owns;

  /** @param {Page} page @param {import("./portal.js").Portal} portal @param {Owns} owns */
  constructor(page, portal, owns) {
    this.#page = page;
    this.#portal = portal;
    this.#owns = owns;
  }

  /** From the choice of a method to the end of the enrolment. @param {Method} method */
  async enrol(method) {
    await this.choose(method);
    switch (method) {
      case "Authenticator app":
        this.#owns.app = { secret: String(await this.#page.locator("#totp-secret").textContent()), lastStep: 0 };
        return this.enter(this.#appCode());
      case "Text message":
        await this.givePhoneNumber();
        return this.enter(await this.#portal.codeSentTo(this.#owns.phoneNumber));
      case "Email":
        return this.enter(await this.#portal.codeSentTo(this.#owns.email));
      case "Passkey": {
        const authenticator = await addPasskeys(this.#page, []);
        await this.#press("Create a passkey");
        this.#owns.passkeys = await passkeysOf(authenticator);
      }
    }
  }

  /** Through the challenge that is on the screen. @param {Method} method */
  async pass(method) {
    switch (method) {
      case "Authenticator app":
        return this.enter(this.#appCode());
      case "Text message":
        return this.enter(await this.#portal.codeSentTo(this.#owns.phoneNumber));
      case "Email":
        return this.enter(await this.#portal.codeSentTo(this.#owns.email));
      case "Passkey":
        await addPasskeys(this.#page, this.#owns.passkeys ?? []);
        return this.#press("Use your passkey");
    }
  }

  /** One of the methods that there are, or another one than that on the screen. @param {Method} method */
  async choose(method) {
    await toNextPage(this.#page, () => this.#page.getByRole("link", { name: method }).click());
  }

  async givePhoneNumber() {
    await this.#page.getByLabel("Phone number").fill(this.#owns.phoneNumber);
    await this.#press("Send a code");
  }

  /** @param {string} code */
  async enter(code) {
    await this.#page.getByLabel("Code", { exact: true }).fill(code);
    await this.#press("Verify");
  }

  async leave() {
    await toNextPage(this.#page, () => this.#page.getByRole("link", { name: "Back to the application" }).click());
  }

  /** @param {string} button */
  async #press(button) {
    await toNextPage(this.#page, () => this.#page.getByRole("button", { name: button }).click());
  }

  /** A code counts once: a second one in the same half minute is that of the next. */
  #appCode() {
    if (!this.#owns.app) throw new Error("There is no authenticator app.");
    const { secret, lastStep } = this.#owns.app;
    const step = Math.max(Math.floor(Date.now() / 30_000), lastStep + 1);
    this.#owns.app.lastStep = step;
    return generateSync({ secret, epoch: step * 30 });
  }
}
