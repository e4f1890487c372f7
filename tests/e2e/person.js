// A person in front of a browser: what they do and see at the application, at Auth0 and at Authsignal.

import assert from "node:assert/strict";
import { Challenge } from "./challenge.js";
import { toNextPage } from "./next-page.js";
import { Portal } from "./portal.js";

/**
 * @typedef {import("../../sandbox/start.js").Sandbox} Sandbox
 * @typedef {import("playwright-core").Page} Page
 * @typedef {{ email: string, password: string }} Credentials
 */

export class Person {
  /** @type {URL[]} the addresses that the browser went to, with those that only redirected */
  #visits = [];

  /**
   * @param {Page} page
   * @param {Sandbox} sandbox
   * @param {import("./challenge.js").Owns} [owns] what they bring along to this browser
   */
  constructor(page, sandbox, owns) {
    this.page = page;
    this.sandbox = sandbox;
    this.user = sandbox.tenant.users[0];
    this.owns = owns ?? { email: this.user.email, phoneNumber: "+64211234567" };
    this.portal = new Portal(page.context(), String(sandbox.authsignal?.origin));
    this.challenge = new Challenge(page, this.portal, this.owns);
    page.on("request", (request) => {
      if (request.isNavigationRequest()) this.#visits.push(new URL(request.url()));
    });
  }

  // At the application.

  async visitApplication() {
    await this.page.goto(this.sandbox.app.origin);
  }

  /** Follows a link, through all redirects. @param {string} name */
  async follow(name) {
    await toNextPage(this.page, () => this.page.getByRole("link", { name, exact: true }).click());
  }

  /** Presses a button that leads to another page. @param {string} name */
  async press(name) {
    await toNextPage(this.page, () => this.page.getByRole("button", { name, exact: true }).click());
  }

  /** @param {{ recorded?: boolean }} [facts] whether the Action recorded a method in this login */
  async isLoggedIn({ recorded } = {}) {
    await this.page.getByRole("heading", { name: "You are logged in" }).waitFor();
    await this.page.getByText(this.user.email).first().waitFor();
    if (recorded === undefined) return;
    const labels = this.sandbox.tenant.logins()[0].arrows.map(({ label }) => label);
    assert.equal(labels.includes("proceed, method recorded"), recorded);
  }

  async isLoggedOut() {
    await this.page.getByRole("heading", { name: "You are not logged in" }).waitFor();
  }

  /** The application shows this OAuth error. @param {string} error @param {string} [description] */
  async isRefused(error, description) {
    await this.page.getByRole("heading", { name: "That did not work" }).waitFor();
    assert.ok(this.page.url().startsWith(this.sandbox.app.origin), `${this.page.url()} is the application's`);
    assert.equal(await this.page.locator("#error").textContent(), error);
    if (description !== undefined)
      assert.equal(await this.page.locator("#error-description").textContent(), description);
  }

  // At Auth0.

  /** From the application to the challenge, or to where the login ends. @param {Credentials} [user] */
  async logIn(user) {
    await this.goToLogin();
    if (this.page.url().startsWith(`${this.sandbox.tenant.origin}/u/login`)) await this.enterPassword(user);
  }

  /** To the tenant's form, or further where it knows this browser. */
  async goToLogin() {
    await this.visitApplication();
    await this.follow("Log in");
  }

  /** @param {Credentials} [user] */
  async enterPassword({ email, password } = this.user) {
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.press("Continue");
  }

  async logsInForTheFirstTime() {
    await this.logIn();
    await this.enrol("Authenticator app");
    await this.isLoggedIn();
  }

  // At Authsignal.

  async isChallenged() {
    await this.page.waitForURL((url) => url.origin === this.sandbox.authsignal?.origin);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  /** @param {import("./challenge.js").Method} method */
  enrol(method) {
    return this.challenge.enrol(method);
  }

  /** @param {import("./challenge.js").Method} method */
  pass(method) {
    return this.challenge.pass(method);
  }

  /** Whether the browser went by way of Authsignal meanwhile. @param {() => Promise<unknown>} act */
  async seesAuthsignalWhile(act) {
    const before = this.#visits.length;
    await act();
    return this.#visits.slice(before).some(({ origin }) => origin === this.sandbox.authsignal?.origin);
  }

  // Between Auth0 and Authsignal.

  /** What was in the address of the last challenge: Auth0's `state`, and the challenge's token. */
  wasSentWith() {
    return this.#last(
      ({ origin, pathname }) => origin === this.sandbox.authsignal?.origin && pathname === "/challenge",
    );
  }

  /** What was in the address of the last return to Auth0. */
  cameBackWith() {
    return this.#last(({ origin, pathname }) => origin === this.sandbox.tenant.origin && pathname === "/continue");
  }

  /** @param {{ state: string, token: string }} parameters */
  async comeBackWith(parameters) {
    await this.page.goto(`${this.sandbox.tenant.origin}/continue?${new URLSearchParams(parameters)}`);
  }

  /** @param {(url: URL) => boolean} isIt */
  #last(isIt) {
    const { state, token } = Object.fromEntries(this.#visits.findLast(isIt)?.searchParams ?? []);
    assert.ok(state && token, "an address with state and token");
    return { state, token };
  }
}
