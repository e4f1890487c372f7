// The caller's options, so that the module can read them without running the caller's code.

/**
 * One of the caller's options, as far as it can be had.
 * @param {any} options
 * @param {string} name
 */
export function given(options, name) {
  try {
    return options[name];
  } catch {}
}

/**
 * The option `console`, and a copy of all options, one level deep, without what is `undefined`. In the place of `console`
 * the copy has `true` if it is an object or a function, and in the place of any other object that is not plain a symbol.
 * Throws if `object` is not plain itself, or if a getter of it throws.
 * @param {unknown} object
 */
export function readOptions(object) {
  if (!isPlain(object)) {
    // If it is the promise of an async function, nobody else will look at its rejection.
    Promise.resolve(object).catch(() => {});
    throw TypeError();
  }
  /** @type {unknown} */
  let own;
  const options = copy(object, (value, name) => {
    if (name !== "console") return isPlain(value) ? copy(value, opaque) : opaque(value);
    if (Object(value) === value) own = value;
    return own !== undefined;
  });
  return { options, console: own };
}

/**
 * @param {object} object
 * @param {(value: unknown, name: string) => unknown} read
 */
function copy(object, read) {
  const given = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, read(value, name)]));
}

/** @param {unknown} value */
const opaque = (value) => (isObject(value) ? Symbol() : value);

/** @param {unknown} value @returns {value is object} */
const isObject = (value) => value !== null && typeof value === "object";

/** @param {unknown} value @returns {value is object} */
function isPlain(value) {
  const prototype = isObject(value) && Object.getPrototypeOf(value);
  return prototype === null || (prototype && Object.getPrototypeOf(prototype) === null);
}
