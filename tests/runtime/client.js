// Which client the built files of a test's process send by: Node's own, or `fetch`.

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
const global = /** @type {any} */ (globalThis);

/** @type {"node" | "fetch" | undefined} */
let used;

/** Where a test has said it. */
export const client = () => used;

/**
 * Makes the built files send by Node's own client, where `useFetch` was not called first. Node 22's test runner loads
 * the undici that `fetch` is of, and then they would send by `fetch`: without a dispatcher it is as if it were not
 * loaded. `fetch` itself is of no use then.
 */
export const useNode = () => {
  if (used) return;
  used = "node";
  void Headers;
  global[DISPATCHER] = undefined;
};

/** Makes the built files send by `fetch`, as they do where somebody has replaced it. */
export const useFetch = () => {
  used = "fetch";
  const { fetch } = globalThis;
  globalThis.fetch = (...given) => fetch(...given);
};
