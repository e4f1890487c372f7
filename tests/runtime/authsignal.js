// The local Authsignal in a process of its own: it needs a newer Node than the built files do.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { client } from "./client.js";

/** The tenant's secret key. */
export const SECRET = "sandbox-secret-key";

const cli = fileURLToPath(new URL("../../sandbox/authsignal/cli.js", import.meta.url));

/**
 * @typedef {import("../../sandbox/authsignal/request-log.js").LoggedRequest} LoggedRequest
 * @typedef {import("../../sandbox/authsignal/faults.js").Fault} Fault
 * @typedef {import("../../sandbox/authsignal/api.js").Outcome} Outcome
 * @typedef {Awaited<ReturnType<typeof startAuthsignal>>} Authsignal
 */

/**
 * Starts it, with the executable that SANDBOX_NODE names, or else this process's.
 * @param {{ defaultOutcome?: Outcome }} [options]
 */
export async function startAuthsignal({ defaultOutcome = "CHALLENGE" } = {}) {
  const args = [cli, "--port", "0", "--stdin", "--secret", SECRET, "--default-outcome", defaultOutcome];
  const child = spawn(process.env.SANDBOX_NODE ?? process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const { url, origin } = JSON.parse(await firstLine(child.stdout));

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  const call = async (method, path, body) => {
    const sent = request(`${origin}${path}`, { method, auth: `${SECRET}:` });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(sent, "response");
    const answer = await text(response);
    if (response.statusCode > 299) throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`);
    return answer === "" ? undefined : JSON.parse(answer);
  };

  return {
    /** The base URL of the API. @type {string} */
    url,
    /** @type {string} */
    origin,
    /**
     * The requests of one user's logins, in their order: tracks and validates.
     * @param {string} userId
     * @returns {Promise<LoggedRequest[]>}
     */
    async requests(userId) {
      const track = `/v1/users/${encodeURIComponent(userId)}/actions/`;
      /** @type {LoggedRequest[]} */
      const all = await call("GET", "/sandbox/requests");
      const own = all.filter(
        ({ method, path, body }) =>
          method === "POST" &&
          (path.startsWith(track) || (path === "/v1/validate" && JSON.parse(body).userId === userId)),
      );
      // A test that shows the one client shows nothing of the other. `fetch` alone sets this header.
      if (client())
        for (const { headers } of own)
          assert.equal(headers["sec-fetch-mode"], client() === "fetch" ? "cors" : undefined);
      return own;
    },
    /**
     * What the next requests are answered with; until the test ends, where it is given.
     * @param {Fault[]} list
     * @param {{ after: (done: () => Promise<void>) => void }} [t]
     */
    async faults(list, t) {
      t?.after(() => call("DELETE", "/sandbox/faults"));
      await call("PUT", "/sandbox/faults", list);
    },
    /**
     * What a person does on the pre-built UI, whose address holds the token.
     * @param {string} challenge
     * @param {"CHALLENGE_SUCCEEDED" | "CHALLENGE_FAILED"} [outcome]
     * @param {string} [verificationMethod]
     */
    complete(challenge, outcome, verificationMethod) {
      const token = new URL(challenge).searchParams.get("token");
      return call("POST", "/sandbox/challenges/complete", { token, outcome, verificationMethod });
    },
    /** @param {string} userId */
    enroll: (userId) =>
      call("POST", `/v1/users/${encodeURIComponent(userId)}/authenticators`, {
        verificationMethod: "AUTHENTICATOR_APP",
      }),
    /** @param {string} action @param {Outcome} defaultOutcome */
    outcome: (action, defaultOutcome) => call("PUT", `/sandbox/actions/${action}`, { defaultOutcome }),
    /** @param {{ authenticatorsConfigured: boolean }} settings */
    settings: (settings) => call("PUT", "/sandbox/settings", settings),
    async stop() {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}

/** @param {import("node:stream").Readable} stream */
async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error("The local Authsignal did not start");
}
