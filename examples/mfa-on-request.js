// Users are challenged only if an application asks for MFA in its acr_values. Every other login needs the password alone.
// What an application asks for comes through the user's browser, and a user can take it out. So an application that asks
// for MFA has to check the claim, as examples/claim-api.mjs does.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/** @type {import("authsignal-auth0").Options} */
const withMfa = { console, onStepUp: "challenge", claim: "https://example.com/mfa" };

/** @param {any} event */
const options = ({ transaction }) => ((transaction?.acr_values ?? []).includes(MULTI_FACTOR) ? withMfa : false);

Object.assign(exports, createAction(options));
