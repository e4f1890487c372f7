/**
 * The post-login trigger: the event of this very login, the run of each Action of the flow, and what the tenant does
 * with the results.
 */
import { isRestricted } from "./claims.js";
import { eventOrganization } from "./directory.js";
import { postLoginEvent } from "./event.js";
import { EXECUTION_MS } from "./limits.js";
import { profileOf } from "./users.js";

/**
 * @typedef {import("./execution.js").Handler} Handler
 * @typedef {import("./execution.js").Result} Result
 * @typedef {import("./transactions.js").Transaction} Transaction
 *
 * @typedef {{ type: "proceed" } | { type: "redirect", url: string }
 *   | { type: "deny", reason: string, session?: Result["session"] }} Outcome
 *
 * @typedef {object} Run
 * @property {Transaction} transaction
 * @property {import("./users.js").User} user
 * @property {import("./sessions.js").Session} [session] none at a password grant
 * @property {import("node:http").IncomingMessage} request the very one that brought the user here
 * @property {Record<string, any>} [query] what the Action sees as its query
 * @property {Record<string, any>} [body]
 * @property {string} [method] where it is another one than the request's
 */

/**
 * @param {object} tenant
 * @param {string} [tenant.origin]
 * @param {Pick<import("./flow.js").Flow, "steps">} tenant.flow
 * @param {() => Record<string, string>} tenant.secrets
 * @param {() => Record<string, string>} [tenant.configuration]
 * @param {import("./users.js").Users} tenant.users
 * @param {Pick<import("./applications.js").Applications, "eventClient">} tenant.applications
 * @param {import("./directory.js").Directory} tenant.directory
 * @param {string} tenant.hostname
 * @param {(line: string) => void} tenant.tell
 */
export function createTrigger({
  origin = "",
  flow,
  secrets,
  configuration,
  users,
  applications,
  directory,
  hostname,
  tell,
}) {
  /**
   * Runs the flow, from its start or from the Action that sent the user away. The first Action that denies or redirects
   * ends the run. All of them together have Auth0's time.
   *
   * @param {Handler} handler of the first one
   * @param {Run} run
   * @returns {Promise<Outcome>}
   */
  return async function trigger(handler, run) {
    const { transaction } = run;
    const ends = performance.now() + EXECUTION_MS;
    const steps = flow.steps();
    const first = handler === "onContinuePostLogin" ? steps.findIndex(({ id }) => id === transaction.waitsFor) : 0;
    if (first === -1) return { type: "deny", reason: "The Action that this login waits for is no longer in the flow." };

    for (const [index, step] of steps.slice(first).entries()) {
      const named = steps.length > 1 ? `${step.name}: ` : "";
      const outcome = await execute(step, named, index === 0 ? handler : "onExecutePostLogin", run, ends);
      if (outcome.type === "redirect") transaction.waitsFor = step.id;
      if (outcome.type !== "proceed") return outcome;
    }
    return { type: "proceed" };
  };

  /**
   * Runs one handler of one Action, and keeps what it recorded.
   *
   * @param {import("./flow.js").Step} step
   * @param {string} named what goes before what is told of it
   * @param {Handler} handler
   * @param {Run} run
   * @param {number} ends when the time is over, on the clock of `performance.now()`
   * @returns {Promise<Outcome>}
   */
  async function execute(
    step,
    named,
    handler,
    { transaction, user, session, request, query = {}, body = {}, method = request.method },
    ends,
  ) {
    const client = applications.eventClient(transaction.clientId);
    const event = postLoginEvent({
      user: { ...profileOf(user), identities: [directory.identityOf(user)] },
      secrets: step.secrets ?? secrets(),
      configuration: configuration?.(),
      session: { methods: session?.methods ?? [] },
      hostname,
      protocol: transaction.protocol,
      metadata: transaction.metadata,
      query,
      body,
      transaction: transactionFacts(transaction),
      request: { ip: ipOf(request), method, language: languageOf(request), user_agent: request.headers["user-agent"] },
      browser: session && sessionFacts(session, client),
      authenticatedAt: session && new Date(session.authenticatedAt).toISOString(),
      client,
      audience: audienceOf(transaction),
      loginsCount: users.loginsCount(user),
      firstMethod: directory.isInDatabase(user) ? "pwd" : "federated",
      connection: directory.connectionOf(user),
      organization: transaction.organization && eventOrganization(transaction.organization),
      roles: user.roles,
      prompt: handler === "onContinuePostLogin" ? promptOf(transaction.form, body) : undefined,
      ...directory.facts,
    });

    const { login } = transaction;
    login?.add({
      from: "auth0",
      to: "action",
      label: `${named}${handler}`,
      detail: { action: step.name, handler, event },
    });
    const result = await step.execute(handler, event, {
      observer: (request) => observe(login, request),
      timeoutMs: Math.max(0, ends - performance.now()),
    });
    session?.methods.push(...result.recordedMethods);
    if (session && result.session.metadata) session.metadata = result.session.metadata;
    transaction.metadata = result.metadata;
    transaction.scopes.push(...result.scopes);
    users.setMetadata(user, result.user);
    const leftOut = [
      ...setClaims(transaction.claims.idToken, result.claims.idToken, "ID token"),
      ...setClaims(transaction.claims.accessToken, result.claims.accessToken, "access token"),
    ];
    for (const line of leftOut) tell(line);

    if (result.command?.type === "form") transaction.form = result.command;
    const outcome = outcomeOf(result, origin);
    if (result.status === "error") tell(`${named}The Action failed in ${handler}: ${result.error?.message}`);
    const { ms, handler: __, console, ...rest } = result;
    const told = { ...rest, console: console.map(lineInWords), ...(leftOut.length > 0 && { leftOut }) };
    login?.add({
      from: "action",
      to: "auth0",
      label: `${named}${inWords(result)}`,
      ms,
      answer: true,
      tone: toneOf(result),
      detail: told,
    });
    return outcome;
  }
}

/**
 * Adds the claims that an Action set. Gives a line for each that Auth0 leaves out.
 *
 * @param {Record<string, unknown>} claims
 * @param {Record<string, unknown>} set
 * @param {string} token
 */
function setClaims(claims, set, token) {
  const [restricted, open] = [true, false].map((is) => Object.keys(set).filter((name) => isRestricted(name) === is));
  for (const name of open) claims[name] = set[name];
  return restricted.map((name) => `Auth0 restricts the claim "${name}", and leaves it out of the ${token}.`);
}

/** @param {import("./console.js").ConsoleLine} line */
const lineInWords = ({ kept, ...line }) =>
  kept === undefined ? line : { ...line, note: `Auth0 keeps ${kept} of the ${line.text.length} characters.` };

/** @param {Result} result @param {string} origin of the tenant, which has the page of a Form @returns {Outcome} */
function outcomeOf({ status, error, command, session }, origin) {
  // As at Auth0: an error of the Action ends the login, and the application reads its message.
  if (status === "error") return { type: "deny", reason: error?.message ?? "" };
  if (command?.type === "deny") return { ...command, session };
  if (command?.type === "form") return { type: "redirect", url: `${origin}/u/form` };
  return command ?? { type: "proceed" };
}

/** @param {Result} result */
function inWords({ status, error, command, recordedMethods }) {
  if (status === "error") return `error: ${error?.message}`;
  if (command?.type === "deny") return `deny: ${command.reason}`;
  if (command?.type === "redirect") return `redirect to ${new URL(command.url).host}`;
  if (command?.type === "form") return `show the Form ${command.id}`;
  return recordedMethods.length > 0 ? "proceed, method recorded" : "proceed";
}

/** @param {Result} result */
const toneOf = ({ status, command }) =>
  status === "error" || command?.type === "deny" ? "bad" : command ? "plain" : "good";

/**
 * @param {import("./recorder.js").Login | undefined} login
 * @param {import("./observe.js").SentRequest} request
 * @returns {import("./observe.js").Exchange}
 */
function observe(login, request) {
  const started = performance.now();
  const out = login?.add({
    from: "action",
    to: "elsewhere",
    label: `${request.method} ${pathOf(request.url)}`,
    detail: { ...request },
  });
  const back = { from: /** @type {const} */ ("elsewhere"), to: /** @type {const} */ ("action"), answer: true };
  /** @type {ReturnType<import("./recorder.js").Login["add"]> | undefined} */
  let answer;
  const ms = () => performance.now() - started;
  return {
    sent: (more) => out?.tell(more),
    answered: ({ status, ...rest }) => {
      answer = login?.add({
        ...back,
        label: String(status),
        ms: ms(),
        tone: status < 400 ? "plain" : "bad",
        detail: { status, ...rest },
      });
    },
    read: (body) => answer?.tell({ body }),
    failed: ({ givenUp, ...detail }) => {
      login?.add({ ...back, label: givenUp ? "given up" : "no answer", ms: ms(), tone: "bad", detail });
    },
  };
}

/** @param {string} url */
function pathOf(url) {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${decodeURIComponent(pathname)}${search}`;
}

/** @param {Transaction} transaction */
function transactionFacts({ id, query }) {
  const list = (/** @type {unknown} */ value) => (typeof value === "string" && value !== "" ? value.split(" ") : []);
  const given = {
    login_hint: query.login_hint,
    redirect_uri: query.redirect_uri,
    response_mode: query.response_mode,
    state: query.state,
  };
  return {
    id,
    acr_values: list(query.acr_values),
    ui_locales: list(query.ui_locales),
    requested_scopes: list(query.scope),
    response_type: list(query.response_type),
    prompt: list(query.prompt),
    redirect_uri: undefined,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/**
 * What a Form gave, which the user fills in on the sandbox's page of it.
 * @param {import("./execution.js").Form | undefined} form
 * @param {Record<string, any>} body
 */
function promptOf(form, { fields = "{}" }) {
  return form && { id: form.id, vars: { ...form.options.vars }, fields: JSON.parse(fields) };
}

/** @param {import("./sessions.js").Session} session @param {{ client_id: string }} client */
function sessionFacts({ uid, userId, authenticatedAt, metadata }, { client_id }) {
  const then = new Date(authenticatedAt).toISOString();
  return {
    id: uid,
    user_id: userId,
    created_at: then,
    authenticated_at: then,
    updated_at: new Date().toISOString(),
    clients: [{ client_id }],
    ...(metadata && { metadata }),
  };
}

/** @param {Transaction} transaction */
const audienceOf = ({ query }) => (typeof query.audience === "string" ? query.audience : "");

/** @param {import("node:http").IncomingMessage} request */
const ipOf = (request) => request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "127.0.0.1";

/** @param {import("node:http").IncomingMessage} request */
const languageOf = (request) => request.headers["accept-language"]?.split(",")[0].split(";")[0] ?? "en";
