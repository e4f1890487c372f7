// What a `fetch` may do with one request, by name, and what the contract calls that.

import { thrown } from "./hostile.js";

/**
 * @typedef {import("./oracle.js").Try["kind"]} Kind
 * @typedef {object} Request what an answer is made of
 * @property {string} text the answer's JSON
 * @property {import("./clock.js").Clock} clock
 * @property {() => unknown} value a hostile one
 * @property {(bytes: number) => void} pulled told of each chunk that is read
 *
 * @typedef {[kind: Kind, give: (request: Request) => unknown]} Behaviour
 */

/** It would let anybody in, at both hooks: it stands where no answer may be taken. */
export const ALLOWED = JSON.stringify({
  state: "ALLOW",
  isEnrolled: true,
  isValid: true,
  action: "auth0-login",
  actionCode: "auth0-login",
  url: "https://sesame.example.com/",
});
const PASSED = ALLOWED.replace("ALLOW", "CHALLENGE_SUCCEEDED");

const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
const never = () => new Promise(() => {});

/**
 * A response with a stream, by its shape.
 * @param {() => unknown} read
 * @param {Record<string, unknown>} [more] of the reader
 */
const streamed = (read, more = {}) => ({
  status: 200,
  body: { getReader: () => ({ read, cancel: async () => {}, ...more }) },
});

/** @param {Uint8Array[]} chunks @param {unknown} [end] */
const chunked = (chunks, end = { done: true, value: undefined }) => {
  const left = [...chunks];
  return streamed(async () => (left.length > 0 ? { done: false, value: left.shift() } : end));
};

/** @param {number} status @param {Record<string, string>} [headers] */
const refuses = (status, headers) => () =>
  new Response(status === 204 || status === 304 ? null : ALLOWED, { status, headers });

/** @type {Record<string, Behaviour>} */
export const behaviours = {
  "a Response": ["answer", ({ text }) => new Response(text)],
  "a Response of 201, at last": ["answer", async ({ text }) => new Response(text, { status: 201 })],
  "an object with text()": ["answer", ({ text }) => ({ status: 200, text: async () => text })],
  "an object whose text() is no promise": ["answer", ({ text }) => ({ status: 200, text: () => text })],
  "one chunk": ["answer", ({ text }) => chunked([encode(text)])],
  "single bytes": ["answer", ({ text }) => chunked([...encode(text)].map((byte) => Uint8Array.of(byte)))],
  "a stream that says more when it is done": [
    "answer",
    ({ text }) => chunked([encode(text)], { done: true, value: encode(PASSED) }),
  ],
  "a thenable": ["answer", ({ text }) => ({ then: (/** @type {any} */ resolve) => resolve(new Response(text)) })],
  "an answer, then another": [
    "answer",
    ({ text }) => ({
      then: (/** @type {any} */ resolve) => {
        for (const one of [text, PASSED, ALLOWED]) resolve({ status: 200, text: () => one });
      },
    }),
  ],
  "a text, then another": [
    "answer",
    ({ text }) => ({
      status: 200,
      text: () => ({
        then: (/** @type {any} */ resolve) => {
          for (const one of [text, PASSED, ALLOWED]) resolve(one);
        },
      }),
    }),
  ],
  "an answer, then an error": [
    "answer",
    ({ text }) => ({
      then: (/** @type {any} */ resolve, /** @type {any} */ reject) => {
        resolve(new Response(text));
        reject(new Error("later"));
        thrown();
      },
    }),
  ],
  "late, in time": [
    "answer",
    ({ text, clock }) => new Promise((resolve) => clock.later(50, () => resolve(new Response(text)))),
  ],

  "an error, then an answer": [
    "outage",
    () => ({
      then: (/** @type {any} */ resolve, /** @type {any} */ reject) => [
        reject(new Error("first")),
        resolve(new Response(ALLOWED)),
      ],
    }),
  ],
  "throws": [
    "outage",
    ({ value }) => {
      throw value();
    },
  ],
  "rejects": ["outage", ({ value }) => Promise.reject(value())],
  "a broken stream": [
    "outage",
    ({ value }) =>
      streamed(async () => {
        throw value();
      }),
  ],
  "a text() that rejects": ["outage", ({ value }) => ({ status: 200, text: () => Promise.reject(value()) })],
  "500": ["outage", refuses(500)],
  "502 with a page": ["outage", () => new Response("<html>", { status: 502 })],
  "503, come back later": ["outage", refuses(503, { "Retry-After": "1" })],
  "599, come back never": ["outage", refuses(599, { "Retry-After": "9".repeat(400) })],
  "nothing, ever": ["outage", never],
  "a thenable that never settles": ["outage", () => ({ then() {} })],
  "a body that never comes": ["outage", () => streamed(never)],
  "a text that never comes": ["outage", () => ({ status: 200, text: never })],
  "a byte a second, without end": [
    "outage",
    ({ clock, pulled }) =>
      streamed(
        () =>
          new Promise((resolve) =>
            clock.later(1000, () => {
              pulled(1);
              resolve({ done: false, value: encode(" ") });
            }),
          ),
      ),
  ],
  "too late": [
    "outage",
    ({ clock }) => new Promise((resolve) => clock.later(20_000, () => resolve(new Response(ALLOWED)))),
  ],
  "too late, and an error": [
    "outage",
    ({ clock }) => new Promise((_, reject) => clock.later(20_000, () => reject(new Error("late")))),
  ],

  "408": ["transient", refuses(408)],
  "429": ["transient", refuses(429)],
  "429, come back now": ["transient", refuses(429, { "Retry-After": "0" })],
  "429, come back in four seconds": ["transient", refuses(429, { "Retry-After": "4" })],
  "429, come back in a year": ["transient", refuses(429, { "Retry-After": "Tue, 04 May 2027 00:00:00 GMT" })],
  "429, come back long ago": ["transient", refuses(429, { "Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT" })],
  "429, with hostile headers": [
    "transient",
    ({ value }) => ({ status: 429, headers: { get: value }, text: () => ALLOWED }),
  ],

  "204": ["final", refuses(204)],
  "301": ["final", refuses(301, { Location: "https://sesame.example.com/" })],
  "304": ["final", refuses(304)],
  "400": ["final", refuses(400)],
  "400 whose body never comes": ["final", () => ({ ...streamed(never), status: 400 })],
  "400, no authenticator": ["final", () => new Response('{"error":"AUTHENTICATOR_NOT_FOUND"}', { status: 400 })],
  "401": ["final", refuses(401)],
  "403": ["final", refuses(403)],
  "404": ["final", refuses(404)],
  "451": ["final", refuses(451)],
  "a status of text": ["final", () => ({ status: "200", text: () => ALLOWED })],
  "a status of 2 ** 32 + 200": ["final", () => ({ status: 2 ** 32 + 200, text: () => ALLOWED })],
  "a hostile status": ["final", ({ value }) => ({ status: value(), text: () => ALLOWED })],
  "a hostile text": ["final", ({ value }) => ({ status: 200, text: value })],
  "a hostile body": ["final", ({ value }) => ({ status: 200, body: value(), text: () => "" })],
  "a hostile chunk": ["final", ({ value }) => chunked([/** @type {any} */ (value())])],
  "a hostile value": ["final", ({ value }) => value()],
  "cut JSON": ["final", () => new Response(ALLOWED.slice(0, -1))],
  "no JSON": ["final", () => new Response("<html>")],
  "a text of 256 KiB and one": ["final", () => ({ status: 200, text: () => ALLOWED.padEnd(256 * 1024 + 1) })],
  "a gigabyte": [
    "final",
    ({ pulled }) => {
      let left = 2 ** 30;
      const chunk = encode(" ".repeat(64 * 1024));
      return streamed(async () => {
        pulled(chunk.length);
        left -= chunk.length;
        return left < 0 ? { done: true, value: undefined } : { done: false, value: chunk };
      });
    },
  ],
};

export const behaviourNames = Object.keys(behaviours);

/** A promise of these rejects: it asks them for their `then`. */
const NO_PROMISE = ["proxy that throws", "revoked proxy"];

/**
 * What a behaviour is called with this hostile value in it.
 * @param {string} name
 * @param {string} value
 * @returns {Kind}
 */
export const kindOf = (name, value) =>
  ["a hostile value", "a hostile text"].includes(name) && NO_PROMISE.includes(value) ? "outage" : behaviours[name][0];
