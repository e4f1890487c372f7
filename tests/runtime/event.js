// Auth0's event, as far as a login needs it.

import crypto from "node:crypto";

// No live binding: tests replace the original.
const { randomUUID } = crypto;

/** A user that no other test has. */
export const newUser = () => `auth0|${randomUUID()}`;

/**
 * The event of a login. What is given replaces fields of its parts.
 * @param {Record<string, Record<string, unknown>>} [parts]
 * @returns {Record<string, any>}
 */
export const loginEvent = (parts = {}) => {
  /** @type {Record<string, Record<string, unknown>>} */
  const event = {
    user: { user_id: newUser(), email: "ada@example.com", email_verified: true, user_metadata: {}, app_metadata: {} },
    request: {
      hostname: "login.example.com",
      ip: "203.0.113.24",
      user_agent: "Mozilla/5.0",
      method: "GET",
      query: { client_id: "app" },
      body: {},
      geoip: { countryCode: "NZ" },
    },
    secrets: {},
    transaction: { id: "transaction-1", protocol: "oidc-basic-profile", metadata: {} },
    authentication: { methods: [{ name: "pwd", timestamp: "2026-05-04T08:15:31.204Z" }] },
    client: { client_id: "app", name: "Example" },
    connection: { name: "Username-Password-Authentication", strategy: "auth0" },
    stats: { logins_count: 3 },
  };
  for (const [name, part] of Object.entries(parts)) event[name] = { ...event[name], ...part };
  return event;
};

/**
 * The event at `/continue`, when the browser comes back from the challenge.
 * @param {Record<string, any>} event of the login
 * @param {{ challenge: string, metadata?: Record<string, unknown> }} redirect where it was sent, and what the
 *   transaction keeps
 * @returns {Record<string, any>}
 */
export const returnEvent = (event, { challenge, metadata = {} }) => ({
  ...event,
  request: { ...event.request, query: { token: new URL(challenge).searchParams.get("token"), state: "state-1" } },
  transaction: { ...event.transaction, metadata },
});
