// A process of logins and the Authsignal that they reach, step by step: a test takes each request, answers it or breaks
// its connection, and moves the clock of the process on. Nothing else moves, so a test states exactly what is sent
// when.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createCertificate } from "../../sandbox/auth0/management/certificate.js";
import { files } from "./built.js";

/**
 * @typedef {Awaited<ReturnType<typeof start>>} Process
 * @typedef {{ calls: string[], code: string }} Outcome
 * @typedef {{ ended: boolean, outcome: Promise<Outcome> }} Login
 * @typedef {"Execute" | "Continue"} Hook
 */

/** @param {string} name */
export const challenge = (name) => ({
  state: "CHALLENGE_REQUIRED",
  isEnrolled: true,
  url: `https://mfa.example.com/${name}`,
});
export const block = { state: "BLOCK", isEnrolled: true };
export const passed = { isValid: true, state: "CHALLENGE_SUCCEEDED", actionCode: "auth0-login" };
export const failed = { isValid: false, state: "CHALLENGE_FAILED", actionCode: "auth0-login" };

/** @param {string} name @returns {Outcome} */
export const redirected = (name) => ({
  calls: [`sendUserTo https://mfa.example.com/${name}`],
  code: "challenge_required",
});
/** @param {string} code @param {string} [reason] @returns {Outcome} */
export const denied = (code, reason = "MFA is unavailable") => ({ calls: [`deny ${reason}`], code });
/** @param {string} code @returns {Outcome} */
export const letIn = (code) => ({ calls: [], code });

/** No login needs so many requests, each of which follows from the one before. */
const ROUNDS = 50;

/** A request, as the server has it. */
export class Request {
  /**
   * @param {http.ServerResponse} response
   * @param {any} body
   * @param {any} socket of the server
   * @param {(command: string, ...args: unknown[]) => Promise<any>} ask
   */
  constructor(response, body, socket, ask) {
    this.response = response;
    /** What is the same in every try of a login. @type {string} */
    this.key = body.idempotencyKey ?? body.token;
    this.socket = socket;
    /** The number of its connection. @type {number} */
    this.connection = socket.connection;
    /** Whether its connection has had another one before. */
    this.onKept = socket.requests++ > 0;
    this.port = socket.remotePort;
    this.ask = ask;
  }

  /**
   * Answers, and waits until the process has read it. (By TLS it doesn't wait: the bytes differ on both sides.)
   * @param {unknown} content
   * @param {number} [status]
   * @param {Record<string, string>} [headers]
   */
  async answer(content, status = 200, headers = {}) {
    this.answerUnread(content, status, headers);
    await this.read();
  }

  /** @param {unknown} content @param {number} [status] @param {Record<string, string>} [headers] */
  answerUnread(content, status = 200, headers = {}) {
    this.response.writeHead(status, { "Content-Type": "application/json", ...headers });
    this.response.end(typeof content === "string" ? content : JSON.stringify(content));
  }

  /** Sends all of an answer but the last byte that it announces. @param {unknown} content */
  async answerInPart(content) {
    const text = JSON.stringify(content);
    this.response.writeHead(200, { "Content-Length": text.length + 1 });
    this.response.write(text);
    await this.read();
  }

  async read() {
    if (!this.socket.encrypted) await this.ask("received", this.port, this.socket.bytesWritten);
  }

  /**
   * Breaks the connection, and waits until the process has seen it.
   * @param {(socket: import("node:net").Socket) => void} how
   */
  async breakBy(how) {
    how(this.socket);
    await this.ask("received", this.port, Infinity);
  }

  /** Whether the process has its connection open. @returns {Promise<boolean>} */
  isOpen() {
    return this.ask("isOpen", this.port);
  }
}

/**
 * A server, which ends with the test.
 * @param {import("node:test").TestContext} t
 * @param {{ key: string, cert: string, maxVersion?: import("node:tls").SecureVersion } | undefined} tls
 * @param {(request: http.IncomingMessage, response: http.ServerResponse) => void} arrived
 */
const listen = async (t, tls, arrived) => {
  const server = tls ? https.createServer(tls) : http.createServer();
  // An idle connection is the client's to close. Without this the server would also announce when it closes one.
  server.keepAliveTimeout = 0;
  let connections = 0;
  server.on("request", arrived);
  server.on(tls ? "secureConnection" : "connection", (socket) =>
    Object.assign(socket, { connection: ++connections, requests: 0 }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { server, url: `${tls ? "https" : "http"}://127.0.0.1:${port}/v1` };
};

/** A certificate, and the file that makes a process trust it. @param {import("node:test").TestContext} t */
const certify = async (t) => {
  const certificate = await createCertificate();
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  t.after(() => rm(folder, { recursive: true }));
  const authority = join(folder, "authority.pem");
  await writeFile(authority, certificate.cert);
  return { certificate, authority };
};

/**
 * Starts a process that can log in.
 * @param {import("node:test").TestContext} t
 * @param {{ clock?: "stepped" | "real", tls?: import("node:tls").SecureVersion }} [given] the clock, and the latest
 *   version of TLS if the server is to speak it
 */
export const start = async (t, { clock = "stepped", tls } = {}) => {
  /** @type {Request[]} */
  const requests = [];
  let taken = 0;
  let lost = 0;
  /** @type {(() => void)[]} */
  const waiting = [];
  /** @type {((request: Request) => unknown) | undefined} */
  let serve;
  let served = 0;

  /** @param {Request} request */
  const handOver = async (request) => {
    await serve?.(request);
    served++;
    for (const resume of waiting.splice(0)) resume();
  };
  const arrived = async (/** @type {http.IncomingMessage} */ incoming, /** @type {http.ServerResponse} */ response) => {
    // Only `fetch` sets it.
    assert.equal(incoming.headers["sec-fetch-mode"], undefined);
    const request = new Request(response, await json(incoming), incoming.socket, ask);
    requests.push(request);
    await handOver(request);
  };

  const trusted = tls && (await certify(t));
  const { server, url } = await listen(t, trusted && { ...trusted.certificate, maxVersion: tls }, arrived);

  const child = fork(fileURLToPath(new URL("connections-process.js", import.meta.url)), [files.cjs, clock], {
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: trusted?.authority },
    execArgv: [],
    // It has numbers that JSON has not.
    serialization: "advanced",
    stdio: ["pipe", "inherit", "inherit", "ipc"],
  });
  t.after(() => child.kill());
  const exited = once(child, "exit");

  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const asked = new Map();
  let last = 0;
  child.on("message", (/** @type {any} */ { id, result }) => {
    asked.get(id)?.resolve(result);
    asked.delete(id);
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`The process has ended: ${code ?? signal}`));
  });
  /** @param {string} command @param {unknown[]} args @returns {Promise<any>} */
  const ask = (command, ...args) =>
    new Promise((resolve, reject) => {
      asked.set(++last, { resolve, reject });
      child.send({ id: last, command, args });
    });
  await once(child, "message");

  /** @param {Promise<Outcome>} outcome @returns {Login} */
  const login = (outcome) => {
    const login = { ended: false, outcome };
    outcome.then(
      () => (login.ended = true),
      () => {},
    );
    return login;
  };

  /**
   * The next request. It fails if none was sent.
   * @returns {Promise<Request>}
   */
  const next = async () => {
    if (clock === "stepped" && requests.length === taken) {
      const { sent } = await ask("state");
      assert.ok(sent > taken + lost, "no further request is sent");
    }
    const mine = taken++;
    while (requests.length <= mine) await new Promise((resolve) => waiting.push(() => resolve(undefined)));
    return requests[mine];
  };

  return {
    url,
    requests,
    next,

    /** @param {number} count */
    nextOnes: (count) => Promise.all(Array.from({ length: count }, next)),

    /** @param {{ hook?: Hook } & Record<string, unknown>} [options] */
    logIn: ({ hook = "Execute", ...options } = {}) => login(ask("logIn", hook, { apiBaseUrl: url, ...options })),

    /**
     * Runs a login in the same turn of the event loop in which something else happens.
     * @param {() => unknown} meanwhile
     * @param {{ hook?: Hook } & Record<string, unknown>} [options] none if there is to be no login
     */
    async block(meanwhile, options) {
      const { hook = "Execute", ...rest } = options ?? {};
      const done = ask("block", ...(options ? [hook, { apiBaseUrl: url, ...rest }] : []));
      await new Promise((resolve) =>
        child.on("message", (/** @type {any} */ { blocked }) => blocked && resolve(undefined)),
      );
      await meanwhile();
      child.stdin?.write("\n");
      return login(done);
    },

    /** What a login has ended with. It fails if the login waits. @param {Login} login */
    async outcome(login) {
      if (clock === "stepped" && !tls && !login.ended) {
        await ask("state");
        assert.ok(login.ended, "the login waits");
      }
      return login.outcome;
    },

    /** @param {import("node:dns").LookupAddress[]} addresses @returns {Promise<void>} */
    resolveTo: (addresses) => ask("resolveTo", addresses),

    /** @param {number} ms @returns {Promise<void>} */
    advance: (ms) => ask("advance", ms),

    /** Moves the wall clock alone. @param {number} ms @returns {Promise<void>} */
    shiftDate: (ms) => ask("shiftDate", ms),

    /**
     * @returns {Promise<{ sent: number, open: number, left: string[], attemptTimeouts: number[], errors: string[] }>}
     */
    state: () => ask("state"),

    /**
     * Leaves as many connections open as there are logins, at most eight of them idle in the process.
     * @param {number} [logins]
     * @param {Record<string, string>} [headers] of the answers
     * @param {Record<string, unknown>} [options]
     */
    async keep(logins = 1, headers = {}, options = {}) {
      const begun = Array.from({ length: logins }, () => this.logIn(options));
      const held = await this.nextOnes(logins);
      for (const request of held) await request.answer(challenge("before"), 200, headers);
      for (const login of begun) assert.deepEqual((await this.outcome(login)).calls, redirected("before").calls);
      return held;
    },

    /** Draws a retry from the budget of the process, and leaves no connection. @param {number} [times] */
    async drawRetries(times = 1) {
      for (let time = 0; time < times; time++) {
        const login = this.logIn();
        await (await next()).answer("", 503, { Connection: "close" });
        await this.advance(200);
        await (await next()).answer(challenge("retried"), 200, { Connection: "close" });
        assert.deepEqual(await this.outcome(login), redirected("retried"));
      }
    },

    /** Handles each request from now on, instead of `next`. @param {(request: Request) => unknown} handle */
    serve(handle) {
      serve = handle;
    },

    /** Waits until every request is handled and none follows from that. It fails if there is no end of them. */
    async settle() {
      for (let round = 0, before = -1, { sent } = await ask("state"); sent !== before; round++) {
        assert.ok(round < ROUNDS, "requests without end");
        while (served < sent) await new Promise((resolve) => waiting.push(() => resolve(undefined)));
        before = sent;
        ({ sent } = await ask("state"));
      }
      taken = requests.length;
    },

    /** A request that was sent will never arrive. */
    lose: () => void lost++,

    /** No new connection is taken from now on. */
    refuse: () => void server.close(),

    /**
     * Lets the process end, which it has to do by itself: nothing is left in it, and it has sent what the test took.
     */
    async end() {
      const { sent, left } = await ask("state");
      assert.equal(sent, taken + lost, "requests that were sent");
      assert.deepEqual(left, [], "what keeps the process");
      child.disconnect();
      assert.deepEqual(await exited, [0, null]);
    },
  };
};
