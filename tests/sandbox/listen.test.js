// Where the servers of the sandbox listen, and for which names.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { listen } from "../../sandbox/listen.js";
import { hasIPv6 } from "./ipv6.js";

/** @import { TestContext } from "node:test" */

/** A server that answers with what it sees of a request. @param {TestContext} t @param {string} [publicOrigin] */
async function start(t, publicOrigin) {
  const server = await listen(0, publicOrigin);
  t.after(server.close);
  server.serve(({ headers }, res) => res.end(JSON.stringify(headers)));

  /** @param {Record<string, string>} headers @param {string} [host] */
  const ask = async (headers, host = "127.0.0.1") => {
    const [response] = await once(request({ host, port: server.port, headers }).end(), "response");
    const body = await text(response);
    return { status: response.statusCode, headers: response.statusCode === 200 ? JSON.parse(body) : body };
  };
  return { server, ask };
}

/** Somebody else's server on this address. @param {TestContext} t @param {string} address */
async function occupy(t, address) {
  const server = createServer().listen(0, address);
  await once(server, "listening");
  t.after(() => server.close());
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

for (const address of ["127.0.0.1", "::1"]) {
  const skip = address === "::1" && !hasIPv6;

  test(`a port that somebody else has on ${address} is taken`, { skip }, async (t) => {
    const port = await occupy(t, address);
    await assert.rejects(listen(port), { code: "EADDRINUSE", port });
  });

  test(`it answers on ${address}`, { skip }, async (t) => {
    const { server, ask } = await start(t);
    assert.equal((await ask({ Host: `localhost:${server.port}` }, address)).status, 200);
  });
}

test("a port that was taken on ::1 alone is free again for others on 127.0.0.1", { skip: !hasIPv6 }, async (t) => {
  const port = await occupy(t, "::1");
  await assert.rejects(listen(port));
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  other.close();
});

test("another name, and its own name with another port, are misdirected", async (t) => {
  const { server, ask } = await start(t);
  for (const host of ["evil.example", `evil.example:${server.port}`, "localhost", `127.0.0.1:${server.port}`]) {
    const { status, headers } = await ask({ Host: host });
    assert.deepEqual([status, headers], [421, `This server is at ${server.origin}`], host);
  }
});

test("without a public origin, what a proxy says changes nothing", async (t) => {
  const { server, ask } = await start(t);
  const { headers } = await ask({ Host: `localhost:${server.port}`, "X-Forwarded-Host": "evil.example" });
  assert.equal(headers.host, `localhost:${server.port}`);
});

test("with a public origin, both names are answered as the public one, whatever the proxy says", async (t) => {
  const { server, ask } = await start(t, "https://codespace-{port}.example.dev");
  const host = `codespace-${server.port}.example.dev`;
  assert.deepEqual([server.origin, server.local], [`https://${host}`, `http://localhost:${server.port}`]);
  for (const name of [host, `localhost:${server.port}`]) {
    const { status, headers } = await ask({
      Host: name,
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Port": "1",
      "X-Forwarded-Proto": "http",
    });
    assert.equal(status, 200, name);
    assert.deepEqual(headers, { host, "x-forwarded-proto": "https", connection: headers.connection });
  }
  assert.equal((await ask({ Host: "other-codespace.example.dev" })).status, 421);
});
