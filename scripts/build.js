// Builds pkg/: index.cjs, index.mjs and action.js. `make build` calls it.
//
// wasm-pack compiles to target/wasm-pack; wasm-opt shrinks the module and shortens the names of its
// imports and exports; the glue that wasm-bindgen generated becomes a factory, so that each instance has
// its own; esbuild bundles it with the shim and the compressed module.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { build } from "esbuild";
import { toBase91 } from "./base91.js";
import { factory } from "./glue.js";
import { wasmOpt } from "./wasm-opt.js";

/** The most bytes of pkg/action.js. Auth0's own limit is 100,000. */
const ACTION_BUDGET = 55_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = `${root}target/wasm-pack/`;
// `--any-size` succeeds over the budget, too: what tests/sabotage breaks may be a few bytes larger.
/** `--keep-module`: bundle what the last build has compiled. */
const keepModule = process.argv.includes("--keep-module");
const version = /^version = "(.+)"$/m.exec(readFileSync(`${root}Cargo.toml`, "utf8"))?.[1];

/** @param {string} command @param {string[]} args @param {Record<string, string>} [env] */
const run = (command, args, env = {}) =>
  execFileSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });

const compile = () => {
  if (keepModule) return;
  rmSync(generated, { recursive: true, force: true });
  // No path of the machine that builds goes into the module.
  run("cargo", ["fetch", "--locked"]);
  const registries = `${process.env.CARGO_HOME ?? `${homedir()}/.cargo`}/registry/src`;
  const flags = [...readdirSync(registries).map((name) => `${registries}/${name}=`), `${root}=/`];
  run(
    "wasm-pack",
    [
      ..."build module --release --target bundler --mode no-install --no-typescript --no-pack".split(" "),
      ...["--out-dir", generated],
    ],
    { CARGO_ENCODED_RUSTFLAGS: flags.map((map) => `--remap-path-prefix=${map}`).join("\x1f") },
  );
};

/**
 * The module, and its names before and after.
 * @returns {{
 *   bytes: Buffer, module: string, exports: Map<string, string>,
 *   imports: [module: string, long: string, short: string][],
 * }}
 */
const optimize = () => {
  const out = `${root}target/module.wasm`;
  const renamed = `${root}target/module.json`;
  if (!keepModule) {
    const flags = [
      ...["--strip-debug", "--strip-producers", "--strip-target-features"],
      "--minify-imports-and-exports-and-modules",
    ];
    writeFileSync(renamed, wasmOpt(`${generated}authsignal_auth0_bg.wasm`, out, flags));
  }
  const names = JSON.parse(readFileSync(renamed, "utf8"));
  const bytes = readFileSync(out);
  const [{ module }] = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  return {
    bytes,
    module,
    imports: names.imports,
    exports: new Map(names.exports),
  };
};

/**
 * The module, compressed by an encoder of its own: that of another Node may give other bytes.
 * @param {Buffer} bytes
 */
const compress = (bytes) => {
  // Its ES module is for browsers only.
  const brotli = createRequire(import.meta.url)("brotli-wasm");
  const compressed = Buffer.from(brotli.compress(bytes, { quality: 11 }));
  if (!brotliDecompressSync(compressed).equals(bytes)) throw new Error("The module is not what was compressed.");
  return compressed;
};

/**
 * The bundle as an ES module. For CommonJS, {@link commonJs} makes what follows of it.
 * @param {"cjs" | "esm"} format that Node's own modules are loaded by
 * @param {Record<string, string>} sources of what the shim imports as `build:…`
 */
const bundle = async (format, sources) => {
  const result = await build({
    entryPoints: [`${root}js-shim/index.js`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node18",
    minify: true,
    legalComments: "none",
    plugins: [
      {
        name: "build",
        setup(plugin) {
          plugin.onResolve({ filter: /^build:node$/ }, () => ({ path: `${root}js-shim/node-${format}.js` }));
          plugin.onResolve({ filter: /^build:/ }, ({ path }) => ({ path, namespace: "build" }));
          plugin.onLoad({ filter: /.*/, namespace: "build" }, ({ path }) => ({
            contents: sources[path],
            resolveDir: generated,
          }));
        },
      },
    ],
  });
  return result.outputFiles[0].text;
};

/**
 * An ES module's text with its one export clause as assignments to `exports`, which is 500 bytes shorter
 * than what esbuild would write; in a function, so that no name of it meets one of a pasted Action's
 * options block.
 * @param {string} text
 */
const commonJs = (text) => {
  const body = text.replace(/export\s*\{([^}]*)\};?\s*$/, (_, clause) =>
    clause
      .split(",")
      .map((/** @type {string} */ entry) => entry.trim().split(" as "))
      .map((/** @type {string[]} */ [local, name]) => `exports.${name ?? local}=${local};`)
      .join(""),
  );
  // The semicolon before it ends the options block, where an editor took that one's own away.
  return `;(function(){${body.replaceAll("nodeRequire(", "require(")}})();\n`;
};

compile();
const module = optimize();
const compressed = compress(module.bytes);
const text = toBase91(compressed);
// Memory of one page, in which js-shim/base91.wat decodes it.
if (text.length > 65_536) throw new Error("js-shim/base91.wat needs more memory for a module of this size.");
wasmOpt(`${root}js-shim/base91.wat`, `${root}target/base91.wasm`, []);
const sources = {
  "build:glue": factory(readFileSync(`${generated}authsignal_auth0_bg.js`, "utf8"), root, module),
  "build:wasm": `
    export const text = ${JSON.stringify(text)};
    export const decoder = "${readFileSync(`${root}target/base91.wasm`, "base64")}";
    export const namespace = ${JSON.stringify(module.module)};`,
};
const cjs = commonJs(await bundle("cjs", sources));
const header = readFileSync(`${root}js-shim/action-header.js`, "utf8").replace("VERSION", `${version}`);
const action = `${header}\n${cjs}`;

mkdirSync(`${root}pkg`, { recursive: true });
writeFileSync(`${root}pkg/index.cjs`, cjs);
writeFileSync(`${root}pkg/index.mjs`, await bundle("esm", sources));
writeFileSync(`${root}pkg/action.js`, action);

const sizes = {
  module: module.bytes.length,
  "  compressed": compressed.length,
  "  as text": text.length,
  "glue and shim": cjs.length - text.length,
  "pkg/index.cjs": cjs.length,
  "pkg/action.js": action.length,
};
for (const [name, bytes] of Object.entries(sizes)) {
  console.log(`${name.padEnd(16)}${bytes.toLocaleString("en").padStart(7)} bytes`);
}
if (action.length > ACTION_BUDGET && !process.argv.includes("--any-size")) {
  console.error(`pkg/action.js is over its budget of ${ACTION_BUDGET.toLocaleString("en")} bytes.`);
  process.exitCode = 1;
}
