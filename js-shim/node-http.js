// Node's own HTTP client, which sends a request in the place of a `fetch` that is Node's too. That one is an undici
// of its own, which Node loads when it is first asked for: most of a cold start, and half of the memory and of the
// CPU of a login (docs/performance.md).

import { nodeHttp, nodeHttps } from "build:node";

/** What Node 18, or a later one, has written in its `fetch`. */
const LOADS_UNDICI = /lazyUndici\(\)\.fetch\(input, init\)|"internal\/deps\/undici|'internal\/deps\/undici/;

/**
 * Whether `fetch` is as Node made it: nobody has replaced it, and nobody has loaded an undici yet, or given it another
 * dispatcher.
 */
export function isUntouched() {
  return (
    LOADS_UNDICI.test(Function.prototype.toString.call(fetch)) &&
    !Object.getOwnPropertySymbols(globalThis).some(({ description }) =>
      description?.startsWith("undici.globalDispatcher"),
    )
  );
}

/** A request's headers, by what the module asks of a `Headers`. */
export class Fields {
  /** @param {string} name @param {string} value */
  append(name, value) {
    nodeHttp().validateHeaderValue(name, value);
    /** @type {any} */ (this)[name] = value;
  }
}

/** @type {Record<string, import("node:http").Agent>} those that keep connections, where Node's own don't */
const agents = {};

/**
 * Sends a request, and gives what has the shape of a `Response`, as far as it is read. Follows no redirect, and asks
 * for an answer that is not compressed.
 * @param {string} url
 * @param {{ method: string, headers: Fields, body: string, signal: AbortSignal }} init
 */
export function send(url, { method, headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const { request, Agent, globalAgent } = url.startsWith("https:") ? nodeHttps() : nodeHttp();
    // Node 18's keeps no connection. One that somebody has put in its place is left there.
    const keeps = /** @type {any} */ (globalAgent).keepAlive || globalAgent.constructor !== Agent;
    const agent = keeps ? globalAgent : (agents[globalAgent.protocol] ??= new Agent({ keepAlive: true, scheduling: "lifo", timeout: 5000 }));
    const sent = request(url, { method, agent, signal, headers: { ...headers, "Accept-Encoding": "identity" } }, (answer) => {
      // Where nobody reads it any more, nobody listens to its failing.
      answer.on("error", () => {});
      const chunks = answer[Symbol.asyncIterator]();
      resolve({
        status: answer.statusCode,
        headers: { get: (name) => answer.headers[name] ?? null },
        body: { getReader: () => ({ read: () => chunks.next(), cancel: () => answer.destroy() }) },
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
