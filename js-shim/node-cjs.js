// Node's own modules, loaded when they are needed. The build writes `require` for `nodeRequire`, for which
// esbuild would write a helper.

export const nodeCrypto = () => nodeRequire("node:crypto");
export const nodeZlib = () => nodeRequire("node:zlib");
export const nodeHttp = () => nodeRequire("node:http");
export const nodeHttps = () => nodeRequire("node:https");
