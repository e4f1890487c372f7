// What the module's glue uses of a browser, for one instance of the module: requests by Node's own client or by the
// process's `fetch`, and timers. All of it ends with the instance.
//
// gloo-net unwraps what it gets: anything odd would trap the module. So `fetch` here resolves to a `Response` of this
// file or rejects with an `Error` of it, by whose name the module knows what failed. Every promise settles when its
// request is aborted: the module would never free one that doesn't.

import { nodeCrypto } from "build:node";
import { sendByNode } from "./node-client.js";

/** The most bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024;

/** @param {"TypeError" | "TooLarge" | "Unreadable" | "Unsendable"} name as `Failure::of_error` reads it */
const failure = (name) => Object.assign(Error(), { name });

/** A request's headers. */
class Fields {
  /** @type {Record<string, string>} */
  all = {};

  /** @param {string} name @param {string} value */
  set(name, value) {
    this.all[name] = value;
  }
}

class HttpRequest {
  /** @param {string} url @param {any} [init] */
  constructor(url, init) {
    this.url = url;
    this.init = init;
  }
}

/** The signal of one request, by which the platform also says which connection the request has. */
export class Signal {
  aborted = false;

  /** Set by the module: whether it has to be a new connection. */
  newConnection = false;

  /** Set by the module: how long a new connection may try an address of the server that is not its last. */
  addressMs = 1000;

  /** When its connection was opened, if that is a kept one. @type {number | undefined} */
  keptSince;

  /**
   * The connection, if it is a kept one, and how many bytes it had brought before.
   * @type {import("node:net").Socket | undefined}
   */
  socket;
  bytesBefore = 0;

  /** Whether its kept connection has not brought a byte of an answer. */
  get silent() {
    return this.socket?.bytesRead === this.bytesBefore;
  }

  /** @type {(() => unknown)[]} */
  #ends = [];

  /** What an abort is to end. Somebody else's code may have led to the abort already. @param {() => unknown} end */
  onAbort(end) {
    if (this.aborted) quietly(end);
    else this.#ends.push(end);
  }

  abort() {
    this.aborted = true;
    for (const end of this.#ends) quietly(end);
    this.#ends = [];
  }

  /** An answer was read to its end: its connection is kept, and an abort ends nothing. */
  done() {
    this.#ends = [];
  }
}

/** What has the shape of a response: the answer of Node's client, or whatever the process's `fetch` gives. */
class HttpResponse {
  #source;
  #signal;

  /** @param {any} source @param {Signal} signal */
  constructor(source, signal) {
    this.status = statusOf(source);
    this.#source = source;
    this.#signal = signal;
  }

  get headers() {
    return this;
  }

  /** A header. @param {string} name */
  get(name) {
    try {
      const value = this.#source.headers.get(name);
      return typeof value === "string" ? value : null;
    } catch {
      return null;
    }
  }

  async text() {
    const text = await read(this.#source, this.#signal);
    this.#signal.done();
    return text;
  }
}

/** @param {any} source */
function statusOf(source) {
  try {
    const { status } = source;
    // Of a larger number the module would see the last 16 bits.
    if (Number.isInteger(status) && status >= 0 && status <= 999) return status;
  } catch {}
  throw failure("Unreadable");
}

/**
 * The text of a body: of a stream, or else of a `text()`.
 * @param {any} source
 * @param {Signal} signal
 * @returns {Promise<string>}
 */
async function read(source, signal) {
  const reader = orFail(() => source.body?.getReader?.(), "Unreadable");
  if (!reader) {
    const text = await settled(
      orFail(() => source.text(), "Unreadable"),
      signal,
    );
    if (typeof text !== "string") throw failure("Unreadable");
    if (text.length > MOST_BYTES) throw failure("TooLarge");
    return text;
  }
  signal.onAbort(() => reader.cancel());
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; ; ) {
    const chunk = await settled(
      orFail(() => reader.read(), "TypeError"),
      signal,
    );
    const { done, value } = orFail(() => ({ done: chunk.done, value: chunk.value }), "TypeError");
    if (done) return text + decoder.decode();
    if (!ArrayBuffer.isView(value)) throw failure("Unreadable");
    // An empty chunk counts too: a stream of nothing but these would never let a timer run.
    size += value.byteLength || 1;
    if (size > MOST_BYTES) throw failure("TooLarge");
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * Sends a request by the process's `fetch`, which may be anybody's.
 * @param {string} url
 * @param {{ method: string, headers: Fields, body: string, signal: Signal }} init
 */
function sendByFetch(url, { method, headers, body, signal }) {
  const init = orFail(() => {
    if (typeof fetch !== "function") throw Error();
    const controller = new AbortController();
    signal.onAbort(() => controller.abort());
    return { method, redirect: "manual", headers: new Headers(headers.all), body, signal: controller.signal };
  }, "Unsendable");
  // A login that one of these constructors began may have ended the instance.
  if (signal.aborted) throw failure("Unsendable");
  return orFail(() => fetch(url, /** @type {RequestInit} */ (init)), "TypeError");
}

/**
 * What somebody else's code gives, or a failure of that name if it throws.
 * @template T
 * @param {() => T} call
 * @param {Parameters<typeof failure>[0]} name
 * @returns {T}
 */
function orFail(call, name) {
  try {
    return call();
  } catch {
    throw failure(name);
  }
}

/**
 * What comes of a promise, which may be anybody's and may never settle. It rejects if the request is aborted first.
 * @param {unknown} promise
 * @param {Signal} signal
 * @returns {Promise<any>}
 */
function settled(promise, signal) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(failure("TypeError"));
    signal.onAbort(fail);
    quietly(async () => {
      try {
        resolve(await promise);
      } catch {
        fail();
      }
    });
  });
}

/** @param {() => unknown} call somebody else's code: it may throw or reject */
async function quietly(call) {
  try {
    await call();
  } catch {}
}

/** The platform of one instance of the module, and its end. */
export function createPlatform() {
  /** What is open: requests and timers, each with what ends it. @type {Map<object, () => void>} */
  const open = new Map();
  let ended = false;

  /** A failed instance begins nothing. */
  function begin() {
    if (ended) throw Error();
  }

  class Controller {
    signal = new Signal();

    constructor() {
      begin();
      open.set(this.signal, () => this.signal.abort());
    }

    abort() {
      open.delete(this.signal);
      this.signal.abort();
    }
  }

  const names = {
    crypto: globalThis.crypto ?? nodeCrypto(),
    // Without a `queueMicrotask` the futures' queue uses promises, which no test library replaces.
    globalThis: {},
    // The module drops its closures itself. A registry of them keeps what each login leaves until the next full
    // collection, and a process some 10 MB larger.
    FinalizationRegistry: undefined,
    Headers: Fields,
    Request: HttpRequest,
    Response: HttpResponse,
    AbortController: Controller,
    /** @param {HttpRequest} request */
    async fetch({ url, init }) {
      begin();
      const answered = orFail(() => sendByNode(new URL(url), init), "Unsendable") ?? sendByFetch(url, init);
      return new HttpResponse(await settled(answered, init.signal), init.signal);
    },
    /** @param {() => void} run @param {number} ms */
    setTimeout(run, ms) {
      begin();
      /** The module's name for it, whatever stands for the global `setTimeout`. @type {{ id?: NodeJS.Timeout }} */
      const timer = {};
      open.set(timer, () => clearTimeout(timer.id));
      timer.id = setTimeout(() => open.has(timer) && run(), ms);
      // What stands for the global one may have ended the instance.
      if (ended) clearTimeout(timer.id);
      return timer;
    },
    /** @param {{ id?: NodeJS.Timeout }} timer */
    clearTimeout(timer) {
      open.delete(timer);
      clearTimeout(timer.id);
    },
  };

  /** Ends what the instance has begun and can't end itself. */
  function end() {
    ended = true;
    for (const close of open.values()) quietly(close);
    open.clear();
  }

  return { names, end };
}
