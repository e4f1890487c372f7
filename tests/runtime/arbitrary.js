// Logins that a property is about, as plain data: what is legal, and what is done to it.

import fc from "fast-check";
import { notEnrolled, protocols, states } from "../oracle/decisions.js";
import { behaviourNames } from "./answers.js";
import { hostileNames } from "./hostile.js";

/**
 * @typedef {{ [name: string]: unknown }} Json
 * @typedef {{ name: string, value: string, answer: Json }} Answer
 *
 * @typedef {(
 *   { at: "event", path: string, value: string } |
 *   { at: "option", name: string, value: string } |
 *   { at: "options", value: string, returned: boolean } |
 *   { at: "api", part: string, how: typeof HOW[number], value: string } |
 *   { at: "fetch", value: string } |
 *   { at: "global", name: typeof GLOBALS[number] } |
 *   { at: "clock", performance: number[], date: number[] } |
 *   { at: "console" }
 * )} Fault
 *
 * @typedef {object} Login
 * @property {"execute" | "continue"} hook
 * @property {string} user
 * @property {string} host
 * @property {string | undefined} protocol
 * @property {{ acr_values: unknown, prompt: unknown, max_age: unknown }} asked of this login by the application
 * @property {{ name: string, age: number | string }[]} methods recorded in this session, seconds ago
 * @property {{ body: unknown, query: unknown }} tokens
 * @property {string | undefined} challenge of the transaction
 * @property {"object" | "function" | "off"} form of the options
 * @property {boolean} keyAsSecret the key is the Action's secret
 * @property {Json} options
 * @property {Answer[]} answers the last one is given again
 * @property {Fault[]} faults
 */

/** Stands in everything that may not be told. */
export const CANARY = "CANARY";

/** @template T @param {T} common @param {T[]} rare @param {number} [weight] */
const mostly = (common, rare, weight = 4) =>
  fc.oneof({ weight, arbitrary: fc.constant(common) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
/** @template T @param {number} weight of `undefined` @param {fc.Arbitrary<T>} some */
const maybe = (weight, some) => fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some });
const hostileName = fc.constantFrom(...hostileNames);

const USER = `auth0|${CANARY}`;
const user = fc.oneof(
  { weight: 20, arbitrary: fc.constant(USER) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", ".", "..", "samlp|a/b|../..?#%2e", "Zoë|東|😀", "a\ud800", "u".repeat(5000)),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
);

const URLS = [
  "https://api.example.com/v1",
  "https://api.example.com/v1/",
  "http://localhost:4002/v1",
  "HTTPS://API.example.com",
];

const options = fc
  .record({
    url: maybe(1, fc.constantFrom(...URLS)),
    region: maybe(4, fc.constantFrom("us", "eu", "au", "ca")),
    action: maybe(3, fc.constantFrom("transfer", "A_9-z")),
    enrollment: maybe(2, fc.constantFrom("required", "optional")),
    onReview: maybe(2, fc.constantFrom("deny", "allow")),
    onUnavailable: maybe(1, fc.constantFrom("deny", "allow", "allow")),
    onStepUp: maybe(1, fc.constantFrom("ignore", "challenge", "challenge")),
    claim: maybe(1, fc.constantFrom("https://example.com/mfa", "http://claims.example.org/a#b")),
    forceEnrollment: maybe(2, fc.boolean()),
    includeContext: maybe(2, fc.boolean()),
    maxAge: maybe(2, fc.constantFrom(0, 60, 3600, 86400)),
    timeoutMs: maybe(2, fc.constantFrom(100, 1000, 8000, 1e9, 1e300)),
    maxRetries: maybe(1, fc.constantFrom(0, 1, 3, 50, 2 ** 53 - 1)),
    redirectUrl: maybe(9, fc.constantFrom("https://login.example.com/continue", "http://[::1]:1/")),
    userId: maybe(9, fc.constantFrom("another", 7)),
    custom: maybe(4, fc.constant({ plan: "pro", seats: 7, trial: false, none: null })),
    attributes: maybe(4, fc.constant({ email: `${CANARY}@example.org`, redirectToSettings: true })),
    failureMessage: maybe(4, fc.constant("Failed")),
    blockedMessage: maybe(4, fc.constant("Blocked")),
    reviewMessage: maybe(4, fc.constant("In review")),
    unavailableMessage: maybe(4, fc.constant("Later")),
    logLevel: maybe(2, fc.constantFrom("silent", "error", "info", "info")),
  })
  .map(({ url, region, ...rest }) => /** @type {Json} */ ({ ...rest, ...(url ? { apiBaseUrl: url } : { region }) }));

/** JSON that stands where something else is meant. */
const oddJson = fc.constantFrom(null, true, 0, -1, "", "true", "allow", [], ["ALLOW"], {}, { ALLOW: true });
/** @param {unknown} common @param {unknown[]} rare @param {number} [weight] */
const field = (common, rare, weight = 6) =>
  fc.oneof(
    { weight: weight * 3, arbitrary: fc.constant(common) },
    { weight: 3, arbitrary: fc.constantFrom(...rare) },
    { weight: 1, arbitrary: oddJson },
  );

const challengeUrl = `https://mfa.example.com/challenge?token=${CANARY}`;
const tracked = fc.record({
  state: field("CHALLENGE_REQUIRED", ["ALLOW", "ALLOW", "REVIEW_REQUIRED", ...states, undefined], 1),
  isEnrolled: field(true, [...notEnrolled, undefined], 2),
  url: field(
    challengeUrl,
    [
      ...[
        undefined,
        "https://mfa.example.com/",
        "https://mfa.example.com/c#top",
        `${challengeUrl}#top`,
        "http://localhost:1/c",
      ],
      ...[
        "http://mfa.example.com/",
        "javascript:alert(1)",
        "https://a@b/",
        "//mfa.example.com",
        "https://ho st/",
        "https://h\\@i/",
      ],
    ],
    12,
  ),
  idempotencyKey: field("own", [undefined, "another"]),
});
const validated = fc.record({
  isValid: field(true, [false, undefined, "true", 1], 15),
  state: field(
    "CHALLENGE_SUCCEEDED",
    ["CHALLENGE_REQUIRED", "CHALLENGE_FAILED", "ALLOW", "REVIEW_SUCCEEDED", undefined],
    15,
  ),
  action: field(undefined, ["OWN", "OWN", "other"], 9),
  actionCode: field("OWN", [undefined, "other", "auth0-login"], 15),
  userId: field("OWN", [undefined, undefined, "other"], 9),
  idempotencyKey: field("own", [undefined, "another"], 15),
});

/** @param {fc.Arbitrary<Json>} answer @returns {fc.Arbitrary<Answer>} */
const answered = (answer) =>
  fc.record({
    name: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("a Response", "an object with text()", "one chunk") },
      { weight: 2, arbitrary: fc.constantFrom(...behaviourNames) },
    ),
    value: hostileName,
    answer,
  });

const PATHS = [
  "",
  "user",
  "request",
  "secrets",
  "transaction",
  "authentication",
  "client",
  "connection",
  "organization",
  "authorization",
  "stats",
  "resource_server",
  "tenant",
  "tenant.id",
  "custom_domain",
  "custom_domain.domain",
  "user.user_id",
  "user.email",
  "user.email_verified",
  "user.created_at",
  "user.last_password_reset",
  "request.hostname",
  "request.ip",
  "request.user_agent",
  "request.query",
  "request.body",
  "request.geoip",
  "request.query.token",
  "request.query.device_id",
  "request.query.max_age",
  "request.asn",
  "request.body.token",
  "request.geoip.countryCode",
  "secrets.AUTHSIGNAL_SECRET",
  "transaction.protocol",
  "transaction.acr_values",
  "transaction.acr_values.0",
  "transaction.prompt",
  "transaction.prompt.0",
  "transaction.requested_scopes",
  "transaction.metadata",
  "transaction.metadata.authsignal_challenge",
  "authentication.methods",
  "authentication.methods.0",
  "authentication.methods.0.name",
  "authentication.methods.0.timestamp",
  "authentication.riskAssessment",
  "authentication.riskAssessment.confidence",
  "authentication.riskAssessment.assessments",
  "authentication.riskAssessment.assessments.NewDevice",
  "authentication.riskAssessment.assessments.NewDevice.code",
  "authorization.roles",
  "authorization.roles.0",
  "client.client_id",
  "client.name",
  "connection.name",
  "connection.strategy",
  "organization.id",
  "organization.name",
  "stats.logins_count",
];
/** What nobody reads: it may be anything, and makes no difference. */
const UNREAD = [
  "unheardOf",
  "user.user_metadata",
  "user.app_metadata",
  "user.name",
  "user.unheardOf",
  "request.language",
  "request.query.state",
  "request.body.password",
  "transaction.unheardOf",
  "transaction.metadata.other",
  "session",
  "client.metadata",
];
const OPTIONS = [
  "secret",
  "apiSecretKey",
  "region",
  "apiBaseUrl",
  "apiUrl",
  "userId",
  "action",
  "redirectUrl",
  "custom",
  "custom.x",
  "includeContext",
  "attributes",
  "attributes.locale",
  "attributes.scope",
  "enrollment",
  "forceEnrollment",
  "maxAge",
  "onReview",
  "onUnavailable",
  "onStepUp",
  "claim",
  "console",
  "timeoutMs",
  "maxRetries",
  "failureMessage",
  "blockedMessage",
  "reviewMessage",
  "unavailableMessage",
  "logLevel",
  "unheardOf",
  "__proto__",
  "constructor",
];
const HOW = /** @type {const} */ (["value", "method", "throws", "getter", "method getter", "returns", "whole"]);
export const GLOBALS = /** @type {const} */ ([
  "randomUUID throws",
  "randomUUID gives",
  "performance.now throws",
  "Date.now throws",
  "setTimeout throws",
  "clearTimeout throws",
  "Math.random throws",
  "abort throws",
  "Headers throws",
  "Headers.append throws",
  "Request throws",
  "JSON.parse throws",
  "JSON.stringify throws",
  "btoa throws",
  "AbortController throws",
  "Object.entries throws",
]);
const dates = fc.array(fc.constantFrom(0, 1, -1, 5000, -5000, 1e7, -1e7, 1e12, -1e12), { maxLength: 6 });
/** This clock can stand still for a machine that sleeps, and jump when it wakes. It goes back in none. */
const sleeps = fc.array(fc.constantFrom(0, 0, 1, 5000, 1e7, 1e12), { maxLength: 6 });

/** A hostile value, or a getter that throws in its place. */
const atPath = fc.oneof({ weight: 6, arbitrary: hostileName }, { weight: 1, arbitrary: fc.constant("getter") });
const fault = fc.oneof(
  { weight: 10, arbitrary: fc.record({ at: fc.constant("event"), path: fc.constantFrom(...PATHS), value: atPath }) },
  { weight: 5, arbitrary: fc.record({ at: fc.constant("event"), path: fc.constantFrom(...UNREAD), value: atPath }) },
  { weight: 4, arbitrary: fc.record({ at: fc.constant("option"), name: fc.constantFrom(...OPTIONS), value: atPath }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant("options"), value: hostileName, returned: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      at: fc.constant("api"),
      part: fc.constantFrom("access", "redirect", "authentication", "transaction", "idToken", "accessToken"),
      how: mostly("value", [...HOW], 1),
      value: fc.constantFrom(...hostileNames.filter((name) => name !== "proxy of everything")),
    }),
  },
  { weight: 1, arbitrary: fc.record({ at: fc.constant("fetch"), value: hostileName }) },
  { weight: 3, arbitrary: fc.record({ at: fc.constant("global"), name: fc.constantFrom(...GLOBALS) }) },
  { weight: 3, arbitrary: fc.record({ at: fc.constant("clock"), performance: sleeps, date: dates }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant("console") }) },
);
/** Half of the logins are legal. */
const faults = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.array(fault, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(fault, { minLength: 2, maxLength: 4 }) },
);

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const asked = fc.record({
  acr_values: maybe(
    4,
    fc.constantFrom([], ["urn:x"], [MULTI_FACTOR], `urn:x ${MULTI_FACTOR}`, [7], `${MULTI_FACTOR}x`),
  ),
  prompt: maybe(4, fc.constantFrom([], ["none"], ["login"], "consent login", { 0: "login" }, "relogin")),
  max_age: maybe(3, fc.constantFrom("0", "60", "4000", "86400", "1e9", "", 86400, null, "-1", "9".repeat(400))),
});

const TOKEN = `${CANARY}.token`;
const other = fc.constantFrom("", "other", 7, null, [TOKEN], "t".repeat(8192), "t".repeat(8193), "😀".repeat(8192));

/** @param {Login["hook"]} hook @returns {fc.Arbitrary<Login>} */
export const login = (hook) =>
  /** @type {fc.Arbitrary<any>} */ (
    fc.record({
      hook: fc.constant(hook),
      user,
      host: mostly("login.example.com", ["localhost:4001", "[::1]:1", "a/b", "a@b", "", "ho st", "a:b"], 12),
      protocol: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(undefined, ...protocols["can redirect"]) },
        { weight: 1, arbitrary: fc.constantFrom(...protocols["can't redirect"]) },
        { weight: 1, arbitrary: fc.constantFrom(...protocols["refreshes a token"]) },
      ),
      asked,
      methods: fc.array(
        fc.record({
          name: mostly("pwd", ["OWN", "OWN", "OWN#transfer", "https://api.authsignal.com/v1#other", "mfa"], 3),
          age: fc.constantFrom(1, 100, 5000, 1e6, -30, -90, "never", ""),
        }),
        { maxLength: 4 },
      ),
      tokens: fc.record({
        query: fc.oneof(
          { weight: 9, arbitrary: fc.constant(TOKEN) },
          { weight: 1, arbitrary: other },
          { weight: 1, arbitrary: fc.constant(undefined) },
        ),
        body: fc.oneof(
          { weight: 9, arbitrary: fc.constant(undefined) },
          { weight: 2, arbitrary: fc.constant(TOKEN) },
          { weight: 1, arbitrary: other },
        ),
      }),
      challenge: mostly(/** @type {string | undefined} */ ("own"), [undefined, "another"]),
      form: mostly("object", ["function", "function", "off"], 6),
      keyAsSecret: fc.boolean(),
      options,
      answers: fc.array(answered(hook === "execute" ? tracked : validated), { minLength: 1, maxLength: 4 }),
      faults,
    })
  );
