// A challenge that this browser session passed counts for 24 hours, and no longer than the session.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

Object.assign(exports, createAction({ maxAge: 24 * 60 * 60 }));
