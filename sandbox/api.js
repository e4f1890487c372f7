// What tests get from the package: a sandbox with its addresses, and what happened in it. The types are in api.d.ts.

import { startSandbox as start } from "./start.js";
import { checkTenant } from "./tenant-settings.js";

/**
 * @param {import("./api.js").Options} options
 * @returns {Promise<import("./api.js").Sandbox>}
 */
export async function startSandbox({
  actions,
  secrets = {},
  users,
  applications,
  port,
  origins,
  authsignal = {},
  tell = () => {},
  ...directory
}) {
  checkTenant({ ...directory, ...(users && { users }) }, "the options");
  const sandbox = await start({
    actions,
    secrets: typeof secrets === "function" ? secrets : () => secrets,
    users,
    applications,
    directory,
    port,
    origins,
    fresh: authsignal.fresh,
    remote: authsignal.remote,
    tell,
  });
  const { app, tenant, application, spa, device, machine, close } = sandbox;
  return {
    application: app.origin,
    tenant: tenant.origin,
    issuer: tenant.issuer,
    authsignal: sandbox.authsignal?.origin,
    get users() {
      return tenant.users;
    },
    applications: [application, spa, device, machine, ...(applications ?? [])],
    logins: () => tenant.logins().map(loginOf),
    close,
  };
}

/**
 * A login as plain data.
 * @param {import("./auth0/recorder.js").Login} login
 * @returns {import("./api.js").Login}
 */
function loginOf({ id, kind, user, outcome, date, arrows }) {
  const runs = arrows.filter(({ from, to }) => from === "auth0" && to === "action");
  const results = arrows.filter(({ from, to }) => from === "action" && to === "auth0");
  return {
    id,
    kind,
    user,
    outcome,
    date,
    runs: runs.map(({ detail }, index) =>
      structuredClone(/** @type {any} */ ({ ...detail, result: results[index]?.detail })),
    ),
  };
}
