// One person with several Auth0 accounts has one set of authenticators. When you link accounts, write the same person_id
// into the app_metadata of each. An account without one uses its own id, which is that of its primary identity.
// Never read this id from user_metadata or from an email address. Somebody who has the password and can change the id
// enrolls a new authenticator under it.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {any} event */
const options = ({ user }) => ({ console, userId: user.app_metadata?.person_id ?? user.user_id });

Object.assign(exports, createAction(options));
