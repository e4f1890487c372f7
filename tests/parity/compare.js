import assert from "node:assert/strict";

/** @import { Observation } from "./observe.js" */

/**
 * Those facts in which two observations differ: `outcome`, `sent`, `headers.NAME`, `body.NAME`.
 * @typedef {Record<string, unknown>} Facts
 *
 * @typedef {object} Difference a deliberate one
 * @property {string} scenario its id
 * @property {Facts} official exactly what the official handler did
 * @property {Facts} ours exactly what ours did
 * @property {string} reason for a user who migrates
 *
 * @typedef {object} General a difference of every request, every redirect or every log
 * @property {string} official
 * @property {string} ours
 * @property {string} reason for a user who migrates
 *
 * @typedef {General & { at: string, of: "execute" | "continue" | "both" }} RequestDifference `at` is
 *   `headers.NAME` or `body.NAME`, or `path`, where what is told is a segment of it
 * @typedef {General & { except: string[] }} RedirectDifference a call before the redirect, but in those
 *   scenarios
 *
 * @typedef {object} Expectations
 * @property {RequestDifference[]} inEveryRequest
 * @property {RedirectDifference} beforeEveryRedirect
 * @property {Difference[]} differences
 */

/** What is not there, in a list where everything has a value. */
export const ABSENT = "(absent)";

/** Stands for the local Authsignal, whose port nobody knows before. */
export const LOCAL = "http://127.0.0.1:PORT";

/**
 * Throws where the two differ in anything that is not expected, or are alike where a difference is.
 * @param {string} scenario
 * @param {Observation} official
 * @param {Observation} ours
 * @param {Expectations} expectations
 */
export function check(scenario, official, ours, expectations) {
  const found = compare(scenario, official, ours, expectations);
  const listed = expectations.differences.filter((difference) => difference.scenario === scenario);
  assert.ok(listed.length < 2, `${scenario} is listed twice`);
  const [{ official: their, ours: our } = { official: {}, ours: {} }] = listed;
  assert.deepEqual(found, { official: their, ours: our });
}

/**
 * @param {string} scenario
 * @param {Observation} official
 * @param {Observation} ours
 * @param {Pick<Expectations, "inEveryRequest" | "beforeEveryRedirect">} general
 * @returns {{ official: Facts, ours: Facts }}
 */
export function compare(scenario, official, ours, { inEveryRequest, beforeEveryRedirect }) {
  // What theirs would be if only the general differences were.
  const likeOurs = inEveryRequest.reduce(changeRequest, {
    ...official,
    calls: changeCalls(official.calls, beforeEveryRedirect, scenario),
  });
  const [expected, theirs, our] = [factsOf(likeOurs), factsOf(official), factsOf(ours)];
  const bothSent = official.sent.length > 0 && ours.sent.length > 0;
  const gone = inEveryRequest.filter((difference) => isGone(official, difference)).map(factOf);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(our), ...gone])].filter(
    (name) =>
      (!isEqual(expected[name], our[name]) || gone.includes(name)) &&
      (bothSent || name === "outcome" || name === "sent"),
  );
  const pick = (/** @type {Facts} */ facts) =>
    Object.fromEntries(names.map((name) => [name, name in facts ? facts[name] : ABSENT]));
  return { official: pick(theirs), ours: pick(our) };
}

/** @param {RequestDifference} difference */
const factOf = ({ at }) => (at === "path" ? "sent" : at);

/**
 * Whether the official handler no longer does what a general difference says of it.
 * @param {Observation} observation
 * @param {RequestDifference} difference
 */
function isGone({ hook, sent, request }, { at, of, official, ours }) {
  if (of !== "both" && of !== hook) return false;
  if (at === "path") return sent.some((line) => line.includes(`/${ours}/`));
  return sent.length > 0 && (at in request ? request[at] : ABSENT) !== official;
}

/**
 * @param {Observation} observation
 * @param {RequestDifference} difference
 * @returns {Observation}
 */
function changeRequest(observation, { at, of, official, ours }) {
  const { hook, sent, request } = observation;
  if (of !== "both" && of !== hook) return observation;
  if (at === "path") {
    return { ...observation, sent: sent.map((line) => line.replace(`/${official}/`, `/${ours}/`)) };
  }
  if ((at in request ? request[at] : ABSENT) !== official) return observation;
  const { [at]: _, ...rest } = request;
  return { ...observation, request: ours === ABSENT ? rest : { ...rest, [at]: ours } };
}

/**
 * @param {string[]} calls
 * @param {RedirectDifference} difference
 * @param {string} scenario
 */
function changeCalls(calls, { ours, except }, scenario) {
  if (except.includes(scenario)) return calls;
  return calls.flatMap((call) => (call.startsWith("redirect.sendUserTo(") ? [ours, call] : [call]));
}

/**
 * @param {Observation} observation
 * @returns {Facts}
 */
function factsOf({ calls, rejection, sent, request }) {
  const steps = rejection === undefined ? calls : [...calls, `rejects: ${rejection}`];
  return { outcome: steps.join("; ") || "proceeds", sent, ...request };
}

/** @type {(one: unknown, other: unknown) => boolean} */
function isEqual(one, other) {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
