// `make soak`: 100,000 logins in one process, every twentieth with a fault, and what memory that takes.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chart } from "./chart.js";

/** @import { Sample, Summary } from "./child.js" */

/**
 * @typedef {object} Results
 * @property {number} logins
 * @property {number} seconds
 * @property {number} warmUp logins that are not judged
 * @property {{ resident: Fit, heap: Fit, wasm: Fit }} fits of a line to the samples after the warm-up
 * @property {Summary} summary
 * @property {string[]} failures
 * @property {Sample[]} samples
 *
 * @typedef {{ rise: number, limit: number }} Fit bytes, from the end of the warm-up to the last login
 */

/** The part of the logins that warms up. */
const WARM_UP = 0.2;
/** Bytes that a line through the samples may rise by, after the warm-up: noise, of the collector and of pages. */
const LIMITS = { resident: 8e6, heap: 1e6, wasm: 2 * 64 * 1024 };
/** Of the collector, which has dropped instances in its time. */
const MOST_INSTANCES = 4;

const USAGE = `Runs logins through pkg/action.js in one process, against a local server: both hooks of each, 16 at once.
Every twentieth meets a fault: 500 (for good, or once), a reset, no answer, a cut or too large one, a trap in the
module. Memory is sampled after garbage collection. It fails where a login ends otherwise than it should, where
the process doesn't exit by itself, or where memory isn't flat: after a fifth of the logins, a line fitted to the
samples may rise by ${LIMITS.resident / 1e6} MB of resident memory, ${LIMITS.heap / 1e6} MB of heap and ${LIMITS.wasm / 1024} KiB of WebAssembly memory.

usage: node bench/soak/index.js [options]
  --logins N    100000, where not given
  --every N     logins between two samples (a hundredth)
  --leak BYTES  keep so many bytes of each login, to see that it is noticed
  --node FILE   the Node that is soaked, where it is not this one
  --out FILE    the figures, as JSON (target/soak.json)
  --svg FILE    the plot (target/soak.svg)
  --help        show this`;

const path = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/** @param {string} name @param {string} value */
const whole = (name, value) => {
  if (!/^\d{1,9}$/.test(value)) throw new Error(`--${name} takes a whole number`);
  return Number(value);
};

/** How much a line through the points rises, from the first to the last. @param {[x: number, y: number][]} points */
const riseOf = (points) => {
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread;
  return slope * (points[points.length - 1][0] - points[0][0]);
};

const main = async () => {
  const { values } = parseArgs({
    options: {
      logins: { type: "string", default: "100000" },
      every: { type: "string" },
      leak: { type: "string", default: "0" },
      node: { type: "string", default: process.execPath },
      out: { type: "string", default: path("../../target/soak.json") },
      svg: { type: "string", default: path("../../target/soak.svg") },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);
  const logins = whole("logins", values.logins);
  if (logins < 100) throw new Error("--logins takes 100 or more");
  const every = values.every === undefined ? Math.ceil(logins / 100) : whole("every", values.every);
  const leak = whole("leak", values.leak);

  const server = fork(path("server.js"), { execArgv: [] });
  const [{ url }] = await once(server, "message");
  const child = fork(path("child.js"), [JSON.stringify({ url, logins, leak, every })], {
    execPath: values.node,
    execArgv: ["--expose-gc"],
  });
  const began = performance.now();
  /** @type {Sample[]} */
  const samples = [];
  /** @type {Summary | undefined} */
  let summary;
  /** What was wrong when the process ended. @type {string[]} */
  const failures = [];
  child.on("message", (/** @type {any} */ message) => {
    if (message.summary) {
      summary = message.summary;
      return;
    }
    samples.push(message.sample);
    if (samples.length % 5 === 0) progress(message.sample, logins);
  });
  const exit = once(child, "exit");
  await once(child, "disconnect");
  // Every timer of a login is over in nine seconds: what lasts longer was left behind for good.
  const left = setTimeout(() => {
    failures.push("the process did not exit by itself");
    child.kill();
  }, 9000);
  const [code, signal] = await exit;
  clearTimeout(left);
  server.disconnect();
  if (!summary) throw new Error(`the process of the logins ended with ${code ?? signal}`);

  const warmUp = samples.filter((sample) => sample.logins <= logins * WARM_UP).at(-1)?.logins ?? 0;
  const judged = samples.filter((sample) => sample.logins >= warmUp);
  const fit = (/** @type {keyof typeof LIMITS} */ field) => ({
    rise: Math.round(riseOf(judged.map((sample) => [sample.logins, sample[field]]))),
    limit: LIMITS[field],
  });
  const fits = { resident: fit("resident"), heap: fit("heap"), wasm: fit("wasm") };
  for (const [name, { rise, limit }] of Object.entries(fits)) {
    if (!(rise <= limit)) failures.push(`${name} memory rises by ${rise} bytes, where ${limit} is the limit`);
  }
  const instances = Math.max(...samples.map((sample) => sample.instances));
  if (instances > MOST_INSTANCES) failures.push(`${instances} instances of the module were alive at once`);
  failures.push(...summary.wrong, ...summary.left.map((kind) => `left behind: ${kind}`));
  const ended = Object.values(summary.outcomes).reduce((sum, count) => sum + count, 0);
  if (ended !== logins) failures.push(`${ended} logins ended`);
  if (summary.traps === 0 || summary.deniedByTraps < summary.traps)
    failures.push(`${summary.traps} traps denied ${summary.deniedByTraps} hooks`);

  const seconds = Math.round((performance.now() - began) / 1000);
  const results = { logins, seconds, warmUp, fits, summary, failures, samples };
  for (const file of [values.out, values.svg]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(values.svg, await chart(results));
  tell(results);
};

const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** @param {Sample} sample @param {number} logins */
const progress = ({ logins: ended, resident, heap, wasm, instances }, logins) =>
  console.error(
    `soak: ${ended} of ${logins} logins: resident ${mb(resident)}, heap ${mb(heap)}, wasm ${mb(wasm)} in ${instances} instances`,
  );

/** @param {Results} results */
const tell = ({ logins, seconds, fits, summary, failures }) => {
  const list = (/** @type {Record<string, number>} */ counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ");
  console.log(`${logins} logins under Node ${summary.node} in ${seconds} s: ${list(summary.outcomes)}`);
  console.log(`faults: ${list(summary.faults)}`);
  console.log(`${summary.traps} traps denied ${summary.deniedByTraps} hooks`);
  for (const [name, { rise, limit }] of Object.entries(fits))
    console.log(`${name} memory after the warm-up: ${rise >= 0 ? "+" : ""}${rise} bytes (limit ${limit})`);
  for (const failure of failures) console.error(`soak: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
};

try {
  await main();
} catch (error) {
  console.error(`soak: ${/** @type {Error} */ (error).message.split("\n")[0]}`);
  process.exitCode = 1;
}
