// Node's own HTTP client, in the place of a `fetch` that is Node's too. That one Node loads when it is first asked for,
// which is most of a cold start, and half of a process's memory (docs/performance.md).

import { nodeHttp, nodeHttps } from "build:node";

/** What is written in the `fetch` of Node 18, and in that of a later one. No code of a user can have the second. */
const NODES_OWN = /lazyUndici\(\)\.fetch\(input, init\)|require\('internal\/deps\/undici/;

/** As the agent of a later Node. */
const KEEPING = /** @type {const} */ ({ keepAlive: true, scheduling: "lifo", timeout: 5000 });

/** Those that keep connections, by protocol, where Node's own doesn't. @type {Record<string, import("node:http").Agent>} */
const agents = {};

/**
 * @typedef {object} Client what a request's headers go to, and what then sends it
 * @property {(name: string, value: string) => void} append
 * @property {(url: string, init: { method: string, body: string, signal: AbortSignal }) => Promise<unknown>} send gives
 *   what has the shape of a `Response`, as far as it is read. Follows no redirect, and decodes nothing: it asks for an
 *   answer that is not compressed.
 */

/**
 * Node's client for one request to this address, or `undefined` where `fetch` is to send it: where somebody has
 * replaced it, has given it another dispatcher, or has used it, since then it is there already.
 * @param {string} url
 * @returns {Client | undefined}
 */
export function nodeClient(url) {
  try {
    if (!NODES_OWN.test(Function.prototype.toString.call(fetch))) return;
    if (Object.getOwnPropertySymbols(globalThis).some(isDispatcher)) return;
    const { Agent, globalAgent, request } = url.startsWith("https:") ? nodeHttps() : nodeHttp();
    /** @type {any} Node 18's keeps no connection. What somebody has put in its place is taken as it is. */
    const { constructor, keepAlive, protocol } = globalAgent;
    const agent = keepAlive || constructor !== Agent ? globalAgent : (agents[protocol] ??= new Agent(KEEPING));
    /** @type {Record<string, string>} */
    const headers = { "Accept-Encoding": "identity" };
    return {
      append(name, value) {
        headers[name] = value;
      },
      send(url, { method, body, signal }) {
        /** @type {Promise<import("node:http").IncomingMessage>} */
        const answer = new Promise((resolve, reject) => {
          const sent = request(url, { method, headers, agent }, resolve);
          // Where it is closed without an answer, nothing else may tell.
          sent.on("error", reject).on("close", reject);
          // Not by Node's own `signal`: that gives the socket an error, which ends the process where the whole
          // answer is there and the socket is about to be kept.
          signal.addEventListener("abort", () => sent.destroy());
          if (signal.aborted) sent.destroy();
          sent.end(body);
        });
        return answer.then(response);
      },
    };
  } catch {}
}

/** @param {symbol} symbol */
function isDispatcher(symbol) {
  return symbol.description?.startsWith("undici.globalDispatcher") && /** @type {any} */ (globalThis)[symbol];
}

/** @param {import("node:http").IncomingMessage} answer */
function response(answer) {
  // It may be ended when nobody reads it any more.
  answer.on("error", () => {});
  const { headers, statusCode: status } = answer;
  const chunks = answer[Symbol.asyncIterator]();
  return {
    status,
    headers: { get: (/** @type {string} */ name) => headers[name] ?? null },
    body: { getReader: () => ({ read: () => chunks.next(), cancel() {} }) },
  };
}
