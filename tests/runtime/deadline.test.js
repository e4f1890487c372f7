// The whole hook stays under nine seconds, whatever the options and the server do.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { loadPastedAction } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent } from "./event.js";
import { listen } from "./server.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

test("hooks end in under nine seconds if nothing answers, for every timeoutMs and maxRetries", async (t) => {
  const silent = await listen(t, () => {});
  const dripping = await listen(t, (_req, res) => {
    const timer = setInterval(() => res.write(" "), 50);
    res.once("close", () => clearInterval(timer));
  });
  const busy = await listen(t, (_req, res) => void res.writeHead(429, { "Retry-After": "1" }).end());

  const limits = [{}, { timeoutMs: 1e9, maxRetries: 1e9 }, { timeoutMs: 4000, maxRetries: 50 }];
  const hooks = [];
  for (const { url } of [silent, dripping, busy]) {
    for (const limit of limits) {
      const action = await loadPastedAction({ secret: SECRET, apiBaseUrl: url, ...limit });
      for (const handler of /** @type {const} */ (["onExecutePostLogin", "onContinuePostLogin"])) {
        hooks.push(action.execute(handler, loginEvent({ request: { query: { token: "t" } } })));
      }
    }
  }
  for (const { status, command, ms } of await Promise.all(hooks)) {
    assert.equal(status, "ok");
    assert.deepEqual(command, { type: "deny", reason: "MFA is unavailable" });
    assert.ok(ms < 9000, `${ms} ms`);
  }
});

test("a try of 300 ms without retries ends long before the next would have", async () => {
  await authsignal.faults([{ kind: "hang", endpoint: "*" }]);
  const action = await loadPastedAction({ secret: SECRET, apiBaseUrl: authsignal.url, timeoutMs: 300, maxRetries: 0 });
  const { command, ms } = await action.execute("onExecutePostLogin", loginEvent());
  assert.equal(command?.type, "deny");
  assert.ok(ms < 3000, `${ms} ms`);
});
