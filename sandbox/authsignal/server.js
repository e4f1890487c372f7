import express from "express";
import { listen } from "../listen.js";
import { actionRoutes } from "./actions.js";
import { OUTCOMES } from "./api.js";
import { parseBody, readBody } from "./body.js";
import { controlRoutes } from "./control.js";
import { ApiError, answerError, unknownPath } from "./errors.js";
import { createFaults } from "./faults.js";
import { fromHere, LOOPBACK } from "./guard.js";
import { createMethods } from "./methods/index.js";
import { assetRoutes } from "./pages/assets.js";
import { challengePages } from "./pages/index.js";
import { portalPages } from "./portal/index.js";
import { createRequestLog } from "./request-log.js";
import { Store } from "./store.js";
import { createTokens } from "./tokens.js";
import { userRoutes } from "./users.js";
import { validateRoutes } from "./validate.js";

/**
 * Starts a local Authsignal: its server API under `/v1`, the pre-built UI under `/challenge`, the Portal under
 * `/portal`, and what moves it under `/sandbox`. It listens on 127.0.0.1 only, and forgets everything when it ends.
 *
 * @param {object} [options]
 * @param {number} [options.port] 0: a free one
 * @param {string} [options.secret] the tenant's secret key
 * @param {import("./api.js").Outcome} [options.defaultOutcome] of an action that is tracked for the first time
 * @param {number} [options.tokenSeconds] how long a challenge's token lives
 * @param {number} [options.codeSeconds] how long a code counts that was sent in an SMS or an email
 * @param {string} [options.uiUrl] where the pre-built UI is; the sandbox's own origin where not given
 * @param {"127.0.0.1" | "localhost"} [options.hostname] of the pages' origin; passkeys want localhost
 * @param {string} [options.publicOrigin] where browsers reach the pages, if that is not this machine
 * @param {readonly string[]} [options.formOrigins] where a challenge leads in the end, such as the application's
 *   origin: Chromium holds a form's policy along the whole chain of redirects. The tracked `redirectUrl`'s origin
 *   is among them anyway
 * @param {{ actions?: Record<string, import("./api.js").Outcome> }} [options.presets] what the Portal has set
 *   already: actions, with their default outcome. Without, it is as fresh as a new tenant
 * @throws {RangeError} where an option is out of its range
 */
export async function startAuthsignal({
  port = 0,
  secret = "sandbox-secret-key",
  defaultOutcome = "ALLOW",
  tokenSeconds = 600,
  codeSeconds = 180,
  uiUrl,
  hostname = "127.0.0.1",
  publicOrigin,
  formOrigins = [],
  presets = {},
} = {}) {
  const check = (/** @type {boolean} */ holds, /** @type {string} */ message) => {
    if (!holds) throw new RangeError(message);
  };
  check(secret !== "", "The secret is empty.");
  check(OUTCOMES.includes(defaultOutcome), `The default outcome is one of ${OUTCOMES.join(", ")}.`);
  check(Number.isSafeInteger(tokenSeconds) && tokenSeconds >= 0, "Token seconds are a whole number from 0.");
  check(Number.isSafeInteger(codeSeconds) && codeSeconds >= 0, "Code seconds are a whole number from 0.");
  check(["127.0.0.1", "localhost"].includes(hostname), "The host name is 127.0.0.1 or localhost.");
  for (const each of formOrigins) {
    const isOrigin = URL.canParse(each) && new URL(each).origin === each;
    check(isOrigin, `${each} is not an origin such as http://localhost:4000.`);
  }
  for (const [code, outcome] of Object.entries(presets.actions ?? {})) {
    check(/^[a-zA-Z0-9_-]{1,64}$/.test(code), `${code} is no action's code.`);
    check(OUTCOMES.includes(outcome), `The outcome of ${code} is one of ${OUTCOMES.join(", ")}.`);
  }

  const store = new Store(defaultOutcome);
  for (const [code, outcome] of Object.entries(presets.actions ?? {})) store.action(code).defaultOutcome = outcome;
  const tokens = createTokens(store, tokenSeconds);
  const log = createRequestLog();
  const faults = createFaults();
  const app = express();
  const server = await listen(port, publicOrigin);
  const origin = publicOrigin ? server.origin : `http://${hostname}:${server.port}`;
  const methods = createMethods({ store, origin, codeSeconds });

  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  if (publicOrigin) app.locals.publicOrigin = origin;
  app.use("/v1", exactlyJson, log.arrived, readBody, log.read, faults.handler, requireSecret(secret), parseBody);
  app.use("/v1", actionRoutes(store, tokens, uiUrl ?? origin), validateRoutes(store, tokens), userRoutes(store));
  app.use("/sandbox", fromHere, readBody, parseBody, controlRoutes({ store, tokens, log, faults }));
  app.use("/challenge", challengePages({ store, tokens, methods, formOrigins }));
  app.use("/portal", portalPages({ store, faults }));
  app.use(assetRoutes());
  app.use(unknownPath);
  app.use(answerError);
  server.serve(app, LOOPBACK);

  return {
    // By address, since a client may ask for localhost's IPv6 one first.
    url: `http://127.0.0.1:${server.port}/v1`,
    origin,
    store,
    /** Ends at once, also what is being answered. */
    close: server.close,
  };
}

/**
 * Answers with exactly `application/json`, as Authsignal does: its official Python client compares the whole value,
 * and Express adds a charset.
 * @type {import("express").RequestHandler}
 */
const exactlyJson = (_req, res, next) => {
  const { writeHead } = res;
  res.writeHead = (/** @type {any[]} */ ...head) => {
    if (res.get("Content-Type") === "application/json; charset=utf-8")
      res.setHeader("Content-Type", "application/json");
    return Reflect.apply(writeHead, res, head);
  };
  next();
};

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
