// The caller's options, so that the module can read them without running the caller's code.

/**
 * A copy of a plain object, one level deep, without what is `undefined`. In place of an object that is no plain one,
 * which no option can be, it has a symbol. Throws if `object` is no plain object, or if a getter of it throws.
 * @param {object} object
 */
export function plainCopy(object) {
  if (!isPlain(object)) {
    // If it is the promise of an async function, nobody else will look at its rejection.
    Promise.resolve(object).catch(() => {});
    throw TypeError();
  }
  return entries(object);
}

/** @param {object} object @param {boolean} [inner] */
function entries(object, inner) {
  const given = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, readable(value, inner)]));
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
