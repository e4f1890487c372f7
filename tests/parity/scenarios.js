import { readFileSync } from "node:fs";
import { protocols, states } from "../oracle/decisions.js";

/** @import { Fault, Kind } from "../../sandbox/authsignal/faults.js" */
/** @import { Store } from "../../sandbox/authsignal/store.js" */

/**
 * What both handlers are given.
 * @typedef {object} Scenario
 * @property {string} id
 * @property {"execute" | "continue"} hook
 * @property {any} event
 * @property {(apiUrl: string) => any} options
 * @property {(sandbox: Sandbox) => unknown} [begin] what comes before; it may change the event
 * @property {Fault[]} [answers] instead of the local Authsignal's own
 * @property {(api: any) => void} [api] changes Auth0's
 *
 * @typedef {object} Sandbox
 * @property {Store} store
 * @property {any} event
 * @property {(method: string, path: string, body?: unknown) => Promise<any>} control
 * @property {string} url
 */

/**
 * What a scenario has of its own.
 * @typedef {Partial<Pick<Scenario, "options" | "begin" | "answers" | "api">> & Event} Given
 * @typedef {{ event?: (event: any) => void, withoutEvent?: boolean }} Event
 */

/** A whole event, with made-up values. */
const fixture = new URL("./post-login-event.json", import.meta.url);
const ACTION = "auth0-login";
const SECRET = "sandbox-secret-key";
const RECORDED = "2026-05-04T08:15:31.204Z";

/** The states that have the form of one. */
const STATES = states.filter((state) => typeof state === "string" && /^[A-Z_]+$/.test(state));
const CAN_REDIRECT = protocols["can redirect"].filter((protocol) => typeof protocol === "string");
const CANNOT_REDIRECT = protocols["can't redirect"];
const USER_IDS = [
  "samlp|corp|ada",
  "waad|ada@example.com",
  "corp/ada",
  "100%",
  "100%41",
  "ada byron",
  "ada?admin",
  "ada#1",
  "Zoë",
  "-_.!~*'()",
  "^[]",
  "..",
  ".",
  "",
];

const tracked = {
  state: "CHALLENGE_REQUIRED",
  isEnrolled: true,
  url: "https://mfa.example.com/challenge?token=t",
  token: "t",
  idempotencyKey: "challenge-1",
};
const validated = {
  isValid: true,
  state: "CHALLENGE_SUCCEEDED",
  actionCode: ACTION,
  userId: "auth0|6637d1c0a9f3b2e4d5c6b7a8",
  idempotencyKey: "challenge-1",
  verificationMethod: "AUTHENTICATOR_APP",
};

/** @type {Scenario[]} */
export const scenarios = [
  // Authsignal's own answers
  execute("Authsignal: a new user"),
  execute("Authsignal: an enrolled user, allowed", { begin: enrolled() }),
  execute("Authsignal: an enrolled user, challenged", { begin: enrolled("CHALLENGE") }),
  execute("Authsignal: an enrolled user, reviewed", { begin: enrolled("REVIEW") }),
  execute("Authsignal: an enrolled user, blocked", { begin: enrolled("BLOCK") }),

  // Each state
  ...STATES.flatMap((state) =>
    [true, false].map((isEnrolled) =>
      execute(`${state}, ${isEnrolled ? "enrolled" : "not enrolled"}`, track({ state, isEnrolled })),
    ),
  ),
  execute("no state, enrolled", track({ state: undefined })),
  execute("no state, not enrolled", track({ state: undefined, isEnrolled: false })),
  execute("the state in lower case", track({ state: "allow" })),
  execute("ALLOW, isEnrolled is missing", track({ state: "ALLOW", isEnrolled: undefined })),
  execute('ALLOW, isEnrolled is "true"', track({ state: "ALLOW", isEnrolled: "true" })),
  execute('ALLOW, isEnrolled is "false"', track({ state: "ALLOW", isEnrolled: "false" })),
  execute("unknown fields in the answer", track({ custom: { a: [1] }, ruleIds: ["r"], more: null })),

  // The challenge's address
  execute("the answer has no url", track({ url: undefined })),
  execute("the answer's url is null", track({ url: null })),
  execute("the answer's url is relative", track({ url: "/challenge?token=t" })),
  execute("the answer's url is plain http", track({ url: "http://mfa.example.com/challenge?token=t" })),
  execute("the answer's url is a script", track({ url: "javascript:alert(1)" })),
  execute("the answer's url has a fragment", track({ url: "https://mfa.example.com/challenge?token=t#top" })),
  execute("the answer has no idempotencyKey", track({ idempotencyKey: undefined })),

  // The protocol
  ...CAN_REDIRECT.map((protocol) => execute(`protocol ${protocol}`, { ...track(), ...transaction({ protocol }) })),
  ...CANNOT_REDIRECT.map((protocol) => execute(`protocol ${protocol}`, { ...track(), ...transaction({ protocol }) })),
  ...CANNOT_REDIRECT.map((protocol) =>
    execute(`protocol ${protocol}, allowed`, { ...track({ state: "ALLOW" }), ...transaction({ protocol }) }),
  ),
  execute("protocol oauth2-password, not enrolled", {
    ...track({ state: "ALLOW", isEnrolled: false }),
    ...transaction({ protocol: "oauth2-password" }),
  }),
  execute("no protocol", { ...track(), ...transaction({ protocol: undefined }) }),
  execute("no transaction", { ...track(), event: (event) => delete event.transaction }),
  execute("prompt=none", {
    ...track(),
    event(event) {
      event.request.query.prompt = "none";
      event.transaction.prompt = ["none"];
    },
  }),

  // A refresh token is never challenged
  execute("a refresh token", { ...track(), ...refreshToken() }),
  execute("a refresh token, blocked", { ...track({ state: "BLOCK" }), ...refreshToken() }),
  execute(
    "a refresh token, without a secret",
    refreshToken((event) => delete event.secrets.AUTHSIGNAL_SECRET),
  ),
  execute("a refresh token, an unknown option", { ...refreshToken(), options: (apiUrl) => ({ apiUrl, wrong: 1 }) }),
  execute(
    "a refresh token, without user and request",
    refreshToken((event) => {
      delete event.user;
      delete event.request;
    }),
  ),

  // What this session has recorded
  execute(
    "recorded: this API URL",
    recorded((apiUrl) => [apiUrl]),
  ),
  execute(
    "recorded: this API URL, among others",
    recorded((apiUrl) => ["pwd", apiUrl, "https://other.example.com"]),
  ),
  execute(
    "recorded: this API URL, twice",
    recorded((apiUrl) => [apiUrl, apiUrl]),
  ),
  execute(
    "recorded: another region's API URL",
    recorded(() => ["https://eu.api.authsignal.com/v1"]),
  ),
  execute(
    "recorded: this API URL with a slash",
    recorded((apiUrl) => [`${apiUrl}/`]),
  ),
  execute("recorded: the default API URL, no options", {
    ...recorded(() => ["https://api.authsignal.com/v1"]),
    options: () => undefined,
  }),
  execute("recorded: this API URL, another action", {
    ...recorded((apiUrl) => [apiUrl]),
    options: (apiUrl) => ({ apiUrl, action: "payment" }),
  }),
  execute("recorded: this API URL with that other action", {
    ...recorded((apiUrl) => [`${apiUrl}#payment`]),
    options: (apiUrl) => ({ apiUrl, action: "payment" }),
  }),
  execute(
    "recorded: this API URL with another action, auth0-login",
    recorded((apiUrl) => [`${apiUrl}#payment`]),
  ),
  execute("recorded: this API URL, without a secret", {
    ...recorded(
      (apiUrl) => [apiUrl],
      (event) => delete event.secrets.AUTHSIGNAL_SECRET,
    ),
  }),
  execute("recorded: this API URL, an unknown option", {
    ...recorded((apiUrl) => [apiUrl]),
    options: (apiUrl) => ({ apiUrl, wrong: 1 }),
  }),
  execute("recorded: nothing", { ...track(), event: (event) => (event.authentication.methods = []) }),
  execute("no authentication in the event", { ...track(), event: (event) => delete event.authentication }),
  execute("authentication without methods", { ...track(), event: (event) => (event.authentication = {}) }),

  // What an application asks for
  execute(
    "recorded: this API URL, acr_values and max_age",
    recorded((apiUrl) => [apiUrl], asks(0)),
  ),
  execute("recorded: this API URL, onStepUp and nothing that asks", {
    ...recorded(
      (apiUrl) => [apiUrl],
      (event) => (event.transaction.prompt = []),
    ),
    options: (apiUrl) => ({ apiUrl, onStepUp: "challenge" }),
  }),
  ...["acr_values", "prompt=login", "max_age"].map((what, at) =>
    execute(`recorded: this API URL, onStepUp and ${what}`, {
      ...recorded((apiUrl) => [apiUrl], asks(at)),
      options: (apiUrl) => ({ apiUrl, onStepUp: "challenge" }),
    }),
  ),
  execute("recorded: this API URL, option claim", {
    ...recorded((apiUrl) => [apiUrl]),
    options: (apiUrl) => ({ apiUrl, claim: "https://example.com/mfa" }),
  }),

  // Options
  execute("options undefined", { ...track(), options: () => undefined }),
  execute("options null", { ...track(), options: () => null }),
  execute("options {}", { ...track(), options: () => ({}) }),
  execute("every option undefined", {
    ...track(),
    options: () => ({
      apiSecretKey: undefined,
      userId: undefined,
      action: undefined,
      redirectUrl: undefined,
      custom: undefined,
      apiUrl: undefined,
      forceEnrollment: undefined,
    }),
  }),
  execute("every option", {
    ...track(),
    options: (apiUrl) => ({
      apiSecretKey: SECRET,
      userId: "user-1",
      action: "payment",
      redirectUrl: "https://login.example.com/continue?x=1",
      custom: { plan: "gold" },
      apiUrl,
      forceEnrollment: true,
    }),
  }),
  option("unknown", { wrong: 1 }),
  option("failureMessage (of continue)", { failureMessage: "No." }),
  option("failureMessage (of continue), blocked", { failureMessage: "No." }, { state: "BLOCK" }),
  option("forceEnrollment", { forceEnrollment: true }),
  option("forceEnrollment, not enrolled", { forceEnrollment: true }, { state: "ALLOW", isEnrolled: false }),
  option("forceEnrollment, blocked", { forceEnrollment: true }, { state: "BLOCK" }),
  option("forceEnrollment, allowed", { forceEnrollment: true }, { state: "ALLOW" }),
  option("forceEnrollment, the url has no query", { forceEnrollment: true }, { url: "https://mfa.example.com/t" }),
  option(
    "forceEnrollment, the url has a fragment",
    { forceEnrollment: true },
    { url: "https://m.example.com/?t=1#top" },
  ),
  option('forceEnrollment "true"', { forceEnrollment: "true" }),
  option("forceEnrollment null", { forceEnrollment: null }),
  option("custom", { custom: { plan: "gold", seats: 3, trial: false } }),
  option("custom, with undefined in it", { custom: { plan: "gold", org: undefined } }),
  option("custom, with null in it", { custom: { plan: "gold", org: null } }),
  option("custom, nested", { custom: { plan: { name: "gold" } } }),
  option("custom, a list", { custom: ["gold"] }),
  option("custom null", { custom: null }),
  option("userId", { userId: "user-1" }),
  option("userId, a number", { userId: 42 }),
  option("userId null", { userId: null }),
  option("action", { action: "payment" }),
  execute("option action, an illegal code", { options: (apiUrl) => ({ apiUrl, action: "my payment" }) }),
  execute("option action empty", { options: (apiUrl) => ({ apiUrl, action: "" }) }),
  option("onStepUp, a wrong one", { onStepUp: "always" }),
  option("claim, no challenge yet", { claim: "https://example.com/mfa" }),
  option("claim, not a URL", { claim: "mfa" }),
  option("claim, a name of Auth0", { claim: "https://auth0.com/mfa" }),
  option("console", { console: { log() {} } }),
  option("console, a string", { console: "log" }),
  option("includeContext", { includeContext: true }, {}, (event) => {
    // Its age would be another one at each run.
    event.user.last_password_reset = "3026-03-14T09:26:53.589Z";
  }),
  option("includeContext, a short event", { includeContext: true, custom: { plan: "gold" } }, {}, (event) => {
    for (const name of ["client", "connection", "organization", "authorization", "stats", "resource_server"]) {
      delete event[name];
    }
    event.request.geoip = event.request.asn = undefined;
    event.custom_domain = event.authentication.riskAssessment = undefined;
    Object.assign(event.user, { email_verified: undefined, created_at: undefined, last_password_reset: undefined });
    event.transaction.requested_scopes = undefined;
  }),
  option("redirectUrl", { redirectUrl: "https://login.example.com/continue?x=1" }),
  option("redirectUrl, http on loopback", { redirectUrl: "http://localhost:3000/continue" }),
  option("redirectUrl, plain http", { redirectUrl: "http://login.example.com/continue" }),
  option("apiSecretKey", { apiSecretKey: SECRET }, {}, (event) => delete event.secrets.AUTHSIGNAL_SECRET),
  option("apiSecretKey, no secrets in the event", { apiSecretKey: SECRET }, {}, (event) => delete event.secrets),
  execute("option apiSecretKey, a wrong one", { options: (apiUrl) => ({ apiUrl, apiSecretKey: "wrong" }) }),
  execute("option apiSecretKey, with a line break", { options: (apiUrl) => ({ apiUrl, apiSecretKey: `${SECRET}\n` }) }),
  execute("option apiSecretKey empty", { options: (apiUrl) => ({ apiUrl, apiSecretKey: "" }) }),
  execute("option apiUrl, another region", {
    ...track(),
    options: () => ({ apiUrl: "https://au.api.authsignal.com/v1" }),
  }),
  execute("option apiUrl, with a slash at its end", { ...track(), options: (apiUrl) => ({ apiUrl: `${apiUrl}/` }) }),
  execute("option apiUrl, plain http", { ...track(), options: () => ({ apiUrl: "http://api.authsignal.com/v1" }) }),
  execute("option apiUrl null", { ...track(), options: () => ({ apiUrl: null }) }),
  execute("option apiUrl, not a URL", { ...track(), options: () => ({ apiUrl: "api" }) }),
  execute("option apiBaseUrl", { ...track(), options: (apiUrl) => ({ apiBaseUrl: apiUrl }) }),
  execute("option apiBaseUrl, another region", {
    ...track(),
    options: () => ({ apiBaseUrl: "https://eu.api.authsignal.com/v1" }),
  }),
  execute("secret AUTHSIGNAL_REGION", {
    ...track(),
    options: () => undefined,
    event: (event) => (event.secrets.AUTHSIGNAL_REGION = "eu"),
  }),
  execute("secret AUTHSIGNAL_REGION, in upper case and with white space", {
    ...track(),
    options: () => undefined,
    event: (event) => (event.secrets.AUTHSIGNAL_REGION = " EU\n"),
  }),
  execute("secret AUTHSIGNAL_API_URL", {
    ...track(),
    options: () => undefined,
    event: (event) => (event.secrets.AUTHSIGNAL_API_URL = "https://eu.api.authsignal.com/v1"),
  }),

  execute("the secret has white space at its ends", {
    event: (event) => (event.secrets.AUTHSIGNAL_SECRET = ` ${SECRET}\n`),
  }),
  execute("the secret is in quotes", { event: (event) => (event.secrets.AUTHSIGNAL_SECRET = `"${SECRET}"`) }),
  execute("the secret is a placeholder", { event: (event) => (event.secrets.AUTHSIGNAL_SECRET = "##SECRET##") }),

  // What the event may lack
  execute("without the secret", { event: (event) => delete event.secrets.AUTHSIGNAL_SECRET }),
  lacking("secrets", (event) => delete event.secrets),
  lacking("the user's email", (event) => delete event.user.email),
  lacking("request.ip", (event) => delete event.request.ip),
  lacking("request.user_agent", (event) => delete event.request.user_agent),
  lacking("the query's device_id", (event) => delete event.request.query.device_id),
  lacking("request.query", (event) => delete event.request.query),
  lacking("email, ip, user agent and device_id", (event) => {
    delete event.user.email;
    delete event.request.ip;
    delete event.request.user_agent;
    delete event.request.query.device_id;
  }),
  lacking("request.hostname", (event) => delete event.request.hostname),
  lacking("request", (event) => delete event.request),
  lacking("user.user_id", (event) => delete event.user.user_id),
  lacking("user", (event) => delete event.user),
  execute("the user's email is null", { ...track(), event: (event) => (event.user.email = null) }),
  execute("the user's email is empty", { ...track(), event: (event) => (event.user.email = "") }),
  execute("the user's email is white space", { ...track(), event: (event) => (event.user.email = " ") }),
  execute("device_id is a list", { ...track(), event: (event) => (event.request.query.device_id = ["a", "b"]) }),
  execute("device_id is an object", { ...track(), event: (event) => (event.request.query.device_id = { a: "b" }) }),
  execute("device_id is empty", { ...track(), event: (event) => (event.request.query.device_id = "") }),
  execute("hostname is localhost", { ...track(), event: (event) => (event.request.hostname = "localhost:4001") }),
  execute("hostname has a path", { ...track(), event: (event) => (event.request.hostname = "evil.example.com/x?") }),
  execute("no event", { ...track(), withoutEvent: true }),

  // The user's id in the path
  ...USER_IDS.map((id) => execute(`user id ${JSON.stringify(id)}`, { event: (event) => (event.user.user_id = id) })),
  execute("user id 42", { event: (event) => (event.user.user_id = 42) }),
  ...["samlp|corp|ada", "corp/ada", "..", ""].map((id) =>
    execute(`option userId ${JSON.stringify(id)}`, { options: (apiUrl) => ({ apiUrl, userId: id }) }),
  ),

  // Answers that are none
  ...failures("execute"),
  execute("error 400, no authenticator is set up", {
    begin: ({ store }) => (store.settings.authenticatorsConfigured = false),
  }),

  // Auth0's api
  execute("api.redirect is missing", { ...track(), api: (api) => delete api.redirect }),
  execute("api.redirect throws", { ...track(), api: (api) => (api.redirect.sendUserTo = refuse) }),
  execute("api.transaction is missing", { ...track(), api: (api) => delete api.transaction }),
  execute("api.transaction throws", { ...track(), api: (api) => (api.transaction.setMetadata = refuse) }),
  execute("api.access is missing, blocked", { ...track({ state: "BLOCK" }), api: (api) => delete api.access }),
  execute("api.access throws, blocked", { ...track({ state: "BLOCK" }), api: (api) => (api.access.deny = refuse) }),
  execute("api.access is missing, allowed", { ...track({ state: "ALLOW" }), api: (api) => delete api.access }),

  // The way back, with Authsignal's own answers
  back("Authsignal: succeeded", { begin: challenge("CHALLENGE_SUCCEEDED") }),
  back("Authsignal: failed", { begin: challenge("CHALLENGE_FAILED") }),
  back("Authsignal: left without an answer", { begin: challenge() }),
  back("Authsignal: a challenge of another action", { begin: challenge("CHALLENGE_SUCCEEDED", { action: "payment" }) }),
  back("Authsignal: a challenge of another user", { begin: challenge("CHALLENGE_SUCCEEDED", { userId: "auth0|eve" }) }),
  back("Authsignal: a forged token"),
  back("Authsignal: succeeded, the transaction's own challenge", {
    begin: challenge("CHALLENGE_SUCCEEDED", { metadata: "own" }),
  }),
  back("Authsignal: succeeded, another transaction's challenge", {
    begin: challenge("CHALLENGE_SUCCEEDED", { metadata: "challenge-of-another-transaction" }),
  }),

  // Each state on the way back
  ...STATES.flatMap((state) =>
    [true, false].map((isValid) => back(`${state}, ${isValid ? "valid" : "not valid"}`, validate({ state, isValid }))),
  ),
  back("no state, valid", validate({ state: undefined })),
  back("isValid is missing", validate({ isValid: undefined })),
  back('isValid is "true"', validate({ isValid: "true" })),

  // What the answer is about
  back("actionCode is another one", validate({ actionCode: "payment" })),
  back("action instead of actionCode", validate({ actionCode: undefined, action: ACTION })),
  back("action instead of actionCode, another one", validate({ actionCode: undefined, action: "payment" })),
  back("action and actionCode agree", validate({ action: ACTION })),
  back("action is right, actionCode another one", validate({ action: ACTION, actionCode: "payment" })),
  back("actionCode is right, action another one", validate({ action: "payment" })),
  back("neither action nor actionCode", validate({ actionCode: undefined })),
  back("actionCode in another case", validate({ actionCode: "Auth0-Login" })),
  back("userId is another user's", validate({ userId: "auth0|eve" })),
  back("userId is missing", validate({ userId: undefined })),
  back("idempotencyKey is the transaction's", { ...validate(), ...metadata("challenge-1") }),
  back("idempotencyKey is another transaction's", { ...validate(), ...metadata("challenge-2") }),
  back("idempotencyKey is missing, the transaction has one", {
    ...validate({ idempotencyKey: undefined }),
    ...metadata("challenge-1"),
  }),
  back("idempotencyKey, no transaction", { ...validate(), event: (event) => delete event.transaction }),

  // The token
  token("none", () => ({ query: {} })),
  token("no query and no body", () => ({ query: undefined, body: undefined })),
  token("in the body only", (token) => ({ query: {}, body: { token } })),
  token("in both, the same", (token) => ({ body: { token } })),
  token("in both, another one in the body", () => ({ body: { token: "t" } })),
  token("in both, another one in the query", (token) => ({ query: { token: "t" }, body: { token } })),
  token("empty", () => ({ query: { token: "" } })),
  token("null", () => ({ query: { token: null } })),
  token("a list", (token) => ({ query: { token: [token, token] } })),
  ...[8192, 8193].map((length) =>
    back(`token: ${length} characters`, {
      ...validate(),
      event: (event) => (event.request.query.token = "t".repeat(length)),
    }),
  ),

  // Options on the way back
  backOption("options undefined", () => undefined),
  backOption("options null", () => null),
  backOption("options {}", () => ({})),
  backOption("option unknown", (apiUrl) => ({ apiUrl, wrong: 1 })),
  backOption("options of execute", (apiUrl) => ({
    apiUrl,
    redirectUrl: "https://login.example.com/continue",
    custom: { plan: "gold" },
    forceEnrollment: true,
  })),
  backOption("option failureMessage, succeeded", (apiUrl) => ({ apiUrl, failureMessage: "No." })),
  backOption("option failureMessage, failed", (apiUrl) => ({ apiUrl, failureMessage: "No." }), {
    isValid: false,
    state: "CHALLENGE_FAILED",
  }),
  backOption("option failureMessage empty, failed", (apiUrl) => ({ apiUrl, failureMessage: "" }), {
    isValid: false,
    state: "CHALLENGE_FAILED",
  }),
  backOption("option userId", (apiUrl) => ({ apiUrl, userId: "user-1" }), { userId: "user-1" }),
  backOption("option userId, a number", (apiUrl) => ({ apiUrl, userId: 42 }), { userId: "42" }),
  backOption("option userId, the answer is of another", (apiUrl) => ({ apiUrl, userId: "user-1" })),
  backOption("option action", (apiUrl) => ({ apiUrl, action: "payment" }), { actionCode: "payment" }),
  backOption("option action, the answer is of auth0-login", (apiUrl) => ({ apiUrl, action: "payment" })),
  backOption("option claim", (apiUrl) => ({ apiUrl, claim: "https://example.com/mfa" })),
  backOption("option claim, failed", (apiUrl) => ({ apiUrl, claim: "https://example.com/mfa" }), {
    isValid: false,
    state: "CHALLENGE_FAILED",
  }),
  backOption("option apiSecretKey", (apiUrl) => ({ apiUrl, apiSecretKey: SECRET })),
  backOption("option apiUrl, another region", () => ({ apiUrl: "https://au.api.authsignal.com/v1" })),
  backOption("option apiUrl, with a slash at its end", (apiUrl) => ({ apiUrl: `${apiUrl}/` })),
  backOption("option apiBaseUrl", (apiUrl) => ({ apiBaseUrl: apiUrl })),
  backOption("option apiBaseUrl, another region", () => ({ apiBaseUrl: "https://eu.api.authsignal.com/v1" })),

  // What the event may lack on the way back
  back("without the secret", {
    begin: challenge("CHALLENGE_SUCCEEDED"),
    event: (event) => delete event.secrets.AUTHSIGNAL_SECRET,
  }),
  back("without user.user_id", { ...validate({ userId: undefined }), event: (event) => delete event.user.user_id }),
  back("without user", { ...validate(), event: (event) => delete event.user }),
  back("without request", { ...validate(), event: (event) => delete event.request }),
  back("no event", { ...validate(), withoutEvent: true }),

  // Answers that are none, on the way back
  ...failures("continue"),

  // Auth0's api on the way back
  back("api.authentication is missing", { ...validate(), api: (api) => delete api.authentication }),
  back("api.authentication throws", { ...validate(), api: (api) => (api.authentication.recordMethod = refuse) }),
  back("api.access is missing, failed", {
    ...validate({ isValid: false, state: "CHALLENGE_FAILED" }),
    api: (api) => delete api.access,
  }),
];

/** @param {string} id @param {Given} [given] @returns {Scenario} */
function execute(id, given = {}) {
  return scenario("execute", id, JSON.parse(readFileSync(fixture, "utf8")), given);
}

/** @param {string} id @param {Given} [given] @returns {Scenario} */
function back(id, given = {}) {
  const event = JSON.parse(readFileSync(fixture, "utf8"));
  event.request.method = "GET";
  event.request.query = { state: "c3RhdGUtb2YtYXV0aDA", token: "t" };
  return scenario("continue", id, event, given);
}

/** @type {(hook: Scenario["hook"], id: string, event: any, given: Given) => Scenario} */
function scenario(hook, id, event, { event: change, withoutEvent, ...given }) {
  change?.(event);
  return {
    id: `${hook}: ${id}`,
    hook,
    event: withoutEvent ? undefined : event,
    options: (apiUrl) => ({ apiUrl }),
    ...given,
  };
}

/** @param {Record<string, unknown>} [fields] @returns {{ answers: Fault[] }} */
function track(fields) {
  return { answers: [{ endpoint: "track", kind: "replace", body: { ...tracked, ...fields } }] };
}

/** @param {Record<string, unknown>} [fields] @returns {{ answers: Fault[] }} */
function validate(fields) {
  return { answers: [{ endpoint: "validate", kind: "replace", body: { ...validated, ...fields } }] };
}

/**
 * @param {string} id
 * @param {object} options
 * @param {Record<string, unknown>} [fields]
 * @param {(event: any) => void} [event]
 */
function option(id, options, fields, event) {
  return execute(`option ${id}`, { ...track(fields), options: (apiUrl) => ({ apiUrl, ...options }), event });
}

/** @param {string} id @param {Scenario["options"]} options @param {Record<string, unknown>} [fields] */
function backOption(id, options, fields) {
  return back(id, { ...validate(fields), options });
}

/** @param {string} what @param {(event: any) => void} event */
function lacking(what, event) {
  return execute(`without ${what}`, { ...track(), event });
}

/**
 * The token of a challenge that was passed, and where it comes back.
 * @param {string} id
 * @param {(token: string) => object} request
 */
function token(id, request) {
  const begin = async (/** @type {Sandbox} */ sandbox) => {
    await challenge("CHALLENGE_SUCCEEDED")?.(sandbox);
    Object.assign(sandbox.event.request, request(sandbox.event.request.query.token));
  };
  return back(`token: ${id}`, { begin });
}

/** @param {object} fields */
function transaction(fields) {
  return { event: (/** @type {any} */ event) => void Object.assign(event.transaction, fields) };
}

/** An application that asks for a new challenge, in the one or the other way. @param {number} way */
function asks(way) {
  return (/** @type {any} */ event) => {
    event.transaction.prompt = way === 1 ? ["consent", "login"] : [];
    if (way === 0) {
      event.transaction.acr_values = ["http://schemas.openid.net/pape/policies/2007/06/multi-factor"];
    }
    if (way === 2) event.request.query.max_age = "60";
  };
}

/** @param {string} key */
function metadata(key) {
  return transaction({ metadata: { authsignal_challenge: key } });
}

/** @param {(event: any) => void} [more] */
function refreshToken(more) {
  return {
    event(/** @type {any} */ event) {
      event.transaction.protocol = "oauth2-refresh-token";
      more?.(event);
    },
  };
}

/** @param {(apiUrl: string) => string[]} names @param {(event: any) => void} [event] @returns {Given} */
function recorded(names, event) {
  return {
    ...track(),
    event,
    begin: ({ event, url }) => {
      event.authentication.methods.push(...names(url).map((name) => ({ name, timestamp: RECORDED })));
    },
  };
}

/** @param {import("../../sandbox/authsignal/api.js").Outcome} [outcome] @returns {Scenario["begin"]} */
function enrolled(outcome = "ALLOW") {
  return ({ store, event }) => {
    store.user(event.user.user_id).enrol({ verificationMethod: /** @type {any} */ ("AUTHENTICATOR_APP") });
    store.action(ACTION).defaultOutcome = outcome;
  };
}

/**
 * A challenge that Authsignal itself made, and what the user made of it.
 * @param {"CHALLENGE_SUCCEEDED" | "CHALLENGE_FAILED"} [outcome]
 * @param {{ action?: string, userId?: string, metadata?: string }} [of]
 * @returns {Scenario["begin"]}
 */
function challenge(outcome, { action = ACTION, userId, metadata } = {}) {
  return async ({ event, control, url }) => {
    const path = `/users/${encodeURIComponent(userId ?? event.user.user_id)}/actions/${action}`;
    const headers = { Authorization: `Basic ${btoa(`${SECRET}:`)}` };
    const response = await fetch(`${url}${path}`, { method: "POST", headers });
    const { token, idempotencyKey } = /** @type {Record<string, string>} */ (await response.json());
    if (outcome) await control("POST", "/challenges/complete", { token, outcome });
    event.request.query.token = token;
    if (metadata) event.transaction.metadata.authsignal_challenge = metadata === "own" ? idempotencyKey : metadata;
  };
}

/** @param {Scenario["hook"]} hook @returns {Scenario[]} */
function failures(hook) {
  const [make, endpoint, body] =
    hook === "execute"
      ? [execute, /** @type {const} */ ("track"), { ...tracked, state: "ALLOW" }]
      : [back, /** @type {const} */ ("validate"), validated];
  /** @type {(id: string, ...kinds: (Kind & { times?: number })[]) => Scenario} */
  const fail = (id, ...kinds) => make(id, { answers: kinds.map((kind) => ({ endpoint, ...kind })) });
  /** @type {Kind} */
  const well = { kind: "replace", body };

  return [
    ...[400, 401, 403, 404, 408, 409, 429, 500, 502, 503].map((status) =>
      fail(`error ${status}`, { kind: "status", status }),
    ),
    fail("error 400, not JSON", { kind: "status", status: 400, body: "<html>Bad request" }),
    fail("error 503, empty", { kind: "status", status: 503, body: "" }),
    fail("error 503 once", { kind: "status", status: 503, times: 1 }, well),
    fail("error 429 once", { kind: "status", status: 429, times: 1 }, well),
    fail("error 500 with an answer that would pass", { kind: "status", status: 500, body }),
    fail("the connection is reset", { kind: "reset" }),
    fail("the connection is reset once", { kind: "reset", times: 1 }, well),
    fail("the answer is cut off", { kind: "cut", body }),
    fail("the answer comes late", { kind: "delay", ms: 300 }),
    fail("the answer is not JSON", { kind: "garbage" }),
    fail("the answer is empty", { kind: "replace", body: "" }),
    fail("the answer is null", { kind: "replace", body: null }),
    fail("the answer is a list", { kind: "replace", body: [body] }),
    fail("the answer is a text", { kind: "replace", body: '"CHALLENGE_SUCCEEDED"' }),
    fail("the answer is {}", { kind: "replace", body: {} }),
    fail("the answer is JSON as a text", { kind: "replace", body: JSON.stringify(JSON.stringify(body)) }),
    fail("the answer has a byte order mark", { kind: "replace", body: `\uFEFF${JSON.stringify(body)}` }),
    fail("the answer is larger than 256 KiB", { kind: "huge", bytes: 300_000, body }),
    fail("the status is 201", { kind: "status", status: 201, body }),
    fail("the status is 204", { kind: "status", status: 204, body: "" }),
    ...[302, 307].map((status) =>
      make(`a redirect, ${status}`, {
        answers: [
          { endpoint, kind: "redirect", status, location: "/v1/users/elsewhere" },
          { endpoint: "users", kind: "replace", body },
        ],
      }),
    ),
  ];
}

function refuse() {
  throw new Error("Refused");
}
