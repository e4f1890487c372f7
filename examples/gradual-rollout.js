// Five of a hundred users have MFA. A hash of the user's id decides, so they are always the same ones. Raise PERCENT
// step by step: users who have MFA keep it. At 100 everybody has it.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createHash } = require("node:crypto");
const { createAction } = require("authsignal-auth0");

const PERCENT = 5;

/** @param {any} event */
const options = ({ user }) => {
  const hash = createHash("sha256").update(user.user_id).digest().readUInt32BE();
  return (hash / 2 ** 32) * 100 < PERCENT ? { console } : false;
};

Object.assign(exports, createAction(options));
