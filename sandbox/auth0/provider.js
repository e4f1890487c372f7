/**
 * The OpenID provider behind Auth0's paths: `oidc-provider`, set up so that its answers look like Auth0's.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { changedScope, organizationClaims } from "./claims.js";
import { devicePages } from "./device.js";
import { createStorage } from "./storage.js";
import { profileOf } from "./users.js";

/**
 * @typedef {import("oidc-provider").KoaContextWithOIDC} Context
 * @typedef {import("oidc-provider").default} Provider
 *
 * @typedef {object} Hooks what the tenant does in the provider's course
 * @property {(context: Context) => Promise<boolean>} trigger runs the post-login trigger for an authorization
 *   request. True: the user has to go where the Action wants. Throws where the login is denied
 * @property {(context: Context) => Promise<void>} refresh runs it for a refresh token. Throws where denied
 * @property {(context: Context, interaction: any) => string} interact where the user has to go
 * @property {(grantId: string | undefined) => import("./claims.js").Contents | undefined} contentsOf the tokens of a
 *   grant, by its Actions
 * @property {(context: Context) => boolean} isRevoked the browser's session, by an Action
 * @property {(name: string) => boolean} hasConnection
 * @property {(name: string) => boolean} hasOrganization
 * @property {(id: string) => import("./users.js").User | undefined} findUser
 * @property {(context: Context, error: { error: string, error_description?: string }) => void} renderError
 */

const DAY = 24 * 60 * 60;

/** All ports of localhost share their cookies: the names are the tenant's own. */
const COOKIES = {
  session: "auth0_sandbox_session",
  interaction: "auth0_sandbox_login",
  resume: "auth0_sandbox_resume",
};

/** The only way to load it: on an older Node it says so at the import, and that is all it would say. */
const {
  default: BaseProvider,
  errors,
  interactionPolicy,
} = await (async () => {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await import("oidc-provider");
  } finally {
    console.warn = warn;
  }
})();

export { errors };

/**
 * @param {string} issuer
 * @param {import("./applications.js").Applications} applications
 * @param {Hooks} hooks
 * @returns {Provider}
 */
export function createProvider(issuer, applications, hooks) {
  class TenantProvider extends /** @type {any} */ (BaseProvider) {
    /** @type {any} */
    #idToken;
    /** @type {any} */
    #accessToken;

    /** As Auth0's ID tokens: with the session's id, and with what the Action set. */
    get IdToken() {
      if (this.#idToken) return this.#idToken;
      const Base = super.IdToken;
      this.#idToken = class IdToken extends Base {
        async payload() {
          const { oidc } = this.ctx ?? {};
          const { auth_time } = this.available;
          const contents = hooks.contentsOf(oidc?.entities.Grant?.jti);
          const own = { sid: sessionOf(oidc), auth_time, ...organizationClaims(contents) };
          return { ...(await super.payload()), ...own, ...contents?.claims.idToken };
        }
      };
      return this.#idToken;
    }

    /** As Auth0's access tokens: with the scopes that the Action added, and without those that it removed. */
    get AccessToken() {
      if (this.#accessToken) return this.#accessToken;
      const Base = super.AccessToken;
      this.#accessToken = class AccessToken extends Base {
        /** @param {unknown[]} args */
        async save(...args) {
          this.scope = changedScope(this.scope, hooks.contentsOf(this.grantId)?.scopes);
          return super.save(...args);
        }
      };
      return this.#accessToken;
    }
  }

  const Tenant = /** @type {any} */ (TenantProvider);
  const provider = new Tenant(issuer, configure(applications, hooks));
  // The server that it is behind sets what a proxy would, if browsers reach it elsewhere.
  provider.proxy = issuer.startsWith("https:");
  return provider;
}

/** @param {any} oidc */
const sessionOf = (oidc) => {
  const { RefreshToken, AuthorizationCode, AccessToken } = oidc?.entities ?? {};
  return (AuthorizationCode ?? RefreshToken ?? AccessToken)?.sessionUid;
};

/** @param {import("./applications.js").Applications} applications @param {Hooks} hooks */
function configure(applications, hooks) {
  return {
    clients: applications.clients,
    jwks: { keys: [signingKey()] },
    adapter: createStorage(),
    routes: {
      authorization: "/authorize",
      token: "/oauth/token",
      userinfo: "/userinfo",
      jwks: "/.well-known/jwks.json",
      end_session: "/oidc/logout",
      device_authorization: "/oauth/device/code",
      code_verification: "/activate",
    },
    responseTypes: ["code"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
    clientBasedCORS: (/** @type {any} */ _, /** @type {string} */ origin, /** @type {any} */ client) =>
      applications.find(client.clientId)?.webOrigins?.includes(origin) ?? false,
    conformIdTokenClaims: false,
    claims: {
      openid: ["sub"],
      profile: ["name", "nickname", "given_name", "family_name", "picture", "updated_at"],
      email: ["email", "email_verified"],
      phone: ["phone_number", "phone_number_verified"],
    },
    scopes: ["openid", "profile", "email", "phone", "offline_access"],
    pkce: {
      required: (/** @type {any} */ _, /** @type {import("oidc-provider").Client} */ client) =>
        client.clientAuthMethod === "none",
    },
    extraParams: {
      audience: undefined,
      connection: (/** @type {Context} */ _, /** @type {string | undefined} */ name) => {
        if (name && !hooks.hasConnection(name)) throw new errors.InvalidRequest("the connection was not found");
      },
      organization: (/** @type {Context} */ _, /** @type {string | undefined} */ name) => {
        if (name && !hooks.hasOrganization(name)) throw new errors.InvalidRequest("the organization was not found");
      },
      // Runs once the scope is checked: the provider gives refresh tokens to those who consented on a
      // page, Auth0 to those who asked for offline_access.
      scope: (/** @type {Context} */ { oidc, query }) => {
        const scopes = String(query.scope ?? oidc.body?.scope ?? "").split(" ");
        const asked = /** @type {string | undefined} */ (oidc.params?.scope);
        if (scopes.includes("offline_access") && !asked?.split(" ").includes("offline_access")) {
          Object.assign(oidc.params ?? {}, { scope: `${asked ?? ""} offline_access`.trim() });
        }
      },
    },
    cookies: {
      names: COOKIES,
      keys: [randomBytes(32).toString("base64url")],
      long: { signed: true, httpOnly: true, overwrite: true, sameSite: "lax" },
      short: { signed: true, httpOnly: true, overwrite: true, sameSite: "lax" },
    },
    ttl: {
      AccessToken: DAY,
      AuthorizationCode: 60,
      Grant: 30 * DAY,
      IdToken: 10 * 60 * 60,
      Interaction: 60 * 60,
      RefreshToken: 30 * DAY,
      Session: 7 * DAY,
    },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      // How auth0-spa-js logs in silently, in an iframe.
      webMessageResponseMode: { enabled: true, ack: "individual-draft-01" },
      resourceIndicators: {
        enabled: true,
        defaultResource: (/** @type {Context} */ { oidc }, /** @type {any} */ _, /** @type {any} */ oneOf) =>
          oneOf ?? oidc.params?.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (/** @type {Context} */ { oidc }, /** @type {string} */ audience) => {
          const { AuthorizationCode: code, RefreshToken: token } = oidc.entities;
          return resourceServer(audience, String(oidc.params?.scope ?? (code ?? token)?.scope ?? ""));
        },
      },
    },
    interactions: { policy: policy(hooks), url: hooks.interact },
    loadExistingGrant: grantAll,
    findAccount: (/** @type {any} */ _, /** @type {string} */ id) => findAccount(hooks.findUser(id)),
    extraTokenClaims: (/** @type {any} */ _, /** @type {any} */ token) => ({
      ...hooks.contentsOf(token.grantId)?.claims.accessToken,
      ...organizationClaims(hooks.contentsOf(token.grantId)),
    }),
    // The one place of a refresh where the token is checked and nothing is given yet.
    rotateRefreshToken: async (/** @type {Context} */ context) => {
      await hooks.refresh(context);
      return true;
    },
    renderError: hooks.renderError,
  };
}

/**
 * Login, as the provider has it; then the post-login trigger; and no consent, as for Auth0's own applications.
 * @param {Hooks} hooks
 */
function policy(hooks) {
  const { base, Check, Prompt } = interactionPolicy;
  const prompts = base();
  prompts.remove("consent");
  prompts
    .get("login")
    ?.checks.add(new Check("session_revoked", "The session was revoked", "login_required", hooks.isRevoked));
  const check = new Check("redirect", "External interaction required", "interaction_required", (context) =>
    hooks.trigger(context),
  );
  prompts.add(new Prompt({ name: "post_login" }, check));
  return prompts;
}

/** Everything that the application asks for, each time anew. @param {Context} context */
async function grantAll({ oidc }) {
  const { accountId } = oidc.session ?? {};
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client?.clientId });
  const scope = String(oidc.params?.scope ?? "");
  if (scope) grant.addOIDCScope(scope);
  for (const resource of Object.keys(oidc.resourceServers ?? {})) if (scope) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** The API that an access token is for; any is known here. @param {string} audience @param {string} scope */
export const resourceServer = (audience, scope) => ({
  audience,
  scope,
  accessTokenFormat: /** @type {const} */ ("jwt"),
  accessTokenTTL: DAY,
  jwt: { sign: { alg: /** @type {const} */ ("RS256") } },
});

/** @param {import("./users.js").User | undefined} user */
export function findAccount(user) {
  if (!user) return undefined;
  const { user_id, app_metadata: _, user_metadata: __, ...profile } = profileOf(user);
  return { accountId: user_id, claims: async () => ({ sub: user_id, email_verified: true, ...profile }) };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: "jwk" }),
    kid: randomBytes(12).toString("base64url"),
    use: "sig",
    alg: "RS256",
  };
}
