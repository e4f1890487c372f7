// A clock that a test moves: `setTimeout`, `clearTimeout`, `performance.now` and `Date.now` of the process.
// It moves only when nothing else is left to do, so nine seconds take no time and are nine seconds exactly.

import { setImmediate } from "node:timers/promises";
import { replace } from "./globals.js";

/** When it begins. */
export const EPOCH = Date.UTC(2026, 4, 4);

/** After so many turns of the event loop, what waits waits for a timer. */
const IDLE_TURNS = 4;
/** A hook that waits longer than this for nothing hangs. */
const HANGS = 60;

/**
 * @typedef {object} Clock
 * @property {number} now milliseconds since it began
 * @property {number[]} dates what `Date.now` has given
 * @property {(ms: number, call: () => void) => void} later a timer of the test's own
 * @property {() => number} timers how many timers of the code under test are set
 * @property {(settled: () => boolean) => Promise<void>} runUntil
 * @property {() => Promise<void>} drain lets every timer that is still set go off
 */

/**
 * Puts it in place until the test ends.
 * @param {import("./globals.js").Test} t
 * @param {{ performance?: number[], date?: number[] }} [jumps] how far each reading jumps, in turn
 * @returns {Clock}
 */
export const replaceClock = (t, jumps = {}) => {
  /** @type {Map<number, { at: number, own: boolean, call: () => void }>} */
  const timers = new Map();
  let last = 0;

  /** @param {number} ms @param {boolean} own @param {() => void} call */
  const set = (ms, own, call) => {
    // As Node does with what is no number of milliseconds or too many.
    const delay = ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1;
    timers.set(++last, { at: clock.now + delay, own, call });
    return last;
  };
  const fireNext = () => {
    const [id, timer] = [...timers].reduce((first, one) => (one[1].at < first[1].at ? one : first));
    timers.delete(id);
    clock.now = Math.max(clock.now, timer.at);
    timer.call();
  };
  const turn = async () => {
    for (let turns = 0; turns < IDLE_TURNS; turns++) await setImmediate();
  };

  /** @type {Clock} */
  const clock = {
    now: 0,
    dates: [],
    later: (ms, call) => void set(ms, true, call),
    timers: () => [...timers.values()].filter(({ own }) => !own).length,
    async runUntil(settled) {
      for (let waited = 0; ; waited++) {
        for (let turns = 0; turns < IDLE_TURNS && !settled(); turns++) await setImmediate();
        if (settled()) return;
        if (timers.size > 0) fireNext();
        else if (waited > HANGS) throw new Error("It hangs: no timer is set, and it has not settled");
        if (clock.now > 60_000) throw new Error("It hangs: a minute has passed, and it has not settled");
      }
    },
    async drain() {
      for (let fired = 0; timers.size > 0 && fired < 100; fired++) {
        fireNext();
        await turn();
      }
      await turn();
    },
  };

  const jumped = (/** @type {number[] | undefined} */ list) => {
    const left = [...(list ?? [])];
    let sum = 0;
    return () => (sum += left.shift() ?? 0);
  };
  const [performanceJumped, dateJumped] = [jumped(jumps.performance), jumped(jumps.date)];
  replace(t, globalThis, "setTimeout", (/** @type {() => void} */ call, /** @type {number} */ ms) =>
    set(ms, false, call),
  );
  replace(t, globalThis, "clearTimeout", (/** @type {number} */ id) => void timers.delete(id));
  replace(t, performance, "now", () => 1e6 + clock.now + performanceJumped());
  replace(t, Date, "now", () => {
    const date = EPOCH + clock.now + dateJumped();
    clock.dates.push(date);
    return date;
  });
  return clock;
};
