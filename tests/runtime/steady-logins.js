// A process of many logins, none of which traps. It prints what memory it had after the first of them and at the end,
// and how they ended. Needs --expose-gc, the client that they are to be sent by, which is "node" or a stub of "fetch",
// and what the stub does: it "answers", "never answers", or "never ends" its answer.

import { once } from "node:events";
import { createServer } from "node:http";
import { setImmediate } from "node:timers/promises";
import { memorySizes, watchInstances } from "../../bench/soak/instances.js";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent } from "./event.js";

const [client, behaviour] = process.argv.slice(2);
const [first, last] = process.argv.slice(4).map(Number);
const READINGS = 20;
/** So many logins wait at once for what never comes. */
const AT_ONCE = behaviour === "answers" ? 1 : 200;
const settings = { secret: "key", ...(behaviour !== "answers" && { timeoutMs: 100, maxRetries: 0 }) };
const never = () => new Promise(() => {});

watchInstances();
const { log } = console;
console.log = () => {};

const answer = JSON.stringify({ state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/challenge?token=t" });
/** @type {Set<string>} */
const clients = new Set();
const server = createServer((request, response) => {
  clients.add(request.headers["sec-fetch-mode"] ? "fetch" : "node");
  request.resume();
  response.end(answer);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
if (client === "node") useNode();
else {
  globalThis.fetch = /** @type {any} */ (
    async () => {
      clients.add("fetch");
      if (behaviour === "never answers") await never();
      return { status: 200, text: behaviour === "never ends" ? never : async () => answer };
    }
  );
}
const { handleAuth0ExecutePostLogin } = loadPackage();

/** @type {Record<string, number>} */
const outcomes = {};
let logins = 0;
const logIn = async () => {
  const { api, calls } = createApi();
  await handleAuth0ExecutePostLogin(loginEvent(), api, { ...settings, apiBaseUrl: `http://127.0.0.1:${port}/v1` });
  const outcome = calls.map((call) => call.join(" ")).join(", ") || "proceed";
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
};
/** @param {number} until so many logins */
const run = async (until) => {
  for (; logins < until; logins += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, logIn));
    // What is due after a login runs in a turn of the event loop.
    await setImmediate();
  }
};

/** The least of several readings: what is still to be collected only adds to one. */
const measure = async () => {
  const least = { heap: Infinity, wasm: Infinity };
  for (let reading = 0; reading < READINGS; reading++) {
    /** @type {any} */ (globalThis).gc();
    await setImmediate();
    least.heap = Math.min(least.heap, process.memoryUsage().heapUsed);
    least.wasm = Math.min(
      least.wasm,
      memorySizes().reduce((sum, size) => sum + size, 0),
    );
  }
  return least;
};

await run(first);
const before = await measure();
await run(last);
log(JSON.stringify({ before, after: await measure(), outcomes, clients: [...clients] }));
server.close();
server.closeAllConnections();
