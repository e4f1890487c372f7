// The built files as text, and as processes of their own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { compileFunction } from "node:vm";
import { createApi } from "./api.js";
import { SECRET, startAuthsignal } from "./authsignal.js";
import { files } from "./built.js";
import { useNode } from "./client.js";
import { loginEvent } from "./event.js";
import { keepLog } from "./globals.js";

useNode();

const authsignal = await startAuthsignal();
after(() => authsignal.stop());

const run = promisify(execFile);
const names = /** @type {const} */ (["cjs", "mjs", "action"]);
const text = Object.fromEntries(names.map((name) => [name, readFileSync(files[name], "latin1")]));

for (const name of names) {
  test(`${name}: every byte is printable ASCII or a line break`, () => {
    assert.match(text[name], /^[\n\x20-\x7e]*$/);
  });

  test(`${name}: nothing asks where the file is, and no code is made of text`, () => {
    for (const word of ["__dirname", "__filename", "import.meta", "process.cwd", "node:fs", "eval(", "new Function"]) {
      assert.ok(!text[name].includes(word), word);
    }
  });

  test(`${name}: the module inside has no character that an editor or a template could take for its own`, () => {
    // One string literal that long.
    const found = [...text[name].matchAll(/"([^"]{20000,})"/g)];
    assert.equal(found.length, 1);
    assert.match(found[0][1], /^[!#%-[\]-~]+$/);
  });
}

test("action.js is its options block above index.cjs, byte for byte", () => {
  assert.ok(text.action.endsWith(text.cjs));
  const block = text.action.slice(0, -text.cjs.length);
  assert.match(block, /^\/\/ Authsignal MFA for Auth0, version \d+\.\d+\.\d+ /);
  assert.match(
    block,
    /\n\/\/ ---- Options: edit from here ----\nconst authsignalOptions = \{\n(?: {2}\/\/ .*\n)*\};\n\/\/ ---- to here\. .*\n\s*$/,
  );
});

test("action.js is at most 55,000 bytes, little more than half of what Auth0 allows", () => {
  assert.ok(text.action.length <= 55_000, `${text.action.length}`);
});

test("the CommonJS files require nothing but node: modules, and each when it is needed", async (t) => {
  keepLog(t);
  for (const name of /** @type {const} */ (["cjs", "action"])) {
    const calls = text[name].match(/\brequire\s*\([^a-zA-Z]{0,2}[a-z:]*/g) ?? [];
    for (const call of calls) assert.match(call, /^require\(["'`]node:/);

    // What it requires in truth, at load, at a login, and where there is no global crypto.
    const require = createRequire(import.meta.url);
    /** @type {Set<string>} */
    const required = new Set();
    const spy = (/** @type {string} */ id) => {
      required.add(id);
      return require(id);
    };
    const module = { exports: /** @type {any} */ ({}) };
    compileFunction(text[name], ["module", "exports", "require"])(module, module.exports, spy);
    assert.deepEqual([...required], []);
    // Node 18 has no global crypto.
    let expected = [...(globalThis.crypto ? [] : ["node:crypto"]), "node:zlib"];
    await module.exports.onExecutePostLogin(loginEvent(), createApi().api);
    assert.deepEqual([...required], expected);
    for (const [AUTHSIGNAL_API_URL, client] of [
      [authsignal.url, "node:http"],
      [authsignal.url.replace("http", "https"), "node:https"],
    ]) {
      await module.exports.onExecutePostLogin(
        loginEvent({ secrets: { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL } }),
        createApi().api,
      );
      expected = [...expected, client];
      assert.deepEqual([...required], expected);
    }
  }
});

test("index.mjs imports nothing but node:module", () => {
  assert.ok(!/\brequire\s*\(/.test(text.mjs));
  assert.ok(!/\bimport\s*\(/.test(text.mjs));
  const imports = [...text.mjs.matchAll(/\bimport\b[^"']{0,40}["']([^"']+)["']/g)].map(([, id]) => id);
  assert.deepEqual(imports, ["node:module"]);
});

/**
 * Runs a script in a process of its own, which has to end by itself, and gives what it printed.
 * @param {string} script
 * @param {string[]} [flags]
 */
const alone = async (script, flags = []) => {
  const { stdout, stderr } = await run(process.execPath, [...flags, "-e", script], { timeout: 60_000 });
  assert.ok(!stderr.includes("MaxListeners"), stderr);
  return stdout.trim().split("\n");
};

/** @param {string} options @param {string} [before] */
const login = (options, before = "") => `
  ${before}
  const pkg = require(${JSON.stringify(files.cjs)});
  const api = {
    access: { deny: (reason) => console.log("deny", reason) },
    redirect: { sendUserTo: (url) => console.log("redirect", new URL(url).origin) },
    transaction: { setMetadata() {} },
  };
  const options = ${options};
  pkg.handleAuth0ExecutePostLogin(${JSON.stringify(loginEvent())}, api, options).then(() => console.log("ended"));
`;

/** An hour: a timer of it that was left would keep the process. */
const settings = JSON.stringify({ secret: SECRET, apiBaseUrl: authsignal.url, timeoutMs: 3_600_000, maxRetries: 0 });

test("a process that ran one login exits", { timeout: 60_000 }, async () => {
  assert.deepEqual(await alone(login(settings)), [`redirect ${authsignal.origin}`, "ended"]);
});

test("a process that ran one login through the ES module exits", { timeout: 60_000 }, async () => {
  const script = login(settings).replace(
    `const pkg = require(${JSON.stringify(files.cjs)});`,
    `const pkg = await import(${JSON.stringify(files.mjs)});`,
  );
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
  assert.deepEqual(stdout.trim().split("\n"), [`redirect ${authsignal.origin}`, "ended"]);
});

test("a process whose login timed out exits, where fetch heeds the signal and where it doesn't", {
  timeout: 60_000,
}, async (t) => {
  await authsignal.faults([{ kind: "hang", endpoint: "*" }], t);
  for (const fetch of ["", "globalThis.fetch = () => new Promise(() => {});"]) {
    const [line, ...rest] = await alone(login(`{ ...${settings}, timeoutMs: 100 }`, fetch));
    assert.match(line, /^deny MFA is unavailable$|^authsignal-auth0: deny, timeout: /);
    assert.equal(rest.at(-1), "ended");
  }
});

test("a process whose fetch fails exits without waiting for its deadline", { timeout: 60_000 }, async () => {
  const lines = await alone(
    login(settings, `globalThis.fetch = async () => { throw new TypeError("fetch failed"); };`),
  );
  assert.equal(lines[0], "deny MFA is unavailable");
  assert.equal(lines.at(-1), "ended");
});

test("a stream of empty chunks without end holds up no process", { timeout: 60_000 }, async () => {
  const reader = "{ read: async () => ({ done: false, value: new Uint8Array() }), cancel: async () => {} }";
  const fetch = `globalThis.fetch = async () => ({ status: 200, body: { getReader: () => (${reader}) } });`;
  const script = login(`{ ...${settings}, timeoutMs: 100 }`, fetch);
  // A hook stays under 9 s.
  const { stdout } = await run(process.execPath, ["-e", script], { timeout: 15_000 });
  assert.match(stdout, /^deny MFA is unavailable$/m);
});

test("a process of many logins prints no warning of a leak", { timeout: 60_000 }, async () => {
  const lines = await alone(`${login(settings)}
    (async () => {
      for (let at = 0; at < 30; at++) await pkg.handleAuth0ExecutePostLogin(${JSON.stringify(loginEvent())}, api, options);
    })();`);
  assert.equal(lines.filter((line) => line.startsWith("redirect ")).length, 31);
});

test("a process that only loads the file exits at once, and prints nothing", { timeout: 60_000 }, async () => {
  assert.deepEqual(await alone(`require(${JSON.stringify(files.cjs)})`), [""]);
});

test("the files need no global crypto, which Node 18 lacks", { timeout: 60_000 }, async () => {
  const lines = await alone(login(settings, "delete globalThis.crypto; if (globalThis.crypto) throw new Error();"));
  assert.deepEqual(lines, [`redirect ${authsignal.origin}`, "ended"]);
});

test("the files run under strict flags: no code from strings, no __proto__", { timeout: 60_000 }, async () => {
  const lines = await alone(login(settings), ["--disallow-code-generation-from-strings", "--disable-proto=delete"]);
  assert.deepEqual(lines, [`redirect ${authsignal.origin}`, "ended"]);
});
