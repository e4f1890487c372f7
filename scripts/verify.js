// `make verify`: is pkg/ what anybody gets who builds this tree? The tracked files, as they are now, are
// built in two new folders, with different paths, target folders and cargo homes, by the same tools. Both
// builds and pkg/ here have to agree byte for byte. Then the checksums, in target/SHA256SUMS too.

import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleOf, readAction, sha256 } from "./action-file.js";
import { differences } from "./differences.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "verify-"));

/** @param {string} command @param {string[]} args */
const output = (command, ...args) => execFileSync(command, args, { cwd: root, encoding: "utf8" }).trim();

/** @param {string} folder */
const copyTo = (folder) => {
  for (const file of output("git", "ls-files", "-z").split("\0")) {
    if (!file || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  // The tools, of which nothing goes into the build.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
};

/** @param {string} folder @param {string} cargoHome where cargo finds what it fetched */
const build = (folder, cargoHome) => {
  copyTo(folder);
  const log = openSync(join(folder, "build.log"), "w");
  const { CARGO_TARGET_DIR: _, ...env } = process.env;
  const started = Date.now();
  console.log(`building in ${folder} (a few minutes) …`);
  const { status } = spawnSync(process.execPath, ["scripts/build.js"], {
    cwd: folder,
    env: { ...env, CARGO_HOME: cargoHome },
    stdio: ["ignore", log, log],
  });
  if (status !== 0) throw new Error(`The build failed:\n${readFileSync(join(folder, "build.log"), "utf8")}`);
  console.log(`  done in ${Math.round((Date.now() - started) / 1000)} s`);
};

const manifest = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
console.log(`with ${output("rustc", "--version")}
     ${output("wasm-pack", "--version")}, ${output("wasm-bindgen", "--version")}
     Node ${process.version}, binaryen ${manifest("binaryen").version}, esbuild ${manifest("esbuild").version}
`);

const home = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
const otherHome = join(work, "another-cargo-home");
symlinkSync(home, otherHome);
const first = join(work, "a");
const second = join(work, "the", "same", "tree", "under", "a", "longer", "path");
build(first, home);
build(second, otherHome);

let found = differences(join(first, "pkg"), join(second, "pkg"), "the two builds differ");
if (found.length === 0)
  found = differences(join(first, "pkg"), join(root, "pkg"), "pkg/ here is not what both builds gave");
if (found.length > 0) {
  console.error(`\n${found.join("\n")}\nThe builds are left in ${work}`);
  process.exit(1);
}
rmSync(work, { recursive: true });

const built = ["action.js", "index.cjs", "index.mjs"].map((name) => ({
  name,
  data: readFileSync(join(root, "pkg", name)),
}));
const { code } = readAction(built[0].data.toString());
const files = [...built, { name: "module.wasm", data: moduleOf(code) }];
const sums = files.map(({ name, data }) => `${sha256(data)}  ${name}\n`).join("");
mkdirSync(join(root, "target"), { recursive: true });
writeFileSync(join(root, "target", "SHA256SUMS"), sums);
console.log(`
Both builds and pkg/ are the same, byte for byte. SHA-256 of

${sha256(code)}  what stands below the options block of action.js: this identifies the version
${sums}
index.cjs is what stands below the block; module.wasm is inside all three.`);
