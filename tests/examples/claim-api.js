// The API in examples/, in a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../examples/claim-api.mjs", import.meta.url));

/**
 * Starts it until the test ends.
 * @param {{ after: (done: () => unknown) => void }} t
 * @param {{ issuer: string, audience: string }} options
 */
export async function startClaimApi(t, { issuer, audience }) {
  const env = { ...process.env, ISSUER: issuer, AUDIENCE: audience, PORT: "0" };
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  const [line] = await once(createInterface(child.stdout), "line");
  /**
   * What it answers to a request with this token.
   * @param {string} [token]
   */
  return async (token) => {
    const headers = /** @type {HeadersInit} */ (token === undefined ? {} : { Authorization: `Bearer ${token}` });
    const { status, headers: answered } = await fetch(line, { method: "POST", headers });
    return { status, error: /error="(\w+)"/.exec(answered.get("www-authenticate") ?? "")?.[1] };
  };
}
