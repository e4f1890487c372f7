/**
 * A tenant's Management API as far as Actions go: create, change, build, deploy, bind. What it answers is what
 * Auth0's reference says and what recordings of the real one in Auth0's own clients show. In memory, over https,
 * and on loopback only.
 *
 * Read on in `routes.js` (the paths), `store.js` (what becomes of an Action), `body.js` (what is refused) and
 * `token.js` (who may call).
 */
import { once } from "node:events";
import { createServer } from "node:https";
import express from "express";
import { createCertificate } from "./certificate.js";
import { answerError, unknownPath } from "./errors.js";
import { actionRoutes } from "./routes.js";
import { Store } from "./store.js";
import { createTokens, SCOPES } from "./token.js";

/** @typedef {Awaited<ReturnType<typeof startManagement>>} Management */

/**
 * @param {object} [options]
 * @param {number} [options.port] 0: a free one
 * @param {Partial<import("./token.js").Machine>} [options.machine] the application that may call
 * @param {() => Promise<unknown>} [options.build] what takes the time of a build
 */
export async function startManagement({ port = 0, machine = {}, build } = {}) {
  const { clientId = "deployer", clientSecret = "deployer-secret", scopes = SCOPES } = machine;
  const { key, cert } = await createCertificate();
  const server = createServer({ key, cert }).listen(port, "127.0.0.1");
  await once(server, "listening");
  const domain = `localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;

  const store = new Store(build);
  const tokens = createTokens({ clientId, clientSecret, scopes }, `https://${domain}/api/v2/`);
  /** @type {{ method: string, path: string, status: number }[]} */
  const log = [];
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use((req, res, next) => {
    res.on("finish", () => log.push({ method: req.method, path: req.originalUrl, status: res.statusCode }));
    next();
  });
  app.use(tokens.tokenRoute);
  app.use("/api/v2", tokens.authenticate, express.json({ limit: "1mb" }));
  app.use("/api/v2/actions", actionRoutes(store, tokens.needs));
  app.use(unknownPath);
  app.use(answerError);
  server.on("request", app);

  return {
    /** As a tool takes it: without `https://`. */
    domain,
    clientId,
    clientSecret,
    /** What a tool has to trust, as PEM. */
    certificate: cert,
    /** What was asked of it, and answered. */
    log,
    store,
    /**
     * The options of a tenant that runs what is deployed and bound at a trigger, each Action with its version's secrets.
     *
     * @param {string} trigger
     */
    tenantOptions: (trigger) => ({ actions: [{ deployed: () => store.deployed(trigger) }] }),
    /** Ends at once, also what is being answered. */
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
