// What the runtime stand-in sees of the requests that an Action sends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import http, { createServer } from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadAction } from "../../sandbox/auth0/runtime.js";
import { evaluate, run, shared } from "./action-runner.js";

describe("An observer of an Action sees", () => {
  /** @typedef {Partial<{ request: any, sent: any, answered: any, read: any, failed: any }>} Seen */

  /** An observer, what it sees, and a promise of the end of its first exchange. */
  function createObserver() {
    /** @type {Seen[]} */
    const seen = [];
    let end = () => {};
    const ended = /** @type {Promise<void>} */ (new Promise((resolve) => (end = resolve)));
    /** @type {import("../../sandbox/auth0/observe.js").Observer} */
    const observer = (request) => {
      /** @type {Seen} */
      const exchange = { request };
      seen.push(exchange);
      return {
        sent(value) {
          exchange.sent = value;
        },
        answered(value) {
          exchange.answered = value;
        },
        read(value) {
          exchange.read = value;
          end();
        },
        failed(value) {
          exchange.failed = value;
          end();
        },
      };
    };
    return { observer, seen, ended };
  }

  /** @param {import("node:test").TestContext} t @param {import("node:http").RequestListener} listener */
  async function startServer(t, listener) {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  }

  /** Answers with what it got. @type {import("node:http").RequestListener} */
  const echo = async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    res.setHeader("X-Length", String(req.headers["content-length"])).end(body);
  };

  /**
   * Runs an Action, and gives what was seen once the first exchange is over.
   * @param {string} body
   * @param {string} url
   */
  async function observe(body, url) {
    const { observer, seen, ended } = createObserver();
    const { error, claims } = await run(body, { event: { url }, observer });
    assert.equal(error, undefined);
    await ended;
    return { seen, value: claims.idToken.value };
  }

  test("the method, the URL, the headers and the bodies of a request by node:http, and which client sent it", async (t) => {
    const url = await startServer(t, echo);
    const { seen, value } = await observe(
      `
    const { request } = require("node:http");
    const sent = request(event.url + "/a?b=1", { method: "POST", headers: { "X-A": "1" } });
    sent.setHeader("X-B", "2");
    sent.write('{"text":');
    sent.end(Buffer.from('"\u00e9"}'));
    let text = "";
    for await (const chunk of (await require("node:events").once(sent, "response"))[0].setEncoding("utf8")) text += chunk;
    api.idToken.setCustomClaim("value", text);
  `,
      url,
    );
    assert.equal(value, '{"text":"\u00e9"}');
    const [{ request, sent, answered, read, failed }, ...more] = seen;
    assert.deepEqual(more, []);
    const headers = { host: new URL(url).host, "x-a": "1" };
    assert.deepEqual(request, { client: "node:http", method: "POST", url: `${url}/a?b=1`, headers });
    assert.deepEqual(sent, { headers: { ...headers, "x-b": "2" }, body: { text: "\u00e9" } });
    assert.deepEqual(
      [answered.status, answered.headers["x-length"], read, failed],
      [200, "undefined", { text: "\u00e9" }, undefined],
    );
  });

  test("a body that is given to end is seen once, and nothing is added to what is sent", async (t) => {
    const url = await startServer(t, echo);
    const { seen } = await observe(
      `
    const request = require("http").request(event.url, { method: "PUT", agent: new (require("http").Agent)({ keepAlive: true }) });
    request.on("response", (response) => response.resume()).end("12345");
  `,
      url,
    );
    assert.deepEqual([seen[0].sent.body, seen[0].answered.headers["x-length"], seen[0].read], [12345, "5", 12345]);
  });

  test("a request by get", async (t) => {
    const url = await startServer(t, (_, res) => res.end("text"));
    const { seen } = await observe(`require("node:http").get(event.url, (response) => response.resume());`, url);
    assert.deepEqual([seen[0].request.method, seen[0].answered.status, seen[0].read], ["GET", 200, "text"]);
  });

  test("a response that the Action streams arrives piece by piece", async (t) => {
    const url = await startServer(t, (_, res) => {
      res.write("one ");
      shared.next = () => res.end("two");
    });
    const { seen, value } = await observe(
      `
    const pieces = [];
    const [response] = await require("node:events").once(require("node:http").get(event.url), "response");
    for await (const piece of response) {
      pieces.push(String(piece));
      if (pieces.length === 1) globalThis.actionsRuntimeTest.next();
    }
    api.idToken.setCustomClaim("value", pieces);
  `,
      url,
    );
    assert.deepEqual([value, seen[0].read], [["one ", "two"], "one two"]);
  });

  test("a response does not flow before the Action reads it, and of a long one the first 64 KiB are kept", async (t) => {
    const long = "x".repeat(4_000_000);
    const url = await startServer(t, (_, res) => res.end(long));
    const { seen, value } = await observe(
      `
    const [response] = await require("node:events").once(require("node:http").get(event.url), "response");
    await new Promise(setImmediate);
    const before = [response.readableFlowing, response.readableEnded, response.listenerCount("data")];
    let length = 0;
    for await (const chunk of response) length += chunk.length;
    api.idToken.setCustomClaim("value", [...before, length]);
  `,
      url,
    );
    assert.deepEqual(value, [null, false, 0, long.length]);
    assert.equal(seen[0].read, `${"x".repeat(64 * 1024)}\u2026`);
  });

  test("a response that the Action leaves unread", async (t) => {
    const url = await startServer(t, (_, res) => res.end("text"));
    const { seen } = await observe(`require("node:http").get(event.url, () => {});`, url);
    assert.deepEqual([seen[0].answered.status, seen[0].read], [200, "text"]);
  });

  test("a response that nobody listens to: Node throws its body away", async (t) => {
    const url = await startServer(t, (_, res) => res.end("text"));
    const { seen } = await observe(`require("node:http").get(event.url);`, url);
    assert.deepEqual([seen[0].answered.status, seen[0].read], [200, undefined]);
  });

  test("a response that breaks off, as far as it came, and the Action gets the error", async (t) => {
    const url = await startServer(t, (_, res) => {
      res.writeHead(200, { "Content-Length": 10 }).write("part");
      shared.next = () => res.destroy();
    });
    const { seen, value } = await observe(
      `
    const [response] = await require("node:events").once(require("node:http").get(event.url), "response");
    try {
      for await (const piece of response) globalThis.actionsRuntimeTest.next();
    } catch (error) {
      api.idToken.setCustomClaim("value", error.code);
    }
  `,
      url,
    );
    assert.deepEqual([value, seen[0].read], ["ECONNRESET", "part (the rest did not come)"]);
  });

  test("a compressed body by its length", async (t) => {
    const url = await startServer(t, (_, res) => res.setHeader("Content-Encoding", "gzip").end("12345"));
    const { seen } = await observe(`require("node:http").get(event.url, (response) => response.resume());`, url);
    assert.equal(seen[0].read, "5 bytes, encoded by gzip");
  });

  /** An address where nobody listens. */
  async function nowhere() {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    server.close();
    await once(server, "close");
    return `http://127.0.0.1:${port}/`;
  }

  test("an error, which the Action gets as it is", async () => {
    const { seen, value } = await observe(
      `
    const error = await new Promise((failed) => require("node:http").get(event.url).on("error", failed));
    api.idToken.setCustomClaim("value", error.code);
  `,
      await nowhere(),
    );
    assert.equal(value, "ECONNREFUSED");
    const { error, message, givenUp } = seen[0].failed;
    assert.deepEqual([error, givenUp, seen[0].answered], ["Error", false, undefined]);
    assert.match(message, /ECONNREFUSED/);
  });

  test("an error that nobody listens to is still thrown", async (t) => {
    const url = await startServer(t, echo);
    const { value } = await observe(
      `
    const request = require("node:http").get(event.url);
    const [response] = await require("node:events").once(request, "response");
    try {
      request.emit("error", new Error("thrown"));
    } catch (error) {
      api.idToken.setCustomClaim("value", error.message);
    }
    for await (const _ of response);
  `,
      url,
    );
    assert.equal(value, "thrown");
  });

  test("a request that the Action gives up", async (t) => {
    const url = await startServer(t, () => shared.arrived());
    const { seen } = await observe(
      `
    const request = require("node:http").get(event.url).on("error", () => {});
    await new Promise((arrived) => { globalThis.actionsRuntimeTest.arrived = arrived; });
    request.destroy();
  `,
      url,
    );
    assert.deepEqual([seen[0].failed.givenUp, seen[0].answered], [true, undefined]);
  });

  test("a request that waits for its connection, by an Agent of the Action's own", async () => {
    const { observer, seen } = createObserver();
    await run(
      `
    const { Agent, request } = require("node:http");
    class Waiting extends Agent { createConnection() {} }
    request(event.url, { method: "POST", agent: new Waiting() }).end("text");
  `,
      { event: { url: "http://127.0.0.1/a" }, observer },
    );
    const [{ request, sent, ...more }] = seen;
    assert.deepEqual([request.url, sent.body, more], ["http://127.0.0.1/a", "text", {}]);
  });

  test("its own execution, of those that interleave on one kept connection", async (t) => {
    const url = await startServer(t, echo);
    const action = await loadAction({
      source: `
    const { Agent, request } = require("node:http");
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    exports.onExecutePostLogin = async ({ url, user }) => {
      for (const count of [1, 2, 3]) {
        await new Promise((done) => request(url, { method: "POST", agent }, (response) => response.resume().on("end", done)).end(user + count));
      }
    };
  `,
    });
    const bodies = await Promise.all(
      ["ada", "bob"].map(async (user) => {
        const { observer, seen } = createObserver();
        assert.equal((await action.execute("onExecutePostLogin", { url, user }, { observer })).status, "ok");
        return seen.map(({ sent, read }) => [sent.body, read]);
      }),
    );
    assert.deepEqual(
      bodies,
      ["ada", "bob"].map((user) => [1, 2, 3].map((count) => [user + count, user + count])),
    );
  });

  test("Node's fetch, which stays as it is, without the bodies", async (t) => {
    const url = await startServer(t, echo);
    const { fetch } = globalThis;
    const { observer, seen } = createObserver();
    const { claims } = await run(
      `
    const response = await fetch(event.url + "/a?b=1", { method: "POST", headers: { "X-A": "1" }, body: "text" });
    api.idToken.setCustomClaim("value", await response.text());
  `,
      { event: { url }, observer },
    );
    assert.equal(claims.idToken.value, "text");
    assert.equal(globalThis.fetch, fetch);
    const [{ request, sent, answered, read }, ...more] = seen;
    assert.deepEqual(more, []);
    assert.deepEqual(
      [request.client, request.method, request.url, request.headers["x-a"]],
      ["fetch", "POST", `${url}/a?b=1`, "1"],
    );
    assert.deepEqual([answered.status, answered.headers["x-length"], sent, read], [200, "4", undefined, undefined]);
    for (const { note } of [request, answered]) assert.equal(note, "fetch sent this: the body is not visible.");
  });

  test("a fetch that fails, and one that the Action gives up", async (t) => {
    const { seen: failed } = await observe("await fetch(event.url).catch(() => {});", await nowhere());
    assert.match(failed[0].failed.message, /ECONNREFUSED/);
    assert.equal(failed[0].failed.givenUp, false);

    const url = await startServer(t, () => shared.arrived());
    const { seen: givenUp } = await observe(
      `
    const controller = new AbortController();
    globalThis.actionsRuntimeTest.arrived = () => controller.abort();
    await fetch(event.url, { signal: controller.signal }).catch(() => {});
  `,
      url,
    );
    assert.equal(givenUp[0].failed.givenUp, true);
  });

  test("what an npm package sends by node:http, without the body of the request", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "action-requests-"));
    t.after(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, "node_modules", "sender"), { recursive: true });
    await writeFile(
      join(folder, "node_modules", "sender", "index.js"),
      `module.exports = (...args) => require("http").request(...args);`,
    );
    const url = await startServer(t, echo);
    const { observer, seen, ended } = createObserver();
    const source = `exports.onExecutePostLogin = async ({ url }) => {
    require("sender")(url, { method: "POST" }, (response) => response.resume()).end("text");
  };`;
    const action = await loadAction({ source, packagesFrom: folder });
    assert.equal((await action.execute("onExecutePostLogin", { url }, { observer })).status, "ok");
    await ended;
    const [{ request, sent, answered, read }, ...more] = seen;
    assert.deepEqual(more, []);
    assert.deepEqual([request.client, request.method, request.url, sent], ["node:http", "POST", `${url}/`, undefined]);
    assert.equal(request.note, "A package sent this: the body is not visible.");
    assert.deepEqual([answered.status, read], [200, "text"]);
  });

  test("nothing of what others send", async (t) => {
    const url = await startServer(t, echo);
    const { observer, seen } = createObserver();
    shared.send = () => new Promise((done) => http.get(url, (response) => response.resume().on("end", done)));
    const [result] = await Promise.all([run("await null;", { event: {}, observer }), shared.send()]);
    assert.deepEqual([result.status, seen], ["ok", []]);
  });

  for (const [name, module] of /** @type {[string, any][]} */ ([
    ["http", http],
    ["https", https],
  ])) {
    test(`${name} is Node's own, except for request and get`, async () => {
      shared.module = module;
      const differing = await evaluate(`(() => {
      const { module } = globalThis.actionsRuntimeTest;
      const view = require("${name}");
      if (view !== require("node:${name}")) return ["require"];
      const names = Reflect.ownKeys(view);
      if (names.join() !== Reflect.ownKeys(module).join()) return ["names"];
      return names.filter((name) => view[name] !== module[name]);
    })()`);
      assert.deepEqual(
        differing,
        ["request", "get"].sort((a, b) => Object.keys(module).indexOf(a) - Object.keys(module).indexOf(b)),
      );
      const facts = `["request", "get"].map((name) => [require("${name}")[name].name, require("${name}")[name].length])`;
      assert.deepEqual(
        await evaluate(facts),
        ["request", "get"].map((name) => [module[name].name, module[name].length]),
      );
      assert.equal(await evaluate(`require("${name}").request === require("${name}").request`), true);
    });
  }

  test("a request of the Action's is Node's own ClientRequest, by what stands in the module at that moment", async (t) => {
    const url = await startServer(t, echo);
    const { value } = await observe(
      `
    const { ClientRequest, get } = require("node:http");
    const request = get(event.url, (response) => response.resume());
    api.idToken.setCustomClaim("value", [request instanceof ClientRequest, request.constructor === ClientRequest, Object.keys(request).includes("end")]);
  `,
      url,
    );
    assert.deepEqual(value, [true, true, false]);
    t.mock.method(http, "request", () => "replaced");
    assert.equal(await evaluate(`require("node:http").request()`), "replaced");
  });
});
