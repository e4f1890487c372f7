import { ApiError } from "./errors.js";

/**
 * Keeps other origins' pages from acting here. A browser says where a POST comes from; what says nothing is no browser.
 * @type {import("express").RequestHandler}
 */
export const fromHere = (req, _res, next) => {
  if (req.method === "GET" || req.method === "HEAD") return next();
  const site = req.get("Sec-Fetch-Site") ?? "same-origin";
  const here = req.app.locals.publicOrigin ?? `http://${req.get("Host")}`;
  const origin = req.get("Origin") ?? here;
  if (site !== "same-origin" || origin !== here) throw forbidden("This came from a page of another origin.");
  next();
};

/** The names of this machine that the server answers to. */
export const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** @param {string} description */
const forbidden = (description) => new ApiError(403, "forbidden", description);
