import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ActionCompileError, loadAction, withState } from "../../sandbox/auth0/runtime.js";
import { evaluate, event, run, shared } from "./action-runner.js";

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "actions-runtime-"));
  await mkdir(join(folder, "node_modules", "greeting"), { recursive: true });
  await writeFile(join(folder, "node_modules", "greeting", "index.js"), `module.exports = "kia ora";`);
  await writeFile(
    join(folder, "login.js"),
    `exports.onExecutePostLogin = async (event, api) => { api.access.deny("from a file"); };`,
  );
  await writeFile(join(folder, "broken.js"), `exports.a = 1;\n\nexports.b = ;\n`);
});
after(() => rm(folder, { recursive: true }));

describe("How an Action is loaded", () => {
  test("an Action can be a file or a text, and not both or neither", async () => {
    const action = await loadAction({ file: join(folder, "login.js") });
    assert.deepEqual((await action.execute("onExecutePostLogin", event())).command, {
      type: "deny",
      reason: "from a file",
    });
    await assert.rejects(loadAction(/** @type {any} */ ({ file: "a.js", source: "" })), TypeError);
    await assert.rejects(loadAction(/** @type {any} */ ({})), TypeError);
  });

  test("the body sees module, exports, console and require, and nothing else of CommonJS", async () => {
    const action = await loadAction({
      source: `
      const seen = {
        wrapper: arguments.length === 3 && arguments[0] === module && arguments[1] === exports && arguments[2] === console,
        exports: module.exports === exports,
        console: console !== globalThis.console,
        require: typeof require,
        others: ["__dirname", "__filename", "actions"].map((name) => { try { eval(name); return "exists"; } catch (error) { return error.name; } }),
      };
      exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("seen", seen); };
    `,
    });
    const { claims } = await action.execute("onExecutePostLogin", event());
    assert.deepEqual(claims.idToken.seen, {
      wrapper: true,
      exports: true,
      console: true,
      require: "function",
      others: ["ReferenceError", "ReferenceError", "ReferenceError"],
    });
  });

  test("module.exports can be replaced", async () => {
    const action = await loadAction({
      source: `module.exports = { onExecutePostLogin: async (event, api) => { api.access.deny("replaced"); } };`,
    });
    assert.deepEqual((await action.execute("onExecutePostLogin", event())).command, {
      type: "deny",
      reason: "replaced",
    });
  });

  test("an export that is no object is an error", async () => {
    const action = await loadAction({ source: "module.exports = async () => {};" });
    assert.equal(
      (await action.execute("onExecutePostLogin", event())).error?.message,
      "The Action must export an object.",
    );
  });

  for (const [what, source] of [
    ["import.meta", "import.meta"],
    ["import", `import x from "node:fs"`],
    ["await outside a function", "await 1"],
  ]) {
    test(`${what} does not compile`, async () => {
      await assert.rejects(loadAction({ source }), ActionCompileError);
    });
  }

  test("a source that ends in a line comment compiles", async () => {
    const action = await loadAction({ source: "exports.onExecutePostLogin = async () => {}; // the end" });
    assert.equal((await action.execute("onExecutePostLogin", event())).status, "ok");
  });

  test("a compile error names the file and the line", async () => {
    const file = join(folder, "broken.js");
    await assert.rejects(loadAction({ file }), (/** @type {any} */ error) => {
      assert.ok(error instanceof ActionCompileError);
      assert.equal(error.line, 3);
      assert.equal(error.message, `${file}:3: Unexpected token ';'`);
      return true;
    });
    await assert.rejects(
      loadAction({ source: "\nexports.a = () => {", name: "open.js" }),
      /^ActionCompileError: open\.js:2: /,
    );
    await assert.rejects(
      loadAction({ source: "", modules: { helper: { source: "\n;)" } } }),
      /^ActionCompileError: actions:helper:2: /,
    );
  });

  test("a stack trace has the lines of the source", async () => {
    const source = `// first\nexports.onExecutePostLogin = async () => {\n  throw new Error("third");\n};`;
    const action = await loadAction({ source, name: "lines.js" });
    const { error } = await action.execute("onExecutePostLogin", event());
    assert.match(error?.stack ?? "", /lines\.js:3:9\)?\n/);
  });

  test("the Action lives in this realm", async () => {
    const same = `[Array, Error, Promise, Uint8Array, WebAssembly, fetch].every((value, i) => value === globalThis.actionsRuntimeTest.realm[i])
      && event instanceof Object && event.authentication.methods instanceof Array`;
    shared.realm = [Array, Error, Promise, Uint8Array, WebAssembly, fetch];
    assert.equal(await evaluate(same), true);
  });

  test("100,000 bytes are loaded, and one more is refused with the size and the limit", async () => {
    const source = `/*${"é".repeat(49_998)}*/`;
    assert.equal(Buffer.byteLength(source), 100_000);
    await loadAction({ source });
    await assert.rejects(loadAction({ source: `${source} `, name: "large.js" }), {
      name: "RangeError",
      message: "large.js has 100001 bytes; the limit of an Action is 100000 bytes",
    });
    await assert.rejects(loadAction({ source: "", modules: { large: { source: `${source} ` } } }), /100001 bytes/);
  });
});

describe("What require reaches", () => {
  test("Node's own modules, with and without node:", async () => {
    assert.equal(
      await evaluate(
        `require("crypto") === require("node:crypto") && require("node:fs/promises") === require("fs").promises`,
      ),
      true,
    );
  });

  test("the npm packages of the folder that was given", async () => {
    const source = `exports.onExecutePostLogin = async (event, api) => { api.access.deny(require("greeting")); };`;
    const action = await loadAction({ source, packagesFrom: folder });
    assert.deepEqual((await action.execute("onExecutePostLogin", event())).command, {
      type: "deny",
      reason: "kia ora",
    });
  });

  for (const [id, reason] of [
    ["greeting", "this Action lists no npm packages"],
    ["./login.js", "an Action has no files beside it"],
    ["../login.js", "an Action has no files beside it"],
    ["..", "an Action has no files beside it"],
    ["/login.js", "an Action has no files beside it"],
    ["actions:missing", "no Actions Module of this name is registered"],
  ]) {
    test(`not ${id}, because ${reason}`, async () => {
      for (const call of ["require", "require.resolve"]) {
        const { error } = await run(`${call}(${JSON.stringify(id)})`);
        assert.equal(error?.message, `Cannot find module '${id}': ${reason}`);
      }
    });
  }

  test("a path is refused with packages too", async () => {
    const action = await loadAction({ source: `require("./login.js")`, packagesFrom: folder });
    assert.match((await action.execute("onExecutePostLogin", event())).error?.message ?? "", /no files beside it/);
  });

  test("an Actions Module, evaluated once, at the first require, with module, exports, require, actions and console", async () => {
    shared.evaluations = 0;
    const module = `
      globalThis.actionsRuntimeTest.evaluations++;
      console.info("evaluated");
      exports.seen = [arguments.length, typeof require, module.exports === exports, actions.secrets.KEY, arguments[4] === console]; // the end`;
    const action = await loadAction({
      source: `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("seen", require("actions:helper").seen); };`,
      modules: { helper: { source: module, secrets: { KEY: "made-up" } } },
    });
    assert.equal(shared.evaluations, 0);
    const first = await action.execute("onExecutePostLogin", event());
    const second = await action.execute("onExecutePostLogin", event());
    assert.equal(shared.evaluations, 1);
    assert.deepEqual(first.claims.idToken.seen, [5, "function", true, "made-up", true]);
    assert.deepEqual(second.claims, first.claims);
    assert.deepEqual([first.console, second.console], [[{ level: "info", text: "evaluated" }], []]);
  });

  test("an Actions Module that threw throws the same again", async () => {
    const action = await loadAction({
      source: `exports.onExecutePostLogin = async (event, api) => {
        try { require("actions:helper") } catch (error) { api.access.deny(error.message); }
      };`,
      modules: { helper: { source: "throw new Error(String(Math.random()));" } },
    });
    const first = await action.execute("onExecutePostLogin", event());
    assert.deepEqual((await action.execute("onExecutePostLogin", event())).command, first.command);
  });
});

describe("How the body runs", () => {
  test("once, at the first execution, for both handlers", async () => {
    shared.runs = 0;
    const action = await loadAction({
      source: `
      globalThis.actionsRuntimeTest.runs++;
      exports.onExecutePostLogin = exports.onContinuePostLogin = async () => {};
    `,
    });
    assert.equal(shared.runs, 0);
    await action.execute("onExecutePostLogin", event());
    await action.execute("onContinuePostLogin", event());
    assert.equal(shared.runs, 1);
  });

  test("once for executions that interleave, which share its variables but not their effects", async () => {
    const action = await loadAction({
      source: `
      let open, waiting = 0;
      const both = new Promise((resolve) => { open = resolve; });
      exports.onExecutePostLogin = async (event, api) => {
        console.log("in " + event.user.user_id);
        if (++waiting === 2) open();
        await both;
        console.log("out " + event.user.user_id);
        api.access.deny(event.user.user_id + " of " + waiting);
      };
    `,
    });
    const results = await Promise.all(
      ["ada", "bob"].map((user_id) => action.execute("onExecutePostLogin", { user: { user_id } })),
    );
    for (const [i, user] of ["ada", "bob"].entries()) {
      assert.deepEqual(results[i].command, { type: "deny", reason: `${user} of 2` });
      assert.deepEqual(
        results[i].console.map((line) => line.text),
        [`in ${user}`, `out ${user}`],
      );
    }
  });

  test("an error that it threw is kept and thrown again at every execution", async () => {
    shared.runs = 0;
    const action = await loadAction({
      source: `
      exports.onExecutePostLogin = async () => {};
      throw new Error("broken " + ++globalThis.actionsRuntimeTest.runs);
    `,
    });
    for (let i = 0; i < 2; i++) {
      const result = await action.execute("onExecutePostLogin", event());
      assert.deepEqual([result.status, result.error?.message], ["error", "broken 1"]);
    }
  });
});

describe("What a handler must be", () => {
  for (const handler of /** @type {const} */ (["onExecutePostLogin", "onContinuePostLogin"])) {
    for (const [what, value] of [
      ["a function that returns a promise", "() => Promise.resolve()"],
      ["an async generator", "async function* () {}"],
      ["no function", "{}"],
      ["null", "null"],
      ["missing", "undefined"],
    ]) {
      test(`${handler} is refused with Auth0's words if it is ${what}`, async () => {
        const action = await loadAction({ source: `exports.${handler} = ${value};` });
        const { status, error } = await action.execute(handler, event());
        const text = `Invalid function signature for the "${handler}" handler. Use "exports.${handler} = async function(event, api) { }" as the signature.`;
        assert.deepEqual([status, error?.message], ["error", text]);
      });
    }
  }

  test("another handler's name is the caller's mistake", async () => {
    const action = await loadAction({ source: "" });
    await assert.rejects(action.execute(/** @type {any} */ ("onExecutePreUserRegistration"), event()), TypeError);
  });
});

describe("The event", () => {
  test("is a deep copy: what the Action changes, freely, does not reach the caller's", async () => {
    const given = event();
    const result = await run(
      `"use strict";
      event.user.app_metadata.nested.deep[1].x = 2;
      event.authentication.methods.length = 0;
      event.transaction.metadata.campaign = "autumn";
      delete event.request;
    `,
      { event: given },
    );
    assert.equal(result.status, "ok");
    assert.deepEqual(given, event());
    assert.deepEqual(result.metadata, { campaign: "spring" });
  });

  test("has unknown fields at any level", async () => {
    assert.deepEqual(await evaluate("event.a.b", { event: { a: { b: [null, { c: 1 }] } } }), [null, { c: 1 }]);
  });

  test("shows transaction metadata at once, and the result has it", async () => {
    const result = await run(`
      const { transaction } = event;
      api.transaction.setMetadata("asked", true);
      api.idToken.setCustomClaim("seen", transaction.metadata);
    `);
    assert.deepEqual(result.claims.idToken.seen, { campaign: "spring", asked: true });
    assert.deepEqual(result.metadata, { campaign: "spring", asked: true });
    assert.equal(
      await evaluate(`(api.transaction.setMetadata("n", 1), event.transaction.metadata.n)`, { event: {} }),
      1,
    );
  });

  test("of a browser session has the methods that were recorded in it", async () => {
    const session = { methods: [] };
    const recorded = await run(`api.authentication.recordMethod("https://mfa.example/")`, {
      handler: "onContinuePostLogin",
      session,
    });
    const seen = await evaluate("event.authentication.methods", { session });
    assert.deepEqual(seen, [...event().authentication.methods, ...recorded.recordedMethods]);
    assert.deepEqual(await evaluate("event.authentication.methods", { session, event: {} }), recorded.recordedMethods);
  });
});

describe("The api", () => {
  const arguments_ = new Map(
    Object.entries({
      "access.deny": `"no"`,
      "accessToken.addScope": `"a"`,
      "accessToken.removeScope": `"a"`,
      "accessToken.setCustomClaim": `"a", 1`,
      "authentication.recordMethod": `"https://mfa.example/"`,
      "cache.delete": `"a"`,
      "cache.get": `"a"`,
      "cache.set": `"a", "b"`,
      "idToken.setCustomClaim": `"a", 1`,
      "groups.getUserGroups": "",
      "multifactor.enable": `"any"`,
      "prompt.render": `"ap_1"`,
      "redirect.canRedirect": "",
      "redirect.encodeToken": `{ secret: "s" }`,
      "redirect.sendUserTo": `"https://mfa.example/"`,
      "redirect.validateToken": `{ secret: "s" }`,
      "refreshToken.revoke": `"a"`,
      "refreshToken.setMetadata": `"a", "b"`,
      "roles.getUserEffectiveRoles": "",
      "rules.wasExecuted": `"a"`,
      "samlResponse.setAttribute": `"a", "b"`,
      "session.revoke": `"a"`,
      "session.setCookieMode": `"persistent"`,
      "transaction.setMetadata": `"a", 1`,
      "user.setAppMetadata": `"a", 1`,
      "user.setUserMetadata": `"a", 1`,
      "validation.error": `"a", "b"`,
    }),
  );
  const chained = [
    "access.deny",
    "accessToken.setCustomClaim",
    "authentication.recordMethod",
    "idToken.setCustomClaim",
    "multifactor.enable",
    "redirect.sendUserTo",
    "samlResponse.setAttribute",
    "user.setAppMetadata",
    "user.setUserMetadata",
    "validation.error",
  ];

  for (const [method, args] of arguments_) {
    test(`${method} throws without its own this`, async () => {
      for (const body of [
        `const call = api.${method}; await call(${args})`,
        `await api.${method}.call(api, ${args})`,
      ]) {
        const result = await run(body, { handler: "onContinuePostLogin" });
        assert.deepEqual([result.error?.name, result.calls], ["TypeError", []]);
      }
    });
  }

  for (const method of chained) {
    test(`${method} returns the api`, async () => {
      const expression = `api.${method}(${arguments_.get(method)}) === api`;
      assert.equal(await evaluate(expression, { handler: "onContinuePostLogin" }), true);
    });
  }

  test("lists every call in order, with copies of the arguments that were given", async () => {
    const { calls } = await run(`
      const claim = { roles: ["a"] };
      api.idToken.setCustomClaim("c", claim).user.setAppMetadata("f", () => {});
      claim.roles.push("b");
      try { api.redirect.sendUserTo("nowhere") } catch {}
      api.multifactor.enable("any", { allowRememberBrowser: false });
      api.rules.wasExecuted("old");
    `);
    assert.deepEqual(calls, [
      { method: "idToken.setCustomClaim", args: ["c", { roles: ["a"] }] },
      { method: "user.setAppMetadata", args: ["f", "[Function (anonymous)]"] },
      { method: "redirect.sendUserTo", args: ["nowhere"] },
      { method: "multifactor.enable", args: ["any", { allowRememberBrowser: false }] },
      { method: "rules.wasExecuted", args: ["old"] },
    ]);
  });

  for (const token of ["idToken", "accessToken"]) {
    test(`${token}.setCustomClaim refuses "scope"`, async () => {
      const { error } = await run(`api.${token}.setCustomClaim("scope", "all")`);
      assert.equal(error?.message, 'The "scope" claim cannot be set.');
    });
  }

  for (const method of ["addScope", "removeScope"]) {
    for (const [what, scope] of [
      ["no string", "1"],
      ["empty", '""'],
      ["two scopes", '"a b"'],
      ["longer than 280 characters", '"a".repeat(281)'],
    ]) {
      test(`accessToken.${method} refuses what is ${what}`, async () => {
        assert.equal((await run(`api.accessToken.${method}(${scope})`)).status, "error");
      });
    }
  }

  test("gives the changes of the access token's scopes, in order", async () => {
    const { scopes } = await run(`api.accessToken.addScope("a"); api.accessToken.removeScope("a".repeat(280));`);
    assert.deepEqual(scopes, [
      { type: "add", scope: "a" },
      { type: "remove", scope: "a".repeat(280) },
    ]);
  });

  test("gives the changes of the user's metadata, and shows none of them in the event", async () => {
    const { user, claims } = await run(`
      api.user.setAppMetadata("plan", { seats: 2 }).user.setUserMetadata("color", null);
      api.idToken.setCustomClaim("seen", event.user.app_metadata.plan ?? "none");
    `);
    assert.deepEqual(user, { app_metadata: { plan: { seats: 2 } }, user_metadata: { color: null } });
    assert.equal(claims.idToken.seen, "none");
  });

  for (const [method, part, end] of [
    ["setAppMetadata", "app_metadata", ""],
    ["setUserMetadata", "user_metadata", "."],
  ]) {
    test(`user.${method} refuses a user whose ${part} is no object`, async () => {
      const { error } = await run(`api.user.${method}("a", 1)`, { event: { user: { [part]: "text" } } });
      assert.equal(error?.message, `Unexpected ${part} format. Must be a valid JSON object${end}`);
    });
  }

  test("gives claims for each token", async () => {
    const { claims } = await run(
      `api.idToken.setCustomClaim("https://e.example/a", 1).accessToken.setCustomClaim("b", [2]);`,
    );
    assert.deepEqual(claims, { idToken: { "https://e.example/a": 1 }, accessToken: { b: [2] } });
  });
});

describe("Deny and redirect", () => {
  test("nothing called is no command", async () => {
    assert.equal((await run("")).command, null);
  });

  test("a redirect sets each query entry and keeps the others", async () => {
    const { command } = await run(
      `api.redirect.sendUserTo("https://mfa.example/a?keep=1&b=old", { query: { b: "new & safe", c: "ü" } });`,
    );
    assert.deepEqual(command, { type: "redirect", url: "https://mfa.example/a?keep=1&b=new+%26+safe&c=%C3%BC" });
  });

  test("a redirect to what is no URL throws", async () => {
    const { status, error, command } = await run(`api.redirect.sendUserTo("/relative");`);
    assert.deepEqual([status, error?.name, command], ["error", "TypeError", null]);
  });

  test("a deny wins over a redirect, and of two of a kind the later one counts", async () => {
    const deny = { type: "deny", reason: "2" };
    assert.deepEqual(
      (await run(`api.access.deny("1"); api.access.deny("2"); api.redirect.sendUserTo("https://a.example")`)).command,
      deny,
    );
    const both = await run(
      `api.redirect.sendUserTo("https://a.example"); api.redirect.sendUserTo("https://b.example")`,
    );
    assert.deepEqual(both.command, { type: "redirect", url: "https://b.example/" });
    assert.equal(both.calls.length, 2);
  });

  for (const protocol of ["oauth2-refresh-token", "oauth2-password", "oauth2-resource-owner", "oauth2-webauthn"]) {
    test(`${protocol} can't redirect, and what the Action asked for is left to the tenant`, async () => {
      const given = { transaction: { protocol } };
      assert.equal(await evaluate("api.redirect.canRedirect()", { event: given }), false);
      const { command } = await run(`api.redirect.sendUserTo("https://a.example")`, { event: given });
      assert.deepEqual(command, { type: "redirect", url: "https://a.example/" });
    });
  }

  test("any other protocol, or none, can redirect", async () => {
    for (const given of [{}, { transaction: {} }, { transaction: { protocol: "samlp" } }]) {
      assert.equal(
        (await run(`api.redirect.sendUserTo("https://a.example")`, { event: given })).command?.type,
        "redirect",
      );
    }
    assert.equal(await evaluate("api.redirect.canRedirect()"), true);
    assert.equal(
      await evaluate("api.redirect.canRedirect()", { event: { request: { query: { prompt: "none" } } } }),
      false,
    );
  });

  test("withState sets Auth0's own state, and replaces another", () => {
    assert.equal(withState("https://mfa.example/?a=1&state=forged", "s+1"), "https://mfa.example/?a=1&state=s%2B1");
    assert.equal(withState("https://mfa.example", "s"), "https://mfa.example/?state=s");
  });
});

describe("recordMethod", () => {
  test("gives the URL as it is and an ISO timestamp, at continue", async () => {
    const { recordedMethods } = await run(`api.authentication.recordMethod("http://mfa.example#action")`, {
      handler: "onContinuePostLogin",
    });
    assert.equal(recordedMethods.length, 1);
    const [{ name, timestamp }] = recordedMethods;
    assert.equal(name, "http://mfa.example#action");
    assert.equal(new Date(timestamp).toISOString(), timestamp);
  });

  test("throws at execute", async () => {
    const result = await run(`api.authentication.recordMethod("https://mfa.example")`);
    assert.deepEqual(
      [result.status, result.error?.message, result.recordedMethods],
      ["error", "recordMethod can only be called in onContinuePostLogin", []],
    );
  });

  for (const url of ["ftp://mfa.example", "javascript:alert(1)", "mfa"]) {
    test(`throws for ${url}`, async () => {
      assert.equal(
        (await run(`api.authentication.recordMethod("${url}")`, { handler: "onContinuePostLogin" })).status,
        "error",
      );
    });
  }
});

describe("The limits of transaction metadata", () => {
  for (const [what, args, ok] of /** @type {[string, string, boolean][]} */ ([
    ["a key of 64 characters", `"k".repeat(64), ""`, true],
    ["a key of 65", `"k".repeat(65), ""`, false],
    ["a key that is no string", `1, ""`, false],
    ["a value of 8 KB", `"k", "v".repeat(8192)`, true],
    ["a value of more bytes", `"k", "é".repeat(4097)`, false],
    ["a string", `"k", ""`, true],
    ["a number", `"k", 1.5`, true],
    ["a boolean", `"k", false`, true],
    ["null, which removes the entry", `"campaign", null`, true],
    ["an object", `"k", {}`, false],
    ["undefined", `"k", undefined`, false],
  ])) {
    test(`${what} is ${ok ? "taken" : "refused"}`, async () => {
      const { status, metadata } = await run(`api.transaction.setMetadata(${args})`);
      assert.equal(status, ok ? "ok" : "error");
      if (!ok) assert.deepEqual(metadata, { campaign: "spring" });
      if (what.startsWith("null")) assert.deepEqual(metadata, {});
    });
  }

  test("more than 16 KB in all is refused, and what was there stays", async () => {
    const fill = `api.transaction.setMetadata("a", "v".repeat(8191)); api.transaction.setMetadata("b", "v".repeat(8191));`;
    assert.equal((await run(fill, { event: {} })).status, "ok");
    const { metadata } = await run(
      `${fill} try { api.transaction.setMetadata("c", "") } catch (error) { api.access.deny(error.message) }`,
      { event: {} },
    );
    assert.deepEqual(Object.keys(metadata), ["a", "b"]);
  });
});

describe("The cache", () => {
  test("lives as long as the loaded Action", async () => {
    const action = await loadAction({
      source: `exports.onExecutePostLogin = async (event, api) => {
      const before = api.cache.get("k");
      api.idToken.setCustomClaim("before", before?.value ?? null);
      api.cache.set("k", String(Number(before?.value ?? 0) + 1));
    };`,
    });
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push((await action.execute("onExecutePostLogin", event())).claims.idToken.before);
    assert.deepEqual(seen, [null, "1", "2"]);
  });

  for (const [what, expression, code] of [
    ["a key of 64 bytes", `api.cache.set("k".repeat(64), "")`, undefined],
    ["a longer key", `api.cache.set("é".repeat(33), "")`, "CacheKeySizeExceeded"],
    ["a value of 4 kB", `api.cache.set("k", "v".repeat(4096))`, undefined],
    ["a longer value", `api.cache.set("k", "v".repeat(4097))`, "CacheValueSizeExceeded"],
    ["20 entries", `[...Array(20).keys()].map((i) => api.cache.set("k" + i, "")).pop()`, undefined],
    ["a 21st entry", `[...Array(21).keys()].map((i) => api.cache.set("k" + i, "")).pop()`, "CacheEntriesExceeded"],
    ["an entry set again", `[...Array(21).keys()].map((i) => api.cache.set("k" + i % 20, "")).pop()`, undefined],
    ["8 kB in all", `["a", "b"].map((k) => api.cache.set(k, "v".repeat(4095))).pop()`, undefined],
    ["more in all", `["a", "b", "c"].map((k) => api.cache.set(k, "v".repeat(4095))).pop()`, "CacheSizeExceeded"],
    ["an expiry in the past", `api.cache.set("k", "v", { ttl: 0 })`, "ItemAlreadyExpired"],
    ["an expiry that is none", `api.cache.set("k", "v", { ttl: NaN })`, "InvalidExpiry"],
    ["an expiry of null", `api.cache.set("k", "v", { ttl: null })`, "InvalidExpiry"],
    ["an expiry beyond all clocks", `api.cache.set("k", "v", { ttl: 1e300 })`, "InvalidExpiry"],
    ["null for the options", `api.cache.set("k", "v", null)`, undefined],
    ["a deletion", `(api.cache.set("k", "v"), api.cache.delete("k"))`, undefined],
    ["a deletion of nothing", `api.cache.delete("k")`, "CacheKeyDoesNotExist"],
  ]) {
    test(`${what} ${code ? `gives ${code}` : "is taken"}`, async () => {
      const result = /** @type {any} */ (await evaluate(/** @type {string} */ (expression)));
      assert.deepEqual([result.type, result.code], code ? ["error", code] : ["success", undefined]);
    });
  }

  test("forgets what has expired", async () => {
    const spin = `const { record } = api.cache.set("k", "v", { ttl: 2 }); while (Date.now() < record.expires_at);`;
    assert.equal(await evaluate(`(() => { ${spin} return api.cache.get("k") === undefined; })()`), true);
  });

  test("forgets what was deleted", async () => {
    assert.equal(
      await evaluate(`(api.cache.set("k", "v"), api.cache.delete("k"), api.cache.get("k") === undefined)`),
      true,
    );
  });
});

describe("Session tokens", () => {
  /** @param {string} token @param {object} [parameters] */
  const validate = (token, parameters = {}) =>
    run(`api.idToken.setCustomClaim("payload", api.redirect.validateToken({ secret: "s" }))`, {
      handler: "onContinuePostLogin",
      event: {
        ...event(),
        request: {
          hostname: "login.example.com",
          query: { state: "st", session_token: "older" },
          body: { session_token: token, ...parameters },
        },
      },
    });
  /** @param {string} options */
  const encode = async (options) => /** @type {string} */ (await evaluate(`api.redirect.encodeToken(${options})`));

  test("a token that comes back with its state is valid", async () => {
    const { claims } = await validate(await encode(`{ secret: "s", payload: { state: "st", form: 1 } }`));
    const { iat, exp, ...payload } = /** @type {any} */ (claims.idToken.payload);
    assert.deepEqual(payload, { iss: "login.example.com", sub: "auth0|ada", ip: "203.0.113.24", state: "st", form: 1 });
    assert.equal(exp - iat, 900);
  });

  for (const [what, options] of [
    ["another secret", `{ secret: "t", payload: { state: "st" } }`],
    ["another state", `{ secret: "s", payload: { state: "su" } }`],
    ["another user", `{ secret: "s", payload: { state: "st", sub: "auth0|bob" } }`],
    ["another issuer", `{ secret: "s", payload: { state: "st", iss: "https://evil.example" } }`],
    ["an expiry in the past", `{ secret: "s", payload: { state: "st" }, expiresInSeconds: -1 }`],
  ]) {
    test(`a token with ${what} is refused`, async () => {
      assert.match((await validate(await encode(options))).error?.message ?? "", /^The session token is invalid: /);
    });
  }

  test("a token without a signature, and no token, are refused", async () => {
    const [, payload] = (await encode(`{ secret: "s", payload: { state: "st" } }`)).split(".");
    const none = Buffer.from(`{"alg":"none"}`).toString("base64url");
    assert.match((await validate(`${none}.${payload}.`)).error?.message ?? "", /algorithm/);
    assert.equal(
      (await validate("")).error?.message,
      "There is no parameter called 'session_token' available in either the POST body or query string.",
    );
  });
});

describe("The console", () => {
  test("keeps level and formatted text", async () => {
    const result = await run(`
      console.log("%s has %d", "ada", 2, { a: [1] });
      console.info(1); console.warn("w"); console.error(new Error("e").message); console.debug();
    `);
    assert.deepEqual(result.console, [
      { level: "log", text: "ada has 2 { a: [ 1 ] }" },
      { level: "info", text: "1" },
      { level: "warn", text: "w" },
      { level: "error", text: "e" },
      { level: "debug", text: "" },
    ]);
  });

  test("has Node's other methods", async () => {
    const lines = (await run(`console.dir({ a: 1 }); console.table([1]); console.assert(false, "no")`)).console;
    assert.deepEqual(
      lines.map((line) => line.level),
      ["log", "log", "warn"],
    );
    assert.equal(lines[0].text, "{ a: 1 }");
  });

  test("marks what Auth0 does not keep of an execution: all beyond 256 characters", async () => {
    const action = await loadAction({
      source: `exports.onExecutePostLogin = async () => {
      console.log("a".repeat(200)); console.error("b".repeat(200)); console.log("c");
    };`,
    });
    for (let i = 0; i < 2; i++) {
      const lines = (await action.execute("onExecutePostLogin", event())).console;
      assert.deepEqual(lines, [
        { level: "log", text: "a".repeat(200) },
        { level: "error", text: "b".repeat(200), kept: 56 },
        { level: "log", text: "c", kept: 0 },
      ]);
    }
  });

  test("ends at 256 KiB in one execution", async () => {
    const { console } = await run(`console.log("é".repeat(131_000)); console.log("b".repeat(200)); console.log("c");`);
    assert.deepEqual(
      console.map(({ text }) => text.length),
      [131_000, 143],
    );
  });

  test("indents what is in a group", async () => {
    const { console } = await run(`console.group("g"); console.warn("in"); console.groupEnd(); console.log("out");`);
    assert.deepEqual(console, [
      { level: "log", text: "g" },
      { level: "warn", text: "  in" },
      { level: "log", text: "out" },
    ]);
  });
});

describe("How an execution ends", () => {
  test("the result is plain data", async () => {
    const result = await run(`api.access.deny("no")`);
    assert.deepEqual(result, structuredClone(result));
    const { ms, ...rest } = result;
    assert.ok(ms >= 0);
    assert.deepEqual(rest, {
      handler: "onExecutePostLogin",
      status: "ok",
      command: { type: "deny", reason: "no" },
      recordedMethods: [],
      metadata: { campaign: "spring" },
      claims: { idToken: {}, accessToken: {} },
      scopes: [],
      user: { app_metadata: {}, user_metadata: {} },
      session: {},
      calls: [{ method: "access.deny", args: ["no"] }],
      console: [],
    });
  });

  test("an error that the handler throws discards what was asked for, and leaves the calls", async () => {
    const session = { methods: [] };
    const result = await run(
      `
      api.transaction.setMetadata("k", 1);
      api.idToken.setCustomClaim("c", 1).authentication.recordMethod("https://mfa.example").access.deny("no");
      api.user.setAppMetadata("m", 1).accessToken.addScope("s");
      throw new TypeError("oops");
    `,
      { handler: "onContinuePostLogin", session },
    );
    const { status, error, command, recordedMethods, metadata, claims, scopes, user, calls } = result;
    assert.deepEqual([status, error?.name, error?.message], ["error", "TypeError", "oops"]);
    assert.deepEqual(
      { command, recordedMethods, metadata, claims, scopes, user },
      {
        command: null,
        recordedMethods: [],
        metadata: { campaign: "spring" },
        claims: { idToken: {}, accessToken: {} },
        scopes: [],
        user: { app_metadata: {}, user_metadata: {} },
      },
    );
    assert.equal(calls.length, 6);
    assert.deepEqual(session.methods, []);
  });

  for (const [value, message] of [
    [`"text"`, "text"],
    ["undefined", "Unknown error"],
    ["{}", "[object Object]"],
    ["Object.create(null)", "[Object: null prototype] {}"],
  ]) {
    test(`throwing ${value} is an error too`, async () => {
      const { status, error } = await run(`throw ${value};`);
      assert.deepEqual([status, error?.message], ["error", message]);
    });
  }

  test("what is called after the handler has returned is ignored", async () => {
    shared.gate = new Promise((resolve) => {
      shared.open = resolve;
    });
    const result = await run(`
      globalThis.actionsRuntimeTest.late = globalThis.actionsRuntimeTest.gate.then(() => {
        console.log("late");
        return api.access.deny("late") === api;
      });
    `);
    const before = structuredClone(result);
    shared.open();
    assert.equal(await shared.late, true);
    assert.deepEqual(result, before);
    assert.deepEqual([result.command, result.calls, result.console], [null, [], []]);
  });

  test("an execution that takes too long is an error, and what it does later is ignored", async () => {
    shared.gate = new Promise((resolve) => {
      shared.open = resolve;
    });
    const session = { methods: [] };
    const result = await run(
      `
      api.access.deny("early");
      await globalThis.actionsRuntimeTest.gate;
      api.transaction.setMetadata("late", true);
      api.authentication.recordMethod("https://mfa.example");
      globalThis.actionsRuntimeTest.finished();
    `,
      { handler: "onContinuePostLogin", session, timeoutMs: 10 },
    );
    const before = structuredClone(result);
    const finished = new Promise((resolve) => {
      shared.finished = resolve;
    });
    shared.open();
    await finished;
    assert.deepEqual(result, before);
    assert.deepEqual(
      [result.status, result.error?.name, result.error?.message, result.command],
      ["error", "ActionTimeoutError", "The Action did not end within 10 ms", null],
    );
    assert.deepEqual([result.calls.length, result.metadata, session.methods], [1, { campaign: "spring" }, []]);
  });

  test("so is one that never gives way", async () => {
    const { error } = await run(`const end = Date.now() + 20; while (Date.now() < end);`, { timeoutMs: 5 });
    assert.equal(error?.name, "ActionTimeoutError");
  });

  test("an execution may take 20 s", async (t) => {
    const { setTimeout } = globalThis;
    t.mock.method(globalThis, "setTimeout", (/** @type {() => void} */ expire, /** @type {number} */ ms) =>
      setTimeout(expire, ms / 1000),
    );
    const { error } = await run("await new Promise(() => {})");
    assert.equal(error?.message, "The Action did not end within 20000 ms");
  });
});
