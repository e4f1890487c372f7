/**
 * What the tenant has besides users and applications: connections, organizations, and what Auth0 would know of each
 * login by itself.
 *
 * @typedef {object} Connection
 * @property {string} name
 * @property {string} strategy `auth0` is a database
 * @property {string} [id]
 * @property {Record<string, string>} [metadata]
 *
 * @typedef {object} Organization
 * @property {string} id
 * @property {string} name
 * @property {string} [display_name]
 * @property {Record<string, string>} [metadata]
 * @property {string[]} [members] the ids of its users; all of them, if not given
 *
 * @typedef {object} Settings
 * @property {Connection[]} [connections]
 * @property {Organization[]} [organizations]
 * @property {Record<string, unknown>} [riskAssessment] of each login, as in the event
 * @property {Record<string, unknown>} [geoip] of each login
 * @property {{ domain: string, domain_metadata?: Record<string, unknown> }} [customDomain]
 *
 * @typedef {import("./users.js").User} User
 */

/** @type {Connection[]} */
export const DATABASE = [{ id: "con_sandbox", name: "Username-Password-Authentication", strategy: "auth0" }];

/** The strategies that are neither databases nor social. */
const ENTERPRISE = ["samlp", "adfs", "ad", "waad", "okta", "oidc", "google-apps", "pingfederate", "sharepoint"];

export class Directory {
  /** @type {Connection[]} */
  connections = [];
  /** @type {Organization[]} */
  organizations = [];
  /**
   * What each event has.
   * @type {Pick<Settings, "riskAssessment" | "geoip" | "customDomain">}
   */
  facts = {};

  /** @param {Settings} [settings] */
  constructor(settings = {}) {
    this.replace(settings);
  }

  /** All of it, from the next login on. @param {Settings} settings */
  replace({ connections = DATABASE, organizations = [], riskAssessment, geoip, customDomain }) {
    this.connections = connections;
    this.organizations = organizations;
    this.facts = { riskAssessment, geoip, customDomain };
  }

  /** @param {unknown} name */
  hasConnection(name) {
    return this.connections.some((connection) => connection.name === name);
  }

  /** @param {User} user */
  connectionOf({ connection: name }) {
    const connection = this.connections.find((one) => one.name === name) ?? this.connections[0];
    return { id: `con_${connection.name}`, metadata: {}, ...connection };
  }

  /** Whether the tenant itself has the user's password. @param {User} user */
  isInDatabase(user) {
    return this.connectionOf(user).strategy === "auth0";
  }

  /** By its id or its name. @param {unknown} given */
  organization(given) {
    return this.organizations.find(({ id, name }) => id === given || name === given);
  }

  /** @param {Organization} organization @param {User} user */
  isMember({ members }, { user_id }) {
    return members?.includes(user_id) ?? true;
  }

  /** As it is in the user's profile. @param {User} user */
  identityOf(user) {
    const { name, strategy } = this.connectionOf(user);
    const [provider, ...rest] = user.user_id.split("|");
    const isSocial = strategy !== "auth0" && !ENTERPRISE.includes(strategy);
    return { connection: name, provider, user_id: rest.join("|"), isSocial };
  }
}

/** What an Action sees of it. @param {Organization} organization */
export const eventOrganization = ({ members: _, ...organization }) => ({
  display_name: organization.name,
  metadata: {},
  ...organization,
});
