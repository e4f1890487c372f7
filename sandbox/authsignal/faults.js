import { pipeline, Readable } from "node:stream";
import { isNonEmpty, isObject, isOneOf, isText, only } from "./body.js";
import { invalidRequest } from "./errors.js";

/** @import { Request, RequestHandler, Response } from "express" */

/**
 * What happens instead of the answer. A `body` that is a string is sent as it is, any other as JSON.
 * - `status`: an answer of that status
 * - `delay`: the normal answer, after `ms`
 * - `reset`: the connection is reset
 * - `hang`: no answer
 * - `garbage`: 200, and a body that is not JSON
 * - `replace`: 200, and that body
 * - `redirect`: 302, or `status`, to `location`
 * - `huge`: 200, and `body` (`{}`) after as many spaces as make it `bytes` long, or after spaces
 *   without end
 * - `drip`: 200, and a space each `ms` (1) without end
 * - `cut`: 200, and `body` (`{}`) under a Content-Length that is larger; then the connection closes
 * @typedef {(
 *   { kind: "status", status: number, body?: unknown, headers?: Record<string, string> } |
 *   { kind: "delay", ms: number } |
 *   { kind: "reset" } |
 *   { kind: "hang" } |
 *   { kind: "garbage" } |
 *   { kind: "replace", body: unknown } |
 *   { kind: "redirect", location: string, status?: number } |
 *   { kind: "huge", bytes?: number, body?: unknown } |
 *   { kind: "drip", ms?: number } |
 *   { kind: "cut", body?: unknown }
 * )} Kind
 */

/** @typedef {typeof ENDPOINTS[number]} Endpoint */
/** @typedef {Kind & { endpoint: Endpoint, times?: number }} Fault `times`: how often, then it is used up */
/** @typedef {ReturnType<typeof createFaults>} Faults */

const ENDPOINTS = /** @type {const} */ (["track", "validate", "users", "authenticators", "actions", "*"]);

/** Faults to answer with: each request consumes the first one of its endpoint. */
export function createFaults() {
  /** @type {Fault[]} */
  let faults = [];

  return {
    /** @returns {readonly Readonly<Fault>[]} */
    list: () => faults,

    /** @param {unknown} list */
    set(list) {
      if (!Array.isArray(list)) throw invalidRequest("The body is not a list of faults.");
      faults = list.map(parse);
      return faults;
    },

    clear() {
      faults = [];
    },

    /** @type {RequestHandler} */
    handler(req, res, next) {
      const endpoint = endpointOf(req);
      const fault = faults.find((fault) => fault.endpoint === "*" || fault.endpoint === endpoint);
      if (!fault) return next();
      if (fault.times !== undefined && --fault.times === 0) faults.splice(faults.indexOf(fault), 1);
      apply(fault, req, res, next);
    },
  };
}

/**
 * @param {Request} req
 * @returns {Endpoint | undefined}
 */
function endpointOf({ method, path }) {
  const [, root, , of] = path.split("/");
  if (root === "validate") return "validate";
  if (root !== "users") return undefined;
  switch (of) {
    case undefined:
      return "users";
    case "authenticators":
      return "authenticators";
    case "actions":
      return method === "POST" ? "track" : "actions";
  }
}

/** @type {(fault: Fault, ...handled: Parameters<RequestHandler>) => void} */
function apply(fault, req, res, next) {
  switch (fault.kind) {
    case "status":
      return send(res.status(fault.status).set(fault.headers ?? {}), fault.body ?? faulted);
    case "delay":
      return void setTimeout(next, fault.ms).unref();
    case "reset":
      return void req.socket.resetAndDestroy();
    case "hang":
      return;
    case "garbage":
      return send(res, "<html>This is not JSON.");
    case "replace":
      return send(res, fault.body);
    case "redirect":
      return void res
        .status(fault.status ?? 302)
        .set("Location", fault.location)
        .end();
    case "huge": {
      const body = Readable.from(padded(text(fault.body ?? {}), fault.bytes ?? Infinity));
      return void pipeline(body, res.type("json"), () => {});
    }
    case "drip": {
      res.type("json").flushHeaders();
      const dripping = setInterval(() => res.write(" "), fault.ms ?? 1);
      return void res.once("close", () => clearInterval(dripping));
    }
    case "cut": {
      const body = text(fault.body ?? {});
      res.type("json").set("Content-Length", String(Buffer.byteLength(body) + 1));
      return void res.write(body, () => req.socket.destroy());
    }
  }
}

/**
 * @param {Response} res
 * @param {unknown} body
 */
function send(res, body) {
  if (!res.get("Content-Type")) res.type("json");
  res.end(text(body));
}

/** @param {unknown} body */
const text = (body) => (typeof body === "string" ? body : JSON.stringify(body));

/**
 * @param {string} body
 * @param {number} bytes
 */
function* padded(body, bytes) {
  for (let left = bytes - Buffer.byteLength(body); left > 0; left -= 65536) yield " ".repeat(Math.min(left, 65536));
  yield body;
}

const faulted = { error: "sandbox_fault", errorDescription: "A fault is set for this endpoint." };

/** @type {(min: number, max?: number) => (value: unknown) => boolean} */
const isInteger =
  (min, max = Number.MAX_SAFE_INTEGER) =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
const isStatus = isInteger(200, 599);
const isDelay = isInteger(1, 2 ** 31 - 1);
/** @param {unknown} value */
const isHeaders = (value) => isObject(value) && Object.values(value).every(isText);
const isAnything = () => true;

/** What each kind takes, and which of it must be there. */
const KINDS = /** @type {Record<string, { rules: import("./body.js").Rules, required?: string }>} */ ({
  status: { rules: { status: isStatus, body: isAnything, headers: isHeaders }, required: "status" },
  delay: { rules: { ms: isDelay }, required: "ms" },
  reset: { rules: {} },
  hang: { rules: {} },
  garbage: { rules: {} },
  replace: { rules: { body: isAnything }, required: "body" },
  redirect: { rules: { location: isNonEmpty, status: isInteger(300, 399) }, required: "location" },
  huge: { rules: { bytes: isInteger(0), body: isAnything } },
  drip: { rules: { ms: isDelay } },
  cut: { rules: { body: isAnything } },
});

/**
 * @param {unknown} value
 * @returns {Fault}
 */
function parse(value) {
  const kind = isObject(value) && typeof value.kind === "string" ? value.kind : "";
  if (!Object.hasOwn(KINDS, kind)) throw invalidRequest(`kind is one of ${Object.keys(KINDS).join(", ")}.`);
  const { rules, required = "endpoint" } = KINDS[kind];
  const fault = only(value, { kind: isText, endpoint: isOneOf(ENDPOINTS), times: isInteger(1), ...rules });
  for (const name of ["endpoint", required]) {
    if (!Object.hasOwn(fault, name)) throw invalidRequest(`${kind} needs ${name}.`);
  }
  return fault;
}
