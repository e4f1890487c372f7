// Authsignal's official Python client against the local Authsignal, if this machine's Python has it
// (`pip install authsignal`).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";

const run = promisify(execFile);
const python = process.env.PYTHON || "python3";
const script = fileURLToPath(new URL("./authsignal-python.py", import.meta.url));
const isThere = await run(python, ["-c", "import authsignal"]).then(
  () => true,
  () => false,
);

test("every call of the Python client works", { skip: !isThere && "this Python has no authsignal" }, async (t) => {
  const secret = "sandbox-secret-key";
  const { origin, url, close } = await startAuthsignal({ secret, defaultOutcome: "CHALLENGE" });
  t.after(close);
  const { stdout } = await run(python, [script, origin, url, secret]);
  assert.deepEqual(JSON.parse(stdout), {
    track: ["ALLOW", false],
    validate_challenge: [true, "CHALLENGE_SUCCEEDED"],
    get_action: "CHALLENGE_SUCCEEDED",
    update_action: "REVIEW_REQUIRED",
    update_user: "new@example.com",
    get_user: "new@example.com",
    enroll_verified_authenticator: "EMAIL_OTP",
    get_authenticators: ["AUTHENTICATOR_APP", "EMAIL_OTP"],
    delete_authenticator: ["AUTHENTICATOR_APP"],
    delete_user: false,
  });
});
