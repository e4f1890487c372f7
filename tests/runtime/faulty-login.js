// Puts one generated login through the built package, and tells everything that came of it.

import { setImmediate } from "node:timers/promises";
import { behaviours, kindOf } from "./answers.js";
import { createApi } from "./api.js";
import { CANARY } from "./arbitrary.js";
import { EPOCH, replaceClock } from "./clock.js";
import { loginEvent } from "./event.js";
import { randomSource, replace } from "./globals.js";
import { hostile, thrown } from "./hostile.js";

/**
 * @typedef {import("./arbitrary.js").Login} Login
 * @typedef {import("./arbitrary.js").Fault} Fault
 *
 * @typedef {object} Report
 * @property {"resolved" | "rejected"} settled
 * @property {any} resolved what it resolved to
 * @property {import("./api.js").Call[]} calls what took effect
 * @property {string[]} lines
 * @property {{ url: string, method: string, redirect: string, authorization: string | null, body: string }[]} requests
 * @property {number} ms
 * @property {number} timers that it left
 * @property {number} pulled the most bytes that were read of one answer
 * @property {import("./oracle.js").Seen} seen
 */

/**
 * Where the target lets it.
 * @param {object} target
 * @param {string} name
 * @param {string} value the name of a hostile one
 */
const place = (target, name, value) => {
  const property = value === "getter" ? { get: thrown } : { value: hostile[value](), writable: true };
  Reflect.defineProperty(target, name, { ...property, configurable: true, enumerable: true });
  return target;
};

/** Puts a value at a path, as far as there is one. @param {any} root @param {string} path @param {string} value */
const placeAt = (root, path, value) => {
  const names = path.split(".");
  const last = /** @type {string} */ (names.pop());
  let target = root;
  for (const name of names) {
    // What is hostile already stays as it is.
    const { value: next } = Object.getOwnPropertyDescriptor(target, name) ?? {};
    if (next === undefined && !Object.hasOwn(target, name)) place(target, name, "empty object");
    target = Object.getOwnPropertyDescriptor(target, name)?.value;
    if (target === null || typeof target !== "object" || isShared(target)) return;
  }
  place(target, last, value);
};
/** The values that are made once. @param {unknown} target */
const isShared = (target) => Object.values(hostile).some((make) => make() === target);

/** The URL and the action of a login, where its options are legal. @param {Login} login */
const methodOf = ({ options: { apiBaseUrl, region, action } }) => {
  const regions = /** @type {Record<string, string>} */ ({ eu: "eu.", au: "au.", ca: "ca." });
  const url = apiBaseUrl ?? `https://${regions[/** @type {string} */ (region)] ?? ""}api.authsignal.com/v1`;
  return action === undefined ? String(url) : `${url}#${action}`;
};

/** @param {Login} login */
const eventOf = (login) => {
  const own = methodOf(login);
  const { user, host, protocol, tokens, challenge } = login;
  // Faults are put into these, and other logins have the same lists.
  const { max_age, ...asked } = structuredClone(login.asked);
  const methods = login.methods.map(({ name, age }) => ({
    name: name.replace("OWN", own),
    timestamp: typeof age === "number" ? new Date(EPOCH - age * 1000).toISOString() : age,
  }));
  /** @type {any} */
  let event = loginEvent({
    user: { user_id: user, email: `${CANARY}@example.com` },
    request: {
      hostname: host,
      query: { client_id: "app", token: tokens.query, max_age },
      body: tokens.body === undefined ? {} : { token: tokens.body },
    },
    secrets: login.keyAsSecret ? { AUTHSIGNAL_SECRET: `${CANARY}-key` } : {},
    transaction: { protocol, ...asked, metadata: challenge === undefined ? {} : { authsignal_challenge: challenge } },
    authentication: { methods },
    authorization: { roles: ["admin"] },
  });
  for (const fault of login.faults) {
    if (fault.at !== "event") continue;
    if (fault.path === "")
      event = fault.value === "getter" ? new Proxy(event, { get: thrown }) : hostile[fault.value]();
    else if (event !== null && typeof event === "object" && !isShared(event)) placeAt(event, fault.path, fault.value);
  }
  return event;
};

/**
 * What is given as options, and what the function gives where they are one.
 * @param {Login} login
 */
const optionsOf = (login) => {
  /** @type {any} */
  let values = { ...(login.keyAsSecret ? {} : { secret: `${CANARY}-key` }), ...login.options };
  for (const name of ["custom", "attributes"]) if (values[name]) values[name] = { ...values[name] };
  for (const fault of login.faults) if (fault.at === "option") placeAt(values, fault.name, fault.value);
  const whole = login.faults.find(({ at }) => at === "options");
  let returned = login.form !== "object";
  if (whole?.at === "options") {
    values = hostile[whole.value]();
    returned = whole.returned;
    // Nothing is no options, and what a function must not return.
    if (values === undefined && returned) values = null;
    if (typeof values === "function" && !returned) return { given: values, values: null, off: false };
  }
  const off = login.form === "off" && whole === undefined;
  return { given: returned ? () => (off ? false : values) : values, values: off ? {} : values, off };
};

const METHODS = /** @type {Record<string, string>} */ ({
  access: "deny",
  redirect: "sendUserTo",
  authentication: "recordMethod",
  transaction: "setMetadata",
  idToken: "setCustomClaim",
  accessToken: "setCustomClaim",
});

/** Auth0's `api`, and which of its parts do not work. @param {Login} login */
const apiOf = ({ faults }) => {
  const { api, calls } = createApi();
  /** @type {[Set<string>, Set<string>]} */
  const [broken, harmed] = [new Set(), new Set()];
  /** @type {any} */
  let given = api;
  for (const fault of faults) {
    if (fault.at !== "api") continue;
    const { part, how } = fault;
    if (harmed.has(part)) continue;
    harmed.add(part);
    const method = METHODS[part];
    const value = hostile[fault.value];
    const own = /** @type {any} */ (api)[part];
    if (how !== "returns") broken.add(part);
    switch (how) {
      case "value":
        place(api, part, fault.value);
        break;
      // A function that does nothing and says nothing is not broken: nobody can tell.
      case "method":
        Object.assign(api, { [part]: place({}, method, /function/.test(fault.value) ? "null" : fault.value) });
        break;
      case "throws":
        Object.assign(api, {
          [part]: {
            [method]: () => {
              throw value();
            },
          },
        });
        break;
      case "getter":
        place(api, part, "getter");
        break;
      case "method getter":
        Object.assign(api, { [part]: place({}, method, "getter") });
        break;
      case "returns":
        Object.assign(api, {
          [part]: {
            [method]: (/** @type {any[]} */ ...args) => {
              own[method](...args);
              return value();
            },
          },
        });
        break;
      case "whole":
        given = value();
        for (const one of Object.keys(METHODS)) broken.add(one);
    }
  }
  return { api: given, calls, broken };
};

const [abortController, headers] = [AbortController.prototype, Headers.prototype];

/** @type {Record<string, (t: import("./globals.js").Test) => unknown>} */
const globals = {
  "randomUUID throws": (t) => replace(t, randomSource, "randomUUID", thrown),
  "randomUUID gives": (t) => replace(t, randomSource, "randomUUID", () => {}),
  "performance.now throws": (t) => replace(t, performance, "now", thrown),
  "Date.now throws": (t) => replace(t, Date, "now", thrown),
  "setTimeout throws": (t) => replace(t, globalThis, "setTimeout", thrown),
  "clearTimeout throws": (t) => replace(t, globalThis, "clearTimeout", thrown),
  "Math.random throws": (t) => replace(t, Math, "random", thrown),
  "abort throws": (t) => replace(t, abortController, "abort", thrown),
  "Headers throws": (t) => replace(t, globalThis, "Headers", thrown),
  "Headers.append throws": (t) => replace(t, headers, "append", thrown),
  "Request throws": (t) => replace(t, globalThis, "Request", thrown),
  "JSON.parse throws": (t) => replace(t, JSON, "parse", thrown),
  "JSON.stringify throws": (t) => replace(t, JSON, "stringify", thrown),
  "btoa throws": (t) => replace(t, globalThis, "btoa", thrown),
  "AbortController throws": (t) => replace(t, globalThis, "AbortController", thrown),
  "Object.entries throws": (t) => replace(t, Object, "entries", thrown),
};

/** The answers' JSON, of this login's action and user where they say OWN. @param {Login} login */
const textsOf = ({ options: { action = "auth0-login", userId }, user, answers }) => {
  const own = /** @type {Record<string, unknown>} */ ({ action, actionCode: action, userId: String(userId ?? user) });
  return answers.map(({ answer }) => JSON.stringify(answer, (field, json) => (json === "OWN" ? own[field] : json)));
};

/** What stands in the place of `fetch`. @param {string} name @param {import("./oracle.js").Try[]} tries */
const otherFetch = (name, tries) => {
  const value = hostile[name]();
  if (typeof value !== "function") return value;
  return () => {
    // A class can't be called: that is a `fetch` that throws.
    tries.push({ kind: name === "class" ? "outage" : "final" });
    return value();
  };
};

/**
 * @param {import("./built.js").Package} pkg
 * @param {Login} login
 * @returns {Promise<Report & { broken: Set<string> }>}
 */
export const runFaultyLogin = async (pkg, login) => {
  /** @type {(() => void)[]} */
  const undo = [];
  const t = { after: (/** @type {() => void} */ restore) => void undo.push(restore) };
  const restore = () => {
    for (const one of undo.splice(0).reverse()) one();
  };
  const event = eventOf(login);
  const { given, values, off } = optionsOf(login);
  const { api, calls, broken } = apiOf(login);
  const jumps = login.faults.find(({ at }) => at === "clock");
  const clock = replaceClock(t, jumps?.at === "clock" ? jumps : {});

  /** @type {string[]} */
  const lines = [];
  replace(t, console, "log", (/** @type {unknown[]} */ ...line) => {
    lines.push(line.join(" "));
    if (login.faults.some(({ at }) => at === "console")) thrown();
  });

  // Made before anything is sabotaged.
  const texts = textsOf(login);
  /** @type {Report["requests"]} */
  const requests = [];
  /** @type {import("./oracle.js").Try[]} */
  const tries = [];
  let pulled = 0;
  const fetch = (
    /** @type {string} */ url,
    /** @type {{ method: string, redirect: string, headers: Headers, body: string }} */ init,
  ) => {
    const at = Math.min(tries.length, login.answers.length - 1);
    const { value } = login.answers[at];
    // Whether what is late is in time, a clock that jumps can't say.
    const name = jumps && login.answers[at].name === "late, in time" ? "a Response" : login.answers[at].name;
    const text = texts[at];
    const kind = kindOf(name, value);
    tries.push(kind === "answer" ? { kind, text } : { kind });
    const { method, redirect, headers, body } = init;
    requests.push({ url: new URL(url).href, method, redirect, authorization: headers.get("authorization"), body });
    let read = 0;
    const count = (/** @type {number} */ bytes) => {
      read += bytes;
      pulled = Math.max(pulled, read);
    };
    return behaviours[name][1]({ text, clock, value: hostile[value], pulled: count });
  };
  const other = login.faults.find(({ at }) => at === "fetch");
  replace(t, globalThis, "fetch", other?.at === "fetch" ? otherFetch(other.value, tries) : fetch);
  const sabotaged = undo.length;
  for (const fault of login.faults) if (fault.at === "global") globals[fault.name](t);

  try {
    /** @type {Report["settled"] | undefined} */
    let settled;
    const handler = login.hook === "execute" ? pkg.handleAuth0ExecutePostLogin : pkg.handleAuth0ContinuePostLogin;
    /** @type {unknown} */
    let resolved;
    handler(event, api, given).then(
      (value) => {
        settled = "resolved";
        resolved = value;
      },
      () => {
        settled = "rejected";
      },
    );
    await clock.runUntil(() => settled !== undefined);
    const [ms, timers, callsThen] = [clock.now, clock.timers(), calls.length];
    for (const one of undo.splice(sabotaged).reverse()) one();
    // What comes late changes nothing.
    await clock.drain();
    if (calls.length !== callsThen)
      throw new Error(`${calls.length - callsThen} calls came after the hook had settled`);
    const seen = { hook: login.hook, event, options: values, off, dates: [...clock.dates], tries };
    return {
      settled: /** @type {Report["settled"]} */ (/** @type {unknown} */ (settled)),
      resolved,
      calls,
      lines,
      requests,
      ms,
      timers,
      pulled,
      seen,
      broken,
    };
  } finally {
    restore();
    await setImmediate();
  }
};
