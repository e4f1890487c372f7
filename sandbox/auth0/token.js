/**
 * The session token of `api.redirect.encodeToken` and `validateToken`: a JWT signed with HS256.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** @param {Record<string, unknown>} payload @param {string} secret */
export function encodeToken(payload, secret) {
  const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(payload)}`;
  return `${signed}.${sign(signed, secret).toString("base64url")}`;
}

/**
 * The payload of a token with a good signature that has not expired. Throws where it isn't one.
 *
 * @param {string} token
 * @param {string} secret
 * @returns {Record<string, unknown>}
 */
export function decodeToken(token, secret) {
  const [header, payload, signature, ...rest] = String(token).split(".");
  if (signature === undefined || rest.length > 0) throw new Error("it is no JWT");
  if (parse(header).alg !== "HS256") throw new Error("its algorithm is not HS256");
  const actual = Buffer.from(signature, "base64url");
  const expected = sign(`${header}.${payload}`, secret);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
    throw new Error("its signature is wrong");
  const claims = parse(payload);
  if (typeof claims.exp !== "number" || claims.exp <= Date.now() / 1000) throw new Error("it has expired");
  return claims;
}

/** @param {string} text @param {string} secret */
const sign = (text, secret) => createHmac("sha256", secret).update(text).digest();

/** @param {unknown} value */
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** @param {string} part @returns {Record<string, unknown>} */
const parse = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
