// A TLS proxy in front of the sandbox, as a forwarded port or a tunnel is.

import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:https";
import { createCertificate } from "../../sandbox/auth0/management/certificate.js";
import { PUBLIC_DOMAIN } from "./chromium.js";

const NAMES = ["app", "auth", "mfa"];

/**
 * Listens, and forwards once it is told where to. It keeps the name that the browser asked for.
 * @param {import("node:test").TestContext} t
 */
export async function startProxy(t) {
  /** @type {Map<string, string>} */
  const targets = new Map();
  const server = createServer(await createCertificate(), (req, res) => {
    const name = String(req.headers.host).split(".")[0];
    const { method, url, headers } = req;
    const onward = request(new URL(String(url), targets.get(name)), { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(res);
    });
    res.on("close", () => onward.destroy());
    req.pipe(onward.on("error", () => res.destroy()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    /** Of the application, the tenant and Authsignal. */
    origins: NAMES.map((name) => `https://${name}.${PUBLIC_DOMAIN}:${port}`),
    /** @param {import("../../sandbox/start.js").Sandbox} sandbox */
    forwardTo({ app, tenant, authsignal }) {
      for (const [index, target] of [app.local, tenant.local, String(authsignal?.url)].entries())
        targets.set(NAMES[index], target);
    },
  };
}
