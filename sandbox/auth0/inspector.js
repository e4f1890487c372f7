/**
 * The inspector: the logins of this tenant to look at, live.
 */
import { readFileSync } from "node:fs";
import express from "express";
import { html, page, pageHeaders } from "../page.js";
import { diagram, duration } from "./diagram.js";
import { tabs } from "./pages.js";

export const inspectorStylesheet = readFileSync(new URL("./inspector.css", import.meta.url), "utf8");
const script = readFileSync(new URL("./inspector.client.js", import.meta.url), "utf8");

/**
 * @typedef {import("./recorder.js").Login} Login
 * @typedef {import("./recorder.js").Recorder} Recorder
 */

/** @param {Recorder} recorder */
export function inspectorRoutes(recorder) {
  const routes = express.Router();
  routes.get("/inspector.js", (_, res) => void res.set(pageHeaders()).type("js").send(script));
  routes.get("/inspector/events", (req, res) => tellChanges(recorder, req, res));
  routes.get(
    ["/inspector", "/inspector/:login", "/inspector/:login/:arrow"],
    ({ params: { login: id, arrow } }, res) => {
      const login = id === undefined ? recorder.logins[0] : recorder.find(String(id));
      res.status(id !== undefined && !login ? 404 : 200).set(pageHeaders());
      res.send(inspectorPage(recorder.logins, login, Number(arrow), id !== undefined));
    },
  );
  return routes;
}

/**
 * Server-sent events that say when there is something new, and nothing else.
 *
 * @param {Recorder} recorder
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 */
function tellChanges(recorder, req, res) {
  res.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  const send = () => void res.write(`data: ${recorder.version}\n\n`);
  /** @type {NodeJS.Immediate | undefined} */
  let soon;
  const changed = () => {
    soon ??= setImmediate(() => {
      soon = undefined;
      send();
    });
  };
  send();
  recorder.on("change", changed);
  req.on("close", () => {
    recorder.off("change", changed);
    clearImmediate(soon);
  });
}

/** @param {Login[]} logins @param {Login | undefined} login @param {number} arrow @param {boolean} chosen */
const inspectorPage = (logins, login, arrow, chosen) =>
  page({
    title: "Inspector",
    origin: "Auth0",
    wide: true,
    scripts: ["/inspector.js"],
    body: html`
      ${tabs("Inspector")}
      <h1>Inspector</h1>
      <div id="inspector" class="inspector">
        ${
          logins.length === 0
            ? html`<p class="card">No login yet. Log in at the application, and it appears here.</p>`
            : html`<nav class="logins" aria-label="Logins">
              <ol>
                ${logins.map((one) => entry(one, one === login))}
              </ol>
            </nav>`
        }
        ${login ? one(login, arrow) : chosen && html`<p class="card">This login is not kept any more.</p>`}
      </div>
    `,
  });

/** @param {Login} login @param {boolean} current */
const entry = ({ id, kind, user, outcome, tone, date }, current) => html`
  <li>
    <a id="login-${id}" href="/inspector/${id}" ${current && html`aria-current="page"`}>
      <span class="kind">${kind}</span>
      <time datetime="${date.toISOString()}">${date.toTimeString().slice(0, 8)}</time>
      <span class="who">${user || "not logged in yet"}</span>
      <span class="outcome ${tone}">${outcome || "under way"}</span>
    </a>
  </li>
`;

/** @param {Login} login @param {number} arrow */
const one = (login, arrow) => html`
  <section class="card login" aria-labelledby="login">
    <header>
      <h2 id="login">${login.kind}${login.user && ` of ${login.user}`}</h2>
      <p>
        <span class="badge ${login.tone}">${login.outcome || "under way"}</span>
        <span class="quiet-text">${duration(login.ms)} in all, ${duration(login.actionMs)} in the Action</span>
      </p>
    </header>
    ${diagram(login, arrow)}
    <p class="quiet-text">Select an arrow to see what was sent. Secrets, tokens, codes and passwords are masked.</p>
  </section>
`;
