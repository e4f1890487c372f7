// Lists with nothing in them say what to do next.

import { test } from "node:test";
import { startBrowser } from "./browser.js";

const { open } = await startBrowser();

/** @type {[page: string, text: string][]} */
const EMPTY = [
  ["/portal", "No action yet. Log in at the application, and its action appears here."],
  ["/portal/users", "No user yet. Log in at the application, and the user appears here."],
  ["/portal/outbox", "Nothing was sent yet. Choose a text message or an email at a login, and its code appears here."],
  ["/portal/activity", "Nothing has happened yet. Log in at the application, and each step appears here."],
];

test("each empty list says how something gets there", async (t) => {
  const { page, sandbox } = await open(t, { fresh: true });
  for (const [path, text] of EMPTY) {
    await page.goto(`${sandbox.authsignal?.origin}${path}`);
    await page.getByText(text, { exact: true }).waitFor();
  }
  await page.goto(`${sandbox.tenant.origin}/inspector`);
  await page.getByText("No login yet. Log in at the application, and it appears here.").waitFor();
});
