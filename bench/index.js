// `make bench`: this Action beside @authsignal/node, a bare `fetch` and a bare `node:http`, under Auth0's two runtimes.
// contenders.js says what is compared, measure.js and round-trips.js how, table.js against which goals.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chart } from "./chart.js";
import { CONTENDERS, sizes, versions } from "./contenders.js";
import { BLOCKS, measure } from "./measure.js";
import { roundTrips } from "./round-trips.js";
import { median } from "./statistics.js";
import { roundTripRows, roundTripTable, rows, table } from "./table.js";

/** @import { PerContender } from "./contenders.js" */
/** @import { Counts } from "./measure.js" */
/** @import { Row } from "./table.js" */

/**
 * @typedef {object} Results what results.json has
 * @property {string} date
 * @property {{ cpu: string, cores: number, system: string }} machine
 * @property {Record<string, string>} packages their versions
 * @property {Counts} counts
 * @property {{
 *   version: string, measures: Row[], roundTrips: Row[], cpuByLogin: (PerContender<number> & { login: number })[],
 * }[]} nodes `cpuByLogin` in µs, of the block that ends with that login
 */

/** @type {Counts} */
const FULL = {
  ...{ processes: 41, rounds: 5, officialRounds: 1, logins: 8000, requests: 1000 },
  ...{ rttMs: 80, silences: [6, 20, 45], silentProcesses: 3 },
};
/** @type {Counts} */
const QUICK = {
  ...{ processes: 1, rounds: 1, officialRounds: 1, logins: 256, requests: 20 },
  ...{ rttMs: 10, silences: [0.2], silentProcesses: 1 },
};

const USAGE = `Measures pkg/action.js beside @authsignal/node, a bare fetch and a bare node:http, under Node 18 and 22.
It prints two tables for each Node, and writes results.json and results.svg: the second table has the round trips of
logins over a slow network. A goal that is missed is no failure. All of it takes about 11 minutes.

usage: node bench/index.js [options]
  --processes N         fresh processes of each, for load and for cold start (${FULL.processes})
  --rounds N            long-lived processes of each but @authsignal/node (${FULL.rounds})
  --official-rounds N   and of @authsignal/node, a minute each (${FULL.officialRounds})
  --logins N            of a long-lived process, a multiple of ${BLOCKS} (${FULL.logins})
  --requests N          logins whose requests are counted (${FULL.requests})
  --rtt MS              round-trip time of the slow network (${FULL.rttMs})
  --silent-processes N  processes of each that log in over it, after silences of ${FULL.silences.join(", ")} s (${FULL.silentProcesses})
  --quick               tiny counts: shows that it works, and measures nothing
  --node FILE           under this Node, not 18 and 22; may be given again
  --out FOLDER          where the results go (bench)
  --help                show this`;

const root = fileURLToPath(new URL("..", import.meta.url));

const main = async () => {
  const number = /** @type {const} */ ({ type: "string" });
  const { values } = parseArgs({
    options: {
      ...{ processes: number, rounds: number, "official-rounds": number, logins: number, requests: number },
      ...{ rtt: number, "silent-processes": number },
      node: { type: "string", multiple: true },
      out: { type: "string", default: join(root, "bench") },
      quick: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);

  const standard = values.quick ? QUICK : FULL;
  const counts = {
    processes: whole("processes", values.processes) ?? standard.processes,
    rounds: whole("rounds", values.rounds) ?? standard.rounds,
    officialRounds: whole("official-rounds", values["official-rounds"]) ?? standard.officialRounds,
    logins: whole("logins", values.logins) ?? standard.logins,
    requests: whole("requests", values.requests) ?? standard.requests,
    rttMs: whole("rtt", values.rtt) ?? standard.rttMs,
    silences: standard.silences,
    silentProcesses: whole("silent-processes", values["silent-processes"]) ?? standard.silentProcesses,
  };
  if (counts.logins % BLOCKS !== 0) throw new Error(`--logins takes a multiple of ${BLOCKS}`);
  if (counts.officialRounds > counts.rounds) throw new Error("--official-rounds takes no more than --rounds has");

  const paths = values.node ?? ["18", "22"].map((major) => join(root, `target/node${major}/node`));
  const nodes = paths.map((path) => ({ path, version: versionOf(path) }));
  const packages = versions();
  const bytes = await sizes();
  const progress = (/** @type {string} */ text) => console.error(`bench: ${text} …`);
  const measured = await measure(nodes, counts, progress);
  const trips = await roundTrips(nodes, counts, progress);

  /** @type {Results} */
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, system: `${platform()} ${arch()}` },
    packages,
    counts,
    nodes: nodes.map(({ version }, index) => ({
      version,
      measures: rows(measured[index], bytes, counts),
      roundTrips: roundTripRows(trips[index]),
      cpuByLogin: Array.from({ length: BLOCKS + 1 }, (_, block) => {
        const of = (/** @type {keyof PerContender<unknown>} */ name) =>
          median(measured[index].blocks[name].map((blocks) => blocks[block]));
        const [ours, official, bareFetch, bareHttp] = CONTENDERS.map(of);
        return { login: ((block + 1) * counts.logins) / BLOCKS, ours, official, bareFetch, bareHttp };
      }),
    })),
  };
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(values.out, "results.svg"), await chart(results));

  const { cpu, cores, system } = results.machine;
  const compared = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  console.log(`${results.date}, ${cpu}, ${cores} cores, ${system}; ${compared.join(", ")}`);
  for (const { version, measures, roundTrips } of results.nodes) {
    console.log(`\nNode ${version}\n\n${table(measures)}`);
    console.log(`\nWith a round-trip time of ${counts.rttMs} ms:\n\n${roundTripTable(roundTrips)}`);
  }
};

/** @param {string} name @param {string | undefined} value */
const whole = (name, value) => {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} takes a whole number, 1 or more`);
  return Number(value);
};

/** @param {string} path */
const versionOf = (path) => {
  const file = relative(process.cwd(), path);
  if (!existsSync(path)) throw new Error(`${file} is missing: run \`scripts/setup.sh test\` first`);
  try {
    return execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1);
  } catch {
    throw new Error(`${file} is no Node`);
  }
};

try {
  await main();
} catch (error) {
  console.error(`bench: ${/** @type {Error} */ (error).message.split("\n")[0]}`);
  process.exitCode = 1;
}
