// What scripts/build.js makes and gives to the bundle.

declare module "build:glue" {
  interface Glue {
    start(exports: Record<string, unknown>): void;
    execute(event: unknown, api: unknown, options: unknown, settle: Settle): void;
    resume(event: unknown, api: unknown, options: unknown, settle: Settle): void;
    imports: WebAssembly.ModuleImports;
  }
  /** The end of a hook: with nothing, or with what `api.access.deny` threw. */
  type Settle = (failure?: [error: unknown]) => void;
  /** Fresh glue for one instance of the module. */
  export function glue(crypto: unknown): Glue;
}

declare module "build:wasm" {
  /** The compressed module, as base64. */
  export const wasm: string;
  /** The name that the module imports everything from. */
  export const namespace: string;
}

declare module "build:node" {
  export function nodeZlib(): typeof import("node:zlib");
  export function nodeCrypto(): typeof import("node:crypto");
}

/** What becomes `require`. */
declare const nodeRequire: NodeRequire;

/** The options block of a pasted Action. */
declare const authsignalOptions: unknown;
