/**
 * Authsignal MFA for Auth0's post-login trigger.
 *
 * The handlers have the same names, options and session record as those in `@authsignal/node`. They are native
 * async functions. They reject only if `api.access.deny` fails, and they end within nine seconds.
 */

/** The part of Auth0's post-login event that is read. You can pass Auth0's own `Event`. */
export interface PostLoginEvent {
  user: {
    user_id: string;
    email?: string;
    email_verified?: boolean;
    created_at?: string;
    last_password_reset?: string;
  };
  request: {
    hostname?: string;
    ip?: string;
    user_agent?: string;
    query?: object;
    body?: object;
    geoip?: object;
    asn?: string;
  };
  secrets: object;
  transaction?: {
    protocol?: string;
    metadata?: object;
    acr_values?: readonly string[];
    prompt?: readonly string[];
    requested_scopes?: readonly string[];
  };
  authentication?: { methods?: readonly { name: string; timestamp?: string }[]; riskAssessment?: object };
  client?: { client_id: string; name?: string };
  connection?: { name?: string; strategy?: string };
  organization?: { id: string; name?: string };
  authorization?: { roles?: readonly string[] };
  stats?: { logins_count?: number };
  resource_server?: { identifier: string };
  tenant?: { id: string };
  custom_domain?: { domain: string };
}

/** The part of Auth0's `api` that the option `claim` calls. */
export interface TokenApi {
  setCustomClaim(name: string, value: unknown): unknown;
}

/** The part of Auth0's `api` that `onExecutePostLogin` calls. You can pass Auth0's own `PostLoginAPI`. */
export interface ExecuteApi {
  access: { deny(reason: string): unknown };
  redirect: { sendUserTo(url: string): unknown };
  transaction?: { setMetadata(key: string, value: string): unknown };
  idToken?: TokenApi;
  accessToken?: TokenApi;
}

/** The part of Auth0's `api` that `onContinuePostLogin` calls. You can pass Auth0's own `PostLoginAPI`. */
export interface ContinueApi {
  access: { deny(reason: string): unknown };
  authentication: { recordMethod(url: string): unknown };
  idToken?: TokenApi;
  accessToken?: TokenApi;
}

/**
 * Attributes of the track request. They replace what the event gives. An attribute that is `undefined` or `null` is
 * left out. You can't set `scope` or `challengeId`, since nothing may extend what the challenge's token can do.
 */
export interface Attributes {
  /** The user's email address. Default: `event.user.email`. */
  email?: string | null;
  /** The user's phone number in E.164 form, such as `+6421555123`. Default: not sent. */
  phoneNumber?: string | null;
  /** The user's user name. Default: not sent. */
  username?: string | null;
  /** The user's locale, such as `en` or `fr`. Default: not sent. */
  locale?: string | null;
  /** The device's id. Default: `device_id` of the request's query, if it is one string. */
  deviceId?: string | null;
  /** The browser's IP address. Default: `event.request.ip`. */
  ipAddress?: string | null;
  /** The browser's user agent. Default: `event.request.user_agent`. */
  userAgent?: string | null;
  /** Is sent to Authsignal's API as it is. Default: not sent. */
  redirectToSettings?: boolean | null;
  /** The custom domain of Authsignal's pre-built UI. Default: not sent. */
  customDomain?: string | null;
}

/** Settings of both hooks. A setting that is `undefined` counts as not given. */
export interface CommonOptions {
  /** The tenant's secret key, printable ASCII. Default: the Action's secret `AUTHSIGNAL_SECRET`. */
  secret?: string;
  /** Another name of `secret`, which the official handlers use. If you give both, they must be equal. */
  apiSecretKey?: string;
  /** The user's id at Authsignal. A safe integer is sent as a decimal string. Default: `event.user.user_id`. */
  userId?: string | number;
  /** The action's code, `^[a-zA-Z0-9_-]{1,64}$`. Default: `auth0-login`. */
  action?: string;
  /**
   * The URL that the browser returns to after the challenge: https, or http on loopback.
   * Default: `https://{event.request.hostname}/continue`.
   */
  redirectUrl?: string;
  /** Custom data points for Authsignal's rules. `undefined` and `null` entries are left out. Default: `{}`. */
  custom?: Record<string, string | number | boolean | null | undefined>;
  /**
   * Adds what Auth0 knows about the login to `custom`, under names that start with `auth0`: client, connection,
   * organization, roles, requested scopes, risk, time since the last password reset, and more. Default: `false`.
   */
  includeContext?: boolean;
  /** More attributes of the track request. Default: `{}`. */
  attributes?: Attributes;
  /** `optional` lets in users who have not enrolled, if Authsignal allows the action. Default: `required`. */
  enrollment?: "required" | "optional";
  /** Hides the back button on the first screen of enrollment. Default: `false`. */
  forceEnrollment?: boolean;
  /**
   * Seconds after which a challenge that this session recorded expires. `0` asks at every login, and silent login
   * (`prompt=none`) then can't succeed. Default: it expires with the session.
   */
  maxAge?: number;
  /** `allow` lets in enrolled users at `REVIEW_REQUIRED`, as the official handlers do. Default: `deny`. */
  onReview?: "deny" | "allow";
  /**
   * `allow` lets a login in without MFA if all its own tries ended with no connection, a time-out or a 5xx.
   * Everything else is still denied, and so is every failure at continue. Default: `deny`.
   */
  onUnavailable?: "deny" | "allow";
  /**
   * `challenge` ignores a recorded challenge if the application asks for a new one: by `acr_values`, by `prompt=login`, or
   * by a `max_age` that is shorter than the challenge is old. Default: `ignore`.
   */
  onStepUp?: "ignore" | "challenge";
  /**
   * The full name of a custom claim, such as `https://example.com/mfa`. If a challenge counts for this login, the ID token
   * and the access token get `{ action, at, method? }` under it. Default: no claim.
   */
  claim?: string;
  /** The Action's console. The npm package needs it for its lines to show in Auth0's log. Default: the global console. */
  console?: { log(line: string): unknown };
  /** How many milliseconds one try may take, 100 or more. The whole hook ends within 9,000. Default: `3000`. */
  timeoutMs?: number;
  /** How many tries may follow the first one, a whole number from 0. Default: `2`. */
  maxRetries?: number;
  /** What users read if they did not pass the challenge. Default: `MFA challenge failed`. */
  failureMessage?: string;
  /** What users read if Authsignal blocks the action. Default: `Action blocked`. */
  blockedMessage?: string;
  /** What users read if the action is under review. Default: `Action under review`. */
  reviewMessage?: string;
  /** What users read in an outage or after a configuration error. Default: `MFA is unavailable`. */
  unavailableMessage?: string;
  /** What is logged, with at most one line a hook: nothing, errors, or every outcome. Default: `error`. */
  logLevel?: "silent" | "error" | "info";
}

/** Chooses the API by its region. */
export interface RegionOption {
  /** The tenant's region. Can't be combined with a URL. Default: the Action's secret `AUTHSIGNAL_REGION`, or `us`. */
  region?: "us" | "eu" | "au" | "ca";
  apiBaseUrl?: undefined;
  apiUrl?: undefined;
}

/** Chooses the API by its base URL. */
export interface UrlOption {
  region?: undefined;
  /**
   * The base URL of the API, such as `https://eu.api.authsignal.com/v1`: https, or http on loopback, without
   * credentials, query or fragment. Default: the Action's secret `AUTHSIGNAL_API_URL`, or the region's.
   */
  apiBaseUrl?: string;
  /** Another name of `apiBaseUrl`, which the official handlers use. If you give both, they must be equal. */
  apiUrl?: string;
}

/** The settings of a login. If an option is unknown or has a wrong type or form, the login is denied. */
export type Options = CommonOptions & (RegionOption | UrlOption);

/**
 * The settings, or a synchronous function of the event that returns them. If it returns `false` at execute, the login
 * continues without a request. If it returns `false` at continue, the login is denied.
 */
export type OptionsOrFunction<Event = PostLoginEvent> = Options | ((event: Event) => Options | false);

/**
 * Why a hook ended as it did: the code of its log line. `claim_failed` is never the code of an outcome, since a claim that
 * can't be set changes nothing else. docs/troubleshooting.md explains the codes.
 */
export type OutcomeCode =
  | "action_mismatch"
  | "allowed"
  | "already_challenged"
  | "answer_too_large"
  | "api_failed"
  | "blocked"
  | "challenge_mismatch"
  | "challenge_not_passed"
  | "challenge_passed"
  | "challenge_required"
  | "conflicting_options"
  | "enrollment_required"
  | "internal_error"
  | "invalid_challenge_url"
  | "invalid_event"
  | "invalid_option"
  | "invalid_options"
  | "invalid_token"
  | "moved"
  | "no_authenticator"
  | "no_browser"
  | "no_connection"
  | "no_secret"
  | "options_off"
  | "options_off_at_continue"
  | "refresh_token"
  | "refused"
  | "review_allowed"
  | "server_error"
  | "timeout"
  | "too_many_requests"
  | "unauthorized"
  | "under_review"
  | "unknown_option"
  | "unknown_state"
  | "unreadable_answer"
  | "unsendable"
  | "user_mismatch";

/**
 * What a handler resolves to: a frozen plain object. It has no token, no address and no secret.
 *
 * Auth0's types say that a handler of an Action returns `Promise<void>`. So the handlers return `Promise<Outcome & void>`,
 * which fits there and can be read as an `Outcome`.
 */
export interface Outcome {
  /** What the handler did. With `proceed` it did nothing, and the login goes on. */
  readonly outcome: "proceed" | "redirect" | "deny" | "record";
  /** Why. */
  readonly code: OutcomeCode;
  /** The state of the action, if Authsignal answered. */
  readonly state?: string;
  /** Whether the user has enrolled, if Authsignal answered a track. */
  readonly isEnrolled?: boolean;
  /** How the user passed the challenge, such as `PASSKEY`. */
  readonly verificationMethod?: string;
  /** The rules that matched. */
  readonly ruleIds?: readonly string[];
  /** The key of the action at Authsignal. */
  readonly idempotencyKey?: string;
}

/**
 * Handles `onExecutePostLogin`: tracks the action with Authsignal, and redirects the browser to the challenge if one
 * is due.
 */
export function handleAuth0ExecutePostLogin<Event extends PostLoginEvent>(
  event: Event,
  api: ExecuteApi,
  options?: OptionsOrFunction<Event>,
): Promise<Outcome & void>;

/**
 * Handles `onContinuePostLogin`: validates the challenge with Authsignal and records it in the session, or
 * denies the login.
 */
export function handleAuth0ContinuePostLogin<Event extends PostLoginEvent>(
  event: Event,
  api: ContinueApi,
  options?: OptionsOrFunction<Event>,
): Promise<Outcome & void>;

/** The two handlers of an Action, with the same settings. */
export interface Action<Event extends PostLoginEvent = PostLoginEvent> {
  onExecutePostLogin(event: Event, api: ExecuteApi): Promise<Outcome & void>;
  onContinuePostLogin(event: Event, api: ContinueApi): Promise<Outcome & void>;
}

/**
 * Returns the two handlers of an Action.
 *
 * @example
 * const { createAction } = require("authsignal-auth0");
 * Object.assign(exports, createAction({ console, region: "eu", maxAge: 24 * 60 * 60 }));
 */
export function createAction<Event extends PostLoginEvent = PostLoginEvent>(
  options?: OptionsOrFunction<Event>,
): Action<Event>;

/** `createAction().onExecutePostLogin`, ready to export. */
export const onExecutePostLogin: Action["onExecutePostLogin"];

/** `createAction().onContinuePostLogin`, ready to export. */
export const onContinuePostLogin: Action["onContinuePostLogin"];
