// What npm packs, and what the tools for packages say of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { publint } from "publint";
import { createProject, root, run } from "./project.js";

const project = await createProject({ after });
const read = (/** @type {string} */ path) => readFile(path, "utf8");
const manifest = JSON.parse(await read(`${project.installed}/package.json`));

test("the package has exactly these files", () => {
  assert.deepEqual(project.packed, [
    "LICENSE",
    "README.md",
    "action.d.ts",
    "action.js",
    "index.cjs",
    "index.d.mts",
    "index.d.ts",
    "index.mjs",
    "package.json",
  ]);
});

test("the package depends on nothing, and runs nothing where it is installed", () => {
  const fields = Object.keys(manifest).filter((name) => /depend|^scripts$|^bin$|^gypfile$/i.test(name));
  assert.deepEqual(fields, []);
});

test("the package has the crate's version, the version that its Action names, and the project's license", async () => {
  const [, version] = /^version = "(.+)"$/m.exec(await read(`${root}Cargo.toml`)) ?? [];
  assert.equal(manifest.version, version);
  assert.ok(
    (await read(`${project.installed}/action.js`)).startsWith(`// Authsignal MFA for Auth0, version ${version} `),
  );
  assert.equal(await read(`${project.installed}/LICENSE`), await read(`${root}LICENSE`));
});

test("publint finds nothing", async () => {
  const tarball = await readFile(project.tarball);
  const { messages } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
  });
  assert.deepEqual(messages, []);
});

test("attw finds nothing", async () => {
  const attw = await run(`${root}node_modules/.bin/attw`, [project.tarball, "--format", "json"]).catch(
    (error) => error,
  );
  const { analysis, problems } = JSON.parse(attw.stdout);
  assert.deepEqual(problems ?? {}, {}, attw.stdout);
  assert.deepEqual(Object.keys(analysis.entrypoints), [".", "./action.js", "./package.json"]);
  assert.equal(attw.code, undefined, attw.stdout);
});
