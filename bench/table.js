// The measures, their goals, and the table of them.

import { CONTENDERS, NAMES, NAMES_OVER_TLS } from "./contenders.js";
import { median, summary } from "./statistics.js";

/** @import { Contender, PerContender } from "./contenders.js" */
/** @import { Counts, Measured, Samples } from "./measure.js" */
/** @import { RoundTrips } from "./round-trips.js" */
/** @import { Summary } from "./statistics.js" */

/**
 * What ours is held against: itself, how many times another it is, or how much more.
 * @typedef {{ ours: "is" } | { ours: "times" | "more", than: Contender }} Comparison
 *
 * @typedef {object} Goal
 * @property {number} value
 * @property {"at most" | "under" | "exactly"} [is] at most, where not given
 *
 * @typedef {object} Measure
 * @property {string} id
 * @property {string} name
 * @property {string} unit
 * @property {number} digits after the point
 * @property {(Comparison & { goal?: Goal })[]} held
 *
 * @typedef {object} Row a measure as it was found
 * @property {string} id
 * @property {string} name
 * @property {string} unit
 * @property {number} digits
 * @property {PerContender<Summary>} contenders
 * @property {(Comparison & { found: number, goal?: Goal, reached?: boolean })[]} held
 */

/** @param {number} count */
const grouped = (count) => count.toLocaleString("en");

/** @param {Counts} counts @returns {Measure[]} */
const measures = ({ logins, requests }) => {
  const [early, late] = [grouped(logins / 16), grouped(logins)];
  return [
    { id: "size", name: "size", unit: "bytes", digits: 0, held: [{ ours: "is", goal: { value: 55_000 } }] },
    {
      ...{ id: "cold", name: "cold start: load and first challenge", unit: "ms", digits: 1 },
      held: [
        { ours: "times", than: "bareFetch", goal: { value: 0.65 } },
        { ours: "times", than: "official", goal: { value: 0.35 } },
        { ours: "times", than: "bareHttp" },
      ],
    },
    {
      ...{ id: "process", name: "the whole process of that", unit: "ms", digits: 1 },
      held: [{ ours: "times", than: "bareFetch" }],
    },
    {
      ...{ id: "load", name: "load alone", unit: "ms", digits: 2 },
      held: [{ ours: "is", goal: { value: 3, is: "under" } }],
    },
    {
      ...{ id: "warm", name: "CPU of a warm login", unit: "µs", digits: 0 },
      held: [
        { ours: "times", than: "bareFetch", goal: { value: 0.9 } },
        { ours: "times", than: "bareHttp" },
      ],
    },
    {
      ...{ id: "growth", name: `CPU of login ${late} over login ${early}`, unit: "×", digits: 2 },
      held: [{ ours: "is", goal: { value: 1.05 } }],
    },
    {
      ...{ id: "late", name: `CPU of login ${late}`, unit: "µs", digits: 0 },
      held: [{ ours: "times", than: "official", goal: { value: 0.08 } }],
    },
    {
      ...{ id: "memory", name: `memory after ${late} logins`, unit: "MB", digits: 1 },
      held: [
        { ours: "more", than: "bareFetch", goal: { value: 10 } },
        { ours: "more", than: "bareHttp", goal: { value: 15 } },
      ],
    },
    {
      ...{ id: "requests", name: `requests of ${grouped(requests)} logins`, unit: "", digits: 0 },
      held: [{ ours: "is", goal: { value: requests, is: "exactly" } }],
    },
    {
      ...{ id: "connections", name: "their connections", unit: "", digits: 0 },
      held: [{ ours: "is", goal: { value: 1, is: "exactly" } }],
    },
    {
      id: "sent",
      name: "bytes sent for a login",
      unit: "bytes",
      digits: 0,
      held: [{ ours: "times", than: "official" }],
    },
    { id: "received", name: "bytes received", unit: "bytes", digits: 0, held: [{ ours: "times", than: "official" }] },
  ];
};

/** @param {Measured} measured @param {PerContender<number>} sizes @param {Counts} counts @returns {Row[]} */
export const rows = (measured, sizes, counts) =>
  measures(counts).map((measure) => {
    const taken = /** @type {Record<string, Samples>} */ (/** @type {unknown} */ (measured))[measure.id];
    return row(measure, measure.id === "size" ? each((name) => [sizes[name]]) : taken);
  });

/**
 * The goal of a warm login is one round trip, that is less than 1.5 with its own work.
 * @param {RoundTrips} roundTrips
 * @returns {Row[]}
 */
export const roundTripRows = ({ first, atOnce, silences }) => [
  row({ id: "first", name: "first login", unit: "", digits: 1, held: [{ ours: "is" }] }, first),
  ...[{ seconds: 0, samples: atOnce }, ...silences].map(({ seconds, samples }) => {
    const [id, name] = [`after-${seconds}`, `after ${seconds} s of silence`];
    return row({ id, name, unit: "", digits: 1, held: [{ ours: "is", goal: { value: 1.5, is: "under" } }] }, samples);
  }),
];

/** @param {Measure} measure @param {Samples} samples @returns {Row} */
const row = (measure, samples) => {
  const held = measure.held.map(({ goal, ...comparison }) => {
    const found = compare(samples, comparison);
    return goal ? { ...comparison, found, goal, reached: reaches(found, goal) } : { ...comparison, found };
  });
  return { ...measure, contenders: each((name) => summary(samples[name])), held };
};

/** @template T @param {(contender: Contender) => T} value @returns {PerContender<T>} */
const each = (value) => {
  const [ours, official, bareFetch, bareHttp] = CONTENDERS.map(value);
  return { ours, official, bareFetch, bareHttp };
};

/**
 * The median, or that of the ratios or differences of what was taken side by side: a machine that is slower for a
 * while is so for both. Where the other was taken less often, it is the medians that are compared.
 * @param {Samples} samples
 * @param {Comparison} comparison
 */
export const compare = (samples, comparison) => {
  const { ours } = samples;
  if (comparison.ours === "is") return median(ours);
  const others = samples[comparison.than];
  const pairs =
    others.length === ours.length ? others.map((other, i) => [ours[i], other]) : [[median(ours), median(others)]];
  return median(pairs.map(([our, other]) => (comparison.ours === "times" ? our / other : our - other)));
};

/** @param {number} found @param {Goal} goal */
const reaches = (found, { value, is = "at most" }) =>
  is === "exactly" ? found === value : is === "under" ? found < value : found <= value;

/** As Markdown. @param {Row[]} rows */
export const table = (rows) => markdown(cells(rows, "measure", NAMES));

/** As Markdown, without the column of ratios. @param {Row[]} rows */
export const roundTripTable = (rows) =>
  markdown(cells(rows, "round trips of a login", NAMES_OVER_TLS).map((line) => line.toSpliced(-3, 1)));

/** The table's lines, the head first. @param {Row[]} rows @param {string} what @param {PerContender<string>} names */
const cells = (rows, what, names) => {
  const lines = [[what, ...CONTENDERS.map((name) => names[name]), "ratio", "goal", "reached"]];
  for (const { name, unit, digits, contenders, held } of rows) {
    held.forEach((one, index) => {
      const number = (/** @type {number} */ value, places = digits) =>
        value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
      const value = (/** @type {Contender} */ of) => `${number(contenders[of].median)} ${unit}`.trim();
      const first = index === 0 ? [name, ...CONTENDERS.map(value)] : ["", ...CONTENDERS.map(() => "")];
      const { goal } = one;
      const than = one.ours === "is" ? "" : one.than === "official" ? "official" : NAMES[one.than];
      const ratio = {
        is: "",
        times: `${number(one.found, 2)} × ${than}`,
        more: `${one.found < 0 ? "−" : "+"}${number(Math.abs(one.found))} ${unit} than ${than}`,
      }[one.ours];
      const limit = goal && `${goal.value.toLocaleString("en")}${one.ours === "times" ? " ×" : unit && ` ${unit}`}`;
      const wanted = goal ? `${goal.is === "exactly" ? "" : goal.is === "under" ? "< " : "≤ "}${limit}` : "";
      lines.push([...first, ratio, wanted, one.reached === undefined ? "" : one.reached ? "yes" : "NO"]);
    });
  }
  return lines;
};

/** @param {string[][]} lines */
const markdown = (lines) => {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const [head, ...body] = lines.map(
    (line) =>
      `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [head, rule, ...body].join("\n");
};
