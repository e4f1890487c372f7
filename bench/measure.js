// Takes the samples: everything is interleaved, so that what else the machine does meets all contenders.

import { postLoginEvent } from "../sandbox/auth0/event.js";
import { CONTENDERS, NAMES } from "./contenders.js";
import { runFresh, startServer, startWarm } from "./processes.js";
import { mean } from "./statistics.js";

/** @import { Contender, PerContender } from "./contenders.js" */

/**
 * @typedef {object} Counts how much is measured
 * @property {number} processes fresh processes of each contender, for each of load and cold start
 * @property {number} rounds long-lived processes of each contender but the official one
 * @property {number} officialRounds and of that one, which takes a minute
 * @property {number} logins of a long-lived process: a multiple of BLOCKS
 * @property {number} requests logins of one warm process whose requests are counted
 * @property {number} rttMs the round-trip time to the distant server
 * @property {number[]} silences in seconds, between the logins to it
 * @property {number} silentProcesses of each contender, which log in to it
 *
 * @typedef {PerContender<number[]>} Samples
 *
 * @typedef {object} Measured of one Node, times in ms, CPU in µs a login, memory in MB
 * @property {Samples} load
 * @property {Samples} cold
 * @property {Samples} process
 * @property {Samples} warm
 * @property {Samples} growth
 * @property {Samples} late
 * @property {Samples} memory
 * @property {Samples} requests
 * @property {Samples} connections
 * @property {Samples} sent bytes a login, as is the next
 * @property {Samples} received
 * @property {PerContender<number[][]>} blocks CPU a login, of each block of each round
 */

/** A long-lived process's logins are measured in so many blocks, and one more. */
export const BLOCKS = 64;

/** After `logins / 8` logins it is warm: the CPU of the next as many is what a warm login costs. */
const WARM = [BLOCKS / 8, BLOCKS / 4];

/** A window of two blocks around login `logins / 16`, and one around the last. */
const EARLY = [BLOCKS / 16 - 1, BLOCKS / 16 + 1];
const LATE = [BLOCKS - 1, BLOCKS + 1];

/** @returns {Samples} */
export const none = () => ({ ours: [], official: [], bareFetch: [], bareHttp: [] });

/** @param {string} origin where Authsignal is */
export const loginEvent = (origin) =>
  postLoginEvent({
    user: { user_id: "auth0|0123456789abcdef01234567", email: "user@example.com" },
    secrets: { AUTHSIGNAL_SECRET: "benchmark-secret-key", AUTHSIGNAL_API_URL: `${origin}/v1` },
    session: { methods: [] },
    hostname: "tenant.eu.auth0.com",
  });

/**
 * @param {{ path: string, version: string }[]} nodes
 * @param {Counts} counts
 * @param {(text: string) => void} progress
 * @returns {Promise<Measured[]>} of each Node
 */
export const measure = async (nodes, counts, progress) => {
  const server = await startServer();
  try {
    const event = loginEvent(server.origin);
    const all = nodes.map((node) => ({ ...node, measured: empty() }));
    const bench = { all, event, counts, progress, server };
    await named(() => fresh(bench));
    for (const { path, version, measured } of all) {
      progress(`Node ${version}: requests of ${counts.requests} logins`);
      for (const contender of CONTENDERS) {
        await named(() => requests(bench, path, contender, measured), version, contender);
      }
    }
    for (let round = 0; round < counts.rounds; round++) {
      for (const { path, version, measured } of all) {
        const contenders = CONTENDERS.filter((name) => name !== "official" || round < counts.officialRounds);
        const title = `Node ${version}: long-lived processes, round ${round + 1} of ${counts.rounds}`;
        await named(() => longLived(bench, path, contenders, measured, title), version);
      }
    }
    return all.map(({ measured }) => measured);
  } finally {
    await server.stop();
  }
};

/** @returns {Measured} */
const empty = () => ({
  load: none(),
  cold: none(),
  process: none(),
  warm: none(),
  growth: none(),
  late: none(),
  memory: none(),
  requests: none(),
  connections: none(),
  sent: none(),
  received: none(),
  blocks: { ours: [], official: [], bareFetch: [], bareHttp: [] },
});

/**
 * @typedef {object} Bench
 * @property {{ path: string, version: string, measured: Measured }[]} all
 * @property {Record<string, any>} event
 * @property {Counts} counts
 * @property {(text: string) => void} progress
 * @property {Awaited<ReturnType<typeof startServer>>} server
 */

/** Load and cold start. The first of each process fills the disk's cache, and isn't counted. @param {Bench} bench */
const fresh = async ({ all, event, counts, progress }) => {
  for (let i = 0; i <= counts.processes; i++) {
    if (i % 5 === 1) progress(`fresh processes ${i} of ${counts.processes}`);
    // There and back, so that none always comes after the same other one.
    const contenders = i % 2 ? CONTENDERS : [...CONTENDERS].reverse();
    for (const { path, version, measured } of all) {
      for (const contender of contenders) {
        const run = (/** @type {"load" | "cold"} */ mode) =>
          named(() => runFresh(path, mode, contender, event), version, contender);
        const load = await run("load");
        const cold = await run("cold");
        if (i === 0) continue;
        measured.load[contender].push(load.ms);
        measured.cold[contender].push(cold.ms);
        measured.process[contender].push(cold.processMs);
      }
    }
  }
};

/**
 * What one warm process sends, and that the floors send the same as ours.
 * @param {Bench} bench
 * @param {string} path
 * @param {Contender} contender
 * @param {Measured} measured
 */
const requests = async ({ event, counts, server }, path, contender, measured) => {
  const process = await startWarm(path, contender, event);
  await process.logins(10);
  await server.reset();
  await process.logins(counts.requests);
  const { requests, connections, sent: bytesSent, received, last } = await server.counts();
  await process.stop();
  measured.requests[contender].push(requests);
  measured.connections[contender].push(connections);
  measured.sent[contender].push(bytesSent / counts.requests);
  measured.received[contender].push(received / counts.requests);
  const { idempotencyKey, ...body } = JSON.parse(last.body);
  const { authorization, accept, "content-type": type } = last.headers;
  sent[contender] = JSON.stringify([last.method, last.url, authorization, accept, type, Object.entries(body).sort()]);
  if (contender.startsWith("bare") && sent[contender] !== sent.ours) {
    throw new Error(`it sends another request than ours: ${sent[contender]}, not ${sent.ours}`);
  }
};

/** @type {Partial<PerContender<string>>} */
const sent = {};

/**
 * One long-lived process of each contender, block by block in turn.
 * @param {Bench} bench
 * @param {string} path
 * @param {Contender[]} contenders
 * @param {Measured} measured
 * @param {string} title
 */
const longLived = async ({ event, counts, progress }, path, contenders, measured, title) => {
  const processes = await Promise.all(
    contenders.map(async (contender) => {
      /** @type {number[]} */
      const blocks = [];
      return { contender, blocks, process: await startWarm(path, contender, event) };
    }),
  );
  const size = counts.logins / BLOCKS;
  for (let block = 0; block <= BLOCKS; block++) {
    if (block % 16 === 0) progress(`${title}: login ${block * size} of ${counts.logins}`);
    for (const { process, blocks } of processes) blocks.push(await process.logins(size));
  }
  for (const { contender, blocks, process } of processes) {
    const early = mean(blocks.slice(...EARLY));
    const late = mean(blocks.slice(...LATE));
    measured.warm[contender].push(...blocks.slice(...WARM));
    measured.growth[contender].push(late / early);
    measured.late[contender].push(late);
    measured.memory[contender].push((await process.memory()) / 1e6);
    measured.blocks[contender].push(blocks);
    await process.stop();
  }
};

/**
 * With the Node and the contender in the message, where it fails.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [version]
 * @param {Contender} [contender]
 * @returns {Promise<T>}
 */
export const named = async (work, version, contender) => {
  try {
    return await work();
  } catch (error) {
    const where = [contender && NAMES[contender], version && `Node ${version}`].filter(Boolean).join(", ");
    const message = /** @type {Error} */ (error).message;
    throw new Error(where && !message.startsWith("@") ? `${where}: ${message}` : message);
  }
};
