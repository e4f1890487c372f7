// A challenge that this browser session has passed expires after 24 hours, or earlier with the session.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

Object.assign(exports, createAction({ console, maxAge: 24 * 60 * 60 }));
