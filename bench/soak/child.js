// The process that is soaked: logins through the Action's file, one after the other and some at once. It tells
// its parent what memory it has, and which logins ended otherwise than they should.

import { loadAction } from "../../sandbox/auth0/runtime.js";
import { actionText } from "../../tests/runtime/built.js";
import { loginEvent, returnEvent } from "../../tests/runtime/event.js";
import { memorySizes, trapAfter, trapCount, watchInstances } from "./instances.js";

/**
 * @typedef {object} Sample
 * @property {number} logins so many have ended
 * @property {number} resident bytes, as are the next three
 * @property {number} heap
 * @property {number} outside of the heap
 * @property {number} wasm of all instances
 * @property {number} instances
 *
 * @typedef {object} Summary
 * @property {string} node its version
 * @property {Record<string, number>} outcomes how often each came
 * @property {Record<string, number>} faults how often each was met
 * @property {string[]} wrong the first logins that ended otherwise
 * @property {number} traps
 * @property {number} deniedByTraps hooks
 * @property {string[]} left timers and the like
 */

const AT_ONCE = 16;
/** One login of twenty. */
const EVERY = 20;
const FAULTS = ["500", "500 once", "reset", "hang", "cut", "huge", "trap"];
/** Where in a login the module traps: early and late, in calls that it makes. */
const TRAPS = [0, 40, 150, 400];

const { url, logins, leak, every } = JSON.parse(process.argv[2]);
const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));
const gc = /** @type {() => void} */ (/** @type {any} */ (globalThis).gc);

/** @type {Summary} */
const summary = {
  node: process.versions.node,
  outcomes: {},
  faults: {},
  wrong: [],
  traps: 0,
  deniedByTraps: 0,
  left: [],
};
/** @param {Record<string, number>} counts @param {string} name */
const count = (counts, name) => (counts[name] = (counts[name] ?? 0) + 1);
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => summary.wrong.push(`${event}: ${error?.stack ?? error}`));
}

// Where the parent is gone there is nobody to tell.
process.on("disconnect", () => next < logins && process.exit(1));

watchInstances();
// Who gets no answer waits for none; the others may be slow, on a machine that is busy.
const options = `({ user }) => ({
  secret: "soak-secret-key", apiBaseUrl: ${JSON.stringify(url)}, maxRetries: 1, timeoutMs: user.user_id.includes("|hang|") ? 300 : 4000,
})`;
const action = await loadAction({ source: actionText(options) });

/** Logins in flight; `exposed`: a trap may deny them. @type {Set<{ exposed: boolean }>} */
const inFlight = new Set();
let trapping = 0;

/**
 * What one hook did.
 * @param {"onExecutePostLogin" | "onContinuePostLogin"} handler
 * @param {Record<string, any>} event
 */
const run = async (handler, event) => {
  const result = await action.execute(handler, event);
  const { status, command, recordedMethods, console: lines } = result;
  if (lines.some(({ text }) => text.includes("internal_error"))) summary.deniedByTraps += 1;
  const outcome =
    status !== "ok"
      ? "error"
      : command?.type === "deny"
        ? `deny ${command.reason}`
        : (command?.type ?? (recordedMethods.length === 1 ? "record" : "proceed"));
  return { ...result, outcome };
};

/** @param {number} number */
const logIn = async (number) => {
  const faulty = number % EVERY === EVERY - 1;
  const turn = Math.floor(number / EVERY);
  const kind = faulty ? FAULTS[turn % FAULTS.length] : "none";
  const hook = Math.floor(turn / FAULTS.length) % 2 === 0 ? "execute" : "continue";
  if (faulty) count(summary.faults, `${kind} at ${hook}`);
  const own = { exposed: trapping > 0 };
  inFlight.add(own);
  /** @param {string} here */
  const meets = (here) => {
    if (kind !== "trap" || here !== hook) return;
    trapping += 1;
    for (const login of inFlight) login.exposed = true;
    trapAfter(TRAPS[Math.floor(turn / FAULTS.length / 2) % TRAPS.length]);
  };

  const event = loginEvent({ user: { user_id: `soak|${kind}|${hook}|${number}` } });
  const failing = !["none", "500 once", "trap"].includes(kind);
  meets("execute");
  const begun = await run("onExecutePostLogin", event);
  let { outcome } = begun;
  let expected = failing ? "deny MFA is unavailable" : "record";
  if (begun.command?.type === "redirect") {
    meets("continue");
    ({ outcome } = await run(
      "onContinuePostLogin",
      returnEvent(event, { challenge: begun.command.url, metadata: begun.metadata }),
    ));
    if (failing && hook === "execute") expected = "deny at execute";
  }
  if (kind === "trap") trapping -= 1;
  inFlight.delete(own);
  count(summary.outcomes, outcome);
  const right = outcome === expected || (own.exposed && outcome === "deny MFA is unavailable");
  if (!right && summary.wrong.length < 10)
    summary.wrong.push(`login ${number}, ${kind} at ${hook}: ${outcome}, where ${expected} is right`);
};

const sample = async (/** @type {number} */ ended) => {
  for (let times = 0; times < 3; times++) {
    gc();
    // What waits for finalizers goes in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const sizes = memorySizes();
  const wasm = sizes.reduce((sum, size) => sum + size, 0);
  send({
    sample: /** @type {Sample} */ ({
      logins: ended,
      resident: rss,
      heap: heapUsed,
      outside: external,
      wasm,
      instances: sizes.length,
    }),
  });
};

/** What `--leak` keeps, to show that it is seen. @type {unknown[]} */
const kept = [];
let next = 0;
const work = async (/** @type {number} */ until) => {
  while (next < until) {
    await logIn(next++);
    if (leak > 0) kept.push(Buffer.alloc(leak, 1));
    // The next login comes in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
};

while (next < logins) {
  const until = Math.min(next + every, logins);
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(until)));
  await sample(next);
}
summary.traps = trapCount();
summary.left = process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate/.test(kind));
send({ summary });
// It has to end by itself.
process.disconnect();
