// A TCP relay to a server on this machine that is as slow as a network with a fixed round-trip time.

import { connect, createServer } from "node:net";

/**
 * @typedef {object} Clock
 * @property {() => number} now in ms
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 */

/** @type {Clock} */
const CLOCK = { now: () => performance.now(), setTimeout };

/**
 * What either side sends, and its end, arrives half a round trip later. A connection takes one round trip to set up:
 * the relay accepts it at once, but treats what the client sends before that time as if it were sent then.
 *
 * @param {number} port the server's
 * @param {number} rttMs
 * @param {Clock} [clock] a test's own
 */
export const createRelay = (port, rttMs, clock = CLOCK) =>
  createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    const setUp = clock.now() + rttMs;
    carry(client, server, clock, () => Math.max(setUp - clock.now(), 0) + rttMs / 2);
    carry(server, client, clock, () => rttMs / 2);
  });

/**
 * @param {import("node:net").Socket} from
 * @param {import("node:net").Socket} to
 * @param {Clock} clock
 * @param {() => number} delay of what has just come, in ms
 */
const carry = (from, to, clock, delay) => {
  /** @type {(() => void)[]} */
  const onTheWay = [];
  // Each timer delivers what has waited longest, so the order holds even if two timers run in another order.
  const deliver = () => onTheWay.shift()?.();
  /** @param {() => void} delivery */
  const later = (delivery) => {
    onTheWay.push(delivery);
    clock.setTimeout(deliver, delay());
  };
  from
    .on("data", (chunk) => later(() => to.write(chunk)))
    .on("end", () => later(() => to.end()))
    // "close" follows and reports that there was an error.
    .on("error", () => {})
    .on("close", (failed) => failed && later(() => to.resetAndDestroy()));
};
