// What is large in the module, and what changed since another commit. `make size` calls it.
//
//   node scripts/size.js [COMMIT]
//
// COMMIT is HEAD where the work tree differs from it, else the one before.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { wasmOpt } from "./wasm-opt.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const before = `${root}target/size/before/`;

/** @param {string} command @param {string[]} args @param {string} [cwd] */
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

/** The module of a build, with the names of its functions. @param {string} tree */
const named = (tree) => {
  const file = `${tree}target/module.named.wasm`;
  wasmOpt(`${tree}target/wasm-pack/authsignal_auth0_bg.wasm`, file, ["--debuginfo"]);
  return file;
};

/** The bytes of a build's parts. @param {string} tree */
const sizes = (tree) => {
  const action = readFileSync(`${tree}pkg/action.js`, "latin1");
  const text = /** @type {RegExpExecArray} */ (/"([!#-~]{20000,})"/.exec(action))[1];
  return {
    module: statSync(`${tree}target/module.wasm`).size,
    "  as text": text.length,
    "all the rest": action.length - text.length,
    "pkg/action.js": action.length,
  };
};

const commit = process.argv[2] ?? (run("git", ["status", "--porcelain"]) === "" ? "HEAD~1" : "HEAD");
const title = run("git", ["log", "-1", "--format=%h %s", commit]);

console.error(`building ${title} …`);
run("git", ["worktree", "prune"]);
if (existsSync(before)) run("git", ["checkout", "--quiet", "--detach", commit], before);
else run("git", ["worktree", "add", "--quiet", "--detach", before, commit]);
try {
  rmSync(`${before}node_modules`, { recursive: true, force: true });
  symlinkSync(`${root}node_modules`, `${before}node_modules`);
  rmSync(`${before}pkg/action.js`, { force: true });
  // Over its budget it is a build all the same.
  try {
    run("node", ["scripts/build.js"], before);
  } catch (error) {
    if (!existsSync(`${before}pkg/action.js`)) throw error;
  }

  console.log(`\nbytes                 now   before   change   (before: ${title})`);
  const [bytes, old] = [sizes(root), sizes(before)];
  for (const name of /** @type {(keyof typeof old)[]} */ (Object.keys(old))) {
    const columns = [bytes[name], old[name], bytes[name] - old[name]].map((it) => it.toLocaleString("en").padStart(9));
    console.log(`${name.padEnd(16)}${columns.join("")}`);
  }
  const [now, then] = [named(root), named(before)];
  console.log("\nThe largest items of the module:\n");
  console.log(run("twiggy", ["top", "-n", "25", now]));
  console.log("\nThe largest changes:\n");
  console.log(run("twiggy", ["diff", "-n", "15", then, now]));
} finally {
  run("git", ["worktree", "remove", "--force", before]);
}
