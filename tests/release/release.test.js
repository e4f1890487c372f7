// What a release needs to be right.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { differences } from "../../scripts/differences.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "release-"));
after(() => rmSync(folder, { recursive: true }));

/** @param {string[]} args */
const version = (...args) =>
  spawnSync(process.execPath, [join(root, "scripts/version.js"), ...args], { encoding: "utf8" });

test("the crates, the package and the changelog have one version", () => {
  const { status, stdout } = version();
  assert.equal(status, 0, stdout);
});

test("a tag of another version is refused", () => {
  for (const tag of ["v0.0.1", "0.1", "main"]) assert.equal(version(tag).status, 1);
});

test("every action of the workflows is pinned to a commit", () => {
  const workflows = join(root, ".github/workflows");
  for (const name of readdirSync(workflows)) {
    const text = readFileSync(join(workflows, name), "utf8");
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    assert.ok(uses.length > 0);
    for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

test("CI runs each part of make test", () => {
  const makefile = readFileSync(join(root, "Makefile"), "utf8");
  const ci = readFileSync(join(root, ".github/workflows/ci.yml"), "utf8");
  const parts = /^TESTS := (.+)$/m.exec(makefile)?.[1].split(" ") ?? [];
  assert.ok(parts.length > 0);
  for (const part of parts) assert.match(ci, new RegExp(`^ +- ${part}$`, "m"));
});

test("two folders are compared file by file and byte by byte", () => {
  const [a, b] = ["a", "b"].map((name) => join(folder, name));
  for (const path of [a, b]) {
    mkdirSync(join(path, "deep"), { recursive: true });
    writeFileSync(join(path, "same"), "same");
    writeFileSync(join(path, "deep", "file"), "0123456789");
  }
  assert.deepEqual(differences(a, b, "differs"), []);
  writeFileSync(join(b, "deep", "file"), "01234X6789");
  writeFileSync(join(b, "more"), "");
  assert.deepEqual(differences(a, b, "differs"), [
    "deep/file: differs (10 and 10 bytes, at byte 5)",
    `more: differs (only in ${b})`,
  ]);
  writeFileSync(join(b, "deep", "file"), "0123456789, and on");
  assert.equal(differences(a, b, "differs")[0], "deep/file: differs (10 and 18 bytes, at byte 10)");
});
