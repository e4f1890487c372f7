/**
 * The text with the sabotage in it. Throws if its place is not there once: the code has changed, and the sabotage has
 * to follow.
 * @param {import("./shim.js").Sabotage} sabotage
 * @param {string} text
 */
export function apply({ name, file, find, put }, text) {
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`"${name}" finds its place in ${file} ${times} times`);
  return text.replace(find, () => put);
}
