import { Router } from "express";
import { checkActionCode } from "./actions.js";
import { OUTCOMES } from "./api.js";
import { isBoolean, isNonEmpty, isOneOf, only } from "./body.js";
import { invalidRequest } from "./errors.js";
import { TokenError } from "./tokens.js";

/** @import { Store } from "./store.js" */
/** @import { Tokens } from "./tokens.js" */
/** @import { RequestLog } from "./request-log.js" */
/** @import { Faults } from "./faults.js" */

/**
 * What Authsignal doesn't have: the handles by which tests and the demo move the sandbox.
 * @param {{ store: Store, tokens: Tokens, log: RequestLog, faults: Faults }} sandbox
 */
export function controlRoutes({ store, tokens, log, faults }) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes
    .route("/requests")
    .get((_req, res) => {
      res.json(log.requests);
    })
    .delete((_req, res) => {
      log.clear();
      res.status(204).end();
    });

  routes
    .route("/faults")
    .put((req, res) => {
      res.json(faults.set(req.body));
    })
    .delete((_req, res) => {
      faults.clear();
      res.status(204).end();
    });

  routes.put("/settings", (req, res) => {
    const settings = only(req.body, { authenticatorsConfigured: isBoolean });
    res.json(Object.assign(store.settings, settings));
  });

  routes.put("/actions/:code", (req, res) => {
    checkActionCode(req.params.code);
    const { defaultOutcome } = only(req.body, { defaultOutcome: isOneOf(OUTCOMES) });
    if (defaultOutcome === undefined) throw invalidRequest("defaultOutcome is required.");
    res.json(Object.assign(store.action(req.params.code), { defaultOutcome }));
  });

  routes.post("/challenges/complete", async (req, res) => {
    const {
      token,
      outcome = "CHALLENGE_SUCCEEDED",
      verificationMethod,
    } = only(req.body, {
      token: isNonEmpty,
      outcome: isOneOf(["CHALLENGE_SUCCEEDED", "CHALLENGE_FAILED"]),
      // Any: a method that is not known yet may come.
      verificationMethod: isNonEmpty,
    });
    if (token === undefined) throw invalidRequest("token is required.");
    const action = await tokens.open(token).catch((error) => {
      throw error instanceof TokenError ? invalidRequest(error.code) : error;
    });
    store.complete(action, outcome, verificationMethod);
    const { attributes, challenge, ...completed } = action;
    res.json(completed);
  });

  return routes;
}
