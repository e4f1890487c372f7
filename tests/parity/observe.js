import { createRequire } from "node:module";
import { createApi } from "../../sandbox/auth0/api.js";
import { Cache } from "../../sandbox/auth0/cache.js";
import { Execution } from "../../sandbox/auth0/execution.js";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { LOCAL } from "./compare.js";

/** @import { LoggedRequest } from "../../sandbox/authsignal/request-log.js" */
/** @import { Scenario } from "./scenarios.js" */

/**
 * What was seen of one handler in one scenario.
 * @typedef {object} Observation
 * @property {Scenario["hook"]} hook
 * @property {string[]} calls every call to Auth0's `api` with its arguments, as it would be written
 * @property {string} [rejection] the message, where the handler rejected
 * @property {unknown} [resolved] what the handler resolved to
 * @property {string[]} sent the requests in their order, one that was repeated as it was `n × `
 * @property {Record<string, unknown>} request the first request's headers and the fields of its JSON
 *   body, as `headers.NAME` and `body.NAME`
 * @property {string[]} log what was printed
 */

const require = createRequire(import.meta.url);
// The client that @authsignal/node sends with.
const axios = createRequire(require.resolve("@authsignal/node"))("axios");

export const implementations = {
  /** As Auth0 loads it. Each login adds interceptors to the shared client: here each is the first. */
  official() {
    axios.interceptors.request.clear();
    axios.interceptors.response.clear();
    return require("@authsignal/node");
  },
  /** Loaded anew, so that no scenario feels the outages of those before it. */
  ours() {
    const file = require.resolve("../../pkg/index.cjs");
    delete require.cache[file];
    return require(file);
  },
};

/** A local Authsignal, and a way to see what a handler does with it. */
export async function createStage() {
  const authsignal = await startAuthsignal();
  const gate = keepInside(authsignal.origin);

  /** @type {(method: string, path: string, body?: unknown) => Promise<any>} */
  const control = async (method, path, body) => {
    const response = await fetch(`${authsignal.origin}/sandbox${path}`, { method, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text && JSON.parse(text);
  };

  return {
    /**
     * @param {Scenario} scenario
     * @param {keyof typeof implementations} name
     * @returns {Promise<Observation>}
     */
    async observe({ hook, event: given, options, begin, answers = [], api: change }, name) {
      const { store, url } = authsignal;
      store.users.clear();
      store.actions.clear();
      store.settings.authenticatorsConfigured = true;
      await control("DELETE", "/faults");
      const event = structuredClone(given);
      await begin?.({ store, event, control, url });
      await control("PUT", "/faults", answers);
      await control("DELETE", "/requests");

      const handlers = implementations[name]();
      const [handler, trigger] =
        hook === "execute"
          ? [handlers.handleAuth0ExecutePostLogin, /** @type {const} */ ("onExecutePostLogin")]
          : [handlers.handleAuth0ContinuePostLogin, /** @type {const} */ ("onContinuePostLogin")];
      const execution = new Execution(trigger, event ?? {}, []);
      const api = createApi(execution, new Cache());
      change?.(api);

      const started = Date.now();
      const { rejection, resolved, log } = await run(() => handler(event, api, options(url)));
      /** @type {LoggedRequest[]} */
      const requests = await control("GET", "/requests");

      const key = keyOf(answers) ?? bodyOf(requests[0]).idempotencyKey;
      const calls = execution.calls.map(({ method, args }) => {
        const isKey = method === "transaction.setMetadata" && args[1] === key;
        return `${method}(${(isKey ? [args[0], "<the answer's idempotencyKey>"] : args).map(written).join(", ")})`;
      });
      const stable = (/** @type {string} */ text) =>
        text
          .replaceAll(authsignal.origin, LOCAL)
          .replace(TOKEN, "<token>")
          .replace(TIME, (time) => (Date.parse(time) < started ? time : "<now>"));
      return {
        hook,
        calls: calls.map(stable),
        rejection: rejection && stable(rejection),
        resolved,
        sent: collapsed(requests),
        request: detailsOf(requests[0]),
        log,
      };
    },

    async close() {
      gate.open();
      await authsignal.close();
    },
  };
}

/**
 * @param {() => Promise<unknown>} handler
 * @returns {Promise<{ rejection?: string, resolved?: unknown, log: string[] }>}
 */
async function run(handler) {
  /** @type {string[]} */
  const log = [];
  const { log: print } = console;
  console.log = (...args) => void log.push(args.join(" "));
  try {
    return { resolved: await handler(), log };
  } catch (error) {
    return { rejection: error instanceof Error ? error.message : String(error), log };
  } finally {
    console.log = print;
  }
}

/** Where a request was really meant to go. */
const MEANT_FOR = "x-parity-meant-for";

/**
 * Nothing leaves this machine: what either client would send elsewhere, the secret with it, goes to the
 * local Authsignal, which is told where it was meant for.
 * @param {string} origin
 */
function keepInside(origin) {
  const isOutside = (/** @type {string} */ url) => URL.canParse(url) && new URL(url).origin !== origin;
  const { fetch } = globalThis;
  const { adapter } = axios.defaults;

  axios.defaults.adapter = (/** @type {any} */ config) => {
    if (isOutside(config.url)) {
      config.headers.set(MEANT_FOR, new URL(config.url).origin);
      config.url = config.url.replace(new URL(config.url).origin, origin);
    }
    return axios.getAdapter(adapter)(config);
  };
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!isOutside(request.url)) return fetch(request);
    const { method, redirect, signal } = request;
    const headers = new Headers(request.headers);
    headers.set(MEANT_FOR, new URL(request.url).origin);
    const url = request.url.replace(new URL(request.url).origin, origin);
    return fetch(url, { method, headers, body: await request.text(), redirect, signal });
  };

  return {
    open() {
      axios.defaults.adapter = adapter;
      globalThis.fetch = fetch;
    },
  };
}

/**
 * What the HTTP clients of Node and axios say on their own account. Every other header is compared.
 */
const OF_THE_CLIENT = [
  "host",
  "connection",
  "content-length",
  "accept-encoding",
  "accept-language",
  "sec-fetch-mode",
  MEANT_FOR,
];

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const VERSION = /^(authsignal-auth0)\/\d+\.\d+\.\d+$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/**
 * @param {LoggedRequest | undefined} request
 * @returns {Record<string, unknown>}
 */
function detailsOf(request) {
  if (!request) return {};
  const headers = Object.entries(request.headers).filter(([name]) => !OF_THE_CLIENT.includes(name));
  const body = Object.entries(bodyOf(request));
  return Object.fromEntries([
    ...headers.map(([name, value]) => [`headers.${name}`, stableValue(value)]),
    ...body.map(([name, value]) => [`body.${name}`, stableValue(value)]),
  ]);
}

/** @param {unknown} value */
function stableValue(value) {
  if (typeof value !== "string") return value;
  return UUID.test(value) ? "<random UUID>" : value.replace(TOKEN, "<token>").replace(VERSION, "$1/VERSION");
}

/**
 * One line a request; requests in a row that are the same to the last byte share one.
 * @param {LoggedRequest[]} requests
 */
function collapsed(requests) {
  /** @type {{ all: string, line: string, count: number }[]} */
  const groups = [];
  for (const { method, path, headers, body } of requests) {
    const last = groups.at(-1);
    const all = JSON.stringify([method, path, headers, body]);
    if (last?.all === all) last.count += 1;
    else groups.push({ all, line: `${method} ${headers[MEANT_FOR] ?? ""}${path}`, count: 1 });
  }
  return groups.map(({ line, count }) => (count === 1 ? line : `${count} × ${line}`));
}

/**
 * @param {LoggedRequest | undefined} request
 * @returns {Record<string, unknown>}
 */
const bodyOf = (request) => JSON.parse(request?.body || "{}");

/** @param {import("../../sandbox/authsignal/faults.js").Fault[]} answers */
function keyOf(answers) {
  const [body] = answers.flatMap((answer) => ("body" in answer ? [answer.body] : []));
  return /** @type {any} */ (body)?.idempotencyKey;
}

/** @param {unknown} value */
const written = (value) => JSON.stringify(value) ?? String(value);
