// What is left when a hook has resolved: nothing. Each in a process of its own, which ends by itself or fails.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { files } from "./built.js";
import { loginEvent } from "./event.js";

const run = promisify(execFile);

/** @param {string} script */
const alone = async (script) => {
  // No login's timer lasts longer than nine seconds, and a slow machine's process starts in the rest.
  const { stdout } = await run(process.execPath, ["-e", script], { timeout: 30_000 });
  return JSON.parse(stdout);
};

/**
 * A process with a server of its own that holds back the process no longer. It prints what a login did, and
 * what keeps the process then.
 * @param {string} answer what the server does with each request, `response`
 * @param {string} [login] gives the calls of the `api`
 * @param {string} [before] what is done before the package is loaded
 */
const processOf = (answer, login = "[await logIn()]", before = "") => `
  ${before}
  let traps = 0;
  console.log = (line) => (traps += line.includes("internal_error"));
  const { createServer } = require("node:http");
  const pkg = require(${JSON.stringify(files.cjs)});
  const arrived = [];
  const server = createServer((request, response) => {
    request.resume();
    arrived.shift()?.();
    ${answer}
  });
  server.on("connection", (socket) => socket.unref());
  const logIn = async (hook = "handleAuth0ExecutePostLogin", options = {}) => {
    const calls = [];
    const deny = (reason) => calls.push(reason);
    const sendUserTo = (url) => calls.push(url);
    const apiBaseUrl = "http://localhost:" + server.address().port + "/v1";
    await pkg[hook](${JSON.stringify(loginEvent({ request: { query: { token: "t" } } }))}, { access: { deny }, redirect: { sendUserTo } },
      { secret: "key", apiBaseUrl, ...options });
    return calls.join();
  };
  server.listen(0, async () => {
    server.unref();
    const calls = ${login};
    const kept = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout");
    process.stdout.write(JSON.stringify({ calls, kept, traps }));
  });
`;

const url = "https://mfa.example.com/";
const clients = /** @type {const} */ ([
  ["Node's own client", ""],
  ["fetch", "const { fetch } = globalThis; globalThis.fetch = (...given) => fetch(...given);"],
]);
const challenge = `response.end(${JSON.stringify(JSON.stringify({ state: "CHALLENGE_REQUIRED", url }))});`;

for (const [what, answer, login, calls] of /** @type {[string, string, string | undefined, string[]][]} */ ([
  ["an answer", challenge, undefined, [url]],
  ["errors of the server", "response.writeHead(500).end();", undefined, ["MFA is unavailable"]],
  ["no answer in time", "", `[await logIn(undefined, { timeoutMs: 100, maxRetries: 1 })]`, ["MFA is unavailable"]],
  ["an answer that is too large", `response.end(" ".repeat(1e6));`, undefined, ["MFA is unavailable"]],
  ["an answer without end", `response.write(" ".repeat(1e6));`, undefined, ["MFA is unavailable"]],
  [
    "an answer that was refused while its body is still to come",
    `response.writeHead(403).write(" ");`,
    undefined,
    ["MFA is unavailable"],
  ],
])) {
  for (const [client, before] of clients) {
    test(`a process whose login got ${what} by ${client} has no timer left, and exits`, async () => {
      assert.deepEqual(await alone(processOf(answer, login, before)), { calls, kept: [], traps: 0 });
    });
  }
}

// The first logins wait for their answers when another one traps.
const trapped = (sabotage = "") => `await (async () => {
  const waiting = [undefined, "handleAuth0ContinuePostLogin"].map((hook) => {
    const here = new Promise((resolve) => arrived.push(resolve));
    return { done: logIn(hook, { timeoutMs: 8000 }), here };
  });
  await Promise.all(waiting.map(({ here }) => here));
  ${sabotage}
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: () => { throw new Error("sabotage"); } });
  return Promise.all([logIn(), ...waiting.map(({ done }) => done)]);
})()`;

for (const [client, before] of clients) {
  test(`a process whose login was denied by another's trap, while ${client} waits, has no timer left, and exits`, async () => {
    const { calls, kept, traps } = await alone(processOf("", trapped(), before));
    assert.equal(traps, 3);
    assert.deepEqual(calls, Array(3).fill("MFA is unavailable"));
    assert.deepEqual(kept, []);
  });
}

test("an abort that throws keeps no timer from being cleared where another login traps", async () => {
  // Nothing else ends the requests then: the server does.
  const sabotage = `AbortController.prototype.abort = () => { setTimeout(() => server.closeAllConnections(), 0).unref(); throw new Error("sabotage"); };`;
  const { calls, kept, traps } = await alone(processOf("", trapped(sabotage)));
  assert.equal(traps, 3);
  assert.deepEqual(calls, Array(3).fill("MFA is unavailable"));
  assert.deepEqual(kept, []);
});

test("10,000 logins of which every tenth traps end with the memory that they began with", async () => {
  const file = fileURLToPath(new URL("trapping-logins.js", import.meta.url));
  const { stdout } = await run(process.execPath, ["--expose-gc", file], { timeout: 300_000 });
  const { before, after, outcomes, traps, uncaught } = JSON.parse(stdout);
  assert.deepEqual(uncaught, []);
  assert.equal(traps, 1000);
  assert.deepEqual(Object.keys(outcomes).sort(), ["deny MFA is unavailable", `sendUserTo ${url}challenge?token=t`]);
  assert.ok(outcomes["deny MFA is unavailable"] >= 1000);
  // One kept instance of the thousand would be 1 MB of wasm and 200 kB of heap.
  assert.ok(after.instances <= 1, `${after.instances} instances`);
  assert.ok(after.wasm - before.wasm < 2 ** 20, `wasm memory: ${before.wasm}, then ${after.wasm}`);
  assert.ok(after.heap - before.heap < 2e6, `heap: ${before.heap}, then ${after.heap}`);
  assert.ok(after.resident - before.resident < 50e6, `resident: ${before.resident}, then ${after.resident}`);
});
