// What a release needs to be right.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
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

test("an address that is no repository's is refused", () => {
  const address = "https://github.com/example/package";
  for (const args of [[], ["https://github.com/example"], ["github.com/example/package"], [address, "--force"]]) {
    const { status } = spawnSync(process.execPath, [join(root, "scripts/repository.js"), ...args]);
    assert.equal(status, 2, args.join(" "));
  }
});

/** The script of a step of the release workflow. @param {string} job @param {string} name @returns {string} */
function stepOf(job, name) {
  const { jobs } = /** @type {any} */ (load(readFileSync(join(root, ".github/workflows/release.yml"), "utf8")));
  return jobs[job].steps.find((/** @type {any} */ step) => step.name === name).run;
}

test("a version is published, unless npm has the very same package already", () => {
  const tree = join(folder, "published");
  mkdirSync(join(tree, "release"), { recursive: true });
  mkdirSync(join(tree, "bin"));
  writeFileSync(join(tree, "release/authsignal-auth0-1.2.3.tgz"), "the package");
  const integrity = `sha512-${createHash("sha512").update("the package").digest("base64")}`;
  for (const [has, expected] of [
    ["exit 1", "publish --provenance --access public ./release/authsignal-auth0-1.2.3.tgz"],
    ["echo sha512-other", "publish --provenance --access public ./release/authsignal-auth0-1.2.3.tgz"],
    [`echo ${integrity}`, "This very package is published already."],
  ]) {
    // In the place of npm: it answers what the registry has, and prints any other command.
    const npm = `#!/bin/sh\n[ "$*" = "view authsignal-auth0@1.2.3 dist.integrity" ] || { echo "$*"; exit; }\n${has}\n`;
    writeFileSync(join(tree, "bin/npm"), npm, { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", stepOf("publish", "The package")], {
      cwd: tree,
      encoding: "utf8",
      env: { PATH: `${join(tree, "bin")}:${process.env.PATH}`, GITHUB_REF_NAME: "v1.2.3" },
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), expected);
  }
});

test("the release workflow publishes what it gathers: the package says where it comes from, and the zip is there", () => {
  const tree = join(folder, "tree");
  for (const name of ["pkg", "scripts", "package.json"])
    cpSync(join(root, name), join(tree, name), { recursive: true });
  cpSync(join(root, "CHANGELOG.md"), join(tree, "CHANGELOG.md"));
  mkdirSync(join(tree, "target"));
  for (const name of ["SHA256SUMS", "authsignal-auth0.cdx.json", "authsignal-auth0-marketplace.zip"])
    writeFileSync(join(tree, "target", name), name);
  const { status, stderr } = spawnSync("bash", ["-e", "-c", stepOf("build", "Gather the files")], {
    cwd: tree,
    encoding: "utf8",
    env: { ...process.env, GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "example/package" },
  });
  assert.equal(status, 0, stderr);

  const gathered = readdirSync(join(tree, "release")).sort();
  const manifest = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
  const packed = `authsignal-auth0-${manifest.version}.tgz`;
  const { stdout } = spawnSync("tar", ["-xOf", join(tree, "release", packed), "package/package.json"]);
  assert.deepEqual(JSON.parse(`${stdout}`), {
    ...manifest,
    repository: { type: "git", url: "git+https://github.com/example/package.git", directory: "pkg" },
    homepage: "https://github.com/example/package#readme",
    bugs: { url: "https://github.com/example/package/issues" },
  });
  const published = [...stepOf("publish", "The release").matchAll(/release\/(\S+)/g)].map(([, name]) =>
    name.replace("*.tgz", packed),
  );
  assert.deepEqual(published.sort(), gathered);
  assert.ok(gathered.includes("authsignal-auth0-marketplace.zip"));
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
