// Node's own HTTP client, in the place of a `fetch` that is Node's too. That one Node loads when it is first asked for,
// which is most of a cold start, and much of a process's memory (docs/performance.md).

import { nodeHttp, nodeHttps } from "build:node";

/** The text of Node's own `fetch`: of Node 18's, and of a later one's. */
const NODES_OWN =
  /^(async )?function fetch\(input, init = undefined\) \{[^]*(lazyUndici\(\)\.fetch\(input, init\)|require\('internal\/deps\/undici)/;

/**
 * Those of this file alone, by protocol. What the process has set for its other requests, such as an authority that it
 * trusts, or how many connections it allows, is not for these.
 * @type {Record<string, import("node:http").Agent>}
 */
const agents = {};

/**
 * @typedef {object} Client what a request's headers go to, and what then sends it
 * @property {(name: string, value: string) => void} append
 * @property {(url: string, init: { method: string, body: string, signal: AbortSignal }) => Promise<unknown>} send gives
 *   what has the shape of a `Response`, as far as it is read. Follows no redirect, and decodes nothing: it asks for an
 *   answer that is not compressed. Throws where nothing can be sent.
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
    const { protocol } = new URL(url);
    const { Agent, request } = protocol === "https:" ? nodeHttps() : nodeHttp();
    // As a later Node's own agent.
    const agent = (agents[protocol] ??= new Agent({ keepAlive: true, scheduling: "lifo", timeout: 5000 }));
    /** @type {Record<string, string>} */
    const headers = { "Accept-Encoding": "identity" };
    return {
      append(name, value) {
        headers[name] = value;
      },
      send: (url, { method, body, signal }) => send(request, url, { method, headers, agent }, body, signal),
    };
  } catch {}
}

/** @param {symbol} symbol */
function isDispatcher(symbol) {
  return symbol.description?.startsWith("undici.globalDispatcher") && /** @type {any} */ (globalThis)[symbol];
}

/**
 * Throws where `request` does, which is given.
 * @param {typeof import("node:http").request} request
 * @param {string} url
 * @param {import("node:http").RequestOptions} options
 * @param {string} body
 * @param {AbortSignal} signal
 */
function send(request, url, options, body, signal) {
  /** @type {(response: object) => void} */
  let resolve;
  /** @type {(error?: unknown) => void} */
  let reject;
  const answered = new Promise((...settle) => ([resolve, reject] = settle));
  /** @type {import("node:http").ClientRequest} */
  let sent;
  // Not by Node's own `signal`: that gives the socket an error, which ends the process where the whole answer is
  // there and the socket is about to be kept.
  signal.addEventListener("abort", () => sent?.destroy());

  let came = false;

  /** @param {import("node:http").RequestOptions["agent"]} agent */
  function begin(agent) {
    const begun = request(url, { ...options, agent }, (answer) => {
      came = true;
      resolve(response(answer));
    });
    sent = begun;
    begun
      .on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
        try {
          // A kept connection that the server has closed meanwhile. Others that are kept may be so too.
          if (begun.reusedSocket && error.code === "ECONNRESET" && !came && !signal.aborted) return begin(false);
        } catch {}
        // What is no HTTP is an answer that can't be read.
        error.code?.startsWith("HPE_") ? resolve({}) : reject(error);
      })
      // Where it is closed without an answer, nothing else may tell.
      .on("close", () => begun === sent && reject())
      .end(body);
    if (signal.aborted) begun.destroy();
  }
  begin(options.agent);
  return answered;
}

/** @param {import("node:http").IncomingMessage} answer */
function response(answer) {
  // It may fail when nobody reads it any more. A Node that Auth0 runs would keep that to itself, to be compatible.
  answer.on("error", () => {});
  const { headers, statusCode: status } = answer;
  const chunks = answer[Symbol.asyncIterator]();
  return {
    status,
    headers: { get: (/** @type {string} */ name) => headers[name] ?? null },
    // The signal ends it.
    body: { getReader: () => ({ read: () => chunks.next(), cancel() {} }) },
  };
}
