// Authsignal's end of the round trips, in a process of its own: a TLS server behind a relay. Its argument is the
// round-trip time in ms. Once it listens, it sends its origin and its certificate.

import { createServer } from "node:https";
import { createCertificate } from "../sandbox/auth0/management/certificate.js";
import { challenge, headers } from "./challenge.js";
import { createRelay } from "./relay.js";

const HOST = "127.0.0.1";

const { key, cert } = await createCertificate();

// It keeps idle connections for longer than a minute, as cloud load balancers do. Node's server sends no `Keep-Alive`
// hint if `Connection` is given, so each client decides by itself how long it keeps a connection.
const server = createServer({ key, cert, minVersion: "TLSv1.3", keepAliveTimeout: 65_000 }, (request, response) => {
  request.resume().on("end", () => response.writeHead(200, { ...headers, Connection: "keep-alive" }).end(challenge));
});

/** @param {import("node:net").Server} server @returns {Promise<number>} its port */
const listen = (server) =>
  new Promise((resolve, reject) => {
    server.on("error", reject).listen(0, HOST, () => {
      resolve(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
    });
  });

const port = await listen(createRelay(await listen(server), Number(process.argv[2])));
process.on("disconnect", () => process.exit());
process.send?.({ origin: `https://${HOST}:${port}`, cert });
