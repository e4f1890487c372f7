// wasm-opt as the build runs it. Needs nothing but npm's binaryen.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../node_modules/.bin/wasm-opt", import.meta.url));

/** What Node 18's engine knows, and no more. */
const FEATURES = [
  "--mvp-features",
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

// By default it would inline every function that has one caller, also if Rust says `#[inline(never)]`.
const PASSES = ["--one-caller-inline-max-function-size=50", "--always-inline-max-function-size=6", "-Oz", "-Oz"];

/**
 * Shrinks a module. Gives what wasm-opt printed.
 * @param {string} input
 * @param {string} output
 * @param {string[]} more of its flags
 */
export const wasmOpt = (input, output, more) =>
  execFileSync(command, [input, "--output", output, ...FEATURES, ...PASSES, ...more], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
