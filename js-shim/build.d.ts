// What scripts/build.js makes and gives to the bundle.

declare module "build:glue" {
  interface Glue {
    /** Starts the module and gives its hooks. */
    start(exports: Record<string, unknown>): Record<"onExecute" | "onContinue", Hook>;
    imports: WebAssembly.ModuleImports;
  }
  /** It ends by calling `resolve` or `reject`. */
  type Hook = (
    event: unknown,
    api: unknown,
    options: unknown,
    resolve: (value: undefined) => void,
    reject: (error: unknown) => void,
  ) => void;
  /** Fresh glue for one instance of the module, with the names of js-shim/platform.js. */
  export function glue(platform: Record<string, unknown>): Glue;
}

declare module "build:wasm" {
  interface Decoder {
    memory: WebAssembly.Memory;
    decode(end: number): void;
  }
  /** js-shim/base91.wat, as base64. */
  export const decoder: string;
  /** The module, compressed, in base 91. */
  export const text: string;
  /** The name that the module imports everything from. */
  export const namespace: string;
}

declare module "build:node" {
  export function nodeZlib(): typeof import("node:zlib");
  export function nodeCrypto(): typeof import("node:crypto");
  export function nodeHttp(): typeof import("node:http");
  export function nodeHttps(): typeof import("node:https");
}

/** What becomes `require`. */
declare const nodeRequire: NodeRequire;

/** The options block of a pasted Action. */
declare const authsignalOptions: unknown;
