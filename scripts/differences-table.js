// The list of tests/parity/differences.js for a reader: each reason once, with what the two handlers do.

import { ABSENT } from "../tests/parity/compare.js";
import {
  beforeEveryRedirect,
  differences,
  inEveryRequest,
  inTheLog,
  whatTheyResolveTo,
  whereItIsPrinted,
} from "../tests/parity/differences.js";

/** @import { Facts } from "../tests/parity/compare.js" */
/** @typedef {{ reason: string, cases: number, official: string[], ours: string[] }} Row */

const LETS_IN = "lets in";
const COUNTS = "counts the challenge";
const CHALLENGES = "sends to Authsignal";
const CLAIMS = "adds the claim";
const THROWS = "throws";

/** In this order, the first that fits. @type {{ title: string, fits: (row: Row) => boolean }[]} */
const SECTIONS = [
  {
    title: "The official handler lets the login in, and this one doesn't",
    fits: ({ official, ours }) => letsIn(official) && !letsIn(ours),
  },
  {
    title: "The official handler sends the user to Authsignal, and this one denies",
    fits: ({ official, ours }) => official.includes(CHALLENGES) && ours.some((word) => word.startsWith("denies")),
  },
  { title: "The official handler throws", fits: ({ official }) => official.includes(THROWS) },
  { title: "The rest", fits: () => true },
];

/** @param {string[]} words */
const letsIn = (words) => [LETS_IN, COUNTS, CLAIMS].some((word) => words.includes(word));

/** Markdown. */
export function differencesTable() {
  const rows = unique(differences.map(({ reason }) => reason)).map(toRow);
  const tables = SECTIONS.map(({ title }) => {
    const own = rows.filter((row) => SECTIONS.find((section) => section.fits(row))?.title === title);
    return `### ${title}\n\n${table(own)}`;
  });
  const general = [
    ...inEveryRequest.map(({ at, reason, official, ours }) => ({
      reason,
      cases: "all",
      official: [exactly({ [at]: official })],
      ours: [exactly({ [at]: ours })],
    })),
    ...[beforeEveryRedirect, inTheLog, whereItIsPrinted, whatTheyResolveTo].map(({ reason, official, ours }) => ({
      reason,
      cases: "all",
      official: [official],
      ours: [ours],
    })),
  ];
  return [...tables, `### In every request, redirect, log and result\n\n${table(general)}`].join("\n\n");
}

/** @param {{ reason: string, cases: number | string, official: string[], ours: string[] }[]} rows */
const table = (rows) =>
  [
    "| what is different, and why | cases | `@authsignal/node` | `authsignal-auth0` |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ reason, cases, official, ours }) =>
        `| ${[reason, cases, official.join(", "), ours.join(", ")].map(inCell).join(" | ")} |`,
    ),
  ].join("\n");

/** @param {string | number} text */
const inCell = (text) => String(text).replaceAll("|", "\\|");

/** @param {string} reason @returns {Row} */
function toRow(reason) {
  const cases = differences.filter((each) => each.reason === reason);
  const official = shortened(unique(cases.map((each) => inWords(each.official))));
  const ours = shortened(unique(cases.map((each) => inWords(each.ours))));
  if (official.join() !== ours.join()) return { reason, cases: cases.length, official, ours };
  // Both do the same with something that is not the same: the first case stands for all.
  const [first] = cases;
  return { reason, cases: cases.length, official: [exactly(first.official)], ours: [exactly(first.ours)] };
}

/** @param {Facts} facts */
function inWords(facts) {
  const { outcome } = facts;
  if (typeof outcome !== "string") return exactly(facts);
  if (outcome.includes("rejects: ")) return THROWS;
  const denied = /access\.deny\((".*")\)/.exec(outcome);
  if (denied) return `denies: ${denied[1]}`;
  if (outcome.includes("redirect.sendUserTo(")) return CHALLENGES;
  if (outcome.includes("recordMethod(")) return outcome.includes("setCustomClaim(") ? CLAIMS : COUNTS;
  if (outcome.includes("setCustomClaim(")) return CLAIMS;
  if (outcome === "proceeds") return LETS_IN;
  throw new Error(`There is no word for ${outcome}`);
}

/** @param {Facts} facts */
function exactly(facts) {
  const parts = Object.entries(facts).map(([fact, value]) => {
    const name = fact.slice(fact.indexOf(".") + 1);
    if (name === "sent") return `${value}` || "no request";
    if (value === ABSENT) return `no ${name}`;
    if (name === "outcome") return String(value).split("; ").at(-1);
    return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return parts.map((part) => `\`${part}\``).join(", ");
}

/** @param {string[]} words */
const unique = (words) => [...new Set(words)];

/** Of what has to be told exactly, the first stands for all. @param {string[]} words */
function shortened(words) {
  const first = words.find((word) => word.startsWith("`"));
  return words.filter((word) => !word.startsWith("`") || word === first);
}
