// A browser for the tests of one file, and a sandbox for each test.

import assert from "node:assert/strict";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../../sandbox/start.js";
import { launchChromium, PUBLIC_DOMAIN } from "./chromium.js";
import { assertClient } from "./clients.js";
import { Person } from "./person.js";

/** The Action as it ships, set up by its secrets alone. */
export const SHIPPED = fileURLToPath(new URL("../../pkg/action.js", import.meta.url));

/** Starts the browser of one test file; it ends with the file. */
export async function startBrowser() {
  const browser = await launchChromium();
  after(() => browser.close());

  /**
   * A page in a browser context of its own, as in a browser that was never here. Where a page breaks its own
   * policy, has an error in its script or asks another host for something, the test fails.
   * @param {import("node:test").TestContext} t
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  const newPage = async (t, options) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    /** @type {string[]} */
    const complaints = [];
    context.on("weberror", (error) => complaints.push(String(error.error())));
    context.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    context.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      const isHere = hostname === "localhost" || hostname.endsWith(`.${PUBLIC_DOMAIN}`);
      if (/^https?:$/.test(protocol) && !isHere) complaints.push(`A request to ${hostname}`);
    });
    t.after(async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    });
    return context.newPage();
  };

  return {
    newPage,

    /**
     * A new sandbox that ends with the test, and a person in front of a browser. If the Action sent a request by
     * another client than this one, the test fails.
     * @param {import("node:test").TestContext} t
     * @param {Partial<import("../../sandbox/start.js").Options> & {
     *   browser?: import("playwright-core").BrowserContextOptions,
     *   client?: import("./clients.js").Client,
     * }} [options]
     */
    async open(t, { browser: contextOptions, client = "node:http", ...options } = {}) {
      const sandbox = await startSandbox({ actions: [SHIPPED], tell: () => {}, ...options });
      t.after(async () => {
        try {
          await assertClient(sandbox, client);
        } finally {
          await sandbox.close();
        }
      });
      const person = new Person(await newPage(t, contextOptions), sandbox);
      return { sandbox, person, page: person.page };
    },

    /**
     * The same person, with what they own, in a browser that was never here.
     * @param {import("node:test").TestContext} t
     * @param {Person} person
     */
    another: async (t, { sandbox, owns }) => new Person(await newPage(t), sandbox, owns),
  };
}
