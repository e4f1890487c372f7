// What the process has seen of Authsignal. It outlives every instance of the module, which may fail.

/** @type {number[]} */
let kept = [];

export const keptHealth = () => kept;

/** @param {Float64Array} numbers a view of the module's memory, which changes */
export function keepHealth(numbers) {
  kept = [...numbers];
}
