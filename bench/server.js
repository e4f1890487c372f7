// Authsignal's end of the benchmark, in a process of its own: it answers any track request with a
// challenge, as fast as it can, and counts. `measure.js` starts it and talks to it by messages.

import { createServer } from "node:http";

const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));

/** As long as a real one's. */
const token = ["header", "payload", "signature"].map((part, i) => part.repeat([4, 60, 5][i])).join(".");

const answer = Buffer.from(
  JSON.stringify({
    state: "CHALLENGE_REQUIRED",
    idempotencyKey: "6f1b0d3e-4a53-4c0e-9d43-0d6c1c2f7a10",
    ruleIds: [],
    url: `https://mfa.authsignal.com/challenge?token=${token}`,
    token,
    isEnrolled: true,
    enrolledVerificationMethods: ["AUTHENTICATOR_APP", "EMAIL_OTP"],
    allowedVerificationMethods: ["AUTHENTICATOR_APP", "EMAIL_OTP", "PASSKEY"],
    defaultVerificationMethod: "AUTHENTICATOR_APP",
  }),
);
const head = { "Content-Type": "application/json", "Content-Length": answer.length };

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
      const { method, url, headers } = request;
      last = { method, url, headers, body };
      response.writeHead(200, head).end(answer);
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
