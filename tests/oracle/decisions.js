// Reads decisions.json. It looks only at an event's, an answer's and the options' own values.

import { readFileSync } from "node:fs";

/**
 * What a row says.
 * @typedef {object} Decision
 * @property {string} outcome `proceed`, `redirect`, `deny`, `record`, or `request` if it takes an answer to decide
 * @property {string} [message] the option that holds what a denied user reads
 * @property {string} [if] the condition that decided
 *
 * @typedef {Record<string, any>} Json
 */

/** @type {Json} */
const tables = JSON.parse(readFileSync(new URL("./decisions.json", import.meta.url), "utf8"));

/** What a denied user reads, by the option's name. @type {Record<string, string>} */
export const messages = tables.messages;

/** Every state of the table, with the examples of others. @type {unknown[]} */
export const states = [
  ...new Set(
    withExamples(
      tables.track.map((/** @type {Json} */ row) => row.state),
      "state",
    ),
  ),
];

/** Every combination of the values, beside the defaults, of the options that the rows of `track` name. @type {Json[]} */
export const trackOptions = Object.entries(tables.defaults).reduce(
  (all, [name, value]) => {
    const others = new Set(tables.track.map((/** @type {Json} */ row) => row[name] ?? value));
    others.delete(value);
    return all.flatMap((options) => [options, ...[...others].map((other) => ({ ...options, [name]: other }))]);
  },
  [/** @type {Json} */ ({})],
);

/** What is not enrolled. @type {unknown[]} */
export const notEnrolled = tables.examples.isEnrolled;

/** The protocols by kind, with the examples of others. @type {Record<string, any[]>} */
export const protocols = Object.fromEntries(
  Object.entries(tables.protocols).map(([kind, list]) => [kind, withExamples(list, "protocol")]),
);

/** The prompts by kind. @type {Record<string, string[]>} */
export const prompts = tables.prompts;

/** @param {unknown} protocol */
export const refreshesToken = (protocol) => tables.protocols["refreshes a token"].includes(protocol);

/** @param {unknown} protocol @param {unknown} [prompt] */
export const canRedirect = (protocol, prompt) =>
  !tables.protocols["can't redirect"].includes(protocol) && !prompts["can't redirect"].includes(String(prompt));

/**
 * What is decided before a request: by the first condition that holds.
 * @param {"track" | "validate"} request
 * @param {Record<string, boolean>} holds
 * @returns {Decision}
 */
export function before(request, holds) {
  const row = tables[`before ${request}`].find((/** @type {Json} */ row) => {
    if (row.if !== "none of these" && holds[row.if] === undefined) throw Error(`A new condition: ${row.if}`);
    return row.if === "none of these" || holds[row.if];
  });
  return decision(row);
}

/**
 * What an answer to a track request leads to.
 * @param {Json} answer
 * @param {Json} options
 * @param {{ canRedirect: boolean, secureUrl: boolean }} facts
 * @returns {Decision}
 */
export function track({ state, isEnrolled }, options, facts) {
  const named = tables.track.some((/** @type {Json} */ row) => row.state === state);
  const given = { ...tables.defaults, ...present(options) };
  const decided = only("track", { ...given, state: named ? state : "*", isEnrolled: isEnrolled === true });
  return decided.outcome === "redirect" ? only("redirect", facts) : decided;
}

/**
 * What a request without a usable answer leads to.
 * @param {"track" | "validate"} request
 * @param {Json} options
 * @param {{ outage: boolean, stepUp: boolean }} facts
 * @returns {Decision}
 */
export function withoutAnswer(request, options, facts) {
  if (request === "validate") return decision(tables["validate without an answer"]);
  return only("track without an answer", { ...tables.defaults, ...present(options), ...facts });
}

/**
 * What an answer to a validate request leads to.
 * @param {Json} answer
 * @param {{ action: string, userId: string, authsignal_challenge?: unknown }} expected
 * @returns {Decision}
 */
export function validate(answer, expected) {
  const failed = tables.validate.find((/** @type {Json} */ { fields, value, orNone }) => {
    const name = typeof value === "string" && value.startsWith("$") ? value.slice(1) : undefined;
    const right = name === undefined ? value : /** @type {Json} */ (expected)[name];
    if (name === "authsignal_challenge" && isAbsent(right)) return false;
    if (name !== undefined && typeof right !== "string") return true;
    const given = fields.map((/** @type {string} */ field) => answer[field]).filter(isPresent);
    return !given.every((/** @type {unknown} */ one) => one === right) || (given.length === 0 && !orNone);
  });
  return decision(failed ?? tables["validate, and every row holds"]);
}

/** @param {unknown} value */
const isAbsent = (value) => value === undefined || value === null;
/** @param {unknown} value */
const isPresent = (value) => !isAbsent(value);

/** @param {Json} options */
const present = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** @param {any} values @param {string} field */
function withExamples(values, field) {
  return values.flatMap((/** @type {unknown} */ value) => (value === "*" ? tables.examples[field] : [value]));
}

/** @param {Json} row @returns {Decision} */
function decision(row) {
  const [outcome, message] = (row.outcome ?? row.else).split(" ");
  return { outcome, message, if: row.if };
}

/**
 * The only row that holds.
 * @param {string} table
 * @param {Json} facts
 */
function only(table, facts) {
  const holding = tables[table].filter((/** @type {Json} */ { outcome, code, ...named }) =>
    Object.entries(named).every(([name, value]) => facts[name] === value),
  );
  if (holding.length !== 1) throw Error(`${holding.length} rows of ${table} hold for ${JSON.stringify(facts)}`);
  return decision(holding[0]);
}
