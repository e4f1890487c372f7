// What Auth0's own deploy CLI exports, as docs/deploy/deploy-cli.md describes it. The tests build on each other, since a
// whole run of the CLI takes more than ten seconds.

import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startManagement } from "../../sandbox/auth0/management/server.js";
import { COMMAND, runCli } from "./tools.js";

const deploy = fileURLToPath(new URL("../../deploy", import.meta.url));
const page = await readFile(new URL("../../docs/deploy/deploy-cli.md", import.meta.url), "utf8");

/** The page's two exports, each with its environment. */
const [beside, intoDeploy] = [...page.matchAll(/^((?:AUTH0_.*\n)? *npx auth0-deploy-cli@\S+ (export .+))$/gm)].map(
  ([, whole, command]) => ({
    command,
    env: Object.fromEntries(
      [...whole.matchAll(/\b(AUTH0_\w+)='?(true|\{.*?\})/g)].map(([, name, value]) => [name, value]),
    ),
  }),
);
const [, placeholder] = /"secrets": ("@@\w+@@")/.exec(page) ?? [];

const KEY = "the-key-of-a-tenant";
const SECRETS = { AUTHSIGNAL_SECRET: KEY, AUTHSIGNAL_REGION: "eu" };
const ACTION = "deploy/actions/Authsignal MFA.json";

/** @type {import("./tools.js").Management} */
let management;
/** A folder that has a copy of `deploy/`, as far as it is the CLI's. @type {string} */
let folder;

before(async () => {
  management = await startManagement();
  folder = await mkdtemp(join(tmpdir(), "export-"));
  const filter = (/** @type {string} */ path) => path !== join(deploy, "terraform");
  await cp(deploy, join(folder, "deploy"), { recursive: true, dereference: true, filter });
});
after(async () => {
  await management?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** @param {string} command @param {Record<string, string>} env */
const run = (command, env) => runCli(management, command, env, folder);
const filesOf = async (/** @type {string} */ path) =>
  (await readdir(join(folder, path), { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort();
const read = (/** @type {string} */ path) => readFile(join(folder, path), "utf8");
const deployed = () => management.store.deployed("post-login")[0]?.secrets;

describe("a0deploy export", () => {
  test("an export into a separate folder has the files of deploy/, and no values of secrets", async () => {
    assert.equal((await run(COMMAND, SECRETS)).code, 0);
    const { code, output } = await run(beside.command, SECRETS);
    assert.equal(code, 0, output);
    const files = await filesOf("exported");
    assert.deepEqual([...files, "config.json"].sort(), await filesOf("deploy"));
    const exported = JSON.parse(await read(ACTION.replace("deploy", "exported")));
    assert.deepEqual(exported.secrets, [{ name: "AUTHSIGNAL_SECRET" }, { name: "AUTHSIGNAL_REGION" }]);
  });

  test("an export with the page's settings keeps the placeholder of the whole list, and prints no key", async () => {
    const own = await read(ACTION);
    await writeFile(join(folder, ACTION), own.replace(/"secrets": \[[^]*?\]/, `"secrets": ${placeholder}`));
    const files = await filesOf("deploy");
    const { code, output } = await run(intoDeploy.command, { ...SECRETS, ...intoDeploy.env });
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, new RegExp(KEY));
    assert.deepEqual(await filesOf("deploy"), files);
    assert.equal(JSON.stringify(JSON.parse(await read(ACTION)).secrets), placeholder);
  });

  test("without the list, the import of what was exported changes nothing", async () => {
    const before = management.log.length;
    const { code, output } = await run(COMMAND, SECRETS);
    assert.equal(code, 1, output);
    assert.deepEqual(
      management.log.slice(before).filter(({ method, path }) => method !== "GET" && path !== "/oauth/token"),
      [],
    );
  });

  test("with the list, the import of what was exported has the secrets", async () => {
    const list = Object.entries({ ...SECRETS, AUTHSIGNAL_SECRET: "a new key" }).map(([name, value]) => ({
      name,
      value,
    }));
    const { code, output } = await run(COMMAND, {
      AUTH0_KEYWORD_REPLACE_MAPPINGS: JSON.stringify({ AUTHSIGNAL_SECRETS: list }),
    });
    assert.equal(code, 0, output);
    assert.deepEqual(deployed(), { AUTHSIGNAL_SECRET: "a new key", AUTHSIGNAL_REGION: "eu" });
  });
});
