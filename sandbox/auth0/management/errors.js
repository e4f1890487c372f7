import { STATUS_CODES } from "node:http";

/** An answer other than success, in the Management API's form. */
export class ManagementError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {string} [code] where Auth0 gives one
   */
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** @param {string} problem */
export const invalidBody = (problem) =>
  new ManagementError(400, `Payload validation error: '${problem}'.`, "invalid_body");

/** @param {string} problem */
export const invalidQuery = (problem) =>
  new ManagementError(400, `Query validation error: '${problem}'.`, "invalid_query_string");

/** @param {string} message */
export const notFound = (message) => new ManagementError(404, message);

/** @type {import("express").RequestHandler} */
export const unknownPath = () => {
  throw notFound("Not Found");
};

/** @type {import("express").ErrorRequestHandler} */
export const answerError = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  // The body's reader and the path's decoder throw errors with a status of their own.
  const statusCode = error.status ?? 500;
  if (statusCode >= 500) console.error(error);
  const message = statusCode >= 500 ? "An internal server error occurred" : error.message;
  const errorCode = error instanceof ManagementError ? error.code : undefined;
  res.status(statusCode).json({ statusCode, error: STATUS_CODES[statusCode], message, errorCode });
};
