// Which client sent the Action's requests.

import assert from "node:assert/strict";

/** @typedef {import("../../sandbox/auth0/observe.js").SentRequest["client"]} Client */

/**
 * The inspector has each request that Authsignal got, and this client sent them all.
 * @param {import("../../sandbox/start.js").Sandbox} sandbox
 * @param {Client} client
 */
export async function assertClient({ tenant, authsignal }, client) {
  const response = await fetch(new URL("/sandbox/requests", authsignal?.url));
  const received = await response.json();
  const arrows = tenant.logins().flatMap(({ arrows }) => arrows);
  const sent = arrows
    .filter(({ from, to }) => from === "action" && to === "elsewhere")
    .map(({ detail }) => detail.client);
  assert.deepEqual(sent, Array(received.length).fill(client));
}
