// wasm-bindgen's glue, made into a factory, so that each instance of the module has its own. It takes the names that
// the glue uses of a browser, which js-shim/platform.js gives. The build bundles it.

/** What of a browser the glue gets from js-shim/platform.js. Anything else it uses is the process's own. */
const PLATFORM =
  "crypto, globalThis, FinalizationRegistry, Headers, Request, Response, AbortController, fetch, setTimeout, clearTimeout";

/** Names a value for the text of a panic, which nobody reads. It is 640 bytes of the file. */
const DEBUG_STRING = /^function debugString\(val\) \{\n[^]*?\n\}$/m;

/**
 * The factory's source. The imports and exports get the names that wasm-opt has shortened them to.
 * @param {string} source what wasm-bindgen generated
 * @param {string} root the project's folder
 * @param {{ imports: [module: string, long: string, short: string][], exports: Map<string, string> }} names
 */
export const factory = (source, root, { imports, exports }) => {
  if (!DEBUG_STRING.test(source)) throw new Error("wasm-bindgen's glue has no debugString that could be left out");
  const [, header, body] = /** @type {RegExpExecArray} */ (/^((?:import .*\n)*)([^]*)$/.exec(source));
  const inner = body
    .replace(/^export /gm, "")
    .replace(DEBUG_STRING, "function debugString() { return ''; }")
    .replace(/\bwasm\.(\w+)/g, (whole, name) => (exports.has(name) ? `wasm.${exports.get(name)}` : whole));
  // What needs no glue, the module imports straight from the shim's files.
  const direct = imports
    .filter(([module]) => module.startsWith("./snippets/"))
    .map(([module, name]) => `import { ${name} } from '${module}';\n`);
  // wasm-bindgen has copied these files. There is to be one of each.
  const head = [header, ...direct].join("").replace(/'\.\/snippets\/[^/]+/g, `'${root}`);
  return `${head}
export function glue({ ${PLATFORM} }) {
${inner}
function start(exports) {
  __wbg_set_wasm(exports);
  exports.${exports.get("__wbindgen_start")}();
  return { onExecute, onContinue };
}
return { start, imports: { ${imports.map(([, long, short]) => `${JSON.stringify(short)}: ${long}`).join(", ")} } };
}
`;
};
