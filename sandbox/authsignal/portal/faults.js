import { Router } from "express";
import { html } from "../../page.js";
import { isOneOf, isText, known } from "../body.js";
import { options, portalPage } from "./layout.js";

/** @import { Fault, Faults, Kind } from "../faults.js" */

/**
 * What can go wrong, until it is switched off.
 * @type {Record<string, { name: string, kind?: (ms: number) => Kind }>}
 */
const CHOICES = {
  off: { name: "Normal" },
  down: { name: "No answer: the connection breaks", kind: () => ({ kind: "reset" }) },
  slow: { name: "Slow answer", kind: (ms) => ({ kind: "delay", ms }) },
  429: {
    name: "Too many requests (429)",
    kind: () => ({
      kind: "status",
      status: 429,
      body: { error: "too_many_requests", errorDescription: "Too many requests." },
    }),
  },
  garbage: { name: "An answer that is not JSON (200)", kind: () => ({ kind: "garbage" }) },
};

const ENDPOINTS = /** @type {const} */ ([
  ["track", "When a login is tracked"],
  ["validate", "When a challenge is validated"],
]);

/**
 * Faults to switch on, to see what the login does then.
 * @param {Faults} faults
 */
export function faultPages(faults) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/faults", (_req, res) => {
    const list = faults.list();
    const ms = list.flatMap((fault) => (fault.kind === "delay" ? [fault.ms] : []))[0] ?? 5000;
    const others = list.filter((fault) => choiceOf(fault) === undefined).length;
    res.send(
      portalPage(
        "Faults",
        html`
          <p>What is chosen here stays until it is set back, for every login.</p>
          ${list.length > 0 && html`<p class="bad" role="status">A fault is on.</p>`}
          ${others > 0 && html`<p>Faults that the control API has set: ${others}. Saving takes them back.</p>`}
          <form class="card" method="post" action="/portal/faults">
            <div class="fields">
              ${ENDPOINTS.map(
                ([endpoint, label]) => html`
                  <div>
                    <label for="${endpoint}">${label}</label>
                    <select id="${endpoint}" name="${endpoint}">
                      ${options(
                        Object.entries(CHOICES).map(([choice, { name }]) => [choice, name]),
                        list.filter((fault) => fault.endpoint === endpoint).map(choiceOf)[0] ?? "off",
                      )}
                    </select>
                  </div>
                `,
              )}
              <div>
                <label for="ms">Delay of a slow answer (ms)</label>
                <input id="ms" name="ms" type="number" min="1" max="600000" step="1" value="${ms}" required />
              </div>
            </div>
            <button>Save</button>
          </form>
        `,
      ),
    );
  });

  routes.post("/faults", (req, res) => {
    const isChoice = isOneOf(Object.keys(CHOICES));
    const { ms = "5000", ...chosen } = known(req.body, { track: isChoice, validate: isChoice, ms: isText });
    faults.set(
      ENDPOINTS.flatMap(([endpoint]) => {
        const kind = CHOICES[chosen[endpoint] ?? "off"].kind?.(Number(ms));
        return kind ? [{ endpoint, ...kind }] : [];
      }),
    );
    res.redirect(303, "/portal/faults");
  });

  return routes;
}

/**
 * @param {Readonly<Fault>} fault
 * @returns {string | undefined}
 */
function choiceOf(fault) {
  if (fault.times !== undefined || (fault.endpoint !== "track" && fault.endpoint !== "validate")) return undefined;
  switch (fault.kind) {
    case "reset":
      return "down";
    case "delay":
      return "slow";
    case "garbage":
      return "garbage";
    case "status":
      return fault.status === 429 ? "429" : undefined;
    default:
      return undefined;
  }
}
