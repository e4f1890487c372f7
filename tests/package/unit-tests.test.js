// The tests of docs/unit-tests.md, as a user of the package would run them.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { loginEvent } from "../runtime/event.js";
import { blocksOf, createProject, run } from "./project.js";

const project = await createProject({ after });
const blocks = await blocksOf("unit-tests.md");
for (const [name, code] of Object.entries(blocks)) await project.write(name, code);

/** How many tests of a file pass. Throws with its output if one fails. @param {string} file */
const passes = async (file) => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ["--test", "--test-reporter=tap", file];
  const { stdout } = await run(process.execPath, args, { cwd: project.folder, env }).catch((error) => {
    throw new Error(error.stdout);
  });
  return stdout.match(/^ *ok \d+ - a login /gm)?.length;
};

for (const [file, count] of /** @type {const} */ ([
  ["fetch.test.js", 3],
  ["outcome.test.js", 2],
  ["undici.test.js", 1],
  ["nock.test.js", 1],
])) {
  test(`the page's ${file} passes`, async () => {
    assert.equal(await passes(file), count);
  });
}

const skip = process.version.startsWith("v18.") && "the page's fake timers need Node 20";
test("the page's outage.test.js passes", { skip }, async () => {
  assert.equal(await passes("outage.test.js"), 2);
});

test("an answer that has only ok and json() denies, as the page says", async () => {
  const answer = `{ state: "ALLOW", isEnrolled: true, url: "https://mfa.example.com/" }`;
  for (const response of [
    `{ ok: true, json: async () => (${answer}) }`,
    `{ ok: true, status: 200, json: async () => (${answer}) }`,
  ]) {
    const calls = await project.evaluate(`
      globalThis.fetch = async () => (${response});
      const calls = [];
      const api = { access: { deny: (reason) => calls.push(reason) } };
      const event = ${JSON.stringify(loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" } }))};
      const { log } = console;
      console.log = (line) => calls.push(line.replace(/^authsignal-auth0: (deny, \\w+): .*/, "$1"));
      require("./action.js").onExecutePostLogin(event, api).then(() => log(JSON.stringify(calls)));
    `);
    assert.deepEqual(calls, ["MFA is unavailable", "deny, unreadable_answer"]);
  }
});
