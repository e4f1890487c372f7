// Node's own modules, loaded when they are needed. The build writes `require` for `nodeRequire`, for which
// esbuild would write a helper.

const modules = {
  crypto: () => nodeRequire("node:crypto"),
  zlib: () => nodeRequire("node:zlib"),
};

/** @param {keyof typeof modules} name */
export const node = (name) => modules[name]();
