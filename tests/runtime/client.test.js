// Which of the two clients sends, each time in a process of its own; and that both of them speak TLS.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createCertificate } from "../../sandbox/auth0/management/certificate.js";
import { files } from "./built.js";
import { loginEvent } from "./event.js";

const run = promisify(execFile);
const url = "https://mfa.example.com/challenge?token=t";

/** @type {{ client: "node" | "fetch", connection: number }[]} */
let came = [];
let connections = 0;

/** @type {import("node:http").RequestListener} */
const answer = (request, response) => {
  request.resume();
  if (request.url === "/slow") return;
  const { connection } = /** @type {any} */ (request.socket);
  if (request.method === "POST")
    came.push({ client: request.headers["sec-fetch-mode"] ? "fetch" : "node", connection });
  response.end(JSON.stringify({ state: "CHALLENGE_REQUIRED", url, isEnrolled: true }));
};

/** @param {import("node:http").Server | import("node:https").Server} server @param {string} event */
const listen = async (server, event) => {
  server.on(event, (socket) => (socket.connection = ++connections)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
};

/** @param {import("node:http").Server | import("node:https").Server} server */
const close = (server) => {
  server.close();
  server.closeAllConnections();
};

/**
 * Runs two logins, one after the other, in a process of their own.
 * @param {string} origin
 * @param {{
 *   before?: string, after?: string, options?: Record<string, unknown>, esm?: boolean, env?: Record<string, string>,
 *   until?: () => Promise<unknown>,
 * }} [given] the process's stdin ends when `until` has ended
 */
const logIn = async (
  origin,
  { before = "", after = "", options = {}, esm = false, env = {}, until = async () => {} } = {},
) => {
  came = [];
  const script = `
    const origin = ${JSON.stringify(origin)};
    const calls = [];
    const counted = { fetch: 0 };
    console.log = (line) => calls.push(line.replace(/^authsignal-auth0: (\\w+, \\w+): .*/, "$1"));
    const api = { access: { deny: (reason) => calls.push(reason) }, redirect: { sendUserTo: (url) => calls.push(url) } };
    (async () => {
      ${before}
      const pkg = ${esm ? "await import" : "require"}(${JSON.stringify(esm ? files.mjs : files.cjs)});
      const options = { secret: "key", apiBaseUrl: origin + "/v1", maxRetries: 0, ...${JSON.stringify(options)} };
      for (let login = 0; login < 2; login++) {
        await pkg.handleAuth0ExecutePostLogin(${JSON.stringify(loginEvent())}, api, options);
        // Until then the connection is not kept yet.
        await new Promise((resolve) => setImmediate(resolve));
      }
      const undici = process.moduleLoadList.includes("NativeModule internal/deps/undici/undici");
      require("node:fs").writeSync(1, JSON.stringify({ calls, counted, undici }));
      ${after}
    })();
  `;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const running = run(process.execPath, ["-e", script], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    timeout: 60_000,
  });
  await until();
  running.child.stdin?.end();
  const { stdout, stderr } = await running;
  assert.equal(stderr, "");
  /** @type {{ calls: string[], counted: { fetch: number }, undici: boolean }} */
  const { calls, counted, undici } = JSON.parse(stdout);
  return {
    calls,
    counted,
    undici,
    clients: came.map(({ client }) => client),
    connections: new Set(came.map(({ connection }) => connection)).size,
  };
};

const plain = http.createServer(answer);
const port = await listen(plain, "connection");
const origin = `http://127.0.0.1:${port}`;
after(() => close(plain));

for (const esm of [false, true]) {
  test(`Node's own client sends, on one connection, and Node never loads its fetch: ${esm ? "ES module" : "CommonJS"}`, async () => {
    const { undici, calls, clients, connections } = await logIn(origin, { esm });
    assert.deepEqual(
      { undici, calls, clients, connections },
      { undici: false, calls: [url, url], clients: ["node", "node"], connections: 1 },
    );
  });
}

for (const [what, before, counted] of /** @type {[string, string, number?][]} */ ([
  [
    "is replaced by a function that calls it",
    "const { fetch } = globalThis; globalThis.fetch = (...given) => { counted.fetch++; return fetch(...given); };",
    2,
  ],
  [
    "has a function of its own name in its place",
    "const sent = globalThis.fetch; globalThis.fetch = async function fetch(input, init = undefined) { counted.fetch++; return sent(input, init); };",
    2,
  ],
  [
    "is watched by Node's mock",
    `const { mock } = require("node:test"); const watch = mock.method(globalThis, "fetch"); Object.defineProperty(counted, "fetch", { get: () => watch.mock.callCount(), enumerable: true });`,
    2,
  ],
  [
    "is behind a Proxy",
    "globalThis.fetch = new Proxy(fetch, { apply: (fetch, self, given) => { counted.fetch++; return fetch(...given); } });",
    2,
  ],
  ["is bound", "globalThis.fetch = fetch.bind(globalThis);"],
  [
    "is a stub that says what it stands for",
    "const sent = globalThis.fetch; globalThis.fetch = (...given) => { /* not require('internal/deps/undici/undici'), nor lazyUndici().fetch(input, init) */ counted.fetch++; return sent(...given); };",
    2,
  ],
  ["was used before", "await (await fetch(origin)).text();"],
  ["belongs to an undici that something else has loaded", "new Response();"],
  [
    "has another dispatcher",
    `const { Agent, setGlobalDispatcher } = require("undici"); setGlobalDispatcher(new Agent());`,
  ],
  [
    "is all that the runtime lets load",
    `const Module = require("node:module"); const load = Module._load; Module._load = (id, ...more) => { if (id === "node:http") throw new Error(id); return load(id, ...more); };`,
  ],
])) {
  test(`fetch sends where it ${what}`, async () => {
    const result = await logIn(origin, { before });
    assert.deepEqual(result.calls, [url, url]);
    assert.deepEqual(result.clients, ["fetch", "fetch"]);
    if (counted) assert.equal(result.counted.fetch, counted);
  });
}

test("where the runtime has no fetch, nothing is sent, as the log says", async () => {
  const { calls, clients } = await logIn(origin, { before: "delete globalThis.fetch;" });
  assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, unsendable"]).flat());
  assert.deepEqual(clients, []);
});

const wrapped = "const { fetch } = globalThis; globalThis.fetch = (...given) => fetch(...given);";
const clients = /** @type {const} */ ([
  ["node", ""],
  ["fetch", wrapped],
]);

// A server whose certificate an authority of its own has signed, and one that nobody knows.
const { key, cert } = await createCertificate();
const folder = await mkdtemp(join(tmpdir(), "authority-"));
const authority = join(folder, "authority.pem");
await writeFile(authority, cert);
const secure = https.createServer({ key, cert }, answer);
const secureOrigin = `https://127.0.0.1:${await listen(secure, "secureConnection")}`;
after(async () => {
  close(secure);
  await rm(folder, { recursive: true });
});

for (const [client, before] of clients) {
  test(`${client}: TLS, on one connection, to a server whose certificate can be trusted`, async () => {
    const { calls, clients, connections } = await logIn(secureOrigin, {
      before,
      env: { NODE_EXTRA_CA_CERTS: authority },
    });
    assert.deepEqual({ calls, clients, connections }, { calls: [url, url], clients: [client, client], connections: 1 });
  });

  test(`${client}: a server whose certificate nobody knows gets no request`, async () => {
    const { calls, clients } = await logIn(secureOrigin, { before });
    assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, no_connection"]).flat());
    assert.deepEqual(clients, []);
  });

  test(`${client}: an answer of another protocol, or a redirect to another, is followed nowhere`, async (t) => {
    for (const [status, headers, code] of /** @type {[number, Record<string, string>, string][]} */ ([
      [101, { Connection: "Upgrade", Upgrade: "websocket" }, client === "node" ? "unreadable_answer" : "no_connection"],
      [302, { Location: secureOrigin }, "moved"],
    ])) {
      const other = http.createServer((_, response) => void response.writeHead(status, headers).end());
      other.on("upgrade", (_, socket) => socket.destroy());
      const port = await listen(other, "connection");
      t.after(() => close(other));
      const { calls, clients } = await logIn(`http://127.0.0.1:${port}`, {
        before,
        env: { NODE_EXTRA_CA_CERTS: authority },
      });
      assert.deepEqual(
        calls,
        Array(2)
          .fill(["MFA is unavailable", `deny, ${code}`])
          .flat(),
      );
      assert.deepEqual(clients, []);
    }
  });
}

test("node: neither what the process trusts elsewhere nor how many connections it allows is for these requests", async () => {
  const trusting = `
    const { Agent, globalAgent } = require("node:https");
    globalAgent.options.rejectUnauthorized = false;
    require("node:https").globalAgent = new Agent({ rejectUnauthorized: false, keepAlive: true });`;
  const { calls, clients } = await logIn(secureOrigin, { before: trusting });
  assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, no_connection"]).flat());
  assert.deepEqual(clients, []);

  const full = `
    const { get, globalAgent } = require("node:http");
    globalAgent.maxSockets = 1;
    await new Promise((resolve) => get(origin + "/slow", { agent: globalAgent }).on("socket", resolve).on("error", () => {}));`;
  assert.deepEqual((await logIn(origin, { before: full, after: "process.exit();" })).calls, [url, url]);
});

test("node: the scheme of the API's address may be in any case", async () => {
  for (const scheme of ["HTTPS", "Https"]) {
    const { calls, clients } = await logIn(secureOrigin.replace("https", scheme), {
      env: { NODE_EXTRA_CA_CERTS: authority },
    });
    assert.deepEqual({ calls, clients }, { calls: [url, url], clients: ["node", "node"] });
  }
});

test("node: an HTTP client that can send nothing is no outage", async () => {
  const before = `require("node:http").request = () => { throw new Error("patched"); };`;
  const { calls } = await logIn(origin, { before, options: { onUnavailable: "allow" } });
  assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, unsendable"]).flat());
});

for (const [what, answer] of [
  ["is", "SSH-2.0-OpenSSH_9.9\r\n"],
  ["has a body that is", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"],
]) {
  test(`node: an answer that ${what} no HTTP is no outage`, async (t) => {
    const server = net.createServer(
      (socket) => void socket.once("data", () => socket.end(answer)).on("error", () => {}),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => void server.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const { calls } = await logIn(`http://127.0.0.1:${port}`, { options: { onUnavailable: "allow" } });
    assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, unreadable_answer"]).flat());
  });
}

test("node: an answer in many chunks is read whole, also where promises settle late", async (t) => {
  const large = http.createServer((request, response) => {
    request.resume();
    const padding = ["x", "y", "z"].map((letter) => letter.repeat(60_000));
    response.end(JSON.stringify({ state: "CHALLENGE_REQUIRED", padding, url, isEnrolled: true }));
  });
  const port = await listen(large, "connection");
  t.after(() => close(large));
  // As promises of a library settle, in a later turn. Chunks come between two reads then.
  const before = `
    const Native = Promise;
    globalThis.Promise = class extends Native {
      static get [Symbol.species]() { return Native; }
      then(done, failed) {
        return super.then(done && ((value) => new Native((end) => setImmediate(end)).then(() => done(value))), failed);
      }
    };`;
  const { calls } = await logIn(`http://127.0.0.1:${port}`, { before });
  assert.deepEqual(calls, [url, url]);
});

test("node: an answer that somebody else destroys is a broken one at once", async (t) => {
  const endless = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Length": 100 }).write("{");
  });
  const port = await listen(endless, "connection");
  t.after(() => close(endless));
  const before = `
    const { prototype } = require("node:http").IncomingMessage;
    const { on } = prototype;
    prototype.on = function (name, listener) {
      if (name === "readable") setImmediate(() => this.destroy());
      return on.call(this, name, listener);
    };`;
  const { calls } = await logIn(`http://127.0.0.1:${port}`, { before });
  assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, no_connection"]).flat());
});

for (const body of ["", "no reason"]) {
  test(`node: the connection of a refusal is closed, ${body ? "with" : "without"} a body`, async (t) => {
    let connections = 0;
    const refusing = http.createServer((request, response) => {
      request.resume();
      response.writeHead(503, { "Content-Length": body.length }).end(body);
    });
    refusing.on("connection", () => connections++);
    const port = await listen(refusing, "connection");
    t.after(() => close(refusing));
    const { calls } = await logIn(`http://127.0.0.1:${port}`);
    assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, server_error"]).flat());
    assert.equal(connections, 2);
  });
}

test("node: a clock that throws when a connection is to be kept closes it, and does no harm to the process", async () => {
  const before = `
    const { now } = Date;
    Date.now = () => { if (new Error().stack.includes("keepSocketAlive")) throw new Error("clock"); return now(); };`;
  const { calls, connections } = await logIn(origin, { before });
  assert.deepEqual({ calls, connections }, { calls: [url, url], connections: 2 });
});

for (const [client, before] of clients) {
  test(`${client}: a request that nobody waits for any more is ended, and its connection with it`, async (t) => {
    /** @type {(() => void)[]} */
    const resolve = [];
    const closed = [0, 1].map((login) => new Promise((done) => (resolve[login] = () => done(undefined))));
    const server = http.createServer((request) => void request.socket.once("close", () => resolve.shift()?.()));
    const port = await listen(server, "connection");
    t.after(() => close(server));
    // The process lives until both are closed.
    const until = () => Promise.all(closed);
    const { calls } = await logIn(`http://127.0.0.1:${port}`, {
      before,
      after: "process.stdin.resume();",
      until,
      options: { timeoutMs: 200 },
    });
    assert.deepEqual(calls, Array(2).fill(["MFA is unavailable", "deny, timeout"]).flat());
  });

  test(`${client}: a login gets over a kept connection that the server has closed meanwhile, at once`, async (t) => {
    // The server closes what is idle as the next request comes in, and answers a new connection.
    /** @type {WeakSet<object>} */
    const seen = new WeakSet();
    let resets = 0;
    const server = http.createServer((request, response) => {
      if (seen.has(request.socket)) {
        resets++;
        return void request.socket.resetAndDestroy();
      }
      seen.add(request.socket);
      answer(request, response);
    });
    const port = await listen(server, "connection");
    t.after(() => close(server));
    const { calls } = await logIn(`http://127.0.0.1:${port}`, { before });
    assert.deepEqual(calls, client === "node" ? [url, url] : [url, "MFA is unavailable", "deny, no_connection"]);
    assert.equal(resets, 1);
  });
}
