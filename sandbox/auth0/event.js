// The event that Auth0 gives to the post-login trigger, for a login of this sandbox.

import { randomUUID } from "node:crypto";

/** Where logins come from, if the tenant's settings don't say. */
export const GEOIP = { countryCode: "NZ", countryName: "New Zealand" };

/**
 * @typedef {object} Login
 * @property {{ user_id: string, email: string, [field: string]: unknown }} user
 * @property {Record<string, string>} secrets of the Action
 * @property {Record<string, string>} [configuration] of the Action
 * @property {{ methods: { name: string, timestamp: string }[] }} session the browser session, with what it
 *   has recorded
 * @property {string} [hostname] of the tenant
 * @property {string} [protocol]
 * @property {Record<string, string | number | boolean>} [metadata] of the transaction
 * @property {Record<string, any>} [query] of the request
 * @property {Record<string, any>} [body] of the request
 * @property {Record<string, unknown>} [transaction] what is known of it besides
 * @property {Record<string, unknown>} [request] what is known of it besides
 * @property {Record<string, unknown>} [browser] the part of `event.session`; there is none at a password grant
 * @property {string} [authenticatedAt] when the password was entered, as ISO 8601
 * @property {{ client_id: string, name: string }} [client]
 * @property {string} [audience] the API that the login is for; the empty string where it is for none
 * @property {number} [loginsCount]
 * @property {string} [firstMethod] how the user authenticated at the tenant
 * @property {Record<string, unknown>} [connection]
 * @property {Record<string, unknown>} [organization]
 * @property {string[]} [roles]
 * @property {Record<string, unknown>} [riskAssessment]
 * @property {Record<string, unknown>} [geoip]
 * @property {Record<string, unknown>} [customDomain]
 * @property {Record<string, unknown>} [prompt] what a Form gave
 */

/**
 * The event of one execution of the trigger.
 * @param {Login} login
 */
export const postLoginEvent = ({
  user,
  secrets,
  configuration = {},
  session,
  hostname = "localhost:4001",
  protocol = "oidc-basic-profile",
  metadata = {},
  query = {},
  body = {},
  transaction = {},
  request = {},
  browser,
  authenticatedAt = new Date().toISOString(),
  client = { client_id: "sandbox-application", name: "Sandbox application" },
  audience = "https://api.example.com",
  loginsCount = 1,
  firstMethod = "pwd",
  connection = { id: "con_sandbox", name: "Username-Password-Authentication", strategy: "auth0", metadata: {} },
  organization,
  roles = [],
  riskAssessment,
  geoip = GEOIP,
  customDomain,
  prompt,
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
    ...transaction,
  },
  authentication: {
    methods: [{ name: firstMethod, timestamp: authenticatedAt }, ...session.methods],
    ...(riskAssessment && { riskAssessment }),
  },
  authorization: { roles },
  client: { metadata: {}, ...client },
  connection,
  ...(customDomain && { custom_domain: customDomain }),
  ...(organization && { organization }),
  ...(prompt && { prompt }),
  request: {
    ip: "203.0.113.24",
    method: "POST",
    hostname,
    language: "en",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0",
    query,
    body,
    geoip,
    ...request,
  },
  ...(audience !== "" && { resource_server: { identifier: audience } }),
  ...(browser && { session: browser }),
  secrets,
  configuration,
  stats: { logins_count: loginsCount },
  tenant: { id: "sandbox" },
  user: {
    email_verified: true,
    created_at: authenticatedAt,
    updated_at: authenticatedAt,
    app_metadata: {},
    user_metadata: {},
    ...user,
  },
});
