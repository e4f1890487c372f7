import { once } from "node:events";
import { createServer } from "node:http";
import express from "express";
import { actionRoutes } from "./actions.js";
import { OUTCOMES } from "./api.js";
import { parseBody, readBody } from "./body.js";
import { controlRoutes } from "./control.js";
import { ApiError, answerError, unknownPath } from "./errors.js";
import { createFaults } from "./faults.js";
import { createRequestLog } from "./request-log.js";
import { Store } from "./store.js";
import { createTokens } from "./tokens.js";
import { userRoutes } from "./users.js";
import { validateRoutes } from "./validate.js";

/**
 * Starts a local Authsignal: its server API under `/v1`, and what moves it under `/sandbox`.
 * It listens on 127.0.0.1 only, and forgets everything when it ends.
 *
 * @param {object} [options]
 * @param {number} [options.port] 0: a free one
 * @param {string} [options.secret] the tenant's secret key
 * @param {import("./api.js").Outcome} [options.defaultOutcome] of an action that is tracked for the first time
 * @param {number} [options.tokenSeconds] how long a challenge's token lives
 * @param {string} [options.uiUrl] where the pre-built UI is; the sandbox's own origin where not given
 * @throws {RangeError} where an option is out of its range
 */
export async function startAuthsignal({
  port = 0,
  secret = "sandbox-secret-key",
  defaultOutcome = "ALLOW",
  tokenSeconds = 600,
  uiUrl,
} = {}) {
  const check = (/** @type {boolean} */ holds, /** @type {string} */ message) => {
    if (!holds) throw new RangeError(message);
  };
  check(secret !== "", "The secret is empty.");
  check(OUTCOMES.includes(defaultOutcome), `The default outcome is one of ${OUTCOMES.join(", ")}.`);
  check(Number.isSafeInteger(tokenSeconds) && tokenSeconds >= 0, "Token seconds are a whole number from 0.");

  const store = new Store(defaultOutcome);
  const tokens = createTokens(store, tokenSeconds);
  const log = createRequestLog();
  const faults = createFaults();
  let origin = "";

  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.use("/v1", log.arrived, readBody, log.read, faults.handler, requireSecret(secret), parseBody);
  app.use("/v1", actionRoutes(store, tokens, () => uiUrl ?? origin), validateRoutes(tokens), userRoutes(store));
  app.use("/sandbox", readBody, parseBody, controlRoutes({ store, tokens, log, faults }));
  app.use(unknownPath);
  app.use(answerError);

  const server = createServer(app).listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  origin = `http://127.0.0.1:${address.port}`;

  return {
    url: `${origin}/v1`,
    origin,
    store,
    /** Ends at once, also what is being answered. */
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/**
 * @param {string} secret
 * @returns {import("express").RequestHandler}
 */
function requireSecret(secret) {
  return (req, _res, next) => {
    const [scheme, credentials = ""] = (req.get("Authorization") ?? "").split(" ");
    const isSecret = Buffer.from(credentials, "base64").toString() === `${secret}:`;
    if (scheme.toLowerCase() === "basic" && isSecret) return next();
    throw new ApiError(
      401,
      "unauthorized",
      "The request is unauthorized. Check that your API key and region base URL are correctly configured.",
    );
  };
}
