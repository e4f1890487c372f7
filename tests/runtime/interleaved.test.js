// Many logins at once in one warm process.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { loadPastedAction } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent, newUser, returnEvent } from "./event.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

/** Whose challenge it is. @param {string} challenge */
const userOf = (challenge) => {
  const [, payload] = (new URL(challenge).searchParams.get("token") ?? "").split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
};

test("50 logins at once each get their own user's challenge, and end with their own", async () => {
  const action = await loadPastedAction({ secret: SECRET, apiBaseUrl: authsignal.url });
  const events = Array.from({ length: 50 }, (_, at) =>
    loginEvent({ user: { user_id: `${newUser()}|${at}`, email: `user${at}@example.com` } }),
  );

  const begun = await Promise.all(events.map((event) => action.execute("onExecutePostLogin", event)));
  const challenges = begun.map(({ command }) => {
    assert.equal(command?.type, "redirect");
    return /** @type {{ url: string }} */ (command).url;
  });
  assert.deepEqual(
    challenges.map(userOf),
    events.map(({ user }) => user.user_id),
  );
  const keys = new Set();
  for (const { user } of events) {
    const requests = await authsignal.requests(user.user_id);
    assert.deepEqual(
      requests.map(({ body }) => JSON.parse(body).email),
      [user.email],
    );
    keys.add(JSON.parse(requests[0].body).idempotencyKey);
  }
  assert.equal(keys.size, events.length);

  // Each second one passes its challenge; the others come back without.
  await Promise.all(challenges.filter((_, at) => at % 2 === 0).map((challenge) => authsignal.complete(challenge)));
  const ended = await Promise.all(
    events.map((event, at) =>
      action.execute(
        "onContinuePostLogin",
        returnEvent(event, { challenge: challenges[at], metadata: begun[at].metadata }),
      ),
    ),
  );
  ended.forEach(({ command, recordedMethods }, at) => {
    assert.deepEqual(command, at % 2 === 0 ? null : { type: "deny", reason: "MFA challenge failed" });
    assert.equal(recordedMethods.length, at % 2 === 0 ? 1 : 0);
  });
});

test("logins that fail, in other ways and at other times, leave those beside them alone", async () => {
  const action = await loadPastedAction({
    secret: SECRET,
    apiBaseUrl: authsignal.url,
    onUnavailable: "deny",
    maxRetries: 0,
  });
  const wrong = { user_id: "" };
  const events = Array.from({ length: 30 }, (_, at) => loginEvent(at % 3 === 0 ? { user: wrong } : {}));
  const results = await Promise.all(
    events.map((event, at) => action.execute(at % 3 === 1 ? "onContinuePostLogin" : "onExecutePostLogin", event)),
  );
  results.forEach(({ status, command }, at) => {
    assert.equal(status, "ok");
    if (at % 3 === 0) assert.deepEqual(command, { type: "deny", reason: "MFA is unavailable" });
    if (at % 3 === 1) assert.deepEqual(command, { type: "deny", reason: "MFA challenge failed" });
    if (at % 3 === 2) assert.equal(userOf(/** @type {{ url: string }} */ (command).url), events[at].user.user_id);
  });
});
