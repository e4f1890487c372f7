/**
 * The grants without a browser that run the trigger: refresh token and resource owner password.
 */
import { errors, findAccount, resourceServer } from "./provider.js";

/**
 * @typedef {import("oidc-provider").KoaContextWithOIDC} Context
 *
 * @typedef {object} Tenant
 * @property {import("./users.js").Users} users
 * @property {import("./directory.js").Directory} directory
 * @property {import("./sessions.js").Sessions} sessions
 * @property {import("./transactions.js").Transactions} transactions
 * @property {import("./recorder.js").Recorder} recorder
 * @property {import("./exchanges.js").Exchanges} exchanges
 * @property {import("./claims.js").GrantedClaims} granted
 * @property {ReturnType<typeof import("./trigger.js").createTrigger>} trigger
 */

/**
 * Runs the trigger for a refresh token that is good, before it gives new tokens.
 *
 * @param {Tenant} tenant
 * @returns {(context: Context) => Promise<void>}
 * @throws an OAuth error where the login is denied
 */
export function createRefresh({ users, sessions, transactions, recorder, exchanges, granted, trigger }) {
  return async ({ req, oidc }) => {
    const { RefreshToken: token, Grant: grant } = oidc.entities;
    const user = users.find(token?.accountId ?? "");
    if (!token || !grant || !user) throw new errors.InvalidGrant();
    const query = { scope: token.scope, audience: audienceOf(token) };
    const transaction = transactions.begin({
      protocol: "oauth2-refresh-token",
      clientId: oidc.client?.clientId ?? "",
      query,
    });
    transaction.organization = granted.find(grant.jti)?.organization;
    transaction.login = beginLogin({ req, oidc, recorder, exchanges, kind: "Refresh", user });
    const session = sessions.find(token.sessionUid) ?? {
      uid: token.sessionUid ?? "",
      userId: user.user_id,
      authenticatedAt: (token.authTime ?? token.iat) * 1000,
      methods: [],
    };
    const outcome = await trigger("onExecutePostLogin", {
      transaction,
      user,
      session,
      request: req,
      body: bodyOf(oidc),
    });
    if (outcome.type === "deny" && outcome.session?.tokenRevoked) await grant.destroy();
    refuse(outcome, transaction);
    granted.set(grant.jti, transaction, transaction.login);
  };
}

export const PASSWORD_PARAMETERS = ["username", "password", "scope", "audience"];

/**
 * The resource owner password grant.
 *
 * @param {Tenant} tenant
 * @returns {(context: Context) => Promise<void>}
 */
export function createPasswordGrant({ users, directory, transactions, recorder, exchanges, granted, trigger }) {
  return async (context) => {
    const { req, oidc } = context;
    const { provider } = oidc;
    const client = /** @type {import("oidc-provider").Client} */ (oidc.client);
    const {
      username,
      password,
      scope = "openid",
      audience,
    } = /** @type {Record<string, string | undefined>} */ (oidc.params ?? {});
    const user = users.authenticate(username, password, (user) => directory.isInDatabase(user));
    if (!user)
      throw Object.assign(new errors.InvalidGrant(), {
        error_description: "Wrong email or password.",
        status: 403,
        statusCode: 403,
      });

    const { clientId } = client;
    const transaction = transactions.begin({ protocol: "oauth2-password", clientId, query: { scope, audience } });
    transaction.login = beginLogin({ req, oidc, recorder, exchanges, kind: "Password grant", user });
    users.countLogin(user);
    const outcome = await trigger("onExecutePostLogin", { transaction, user, request: req, body: bodyOf(oidc) });
    refuse(outcome, transaction);

    const grant = new provider.Grant({ accountId: user.user_id, clientId: client.clientId });
    grant.addOIDCScope(scope);
    if (audience) grant.addResourceScope(audience, scope);
    granted.set(await grant.save(), transaction, transaction.login);
    oidc.entity("Grant", grant);
    context.body = await issue(context, grant, user, scope, audience);
  };
}

/**
 * The client credentials grant. It has no user, so Auth0 runs another trigger for it. Here no machine is authorized for
 * any API.
 *
 * @param {Context} context
 */
export async function machineGrant({ oidc }) {
  const { audience = "" } = /** @type {Record<string, string | undefined>} */ (oidc.params ?? {});
  const text = `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`;
  throw Object.assign(new errors.AccessDenied(text), { status: 403, statusCode: 403 });
}

/** What Auth0 answers if a machine's grant is asked for by another application. */
export const NO_MACHINE = {
  error: "unauthorized_client",
  error_description: "Grant type 'client_credentials' not allowed for the client.",
};

/**
 * The tokens of a password grant.
 *
 * @param {Context} context
 * @param {any} grant
 * @param {import("./users.js").User} user
 * @param {string} scope
 * @param {string | undefined} audience
 */
async function issue(context, grant, user, scope, audience) {
  const provider = /** @type {any} */ (context.oidc.provider);
  const { client } = context.oidc;
  const scopes = scope.split(" ");
  const facts = { accountId: user.user_id, client, grantId: grant.jti, gty: "password", scope, resource: audience };

  const accessToken = new provider.AccessToken(facts);
  if (audience) accessToken.resourceServer = new provider.ResourceServer(audience, resourceServer(audience, scope));
  const tokens = {
    access_token: await accessToken.save(),
    token_type: "Bearer",
    expires_in: accessToken.expiration,
    scope,
  };

  const refreshToken = new provider.RefreshToken({ ...facts, rotations: 0 });
  const idToken = new provider.IdToken(await findAccount(user)?.claims(), { ctx: context });
  idToken.scope = grant.getOIDCScopeFiltered(new Set(scopes));
  return {
    ...tokens,
    ...(scopes.includes("offline_access") && { refresh_token: await refreshToken.save() }),
    ...(scopes.includes("openid") && { id_token: await idToken.issue({ use: "idtoken" }) }),
  };
}

/**
 * @param {{ req: import("node:http").IncomingMessage, oidc: Context["oidc"], recorder: Tenant["recorder"],
 *   exchanges: Tenant["exchanges"], kind: string, user: import("./users.js").User }} facts
 */
function beginLogin({ req, oidc, recorder, exchanges, kind, user }) {
  const login = recorder.begin(kind, exchanges.of(req).started);
  login.set({ user: user.email });
  exchanges.bind(req, login, { body: { ...oidc.body } });
  return login;
}

/** What of the request's body an Action sees. @param {Context["oidc"]} oidc */
function bodyOf({ body }) {
  const {
    client_secret: _,
    password: __,
    refresh_token: ___,
    ...open
  } = /** @type {Record<string, unknown>} */ (body ?? {});
  return open;
}

/** @param {{ resource?: string | string[] }} token */
const audienceOf = ({ resource }) => (Array.isArray(resource) ? resource[0] : resource);

/**
 * There is no browser here that could be sent anywhere.
 *
 * @param {import("./trigger.js").Outcome} outcome
 * @param {{ protocol: string }} transaction
 * @throws an OAuth error, unless the login goes on
 */
function refuse(outcome, { protocol }) {
  if (outcome.type === "proceed") return;
  const error =
    outcome.type === "deny"
      ? new errors.AccessDenied(outcome.reason)
      : new errors.InteractionRequired(`A redirect is not possible in the protocol ${protocol}`);
  throw Object.assign(error, { status: 403, statusCode: 403 });
}
