// `node sandbox`, as a person starts it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startAuthsignal } from "../../sandbox/authsignal/server.js";
import { hasIPv6 } from "../sandbox/ipv6.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("it prints its addresses and its users, answers there, and ends at Ctrl-C", async (t) => {
  const { child, ended, lines, port } = await startOnFreePorts(t);
  const app = `http://localhost:${port}`;
  const tenant = `http://localhost:${port + 1}`;
  for (const address of [app, `${tenant}/inspector`, `http://localhost:${port + 2}/portal`]) {
    assert.ok(lines.includes(address), address);
    assert.equal((await fetch(address)).status, 200, address);
  }
  assert.match(lines, /ada@example\.com +password \S+/);
  const { issuer } = await (await fetch(`${tenant}/.well-known/openid-configuration`)).json();
  assert.equal(issuer, `${tenant}/`);

  child.kill("SIGINT");
  assert.deepEqual(await ended, { status: 0, errors: "" });
});

test("--help explains every setting", async (t) => {
  const { ended, said } = start(t, {}, ["--help"]);
  assert.equal((await ended).status, 0);
  for (const name of [
    "PORT",
    "ACTION",
    "SECRETS",
    "TENANT",
    "ORIGIN",
    "CONFIGURATION",
    "FRESH",
    "AUTHSIGNAL_API_URL",
    "AUTHSIGNAL_SECRET",
  ]) {
    assert.match(said.text, new RegExp(`^ *${name}=`, "m"));
  }
});

for (const address of ["127.0.0.1", "::1"]) {
  test(`a port that is taken on ${address} is one line`, { skip: address === "::1" && !hasIPv6 }, async (t) => {
    const server = createServer().listen(0, address);
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const { ended } = start(t, { PORT: String(port) });
    const errors = `Port ${port} is taken: PORT=… moves the sandbox to others.\n`;
    assert.deepEqual(await ended, { status: 1, errors });
  });
}

/**
 * @type {[name: string, files: Record<string, string>, env: Record<string, string>, status: number, line: RegExp][]}
 */
const MISTAKES = [
  ["a missing Action file", {}, { ACTION: "none.js" }, 2, /^ACTION: there is no file \S+none\.js\.$/],
  [
    "a missing file of several Actions",
    { "one.js": "" },
    { ACTION: "one.js,none.js" },
    2,
    /^ACTION: there is no file \S*none\.js\.$/,
  ],
  [
    "an Action that doesn't compile",
    { "broken.js": "exports.x = 1;\nexports.y = (;" },
    { ACTION: "broken.js" },
    1,
    /^The Action does not compile: \S+broken\.js:2: /,
  ],
  [
    "an Action that is too large",
    { "large.js": `// ${"x".repeat(100_000)}` },
    { ACTION: "large.js" },
    1,
    /^\S+large\.js has 100003 bytes; the limit of an Action is 100000 bytes$/,
  ],
  ["a missing SECRETS file", {}, { SECRETS: "none" }, 2, /^SECRETS: \S+none can't be read\.$/],
  [
    "a broken line in a SECRETS file",
    { secrets: "A=1\nsecret words" },
    { SECRETS: "secrets" },
    2,
    /^SECRETS: line 2 of \S+secrets is not NAME=VALUE\.$/,
  ],
  [
    "broken JSON in a SECRETS file",
    { secrets: '{"A": "hidden" "B"' },
    { SECRETS: "secrets" },
    2,
    /^SECRETS: \S+secrets is not valid JSON\.$/,
  ],
  [
    "a secret that is no string",
    { secrets: '{"A": 1}' },
    { SECRETS: "secrets" },
    2,
    /^SECRETS: A in \S+secrets is not a string\.$/,
  ],
  ["a missing TENANT file", {}, { TENANT: "none" }, 2, /^TENANT: \S+none can't be read\.$/],
  [
    "a TENANT file that is no JSON",
    { tenant: "{" },
    { TENANT: "tenant" },
    2,
    /^TENANT: \S+tenant is not valid JSON\.$/,
  ],
  [
    "a TENANT with a field that is not known",
    { tenant: '{ "user": [] }' },
    { TENANT: "tenant" },
    2,
    /^TENANT: the whole of \S+tenant must NOT have additional properties: user\.$/,
  ],
  [
    "a TENANT with a wrong value",
    { tenant: '{ "organizations": [{ "id": "example", "name": "example" }] }' },
    { TENANT: "tenant" },
    2,
    /^TENANT: \/organizations\/0\/id of \S+tenant must match pattern "\^org_"\.$/,
  ],
  [
    "a TENANT whose user has no connection",
    {
      tenant:
        '{ "users": [{ "user_id": "samlp|a", "email": "a@b.c", "password": "p", "name": "A", "connection": "saml" }] }',
    },
    { TENANT: "tenant" },
    2,
    /^TENANT: the connection saml of samlp\|a is not in \S+tenant\.$/,
  ],
  [
    "a configuration that is not JSON",
    { fields: '{"A": "hidden" "B"' },
    { CONFIGURATION: "fields" },
    2,
    /^CONFIGURATION: \S+fields is not valid JSON\.$/,
  ],
  ["a PORT that is none", {}, { PORT: "http" }, 2, /^PORT is a whole number/],
  ["an ORIGIN of two", {}, { ORIGIN: "https://a.test,https://b.test" }, 2, /^ORIGIN is three addresses, or one with/],
  [
    "an ORIGIN without https",
    {},
    { ORIGIN: "http://box:{port}" },
    2,
    /^ORIGIN: http:\/\/box:\{port\} is not an address such as/,
  ],
  ["an ORIGIN with a path", {}, { ORIGIN: "https://a.test/{port}" }, 2, /^ORIGIN: \S+ is not an address such as/],
  ["only one of Authsignal's two settings", {}, { AUTHSIGNAL_SECRET: "hidden" }, 2, /go together/],
];

for (const [name, files, env, status, line] of MISTAKES) {
  test(`${name} is one line`, async (t) => {
    const folder = await folderWith(t, files);
    const inFolder = Object.entries(env).map(([name, value]) => [
      name,
      /^(ACTION|SECRETS|CONFIGURATION|TENANT)$/.test(name)
        ? value
            .split(",")
            .map((file) => join(folder, file))
            .join()
        : value,
    ]);
    const { ended } = start(t, Object.fromEntries(inFolder));
    const end = await ended;
    assert.equal(end.status, status);
    assert.match(end.errors.trimEnd(), line);
    assert.equal(end.errors.trimEnd().split("\n").length, 1);
    assert.doesNotMatch(end.errors, /hidden|secret words/);
  });
}

test("an unknown argument is one line", async (t) => {
  const { status, errors } = await start(t, {}, ["--port"]).ended;
  assert.equal(status, 2);
  assert.match(errors, /^Unknown argument --port: .*\n$/);
});

test("any Action runs, with the packages of its folder and the secrets of a file, both read again when they change", async (t) => {
  const folder = await folderWith(t, {
    secrets: '# a comment\n\nREASON = "first"\n',
    "action.js": denying("one"),
    "node_modules/a-package/index.js": 'module.exports = "packaged";',
  });
  const env = { ACTION: join(folder, "action.js"), SECRETS: join(folder, "secrets") };
  const { port, complained } = await startOnFreePorts(t, env);

  const reason = () => deniedAt(`http://localhost:${port}`);
  assert.equal(await reason(), "one first packaged");
  await writeFile(env.SECRETS, '{ "REASON": "second" }');
  assert.equal(await reason(), "one second packaged");
  await writeFile(env.ACTION, denying("other"));
  assert.equal(await reason(), "other second packaged");
  await writeFile(env.SECRETS, "{");
  assert.equal(await reason(), "other second packaged", "a broken file changes nothing");
  await complained.until(/is not valid JSON\. What the file had before goes on\./);
});

test("ACTION names several Actions, which run in this order", async (t) => {
  const folder = await folderWith(t, {
    "one.js": `exports.onExecutePostLogin = async (event, api) => api.transaction.setMetadata("word", "from one");`,
    "two.js": `exports.onExecutePostLogin = async (event, api) => api.access.deny(event.transaction.metadata.word);`,
  });
  const ACTION = `${join(folder, "one.js")}, ${join(folder, "two.js")}`;
  const { port, lines } = await startOnFreePorts(t, { ACTION });
  assert.match(lines, /The sandbox runs \S+one\.js, then \S+two\.js\./);
  assert.equal(await deniedAt(`http://localhost:${port}`), "from one");
});

test("TENANT names the file of a tenant, whose users can log in", async (t) => {
  const folder = await folderWith(t, {
    "action.js": `exports.onExecutePostLogin = async (event, api) => api.access.deny(event.authorization.roles.join());`,
    "tenant.json": `{ "users": [
      { "user_id": "auth0|ada", "email": "ada@example.com", "password": "sandbox", "name": "Ada", "roles": ["a", "b"] },
      { "user_id": "auth0|cleo", "email": "cleo@example.com", "password": "secret", "name": "Cleo" }
    ] }`,
  });
  const env = { ACTION: join(folder, "action.js"), TENANT: join(folder, "tenant.json") };
  const { port, lines } = await startOnFreePorts(t, env);
  assert.match(lines, /cleo@example\.com +password secret/);
  assert.equal(await deniedAt(`http://localhost:${port}`), "a,b");
});

test("with a URL and a secret, the tenant uses that Authsignal, and starts none", async (t) => {
  const secret = "the secret of another tenant";
  const authsignal = await startAuthsignal({ secret, defaultOutcome: "BLOCK" });
  t.after(authsignal.close);
  const { port, lines } = await startOnFreePorts(t, { AUTHSIGNAL_API_URL: authsignal.url, AUTHSIGNAL_SECRET: secret });
  assert.match(lines, /Authsignal +your own tenant/);
  await assert.rejects(fetch(`http://localhost:${port + 2}/portal`));
  assert.equal(await deniedAt(`http://localhost:${port}`), "Action blocked");
  assert.deepEqual(await clientsAt(`http://localhost:${port + 1}`), ["node:http"]);
});

test("the Marketplace's Action runs with the fields of a file, read again when it changes", async (t) => {
  const secret = "the secret of another tenant";
  const authsignal = await startAuthsignal({ secret, defaultOutcome: "BLOCK" });
  t.after(authsignal.close);
  const folder = await folderWith(t, { fields: '{ "BLOCKED_MESSAGE": "Call the help desk" }' });
  const env = {
    ACTION: "marketplace/integration/integration.action.js",
    CONFIGURATION: join(folder, "fields"),
    AUTHSIGNAL_API_URL: authsignal.url,
    AUTHSIGNAL_SECRET: secret,
  };
  const { port } = await startOnFreePorts(t, env);
  assert.equal(await deniedAt(`http://localhost:${port}`), "Call the help desk");
  await writeFile(env.CONFIGURATION, "BLOCKED_MESSAGE = Come back tomorrow");
  assert.equal(await deniedAt(`http://localhost:${port}`), "Come back tomorrow");
});

/** An Action. @param {string} word */
const denying = (word) => `
  const packaged = require("a-package");
  exports.onExecutePostLogin = async (event, api) => {
    api.access.deny(["${word}", event.secrets.REASON, packaged].join(" "));
  };
`;

/**
 * What the application shows after a login by form, without a browser.
 * @param {string} app
 */
async function deniedAt(app) {
  /** @type {Map<string, string>} */
  const cookies = new Map();
  /** @param {string | URL} address @param {RequestInit} [init] @returns {Promise<{ url: URL, page: string }>} */
  const visit = async (address, init) => {
    const headers = { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "), Accept: "text/html" };
    const response = await fetch(address, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location) return visit(new URL(location, address));
    return { url: new URL(address), page: await response.text() };
  };
  const { url } = await visit(`${app}/login`);
  const { page } = await visit(url, {
    method: "POST",
    body: new URLSearchParams({ email: "ada@example.com", password: "sandbox" }),
  });
  return /id="error-description">([^<]*)</.exec(page)?.[1];
}

/** Which clients the inspector has of the requests of the newest login. @param {string} tenant */
async function clientsAt(tenant) {
  const page = await (await fetch(`${tenant}/inspector`)).text();
  const arrows = [...page.matchAll(/href="(\/inspector\/\d+\/\d+)#/g)].map(([, path]) => path);
  const details = await Promise.all(arrows.map(async (path) => (await fetch(tenant + path)).text()));
  return details.flatMap(
    (text) => /&quot;client&quot;<\/span>: <span class="json-text">&quot;(.*?)&quot;/.exec(text)?.[1] ?? [],
  );
}

/** @param {import("node:test").TestContext} t @param {Record<string, string>} [env] */
async function startOnFreePorts(t, env) {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const sandbox = start(t, { ...env, PORT: String(port) });
    const first = await Promise.race([sandbox.said.until(/Ctrl-C/), sandbox.ended]);
    if (typeof first === "string") return { ...sandbox, port, lines: first };
    assert.match(first.errors, /is taken/);
  }
}

/** @param {import("node:test").TestContext} t @param {Record<string, string>} env @param {string[]} args */
function start(t, env, args = []) {
  const { PORT, ACTION, SECRETS, CONFIGURATION, TENANT, ORIGIN, FRESH, ...others } = process.env;
  const { AUTHSIGNAL_API_URL, AUTHSIGNAL_SECRET, ...rest } = others;
  const child = spawn(process.execPath, ["sandbox", ...args], { cwd: root, env: { ...rest, ...env } });
  t.after(() => child.kill("SIGKILL"));
  const said = words(child.stdout);
  const complained = words(child.stderr);
  const ended = once(child, "close").then(([status]) => ({ status, errors: complained.text }));
  return { child, said, complained, ended };
}

/** What comes out of a stream. @param {import("node:stream").Readable} stream */
function words(stream) {
  const heard = {
    text: "",
    /** All of it, once this has come. @param {RegExp} pattern */
    async until(pattern) {
      while (!pattern.test(heard.text)) await once(stream, "data");
      return heard.text;
    },
  };
  stream.setEncoding("utf8").on("data", (chunk) => (heard.text += chunk));
  return heard;
}

/** @param {import("node:test").TestContext} t @param {Record<string, string>} files */
async function folderWith(t, files) {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
