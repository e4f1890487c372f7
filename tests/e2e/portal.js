// Authsignal's Portal, in a tab of its own.

/** @typedef {import("playwright-core").Page} Page */

/** @typedef {keyof typeof FAULTS} Fault */
export const FAULTS = {
  none: "Normal",
  down: "No answer: the connection breaks",
  slow: "Slow answer",
  "too many requests": "Too many requests (429)",
  garbage: "An answer that is not JSON (200)",
};

export class Portal {
  #context;
  #origin;
  /** @type {Promise<Page> | undefined} */
  #tab;

  /** @param {import("playwright-core").BrowserContext} context @param {string} origin of Authsignal */
  constructor(context, origin) {
    this.#context = context;
    this.#origin = origin;
  }

  /** @param {string} name as its tab has it */
  async #open(name) {
    this.#tab ??= this.#context.newPage();
    const tab = await this.#tab;
    await tab.goto(`${this.#origin}/portal`);
    await tab.getByRole("navigation", { name: "Portal" }).getByRole("link", { name }).click();
    await tab.getByRole("heading", { level: 1, name }).waitFor();
    return tab;
  }

  /** @param {string} action as it is called there @param {"Allow" | "Challenge" | "Review" | "Block"} outcome */
  async setOutcome(action, outcome) {
    const tab = await this.#open("Actions");
    const card = tab.getByRole("region", { name: action });
    await card.getByLabel("Default outcome").selectOption(outcome);
    await this.#save(tab, card);
  }

  /** @param {{ track?: Fault, validate?: Fault }} faults */
  async setFaults({ track = "none", validate = "none" }) {
    const tab = await this.#open("Faults");
    await tab.getByLabel("When a login is tracked").selectOption(FAULTS[track]);
    await tab.getByLabel("When a challenge is validated").selectOption(FAULTS[validate]);
    await this.#save(tab, tab);
  }

  /** @param {string} address to add to the first user */
  async addAuthenticator(address) {
    const tab = await this.#open("Users");
    await tab.getByLabel("Add a phone number or an email address").fill(address);
    await tab.getByRole("button", { name: "Add" }).click();
    await tab.getByText(address).first().waitFor();
  }

  /** The newest code that was sent to there. @param {string} to */
  async codeSentTo(to) {
    const tab = await this.#open("Outbox");
    const message = tab.getByRole("article").filter({ hasText: to }).first();
    return String(await message.locator("[data-code]").textContent());
  }

  /** The names of the actions that it lists. */
  async actions() {
    const tab = await this.#open("Actions");
    return tab.getByRole("heading", { level: 2 }).allTextContents();
  }

  /** Every page of it. */
  async addresses() {
    const tab = await this.#open("Actions");
    const links = tab.getByRole("navigation", { name: "Portal" }).getByRole("link");
    return links.evaluateAll((all) => all.map((link) => /** @type {HTMLAnchorElement} */ (link).href));
  }

  /** @param {Page} tab @param {Page | import("playwright-core").Locator} form */
  async #save(tab, form) {
    const saved = tab.waitForEvent("load");
    await form.getByRole("button", { name: "Save" }).click();
    await saved;
  }
}
