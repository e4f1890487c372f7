// The sandbox behind a TLS proxy, as in a Codespace, a dev container or behind a tunnel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startBrowser } from "./browser.js";
import { startProxy } from "./proxy.js";

const { open } = await startBrowser();

test("a login, a refresh, silent login and logging out work behind a TLS proxy, with secure cookies", async (t) => {
  const proxy = await startProxy(t);
  const browser = { ignoreHTTPSErrors: true };
  const { person, page, sandbox } = await open(t, { origins: proxy.origins, browser });
  proxy.forwardTo(sandbox);

  await person.logIn();
  await person.isChallenged();
  await person.enrol("Authenticator app");
  await person.isLoggedIn({ recorded: true });
  assert.ok(page.url().startsWith(proxy.origins[0]), page.url());

  const cookies = await page.context().cookies();
  const names = cookies.map(({ name }) => name);
  for (const name of ["auth0_sandbox_session", "sandbox_app_session"]) assert.ok(names.includes(name), names.join());
  assert.deepEqual(
    cookies.filter(({ secure }) => !secure).map(({ name }) => name),
    [],
  );

  await person.press("Refresh the tokens");
  await page.getByText("The tokens are refreshed.").waitFor();
  await person.follow("Log in silently");
  await person.isLoggedIn();
  await person.follow("Log out");
  await person.isLoggedOut();
});
