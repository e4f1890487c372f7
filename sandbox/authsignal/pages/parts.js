import { html } from "../../page.js";

/** @import { Html } from "../../page.js" */

/**
 * What went wrong. It stands on the page without one too, so that a script's words are read out.
 * @param {string} [problem]
 */
export const problemText = (problem) => html`<p id="problem" class="problem" role="alert">${problem}</p>`;

/**
 * Of the field that the problem is about.
 * @param {string} [problem]
 */
export const problemAttributes = (problem) => problem && html`aria-invalid="true" aria-describedby="problem"`;

/**
 * The form of a code of six digits.
 * @param {{ action: string, problem?: string, submit: string }} form
 */
export const codeForm = ({ action, problem, submit }) => html`
  <form method="post" action="${action}">
    ${problemText(problem)}
    <label for="code">Code</label>
    <input
      id="code"
      class="code"
      name="code"
      inputmode="numeric"
      autocomplete="one-time-code"
      pattern="[0-9 ]{6,8}"
      maxlength="8"
      title="6 digits"
      required
      autofocus
      ${problemAttributes(problem)}
    />
    <button>${submit}</button>
  </form>
`;

/**
 * @param {string} text
 * @returns {string | undefined} six digits
 */
export function parseCode(text) {
  const digits = text.replace(/\s/g, "");
  return /^\d{6}$/.test(digits) ? digits : undefined;
}

/**
 * Methods to choose from, as links.
 * @param {{ slug: string, name: string, hint: string }[]} methods
 * @param {(slug: string) => string} link
 */
export const methodList = (methods, link) => html`
  <ul class="methods">
    ${methods.map(
      ({ slug, name, hint }) => html`
        <li>
          <a href="${link(slug)}"><strong>${name}</strong> <span class="quiet-text">${hint}</span></a>
        </li>
      `,
    )}
  </ul>
`;

/**
 * The way to leave, which changes nothing.
 * @param {string} address
 */
export const backLink = (address) => html`<p><a href="${address}">Back to the application</a></p>`;
