import { html, page } from "../page.js";

const TABS = /** @type {const} */ ([
  ["/inspector", "Inspector"],
  ["/settings", "Settings"],
]);

/** The pages about the tenant. @param {typeof TABS[number][1]} current */
export const tabs = (current) => html`
  <nav class="tabs" aria-label="Tenant">
    ${TABS.map(([address, name]) => html`<a href="${address}" ${name === current && html`aria-current="page"`}>${name}</a>`)}
  </nav>
`;

/**
 * @param {{ action: string, email?: string, problem?: string, users: { email: string, password: string }[],
 *   organization?: string }} form
 */
export const loginPage = ({ action, email = "", problem, users, organization }) =>
  page({
    title: "Log in",
    origin: "Auth0",
    body: html`
      <h1>Log in${organization && ` to ${organization}`}</h1>
      <form class="card" method="post" action="${action}">
        ${problem && html`<p class="bad" role="alert" id="problem">${problem}</p>`}
        <label for="email">Email</label>
        <input id="email" name="email" type="email" autocomplete="username" required value="${email}" ${autofocus(!email)} ${describedBy(problem)} />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required ${autofocus(email)} ${describedBy(problem)} />
        <button>Continue</button>
      </form>
      ${
        users.length > 0 &&
        html`<section class="card quiet-text">
        <h2>Users of this sandbox</h2>
        <table>
          <thead>
            <tr><th scope="col">Email</th><th scope="col">Password</th></tr>
          </thead>
          <tbody>
            ${users.map((user) => html`<tr><td>${user.email}</td><td>${user.password}</td></tr>`)}
          </tbody>
        </table>
      </section>`
      }
    `,
  });

/** The page of a Form, which lives at Auth0. @param {{ id: string, state: string, options: object }} form */
export const formPage = ({ id, state, options }) =>
  page({
    title: "Form",
    origin: "Auth0",
    body: html`
      <h1>Form ${id}</h1>
      <form class="card" method="post" action="/continue?state=${encodeURIComponent(state)}">
        <p>Auth0 would show this Form here, with <code>${JSON.stringify(options)}</code>.</p>
        <label for="fields">What the user fills in, as JSON</label>
        <input id="fields" name="fields" value="{}" />
        <button>Continue</button>
      </form>
    `,
  });

/** @param {unknown} here */
const autofocus = (here) => (here ? html`autofocus` : undefined);

/** @param {string | undefined} problem */
const describedBy = (problem) => (problem ? html`aria-describedby="problem"` : undefined);

/** @param {{ title: string, text: string, code?: string }} error */
export const errorPage = ({ title, text, code }) =>
  page({
    title,
    origin: "Auth0",
    body: html`
      <h1>${title}</h1>
      <section class="card">
        <p>${text}</p>
        ${code && html`<p class="quiet-text"><code>${code}</code></p>`}
      </section>
      <p>Go back to the application and log in again.</p>
    `,
  });

export const loggedOutPage = () =>
  page({ title: "Logged out", origin: "Auth0", body: html`<h1>You are logged out</h1>` });
