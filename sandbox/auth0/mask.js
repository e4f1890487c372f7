/**
 * What the inspector may keep. Everything goes through here before it is stored: values under names that
 * tell of secrets, the values of the configured secrets wherever they are, what looks like a JWT, and
 * tokens and codes in the query of a URL.
 */

export const MASK = "••••••";

const NAMES = [
  /secret|passw(or)?d|passphrase|verifier|assertion|credential|token/i,
  /^(code|otp|pin|jwt|signature|x-api-key|nonce)$/i,
  /(otp|verification|recovery|device|user|authorization)[-_]?codes?$/i,
  /(api|private|session)[-_]?key$/i,
];
/** Secret as headers; the event has objects of these names that are not. */
const HEADERS = /^((proxy-)?authorization|(set-)?cookie)$/i;
/** An OAuth `state` is a secret of the application. Authsignal's, which is one of its words, is none. */
const STATE = /^state$/i;
const STATE_WORD = /^[A-Z]+(_[A-Z]+)*$/;
const OPEN_NAMES = /^(token_?type|token_endpoint.*|allowCredentials)$/i;

const JWT = /\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?/g;
const SCHEME = /\b(Basic|Bearer|DPoP)\s+[\w+/=.~-]{6,}/gi;
const PARAMETER =
  /([?&#;]|^|\s)([\w.-]*(?:token|secret|password|assertion|verifier|ticket)|code|state|otp|nonce)=([^&#\s"'<>]+)/gi;

/** Shorter values would hide words of the page. */
const SHORTEST = 6;

/** What can be an identifier that was drawn by lot. */
const WORD = /[\w-]{20,}/g;

/**
 * @param {() => Iterable<string>} secrets the values to hide wherever they are
 * @param {(word: string) => boolean} [isHidden] asked of each long word
 * @returns {<T>(value: T) => T} gives a copy
 */
export function createMask(secrets, isHidden = () => false) {
  /** @type {any} */
  const mask = (/** @type {unknown} */ value) => {
    const values = forms(secrets());
    return maskValue(value, (text) => maskText(text, values).replace(WORD, (word) => (isHidden(word) ? MASK : word)));
  };
  return mask;
}

/** @param {unknown} value @param {(text: string) => string} maskText @returns {unknown} */
function maskValue(value, maskText) {
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, maskText));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      maskText(name),
      isSecretName(name) || isSecretHere(name, item) ? maskAll(item) : maskValue(item, maskText),
    ]),
  );
}

/** Whether it depends on the value. @param {string} name @param {unknown} item */
function isSecretHere(name, item) {
  if (STATE.test(name)) return !(typeof item === "string" && STATE_WORD.test(item));
  return HEADERS.test(name) && (typeof item === "string" || Array.isArray(item));
}

/** @param {string} name */
export function isSecretName(name) {
  return !OPEN_NAMES.test(name) && NAMES.some((pattern) => pattern.test(name));
}

/** Names stay, so that one sees what is there. @param {unknown} value @returns {unknown} */
function maskAll(value) {
  if (Array.isArray(value)) return value.map(maskAll);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskAll(item)]));
  }
  return typeof value === "string" || typeof value === "number" ? MASK : value;
}

/** @param {string} text @param {string[]} secrets */
function maskText(text, secrets) {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked
    .replace(JWT, MASK)
    .replace(SCHEME, `$1 ${MASK}`)
    .replace(PARAMETER, (_, before, name) => `${before}${name}=${MASK}`);
}

/**
 * Each secret as it is, in a URL, in JSON and as the user or the password of Basic authentication.
 * @param {Iterable<string>} secrets
 */
function forms(secrets) {
  const all = new Set();
  for (const secret of secrets) {
    if (typeof secret !== "string" || secret.length < SHORTEST || isPlainAddress(secret)) continue;
    const base64 = Buffer.from(`${secret}:`).toString("base64");
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      base64,
      base64.replace(/=+$/, ""),
    ])
      all.add(form);
  }
  return [...all].sort((a, b) => b.length - a.length);
}

/**
 * The address of an API, which is configured as a secret and is none: nothing in it but where it is.
 * @param {string} secret
 */
function isPlainAddress(secret) {
  if (!/^https?:/.test(secret) || !URL.canParse(secret)) return false;
  const { username, password, search, hash, pathname } = new URL(secret);
  return username + password + search + hash === "" && /^\/(v\d+\/?)?$/.test(pathname);
}
