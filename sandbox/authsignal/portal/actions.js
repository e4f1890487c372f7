import { Router } from "express";
import { html } from "../../page.js";
import { OUTCOMES } from "../api.js";
import { isOneOf, isText, known } from "../body.js";
import { invalidRequest, notFound } from "../errors.js";
import { options, portalPage } from "./layout.js";

/** @import { Action, Store } from "../store.js" */

/** @type {Record<import("../api.js").Outcome, string>} */
const NAMES = { ALLOW: "Allow", CHALLENGE: "Challenge", REVIEW: "Review", BLOCK: "Block" };

/**
 * The actions seen so far, with what a track of each answers.
 * @param {Store} store
 */
export function actionPages(store) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/", (_req, res) => {
    const actions = [...store.actions.values()];
    res.send(
      portalPage(
        "Actions",
        html`
          ${actions.length === 0 && html`<p>No action yet. Log in at the application, and its action appears here.</p>`}
          ${actions.map(card)}
        `,
      ),
    );
  });

  routes.post("/actions/:code", (req, res) => {
    const { code } = req.params;
    if (!store.actions.has(code)) throw notFound("There is no such action.");
    const { defaultOutcome, hours = "" } = known(req.body, { defaultOutcome: isOneOf(OUTCOMES), hours: isText });
    const isRule = hours === "" || (Number(hours) > 0 && Number(hours) <= MAX_HOURS);
    if (!isRule) throw invalidRequest(`The hours are a number above 0, up to ${MAX_HOURS}.`);
    if (defaultOutcome !== undefined) store.action(code).defaultOutcome = defaultOutcome;
    store.setRule(code, hours === "" ? undefined : Number(hours));
    res.redirect(303, "/portal");
  });

  return routes;
}

const MAX_HOURS = 8760;

/** @param {Action} action */
const card = ({ code, name, defaultOutcome, rule }) => html`
  <section class="card" aria-labelledby="name-${code}" data-action="${code}">
    <h2 id="name-${code}">${name}</h2>
    <p class="quiet-text">Its code is <code>${code}</code>.</p>
    <form method="post" action="/portal/actions/${code}">
      <div class="fields">
        <div>
          <label for="outcome-${code}">Default outcome</label>
          <select id="outcome-${code}" name="defaultOutcome">
            ${options(
              OUTCOMES.map((outcome) => [outcome, NAMES[outcome]]),
              defaultOutcome,
            )}
          </select>
        </div>
        <div>
          <label for="hours-${code}">No new challenge on the same device for (hours)</label>
          <input
            id="hours-${code}"
            name="hours"
            type="number"
            min="0.01"
            max="${MAX_HOURS}"
            step="any"
            value="${rule?.hours}"
            placeholder="No rule"
          />
        </div>
      </div>
      <button>Save</button>
    </form>
    ${
      rule &&
      html`
      <p class="quiet-text">
        The rule's id is <code>${rule.ruleId}</code>. It goes before the default outcome, for enrolled users.
      </p>
    `
    }
  </section>
`;
