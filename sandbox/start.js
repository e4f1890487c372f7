// The whole system of the integration: an application, an Auth0 tenant with the Actions, and Authsignal, each on
// an origin of its own, and talking to each other over HTTP only.

import { randomBytes } from "node:crypto";
import { createApplication } from "./app/application.js";
import { startTenant } from "./auth0/tenant.js";
import { USERS } from "./auth0/users.js";
import { startAuthsignal } from "./authsignal/server.js";
import { listen } from "./listen.js";

/**
 * @typedef {object} Options
 * @property {string[]} actions the files of the Actions, in the order of the flow
 * @property {number} [port] of the application; the tenant and Authsignal have the next two. 0: any free ones
 * @property {() => Record<string, string>} [secrets] of the Actions, asked before each login, besides what the
 *   sandbox gives
 * @property {() => Record<string, string>} [configuration] what the Action has as `event.configuration`
 * @property {import("./auth0/users.js").User[]} [users] of the tenant
 * @property {import("./auth0/directory.js").Settings} [directory] of the tenant: connections, organizations, and what
 *   events have of them
 * @property {import("./auth0/applications.js").Application[]} [applications] of the tenant, besides those of the sandbox
 * @property {boolean} [fresh] Authsignal starts with nothing configured
 * @property {{ apiUrl: string, secret: string }} [remote] an Authsignal tenant instead of the local one
 * @property {string[]} [origins] where browsers reach the application, the tenant and Authsignal, if not on localhost.
 *   `{port}` stands for the port
 * @property {(line: string) => void} [tell] what the one in front of the console should know
 *
 * @typedef {Awaited<ReturnType<typeof startSandbox>>} Sandbox
 */

/**
 * Starts all of it, or nothing.
 * @param {Options} options
 */
export async function startSandbox({
  actions,
  port = 0,
  secrets = () => ({}),
  configuration,
  users = USERS,
  directory,
  applications = [],
  fresh = false,
  remote,
  origins = [],
  tell,
}) {
  const ports = port === 0 ? [0, 0, 0] : [port, port + 1, port + 2];
  /** @type {(() => unknown)[]} */
  const started = [];
  const close = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    // The application listens first, since the tenant has to know where it is.
    const app = await listen(ports[0], origins[0]);
    started.push(app.close);
    const secret = randomBytes(24).toString("base64url");
    const authsignal = remote
      ? undefined
      : await startAuthsignal({
          port: ports[2],
          secret,
          hostname: "localhost",
          publicOrigin: origins[2],
          // Where a challenge leads in the end. The tenant, which it leads to first, is in the track.
          formOrigins: [app.origin],
          presets: fresh ? {} : { actions: { "auth0-login": "CHALLENGE" } },
        });
    if (authsignal) started.push(authsignal.close);
    const given = {
      AUTHSIGNAL_SECRET: remote?.secret ?? secret,
      AUTHSIGNAL_API_URL: remote?.apiUrl ?? String(authsignal?.url),
    };
    const application = {
      clientId: "sandbox-application",
      clientSecret: randomBytes(24).toString("base64url"),
      redirectUris: [`${app.origin}/callback`],
      postLogoutRedirectUris: [app.origin],
    };
    const spa = {
      clientId: "sandbox-spa",
      type: /** @type {const} */ ("spa"),
      name: "Sandbox single-page application",
      redirectUris: [`${app.origin}/spa`],
      postLogoutRedirectUris: [`${app.origin}/spa`],
      webOrigins: [app.origin],
    };
    const device = {
      clientId: "sandbox-device",
      type: /** @type {const} */ ("native"),
      name: "Sandbox device",
    };
    const machine = {
      clientId: "sandbox-machine",
      type: /** @type {const} */ ("non_interactive"),
      name: "Sandbox machine",
      clientSecret: randomBytes(24).toString("base64url"),
    };
    const tenant = await startTenant({
      port: ports[1],
      publicOrigin: origins[1],
      actions: actions.map((file) => ({ file })),
      secrets: () => ({ ...given, ...secrets() }),
      configuration,
      applications: [application, spa, device, machine, ...applications],
      users,
      directory,
      tell,
    });
    started.push(tenant.close);
    app.serve(
      createApplication({
        origin: app.origin,
        issuer: tenant.origin,
        issuerAddress: tenant.local,
        clientId: application.clientId,
        clientSecret: application.clientSecret,
        spaClientId: spa.clientId,
        deviceClientId: device.clientId,
        cookieSecret: randomBytes(24).toString("base64url"),
        links: [
          { name: "the single-page application", address: `${app.origin}/spa` },
          { name: "the device", address: `${app.origin}/device` },
          { name: "the tenant's inspector", address: `${tenant.origin}/inspector` },
          ...(authsignal ? [{ name: "Authsignal's Portal", address: `${authsignal.origin}/portal` }] : []),
        ],
      }),
    );
    return {
      app: { origin: app.origin, local: app.local },
      application,
      spa,
      device,
      machine,
      secrets: given,
      tenant,
      authsignal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
