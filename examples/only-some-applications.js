// MFA for every application but those that say `mfa: off` in their metadata: in the Auth0 Dashboard,
// Applications > the application > Advanced Settings > Application Metadata.
// An application that nobody thought of has MFA.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {any} event */
const options = ({ client }) => (client.metadata?.mfa === "off" ? false : {});

Object.assign(exports, createAction(options));
