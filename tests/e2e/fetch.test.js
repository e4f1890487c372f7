// Somebody has replaced the global `fetch` of the Action's process, as users' unit tests do.

import { test } from "node:test";
import { copyAction } from "../sandbox/action-copy.js";
import { SHIPPED, startBrowser } from "./browser.js";

const { open } = await startBrowser();

test("a login goes by a replaced fetch", async (t) => {
  const { file, startWith } = await copyAction(t, SHIPPED);
  await startWith("const sendByFetch = globalThis.fetch; globalThis.fetch = (...args) => sendByFetch(...args);");
  const { person } = await open(t, { actions: [file], client: "fetch" });
  await person.logIn();
  await person.enrol("Authenticator app");
  await person.isLoggedIn({ recorded: true });
});
