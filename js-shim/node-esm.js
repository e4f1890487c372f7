// Node's own modules for the ES module, which has no `require`, loaded when they are needed: an `import` of node:http
// loads Node's `fetch` too. Any path will do; `import.meta` is not there in a bundle that is no module.

import { createRequire } from "node:module";

const load = createRequire("/");

export const nodeCrypto = () => load("node:crypto");
export const nodeZlib = () => load("node:zlib");
export const nodeHttp = () => load("node:http");
export const nodeHttps = () => load("node:https");
