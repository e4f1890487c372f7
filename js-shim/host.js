// What the module asks of JavaScript and can't do as well itself. The build puts this file into the
// bundle beside the module's glue. It is declared functions here and in the glue: engines read the text of
// arrow functions again for each function around them, which a first login waits for.

/** @type {number[]} */
const kept = [];

/**
 * A number that outlives every instance of the module, or `NaN`.
 * @param {number} slot
 */
export function recall(slot) {
  return kept[slot] ?? NaN;
}

/**
 * Keeps a number for `recall`.
 * @param {number} slot
 * @param {number} value
 */
export function keep(slot, value) {
  kept[slot] = value;
}

/**
 * Controllers and timers: what the module has begun and not ended. With a controller, how the answer is
 * left that is being read.
 * @type {Map<any, (() => void) | undefined>}
 */
const open = new Map();

/** Ends what the module has begun, where it has failed and can't. One instance at a time begins anything. */
export function abandon() {
  for (const [it, leave] of open) {
    try {
      leave?.();
      it.abort ? it.abort() : globalThis.clearTimeout(it);
    } catch {}
  }
  open.clear();
}

// The module's timers, which it imports instead of the global ones.

/** @param {() => void} callback @param {number} ms */
export function setTimeout(callback, ms) {
  const timer = globalThis.setTimeout(() => {
    open.delete(timer);
    callback();
  }, ms);
  open.set(timer, undefined);
  return timer;
}

/** @param {NodeJS.Timeout} timer */
export function clearTimeout(timer) {
  open.delete(timer);
  globalThis.clearTimeout(timer);
}

/** What a try can be aborted with. */
export function begin() {
  const controller = new AbortController();
  open.set(controller, undefined);
  return controller;
}

/**
 * The end of a try with an answer.
 * @param {AbortController} controller
 */
export function end(controller) {
  open.delete(controller);
}

/**
 * The end of a try without an answer, or while one is being read: the request is aborted, the stream left.
 * @param {AbortController} controller
 */
export function abort(controller) {
  open.get(controller)?.();
  open.delete(controller);
  controller.abort();
}

/**
 * Calls a method of a part of Auth0's `api`, on that part. What that throws it gives, in an array.
 * @param {any} api
 * @param {string} part
 * @param {string} method
 * @param {string} argument
 * @returns {[error: unknown] | undefined}
 */
export function invoke(api, part, method, argument) {
  try {
    api[part][method](argument);
  } catch (error) {
    return [error];
  }
}

/**
 * Calls the one method of Auth0's `api` that takes two arguments, where there is one: older tenants lack it.
 * @param {any} api
 * @param {string} key
 * @param {string} value
 */
export function setMetadata(api, key, value) {
  try {
    api.transaction.setMetadata(key, value);
  } catch {}
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

/**
 * `fetch`, which may throw or give anything. It follows no redirect. `null` where there is none, or no
 * such address.
 * @param {string} url
 * @param {Headers} headers
 * @param {string} body
 * @param {AbortController} controller
 */
export async function send(url, headers, body, { signal }) {
  try {
    new URL(url);
  } catch {
    return null;
  }
  return typeof fetch === "function"
    ? fetch(url, { method: "POST", redirect: "manual", headers, body, signal })
    : null;
}

/**
 * A response's status, or -1 where it has none.
 * @param {any} response
 */
export function status(response) {
  try {
    return Number.isInteger(response.status) ? response.status : -1;
  } catch {
    return -1;
  }
}

/**
 * A response's `Retry-After`, which is seconds or a date, in milliseconds from now, or `NaN`.
 * @param {any} response
 */
export function retryAfter(response) {
  try {
    const value = response.headers.get("retry-after");
    return value === null ? NaN : /^\d+$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
  } catch {
    return NaN;
  }
}

/**
 * Whether a part occurs in a text.
 * @param {string} text
 * @param {string} part
 */
export function includes(text, part) {
  return text.includes(part);
}

/**
 * The text of a response's body, taken by its shape: a stream, or else a `text()`. It is read no further
 * than `limit` bytes, and left where the try is aborted. `undefined` where it is longer, `null` where the
 * shape is neither. Rejects where the connection breaks.
 * @param {any} response
 * @param {number} limit
 * @param {AbortController} controller
 * @returns {Promise<string | undefined | null>}
 */
export async function read(response, limit, controller) {
  let reader, pending;
  try {
    reader = response.body?.getReader?.();
    pending = reader ? undefined : response.text();
  } catch {
    return null;
  }
  if (!reader) {
    const text = await pending;
    return typeof text !== "string" ? null : text.length <= limit ? text : undefined;
  }
  const leave = async () => {
    try {
      await reader.cancel();
    } catch {}
  };
  // Where the reader came from, the instance may have failed meanwhile.
  if (open.has(controller)) open.set(controller, leave);
  else leave();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      if (!ArrayBuffer.isView(value)) return null;
      // An empty chunk counts too: a stream of nothing but these would never let a timer run.
      if ((size += value.byteLength || 1) > limit) {
        leave();
        return undefined;
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    if (open.has(controller)) open.set(controller, undefined);
  }
}
