// Users are challenged each time the application asks for a sensitive scope, and once a session for everything else.
// A request without any scope counts as sensitive, since Auth0 may grant it all scopes of the API.
// The scopes come through the user's browser. So the API has to check the claim, as examples/claim-api.mjs does.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const CLAIM = "https://example.com/mfa";
const SENSITIVE = ["transfer:funds", "delete:account"];

/** @param {any} event */
const options = ({ transaction }) => {
  const scopes = transaction?.requested_scopes ?? [];
  const isHarmless = scopes.length > 0 && !SENSITIVE.some((scope) => scopes.includes(scope));
  return { console, claim: CLAIM, maxAge: isHarmless ? undefined : 0 };
};

Object.assign(exports, createAction(options));
