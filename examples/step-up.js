// A challenge each time that the application asks for a scope with which much can be done; for the rest, one
// challenge a session. A request without any scope asks again too: it may be given all scopes of the API.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const SENSITIVE = ["transfer:funds", "delete:account"];

/** @param {any} event */
const options = ({ transaction }) => {
  const scopes = transaction?.requested_scopes ?? [];
  const isHarmless = scopes.length > 0 && !SENSITIVE.some((scope) => scopes.includes(scope));
  return isHarmless ? {} : { maxAge: 0 };
};

Object.assign(exports, createAction(options));
