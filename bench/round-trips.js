// How long a login takes over a network, in round trips: a first login, one at once after it, and one after each of
// some silences, over TLS to a distant server. The processes wait in parallel, but only one logs in at a time.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CONTENDERS, FILES_OVER_TLS } from "./contenders.js";
import { loginEvent, named, none } from "./measure.js";
import { startDistantServer, startWarm } from "./processes.js";

/** @import { Contender } from "./contenders.js" */
/** @import { Counts, Samples } from "./measure.js" */

/**
 * @typedef {object} RoundTrips of one Node: each sample is a login's time over the round-trip time
 * @property {Samples} first the Action's body runs in this login too
 * @property {Samples} atOnce
 * @property {{ seconds: number, samples: Samples }[]} silences what the login after each of them took
 */

/**
 * @param {{ path: string, version: string }[]} nodes
 * @param {Counts} counts
 * @param {(text: string) => void} progress
 * @returns {Promise<RoundTrips[]>} of each Node
 */
export const roundTrips = async (nodes, counts, progress) => {
  const all = nodes.map((node) => ({ ...node, found: empty(counts) }));
  const server = await startDistantServer(counts.rttMs);
  const folder = await mkdtemp(join(tmpdir(), "bench-authority-"));
  /** @type {Awaited<ReturnType<typeof startWarm>>[]} */
  const processes = [];
  try {
    const authority = join(folder, "authority.pem");
    await writeFile(authority, server.cert);
    const event = loginEvent(server.origin);
    const inTurn = queue();

    /** @param {string} path @param {string} version @param {Contender} contender @param {RoundTrips} found */
    const begin = async (path, version, contender, found) => {
      const file = FILES_OVER_TLS[contender];
      const process = await named(() => startWarm(path, contender, event, { file, authority }), version, contender);
      processes.push(process);
      const login = async () => (await named(process.timedLogin, version, contender)) / counts.rttMs;
      found.first[contender].push(await login());
      found.atOnce[contender].push(await login());
      return login;
    };

    /** @param {() => Promise<number>} login @param {Contender} contender @param {RoundTrips} found */
    const goOn = async (login, contender, found) => {
      for (const { seconds, samples } of found.silences) {
        // Nobody waits for the end of a silence if the run has failed meanwhile.
        await sleep(seconds * 1000, undefined, { ref: false });
        samples[contender].push(await inTurn(login));
      }
    };

    /** @type {Promise<void>[]} */
    const silent = [];
    for (let i = 1; i <= counts.silentProcesses; i++) {
      progress(`round trips: first logins, process ${i} of ${counts.silentProcesses}`);
      for (const contender of CONTENDERS) {
        for (const { path, version, found } of all) {
          const login = await inTurn(() => begin(path, version, contender, found));
          const rest = goOn(login, contender, found);
          // If it fails while others still begin, the queue reports the error.
          rest.catch(() => {});
          silent.push(rest);
        }
      }
    }
    progress(`round trips: logins after silences of ${counts.silences.join(", ")} s`);
    await Promise.all(silent);
    return all.map(({ found }) => found);
  } finally {
    await Promise.all([...processes, server].map((process) => process.stop()));
    await rm(folder, { recursive: true });
  }
};

/** @param {Counts} counts @returns {RoundTrips} */
const empty = ({ silences }) => ({
  first: none(),
  atOnce: none(),
  silences: silences.map((seconds) => ({ seconds, samples: none() })),
});

/**
 * Runs what it is given one at a time, in the order in which it is given. After an error it runs nothing more: whatever
 * still waits, or comes later, gets the same error.
 */
const queue = () => {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  return (work) => {
    const next = last.then(work);
    last = next;
    return next;
  };
};
