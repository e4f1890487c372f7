/**
 * The tenant's settings while it runs: a page that shows what the tenant has, and changes it.
 */
import express from "express";
import { html, page } from "../page.js";
import { formHeaders, isFromHere } from "../same-origin.js";
import { problemOf } from "../tenant-settings.js";
import { DATABASE, Directory } from "./directory.js";
import { GEOIP } from "./event.js";
import { tabs } from "./pages.js";
import { USERS, Users } from "./users.js";

/** @typedef {import("../tenant-settings.js").TenantSettings} TenantSettings */

/** The settings as they are now, and the users and the directory that the tenant has by them. */
export class CurrentSettings {
  #started;

  /** @param {TenantSettings & { users: import("./users.js").User[] }} started */
  constructor(started) {
    this.#started = { connections: DATABASE, organizations: [], ...started };
    /** @type {TenantSettings} */
    this.current = this.#started;
    this.users = new Users(started.users);
    this.directory = new Directory(this.#started);
  }

  /** From the next login on. @param {TenantSettings} settings that are valid */
  apply(settings) {
    this.current = settings;
    this.users.replace(settings.users ?? USERS);
    this.directory.replace(settings);
  }

  /** As the tenant was when it started, also what its Actions wrote into metadata. */
  reset() {
    this.current = this.#started;
    this.users.reset(this.#started.users);
    this.directory.replace(this.#started);
  }
}

/**
 * @typedef {object} Tenant
 * @property {string} origin
 * @property {CurrentSettings} settings
 * @property {Pick<import("./flow.js").Flow, "steps">} flow
 * @property {<T>(value: T) => T} mask
 *
 * @typedef {object} Shown
 * @property {string} [text] what a person wrote; the settings as they are now, if not given
 * @property {string} [problem]
 * @property {string} [done]
 */

/** What the page says after a change, by what is in its address. @type {Record<string, string>} */
const DONE = {
  applied: "Applied. The next login has it.",
  reset: "Reset. The tenant is as it was when it started.",
};

/** @param {Tenant} tenant */
export function settingsRoutes(tenant) {
  const { origin, settings } = tenant;
  const routes = express.Router();
  /** @param {import("express").Response} res @param {number} status @param {Shown} shown */
  const show = (res, status, shown) => void res.status(status).set(formHeaders()).send(settingsPage(tenant, shown));

  routes.get("/settings", ({ query }, res) => {
    show(res, 200, { done: DONE[Object.keys(query).find((name) => Object.hasOwn(DONE, name)) ?? ""] });
  });

  /** @type {import("express").RequestHandler} */
  const fromHere = (req, res, next) => {
    if (isFromHere(req, origin)) return next();
    show(res, 403, { problem: "this came from a page of another origin." });
  };

  routes.post("/settings", fromHere, express.urlencoded({ extended: false, limit: "1mb" }), ({ body }, res) => {
    const text = String(body?.settings ?? "");
    const { problem, value } = parse(text);
    if (problem) return show(res, 400, { text, problem });
    settings.apply(/** @type {TenantSettings} */ (value));
    res.redirect(303, "/settings?applied");
  });

  routes.post("/settings/reset", fromHere, (_, res) => {
    settings.reset();
    res.redirect(303, "/settings?reset");
  });

  return routes;
}

/**
 * @param {string} text
 * @returns {{ problem?: string, value?: unknown }}
 */
function parse(text) {
  try {
    const value = JSON.parse(text);
    return { value, problem: problemOf(value, "the settings") };
  } catch (error) {
    return { problem: `the text is not valid JSON. ${/** @type {Error} */ (error).message}` };
  }
}

/** @param {Tenant} tenant @param {Shown} shown */
function settingsPage({ settings: { current, users, directory }, flow, mask }, { text, problem, done }) {
  return page({
    title: "Settings",
    origin: "Auth0",
    wide: true,
    body: html`
      ${tabs("Settings")}
      <h1>Settings</h1>
      ${done && html`<p class="good" role="status">${done}</p>`}
      ${section(
        "Users",
        users.all.length === 0
          ? html`<p>No user yet. Add one to <code>users</code> below.</p>`
          : table(
              "Users",
              ["User", "Roles", "Connection", "Metadata"],
              users.all.map((user) => [
                html`${user.email} <div><code>${user.user_id}</code></div>`,
                user.roles?.join(", ") || "none",
                directory.connectionOf(user).name,
                metadataOf(mask({ app_metadata: user.app_metadata, user_metadata: user.user_metadata })),
              ]),
            ),
      )}
      ${section(
        "Organizations",
        directory.organizations.length === 0
          ? html`<p>No organization yet. Add one to <code>organizations</code> below, such as ${code({ id: "org_example", name: "example" })}.</p>`
          : table(
              "Organizations",
              ["Organization", "Display name", "Members", "Metadata"],
              directory.organizations.map(({ id, name, display_name, members, metadata }) => [
                html`<code>${id}</code>`,
                display_name ?? name,
                members ? members.join(", ") || "none" : "all users",
                metadata ? code(metadata) : "none",
              ]),
            ),
      )}
      ${section(
        "Connections",
        table(
          "Connections",
          ["Connection", "Strategy"],
          directory.connections.map(({ name, strategy }) => [name, strategy]),
        ),
      )}
      ${section("What each event has", facts(directory.facts))}
      ${section("Actions of the flow", actions(flow.steps().map(({ name }) => name)))}
      <section class="card" aria-labelledby="change">
        <h2 id="change">Change the tenant</h2>
        <form method="post" action="/settings">
          ${problem && html`<p id="problem" class="bad" role="alert">Nothing was changed: ${problem}</p>`}
          <label for="settings">Settings, as in the file of <code>TENANT</code></label>
          <textarea
            id="settings"
            name="settings"
            class="code"
            spellcheck="false"
            autocapitalize="off"
            aria-describedby="${problem && "problem "}effect"
            ${text !== undefined && html`aria-invalid="true" autofocus`}
          >
${text ?? JSON.stringify(current, null, 2)}</textarea>
          <p class="quiet-text" id="effect">
            The next login has them, until the sandbox ends. What Actions wrote into a user's metadata stays, unless you
            change that metadata here. Keep the text in a file to start with it: <code>TENANT=tenant.json</code>.
          </p>
          <button>Apply</button>
        </form>
        <form method="post" action="/settings/reset">
          <button class="quiet">Reset to what it started with</button>
        </form>
      </section>
    `,
  });
}

/** @param {string} title @param {import("../page.js").Html} body */
const section = (title, body) => html`
  <section class="card">
    <h2>${title}</h2>
    ${body}
  </section>
`;

/** @param {string} title @param {string[]} columns @param {unknown[][]} rows the first cell names its row */
const table = (title, columns, rows) => html`
  <div class="scroll" role="region" aria-label="${title}" tabindex="0">
    <table class="settings">
      <thead>
        <tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
  </div>
`;

/** @param {import("./directory.js").Directory["facts"]} facts */
const facts = ({ riskAssessment, geoip, customDomain }) =>
  table(
    "What each event has",
    ["Fact", "Value"],
    [
      [
        "Risk assessment",
        riskAssessment
          ? code(riskAssessment)
          : html`None yet. Set <code>riskAssessment</code> below, such as ${code({ confidence: "low" })}.`,
      ],
      ["Place of the login", geoip ? code(geoip) : html`${code(GEOIP)}. Set <code>geoip</code> below for another one.`],
      [
        "Custom domain",
        customDomain
          ? code(customDomain)
          : html`None yet. Set <code>customDomain</code> below, such as ${code({ domain: "login.example.com" })}.`,
      ],
    ],
  );

/** @param {string[]} names */
const actions = (names) =>
  names.length === 0
    ? html`<p>No Action yet. Deploy one, and the next login runs it.</p>`
    : html`<ol>${names.map((name) => html`<li>${name}</li>`)}</ol>`;

/** What is set of it. @param {Record<string, object>} parts */
function metadataOf(parts) {
  const set = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return set.length === 0 ? "none" : set.map(([name, part]) => html`<div>${name} ${code(part)}</div>`);
}

/** @param {unknown} value */
const code = (value) => html`<code>${JSON.stringify(value)}</code>`;
