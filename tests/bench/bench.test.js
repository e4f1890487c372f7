import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { compare, roundTripRows } from "../../bench/table.js";

const bench = fileURLToPath(new URL("../../bench/index.js", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "bench-"));
after(() => rmSync(out, { recursive: true }));

test("a quick run measures everything for every contender under both runtimes, and draws it", () => {
  const printed = execFileSync(process.execPath, [bench, "--quick", "--out", out], { encoding: "utf8" });

  /** @type {import("../../bench/index.js").Results} */
  const results = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
  deepEqual(
    results.nodes.map(({ version }) => version.split(".")[0]),
    ["18", "22"],
  );
  for (const { version, measures, roundTrips, cpuByLogin } of results.nodes) {
    match(printed, new RegExp(`^Node ${version}$`, "m"));
    deepEqual(
      measures.map(({ id }) => id),
      [
        "size",
        "cold",
        "process",
        "load",
        "warm",
        "growth",
        "late",
        "memory",
        "requests",
        "connections",
        "sent",
        "received",
      ],
    );
    deepEqual(
      roundTrips.map(({ id }) => id),
      ["first", "after-0", "after-0.2"],
    );
    for (const { id, name, contenders } of [...measures, ...roundTrips]) {
      ok(printed.includes(name), name);
      deepEqual(Object.keys(contenders), ["ours", "official", "bareFetch", "bareHttp"]);
      for (const { median, p10, p90 } of Object.values(contenders)) {
        for (const value of [median, p10, p90]) ok(Number.isFinite(value) && value > 0, `${id}: ${value}`);
      }
    }
    for (const point of cpuByLogin) for (const value of Object.values(point)) ok(value > 0);
    const requests = measures.find(({ id }) => id === "requests");
    equal(requests?.contenders.ours.median, results.counts.requests);
  }

  const heads = printed.split("\n").filter((line) => line.startsWith("| round trips of a login "));
  deepEqual(
    heads.map((line) =>
      line
        .split("|")
        .slice(2, 6)
        .map((cell) => cell.trim()),
    ),
    [
      ["this Action", "@authsignal/node", "bare fetch", "bare node:https"],
      ["this Action", "@authsignal/node", "bare fetch", "bare node:https"],
    ],
  );

  const svg = readFileSync(join(out, "results.svg"), "utf8");
  match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\s*$/);
  equal(svg.match(/<g[ >]/g)?.length, svg.match(/<\/g>/g)?.length);
  match(svg, /Cold start/);
  match(svg, /CPU of a login/);
});

test("what is compared was taken side by side, so that a machine that is slow for a while changes no ratio", () => {
  const samples = { ours: [20, 220, 240, 22], official: [200, 242, 999], bareFetch: [10, 110, 120, 11], bareHttp: [] };
  equal(compare(samples, { ours: "is" }), 121);
  equal(compare(samples, { ours: "times", than: "bareFetch" }), 2);
  equal(compare(samples, { ours: "more", than: "bareFetch" }), 60.5);
  equal(compare(samples, { ours: "times", than: "official" }), 0.5);
});

test("a warm login is judged by its round trips, whatever its silence, and a first one is not", () => {
  const samples = (/** @type {number} */ ours) => ({ ours: [ours], official: [3], bareFetch: [3], bareHttp: [1] });
  const rows = roundTripRows({
    first: samples(3.4),
    atOnce: samples(1.05),
    silences: [
      { seconds: 6, samples: samples(1.49) },
      { seconds: 20, samples: samples(1.5) },
    ],
  });
  deepEqual(
    rows.map(({ name, held: [{ reached }] }) => [name, reached]),
    [
      ["first login", undefined],
      ["after 0 s of silence", true],
      ["after 6 s of silence", true],
      ["after 20 s of silence", false],
    ],
  );
});

test("a run that can't measure ends with one line and 1", () => {
  for (const [args, line] of /** @type {const} */ ([
    [["--node", "no/such/node"], /^bench: no\/such\/node is missing: .+\n$/],
    [["--logins", "100"], /^bench: --logins takes a multiple of 64\n$/],
    [["--rounds", "none"], /^bench: --rounds takes a whole number, 1 or more\n$/],
    [["--rtt", "0.5"], /^bench: --rtt takes a whole number, 1 or more\n$/],
  ])) {
    const { status, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: "utf8" });
    equal(status, 1);
    match(stderr, line);
  }
});
