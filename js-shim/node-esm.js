// Node's own modules, where there is no `require`.

import crypto from "node:crypto";
import zlib from "node:zlib";

const modules = { crypto, zlib };

/** @param {keyof typeof modules} name */
export const node = (name) => modules[name];
