#!/usr/bin/env node
// The sandbox, until Ctrl-C: `make start`, and the command of the package.

import { relative } from "node:path";
import { ActionCompileError, loadAction } from "./auth0/runtime.js";
import { textsOf } from "./secrets.js";
import { HELP, readSettings, SettingsError } from "./settings.js";
import { startSandbox } from "./start.js";
import { readTenant } from "./tenant-settings.js";

const files = process.argv.slice(2);
const option = files.find((argument) => argument.startsWith("-"));
if (option === "--help" || option === "-h") {
  console.log(HELP);
} else if (option !== undefined) {
  fail(2, `Unknown argument ${option}: settings go by the environment, and --help explains them.`);
} else {
  await main().catch(explain);
}

async function main() {
  const { port, actions, secretsFile, configurationFile, tenantFile, ...options } = readSettings(process.env, files);
  const tell = (/** @type {string} */ line) => console.error(line);
  const secrets = secretsFile === undefined ? undefined : textsOf("SECRETS", secretsFile, tell);
  const configuration = configurationFile === undefined ? undefined : textsOf("CONFIGURATION", configurationFile, tell);
  const { users, ...directory } = tenantFile === undefined ? {} : readTenant(tenantFile);
  for (const file of actions) await loadAction({ file });
  const sandbox = await startSandbox({ actions, port, secrets, configuration, users, directory, ...options });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    // Once: the second one ends it as it would any process.
    process.once(signal, () => void sandbox.close().catch(explain));
  }
  announce(sandbox, actions);
}

/**
 * @param {import("./start.js").Sandbox} sandbox
 * @param {string[]} actions
 */
function announce({ app, tenant, authsignal }, actions) {
  console.log(`The sandbox runs ${actions.map((file) => relative("", file)).join(", then ")}.

  Application   ${app.origin}    log in here
  Auth0         ${tenant.origin}/inspector
  Authsignal    ${authsignal ? `${authsignal.origin}/portal` : "your own tenant"}

Users:
${tenant.users.map(({ email, password }) => `  ${email.padEnd(24)} password ${password}`).join("\n")}

Ctrl-C ends it.`);
}

/** What stopped it, in one line where that says all. @param {unknown} error */
function explain(error) {
  const { code, message, stack, port } = /** @type {NodeJS.ErrnoException & { port?: number }} */ (error);
  if (error instanceof SettingsError) return fail(2, message);
  if (error instanceof ActionCompileError) return fail(1, `The Action does not compile: ${message}`);
  if (error instanceof RangeError) return fail(1, message);
  if (code === "EADDRINUSE") return fail(1, `Port ${port} is taken: PORT=… moves the sandbox to others.`);
  if (code === "EACCES" && port !== undefined)
    return fail(1, `Port ${port} may not be used: PORT=… moves the sandbox to others.`);
  fail(1, stack ?? message);
}

/** @param {number} status @param {string} line */
function fail(status, line) {
  console.error(line);
  process.exitCode = status;
}
