// Members of an organization are tracked as the action `organization-login`, with the organization's name for
// Authsignal's rules. An organization with `mfa: off` in its metadata has no MFA here, for example because its identity
// provider asks for it. In the Authsignal Portal, set both "Auth0 Login" and "Organization Login" to Challenge.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

/** @param {any} event */
const options = ({ organization }) => {
  if (!organization) return { console };
  if (organization.metadata?.mfa === "off") return false;
  return { console, action: "organization-login", custom: { organization: organization.name } };
};

Object.assign(exports, createAction(options));
