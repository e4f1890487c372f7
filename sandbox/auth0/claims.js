/**
 * The names that Auth0 restricts: it accepts a custom claim of such a name, and leaves it out of the tokens. From
 * "Create custom claims" in Auth0's documentation.
 */
const RESTRICTED = new Set(
  `acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest
  entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce
  object_id org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date sip_from_tag
  sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256`.split(/\s+/),
);

/** @param {string} name */
export const isRestricted = (name) => RESTRICTED.has(name);

/**
 * What Actions put into the tokens of a grant, and the login that the grant came from.
 *
 * @typedef {Pick<import("./execution.js").Result, "claims" | "scopes"> &
 *   { organization?: import("./directory.js").Organization }} Contents
 * @typedef {import("./recorder.js").Login} Login
 */
export class GrantedClaims {
  /** @type {Map<string, Contents & { login: Login | undefined }>} */
  #grants = new Map();

  /** @param {string} grantId @param {Contents} contents @param {Login | undefined} login */
  set(grantId, { claims, scopes, organization }, login) {
    this.#grants.set(grantId, { claims, scopes, organization, login });
  }

  /** @param {string | undefined} grantId */
  find(grantId) {
    return grantId === undefined ? undefined : this.#grants.get(grantId);
  }
}

/** The claims of the organization that a login was for. @param {Contents} [contents] */
export const organizationClaims = ({ organization } = { claims: { idToken: {}, accessToken: {} }, scopes: [] }) =>
  organization && { org_id: organization.id };

/**
 * A token's scope after what Actions added to it and removed from it, in their order.
 *
 * @param {string | undefined} scope
 * @param {import("./execution.js").Result["scopes"]} [changes]
 */
export function changedScope(scope, changes = []) {
  const scopes = new Set(scope?.split(" ").filter(Boolean));
  for (const { type, scope } of changes) {
    if (type === "add") scopes.add(scope);
    else scopes.delete(scope);
  }
  return scopes.size > 0 ? [...scopes].join(" ") : undefined;
}
