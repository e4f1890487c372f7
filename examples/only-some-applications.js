// Every application has MFA, except those with `mfa: off` in their metadata. In the Auth0 Dashboard, set it under
// Applications > the application > Advanced Settings > Application Metadata.
// An application that nobody thought of has MFA.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {any} event */
const options = ({ client }) => (client.metadata?.mfa === "off" ? false : { console });

Object.assign(exports, createAction(options));
