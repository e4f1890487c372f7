// Authsignal's end of the benchmark, in a process of its own: it answers any track request with a
// challenge, as fast as it can, and counts. `measure.js` starts it and talks to it by messages.

import { createServer } from "node:http";
import { challenge, headers } from "./challenge.js";

const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));

/** @typedef {{ method?: string, url?: string, headers: Record<string, unknown>, body: string }} Received */

let requests = 0;
let connections = 0;
/** @type {WeakSet<object>} the connections that are counted already */
let seen = new WeakSet();
/** @type {Map<import("node:net").Socket, { read: number, written: number }>} what each had carried at the reset */
const sockets = new Map();
/** @type {Received | undefined} */
let last;

const server = createServer({ keepAliveTimeout: 300_000 }, (request, response) => {
  requests++;
  if (!seen.has(request.socket)) connections++;
  seen.add(request.socket);
  let body = "";
  request
    .setEncoding("utf8")
    .on("data", (chunk) => (body += chunk))
    .on("end", () => {
      last = { method: request.method, url: request.url, headers: request.headers, body };
      response.writeHead(200, headers).end(challenge);
    });
});

server.on("connection", (socket) => sockets.set(socket, { read: 0, written: 0 }));

process.on("message", (message) => {
  if (message === "counts") {
    let [sent, received] = [0, 0];
    for (const [{ bytesRead, bytesWritten }, { read, written }] of sockets) {
      sent += bytesRead - read;
      received += bytesWritten - written;
    }
    return send({ requests, connections, sent, received, last });
  }
  requests = connections = 0;
  seen = new WeakSet();
  for (const [socket, carried] of sockets) {
    if (socket.destroyed) sockets.delete(socket);
    else Object.assign(carried, { read: socket.bytesRead, written: socket.bytesWritten });
  }
  send({});
});
process.on("disconnect", () => process.exit());

server.listen(0, "127.0.0.1", () => {
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  send({ origin: `http://127.0.0.1:${address.port}` });
});
