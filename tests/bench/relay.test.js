import { equal } from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { createRelay } from "../../bench/relay.js";

/** A clock that stands still until the test sets it. Nothing is delivered before the test calls `deliver`. */
const createClock = () => {
  /** @type {{ ms: number, callback: () => void }[]} */
  const asked = [];
  /** @type {(() => void)[]} */
  const watching = [];
  return {
    time: 0,
    now() {
      return this.time;
    },
    /** @param {() => void} callback @param {number} ms */
    setTimeout(callback, ms) {
      asked.push({ ms, callback });
      watching.shift()?.();
    },
    /** Does this, waits until the relay has asked for a timer, and gives its delay. @param {() => void} action */
    async delayOf(action) {
      const timer = new Promise((resolve) => watching.push(() => resolve(undefined)));
      action();
      await timer;
      return asked[asked.length - 1].ms;
    },
    /** Runs all timers, the last one first. */
    deliver() {
      for (const { callback } of asked.splice(0).reverse()) callback();
    },
  };
};

/** A client that is connected to a server through a relay of 100 ms. @param {import("node:test").TestContext} t */
const through = async (t) => {
  const clock = createClock();
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const relay = createRelay(portOf(server), 100, clock).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const client = connect({ port: portOf(relay), host: "127.0.0.1", allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "connect")]);
  t.after(() => {
    for (const socket of [client, accepted]) socket.destroy();
    for (const listener of [relay, server]) listener.close();
  });
  return { clock, client, accepted: /** @type {import("node:net").Socket} */ (accepted) };
};

/** @param {import("node:net").Server} server */
const portOf = (server) => /** @type {import("node:net").AddressInfo} */ (server.address()).port;

/** The next piece that comes. @param {import("node:net").Socket} socket */
const next = async (socket) => String((await once(socket, "data"))[0]);

test("what is sent takes half a round trip in each direction", async (t) => {
  const { clock, client, accepted } = await through(t);
  clock.time = 100;
  equal(await clock.delayOf(() => client.write("there")), 50);
  clock.deliver();
  equal(await next(accepted), "there");
  equal(await clock.delayOf(() => accepted.write("back")), 50);
  clock.deliver();
  equal(await next(client), "back");
});

test("a connection takes one round trip before anything is on its way", async (t) => {
  const { clock, client } = await through(t);
  equal(await clock.delayOf(() => client.write("at once")), 150);
  clock.time = 30;
  equal(await clock.delayOf(() => client.write("30 ms later")), 120);
  clock.time = 100;
  equal(await clock.delayOf(() => client.write("when the connection is set up")), 50);
});

test("the order holds, even if the timers run in another one", async (t) => {
  const { clock, client, accepted } = await through(t);
  await clock.delayOf(() => client.write("1"));
  await clock.delayOf(() => client.write("2"));
  await clock.delayOf(() => client.end());
  clock.deliver();
  let came = "";
  for await (const piece of accepted.setEncoding("utf8")) came += piece;
  equal(came, "12");
});

test("one side's end takes as long, and the other side can still send", async (t) => {
  const { clock, client, accepted } = await through(t);
  clock.time = 100;
  equal(await clock.delayOf(() => client.end()), 50);
  clock.deliver();
  await once(accepted.resume(), "end");
  await clock.delayOf(() => accepted.write("still here"));
  clock.deliver();
  equal(await next(client), "still here");
});

test("a reset takes as long", async (t) => {
  const { clock, client, accepted } = await through(t);
  clock.time = 100;
  equal(await clock.delayOf(() => client.resetAndDestroy()), 50);
  const failed = once(accepted, "error");
  clock.deliver();
  equal((await failed)[0].code, "ECONNRESET");
});

test("the client's connection is reset if there is no server", async (t) => {
  const clock = createClock();
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const port = portOf(gone);
  await new Promise((resolve) => gone.close(resolve));
  const relay = createRelay(port, 100, clock).listen(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => relay.close());

  /** @type {import("node:net").Socket | undefined} */
  let client;
  const delay = await clock.delayOf(() => (client = connect({ port: portOf(relay), host: "127.0.0.1" })));
  equal(delay, 50);
  const failed = once(/** @type {import("node:net").Socket} */ (client), "error");
  clock.deliver();
  equal((await failed)[0].code, "ECONNRESET");
});
