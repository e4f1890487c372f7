import { isFromHere } from "../same-origin.js";
import { ApiError } from "./errors.js";

/**
 * Keeps other origins' pages from acting here.
 * @type {import("express").RequestHandler}
 */
export const fromHere = (req, _res, next) => {
  const here = req.app.locals.publicOrigin ?? `http://${req.get("Host")}`;
  if (!isFromHere(req, here)) throw forbidden("This came from a page of another origin.");
  next();
};

/** The names of this machine that the server answers to. */
export const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** @param {string} description */
const forbidden = (description) => new ApiError(403, "forbidden", description);
