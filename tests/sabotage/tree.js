// A copy of the project to break: it has a build folder of its own, and is kept from one run to the next.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tree = `${root}target/sabotage/`;

/** What a test file may take. One that takes longer shows nothing. */
const TEST_MS = 90_000;

/** Brings the copy up to date. What did not change keeps its time, by which Cargo knows what to build. */
export function copyTree() {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = new Set(list.split("\0").filter((file) => file !== "" && existsSync(`${root}${file}`)));
  for (const file of files) {
    const bytes = readFileSync(`${root}${file}`);
    if (existsSync(`${tree}${file}`) && readFileSync(`${tree}${file}`).equals(bytes)) continue;
    mkdirSync(dirname(`${tree}${file}`), { recursive: true });
    writeFileSync(`${tree}${file}`, bytes);
  }
  for (const folder of ["src", "js-shim", "module", "tests"]) {
    for (const entry of readdirSync(`${tree}${folder}`, { recursive: true, withFileTypes: true })) {
      const path = `${entry.parentPath ?? entry.path}/${entry.name}`;
      if (entry.isFile() && !files.has(relative(tree, path))) rmSync(path);
    }
  }
  if (!existsSync(`${tree}node_modules`)) symlinkSync(`${root}node_modules`, `${tree}node_modules`);
}

/**
 * Builds the copy. Gives what the build said where it failed.
 * @param {{ keepModule: boolean }} options whether the module is the one of the last build
 */
export function build({ keepModule }) {
  const args = ["scripts/build.js", "--any-size", ...(keepModule ? ["--keep-module"] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
  return status === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/**
 * Runs one test file of the copy.
 * @param {string} name of it, from tests/ on
 * @returns {{ green: number, red: string[], stuck: boolean, late: boolean }} how many tests passed, the names of those
 *   that did not, whether one waited for what can't come any more, which takes those behind it along, and whether the
 *   file took too long
 */
export function runTests(name) {
  const args = ["--test", "--test-reporter=tap", `--test-timeout=${TEST_MS}`, `tests/${name}.test.js`];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8", maxBuffer: 1 << 28 });
  const count = (/** @type {string} */ what) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
  const failed = [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, test]) => test);
  // The file itself is one of them if it doesn't end.
  const red = failed.filter((test) => !test.endsWith(`tests/${name}.test.js`));
  const late = red.length === 0 && stdout.includes(`timed out after ${TEST_MS}ms`);
  if (status !== 0 && red.length === 0) red.push(name);
  return { green: count("pass"), red, stuck: count("cancelled") > 0, late };
}

/**
 * Changes one file of the copy. Gives what undoes it.
 * @param {string} file
 * @param {(text: string) => string} change
 */
export function change(file, change) {
  const path = `${tree}${file}`;
  const before = readFileSync(path, "utf8");
  writeFileSync(path, change(before));
  return () => writeFileSync(path, before);
}
