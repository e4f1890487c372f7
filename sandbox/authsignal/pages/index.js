import express, { Router } from "express";
import { html, page } from "../../page.js";
import { formHeaders } from "../../same-origin.js";
import { ApiError, notFound } from "../errors.js";
import { fromHere } from "../guard.js";
import { TokenError } from "../tokens.js";
import { challengeRoutes } from "./challenge.js";
import { enrolRoutes } from "./enrol.js";
import { createFlow } from "./flow.js";
import { backLink } from "./parts.js";
import { openVisit, visitOf } from "./visit.js";

/** @import { Method } from "../methods/index.js" */
/** @import { Store } from "../store.js" */
/** @import { Tokens } from "../tokens.js" */

/**
 * The pre-built UI: the pages behind a track's `url`.
 * @param {{ store: Store, tokens: Tokens, methods: Method[], formOrigins: readonly string[] }} sandbox
 */
export function challengePages({ store, tokens, methods, formOrigins }) {
  const routes = Router({ caseSensitive: true, strict: true });
  const flow = createFlow(store, methods);

  routes.use(headers, fromHere, readForm);

  // After the body is read, and with nothing to wait for after it, so that requests at the same time can't try
  // more codes than one after the other.
  routes.use(async (req, res, next) => {
    const visit = await openVisit(req, { store, tokens });
    res.locals.visit = visit;
    const back = visit.backUrl ? [new URL(visit.backUrl).origin] : [];
    res.set(formHeaders([...new Set(["'self'", ...back, ...formOrigins])].join(" ")));
    next();
  });

  routes.get("/leave", (_req, res) => flow.leave(res));

  routes.use((req, res, next) => {
    const { action, backUrl, link } = visitOf(res);
    if (store.isOpen(action) && req.path !== "/over") return next();
    flow.show(res.status(req.method === "GET" ? 200 : 409), {
      heading: ENDED[action.state] ?? "There is nothing to confirm",
      body: backUrl ? backLink(link("/leave")) : html`<p>You can close this page.</p>`,
    });
  });

  routes.use(enrolRoutes(flow), challengeRoutes(flow), noSuchPage, errorPage);
  return routes;
}

/** @type {Partial<Record<import("../api.js").State, string>>} */
const ENDED = {
  CHALLENGE_SUCCEEDED: "You have confirmed that it's you",
  CHALLENGE_FAILED: "Too many wrong codes",
};

/** @type {import("express").RequestHandler} */
export const headers = (_req, res, next) => {
  res.set(formHeaders());
  next();
};

const readFields = express.urlencoded({ extended: false, limit: "64kb" });

/**
 * The fields of a form; none where there is no form.
 * @type {import("express").RequestHandler}
 */
export const readForm = (req, res, next) => {
  readFields(req, res, (error) => {
    req.body ??= {};
    next(error);
  });
};

/** @type {import("express").RequestHandler} */
export const noSuchPage = () => {
  throw notFound("There is no such page.");
};

/**
 * What a person reads instead of the page; the rest of an error stays in the terminal.
 * @type {import("express").ErrorRequestHandler}
 */
export const errorPage = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error instanceof TokenError ? 400 : (error.status ?? 500);
  if (status >= 500) console.error(error);
  const [title, text] = wordsOf(error, status);
  res
    .status(status)
    .send(page({ title, origin: "Authsignal", body: html`<div class="card"><h1>${title}</h1><p>${text}</p></div>` }));
};

/**
 * @param {unknown} error
 * @param {number} status
 */
function wordsOf(error, status) {
  if (error instanceof TokenError) {
    const title = error.code === "TOKEN_EXPIRED" ? "This page has expired" : "This link is broken";
    return [title, "Go back to the application and log in again."];
  }
  if (error instanceof ApiError) return [status === 404 ? "Not found" : "That didn't work", error.message];
  return ["Something went wrong", "Go back and try again."];
}
