/**
 * A login as a sequence diagram: one row an arrow, time from top to bottom. HTML, so that it wraps on a
 * phone and a screen reader can read it; the lines are drawn by the stylesheet.
 */
import { Html, html } from "../page.js";

/**
 * @typedef {import("./recorder.js").Arrow} Arrow
 * @typedef {import("./recorder.js").Login} Login
 * @typedef {import("./recorder.js").Party} Party
 */

/** @type {Party[]} from left to right */
const LANES = ["browser", "auth0", "action", "elsewhere"];

/** @type {Record<Party, string>} */
const NAMES = { browser: "Browser", auth0: "Auth0", action: "Action", elsewhere: "Outside" };

/** A pause that is worth saying. */
const PAUSE_MS = 1000;

/** @param {Login} login @param {number} [selected] */
export function diagram(login, selected) {
  const rows = rowsOf(login.arrows);
  return html`
    <div class="sequence">
      <div class="lanes" aria-hidden="true">
        ${LANES.map((lane) => html`<span class="lane ${lane}">${NAMES[lane]}${lane === "browser" && html` <small>and application</small>`}</span>`)}
      </div>
      <ol class="arrows">
        ${rows.map(({ arrow, pause, running }) => [
          pause !== undefined &&
            html`<li class="pause${running && " running"}"><span>${duration(pause)} later</span></li>`,
          row(login, arrow, running, arrow.id === selected),
        ])}
      </ol>
    </div>
  `;
}

/** Which arrows come after a pause, and which while the Action runs. @param {Arrow[]} arrows */
function rowsOf(arrows) {
  let running = false;
  return arrows.map((arrow, index) => {
    const waited = index === 0 ? 0 : arrow.at - arrows[index - 1].at;
    const row = { arrow, running, pause: waited >= PAUSE_MS ? waited : undefined };
    if (arrow.to === "action" && arrow.from === "auth0") running = true;
    if (arrow.from === "action" && arrow.to === "auth0") running = false;
    return row;
  });
}

/** @param {Login} login @param {Arrow} arrow @param {boolean} running @param {boolean} selected */
function row(login, arrow, running, selected) {
  const { id, from, to, label, at, ms, tone, answer } = arrow;
  const [a, b] = [LANES.indexOf(from), LANES.indexOf(to)];
  const classes = [
    "arrow",
    `span-${Math.min(a, b)}-${Math.max(a, b)}`,
    a < b ? "to-right" : "to-left",
    tone,
    answer && "answer",
    running && "running",
    selected && "selected",
  ];
  const href = `/inspector/${login.id}${selected ? "" : `/${id}`}#arrow-${id}`;
  return html`
    <li class="${classes.filter(Boolean).join(" ")}">
      <a id="arrow-${id}" href="${href}" aria-expanded="${String(selected)}">
        <span class="when">${duration(at)}</span>
        <span class="label">
          <span class="hidden">${NAMES[from]} to ${NAMES[to]}: </span>${breakable(label)}
          ${ms !== undefined && html` <span class="took">${duration(ms)}</span>`}
        </span>
        <span class="line"></span>
      </a>
      ${selected && html`<pre tabindex="0" aria-label="What was sent">${json(arrow.detail)}</pre>`}
    </li>
  `;
}

/** A path breaks between its parts. @param {string} label */
const breakable = (label) => label.split(/(?<=[/?&])(?=\w)/).map((part, index) => [index > 0 && html`<wbr />`, part]);

/** @param {number} ms */
export function duration(ms) {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b/gi;

/** JSON in colours. @param {unknown} value */
export function json(value) {
  const text = JSON.stringify(value, null, 2);
  /** @type {(string | Html)[]} */
  const parts = [];
  let end = 0;
  for (const { 0: all, 1: string, 2: colon, index } of text.matchAll(TOKENS)) {
    parts.push(text.slice(end, index));
    if (string === undefined) parts.push(html`<span class="json-value">${all}</span>`);
    else parts.push(html`<span class="${colon ? "json-name" : "json-text"}">${string}</span>`, colon ?? "");
    end = index + all.length;
  }
  return [...parts, text.slice(end)];
}
