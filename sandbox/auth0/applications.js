/**
 * The applications of the tenant, of the types that Auth0 has.
 *
 * @typedef {object} Application
 * @property {string} clientId
 * @property {"regular_web" | "spa" | "native" | "non_interactive"} [type] `regular_web` if not given. `spa` is a public
 *   client with PKCE and rotating refresh tokens; `native` here is a device without a browser, with the device code
 *   grant; `non_interactive` is a machine
 * @property {string} [clientSecret] of an application that can keep one
 * @property {string} [name]
 * @property {string[]} [redirectUris]
 * @property {string[]} [postLogoutRedirectUris]
 * @property {string[]} [webOrigins] the origins whose scripts may call the token endpoint
 */

/** @type {Record<NonNullable<Application["type"]>, string[]>} */
const GRANTS = {
  regular_web: ["authorization_code", "refresh_token", "password"],
  spa: ["authorization_code", "refresh_token"],
  native: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
  non_interactive: ["client_credentials"],
};

export class Applications {
  #applications;

  /** @param {Application[]} applications */
  constructor(applications) {
    this.#applications = applications;
  }

  /** @param {unknown} clientId */
  find(clientId) {
    return this.#applications.find((application) => application.clientId === clientId);
  }

  get secrets() {
    return this.#applications.flatMap(({ clientSecret }) => clientSecret ?? []);
  }

  get redirectOrigins() {
    return this.#applications.flatMap(({ redirectUris = [] }) =>
      redirectUris.map((address) => new URL(address).origin),
    );
  }

  /** Where logging out may lead: for one application, or for any of them. @param {string} [clientId] */
  postLogoutRedirectUris(clientId) {
    return this.#applications
      .filter((application) => clientId === undefined || application.clientId === clientId)
      .flatMap(({ postLogoutRedirectUris = [] }) => postLogoutRedirectUris);
  }

  /** What an Action sees of one. @param {string} clientId */
  eventClient(clientId) {
    return { client_id: clientId, name: nameOf(this.find(clientId)) };
  }

  /** As the OpenID provider takes them. */
  get clients() {
    return this.#applications.map((application) => {
      const {
        clientId,
        type = "regular_web",
        clientSecret,
        redirectUris = [],
        postLogoutRedirectUris = [],
      } = application;
      return {
        client_id: clientId,
        client_name: nameOf(application),
        redirect_uris: redirectUris,
        post_logout_redirect_uris: postLogoutRedirectUris,
        application_type: type === "native" ? "native" : "web",
        grant_types: GRANTS[type],
        response_types: GRANTS[type].includes("authorization_code") ? ["code"] : [],
        ...(clientSecret
          ? { client_secret: clientSecret, token_endpoint_auth_method: "client_secret_post" }
          : { token_endpoint_auth_method: "none" }),
      };
    });
  }
}

/** @param {Application} [application] */
const nameOf = (application) => application?.name ?? "Sandbox application";
