// The Actions of the package's own README, as Auth0 runs them with the package among their dependencies.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { SECRET, startAuthsignal } from "../runtime/authsignal.js";
import { loginEvent, returnEvent } from "../runtime/event.js";
import { createProject } from "./project.js";

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const project = await createProject({ after });
const readme = await readFile(`${project.installed}/README.md`, "utf8");
const actions = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, source]) => source);

test("the README has two Actions: the three lines, and those of the official handlers", () => {
  assert.deepEqual(
    actions.map((source) => /create\w+|handle\w+/.exec(source)?.[0]),
    ["createAction", "handleAuth0ExecutePostLogin"],
  );
});

for (const [at, source] of actions.entries()) {
  test(`the README's Action ${at + 1} logs in`, async () => {
    const action = await loadAction({ source, packagesFrom: project.folder });
    const event = loginEvent({ secrets: { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: authsignal.url } });
    const begun = await action.execute("onExecutePostLogin", event);
    assert.equal(begun.command?.type, "redirect", JSON.stringify(begun));
    const challenge = /** @type {{ url: string }} */ (begun.command).url;
    await authsignal.complete(challenge);
    const ended = await action.execute(
      "onContinuePostLogin",
      returnEvent(event, { challenge, metadata: begun.metadata }),
    );
    assert.deepEqual([ended.status, ended.command], ["ok", null]);
    assert.deepEqual(
      ended.recordedMethods.map(({ name }) => name),
      [authsignal.url],
    );
  });
}
