/**
 * A local Auth0 tenant: an OpenID provider with Auth0's paths and sessions, Universal Login, the post-login
 * trigger with any Actions, and an inspector of what happened. In memory, and on loopback only.
 *
 * Read on in `provider.js` (OpenID), `authorization.js`, `grants.js` and `continue.js` (when the trigger
 * runs), and `trigger.js` (how).
 */
import express from "express";
import { listen } from "../listen.js";
import { pageHeaders, stylesheet } from "../page.js";
import { Applications } from "./applications.js";
import { createAuthorization } from "./authorization.js";
import { changedScope, GrantedClaims } from "./claims.js";
import { continueRoutes } from "./continue.js";
import { Exchanges } from "./exchanges.js";
import { Flow } from "./flow.js";
import { createPasswordGrant, createRefresh, machineGrant, NO_MACHINE, PASSWORD_PARAMETERS } from "./grants.js";
import { inspectorRoutes, inspectorStylesheet } from "./inspector.js";
import { loginRoutes } from "./login.js";
import { logoutRoutes } from "./logout.js";
import { createMask } from "./mask.js";
import { errorPage } from "./pages.js";
import { createProvider } from "./provider.js";
import { Recorder } from "./recorder.js";
import { Sessions } from "./sessions.js";
import { CurrentSettings, settingsRoutes } from "./settings.js";
import { Transactions } from "./transactions.js";
import { createTrigger } from "./trigger.js";
import { USERS } from "./users.js";

/**
 * @typedef {Record<string, string>} Secrets
 *
 * @typedef {object} TenantOptions
 * @property {number} [port] 0: a free one
 * @property {string} [publicOrigin] where browsers reach it, if that is not localhost
 * @property {import("./flow.js").ActionSource[]} actions of the post-login trigger, in order
 * @property {Secrets | (() => Secrets)} [secrets] of the Actions that have none of their own; a function is asked
 *   before each execution
 * @property {() => Record<string, string>} [configuration] of the Actions, asked before each execution
 * @property {import("./applications.js").Application[]} applications
 * @property {import("./users.js").User[]} [users]
 * @property {import("./directory.js").Settings} [directory] connections, organizations, and what events have of them
 * @property {import("./runtime.js").LoadOptions["modules"]} [modules] of the Actions from files
 * @property {string[]} [formAction] the origins where the login form may lead, along all redirects. Not
 *   given: the application's, any on localhost, and any https one, since an Action may redirect anywhere
 * @property {(line: string) => void} [tell] what the one in front of the console should know
 *
 * @typedef {Awaited<ReturnType<typeof startTenant>>} Tenant
 */

/** @param {TenantOptions} options */
export async function startTenant({
  port = 4001,
  publicOrigin,
  actions,
  secrets = {},
  configuration,
  applications: registered,
  users: seeded = USERS,
  directory: given,
  modules,
  formAction,
  tell = (line) => console.error(line),
}) {
  const server = await listen(port, publicOrigin);
  const { origin } = server;
  const { host } = new URL(origin);
  const flow = new Flow(actions, modules, tell);
  await flow.load();

  const currentSecrets = () => (typeof secrets === "function" ? secrets() : secrets);
  const applications = new Applications(registered);
  const settings = new CurrentSettings({ ...given, users: seeded });
  const { users, directory } = settings;
  const sessions = new Sessions();
  const transactions = new Transactions();
  const granted = new GrantedClaims();
  const exchanges = new Exchanges(origin);
  const mask = createMask(
    () => [...Object.values(currentSecrets()), ...applications.secrets],
    (word) => transactions.isTicket(word),
  );
  const recorder = new Recorder(mask);
  const trigger = createTrigger({
    origin,
    flow,
    secrets: currentSecrets,
    configuration,
    users,
    applications,
    directory,
    hostname: host,
    tell,
  });

  const parts = { users, directory, sessions, transactions, recorder, exchanges, granted, trigger };
  const authorization = createAuthorization(parts);
  const provider = createProvider(`${origin}/`, applications, {
    ...authorization,
    refresh: createRefresh(parts),
    contentsOf: (grantId) => granted.find(grantId),
    isRevoked({ oidc }) {
      const { uid = "", accountId } = oidc.session ?? {};
      // The settings no longer have the user.
      if (accountId && !users.find(accountId)) return true;
      if (oidc.result?.login) sessions.restore(uid);
      return sessions.isRevoked(uid);
    },
    hasConnection: (name) => directory.hasConnection(name),
    hasOrganization: (name) => directory.organization(name) !== undefined,
    findUser: (id) => users.find(id),
    renderError(context, { error, error_description }) {
      context.set(pageHeaders());
      context.type = "html";
      context.body = errorPage({ title: "That did not work", text: error_description ?? error, code: error });
    },
  });
  provider.registerGrantType("password", createPasswordGrant(parts), PASSWORD_PARAMETERS);
  provider.registerGrantType("client_credentials", machineGrant, ["audience", "scope"]);
  provider.use(async (context, next) => {
    await next();
    if (context.state.sendTo) context.redirect(context.state.sendTo);
    const { params, client } = context.oidc ?? {};
    const isMachine = applications.find(client?.clientId)?.type === "non_interactive";
    if (params?.grant_type === "client_credentials" && client && !isMachine) {
      Object.assign(context, { status: 403, body: NO_MACHINE });
    }
  });
  provider.on("grant.success", (context) => {
    const { body, oidc } = /** @type {any} */ (context);
    // The application learns the scope of the access token, if an Action changed it.
    const changes = granted.find(oidc.entities.Grant?.jti)?.scopes;
    if (changes?.length) body.scope = changedScope(body.scope, changes);
    told(context, body, "tokens given", "good");
  });
  provider.on("grant.error", (context, { error, error_description }) => {
    told(context, { error, error_description }, error_description ? `${error}: ${error_description}` : error, "bad");
  });
  provider.on("server_error", (_, error) => tell(`The tenant failed: ${error.stack ?? error}`));

  /**
   * The inspector shows what the token endpoint answered.
   * @param {any} context
   * @param {any} body
   * @param {string} outcome
   * @param {"good" | "bad"} tone
   */
  const told = ({ req, oidc }, body, outcome, tone) => {
    const login = granted.find(oidc.entities.Grant?.jti)?.login;
    if (login) exchanges.bind(req, login, { body: { ...oidc.body } });
    const exchange = exchanges.of(req);
    exchange.answer = { body, ...(body.id_token && { claims: payloadOf(body.id_token) }) };
    const signedIn = oidc.params?.grant_type === "authorization_code" && tone === "good";
    exchange.login?.set({ outcome: signedIn ? `signed in, ${outcome}` : outcome, tone });
  };

  const forms = formActionOf(applications, formAction);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.get("/style.css", (_, res) => void res.type("css").send(stylesheet + inspectorStylesheet));
  app.get("/favicon.ico", (_, res) => void res.status(204).end());
  app.get("/", (_, res) => res.redirect("/inspector"));
  app.use(inspectorRoutes(recorder));
  app.use(settingsRoutes({ origin, settings, flow, mask }));
  app.use(exchanges.watch);
  app.use(
    loginRoutes({
      provider,
      users,
      directory,
      transactions,
      exchanges,
      formAction: forms,
    }),
  );
  app.use(continueRoutes({ provider, users, sessions, transactions, exchanges, trigger, formAction: forms }));
  app.use(logoutRoutes({ provider, applications, sessions }));
  app.use(provider.callback());
  app.use(answerError(tell));
  server.serve(app);

  return {
    origin,
    /** As this machine reaches it. */
    local: server.local,
    /** With the slash at the end, as Auth0's. */
    issuer: `${origin}/`,
    /** As the settings have them now. */
    get users() {
      return settings.current.users ?? USERS;
    },
    /** What the inspector shows, the newest login first. */
    logins: () => recorder.logins,
    /** The next login loads the Actions again, changed or not. */
    reload: () => flow.reload(),
    /** From the next execution on. @param {Secrets | (() => Secrets)} next */
    setSecrets(next) {
      secrets = next;
    },
    /** Ends at once, also what is being answered. */
    async close() {
      await Promise.all([server.close(), flow.close()]);
    },
  };
}

/** @param {Applications} applications @param {string[]} [origins] */
function formActionOf({ redirectOrigins }, origins = ["http://localhost:*", "http://127.0.0.1:*", "https:"]) {
  return ["'self'", ...new Set([...redirectOrigins, ...origins])].join(" ");
}

/** @param {string} token */
const payloadOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** @param {(line: string) => void} tell @returns {import("express").ErrorRequestHandler} */
const answerError = (tell) => (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = Number.isInteger(error.status) && error.status >= 400 ? error.status : 500;
  if (status === 500) tell(`The tenant failed: ${error.stack ?? error}`);
  const text = status === 500 ? "The tenant made a mistake. Its console tells more." : "The request can't be read.";
  res
    .status(status)
    .set(pageHeaders())
    .send(errorPage({ title: "That did not work", text, code: status === 500 ? "server_error" : "invalid_request" }));
};
