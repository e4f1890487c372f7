// What holds for every event, options, `api`, `fetch` and answer: legal, hostile, and mixed. 20,000 logins go
// through the built file under a clock of the test's own. The decision is compared with a second one, made of
// the contract alone (oracle.js).
//
//   RUNS=100000        more of them
//   SEED=1 PATH_=2:0   again what a failure printed, on a fresh module; SEED alone runs all that came before it too

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { behaviourNames } from "./answers.js";
import { CANARY, GLOBALS, login } from "./arbitrary.js";
import { loadPackage } from "./built.js";
import { runFaultyLogin } from "./faulty-login.js";
import { watchProcess } from "./globals.js";
import { hostileNames } from "./hostile.js";
import { rightClaim, rightOutcomes, rightRequests, unavailable, wellFormed } from "./oracle.js";

/** @typedef {import("./faulty-login.js").Report & { broken: Set<string> }} Report */

const { RUNS = "20000", SEED, PATH_ } = process.env;
const EFFECTS = /** @type {Record<string, [name: string, part: string]>} */ ({
  deny: ["deny", "access"],
  sendUserTo: ["redirect", "redirect"],
  recordMethod: ["record", "authentication"],
});

/** The one thing that the hook did. @param {Report} report */
const outcomeOf = ({ settled, calls }) => {
  const effects = calls.filter(([method]) => method in EFFECTS);
  if (settled === "rejected") return effects.length === 0 ? "reject" : `reject after ${effects.length} effects`;
  if (effects.length === 0) return "proceed";
  const [[method, ...args], ...more] = effects;
  assert.deepEqual([args.length, more.length], [1, 0], "a hook has one effect, of one argument");
  return `${EFFECTS[method][0]} ${args[0]}`;
};

/**
 * What becomes of an outcome where a part of `api` does not work.
 * @param {string} outcome
 * @param {Report} report
 * @param {string[]} denials
 */
const applied = (outcome, { broken }, denials) => {
  const [, part] = Object.values(EFFECTS).find(([name]) => outcome.startsWith(`${name} `)) ?? [];
  if (part === undefined || !broken.has(part)) return [outcome];
  return broken.has("access") ? ["reject"] : denials;
};

/** @param {import("./arbitrary.js").Login} given @param {Report} report */
const check = (given, report) => {
  const { seen, requests, lines, calls } = report;
  const outcome = wellFormed(outcomeOf(report));

  const denials = unavailable(seen.options);
  const sabotaged = given.faults.some(({ at }) => at === "global");
  const right = [...rightOutcomes(seen), ...(sabotaged ? denials : [])]
    .flatMap((one) => applied(one, report, denials))
    .map(wellFormed);
  assert.ok(
    right.includes(outcome),
    `${outcome}, where right is ${[...new Set(right)].join(" or ") || "no request at all"}`,
  );

  // The challenge is kept before a redirect, where it can be, and nowhere else.
  const kept = calls.filter(([method]) => method === "setMetadata");
  const last = seen.tries.at(-1);
  const key = last?.kind === "answer" && seen.hook === "execute" ? JSON.parse(last.text).idempotencyKey : undefined;
  const keeps = outcome.startsWith("redirect ") && typeof key === "string" && !report.broken.has("transaction");
  if (keeps || !report.broken.has("redirect")) {
    assert.deepEqual(kept, keeps ? [["setMetadata", "authsignal_challenge", key]] : []);
  }

  // It resolves to what it did.
  const [kind] = outcome.split(" ");
  if (report.settled === "resolved") {
    assert.equal(report.resolved.outcome, kind);
    assert.ok(Object.isFrozen(report.resolved));
    assert.ok(!JSON.stringify(report.resolved).includes(CANARY));
  }

  // A claim is set where a challenge counts, in each token whose setter works, and nowhere else.
  const claimed = calls.filter(([method]) => method.endsWith(".setCustomClaim"));
  const claim =
    kind === "record" || kind === "proceed" ? rightClaim(seen, /** @type {"proceed" | "record"} */ (kind)) : undefined;
  const tokens = claim ? ["idToken", "accessToken"].filter((token) => !report.broken.has(token)) : [];
  assert.deepEqual(
    claimed.map(([method]) => method).filter((method) => !report.broken.has(method.split(".")[0])),
    tokens.map((token) => `${token}.setCustomClaim`),
  );
  for (const [, name, value] of claimed) {
    const { at, ...rest } = /** @type {any} */ (value);
    assert.deepEqual({ name, value: rest }, { name: claim?.name, value: claim?.value });
    assert.ok(
      claim?.times.some((time) => new Date(time).toISOString() === at),
      at,
    );
  }

  // Requests: no more than asked for, to one place, and the same each time.
  if (requests.length > 0) {
    const { atMost, body, ...expected } = rightRequests(seen);
    assert.ok(requests.length <= atMost, `${requests.length} requests`);
    for (const request of requests) {
      assert.deepEqual(request, { ...expected, method: "POST", redirect: "manual", body: requests[0].body });
      if (!sabotaged) assert.deepEqual({ ...JSON.parse(request.body), ...body }, JSON.parse(request.body));
    }
  }

  // One line at most, and nothing that is not for the log in it, nor for the user in what is denied.
  assert.ok(lines.length <= 1, lines.join("\n"));
  for (const text of [...lines, ...(outcome.startsWith("deny ") ? [outcome] : [])])
    assert.ok(!text.includes(CANARY), text);
  for (const line of lines) assert.ok(line.length < 256 && line.startsWith("authsignal-auth0: "), line);

  // It ends in time, reads no further than it may, and leaves no timer.
  assert.ok(report.ms < 9000, `it took ${report.ms} ms`);
  assert.ok(report.pulled <= 256 * 1024 + 64 * 1024, `${report.pulled} bytes were read`);
  if (!sabotaged) assert.equal(report.timers, 0, "timers are left");
  return outcome;
};

/** How often each outcome came, and what it took. */
const counted = () => {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const add = (/** @type {string} */ name) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return { counts, add };
};

for (const [hook, shares] of /** @type {["execute" | "continue", Record<string, number>][]} */ ([
  ["execute", { redirect: 0.12, proceed: 0.2, deny: 0.2, reject: 0.005 }],
  ["continue", { record: 0.2, deny: 0.3, reject: 0.005 }],
])) {
  test(`${hook}: no login is let in, refused or challenged but by the tables, whatever it is given`, async (t) => {
    const assertUnharmed = watchProcess(t);
    const pkg = loadPackage();
    const { counts, add } = counted();
    const numRuns = Math.ceil(Number(RUNS) / 2);

    const property = fc.asyncProperty(login(hook), async (given) => {
      const report = await runFaultyLogin(pkg, given);
      const outcome = check(given, report);
      await assertUnharmed();
      add(outcome.split(" ")[0]);
      add(given.faults.length === 0 ? "legal" : "hostile");
      if (report.requests.length > 1) add("retried");
      if (report.lines.some((line) => line.includes("internal_error"))) add("trapped");
      for (const { name } of given.answers.slice(0, report.requests.length)) add(`fetch: ${name}`);
      for (const fault of given.faults)
        add("value" in fault ? `value: ${fault.value}` : "name" in fault ? `global: ${fault.name}` : fault.at);
    });
    const { failed, seed, counterexamplePath, ...details } = await fc.check(property, {
      numRuns,
      seed: SEED === undefined ? undefined : Number(SEED),
      path: PATH_,
    });
    if (failed) {
      const report = fc.defaultReportMessage(/** @type {any} */ ({ failed, seed, counterexamplePath, ...details }));
      assert.fail(
        `${/** @type {any} */ (details.errorInstance)?.stack}\n${report}\nAgain: SEED=${seed} PATH_=${counterexamplePath} node --test-name-pattern=${hook}: tests/runtime/properties.test.js`,
      );
    }
    if (PATH_ !== undefined) return;

    const total = details.numRuns;
    t.diagnostic(
      `${total} logins, seed ${seed}: ${[...counts]
        .filter(([name]) => !name.includes(":"))
        .map(([name, count]) => `${name} ${count}`)
        .join(", ")}`,
    );
    for (const [name, share] of Object.entries({
      ...shares,
      legal: 0.3,
      hostile: 0.3,
      retried: 0.02,
      trapped: 0.005,
    })) {
      const found = (counts.get(name) ?? 0) / total;
      assert.ok(found >= share, `${name} in ${found} of the logins, where ${share} is the least that shows anything`);
    }
    if (total < 5000) return;
    const all = [
      ...behaviourNames.map((name) => `fetch: ${name}`),
      ...hostileNames.map((name) => `value: ${name}`),
      ...GLOBALS.map((name) => `global: ${name}`),
    ];
    assert.deepEqual(
      all.filter((name) => !counts.has(name)),
      [],
      "never met",
    );
  });
}
