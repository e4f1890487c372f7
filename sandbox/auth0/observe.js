/**
 * What an Action sends with `fetch` while it executes. There is one realm, so the global `fetch` is
 * wrapped, once; outside of an execution it is what it was.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/**
 * @typedef {{ method: string, url: string, headers: Record<string, string>, body?: unknown }} SentRequest
 * @typedef {{ status: number, headers: Record<string, string>, body?: unknown }} ReceivedResponse
 *
 * @typedef {object} Exchange what becomes of one request
 * @property {(body: unknown) => void} body of the request, once it is read
 * @property {(response: ReceivedResponse) => void} answered with the head of the response
 * @property {(body: unknown) => void} read its body, as far as it came
 * @property {(error: unknown) => void} failed
 *
 * @typedef {(request: SentRequest) => Exchange} Observer
 */

/** @type {AsyncLocalStorage<Observer>} */
const observers = new AsyncLocalStorage();
const BODY_BYTES = 64 * 1024;
let wrapped = false;

/**
 * @template T
 * @param {Observer} observer
 * @param {() => T} work
 * @returns {T}
 */
export function observeFetch(observer, work) {
  wrap();
  return observers.run(observer, work);
}

function wrap() {
  if (wrapped) return;
  wrapped = true;
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const observer = observers.getStore();
    const exchange = observer && begin(observer, input, init);
    try {
      const response = await fetch(input, init);
      if (exchange) follow(exchange, response);
      return response;
    } catch (error) {
      exchange?.failed(error);
      throw error;
    }
  };
}

/** Watching never changes what is sent: where it can't look, it doesn't. @param {Observer} observer @param {any} input @param {any} init */
function begin(observer, input, init) {
  try {
    const request = input instanceof Request ? input.clone() : undefined;
    const exchange = observer({
      method: String(init?.method ?? request?.method ?? "GET").toUpperCase(),
      url: request?.url ?? String(input),
      headers: Object.fromEntries(new Headers(init?.headers ?? request?.headers)),
      body: typeof init?.body === "string" || init?.body instanceof URLSearchParams ? parse(String(init.body)) : undefined,
    });
    if (request?.body && init?.body === undefined) void readText(request.body).then((text) => exchange.body(parse(text)), () => {});
    return exchange;
  } catch {
    return undefined;
  }
}

/** @param {Exchange} exchange @param {Response} response */
function follow(exchange, response) {
  try {
    const body = response.clone().body;
    exchange.answered({ status: response.status, headers: Object.fromEntries(response.headers) });
    if (body) void readText(body).then((text) => exchange.read(parse(text)), (error) => exchange.read(`(${error})`));
  } catch {
    // A response that is not the platform's own.
  }
}

/** @param {ReadableStream<Uint8Array>} stream */
async function readText(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = 0; bytes < BODY_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  // The Action's own copy of the body goes on without this one.
  void reader.cancel().catch(() => {});
  return `${text.slice(0, BODY_BYTES)}…`;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? undefined : text;
  }
}
