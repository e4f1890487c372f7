// The Actions of docs/deploy/bundlers.md, bundled with the settings of that page, log in under the Nodes that
// Auth0 runs.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { promisify } from "node:util";
import webpack from "webpack";
import { SECRET, startAuthsignal } from "../runtime/authsignal.js";
import { loginEvent } from "../runtime/event.js";
import { blocksOf, createProject, root, run } from "./project.js";

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const project = await createProject({ after });
const blocks = await blocksOf("deploy/bundlers.md");
for (const [name, code] of Object.entries(blocks)) await project.write(name, code);

const nodes = [`${root}target/node18/node`, process.execPath, `${root}target/node22/node`];
const tool = (/** @type {string} */ name) => `${root}node_modules/.bin/${name}`;
const cwd = project.folder;

/** @typedef {(entry: string, file: string) => Promise<unknown>} Bundle */

/** The page's command, with what is given in place of its own. @type {Bundle} */
const esbuild = async (entry, file) => {
  const [npx, name, ...args] = blocks["build.sh"]
    .trim()
    .replace("action.js", entry)
    .replace("dist/action.js", file)
    .split(" ");
  assert.equal(npx, "npx");
  const { stderr } = await run(tool(name), args, { cwd });
  assert.doesNotMatch(stderr, /warning/i);
};

/** @type {Bundle} */
const rollup = (entry, file) =>
  run(tool("rollup"), ["--config", "rollup.config.mjs", "--input", entry, "--file", file, "--failAfterWarnings"], {
    cwd,
  });

/** @type {Bundle} */
const webpackOf = async (entry, file) => {
  const config = createRequire(`${cwd}/`)("./webpack.config.js");
  const output = { ...config.output, filename: file.replace("dist/", "") };
  const compiler = webpack({ ...config, context: cwd, entry: `./${entry}`, output });
  const stats = await promisify(compiler.run.bind(compiler))();
  assert.deepEqual(stats?.toJson({ errors: true, warnings: true }).errors, []);
  assert.deepEqual(stats?.toJson({ errors: true, warnings: true }).warnings, []);
};

/** @param {string} node @param {string} file */
const logIn = async (node, file) => {
  const secrets = { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: authsignal.url };
  const event = JSON.stringify(loginEvent({ secrets }));
  const { stdout } = await run(node, [`${root}tests/package/log-in.js`, file, event], { cwd });
  return JSON.parse(stdout);
};

for (const [name, bundle] of /** @type {const} */ ([
  ["esbuild", esbuild],
  ["rollup", rollup],
  ["webpack", webpackOf],
])) {
  for (const entry of ["action.js", "action.mjs"]) {
    test(`${entry}, bundled with ${name}, logs in under each Node, and is under 70,000 bytes`, async () => {
      const file = `dist/${name}-${entry.replace(".", "-")}.js`;
      await bundle(entry, file);
      const { size } = await stat(`${cwd}/${file}`);
      assert.ok(size < 70_000, `${size}`);
      for (const { status, command, error, lines } of await Promise.all(nodes.map((node) => logIn(node, file)))) {
        assert.deepEqual({ status, error, lines }, { status: "ok", error: undefined, lines: [] });
        assert.ok(command.url.startsWith(`${authsignal.origin}/challenge?token=`), command);
      }
    });
  }
}

test("a bundle for a target before ES2017 is refused, as the page says", async () => {
  const args = blocks["build.sh"].trim().split(" ").slice(2);
  await run(tool("esbuild"), [...args, "--target=es2016", "--outfile=dist/lowered.js"], { cwd });
  const { status, error } = await logIn(process.execPath, "dist/lowered.js");
  assert.equal(status, "error");
  assert.match(error, /^Invalid function signature/);
});
