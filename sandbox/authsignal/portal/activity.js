import { Router } from "express";
import { html } from "../../page.js";
import { portalPage, time } from "./layout.js";

/** @import { Activity, Store } from "../store.js" */

/** @type {Record<Activity["kind"], string>} */
const KINDS = { track: "Tracked", state: "State set", validate: "Validated" };

/**
 * What happened, newest first: tracks, states and validations.
 * @param {Store} store
 */
export function activityPages(store) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/activity", (_req, res) => {
    const lines = store.activity.toReversed();
    res.send(
      portalPage(
        "Activity",
        lines.length === 0
          ? html`<p>Nothing has happened yet. Log in at the application, and each step appears here.</p>`
          : html`
              <div class="scroll" role="region" aria-label="Activity" tabindex="0">
                <table class="activity">
                  <thead>
                    <tr>
                      <th scope="col">Time</th>
                      <th scope="col">What</th>
                      <th scope="col">Result</th>
                      <th scope="col">User</th>
                      <th scope="col">Action</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${lines.map(
                      ({ time: at, kind, what, userId, actionCode }) => html`
                        <tr data-activity="${kind}">
                          <td>${time(at)}</td>
                          <td>${KINDS[kind]}</td>
                          <td>${what}</td>
                          <td>${userId}</td>
                          <td>${actionCode}</td>
                        </tr>
                      `,
                    )}
                  </tbody>
                </table>
              </div>
            `,
      ),
    );
  });

  return routes;
}
