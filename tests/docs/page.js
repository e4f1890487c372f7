// The pages of docs/, as far as tests read them.

import { readFileSync } from "node:fs";

/** @param {string} name */
export const readPage = (name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

/**
 * The JavaScript blocks of a page, each with the heading above it, as `maxAge` or `maxAge (2)`.
 * @param {string} page
 */
export function codeBlocks(page) {
  /** @type {Map<string, string>} */
  const blocks = new Map();
  let title = "";
  for (const [, heading, code] of page.matchAll(/^#+ (.*)$|^```js\n([^]*?)^```$/gm)) {
    if (heading !== undefined) title = heading.replaceAll("`", "");
    else blocks.set(unused(blocks, title), code);
  }
  return blocks;
}

/** @param {Map<string, string>} blocks @param {string} title */
function unused(blocks, title) {
  let name = title;
  for (let count = 2; blocks.has(name); count += 1) name = `${title} (${count})`;
  return name;
}
