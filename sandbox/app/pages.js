import { html, page } from "../page.js";
import { choices } from "./choices.js";

/**
 * @typedef {{ name: string, address: string }} Link
 * @typedef {Record<string, unknown>} Claims of the ID token
 */

/** @param {string} title @param {import("../page.js").Html} body @param {string[]} [scripts] */
export const appPage = (title, body, scripts) => page({ title, origin: "Application", body, scripts });

/** @param {Link[]} links */
export const frontPage = (links) =>
  appPage(
    "Not logged in",
    html`
      <h1>You are not logged in</h1>
      <p>This application has no passwords of its own. It sends you to its Auth0 tenant.</p>
      <p>
        <a class="button" href="/login">Log in</a>
        <a class="button quiet" href="/silent-login">Log in silently</a>
      </p>
      <p class="quiet-text">Silently (<code>prompt=none</code>) works if your browser has a session at the tenant.</p>
      ${choices("/login")}
      ${whereToLook(links)}
    `,
  );

/** @param {{ claims: Claims, refreshed: boolean, canRefresh: boolean, links: Link[] }} session */
export const signedInPage = ({ claims, refreshed, canRefresh, links }) =>
  appPage(
    "Logged in",
    html`
      <h1>You are logged in</h1>
      <p>As <strong>${claims.email ?? claims.name ?? claims.sub}</strong>${authentication(claims)}.</p>
      ${refreshed && html`<p class="good" role="status">The tokens are refreshed.</p>`}
      <form method="post" action="/refresh">
        ${canRefresh && html`<button>Refresh the tokens</button>`}
        <a class="button quiet" href="/silent-login">Log in silently</a>
        <a class="button quiet" href="/login">Log in again</a>
        <a class="button quiet" href="/logout">Log out</a>
      </form>
      ${choices("/login")}
      <section class="card">
        <h2 id="claims">What the ID token says</h2>
        <table class="claims" aria-labelledby="claims">
          <tbody>
            ${Object.entries(claims)
              .filter(([, value]) => value !== undefined)
              .map(([name, value]) => claimRow(name, value))}
          </tbody>
        </table>
      </section>
      ${whereToLook(links)}
    `,
  );

/** @param {{ code: string, description: string }} error as OAuth has it */
export const errorPage = ({ code, description }) =>
  appPage(
    "Error",
    html`
      <h1>That did not work</h1>
      <section class="card" role="alert">
        <p class="bad"><strong id="error-description">${description}</strong></p>
        <p><code id="error">${code}</code></p>
        ${Object.hasOwn(EXPLAINED, code) && html`<p>${EXPLAINED[code]}</p>`}
      </section>
      <p>
        <a class="button" href="/login">Log in</a>
        <a class="button quiet" href="/">Back</a>
      </p>
    `,
  );

/** @param {string} description what the SDK or the tenant said */
export const overtakenPage = (description) =>
  appPage(
    "Login not finished",
    html`
      <h1>This login can't be finished here</h1>
      <section class="card" role="alert">
        <p>A browser remembers one login at a time: its <code>state</code> and its code verifier. Did you begin to log in
          in a second tab? Then that login took the place of this one.</p>
        <p class="quiet-text" id="error-description">${description}</p>
      </section>
      <p>
        <a class="button" href="/login">Log in</a>
        <a class="button quiet" href="/">Back</a>
      </p>
    `,
  );

/** @type {Record<string, string>} */
const EXPLAINED = {
  access_denied: "The tenant refused this login. The sentence above is what its Action said.",
  interaction_required: "This login can't be silent: the tenant has something to ask. Log in with the button below.",
  login_required: "Your browser has no session at the tenant. Log in with the button below.",
  invalid_grant: "The tenant refused the token. Log in again.",
};

/** When the user entered a password. @param {Claims} claims */
const authentication = ({ auth_time }) => typeof auth_time === "number" && html`, authenticated at ${time(auth_time)}`;

const TIMES = new Set(["iat", "exp", "nbf", "auth_time", "updated_at"]);

/** @param {string} name @param {unknown} value */
const claimRow = (name, value) => html`
  <tr>
    <th scope="row"><code>${name}</code></th>
    <td>
      ${typeof value === "string" ? value : JSON.stringify(value)}
      ${TIMES.has(name) && typeof value === "number" && html`<span class="quiet-text">${time(value)}</span>`}
    </td>
  </tr>
`;

/** @param {number} seconds since 1970 */
const time = (seconds) => {
  const iso = new Date(seconds * 1000).toISOString();
  return html`<time datetime="${iso}">${iso.replace("T", " ").replace(".000Z", " UTC")}</time>`;
};

/** @param {Link[]} links */
export const whereToLook = (links) =>
  links.length > 0 &&
  html`<nav class="quiet-text" aria-label="The rest of the sandbox">
    Look inside: ${links.map(({ name, address }, index) => html`${index > 0 && ", "}<a href="${address}">${name}</a>`)}
  </nav>`;
