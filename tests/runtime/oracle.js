// What a hook may do with the very event, options and answers that it was given: what it decides by
// tests/oracle/decisions.json, and which options and events are legal by the contracts. Nothing here is shared with what
// is tested.

import { before, canRedirect, messages, refreshesToken, track, validate, withoutAnswer } from "../oracle/decisions.js";

/**
 * @typedef {"execute" | "continue"} Hook
 * @typedef {{ kind: "answer", text: string } | { kind: "outage" | "transient" | "final" }} Try how one request ended
 *
 * @typedef {object} Seen everything that a decision is made of
 * @property {Hook} hook
 * @property {unknown} event
 * @property {unknown} options what the function returned, where they are one; not `false`
 * @property {boolean} off the function returned `false`
 * @property {number[]} dates what the clock said, in milliseconds since 1970
 * @property {Try[]} tries the requests that were sent, in order
 *
 * @typedef {string} Outcome `proceed`, `redirect URL`, `record NAME`, `deny REASON`
 */

const REGIONS = /** @type {Record<string, string>} */ ({
  us: "https://api.authsignal.com/v1",
  eu: "https://eu.api.authsignal.com/v1",
  au: "https://au.api.authsignal.com/v1",
  ca: "https://ca.api.authsignal.com/v1",
});

/** What a text becomes at the boundary: a lone surrogate becomes U+FFFD. @param {string} text */
export const wellFormed = (text) => Buffer.from(text).toString();

/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string";
/** @param {unknown} value */
const isAbsent = (value) => value === undefined || value === null;

/** Whether it is an address that may be used: https, or http on this machine. @param {string} text */
export const isWebUrl = (text) => {
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(text)) return false;
  try {
    const { protocol, hostname, username, password } = new URL(text);
    const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
    return username + password === "" && (protocol === "https:" || loopback);
  } catch {
    return false;
  }
};

/** Whether Auth0 takes it as the name of a custom claim. @param {string} text */
const isClaimName = (text) => {
  if (!/^https?:\/\/[^\s\\\p{Cc}]+$/iu.test(text)) return false;
  try {
    const { hostname, username, password } = new URL(text);
    return username + password === "" && !/(^|\.)(auth0\.com|webtask\.io|webtask\.run)\.*$/.test(hostname);
  } catch {
    return false;
  }
};

/** @param {unknown} value @returns {value is number} */
const isNumber = (value) => Number.isFinite(value);
const isDataPoint = (/** @type {unknown} */ value) => isText(value) || isNumber(value) || typeof value === "boolean";
const isFlag = (/** @type {unknown} */ value) => typeof value === "boolean";
const isOneOf =
  (/** @type {string[]} */ ...list) =>
  (/** @type {any} */ value) =>
    list.includes(value);
const isUserId = (/** @type {unknown} */ value) =>
  isText(value) && !["", ".", ".."].includes(value) && !wellFormed(value).includes("\ufffd");

/** A plain object's entries that are there. Throws for anything else. @param {any} object */
const entriesOf = (object) => {
  const prototype = Object.getPrototypeOf(object);
  if (typeof object !== "object" || Array.isArray(object) || (prototype !== null && prototype !== Object.prototype))
    throw TypeError();
  return Object.entries(object).filter(([, value]) => value !== undefined);
};
/** @param {(name: string, value: unknown) => boolean} legal */
const everyEntry = (legal) => (/** @type {unknown} */ object) =>
  entriesOf(object).every(([name, value]) => value === null || legal(name, value));

/** A key in quotes, or a placeholder of one. */
const SLIP = /^(".*"|'.*'|`.*`|##.*##|@@.*@@|_VALUE_NOT_SHOWN_)$/s;

/** Which value is legal for which option. @type {Record<string, (value: any) => boolean>} */
const LEGAL = {
  secret: (value) => isText(value) && /^[ -~]+$/.test(value) && !SLIP.test(value),
  region: (value) => isText(value) && Object.hasOwn(REGIONS, value.toLowerCase()),
  apiBaseUrl: (value) => isText(value) && isWebUrl(value) && !/[?#]/.test(value),
  userId: (value) => isUserId(value) || Number.isSafeInteger(value),
  action: (value) => isText(value) && /^[\w-]{1,64}$/.test(value),
  redirectUrl: (value) => isText(value) && isWebUrl(value),
  custom: everyEntry((_, value) => isDataPoint(value)),
  includeContext: isFlag,
  attributes: everyEntry((name, value) =>
    name === "redirectToSettings"
      ? isFlag(value)
      : ["email", "phoneNumber", "username", "locale", "deviceId", "ipAddress", "userAgent", "customDomain"].includes(
          name,
        ) && isText(value),
  ),
  enrollment: isOneOf("required", "optional"),
  forceEnrollment: isFlag,
  maxAge: (value) => isNumber(value) && value >= 0,
  onReview: isOneOf("deny", "allow"),
  onUnavailable: isOneOf("deny", "allow"),
  onStepUp: isOneOf("ignore", "challenge"),
  claim: (value) => isText(value) && isClaimName(value),
  console: (value) => Object(value) === value,
  timeoutMs: (value) => isNumber(value) && value >= 100,
  maxRetries: (value) => Number.isSafeInteger(value) && value >= 0,
  failureMessage: isText,
  blockedMessage: isText,
  reviewMessage: isText,
  unavailableMessage: isText,
  logLevel: isOneOf("silent", "error", "info"),
};

/** The other names of two. @type {Record<string, string>} */
const OTHER_NAMES = { apiSecretKey: "secret", apiUrl: "apiBaseUrl" };

/** @param {string} name @param {unknown} value */
const isLegal = (name, value) => {
  try {
    return Object.hasOwn(LEGAL, name) && LEGAL[name](value);
  } catch {
    return false;
  }
};

/** The options, and whether they are legal. @param {unknown} given @param {any} secrets */
const readOptions = (given, secrets) => {
  /** @type {Record<string, any>} */
  const options = { ...messages };
  let legal = true;
  try {
    for (const [own, value] of given === undefined ? [] : entriesOf(given)) {
      const name = Object.hasOwn(OTHER_NAMES, own) ? OTHER_NAMES[own] : own;
      const fine = isLegal(name, value) && (options[name] === undefined || name in messages || options[name] === value);
      if (fine) options[name] = value;
      legal &&= fine;
    }
  } catch {
    legal = false;
  }
  if (options.region && options.apiBaseUrl) legal = false;
  options.secret ??= isText(secrets.AUTHSIGNAL_SECRET) ? secrets.AUTHSIGNAL_SECRET.trim() : undefined;
  legal &&= LEGAL.secret(options.secret);
  options.url = options.apiBaseUrl ?? REGIONS[(options.region ?? "us").toLowerCase()];
  options.action ??= "auth0-login";
  options.method = options.action === "auth0-login" ? options.url : `${options.url}#${options.action}`;
  return { options, legal };
};

/**
 * The event as it can be read. `unsure`: what is wrong with it may as well deny the login, which is for Auth0
 * to never give. Throws where it can't be read.
 * @param {any} event
 */
const readEvent = (event) => {
  let unsure = false;
  /** @param {any} value */
  const part = (value) => {
    if (isAbsent(value)) return {};
    if (typeof value !== "object" && typeof value !== "function") throw TypeError();
    if (Object.getPrototypeOf(value) !== Object.prototype) unsure = true;
    return value;
  };
  /** @param {any} value */
  const leaf = (value) => {
    if (!isAbsent(value) && !["string", "number", "boolean"].includes(typeof value)) unsure = true;
    return value;
  };
  /** @param {any} value */
  const texts = (value) => {
    if (!Array.isArray(value)) return leaf(value);
    if (!isPlainData(value)) unsure = true;
    return value;
  };
  /** @param {any} value @returns {any[]} */
  const list = (value) => {
    if (isAbsent(value)) return [];
    if (Array.isArray(value)) return value;
    if (typeof value !== "object" && typeof value !== "function") throw TypeError();
    unsure = true;
    return [];
  };

  if (isAbsent(event)) throw TypeError();
  const root = part(event);
  const user = part(root.user);
  const request = part(root.request);
  const [query, body] = [part(request.query), part(request.body)];
  const transaction = part(root.transaction);
  const metadata = part(transaction.metadata);
  const authentication = part(root.authentication);
  const secrets = part(root.secrets);
  const methods = list(authentication.methods)
    .map(part)
    .map(({ name, timestamp }) => ({ name: leaf(name), timestamp: leaf(timestamp) }));
  // Read, and of no weight for what is decided.
  for (const value of [
    user.email,
    request.ip,
    request.user_agent,
    query.device_id,
    body.device_id,
    secrets.AUTHSIGNAL_REGION,
    secrets.AUTHSIGNAL_API_URL,
  ])
    leaf(value);
  return {
    protocol: leaf(transaction.protocol),
    userId: leaf(user.user_id),
    hostname: leaf(request.hostname),
    methods,
    secrets,
    secret: leaf(secrets.AUTHSIGNAL_SECRET),
    tokens: [leaf(body.token), leaf(query.token)].filter((token) => !isAbsent(token)),
    challenge: leaf(metadata.authsignal_challenge),
    asked: { acr: texts(transaction.acr_values), prompt: texts(transaction.prompt), maxAge: leaf(query.max_age) },
    get unsure() {
      return unsure;
    },
  };
};

/** Whether it is what JSON could have made, so that nothing in it can throw. @param {any} value @returns {boolean} */
const isPlainData = (value) => {
  if (isAbsent(value)) return true;
  if (typeof value !== "object") return ["string", "number", "boolean"].includes(typeof value);
  try {
    if (![Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))) return false;
    return Object.values(Object.getOwnPropertyDescriptors(value)).every(
      (property) => "value" in property && isPlainData(property.value),
    );
  } catch {
    // A Proxy, or nested too deep.
    return false;
  }
};

/** Whether what `includeContext` reads of the event is plain data. @param {any} event */
const hasPlainContext = (event) => {
  try {
    const { client, connection, organization, stats, authorization, request, authentication, ...rest } = event;
    const { transaction, resource_server, user, tenant, custom_domain } = rest;
    const { requested_scopes, acr_values } = transaction ?? {};
    const { email_verified, created_at, last_password_reset } = user ?? {};
    return [
      ...[client, connection, organization, stats, authorization, request?.geoip, request?.asn],
      ...[authentication?.riskAssessment, requested_scopes, acr_values, resource_server, tenant, custom_domain],
      ...[email_verified, created_at, last_password_reset],
    ].every(isPlainData);
  } catch {
    return false;
  }
};

/** Whether a list has this entry, or can't be read. @param {unknown} list @param {string} entry */
const mayHave = (list, entry) => {
  if (isAbsent(list)) return false;
  const entries = isText(list) ? list.split(" ") : list;
  try {
    return !Array.isArray(entries) || !entries.every(isText) || entries.includes(entry);
  } catch {
    return true;
  }
};

/**
 * The most seconds that a recorded challenge may be old for the application, if the options let it ask: 0 if it is to be
 * a new one.
 * @param {any} options
 * @param {{ acr: unknown, prompt: unknown, maxAge: unknown }} asked
 */
const secondsAsked = ({ onStepUp }, { acr, prompt, maxAge }) => {
  if (onStepUp !== "challenge") return undefined;
  const multiFactor = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
  if (mayHave(acr, multiFactor) || mayHave(prompt, "login")) return 0;
  if (isAbsent(maxAge)) return undefined;
  return isText(maxAge) && /^[0-9]+$/.test(maxAge) ? Number(maxAge) : 0;
};

/**
 * The recorded challenges that still count, as the clock stood.
 * @param {any} options
 * @param {ReturnType<typeof readEvent>} event
 * @param {number} date
 */
const counting = (options, { methods, asked }, date) => {
  const seconds = [options.maxAge, secondsAsked(options, asked)].filter((limit) => limit !== undefined);
  return methods.filter(({ name, timestamp }) => {
    if (name !== options.method) return false;
    const age = isText(timestamp) ? (date - Date.parse(timestamp)) / 1000 : NaN;
    return seconds.every((limit) => age >= -60 && Math.max(age, 0) < limit);
  });
};

/** @param {string} text @param {boolean} force */
const forced = (text, force) => {
  if (!force) return text;
  const [, address, fragment] = /** @type {RegExpExecArray} */ (/^([^#]*)(.*)$/s.exec(text));
  return `${address}${address.includes("?") ? "&" : "?"}force_enrollment=true${fragment}`;
};

/**
 * How a login is denied of which nothing can be decided: in the caller's words, where they can be read.
 * @param {any} options
 * @returns {Outcome[]}
 */
export const unavailable = (options) => {
  const words = [messages.unavailableMessage];
  try {
    if (isText(options.unavailableMessage)) words.push(options.unavailableMessage);
  } catch {
    // Then they can't.
  }
  return words.map((text) => `deny ${text}`);
};

/**
 * The outcomes that are right. There is more than one where what was given is no event, no JSON object or no
 * steady clock, and none that lets in but the one that the tables say.
 * @param {Seen} seen
 * @returns {Outcome[]}
 */
export const rightOutcomes = ({ hook, event: given, options: givenOptions, off, dates, tries }) => {
  let event;
  try {
    event = readEvent(given);
  } catch {
    return unavailable(givenOptions);
  }
  const { options, legal } = readOptions(givenOptions, event.secrets);
  const asksForContext = hook === "execute" && options.includeContext === true;
  const unsure = event.unsure || (asksForContext && !hasPlainContext(given));
  const right = unsure ? unavailable(givenOptions) : [];

  const user = options.userId === undefined ? event.userId : String(options.userId);
  const host = options.redirectUrl ?? (isText(event.hostname) && isHost(event.hostname));
  // If the clock jumped, a recorded challenge may count by one reading of it and not by another.
  const recorded = hook === "execute" ? dates.map((date) => counting(options, event, date).length > 0) : [];
  for (const counts of recorded.length > 0 ? new Set(recorded) : [false]) {
    const decision = before(requestOf[hook], {
      "it refreshes a token": refreshesToken(event.protocol),
      "the options are false": off,
      "the configuration is wrong": !legal,
      "a recorded challenge counts": counts,
      "the event lacks something": !isUserId(user) || (hook === "execute" && !host),
      "there is no single token": !isOneToken(event.tokens),
    });
    if (decision.outcome === "request") right.push(...concluded({ hook, options, tries, user, event }));
    else if (decision.if === "the configuration is wrong") right.push(...unavailable(givenOptions));
    else if (tries.length === 0) right.push(written(decision, options));
  }
  return right;
};

const requestOf = /** @type {const} */ ({ execute: "track", continue: "validate" });

/** @param {import("../oracle/decisions.js").Decision} decision @param {any} options @returns {Outcome} */
const written = ({ outcome, message }, options) => (message ? `${outcome} ${options[message]}` : outcome);

/** @param {unknown[]} tokens */
const isOneToken = (tokens) =>
  tokens.length > 0 &&
  new Set(tokens).size === 1 &&
  isText(tokens[0]) &&
  tokens[0] !== "" &&
  [...wellFormed(tokens[0])].length <= 8192;

/** @param {string} text */
const isHost = (text) => /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(text);

/**
 * What the requests that were sent lead to.
 * @param {{ hook: Hook, options: any, tries: Try[], user: string, event: ReturnType<typeof readEvent> }} login
 * @returns {Outcome[]}
 */
const concluded = ({ hook, options, tries, user, event: { protocol, challenge, asked } }) => {
  const outage = tries.length > 0 && tries.every(({ kind }) => kind === "outage");
  const stepUp = secondsAsked(options, asked) !== undefined;
  const unusable = written(withoutAnswer(requestOf[hook], options, { outage, stepUp }), options);
  const last = tries.at(-1);
  let answer;
  try {
    answer = JSON.parse(last?.kind === "answer" ? last.text : "");
  } catch {
    return [unusable];
  }
  const decision =
    hook === "execute"
      ? track(answer ?? {}, options, {
          canRedirect: canRedirect(protocol),
          secureUrl: isText(answer?.url) && isWebUrl(answer.url),
        })
      : validate(answer ?? {}, { action: options.action, userId: user, authsignal_challenge: challenge });
  const right =
    decision.outcome === "redirect"
      ? `redirect ${forced(answer.url, options.forceEnrollment)}`
      : decision.outcome === "record"
        ? `record ${options.method}`
        : written(decision, options);
  const isObject = typeof answer === "object" && answer !== null && !Array.isArray(answer);
  return isObject ? [right] : [written({ outcome: "deny", message: "failureMessage" }, options), unusable];
};

/**
 * The claim that the tokens get if the hook proceeds without a request, or records a challenge; but for its time, which of
 * a challenge passed now is that of the clock.
 * @param {Seen} seen
 * @param {"proceed" | "record"} outcome
 */
export const rightClaim = ({ hook, event: given, options: givenOptions, off, dates, tries }, outcome) => {
  const event = readEvent(given);
  const { options } = readOptions(givenOptions, event.secrets);
  const { claim: name, action } = options;
  if (name === undefined || off) return undefined;
  const last = tries.at(-1);
  if (hook === "continue" && outcome === "record" && last?.kind === "answer") {
    const { verificationMethod: method } = JSON.parse(last.text);
    return { name, value: isText(method) ? { action, method } : { action }, times: dates };
  }
  if (hook === "continue" || tries.length > 0 || event.protocol === "oauth2-refresh-token") return undefined;
  const times = dates.map((date) => {
    const read = counting(options, event, date).map(({ timestamp }) =>
      isText(timestamp) ? Date.parse(timestamp) : NaN,
    );
    // Not one that can't be read, or that is in the future.
    return Math.max(...read.filter((time) => date - time >= -60_000));
  });
  return times.includes(-Infinity) ? undefined : { name, value: { action }, times };
};

/**
 * The requests that may be sent: how often, where to, and about whom.
 * @param {Seen} seen
 */
export const rightRequests = ({ hook, event: given, options: givenOptions }) => {
  const { secrets, userId } = readEvent(given);
  const { options } = readOptions(givenOptions, secrets);
  const user = wellFormed(String(options.userId ?? userId));
  const path = hook === "execute" ? `/users/${encodeURIComponent(user)}/actions/${options.action}` : "/validate";
  return {
    atMost: 1 + (options.maxRetries ?? 2),
    url: new URL(options.url.replace(/\/*$/, path)).href,
    authorization: `Basic ${Buffer.from(`${options.secret}:`).toString("base64")}`,
    body: hook === "execute" ? {} : { action: options.action, userId: user },
  };
};
