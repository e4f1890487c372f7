// The process that connections.js steers by messages: it runs logins, and reports what they did and what was sent.

import diagnostics from "node:diagnostics_channel";
import dns from "node:dns";
import { readSync } from "node:fs";
import net from "node:net";
import { createApi } from "./api.js";
import { loginEvent } from "./event.js";
import { stepClock, turns } from "./stepped-clock.js";

const [file, clockName] = process.argv.slice(2);

/** Every socket that was ever connected. @type {net.Socket[]} */
const sockets = [];
/** What it was connected with. @type {unknown[]} */
const attemptTimeouts = [];
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (/** @type {any[]} */ ...args) {
  sockets.push(this);
  attemptTimeouts.push([args[0]].flat()[0].autoSelectFamilyAttemptTimeout);
  return Reflect.apply(connect, this, args);
};

/** What sockets have failed with. @type {(string | undefined)[]} */
const errors = [];
const { destroy } = net.Socket.prototype;
net.Socket.prototype.destroy = function (/** @type {NodeJS.ErrnoException | undefined} */ error) {
  if (error) errors.push(error.code);
  return destroy.call(this, error);
};

let sent = 0;
diagnostics.subscribe("http.client.request.start", () => void sent++);

let code = "";
console.log = (line) => {
  code = /^authsignal-auth0: \w+, (\w+): /.exec(line)?.[1] ?? line;
};

const clock = clockName === "stepped" ? stepClock() : undefined;
const { default: pkg } = await import(file);

/**
 * Runs a hook. Its code is that of the line that was printed last.
 * @param {"Execute" | "Continue"} hook
 * @param {Record<string, unknown>} options
 */
const logIn = async (hook, options) => {
  const { api, calls } = createApi();
  const event = loginEvent({ request: { query: { token: "token-1" } } });
  await pkg[`handleAuth0${hook}PostLogin`](event, api, { secret: "key", logLevel: "info", ...options });
  return { calls: calls.map((call) => call.join(" ")), code };
};

/** @param {number} port of this side */
const openSocket = (port) => sockets.find((socket) => !socket.destroyed && socket.localPort === port);

const commands = {
  logIn,
  advance: clock?.advance,
  shiftDate: clock?.shiftDate,

  /** Every host has these addresses from now on. @param {dns.LookupAddress[]} addresses */
  resolveTo(addresses) {
    const [{ address, family }] = addresses;
    const lookup = (/** @type {unknown} */ _, /** @type {any} */ { all }, /** @type {any} */ done) =>
      void process.nextTick(() => (all ? done(null, addresses) : done(null, address, family)));
    Object.assign(dns, { lookup });
  },

  /**
   * Waits until so many bytes have come on a connection, or it is closed.
   * @param {number} port
   * @param {number} bytes
   */
  async received(port, bytes) {
    while ((openSocket(port)?.bytesRead ?? Infinity) < bytes) await turns();
    await turns();
  },

  /**
   * Stops the event loop until a byte comes on stdin, then runs a login in the same turn if one is given.
   * @param {"Execute" | "Continue"} [hook]
   * @param {Record<string, unknown>} [options]
   */
  block(hook, options = {}) {
    process.send?.({ blocked: true });
    readSync(0, Buffer.alloc(1));
    return hook && logIn(hook, options);
  },

  /** @param {number} port */
  async isOpen(port) {
    await turns();
    return openSocket(port) !== undefined;
  },

  async state() {
    await turns();
    const open = sockets.filter(({ destroyed }) => !destroyed).length;
    const resources = process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind));
    const timers = Array.from({ length: clock?.timers() ?? 0 }, () => "Timeout");
    return { sent, open, left: [...resources, ...timers], attemptTimeouts, errors };
  },
};

process.on("message", async (/** @type {any} */ { id, command, args }) => {
  const result = await /** @type {any} */ (commands)[command](...args);
  process.send?.({ id, result });
});
process.send?.({ ready: true });
