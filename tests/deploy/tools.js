// The two that deploy: Auth0's own CLI in a process of its own, and plain requests to the Management API.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";

/** @typedef {import("../../sandbox/auth0/management/server.js").Management} Management */

const root = fileURLToPath(new URL("../..", import.meta.url));
const cli = fileURLToPath(import.meta.resolve("auth0-deploy-cli"));

/** The command of docs/deploy/deploy-cli.md: the CLI's version, and its arguments. */
export const [, VERSION, COMMAND] =
  /npx auth0-deploy-cli@(\S+) (import .+)/.exec(readFileSync(join(root, "docs/deploy/deploy-cli.md"), "utf8")) ?? [];

/**
 * The import of `deploy/` by the page's command.
 *
 * @param {Management} management
 * @param {Record<string, string>} env
 */
export const importDeploy = (management, env) => runCli(management, COMMAND, env);

/**
 * A command of the CLI. It trusts the tenant's certificate beside the usual ones, and nothing else of this process's
 * environment reaches it.
 *
 * @param {Management} management
 * @param {string} command
 * @param {Record<string, string>} env
 * @param {string} cwd
 */
export async function runCli(management, command, env, cwd = root) {
  const folder = await mkdtemp(join(tmpdir(), "deploy-"));
  try {
    const authority = join(folder, "authority.pem");
    await writeFile(authority, management.certificate);
    const child = spawn(process.execPath, [cli, ...command.split(" ")], {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        NODE_EXTRA_CA_CERTS: authority,
        AUTH0_DOMAIN: management.domain,
        AUTH0_CLIENT_ID: management.clientId,
        AUTH0_CLIENT_SECRET: management.clientSecret,
        ...env,
      },
    });
    const exit = new Promise((resolve) => child.on("exit", resolve));
    const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { code, output: `${output}${errors}` };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Requests to the Management API with a token of its application.
 *
 * @param {Management} management
 */
export async function clientOf(management) {
  const dispatcher = new Agent({ connect: { ca: management.certificate } });
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<{ status: number, body: any }>}
   */
  const send = async (method, path, body, headers) => {
    const answer = await request(`https://${management.domain}${path}`, {
      method: /** @type {"GET"} */ (method),
      dispatcher,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answered = await answer.body.text();
    return { status: answer.statusCode, body: answered === "" ? undefined : JSON.parse(answered) };
  };
  const grant = {
    grant_type: "client_credentials",
    client_id: management.clientId,
    client_secret: management.clientSecret,
    audience: `https://${management.domain}/api/v2/`,
  };
  const { body } = await send("POST", "/oauth/token", grant);
  const headers = { authorization: `Bearer ${body.access_token}` };
  return {
    grant,
    /** Without the token. */
    send,
    /** @param {string} method @param {string} path under `/api/v2/actions` @param {unknown} [content] */
    call: (method, path, content) => send(method, `/api/v2/actions${path}`, content, headers),
  };
}
