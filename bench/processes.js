// The processes that the benchmark starts.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { FILES, PACKAGES } from "./contenders.js";

/** @import { Contender } from "./contenders.js" */

const child = fileURLToPath(new URL("child.js", import.meta.url));
const server = fileURLToPath(new URL("server.js", import.meta.url));
const distantServer = fileURLToPath(new URL("distant-server.js", import.meta.url));

/** No proxy, and no NODE_OPTIONS. */
const env = { PATH: process.env.PATH };

/** @param {string} file @param {Record<string, any>} event */
const task = (file, event) => JSON.stringify({ file, packagesFrom: PACKAGES, event });

/**
 * A process that answers each message with one of its own. It says one when it is ready.
 * @param {string} file
 * @param {string[]} args
 * @param {{ execPath?: string, execArgv?: string[], env?: NodeJS.ProcessEnv }} [options]
 */
const start = async (file, args = [], options = {}) => {
  const process = fork(file, args, { execArgv: [], env, ...options, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const errors = text(/** @type {import("node:stream").Readable} */ (process.stderr));
  /** @type {((answer: any) => void) | undefined} */
  let resolve;
  /** @type {((error: Error) => void) | undefined} */
  let reject;
  /** @returns {Promise<any>} */
  const next = () => new Promise((...settle) => ([resolve, reject] = settle));
  process.on("message", (/** @type {any} */ answer) =>
    answer.error === undefined ? resolve?.(answer) : reject?.(new Error(answer.error)),
  );
  process.on("exit", async () => reject?.(new Error(lastLine(await errors))));
  const ready = await next();
  return {
    ready,
    /** @param {import("node:child_process").Serializable} message */
    ask: (message) => {
      const answer = next();
      process.send(message);
      return answer;
    },
    stop: async () => {
      if (process.connected) process.disconnect();
      if (process.exitCode === null) await once(process, "exit");
    },
  };
};

/** The local server. */
export const startServer = async () => {
  const { ready, ask, stop } = await start(server);
  return {
    /** @type {string} */
    origin: ready.origin,
    /** Counts from 0. @returns {Promise<void>} */
    reset: () => ask("reset"),
    /**
     * What came, and the bytes that a client has sent and received.
     * @returns {Promise<{
     *   requests: number, connections: number, sent: number, received: number,
     *   last: import("./server.js").Received,
     * }>}
     */
    counts: () => ask("counts"),
    stop,
  };
};

/**
 * The server whose round-trip time is this. Whoever has `cert` among its authorities trusts it.
 * @param {number} rttMs
 */
export const startDistantServer = async (rttMs) => {
  const { ready, stop } = await start(distantServer, [String(rttMs)]);
  const { origin, cert } = /** @type {{ origin: string, cert: string }} */ (ready);
  return { origin, cert, stop };
};

/**
 * A long-lived process of a contender.
 * @param {string} node
 * @param {Contender} contender
 * @param {Record<string, any>} event
 * @param {{ file?: string, authority?: string }} [options] another file than the contender's own, and the file of a
 *   certificate that the process trusts
 */
export const startWarm = async (node, contender, event, { file = FILES[contender], authority } = {}) => {
  const { ask, stop } = await start(child, ["warm", task(file, event)], {
    execPath: node,
    execArgv: ["--expose-gc"],
    env: authority === undefined ? env : { ...env, NODE_EXTRA_CA_CERTS: authority },
  });
  return {
    /** What one login takes, in ms. @returns {Promise<number>} */
    timedLogin: async () => (await ask({ timedLogin: true })).ms,
    /** CPU time of so many logins, in µs each. @param {number} count @returns {Promise<number>} */
    logins: async (count) => (await ask({ logins: count })).cpuUs / count,
    /** Resident memory, after garbage collection, in bytes. @returns {Promise<number>} */
    memory: async () => (await ask({ memory: true })).rss,
    stop,
  };
};

/**
 * A fresh process of a contender, from its start to its end. It has no channel for messages, which would
 * load `node:net` before anything is measured.
 * @param {string} node
 * @param {"load" | "cold"} mode
 * @param {Contender} contender
 * @param {Record<string, any>} event
 * @returns {Promise<{ ms: number, processMs: number }>} measured inside it, and of the whole process
 */
export const runFresh = async (node, mode, contender, event) => {
  const began = performance.now();
  const process = spawn(node, [child, mode, task(FILES[contender], event)], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(process, "exit").then(([code]) => ({ code, processMs: performance.now() - began }));
  const [{ code, processMs }, out, errors] = await Promise.all([exit, text(process.stdout), text(process.stderr)]);
  if (code !== 0) throw new Error(lastLine(errors));
  return { ms: JSON.parse(out).ms, processMs };
};

/** What a process that failed said: its error's message. @param {string} errors */
const lastLine = (errors) => /^\w*Error.*$/m.exec(errors)?.[0] ?? "a process ended by itself";
