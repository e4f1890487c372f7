import { html } from "../page.js";
import { choices } from "./choices.js";
import { appPage, whereToLook } from "./pages.js";

/**
 * The single-page application: everything happens in its script, `spa.client.js`.
 * @param {{ issuer: string, clientId: string, links: import("./pages.js").Link[] }} settings
 */
export const spaPage = ({ issuer, clientId, links }) =>
  appPage(
    "Single-page application",
    html`
      <div id="spa" data-issuer="${issuer}" data-client-id="${clientId}">
        <h1 id="state" aria-live="polite">Looking for a session…</h1>
        <section class="card" role="alert" id="problem" hidden>
          <p class="bad"><strong id="error-description"></strong></p>
          <p><code id="error"></code></p>
        </section>
        <p>
          <button id="log-in">Log in</button>
          <button id="refresh" class="quiet">Refresh the tokens</button>
          <button id="log-out" class="quiet">Log out</button>
        </p>
        <p class="good" role="status" id="done"></p>
        ${choices("/spa")}
        <section class="card" id="session" hidden>
          <h2 id="claims">What the ID token says</h2>
          <table class="claims" aria-labelledby="claims"><tbody id="rows"></tbody></table>
        </section>
      </div>
      ${whereToLook(links)}
    `,
    ["/spa.js"],
  );
