// The module's instances, seen from outside: their memory, and a trap in them where one is asked for.

/** @type {WeakRef<WebAssembly.Memory>[]} */
let memories = [];
/** Calls that the module still makes before it traps. */
let callsLeft = Infinity;
let traps = 0;

/** Has to be called before the Action runs. */
export const watchInstances = () => {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = /** @type {any} */ (
    function (/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports | undefined} */ imports) {
      // The one that decodes the module's text.
      if (!imports) return new Instance(module);
      const guarded = Object.entries(imports).map(([from, functions]) => [
        from,
        Object.fromEntries(
          Object.entries(functions).map(([name, value]) => [
            name,
            typeof value === "function" ? trapping(value) : value,
          ]),
        ),
      ]);
      const instance = new Instance(module, Object.fromEntries(guarded));
      const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
      if (!memory) throw new Error("The module exports no memory");
      memories.push(new WeakRef(/** @type {WebAssembly.Memory} */ (memory)));
      return instance;
    }
  );
};

/** What goes through an import goes through the module, as a trap does. @param {Function} call */
const trapping =
  (call) =>
  (/** @type {unknown[]} */ ...args) => {
    if (--callsLeft < 0) {
      callsLeft = Infinity;
      traps += 1;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    return call(...args);
  };

/** Lets the module trap at so many calls from now. @param {number} calls */
export const trapAfter = (calls) => {
  callsLeft = calls;
};

/** How often it did. */
export const trapCount = () => traps;

/** The memory of each instance that the collector has left. */
export const memorySizes = () => {
  memories = memories.filter((memory) => memory.deref() !== undefined);
  return memories.map((memory) => memory.deref()?.buffer.byteLength ?? 0);
};
