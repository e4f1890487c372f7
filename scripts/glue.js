// wasm-bindgen's glue, made into what a first login compiles little of. The build bundles it.
// An engine compiles a function of JavaScript at its first call, some 20 µs for each.

/**
 * What is written otherwise: what the glue has, and what comes in its place. Where wasm-bindgen writes something
 * else than is looked for here, the build fails.
 * @type {[what: string, find: RegExp, put: string][]}
 */
const REWRITES = [
  ["exports", /^export /gm, ""],
  // One function in another, which declares no parameters: an engine compiles both, and Node 18's also a wrapper for
  // parameters that are not declared.
  [
    "imports that may throw",
    /^function (\w+)\(\) \{ return handleError\(function (\(.*?\)) \{\n([^]*?)\n\}, arguments\); \}$/gm,
    "function $1$2 { try { $3 } catch (e) { failed(e) } }",
  ],
  [
    "what they end in",
    /^function handleError\(f, args\) \{\n *try \{\n.*\n *\} catch \(e\) (\{[^]*?\n *\})\n\}$/m,
    "function failed(e) $1",
  ],
  // A string goes into the module by `encode` alone. The loop over its characters is for code that is compiled well,
  // which a first login's is not.
  [
    "how a string is passed",
    /^function passStringToWasm0\(arg, malloc, realloc\) \{\n *if \(realloc === undefined\) \{\n([^]*?)\n    \}\n[^]*?\n\}$/m,
    "function passStringToWasm0(arg, malloc) {\n$1\n}",
  ],
  ["where it is passed", /(passStringToWasm0\(\w+, wasm\.\w+), wasm\.\w+\)/g, "$1)"],
  // The module drops its closures itself.
  ["what drops closures", /^const CLOSURE_DTORS = [^]*?;\n/m, ""],
  ["where it is told of them", /^ *CLOSURE_DTORS\.\w+\(.*\);$/gm, ""],
  ["encodeInto where there is none", /^if \(!\('encodeInto' in \w+\)\) \{\n[^]*?\n\}$/m, ""],
  // Functions that do next to nothing.
  ["what tests for nothing", /^function isLikeNone\(x\) \{\n.*\n\}$/m, ""],
  ["where it is asked for", /isLikeNone\((\w+)\)/g, "($1 == null)"],
  ["what spares Safari's decoder", /^const MAX_SAFARI_DECODE_BYTES = .*\n.*\nfunction decodeText\(bytes\) \{\n[^]*?\n\}$/m, ""],
  [
    "how a string is taken",
    /^ *ptr = ptr >>> 0;\n *return decodeText\(getUint8ArrayMemory0\(\)\.subarray\(ptr, ptr \+ len\)\);$/m,
    "return cachedTextDecoder.decode(new Uint8Array(wasm.memory.buffer, ptr >>> 0, len));",
  ],
  ["how it is put", /getUint8ArrayMemory0\(\)\.subarray\(ptr, ptr \+ buf\.length\)\.set\(buf\)/, "new Uint8Array(wasm.memory.buffer, ptr, buf.length).set(buf)"],
  ["what keeps a view", /^let cached\w+Memory0 = null;\nfunction get\w+Memory0\(\) \{\n[^]*?\n\}$/gm, ""],
  ["where a view is asked for", /getDataViewMemory0\(\)/g, "new DataView(wasm.memory.buffer)"],
  ["what takes the exports", /^function __wbg_set_wasm\(val\) \{\n.*\n\}$/m, ""],
  ["exports that are passed on", /^function (execute|resume|ready)\((.*)\) \{\n *wasm\.\1\(\2\);\n\}$/gm, ""],
];

/** What the module imports itself, since the glue's function would only call it with the same arguments. */
const DIRECT =
  /^function (\w+)\((.*)\) \{\s*(?:\/\/.*\s*)?const ret = (getStringFromWasm0|Array\.isArray)\(\2\);\s*return ret;\s*\}\n/gm;

/**
 * wasm-bindgen's glue as a factory, under the short names, so that each instance of the module has its own.
 * @param {string} source what wasm-bindgen generated
 * @param {string} host the path of js-shim/host.js
 * @param {{ imports: [module: string, long: string, short: string][], exports: Map<string, string> }} names
 */
export const factory = (source, host, { imports, exports }) => {
  const [, header, body] = /** @type {RegExpExecArray} */ (/^((?:import .*\n)*)([^]*)$/.exec(source));
  let inner = body;
  for (const [what, find, put] of REWRITES) {
    const rewritten = inner.replace(find, put);
    if (rewritten === inner) throw new Error(`wasm-bindgen writes otherwise: ${what}`);
    inner = rewritten;
  }
  for (const gone of ["handleError", "CLOSURE_DTORS", "__wbindgen_realloc", "function execute", "function resume", "set_wasm", "Memory0", "isLikeNone", "decodeText"]) {
    if (inner.includes(gone)) throw new Error(`wasm-bindgen writes otherwise: there is ${gone} left`);
  }
  /** What an import is instead of the glue's function, by that one's name. @type {Map<string, string>} */
  const replaced = new Map();
  inner = inner
    .replace(DIRECT, (_, name, _parameters, callee) => (replaced.set(name, callee), ""))
    .replace(/\bwasm\.(\w+)/g, (whole, name) => (exports.has(name) ? `wasm.${exports.get(name)}` : whole));
  const callees = [...replaced.values()].sort().join(" ");
  if (callees !== "Array.isArray getStringFromWasm0") {
    throw new Error(`wasm-bindgen writes otherwise: it leaves but ${callees}`);
  }
  const names = imports.map(([, long, short]) => `${JSON.stringify(short)}: ${replaced.get(long) ?? long}`);
  // wasm-bindgen has a copy of js-shim/host.js, but the shim imports it too: there is to be one. What needs no
  // glue the module imports from it itself.
  const own = imports.filter(([module]) => module.startsWith("./snippets/")).map(([, name]) => name);
  return `${header.replace(/'\.\/snippets\/.+'/, `"${host}"`)}
    import { ${own} } from "${host}";
    export function glue(crypto) {
      ${inner}
      function start(exports) {
        wasm = exports;
        wasm.${exports.get("__wbindgen_start")}();
        return { execute: wasm.${exports.get("execute")}, resume: wasm.${exports.get("resume")} };
      }
      // Without a prototype it is a dictionary: an engine makes no hidden class for each property.
      return { start, imports: { __proto__: null, ${names} } };
    }`;
};
