/** @import { RequestHandler } from "express" */
/** @import { IncomingHttpHeaders } from "node:http" */
/** @import { Socket } from "node:net" */

/**
 * A request to the API as it was received.
 * @typedef {object} LoggedRequest
 * @property {string} method
 * @property {string} path as on the wire, with the query
 * @property {IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {string} body
 * @property {number} time in ms since 1970
 * @property {number} connection which TCP connection it came on, from 1
 */

/** @typedef {ReturnType<typeof createRequestLog>} RequestLog */

export function createRequestLog() {
  /** @type {LoggedRequest[]} */
  const requests = [];
  /** @type {WeakMap<Socket, number>} */
  const connections = new WeakMap();
  let lastConnection = 0;

  /**
   * Stands before the body's reader, so that a request that ends early is seen too.
   * @type {RequestHandler}
   */
  const arrived = (req, res, next) => {
    const connection = connections.get(req.socket) ?? ++lastConnection;
    connections.set(req.socket, connection);
    const { method, originalUrl: path, headers, rawHeaders } = req;
    res.locals.logged = { method, path, headers, rawHeaders, body: "", time: Date.now(), connection };
    requests.push(res.locals.logged);
    next();
  };

  /**
   * Stands after the body's reader.
   * @type {RequestHandler}
   */
  const read = (req, res, next) => {
    res.locals.logged.body = req.body;
    next();
  };

  const clear = () => {
    requests.length = 0;
  };

  return { requests, arrived, read, clear };
}
