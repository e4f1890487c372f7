// examples/claim-api.mjs lets in a request only if its access token shows a challenge.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { startClaimApi } from "./claim-api.js";

const CLAIM = "https://example.com/mfa";
const audience = "https://api.example.com";
const { privateKey, publicKey } = await generateKeyPair("RS256");
const { privateKey: otherKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), kid: "key-1", alg: "RS256", use: "sig" };

const server = createServer((_, response) => void response.end(JSON.stringify({ keys: [jwk] }))).listen(0);
after(() => server.close());
await once(server, "listening");
const issuer = `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
const post = await startClaimApi({ after }, { issuer, audience });

/** @param {number} seconds */
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const passed = () => ({ action: "auth0-login", at: ago(10), method: "PASSKEY" });

/** @param {Record<string, unknown>} [claims] of the access token */
const tokenOf = (
  claims = { [CLAIM]: passed() },
  { to = audience, from = issuer, expires = "1h", key = privateKey } = {},
) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: "key-1" })
    .setIssuer(from)
    .setAudience(to)
    .setExpirationTime(expires)
    .sign(key);

test("a challenge of the last five minutes lets the request in", async () => {
  for (const seconds of [0, 10, 290, -30]) {
    const token = await tokenOf({ [CLAIM]: { ...passed(), at: ago(seconds) } });
    assert.deepEqual(await post(token), { status: 204, error: undefined }, `${seconds} seconds`);
  }
});

for (const [what, claims] of /** @type {[string, Record<string, unknown>][]} */ ([
  ["no claim", {}],
  ["a claim of another name", { "https://example.com/mfa2": passed() }],
  ["a claim that is null", { [CLAIM]: null }],
  ["a claim that is a text", { [CLAIM]: "auth0-login" }],
  ["a challenge of 301 seconds ago", { [CLAIM]: { ...passed(), at: ago(301) } }],
  ["a challenge of the future", { [CLAIM]: { ...passed(), at: ago(-90) } }],
  ["a challenge without a time", { [CLAIM]: { ...passed(), at: undefined } }],
  ["a challenge whose time can't be read", { [CLAIM]: { ...passed(), at: "just now" } }],
  ["a challenge of another action", { [CLAIM]: { ...passed(), action: "newsletter" } }],
  ["a challenge of no action", { [CLAIM]: { ...passed(), action: undefined } }],
])) {
  test(`${what}: the application has to ask for a challenge`, async () => {
    assert.deepEqual(await post(await tokenOf(claims)), { status: 401, error: "insufficient_user_authentication" });
  });
}

test("a token that is not valid is refused, whatever it claims", async () => {
  const unsigned = new UnsecuredJWT({ [CLAIM]: passed() }).setIssuer(issuer).setAudience(audience);
  for (const [what, token] of /** @type {[string, string | undefined][]} */ ([
    ["no token", undefined],
    ["no JWT", "token"],
    ["another key", await tokenOf(undefined, { key: otherKey })],
    ["another audience", await tokenOf(undefined, { to: "https://other.example.com" })],
    ["another issuer", await tokenOf(undefined, { from: "https://other.example.com/" })],
    ["expired", await tokenOf(undefined, { expires: "-1m" })],
    ["unsigned", unsigned.setExpirationTime("1h").encode()],
  ])) {
    assert.deepEqual(await post(token), { status: 401, error: "invalid_token" }, what);
  }
});
