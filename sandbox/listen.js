// The servers of the sandbox: on loopback only, by IPv4 and by IPv6, and for the names that they have.

import { once } from "node:events";
import { createServer } from "node:http";

/** @typedef {Awaited<ReturnType<typeof listen>>} Listening */

const ATTEMPTS = 20;

/**
 * A server that listens and serves nothing yet. `localhost` is often IPv6 first, so a port counts as taken if somebody
 * else has it on `::1`. On a machine without IPv6 it listens by IPv4 alone.
 *
 * @param {number} port 0: a free one
 * @param {string} [publicOrigin] where browsers reach it, if that is not this machine: behind a forwarded port or a
 *   proxy. `{port}` stands for the port
 */
export async function listen(port, publicOrigin) {
  const servers = await listenOnBoth(port, port === 0 ? ATTEMPTS : 1);
  const address = /** @type {import("node:net").AddressInfo} */ (servers[0].address());
  const local = `http://localhost:${address.port}`;
  const origin = publicOrigin ? new URL(publicOrigin.replaceAll("{port}", String(address.port))).origin : local;

  return {
    port: address.port,
    /** As browsers have it. */
    origin,
    /** As this machine has it. */
    local,

    /**
     * Serves the requests for these names of this machine, and for the public one. Others are misdirected: a page of
     * another site whose name leads here can't read anything.
     *
     * @param {import("node:http").RequestListener} handler
     * @param {string[]} [names]
     */
    serve(handler, names = ["localhost"]) {
      const hosts = [new URL(origin).host, ...names.map((name) => `${name}:${address.port}`)];
      for (const server of servers) {
        server.on("request", (req, res) => {
          if (!hosts.includes(String(req.headers.host).toLowerCase())) {
            res.writeHead(421, { "Content-Type": "text/plain" }).end(`This server is at ${origin}`);
            return;
          }
          if (origin !== local) seemPublic(req, new URL(origin));
          handler(req, res);
        });
      }
    },

    /** Ends at once, also what is being answered. */
    async close() {
      await Promise.all(servers.map(closeServer));
    },
  };
}

/**
 * What a proxy says of itself is not believed: the public origin is known.
 * @param {import("node:http").IncomingMessage} req
 * @param {URL} origin
 */
function seemPublic({ headers }, { host, protocol }) {
  for (const name of ["forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix"]) delete headers[name];
  headers.host = host;
  headers["x-forwarded-proto"] = protocol.slice(0, -1);
}

/** @param {number} port @param {number} attempts */
async function listenOnBoth(port, attempts) {
  const ipv4 = await listenAt(port, "127.0.0.1");
  const taken = /** @type {import("node:net").AddressInfo} */ (ipv4.address()).port;
  try {
    return [ipv4, await listenAt(taken, "::1")];
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return [ipv4];
    await closeServer(ipv4);
    if (attempts === 1) throw error;
    return listenOnBoth(port, attempts - 1);
  }
}

/** @param {number} port @param {string} address */
async function listenAt(port, address) {
  const server = createServer().listen(port, address);
  await once(server, "listening");
  return server;
}

/** @param {import("node:http").Server} server */
async function closeServer(server) {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
