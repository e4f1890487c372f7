/** An answer other than success: `{"error": code, "errorDescription": text}`. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} description
   */
  constructor(status, code, description) {
    super(description);
    this.status = status;
    this.code = code;
  }
}

/** @param {string} description */
export const invalidRequest = (description) => new ApiError(400, "invalid_request", description);

/** @param {string} description */
export const notFound = (description) => new ApiError(404, "not_found", description);

/** @type {import("express").RequestHandler} */
export const unknownPath = (req) => {
  throw notFound(`There is no ${req.method} ${req.originalUrl}.`);
};

/** @type {import("express").ErrorRequestHandler} */
export const answerError = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  // The body's reader and the path's decoder throw errors with a status of their own.
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  const code = error instanceof ApiError ? error.code : status >= 500 ? "internal_error" : "invalid_request";
  res.status(status).json({ error: code, errorDescription: error.message });
};
