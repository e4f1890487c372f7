// A clock that stands still until a test moves it on: `setTimeout`, `clearTimeout`, `performance.now` and `Date.now`
// of a process. Node's own timers, such as a socket's, keep to the real clock.

import { setImmediate } from "node:timers/promises";

/** After so many turns of the event loop, what waits waits for a timer or for the network. */
const TURNS = 5;

/** Lets everything run that waits for neither. */
export const turns = async () => {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
};

class Timer {
  held = true;

  /** @param {number} id @param {number} at @param {() => void} call */
  constructor(id, at, call) {
    this.id = id;
    this.at = at;
    this.call = call;
  }

  ref() {
    this.held = true;
    return this;
  }

  unref() {
    this.held = false;
    return this;
  }

  hasRef() {
    return this.held;
  }

  [Symbol.toPrimitive]() {
    return this.id;
  }
}

/** Puts it in place for the rest of the process. */
export const stepClock = () => {
  /** @type {Map<number, Timer>} */
  const timers = new Map();
  let now = 0;
  let shift = 0;
  let last = 0;

  const put = (/** @type {any} */ object, /** @type {string} */ name, /** @type {unknown} */ value) =>
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  put(
    globalThis,
    "setTimeout",
    (/** @type {(...args: unknown[]) => void} */ call, /** @type {number} */ ms, /** @type {unknown[]} */ ...args) => {
      const timer = new Timer(++last, now + Math.max(ms, 1), () => call(...args));
      timers.set(timer.id, timer);
      return timer;
    },
  );
  put(globalThis, "clearTimeout", (/** @type {unknown} */ timer) => void timers.delete(Number(timer)));
  put(performance, "now", () => 1e6 + now);
  put(Date, "now", () => Date.UTC(2026, 4, 4) + now + shift);

  return {
    /** Moves it on, and lets every timer that is due go off in its turn. @param {number} ms */
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await turns();
        const due = [...timers.values()].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (!due) break;
        timers.delete(due.id);
        now = due.at;
        due.call();
      }
      now = end;
    },
    /** Moves the wall clock alone, as it is after the process was frozen. @param {number} ms */
    shiftDate(ms) {
      shift += ms;
    },
    /** How many timers keep the process alive. */
    timers: () => [...timers.values()].filter(({ held }) => held).length,
  };
};
