import { html, page } from "../../page.js";

/** @import { Html } from "../../page.js" */

const PAGES = /** @type {const} */ ([
  ["/portal", "Actions"],
  ["/portal/users", "Users"],
  ["/portal/outbox", "Outbox"],
  ["/portal/activity", "Activity"],
  ["/portal/faults", "Faults"],
]);

/**
 * A page of the Portal.
 * @param {typeof PAGES[number][1]} title
 * @param {Html} body
 */
export const portalPage = (title, body) =>
  page({
    title: `${title} · Portal`,
    origin: "Authsignal",
    wide: true,
    body: html`
      <nav class="tabs" aria-label="Portal">
        ${PAGES.map(
          ([address, name]) => html`<a href="${address}" ${name === title && html`aria-current="page"`}>${name}</a>`,
        )}
      </nav>
      <h1>${title}</h1>
      ${body}
    `,
  });

/** @param {string} iso */
export const time = (iso) => html`<time datetime="${iso}">${iso.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</time>`;

/**
 * @param {readonly (readonly [value: string, name: string])[]} choices
 * @param {string} chosen
 */
export const options = (choices, chosen) =>
  choices.map(([value, name]) => html`<option value="${value}" ${value === chosen && html`selected`}>${name}</option>`);
