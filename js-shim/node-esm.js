// Node's own modules, where there is no `require`.

import nodeCrypto from "node:crypto";
import nodeZlib from "node:zlib";

export const crypto = () => nodeCrypto;
export const zlib = () => nodeZlib;
