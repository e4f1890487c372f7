/**
 * From an Action's text to functions: how Auth0 wraps and compiles it, and the `require` it gets.
 */
import { createRequire, isBuiltin } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { compileFunction } from "node:vm";
import { SOURCE_BYTES } from "./limits.js";
import { viewOf } from "./observe.js";

/** The source is no JavaScript that the runtime can load. `line` counts from 1, where it is known. */
export class ActionCompileError extends Error {
  name = "ActionCompileError";

  /** @param {string} file @param {number | undefined} line @param {unknown} cause */
  constructor(file, line, cause) {
    super(`${file}${line ? `:${line}` : ""}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.file = file;
    this.line = line;
  }
}

/**
 * The Action's body as a function of `module`, `exports` and `console`; nothing of it has run yet.
 *
 * Auth0 wraps the source in a function, so that the body can run later and with its own console. The
 * line breaks around the source let it end in a line comment; `lineOffset` keeps its line numbers.
 *
 * @param {string} source
 * @param {string} file the name that stack traces show
 * @param {ActionRequire} require
 * @returns {(module: { exports: any }, exports: any, console: Console) => void}
 */
export function compileAction(source, file, require) {
  const wrapped = `module.exports = function(module, exports, console){\n${source}\n};`;
  const load = compile(wrapped, source, file, ["module", "exports", "require"], -1);
  const module = { exports: /** @type {any} */ ({}) };
  load(module, module.exports, require);
  return module.exports;
}

/**
 * An Actions Module: compiled now, evaluated at the first call, and only then. What it exports, or
 * throws, is the same for every later call.
 *
 * @param {string} source
 * @param {string} file
 * @param {{ require: ActionRequire, secrets: Record<string, string>, console: Console }} scope
 * @returns {() => unknown}
 */
export function compileModule(source, file, { require, secrets, console }) {
  const load = compile(source, source, file, ["module", "exports", "require", "actions", "console"], 0);
  return once(() => {
    const module = { exports: /** @type {any} */ ({}) };
    load(module, module.exports, require, { secrets }, console);
    return module.exports;
  });
}

/**
 * Runs `body` at the first call, and gives what it returned, or throws what it threw, ever after.
 *
 * @template T
 * @param {() => T} body
 * @returns {() => T}
 */
export function once(body) {
  /** @type {{ value: T } | { error: unknown } | undefined} */
  let outcome;
  return () => {
    if (!outcome) {
      try {
        outcome = { value: body() };
      } catch (error) {
        outcome = { error };
      }
    }
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };
}

/**
 * @typedef {((id: string) => unknown) & Pick<NodeJS.Require, "cache" | "extensions"> &
 *   { resolve: Pick<NodeJS.RequireResolve, "paths"> & ((id: string) => string), main: undefined }} ActionRequire
 */

/**
 * The `require` of an Action: Node's own modules, the npm packages that `packagesFrom` can see, and
 * Actions Modules. There is no file beside an Action, so paths are refused. Node's HTTP client is watched.
 *
 * @param {string | undefined} packagesFrom
 * @param {ReadonlyMap<string, () => unknown>} [modules] by their whole id, `actions:NAME`
 * @returns {ActionRequire}
 */
export function createActionRequire(packagesFrom, modules = new Map()) {
  const packages = createRequire(
    packagesFrom === undefined ? import.meta.url : join(resolve(packagesFrom), "action.js"),
  );

  /** @param {string} id */
  const check = (id) => {
    if (isBuiltin(id)) return;
    if (/^\.\.?(\/|\\|$)/.test(id) || isAbsolute(id)) throw notFound(id, "an Action has no files beside it");
    if (id.startsWith("actions:")) throw notFound(id, "no Actions Module of this name is registered");
    if (packagesFrom === undefined) throw notFound(id, "this Action lists no npm packages");
  };
  /** @param {string} id */
  const require = (id) => {
    const load = modules.get(id);
    if (load) return load();
    check(id);
    return /^(node:)?https?$/.test(id) ? viewOf(packages(id)) : packages(id);
  };
  /** An Actions Module has no file to resolve to. @param {string} id */
  const resolveFile = (id) => {
    check(id);
    return packages.resolve(id);
  };
  const { cache, extensions } = packages;
  return Object.assign(require, {
    resolve: Object.assign(resolveFile, { paths: packages.resolve.paths }),
    cache,
    extensions,
    main: undefined,
  });
}

/** @param {string} id @param {string} reason */
const notFound = (id, reason) =>
  Object.assign(new Error(`Cannot find module '${id}': ${reason}`), { code: "MODULE_NOT_FOUND" });

/**
 * In this realm, as Auth0 does: no `parsingContext`.
 *
 * @param {string} code
 * @param {string} source what of `code` the author wrote
 * @param {string} file
 * @param {string[]} parameters
 * @param {number} lineOffset
 */
function compile(code, source, file, parameters, lineOffset) {
  const bytes = Buffer.byteLength(source);
  if (bytes > SOURCE_BYTES) {
    throw new RangeError(`${file} has ${bytes} bytes; the limit of an Action is ${SOURCE_BYTES} bytes`);
  }
  try {
    return compileFunction(code, parameters, { filename: file, lineOffset });
  } catch (error) {
    const where = /:(\d+)$/.exec((error instanceof Error && error.stack?.split("\n", 1)[0]) || "");
    // What is missing at the end of the source is reported where the wrapper ends, a line later.
    const line = where ? Math.min(Number(where[1]), source.split("\n").length) : undefined;
    throw new ActionCompileError(file, line, error);
  }
}
