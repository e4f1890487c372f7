// Logins leave no memory behind. None of them traps: a trap renews the instance, and the memory with it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const file = fileURLToPath(new URL("steady-logins.js", import.meta.url));

/** What the first of them leave is there once. */
const FIRST = 2000;
const MOST_GROWTH = 0.5 * 2 ** 20;

/** Code that the engine compiles or drops meanwhile would be a megabyte, now there and now not. */
const FLAGS = ["--expose-gc", "--no-opt", "--no-flush-bytecode"];

const url = "https://mfa.example.com/challenge?token=t";

for (const [what, client, behaviour, logins, outcome] of /** @type {[string, string, string, number, string][]} */ ([
  ["by fetch", "fetch", "answers", 20_000, `sendUserTo ${url}`],
  ["by Node's client", "node", "answers", 20_000, `sendUserTo ${url}`],
  // Each of them waits for its time-out.
  ["whose fetch never settles", "fetch", "never answers", 10_000, "deny MFA is unavailable"],
  ["whose answer's text never settles", "fetch", "never ends", 10_000, "deny MFA is unavailable"],
])) {
  test(`${logins} logins ${what} leave no memory behind`, async () => {
    const args = [...FLAGS, file, client, behaviour, String(FIRST), String(logins)];
    const { stdout } = await run(process.execPath, args);
    const { before, after, outcomes, clients } = JSON.parse(stdout);
    assert.deepEqual(clients, [client]);
    assert.deepEqual(outcomes, { [outcome]: logins });
    for (const what of ["heap", "wasm"]) {
      assert.ok(after[what] - before[what] < MOST_GROWTH, `${what}: ${before[what]}, then ${after[what]}`);
    }
  });
}
