/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} p10
 * @property {number} p90
 * @property {number} samples how many
 */

/** @param {number[]} samples @param {number} part from 0 to 1 */
export const quantile = (samples, part) => {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
};

/** @param {number[]} samples */
export const median = (samples) => quantile(samples, 0.5);

/** @param {number[]} samples */
export const mean = (samples) => samples.reduce((sum, sample) => sum + sample, 0) / samples.length;

/** @param {number[]} samples @returns {Summary} */
export const summary = (samples) => ({
  median: median(samples),
  p10: quantile(samples, 0.1),
  p90: quantile(samples, 0.9),
  samples: samples.length,
});
