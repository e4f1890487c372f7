/**
 * The pages of the device code grant: `/activate`, where the user enters the code that a device shows.
 */
import { html, page, pageHeaders } from "../page.js";

/** @typedef {import("oidc-provider").KoaContextWithOIDC} Context */

/** @param {Context} context @param {string} title @param {import("../page.js").Html} body */
function send(context, title, body) {
  context.set(pageHeaders());
  context.type = "html";
  context.body = page({ title, origin: "Auth0", body: html`<h1>${title}</h1>${body}` });
}

/** What the provider put into the session against forged forms. @param {Context} context */
const xsrf = ({ oidc }) =>
  html`<input type="hidden" name="xsrf" value="${/** @type {any} */ (oidc.session).state.secret}" />`;

/** @param {any} error of the provider: what it re-renders the form with */
const problemOf = ({ name, cause }) =>
  name === "AbortedError"
    ? (cause?.error_description ?? "The device was refused.")
    : "This code is unknown, used or expired.";

export const devicePages = {
  /**
   * @param {Context} context
   * @param {string} _form
   * @param {unknown} _out
   * @param {any} [error]
   */
  userCodeInputSource(context, _form, _out, error) {
    const ended = error?.name === "AbortedError";
    send(
      context,
      ended ? "The device is not connected" : "Connect a device",
      html`
        ${error && html`<p class="card bad" role="alert" id="problem">${problemOf(error)}</p>`}
        ${
          !ended &&
          html`<form class="card" method="post" action="/activate">
          ${context.oidc.session?.state && xsrf(context)}
          <label for="user_code">The code that the device shows</label>
          <input id="user_code" name="user_code" autocomplete="off" required />
          <button>Continue</button>
        </form>`
        }
      `,
    );
  },

  /**
   * @param {Context} context
   * @param {string} _form
   * @param {any} client
   * @param {unknown} _info
   * @param {string} userCode
   */
  userCodeConfirmSource(context, _form, client, _info, userCode) {
    send(
      context,
      "Is this your device?",
      html`
        <form class="card" method="post" action="/activate">
          <p><strong>${client.clientName}</strong> shows the code <strong>${userCode}</strong>.</p>
          ${xsrf(context)}
          <input type="hidden" name="user_code" value="${userCode}" />
          <button name="confirm" value="yes">Yes, connect it</button>
          <button class="quiet" name="abort" value="yes">No</button>
        </form>
      `,
    );
  },

  /** @param {Context} context */
  successSource(context) {
    send(context, "The device is connected", html`<p class="card">You can close this page.</p>`);
  },
};
