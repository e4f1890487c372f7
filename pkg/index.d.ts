/**
 * Authsignal MFA for Auth0's post-login trigger.
 *
 * The handlers have the names, options and session record of those in `@authsignal/node`. They are native
 * async functions, they never reject while `api.access.deny` works, and they end within nine seconds.
 */

/** What is read of Auth0's post-login event. Auth0's own `Event` fits. */
export interface PostLoginEvent {
  user: { user_id: string; email?: string };
  request: {
    hostname?: string;
    ip?: string;
    user_agent?: string;
    query?: object;
    body?: object;
    geoip?: object;
  };
  secrets: object;
  transaction?: { protocol?: string; metadata?: object };
  authentication?: { methods?: readonly { name: string; timestamp?: string }[] };
  client?: { client_id: string; name?: string };
  connection?: { name?: string; strategy?: string };
  organization?: { id: string; name?: string };
  authorization?: { roles?: readonly string[] };
  stats?: { logins_count?: number };
}

/** What is called of Auth0's `api` in `onExecutePostLogin`. Auth0's own `PostLoginAPI` fits. */
export interface ExecuteApi {
  access: { deny(reason: string): unknown };
  redirect: { sendUserTo(url: string): unknown };
  transaction?: { setMetadata(key: string, value: string): unknown };
}

/** What is called of Auth0's `api` in `onContinuePostLogin`. Auth0's own `PostLoginAPI` fits. */
export interface ContinueApi {
  access: { deny(reason: string): unknown };
  authentication: { recordMethod(url: string): unknown };
}

/**
 * Attributes of the track request. They win over what the event gives; what is `undefined` or `null` is left
 * out. `scope` and `challengeId` are not among them: nothing may widen what the challenge's token can do.
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
  /** The device's id. Default: the query's `device_id`, where it is one string. */
  deviceId?: string | null;
  /** The browser's IP address. Default: `event.request.ip`. */
  ipAddress?: string | null;
  /** The browser's user agent. Default: `event.request.user_agent`. */
  userAgent?: string | null;
  /** Goes to Authsignal's API as it is. Default: not sent. */
  redirectToSettings?: boolean | null;
  /** The custom domain of Authsignal's pre-built UI. Default: not sent. */
  customDomain?: string | null;
}

/** Settings of either hook. What is `undefined` is not given. */
export interface CommonOptions {
  /** The tenant's secret key, printable ASCII. Default: the Action's secret `AUTHSIGNAL_SECRET`. */
  secret?: string;
  /** Another name of `secret`, as the official handlers have it. Where both are given they have to be equal. */
  apiSecretKey?: string;
  /** The user's id at Authsignal. A safe integer becomes its decimal string. Default: `event.user.user_id`. */
  userId?: string | number;
  /** The action's code, `^[a-zA-Z0-9_-]{1,64}$`. Default: `auth0-login`. */
  action?: string;
  /**
   * The URL that the browser comes back to: https, or http on loopback.
   * Default: `https://{event.request.hostname}/continue`.
   */
  redirectUrl?: string;
  /** Custom data points for Authsignal's rules. `undefined` and `null` entries are left out. Default: `{}`. */
  custom?: Record<string, string | number | boolean | null | undefined>;
  /**
   * Adds what Auth0 knows to `custom`: client, connection, organization, roles, country, risk confidence
   * and logins count, under names that start with `auth0`. Default: `false`.
   */
  includeContext?: boolean;
  /** Further attributes of the track request. Default: `{}`. */
  attributes?: Attributes;
  /** `optional` lets a user in who is allowed and has not enrolled. Default: `required`. */
  enrollment?: "required" | "optional";
  /** Hides the way back on the first screen of enrolment. Default: `false`. */
  forceEnrollment?: boolean;
  /**
   * Seconds after which a challenge that this session recorded counts no more. `0` asks at each login,
   * and silent login (`prompt=none`) then can't succeed. Default: it counts as long as the session.
   */
  maxAge?: number;
  /** `allow` lets an enrolled user in at `REVIEW_REQUIRED`, as the official handlers do. Default: `deny`. */
  onReview?: "deny" | "allow";
  /**
   * `allow` lets a login in without MFA when its own tries all ended in no connection, a time-out or a
   * 5xx. Everything else denies all the same, and so does everything at continue. Default: `deny`.
   */
  onUnavailable?: "deny" | "allow";
  /** Milliseconds that one try may take, from 100. The whole hook stays under 9,000. Default: `3000`. */
  timeoutMs?: number;
  /** Tries after the first, a whole number from 0. Default: `2`. */
  maxRetries?: number;
  /** What a user reads whose challenge was not passed. Default: `MFA challenge failed`. */
  failureMessage?: string;
  /** What a user reads whose action Authsignal blocks. Default: `Action blocked`. */
  blockedMessage?: string;
  /** What a user reads whose action is under review. Default: `Action under review`. */
  reviewMessage?: string;
  /** What a user reads in an outage or after a configuration error. Default: `MFA is unavailable`. */
  unavailableMessage?: string;
  /** At most one line a hook goes to the log: errors, every outcome, or nothing. Default: `error`. */
  logLevel?: "silent" | "error" | "info";
}

/** The API by its region. */
export interface RegionOption {
  /** The tenant's region; not together with a URL. Default: the Action's secret `AUTHSIGNAL_REGION`, or `us`. */
  region?: "us" | "eu" | "au" | "ca";
  apiBaseUrl?: undefined;
  apiUrl?: undefined;
}

/** The API by its base URL. */
export interface UrlOption {
  region?: undefined;
  /**
   * The base URL of the API, such as `https://eu.api.authsignal.com/v1`: https, or http on loopback, without
   * credentials, query or fragment. Default: the Action's secret `AUTHSIGNAL_API_URL`, or the region's.
   */
  apiBaseUrl?: string;
  /** Another name of `apiBaseUrl`, as the official handlers have it. Where both are given they have to be equal. */
  apiUrl?: string;
}

/** The settings of a login. An unknown option, or one of a wrong type or form, denies the login. */
export type Options = CommonOptions & (RegionOption | UrlOption);

/**
 * The settings, or a synchronous function of the event that returns them, or returns `false`: this login
 * then proceeds at execute without a request, and is denied at continue.
 */
export type OptionsOrFunction<Event = PostLoginEvent> = Options | ((event: Event) => Options | false);

/**
 * Handles `onExecutePostLogin`: tracks the action with Authsignal and, where a challenge is due, redirects
 * the browser to it.
 */
export function handleAuth0ExecutePostLogin<Event extends PostLoginEvent>(
  event: Event,
  api: ExecuteApi,
  options?: OptionsOrFunction<Event>,
): Promise<void>;

/**
 * Handles `onContinuePostLogin`: validates the challenge with Authsignal and records it in the session, or
 * denies the login.
 */
export function handleAuth0ContinuePostLogin<Event extends PostLoginEvent>(
  event: Event,
  api: ContinueApi,
  options?: OptionsOrFunction<Event>,
): Promise<void>;

/** Both handlers of an Action, with the same settings. */
export interface Action<Event extends PostLoginEvent = PostLoginEvent> {
  onExecutePostLogin(event: Event, api: ExecuteApi): Promise<void>;
  onContinuePostLogin(event: Event, api: ContinueApi): Promise<void>;
}

/**
 * Makes both handlers of an Action.
 *
 * @example
 * const { createAction } = require("authsignal-auth0");
 * Object.assign(exports, createAction({ region: "eu", maxAge: 24 * 60 * 60 }));
 */
export function createAction<Event extends PostLoginEvent = PostLoginEvent>(
  options?: OptionsOrFunction<Event>,
): Action<Event>;

/** `createAction().onExecutePostLogin`: ready to export. */
export const onExecutePostLogin: Action["onExecutePostLogin"];

/** `createAction().onContinuePostLogin`: ready to export. */
export const onContinuePostLogin: Action["onContinuePostLogin"];
