// The package in a process that has loaded it, as a CommonJS and as an ES module.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { loginEvent } from "../runtime/event.js";
import { createProject } from "./project.js";

const project = await createProject({ after });

const names = [
  "createAction",
  "handleAuth0ContinuePostLogin",
  "handleAuth0ExecutePostLogin",
  "onContinuePostLogin",
  "onExecutePostLogin",
];

const loads = /** @type {const} */ ([
  ["require", "authsignal-auth0", "commonjs", `require("authsignal-auth0")`],
  ["import", "authsignal-auth0", "module", `await import("authsignal-auth0")`],
  ["require", "authsignal-auth0/action.js", "commonjs", `require("authsignal-auth0/action.js")`],
]);

for (const [how, what, type, load] of loads) {
  test(`${how} of ${what} gives the handlers as native async functions`, async () => {
    const handlers = await project.evaluate(
      `const loaded = ${load};
      console.log(JSON.stringify(Object.keys(loaded).sort().map((name) => [name, loaded[name].constructor.name])));`,
      type,
    );
    const kinds = names.map((name) => [name, name === "createAction" ? "Function" : "AsyncFunction"]);
    assert.deepEqual(handlers, kinds);
  });
}

// What any first package loads of Node is not this one's.
await project.write(
  "node_modules/empty/package.json",
  JSON.stringify({ exports: { import: "./empty.mjs", require: "./empty.cjs" } }),
);
await project.write("node_modules/empty/empty.cjs", "");
await project.write("node_modules/empty/empty.mjs", `import "node:path";`);

/**
 * What a process does for the package at the load, and at the first login.
 * @param {string} load
 * @param {Record<string, any>} [parts] of the event
 */
const cost = (load, parts) => `
  ${load.replace("authsignal-auth0", "empty")};

  // Node itself compiles wasm too, but not with these.
  let compiled = 0;
  for (const name of ["Module", "Instance"]) {
    const construct = (...args) => (compiled++, Reflect.construct(...args));
    WebAssembly[name] = new Proxy(WebAssembly[name], { construct });
  }
  const before = new Set(process.moduleLoadList);
  const modules = () => process.moduleLoadList.filter((name) => !before.has(name));

  const loaded = ${load};
  const atLoad = { compiled, modules: modules() };

  globalThis.fetch = async () => ({ status: 200, text: async () => '{"state":"ALLOW","isEnrolled":true}' });
  const api = { access: { deny: (reason) => { throw new Error(reason); } } };
  const event = ${JSON.stringify(loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" }, ...parts }))};
  loaded.onExecutePostLogin(event, api).then(() => {
    const has = (name) => modules().includes("NativeModule " + name);
    const atLogin = { compiled, zlib: has("zlib"), http: has("http"), fetch: has("internal/deps/undici/undici") };
    console.log(JSON.stringify({ atLoad, atLogin }));
  });
`;

// The module and an instance of it, and the same of the module that decodes its text.
const compiled = 4;

test("require of the package compiles no wasm and loads none of Node's modules before the first login", async () => {
  const costs = await project.evaluate(cost(`require("authsignal-auth0")`));
  assert.deepEqual(costs, {
    atLoad: { compiled: 0, modules: [] },
    atLogin: { compiled, zlib: true, http: true, fetch: true },
  });
});

test("import of the package compiles no wasm before the first login", async () => {
  const { atLoad, atLogin } = await project.evaluate(cost(`await import("authsignal-auth0")`), "module");
  assert.deepEqual([atLoad.compiled, atLogin.compiled], [0, compiled]);
});

test("a first refresh token exchange does not wait for Node to load a client", async () => {
  const exchange = { transaction: { protocol: "oauth2-refresh-token" } };
  const { atLogin } = await project.evaluate(cost(`require("authsignal-auth0")`, exchange));
  assert.deepEqual(atLogin, { compiled, zlib: true, http: false, fetch: false });
});
