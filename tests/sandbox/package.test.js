// The sandbox as a package of its own: packed, unpacked elsewhere, and run from there.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ADA, Browser } from "./tenant-browser.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const NAME = "authsignal-auth0-sandbox";

/** A project that has installed the package. It is below the repository's folder, where its dependencies are. */
let project = "";
before(async () => {
  await mkdir(join(root, "target"), { recursive: true });
  project = await mkdtemp(join(root, "target", "project-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: join(root, "sandbox"),
  });
  const [{ filename }] = Object.values(JSON.parse(stdout));
  const folder = join(project, "node_modules", NAME);
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xzf", join(project, filename), "-C", folder, "--strip-components=1"]);
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
});
after(() => rm(project, { recursive: true, force: true }));

const installed = () => join(project, "node_modules", NAME);

test("each package that its files import is among its dependencies", async () => {
  const { dependencies } = JSON.parse(await readFile(join(installed(), "package.json"), "utf8"));
  const imported = new Set();
  for (const file of await readdir(installed(), { recursive: true })) {
    if (!file.endsWith(".js") || file.startsWith("examples")) continue;
    const source = (await readFile(join(installed(), file), "utf8")).replace(/\/\*\*[^]*?\*\/|^\/\/.*$/gm, "");
    for (const [, name] of source.matchAll(/(?:from|import|resolve)[ (]"([^"./][^"]*)"/g)) {
      if (!isBuiltin(name))
        imported.add(
          name
            .split("/")
            .slice(0, name.startsWith("@") ? 2 : 1)
            .join("/"),
        );
    }
  }
  assert.deepEqual([...imported].sort(), Object.keys(dependencies).sort());
});

test("its dependencies are the versions that the repository tests", async () => {
  const { dependencies } = JSON.parse(await readFile(join(installed(), "package.json"), "utf8"));
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  for (const [name, version] of Object.entries(dependencies)) {
    const place = packages[`sandbox/node_modules/${name}`] ?? packages[`node_modules/${name}`];
    assert.equal(place.version, version, name);
  }
});

test("startSandbox gives the addresses, the users, the applications and what the Actions saw", async (t) => {
  const action = join(project, "deny.js");
  await writeFile(
    action,
    `exports.onExecutePostLogin = async (event, api) => { api.access.deny("no " + event.secrets.WORD); };`,
  );
  const { startSandbox } = await import(join(installed(), "api.js"));
  const sandbox = await startSandbox({ actions: [action], users: [ADA], secrets: { WORD: "entry" } });
  t.after(sandbox.close);
  assert.equal(sandbox.issuer, `${sandbox.tenant}/`);
  for (const address of [sandbox.application, `${sandbox.tenant}/inspector`, `${sandbox.authsignal}/portal`]) {
    assert.equal((await fetch(address)).status, 200, address);
  }
  assert.deepEqual(sandbox.users, [ADA]);
  const [{ clientId: client_id, redirectUris }] = sandbox.applications;

  const browser = new Browser(sandbox.tenant);
  const { url } = await browser.signIn(ADA, { client_id, redirect_uri: redirectUris[0] });
  assert.equal(url.searchParams.get("error_description"), "no entry");
  const [{ kind, user, outcome, runs }] = sandbox.logins();
  assert.deepEqual([kind, user, outcome], ["Login", ADA.email, "access_denied: no entry"]);
  const [{ action: name, handler, event, result }] = runs;
  assert.deepEqual([name, handler, event.user.email], ["deny.js", "onExecutePostLogin", ADA.email]);
  assert.deepEqual(result.command, { type: "deny", reason: "no entry" });
});

test("startSandbox refuses a tenant that can't be", async () => {
  const { startSandbox } = await import(join(installed(), "api.js"));
  await assert.rejects(startSandbox({ actions: [], organizations: [{ id: "example", name: "example" }] }), {
    message: 'TENANT: /organizations/0/id of the options must match pattern "^org_".',
  });
});

test("its command runs the Actions that are its arguments, and says what is missing without", async (t) => {
  const env = { ...process.env, PORT: "", ACTION: "", SECRETS: "", TENANT: "" };
  const none = await run(process.execPath, [join(installed(), "index.js")], { env }).catch((error) => error);
  assert.deepEqual(
    [none.code, none.stderr],
    [2, "Name the file of your Action: authsignal-auth0-sandbox action.js. --help explains the rest.\n"],
  );

  const action = join(installed(), "examples", "action.js");
  for (;;) {
    const PORT = String(20_000 + Math.floor(Math.random() * 10_000));
    const child = spawn(process.execPath, [join(installed(), "index.js"), action], { env: { ...env, PORT } });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
    const closed = once(child, "close");
    while (!/Ctrl-C/.test(said) && child.exitCode === null) await Promise.race([once(child.stdout, "data"), closed]);
    if (!/Ctrl-C/.test(said)) continue;
    assert.match(said, /The sandbox runs \S+action\.js\./);
    child.kill("SIGINT");
    assert.equal((await closed)[0], 0);
    break;
  }
});

test("the example of an end-to-end test with Playwright passes in a project that has installed it", async () => {
  await cp(join(installed(), "examples"), join(project, "tests"), { recursive: true });
  const playwright = fileURLToPath(new URL(".", import.meta.resolve("playwright-core")));
  await symlink(playwright, join(project, "node_modules", "playwright"));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await run(
    process.execPath,
    ["--test", "--test-reporter=tap", join(project, "tests", "playwright.test.js")],
    {
      cwd: project,
      env: { ...env, CHROMIUM: process.env.CHROMIUM || (await whichChromium()) },
    },
  );
  assert.match(stdout, /^# pass 2$/m);
  assert.match(stdout, /^# fail 0$/m);
});

/** The browser of this machine, as tests/e2e/chromium.js finds it. */
async function whichChromium() {
  const { stdout } = await run("sh", ["-c", "command -v chromium || command -v google-chrome"]);
  return stdout.trim();
}
