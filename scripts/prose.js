// Part of `make lint-prose`: reports sentences that break the rules of CONTRIBUTING.md on prose, as far as a program sees
// that. It reads the files that it is given: pages in Markdown, and types, whose comments are Markdown too. It skips code
// and quotations.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import MarkdownIt from "markdown-it";

/** What no sentence may have, and what to do instead. */
export const RULES = [
  { not: /^Where\b[^?]*,|[,;] where (?:an?|both|it|no|none|nothing|one|that|there|they)\b/, do: "write if or when" },
  { not: /\b(?:except|only|unless) where\b|\bwhere (?:both|none|nothing|possible|there)\b/, do: "write if or when" },
  { not: /^Who\b[^?]*$/, do: "write users who …, or anyone who …" },
  { not: /\bbut for\b/i, do: "write except" },
  { not: /\b(?:whatever|whoever|whichever)\b/i, do: "name it, or write no matter what" },
  { not: /\bno more(?=[.,;:]|$)/i, do: "write expires, or no longer …" },
  { not: /\bto be had\b/i, do: "write available" },
  { not: /\b(?:tell|tells|told)\b/i, do: "write log, print, show, report or return" },
  { not: /\b(?:easily|easy|obviously|of course|simply)\b|\bjust\b(?! (?:after|as|before|like))/i, do: "leave it out" },
];

const MOST_WORDS = 40;

const markdown = new MarkdownIt({ html: true });
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * What is wrong with a page.
 * @param {string} page in Markdown
 * @returns {{ line: number, message: string }[]}
 */
export function findings(page) {
  /** @type {{ line: number, message: string }[]} */
  const found = [];
  for (const { line, text } of paragraphsOf(page)) {
    for (const { segment, index } of sentences.segment(text.replaceAll("\n", " "))) {
      const add = (/** @type {number} */ at, /** @type {string} */ message) =>
        found.push({ line: line + text.slice(0, index + at).split("\n").length - 1, message });
      for (const rule of RULES) {
        const match = rule.not.exec(segment.trim());
        if (match) add(match.index, `"${match[0]}": ${rule.do}`);
      }
      const words = segment.match(/[^\s–—]+/g)?.length ?? 0;
      if (words > MOST_WORDS) add(0, `${words} words in a sentence: write two sentences`);
    }
  }
  return found;
}

/** Every paragraph, heading, item and cell, each with its first line. @param {string} page */
function paragraphsOf(page) {
  let line = 1;
  return markdown.parse(page, {}).flatMap(({ type, map, children }) => {
    // A cell has no place of its own. It has that of its row.
    if (map) line = map[0] + 1;
    if (type !== "inline" || !children) return [];
    const text = children.map(textOf).join("");
    return [{ line, text: text.replace(/"[^"]+"/g, (quotation) => quotation.replace(/[^"\n]+/g, "…")) }];
  });
}

/** @param {import("markdown-it").Token} token */
function textOf({ type, content }) {
  if (type === "softbreak" || type === "hardbreak") return "\n";
  // A capital, as it may begin a sentence.
  if (type === "code_inline") return "`CODE`";
  if (type === "html_inline" && content === "<br>") return "\u2029";
  return type === "text" ? content : "";
}

/** The comments of a file of types, each line where it was. @param {string} source */
const commentsOf = (source) =>
  source
    .replace(/@example[^]*?\*\//g, (example) => example.replace(/[^\n]/g, ""))
    .replace(/^(?: *(?:\/\*\*|\*(?!\/)) ?(.*?)(?: *\*\/)?|.*)$/gm, (_, comment) => comment ?? "");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of process.argv.slice(2)) {
    const text = readFileSync(file, "utf8");
    for (const { line, message } of findings(file.endsWith(".ts") ? commentsOf(text) : text)) {
      console.log(`${file}:${line}: ${message}`);
      process.exitCode = 1;
    }
  }
}
