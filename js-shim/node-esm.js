// Node's own modules, where there is no `require`.

import * as crypto from "node:crypto";
import * as zlib from "node:zlib";

const modules = { crypto, zlib };

/** @param {keyof typeof modules} name */
export const node = (name) => modules[name];
