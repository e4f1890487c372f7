// Who may call: the client credentials grant of a machine-to-machine application, and its token's scopes.

import { randomBytes, timingSafeEqual } from "node:crypto";
import express from "express";
import { ManagementError } from "./errors.js";

export const SCOPES = /** @type {const} */ (["create:actions", "read:actions", "update:actions", "delete:actions"]);

/**
 * @typedef {typeof SCOPES[number]} Scope
 * @typedef {{ clientId: string, clientSecret: string, scopes: readonly Scope[] }} Machine a machine-to-machine
 *   application
 */

/** @param {Machine} machine @param {string} audience */
export function createTokens(machine, audience) {
  /** @type {Set<string>} */
  const given = new Set();

  /** `POST /oauth/token`, whose errors are OAuth's and not the Management API's. */
  const tokenRoute = express.Router();
  tokenRoute.post("/oauth/token", express.json(), express.urlencoded(), (req, res) => {
    const refuse = (/** @type {number} */ status, /** @type {string} */ error, /** @type {string} */ description) =>
      res.status(status).json({ error, error_description: description });
    const { grant_type, client_id, client_secret, audience: asked } = req.body ?? {};
    if (grant_type !== "client_credentials")
      return void refuse(403, "unsupported_grant_type", `Unsupported grant type: ${grant_type}`);
    if (client_id !== machine.clientId || !isSame(client_secret, machine.clientSecret))
      return void refuse(401, "access_denied", "Unauthorized");
    if (asked !== audience) return void refuse(403, "access_denied", `Service not enabled within domain: ${asked}`);
    const token = randomBytes(24).toString("base64url");
    given.add(token);
    res.json({ access_token: token, scope: machine.scopes.join(" "), expires_in: 86_400, token_type: "Bearer" });
  });

  /** @type {import("express").RequestHandler} */
  const authenticate = (req, _res, next) => {
    const [scheme, token] = (req.get("Authorization") ?? "").split(" ");
    if (scheme.toLowerCase() !== "bearer" || !token) throw new ManagementError(401, "Missing authentication");
    if (!given.has(token)) throw new ManagementError(401, "Invalid token");
    next();
  };

  /** @param {Scope} scope @returns {import("express").RequestHandler} */
  const needs = (scope) => (_req, _res, next) => {
    if (machine.scopes.includes(scope)) return next();
    throw new ManagementError(403, `Insufficient scope, expected any of: ${scope}`, "insufficient_scope");
  };

  return { tokenRoute, authenticate, needs };
}

/** @param {unknown} given @param {string} expected */
function isSame(given, expected) {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
