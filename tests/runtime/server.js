// Servers of a test's own, for what the local Authsignal can't do.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * Listens until the test ends, and keeps what came.
 * @param {{ after: (done: () => void) => void }} t
 * @param {import("node:http").RequestListener} answer
 */
export const listen = async (t, answer) => {
  /** @type {import("node:http").IncomingMessage[]} */
  const requests = [];
  const server = createServer((req, res) => {
    requests.push(req.resume());
    answer(req, res);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  t.after(close);
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/v1`, requests };
};

/** The URL of a port that nobody listens at. */
export const closedUrl = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/v1`;
};
