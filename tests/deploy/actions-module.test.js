// The file as an Actions Module, reached by `require("actions:…")`, as docs/deploy/actions-module.md has it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { SECRET, startAuthsignal } from "../runtime/authsignal.js";
import { actionText, files } from "../runtime/built.js";
import { logInByChallenge, logInWithoutPassing, startTenantWith } from "./login.js";

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const api = { AUTHSIGNAL_API_URL: authsignal.url };
const secrets = { AUTHSIGNAL_SECRET: SECRET, ...api };

/** The Actions of the page, as they stand there. */
const [withOptions, withoutOptions] = await (async () => {
  const page = await readFile(new URL("../../docs/deploy/actions-module.md", import.meta.url), "utf8");
  const block = /```js\n\s*(const \{ createAction \}[^]*?)```/.exec(page)?.[1];
  const line = /`(Object\.assign\(exports, require\("actions:[^`]*)`/.exec(page)?.[1];
  return [block ?? assert.fail("no Action with options"), line ?? assert.fail("no Action without options")];
})();

/**
 * @param {import("node:test").TestContext} t
 * @param {string} source
 * @param {{ module: string, moduleSecrets?: Record<string, string>, secrets?: Record<string, string> }} options
 */
async function startWith(t, source, { module, moduleSecrets, secrets = {} }) {
  const modules = { "authsignal-auth0": { source: module, secrets: moduleSecrets } };
  return startTenantWith(t, { actions: [{ loaded: await loadAction({ source, modules }) }], secrets });
}

const shipped = await readFile(files.action, "utf8");

for (const [name, source] of Object.entries({
  "createAction of the module": withOptions,
  "the module's own handlers": withoutOptions,
})) {
  test(`${name}: a login is challenged, and signs in`, async (t) => {
    await logInByChallenge(await startWith(t, source, { module: shipped, secrets }), authsignal);
  });

  test(`${name}: a challenge that was not passed ends the login`, async (t) => {
    await logInWithoutPassing(await startWith(t, source, { module: shipped, secrets }));
  });
}

test("the secret can be the module's: the Action has none", async (t) => {
  const module = actionText("{ secret: actions.secrets.AUTHSIGNAL_SECRET }");
  await logInByChallenge(
    await startWith(t, withoutOptions, { module, moduleSecrets: { AUTHSIGNAL_SECRET: SECRET }, secrets: api }),
    authsignal,
  );
});
