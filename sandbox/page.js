// What every page of the sandbox has: escaped HTML, one stylesheet, a strict policy, and the word "sandbox".

import { readFileSync } from "node:fs";

/** Markup that is safe to send. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {unknown} value @returns {string} */
const markup = (value) => {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(markup).join("");
  if (value === undefined || value === null || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
};

/**
 * A template whose values are escaped, but for other templates; arrays are joined, and `undefined`, `null`
 * and `false` are left out.
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
export const html = (strings, ...values) =>
  new Html(strings.reduce((whole, text, index) => whole + markup(values[index - 1]) + text));

export const stylesheet = readFileSync(new URL("./style.css", import.meta.url), "utf8");

/**
 * A whole page. The stylesheet is at `/style.css` of each origin.
 * @param {{ title: string, origin: "Application" | "Auth0" | "Authsignal", body: Html, scripts?: string[],
 *   wide?: boolean }} page
 *   `scripts` are addresses of module scripts on the same origin
 */
export const page = ({ title, origin, body, scripts = [], wide = false }) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ${origin} sandbox</title>
        <link rel="stylesheet" href="/style.css" />
        ${scripts.map((address) => html`<script type="module" src="${address}"></script>`)}
      </head>
      <body>
        <header class="banner">
          <strong>${origin}</strong> <span>This is a sandbox on your machine, not the real service.</span>
        </header>
        <main class="${wide ? "wide" : "narrow"}">${body}</main>
      </body>
    </html>`.text;

/**
 * The headers of every page: nothing inline, nothing from elsewhere, no framing.
 * @param {string} [formAction] where forms may lead. Chromium holds this policy along the whole chain of
 *   redirects, so a form whose answer redirects to other origins has to name them.
 * @param {string} [tenant] the origin that a single-page application talks to, also in an iframe
 */
export const pageHeaders = (formAction = "'self'", tenant = "") => ({
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${tenant}`.trim(),
    ...(tenant ? [`frame-src ${tenant}`] : []),
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
});
