// The event that Auth0 gives to the post-login trigger, for a login of this sandbox.

import { randomUUID } from "node:crypto";

/**
 * @typedef {object} Login
 * @property {{ user_id: string, email: string }} user
 * @property {Record<string, string>} secrets of the Action
 * @property {{ methods: { name: string, timestamp: string }[] }} session the browser session, with what it
 *   has recorded
 * @property {string} [hostname] of the tenant
 * @property {string} [protocol]
 * @property {Record<string, string | number | boolean>} [metadata] of the transaction
 * @property {Record<string, string>} [query] of the request
 * @property {Record<string, string>} [body] of the request
 */

/**
 * The event of one execution of the trigger.
 * @param {Login} login
 */
export const postLoginEvent = ({
  user,
  secrets,
  session,
  hostname = "localhost:4001",
  protocol = "oidc-basic-profile",
  metadata = {},
  query = {},
  body = {},
}) => ({
  transaction: {
    id: randomUUID(),
    acr_values: [],
    locale: "en",
    protocol,
    redirect_uri: "http://localhost:4000/callback",
    requested_scopes: ["openid", "profile", "email"],
    response_type: ["code"],
    metadata,
  },
  authentication: { methods: [{ name: "pwd", timestamp: new Date().toISOString() }, ...session.methods] },
  authorization: { roles: [] },
  client: { client_id: "sandbox-application", name: "Sandbox application", metadata: {} },
  connection: { id: "con_sandbox", name: "Username-Password-Authentication", strategy: "auth0" },
  request: {
    ip: "203.0.113.24",
    method: "POST",
    hostname,
    language: "en",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
    query,
    body,
    geoip: { countryCode: "NZ", countryName: "New Zealand" },
  },
  resource_server: { identifier: "https://api.example.com" },
  secrets,
  configuration: {},
  stats: { logins_count: 1 },
  tenant: { id: "sandbox" },
  user: { ...user, email_verified: true, app_metadata: {}, user_metadata: {} },
});
