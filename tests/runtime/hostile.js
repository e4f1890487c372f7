// Values that nobody expects, by name: a failed property then prints names, and not a megabyte.

/** Thrown by what is hostile. */
export const thrown = () => {
  throw new Error("hostile");
};

/** @template T @param {() => T} make @returns {() => T} */
const once = (make) => {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
};

const LEVELS = 100_000;

const deepObject = once(() => {
  let deep = {};
  for (let level = 0; level < LEVELS; level++) deep = { deep };
  return deep;
});
const deepList = once(() => {
  /** @type {unknown[]} */
  let deep = [];
  for (let level = 0; level < LEVELS; level++) deep = [deep];
  return deep;
});
const megabyte = once(() => "m".repeat(1 << 20));
const bytes = once(() => new Uint8Array(1 << 20));
const cyclic = once(() => {
  /** @type {Record<string, unknown>} */
  const cycle = {};
  return Object.assign(cycle, { cycle, list: [cycle] });
});
const revoked = once(() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
});
const throwing = once(
  () =>
    new Proxy(
      {},
      {
        get: thrown,
        has: thrown,
        ownKeys: thrown,
        getPrototypeOf: thrown,
        getOwnPropertyDescriptor: thrown,
        set: thrown,
      },
    ),
);
/** It answers everything with itself, and is a primitive of no kind. */
const echo = once(() => {
  /** @type {any} */
  const proxy = new Proxy(() => {}, { get: (_, name) => (name === "then" ? undefined : proxy), apply: () => proxy });
  return proxy;
});

/** @type {Record<string, () => unknown>} */
export const hostile = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  seven: () => 7,
  NaN: () => NaN,
  Infinity: () => -Infinity,
  bigint: () => 2n ** 64n,
  symbol: () => Symbol("hostile"),
  function: () => () => {},
  "async function": () => async () => {},
  class: () => class {},
  "empty string": () => "",
  "lone surrogate": () => "a\ud800b",
  "NUL and line breaks": () => "a\0b\r\nc",
  "a megabyte": megabyte,
  "a megabyte of bytes": bytes,
  "empty object": () => ({}),
  "empty list": () => [],
  "list of everything": () => [undefined, null, NaN, 7n, Symbol("list"), () => {}, {}, [], throwing(), revoked()],
  "object of 100,000 levels": deepObject,
  "list of 100,000 levels": deepList,
  cycle: cyclic,
  "boxed string": () => new String("boxed"),
  "boxed true": () => new Boolean(true),
  Date: () => new Date(NaN),
  Map: () => new Map([["state", "ALLOW"]]),
  Set: () => new Set(["ALLOW"]),
  Error: () => new Error("hostile"),
  "object without prototype": () => Object.create(null),
  "getter that throws": () => ({
    get state() {
      return thrown();
    },
    get name() {
      return thrown();
    },
  }),
  "toString that throws": () => ({ toString: thrown, valueOf: thrown, toJSON: thrown, [Symbol.toPrimitive]: thrown }),
  "iterator that throws": () => ({ [Symbol.iterator]: thrown, length: 3 }),
  "proxy that throws": throwing,
  "revoked proxy": revoked,
  "proxy of everything": echo,
};

export const hostileNames = Object.keys(hostile);
