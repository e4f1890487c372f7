// SECURITY.md names tests that are there and that pass.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The last cells of the table of attacks, as [file, name]. */
const shown = readFileSync(`${root}SECURITY.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`tests/"))
  .map((line) => line.replace(/ \|$/, "").split(" | ")[2].split("<br>"))
  .map((cell) => cell.map((each) => /^`(tests\/[\w/.-]+)`: (.+)$/.exec(each)?.slice(1) ?? [each, ""]));

/** Each file, and the tests of it that are named. @type {Map<string, string[]>} */
const files = new Map();
for (const [file, name] of shown.flat()) files.set(file, [...(files.get(file) ?? []), name]);

test("each row of the table of attacks has a file and a test", () => {
  assert.ok(shown.length >= 20, `${shown.length} rows`);
  for (const cell of shown) for (const [file, name] of cell) assert.ok(name, `no file and name: ${file}`);
});

for (const [file, names] of files) {
  test(`the tests of ${file} that SECURITY.md names are there, and pass`, () => {
    const patterns = names.map((name) => `--test-name-pattern=${name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}`);
    // A test file that runs inside of another would report to that one.
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...patterns, file], { cwd: root, env, encoding: "utf8", maxBuffer: 1 << 26 });
    const green = [...stdout.matchAll(/^ *ok \d+ - (.*)$/gm)].map(([, name]) => name);
    for (const name of names) assert.ok(green.includes(name), `${file} has no test "${name}" that passes`);
  });
}
