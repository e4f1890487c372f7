// A process of 10,000 logins, of which every tenth traps, after as many to warm up. It prints what memory
// it had before and after, and how the logins ended. Needs --expose-gc.

import { memorySizes, trapAfter, trapCount, watchInstances } from "../../bench/soak/instances.js";
import { createApi } from "./api.js";
import { loadPackage } from "./built.js";
import { loginEvent } from "./event.js";

const LOGINS = 10_000;
const AT_ONCE = 10;
/** Where a login traps: in its first call of JavaScript, and in later ones. */
const TRAPS = [0, 20, 60, 120, 200];

watchInstances();
const { log } = console;
console.log = () => {};
/** @type {unknown[]} */
const uncaught = [];
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error) => uncaught.push(String(error)));

const answer = JSON.stringify({ state: "CHALLENGE_REQUIRED", url: "https://mfa.example.com/challenge?token=t" });
globalThis.fetch = async () => new Response(answer);
const { handleAuth0ExecutePostLogin } = loadPackage();

/** @type {Record<string, number>} */
const outcomes = {};
const logIn = async () => {
  const { api, calls } = createApi();
  await handleAuth0ExecutePostLogin(loginEvent(), api, { secret: "key" });
  const outcome = calls.map((call) => call.join(" ")).join(", ") || "proceed";
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
};

/** @param {number} logins */
const run = async (logins) => {
  for (let turn = 0; turn < logins / AT_ONCE; turn++) {
    trapAfter(TRAPS[turn % TRAPS.length]);
    await Promise.all(Array.from({ length: AT_ONCE }, logIn));
    // What a dropped instance held is freed in a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const measure = async () => {
  for (let times = 0; times < 5; times++) {
    /** @type {any} */ (globalThis).gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const sizes = memorySizes();
  return {
    heap: heapUsed,
    external,
    resident: rss,
    wasm: sizes.reduce((sum, size) => sum + size, 0),
    instances: sizes.length,
  };
};

// So many because the engine keeps memory that is free: how much, varies by 50 MB at first.
await run(LOGINS);
const [before, trapsBefore] = [await measure(), trapCount()];
for (const name of Object.keys(outcomes)) delete outcomes[name];
await run(LOGINS);
log(JSON.stringify({ before, after: await measure(), outcomes, traps: trapCount() - trapsBefore, uncaught }));
