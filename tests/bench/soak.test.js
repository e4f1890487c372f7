import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const soak = fileURLToPath(new URL("../../bench/soak/index.js", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "soak-"));
after(() => rmSync(out, { recursive: true }));

/** @param {string[]} args */
const run = (...args) => {
  const files = ["--out", join(out, "soak.json"), "--svg", join(out, "soak.svg")];
  return spawnSync(process.execPath, [soak, "--every", "100", ...files, ...args], { encoding: "utf8" });
};

/** @type {ReturnType<typeof run>} */
let short;
/** @type {import("../../bench/soak/index.js").Results} */
let results;
before(() => {
  short = run("--logins", "600");
  results = JSON.parse(readFileSync(join(out, "soak.json"), "utf8"));
});

test("a short soak meets every fault at both hooks, judges the logins, and draws the memory", () => {
  const [{ stdout, stderr }, { summary, samples, fits }] = [short, results];
  deepEqual(summary.wrong, []);
  equal(
    Object.values(summary.faults).reduce((sum, count) => sum + count),
    30,
  );
  equal(Object.keys(summary.faults).length, 14);
  ok(summary.traps > 0 && summary.deniedByTraps >= summary.traps);
  deepEqual(
    samples.map(({ logins }) => logins),
    [100, 200, 300, 400, 500, 600],
  );
  for (const sample of samples) for (const value of [sample.resident, sample.heap, sample.outside]) ok(value > 1e6);
  ok(samples.every(({ wasm, instances }) => wasm > 0 === instances > 0) && samples.some(({ wasm }) => wasm > 0));
  deepEqual(Object.keys(fits), ["resident", "heap", "wasm"]);
  match(stdout, /^600 logins under Node \d+\.\d+\.\d+ in \d+ s: \d+ record, \d+ deny MFA is unavailable$/m);
  match(stderr, /^soak: 500 of 600 logins: /m);
  match(
    readFileSync(join(out, "soak.svg"), "utf8"),
    /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*Resident memory[^]*<\/svg>\s*$/,
  );
});

test("a short soak leaves nothing behind", () => {
  // Whether memory is flat, so few logins can't say: they are all warm-up.
  deepEqual(
    results.failures.filter((failure) => !failure.includes(" memory rises by ")),
    [],
  );
});

test("a leak is noticed", () => {
  const { status, stderr } = run("--logins", "600", "--leak", "200000");
  equal(status, 1);
  const [, rise] = /^soak: resident memory rises by (\d+) bytes, where \d+ is the limit$/m.exec(stderr) ?? [];
  // That of 480 logins: the first fifth warms up.
  ok(Number(rise) > 80e6, `${rise} bytes`);
});

test("a wrong call ends with one line and 1", () => {
  const { status, stderr } = run("--logins", "many");
  equal(status, 1);
  match(stderr, /^soak: --logins takes a whole number\n$/);
});
