// Adds claims of its own to the tokens of logins for which a challenge counts, by what the handlers resolve to.
// Only the codes challenge_passed and already_challenged mean that. A login can also go on without a challenge, for
// example because Authsignal allows it.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { handleAuth0ContinuePostLogin, handleAuth0ExecutePostLogin } = require("authsignal-auth0");

const options = { console };
const CHALLENGE_COUNTS = ["challenge_passed", "already_challenged"];

/** @param {any} event @param {any} api */
exports.onExecutePostLogin = async (event, api) => {
  addClaims(api, await handleAuth0ExecutePostLogin(event, api, options));
};

/** @param {any} event @param {any} api */
exports.onContinuePostLogin = async (event, api) => {
  addClaims(api, await handleAuth0ContinuePostLogin(event, api, options));
};

/** @param {any} api @param {import("authsignal-auth0").Outcome} outcome */
function addClaims(api, { code, verificationMethod }) {
  if (!CHALLENGE_COUNTS.includes(code)) return;
  api.accessToken.setCustomClaim("https://example.com/assurance", "mfa");
  // Only the login that passed the challenge knows the method.
  if (verificationMethod) api.idToken.setCustomClaim("https://example.com/method", verificationMethod);
}
