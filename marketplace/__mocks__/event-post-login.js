// Stands in for the file of this name in Auth0's image, whose content is not published: the same function, and an event
// of the post-login trigger.

/** A new event for each test. */
const makeEventMock = () => ({
  transaction: { id: "transaction-1", protocol: "oidc-basic-profile", metadata: {}, acr_values: [], prompt: [] },
  authentication: { methods: [{ name: "pwd", timestamp: "2026-05-04T08:15:31.204Z" }] },
  authorization: { roles: [] },
  client: { client_id: "app", name: "Example", metadata: {} },
  configuration: {},
  connection: { id: "con_1", name: "Username-Password-Authentication", strategy: "auth0" },
  request: {
    hostname: "login.example.com",
    ip: "203.0.113.24",
    user_agent: "Mozilla/5.0",
    method: "GET",
    query: {},
    body: {},
    geoip: {},
  },
  secrets: {},
  stats: { logins_count: 3 },
  tenant: { id: "example" },
  user: {
    user_id: "auth0|6637d1c0a9f3b2e4d5c6b7a8",
    email: "ada@example.com",
    email_verified: true,
    app_metadata: {},
    user_metadata: {},
  },
});

module.exports = { makeEventMock };
