// Users who log in to Auth0 with a passkey have already shown two factors, and are not asked for another one.
// Everybody else is, including users of a social or an enterprise connection.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {{ authentication?: { methods?: readonly { name: string }[] } }} event */
const options = ({ authentication }) =>
  authentication?.methods?.some(({ name }) => name === "passkey") ? false : { console };

Object.assign(exports, createAction(options));
