// An API that accepts a request only if its access token shows a challenge of the last five minutes. This is not an
// Action: run it on a server of yours, with jose among its dependencies.
// Environment: ISSUER, such as https://tenant.eu.auth0.com/, with the slash; AUDIENCE, the API's identifier; PORT.

import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { ISSUER = "", AUDIENCE = "", PORT = "3000" } = process.env;
const CLAIM = "https://example.com/mfa";
const ACTION = "auth0-login";
const MAX_AGE_SECONDS = 5 * 60;
const CLOCK_SKEW_SECONDS = 60;
const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

const keys = createRemoteJWKSet(new URL(".well-known/jwks.json", ISSUER));

/**
 * The claims of the access token. Throws if there is no valid one.
 * @param {string | undefined} authorization
 */
async function claimsOf(authorization = "") {
  const token = authorization.replace(/^Bearer /, "");
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, algorithms: ["RS256"] });
  return /** @type {Record<string, any>} */ (payload);
}

/** Whether the user has passed a challenge of this action a short time ago. @param {Record<string, any>} claims */
function hasPassedChallenge({ [CLAIM]: mfa }) {
  const seconds = (Date.now() - Date.parse(mfa?.at)) / 1000;
  // If there is no readable time, `seconds` is NaN, and no comparison with NaN is true.
  return mfa?.action === ACTION && seconds >= -CLOCK_SKEW_SECONDS && seconds < MAX_AGE_SECONDS;
}

const server = createServer(async (request, response) => {
  /** @type {(status: number, challenge?: string) => void} */
  const answer = (status, challenge) => {
    response.writeHead(status, challenge === undefined ? {} : { "WWW-Authenticate": challenge }).end();
  };
  try {
    const claims = await claimsOf(request.headers.authorization);
    if (hasPassedChallenge(claims)) return answer(204);
    // RFC 9470: the application begins a new login with these acr_values.
    answer(401, `Bearer error="insufficient_user_authentication", acr_values="${MULTI_FACTOR}"`);
  } catch {
    answer(401, 'Bearer error="invalid_token"');
  }
});

server.listen(Number(PORT), () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://localhost:${port}`);
});
