// What the module asks of JavaScript and can't do as well itself. The build puts this file into the
// bundle beside the module's glue. It is declared functions here and in the glue: engines read the text of
// arrow functions again for each function around them, which a first login waits for.

/** @type {[number, number, number] | undefined} */
let kept;

/** The three numbers that outlive every instance of the module, where any were kept. */
export function recall() {
  return kept;
}

/**
 * Keeps three numbers for `recall`.
 * @param {number} budget
 * @param {number} failures
 * @param {number} openUntil
 */
export function keep(budget, failures, openUntil) {
  kept = [budget, failures, openUntil];
}

/**
 * A login that waits for its hook's end.
 * @typedef {object} Login
 * @property {() => void} resolve
 * @property {(error: unknown) => void} reject
 * @property {Set<Login>} waiting those that wait in its instance
 */

/**
 * Ends a login's hook.
 * @param {Login} login
 * @param {[error: unknown] | undefined} failure what even a deny has failed with
 */
export function settle(login, failure) {
  login.waiting.delete(login);
  failure ? login.reject(failure[0]) : login.resolve();
}

/**
 * A time that runs: that of a try or a pause, or that of all of them.
 * @typedef {object} Time
 * @property {Promise<Time>} over when it has gone by
 * @property {NodeJS.Timeout} timer
 * @property {Time} deadline that of all, which is its own
 */

/**
 * What the module has begun and not ended, and what leaves it.
 * @type {Map<Time, (() => void) | undefined>}
 */
const open = new Map();

/** Ends what the module has begun, where it has failed and can't. One instance at a time begins anything. */
export function abandon() {
  for (const time of [...open.keys()]) leave(time);
}

/**
 * Leaves what has to end by a time, and the time too.
 * @param {Time} time
 */
function leave(time) {
  try {
    open.get(time)?.();
  } catch {}
  try {
    end(time);
  } catch {}
}

/**
 * Begins a time of so many milliseconds.
 * @param {Time | undefined} deadline
 * @param {number} ms
 */
export function begin(deadline, ms) {
  // What ran meanwhile may have begun a login that failed, and the instance with it: its frames end here.
  if (deadline && !open.has(deadline)) throw Error();
  const time = /** @type {Time} */ ({});
  time.deadline = deadline ?? time;
  /** @type {(time: Time) => void} */
  let resolve;
  time.over = new Promise((done) => {
    resolve = done;
  });
  open.set(time, undefined);
  // Where there is no timer there is no login: this throws.
  time.timer = setTimeout(() => resolve(time), ms);
  // What stands for `setTimeout` may have done so too.
  if (!open.has(time)) {
    clearTimeout(time.timer);
    throw Error();
  }
  return time;
}

/**
 * Nothing waits for it any more.
 * @param {Time} time
 */
export function end(time) {
  open.delete(time);
  clearTimeout(time.timer);
}

/**
 * Calls a method of a part of Auth0's `api`, on that part. What that throws it gives, in an array.
 * @param {any} api
 * @param {string} part
 * @param {string} method
 * @param {string} first
 * @param {string | undefined} second argument, which most methods don't have
 * @returns {[error: unknown] | undefined}
 */
export function invoke(api, part, method, first, second) {
  try {
    api[part][method](...(second === undefined ? [first] : [first, second]));
  } catch (error) {
    return [error];
  }
}

/**
 * The entries of a plain object whose value is not `undefined`, one level deep, as new objects; `undefined`
 * where it is empty. Throws for anything else than a plain object. An object that is no plain one, which no
 * option can be, becomes a symbol.
 * @param {object} object
 */
export function given(object) {
  if (!isPlain(object)) {
    // Where it is the promise of an async function, nobody else will look at its rejection.
    Promise.resolve(object).catch(() => {});
    throw TypeError();
  }
  return Object.keys(object).length ? entries(object) : undefined;
}

/** @param {object} object @param {boolean} [inner] */
function entries(object, inner) {
  const there = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there.map(([name, value]) => [name, readable(value, inner)]));
}

/** @param {unknown} value @param {boolean} [inner] @returns {unknown} */
function readable(value, inner) {
  if (value === null || typeof value !== "object") return value;
  return !inner && isPlain(value) ? entries(value, true) : Symbol();
}

/** @param {object} value */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @typedef {import("./node-http.js").Client} Client */

/** @type {((url: string) => Client | undefined) | undefined} */
let ownClient;

/**
 * Says which client stands in for `fetch`, where the runtime has one of its own. This file runs in browsers too.
 * @param {(url: string) => Client | undefined} client
 */
export function useClient(client) {
  ownClient = client;
}

/**
 * The headers of a request to this address.
 * @param {string} url
 * @returns {Headers | Client}
 */
export function newHeaders(url) {
  return ownClient?.(url) ?? new Headers();
}

/** The most bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024;

/**
 * What is known of an answer: what it failed at, its body, its status, and `Retry-After` in milliseconds from now, or
 * `NaN`. The body is the JSON of a 2xx, which has failed at nothing, or the text of a 400. The module says what a
 * failure means.
 * @typedef {[
 *   failure?: "unsendable" | "connection" | "timeout" | "too large" | "unreadable" | "refused" | "late",
 *   body?: unknown,
 *   status?: number,
 *   retryAfter?: number,
 * ]} Reply
 */

/**
 * One try: a request, and what comes of its answer in time. Never rejects: a promise that rejects ends the process
 * where nobody listens to it, and a failed instance may not.
 * @param {Time} time
 * @param {string} url
 * @param {Headers | Client} headers
 * @param {string} credentials of HTTP Basic authentication, before base64
 * @param {unknown} content sent as JSON
 */
export async function exchange(time, url, headers, credentials, content) {
  /** @type {Reply} */
  const reply = ["unsendable"];
  let first;
  try {
    headers.append("Authorization", `Basic ${btoa(credentials)}`);
    const body = JSON.stringify(content);
    const controller = new AbortController();
    // As above.
    if (!open.has(time)) return reply;
    open.set(time, () => quietly(() => controller.abort()));
    const { signal } = controller;
    const received = receive(reply, time, url, { method: "POST", redirect: "manual", headers, body, signal });
    // The signal alone is no deadline: a `fetch` may ignore it.
    first = await Promise.race([received, time.over, time.deadline.over]);
  } catch {
    // The runtime is broken, which is no outage.
    leave(time);
    return /** @type {Reply} */ (["unsendable"]);
  }
  leave(time);
  // An answer that was whole in the same turn is one.
  if (first === time && reply[0] !== undefined) reply[0] = "timeout";
  if (first === time.deadline) reply[0] = "late";
  return reply;
}

/**
 * Waits for a time to go by. Gives whether there is to be no further try: the deadline of all is over first, or the
 * runtime is broken. Never rejects.
 * @param {Time} time
 */
export async function pause(time) {
  let first;
  try {
    first = await Promise.race([time.over, time.deadline.over]);
  } catch {}
  leave(time);
  return first !== time;
}

/**
 * Sends the request, by the client that its headers are of, and follows no redirect. `fetch` may throw or give anything:
 * an answer is taken by its shape, and read no further where the time is over. `reply` says at each moment what it
 * would fail at.
 * @param {Reply} reply
 * @param {Time} time
 * @param {string} url
 * @param {any} init what `fetch` takes, but for headers that may be a client's
 */
async function receive(reply, time, url, init) {
  try {
    new URL(url);
    if (typeof fetch !== "function") return;
    const answered = init.headers.send?.(url, init);
    reply[0] = "connection";
    const response = await (answered ?? fetch(url, init));
    if (!open.has(time)) return;
    reply[0] = "unreadable";
    const { status } = response;
    if (!Number.isInteger(status)) return;
    reply[2] = status;
    const refused = status < 200 || status > 299;
    // Of a refusal only a 400 has a reason that is worth waiting for.
    if (refused && status !== 400) {
      reply[3] = retryAfter(response);
      return;
    }
    const text = await read(reply, time, response);
    if (text === undefined || !open.has(time)) return;
    // What was read to its end is not left.
    open.set(time, undefined);
    reply[0] = refused ? "refused" : "unreadable";
    reply[1] = refused ? text : JSON.parse(text);
    if (!refused) reply[0] = undefined;
  } catch {}
}

/**
 * The text of a response's body: of a stream, or else of a `text()`. `undefined` where it is neither, or too long.
 * @param {Reply} reply
 * @param {Time} time
 * @param {any} response
 * @returns {Promise<string | undefined>}
 */
async function read(reply, time, response) {
  const reader = response.body?.getReader?.();
  if (!reader) {
    const pending = response.text();
    reply[0] = "connection";
    const text = await pending;
    if (!open.has(time)) return;
    reply[0] = typeof text === "string" ? "too large" : "unreadable";
    return typeof text === "string" && text.length <= MOST_BYTES ? text : undefined;
  }
  // Where the reader came from, the instance may have failed meanwhile.
  const cancel = () => quietly(() => reader.cancel());
  if (!open.has(time)) return void cancel();
  const abort = open.get(time);
  open.set(time, () => {
    cancel();
    abort?.();
  });
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    reply[0] = "connection";
    const { done, value } = await reader.read();
    if (!open.has(time)) return;
    if (done) return text + decoder.decode();
    reply[0] = "unreadable";
    if (!ArrayBuffer.isView(value)) return;
    // An empty chunk counts too: a stream of nothing but these would never let a timer run.
    if ((size += value.byteLength || 1) > MOST_BYTES) {
      reply[0] = "too large";
      return;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** @param {() => unknown} call somebody else's code: it may throw or reject */
async function quietly(call) {
  try {
    await call();
  } catch {}
}

/**
 * A response's `Retry-After`, which is seconds or a date, in milliseconds from now, or `NaN`. May throw.
 * @param {any} response
 */
function retryAfter(response) {
  const value = response.headers.get("retry-after");
  return value === null ? NaN : /^\d+$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
}
