// Node's own modules, where there is no `require`.

import crypto from "node:crypto";
import http from "node:http";
import https from "node:https";
import zlib from "node:zlib";

export const nodeCrypto = () => crypto;
export const nodeZlib = () => zlib;
export const nodeHttp = () => http;
export const nodeHttps = () => https;
