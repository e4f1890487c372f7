/**
 * What an Action sends while it executes, and what it gets. Nothing of the process is replaced: Node reports requests
 * on `node:diagnostics_channel`, those of its own HTTP client and those of `fetch`. Bodies are not among it:
 *
 * - `require("node:http")` and `require("node:https")` give the Action a view of the module ({@link viewOf}), which
 *   sees what the Action writes.
 * - What comes on a response of Node's HTTP client is seen as the client hands it over.
 * - The bodies of `fetch`, and of requests that an npm package sends, are not visible, and the exchange says so.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { errorMonitor } from "node:events";

/** @import { ClientRequest, IncomingMessage } from "node:http" */

/**
 * @typedef {Record<string, number | string | string[] | undefined>} Headers
 *
 * @typedef {object} SentRequest
 * @property {"node:http" | "fetch"} client what sent it: Node's own HTTP client, or `fetch`
 * @property {string} method
 * @property {string} url
 * @property {Headers} headers
 * @property {string} [note] what can't be seen of it
 *
 * @typedef {object} ReceivedResponse
 * @property {number} status
 * @property {Headers} headers
 * @property {string} [note]
 *
 * @typedef {object} Exchange what becomes of one request; each value is plain data
 * @property {(request: { headers: Headers, body: unknown }) => void} sent once the request is written
 * @property {(response: ReceivedResponse) => void} answered with the head of the response
 * @property {(body: unknown) => void} read its body, as far as it came
 * @property {(failure: Failure) => void} failed before an answer
 *
 * @typedef {{ error: string, message: string, givenUp: boolean }} Failure
 *
 * @typedef {(request: SentRequest) => Exchange} Observer
 */

const BODY_BYTES = 64 * 1024;
const BY_FETCH = "fetch sent this: the body is not visible.";
const BY_A_PACKAGE = "A package sent this: the body is not visible.";

/** @type {AsyncLocalStorage<Observer | undefined>} */
const observers = new AsyncLocalStorage();

/**
 * The requests that are watched, of either client.
 * @type {WeakMap<object, { exchange: Exchange, over: boolean }>}
 */
const watched = new WeakMap();
let listening = false;

/**
 * Reports what `work` sends to an observer.
 *
 * @template T
 * @param {Observer | undefined} observer
 * @param {() => T} work
 * @returns {T}
 */
export function observeRequests(observer, work) {
  if (observer && !listening) listen();
  return observers.run(observer, work);
}

function listen() {
  listening = true;
  subscribe(
    "http.client.request.start",
    quietly(({ request }) => beginHttp(request, BY_A_PACKAGE)),
  );
  subscribe(
    "http.client.response.finish",
    quietly(({ request, response }) => followResponse(request, response)),
  );
  subscribe(
    "undici:request:create",
    quietly(({ request }) => beginFetch(request)),
  );
  subscribe(
    "undici:request:headers",
    quietly(({ request, response }) => answerFetch(request, response)),
  );
  subscribe(
    "undici:request:error",
    quietly(({ request, error }) => fail(request, error, false)),
  );
}

/** @type {WeakMap<object, any>} */
const views = new WeakMap();

/**
 * Node's `http` or `https` as it is at any moment, except that `request` and `get` are watched.
 *
 * @template {object} T
 * @param {T} module
 * @returns {T}
 */
export const viewOf = (module) =>
  once(module, () => {
    const get = (/** @type {any} */ module, /** @type {string | symbol} */ name) =>
      name === "request" || name === "get" ? watchedFunction(module[name]) : module[name];
    return new Proxy(module, { get });
  });

/** @param {(...args: any[]) => ClientRequest} send */
const watchedFunction = (send) =>
  once(send, () => {
    /** @type {ProxyHandler<typeof send>["apply"]} */
    const apply = (send, self, args) => {
      const request = Reflect.apply(send, self, args);
      quietly(watchOwn)(request);
      return request;
    };
    return new Proxy(send, { apply });
  });

/** @template {object} T @param {T} original @param {() => T} make @returns {T} */
function once(original, make) {
  if (!views.has(original)) views.set(original, make());
  return views.get(original);
}

/** A request that the Action itself made. @param {ClientRequest} request */
function watchOwn(request) {
  const exchange = beginHttp(request);
  if (!exchange) return;
  const body = new Body();
  let ended = request.writableEnded;
  tap(request, "write", (chunk, encoding) => body.add(chunk, encoding));
  tap(request, "end", (chunk, encoding) => {
    if (ended) return;
    ended = true;
    body.add(chunk, encoding);
    exchange.sent({ headers: { ...request.getHeaders() }, body: body.value() });
  });
}

/** @param {ClientRequest} request @param {string} [note] */
function beginHttp(request, note) {
  const observer = observers.getStore();
  if (!observer || watched.has(request)) return;
  const { method, protocol, host, path } = request;
  const headers = { ...request.getHeaders() };
  const url = `${protocol}//${headers.host ?? host}${path}`;
  const exchange = observer({ client: "node:http", method, url, headers, ...(note && { note }) });
  watched.set(request, { exchange, over: false });
  // Not "error": a listener of that would keep an error quiet that nobody listens to.
  request.on(
    errorMonitor,
    quietly((error) => fail(request, error, request.destroyed)),
  );
  request.on(
    "close",
    quietly(() => fail(request, new Error("The request was closed"), true)),
  );
  return exchange;
}

/** @param {ClientRequest} request @param {IncomingMessage} response */
function followResponse(request, response) {
  const watching = watched.get(request);
  if (!watching || watching.over) return;
  watching.over = true;
  const { exchange } = watching;
  const { statusCode = 0, headers } = response;
  exchange.answered({ status: statusCode, headers: { ...headers } });

  const body = new Body(headers["content-encoding"]);
  let ended = false;
  /** @param {string} [more] */
  const end = (more) => {
    if (!ended) exchange.read(body.value(more));
    ended = true;
  };
  // Not "data": a listener of that would make the body flow before the Action reads it.
  tap(response, "push", (chunk) => (chunk === null ? end() : body.add(chunk)));
  response.on(
    "close",
    quietly(() => end(response.complete ? "" : " (the rest did not come)")),
  );
}

/** @param {{ method: string, origin: string | URL, path: string, headers: unknown }} request */
function beginFetch(request) {
  const observer = observers.getStore();
  if (!observer) return;
  const { method, origin, path, headers } = request;
  const url = new URL(path, origin).href;
  watched.set(request, {
    exchange: observer({ client: "fetch", method, url, headers: headersOf(headers), note: BY_FETCH }),
    over: false,
  });
}

/** @param {object} request @param {{ statusCode: number, headers: unknown }} response */
function answerFetch(request, { statusCode, headers }) {
  const watching = watched.get(request);
  if (!watching) return;
  watching.over = true;
  watching.exchange.answered({ status: statusCode, headers: headersOf(headers), note: BY_FETCH });
}

/** @param {object} request @param {Error} error @param {boolean} ended whether the Action has ended it */
function fail(request, { name, message }, ended) {
  const watching = watched.get(request);
  if (!watching || watching.over) return;
  watching.over = true;
  watching.exchange.failed({
    error: name,
    message,
    givenUp: ended || name === "AbortError" || name === "TimeoutError",
  });
}

/**
 * As undici has them: a text of lines, or a list of names and values in turn.
 * @param {unknown} headers
 * @returns {Headers}
 */
function headersOf(headers) {
  const list = Array.isArray(headers)
    ? headers.map(String)
    : String(headers)
        .split("\r\n")
        .flatMap((line) => /^(.+?): (.*)$/.exec(line)?.slice(1) ?? []);
  /** @type {Headers} */
  const all = {};
  for (let at = 0; at < list.length; at += 2) all[list[at].toLowerCase()] = list[at + 1];
  return all;
}

/** A body, as far as it is shown. */
class Body {
  /** @type {Buffer[]} */
  #chunks = [];
  #bytes = 0;
  #encoding;

  /** @param {string} [encoding] such as gzip */
  constructor(encoding = "identity") {
    this.#encoding = encoding;
  }

  /** @param {unknown} chunk as a stream's `write` takes it @param {unknown} [encoding] */
  add(chunk, encoding) {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) return;
    // Copied, since its owner may use the memory again.
    const bytes =
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? /** @type {BufferEncoding} */ (encoding) : "utf8")
        : Buffer.from(chunk);
    if (this.#bytes < BODY_BYTES) this.#chunks.push(bytes.subarray(0, BODY_BYTES - this.#bytes));
    this.#bytes += bytes.length;
  }

  /** @param {string} [more] what there is to know about its end */
  value(more = "") {
    if (this.#encoding !== "identity") return `${this.#bytes} bytes, encoded by ${this.#encoding}${more}`;
    const text = Buffer.concat(this.#chunks).toString();
    if (this.#bytes > BODY_BYTES) return `${text}…${more}`;
    return parse(text + more);
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? undefined : text;
  }
}

/**
 * Sees what a method of one object is called with. The method itself does what it did.
 *
 * @param {any} object
 * @param {string} name
 * @param {(...args: any[]) => void} see
 */
function tap(object, name, see) {
  const method = object[name];
  /** @this {unknown} @param {unknown[]} args */
  function value(...args) {
    const result = method.apply(this, args);
    quietly(see)(...args);
    return result;
  }
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
}

/** Watching never changes what is sent: if it fails, it stops. @param {(...args: any[]) => void} watch */
function quietly(watch) {
  return (/** @type {any[]} */ ...args) => {
    try {
      watch(...args);
    } catch {}
  };
}
