// What scripts/build.js makes and gives to the bundle.

declare module "build:glue" {
  interface Glue {
    start(exports: Record<string, unknown>): void;
    execute(event: unknown, api: unknown, options: unknown, settle: Settle): void;
    resume(event: unknown, api: unknown, options: unknown, settle: Settle): void;
  }
  /** What a hook ends with. */
  type Settle = (rejected: boolean, error: unknown) => void;
  /** Fresh glue for one instance of the module. */
  export function glue(crypto: unknown): Glue;
}

declare module "build:wasm" {
  /** The compressed module, as base64. */
  export const wasm: string;
  /** What the module imports, out of the glue. */
  export function imports(glue: import("build:glue").Glue): WebAssembly.Imports;
}

declare module "build:node" {
  export function node(name: "zlib"): typeof import("node:zlib");
  export function node(name: "crypto"): typeof import("node:crypto");
}

/** What becomes `require`. */
declare const nodeRequire: NodeRequire;

/** The options block of a pasted Action. */
declare const authsignalOptions: unknown;
