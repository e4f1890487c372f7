// Node's own modules, where there is no `require`.

import crypto from "node:crypto";
import zlib from "node:zlib";

export const nodeCrypto = () => crypto;
export const nodeZlib = () => zlib;
