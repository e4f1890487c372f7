// Which client the built files of this process send by: Node's own, or `fetch`.

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
const global = /** @type {any} */ (globalThis);

// Node 22's test runner loads the undici that `fetch` is of, and where that one is loaded, the built files use it.
// Without a dispatcher it is as if it were not.
void Headers;
const dispatcher = global[DISPATCHER];
global[DISPATCHER] = undefined;

/** @type {"node" | "fetch"} */
let used = "node";

export const client = () => used;

/** Makes the built files send by `fetch`, as they do where somebody has replaced it. */
export const useFetch = () => {
  const { fetch } = globalThis;
  globalThis.fetch = (...given) => fetch(...given);
  global[DISPATCHER] = dispatcher;
  used = "fetch";
};
