// Users are challenged once a session, and again whenever an application asks for a new challenge.
// What an application asks for comes through the user's browser. So the application, or its API, has to check the claim,
// as examples/claim-api.mjs does.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

Object.assign(exports, createAction({ console, onStepUp: "challenge", claim: "https://example.com/mfa" }));
