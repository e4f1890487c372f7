// Which connections are kept for the next login, and for how long. Node's own agent keeps them for five seconds.

/** An idle connection is kept for so long: load balancers drop one after a minute. */
const IDLE_MS = 50_000;

/** If the server says how long it keeps a connection, ours is closed so much earlier. */
const MARGIN_MS = 1_000;

/** So many idle connections are kept for one origin. */
const MOST_IDLE = 8;

/**
 * What is known of a connection.
 * @typedef {object} Known
 * @property {string} origin
 * @property {number} opened when, by a clock that never jumps
 * @property {number} keepMs how long it may be idle
 * @property {number} idleSince by the wall clock
 */

/** @type {WeakMap<object, Known>} */
const known = new WeakMap();

/**
 * An agent that keeps connections for the next login.
 * @param {typeof import("node:http").Agent} Agent that of node:http or of node:https, which resumes TLS sessions
 */
export function createAgent(Agent) {
  class KeepingAgent extends Agent {
    /** Node asks whether to keep a connection whose answer has been read. @param {import("node:net").Socket} socket */
    keepSocketAlive(socket) {
      const connection = known.get(socket);
      if (!connection || !(connection.keepMs > 0)) return false;
      try {
        connection.idleSince = Date.now();
      } catch {
        return false;
      }
      super.keepSocketAlive(socket);
      socket.setTimeout(connection.keepMs);
      return true;
    }
  }
  // The last one used is the first one taken: the others come to their end.
  return new KeepingAgent({ keepAlive: true, scheduling: "lifo", timeout: IDLE_MS, maxFreeSockets: MOST_IDLE });
}

/** @param {object} socket @param {string} origin @param {number} opened */
export function noteOpened(socket, origin, opened) {
  known.set(socket, { origin, opened, keepMs: IDLE_MS, idleSince: NaN });
}

/** @param {object} socket */
export const openedAt = (socket) => known.get(socket)?.opened;

/**
 * Notes for how long the server keeps the connection of an answer.
 * @param {import("node:http").IncomingMessage} answer
 */
export function noteAnswer({ headers, socket }) {
  const seconds = /(?:^|[\s,])timeout=(\d+)/i.exec(`${headers["keep-alive"]}`)?.[1];
  const connection = known.get(socket);
  if (seconds && connection) connection.keepMs = Math.min(IDLE_MS, Number(seconds) * 1000 - MARGIN_MS);
}

/**
 * Closes connections that have been idle for too long. Their timers do that too, but in a process that was frozen they
 * stood still, and so the wall clock decides.
 * @param {import("node:http").Agent} agent
 */
export function closeStale(agent) {
  for (const sockets of Object.values(agent.freeSockets)) {
    // The last one is taken next. The others have been idle for longer.
    if (sockets && isStale(sockets[sockets.length - 1])) close(sockets);
  }
}

/** @param {object} socket */
function isStale(socket) {
  const { idleSince, keepMs } = /** @type {Known} */ (known.get(socket));
  const idleMs = Date.now() - idleSince;
  // A clock that was set back says nothing, and neither does one that gives no number.
  return !(idleMs >= 0 && idleMs <= keepMs);
}

/**
 * Closes all idle connections of an origin, so that the next request has a new one. That is asked for when a kept one
 * has failed, and the others may be as dead.
 * @param {import("node:http").Agent} agent
 * @param {string} origin
 */
export function closeIdle(agent, origin) {
  for (const sockets of Object.values(agent.freeSockets)) {
    if (sockets && known.get(sockets[0])?.origin === origin) close(sockets);
  }
}

/** The agent passes over closed ones. @param {import("node:net").Socket[]} sockets */
function close(sockets) {
  for (const socket of [...sockets]) socket.destroy();
}
