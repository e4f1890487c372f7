// Who logged in at Auth0 with a passkey has shown two factors already and is not asked for another one.
// Everybody else is, also with a social or an enterprise connection.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {{ authentication?: { methods?: readonly { name: string }[] } }} event */
const options = ({ authentication }) => (authentication?.methods?.some(({ name }) => name === "passkey") ? false : {});

Object.assign(exports, createAction(options));
