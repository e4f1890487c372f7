// Node's own HTTP client, in the place of a `fetch` that is Node's too. That one Node loads when it is first asked for,
// which is most of a cold start, and much of a process's memory (docs/performance.md).

import { nodeHttp, nodeHttps } from "build:node";
import { closeIdle, closeStale, createAgent, noteAnswer, noteOpened, openedAt } from "./connections.js";

/** The text of Node's own `fetch`: of Node 18's, and of a later one's. */
const NODES_OWN =
  /^(async )?function fetch\(input, init = undefined\) \{[^]*(lazyUndici\(\)\.fetch\(input, init\)|require\('internal\/deps\/undici)/;

/**
 * Whether Node's client stands in for `fetch`. It doesn't if somebody has replaced `fetch` or its dispatcher. Nor does
 * it if `fetch` has been used: then what it is made of is loaded already.
 */
function isForNode() {
  return (
    NODES_OWN.test(Function.prototype.toString.call(fetch)) &&
    !Object.getOwnPropertySymbols(globalThis).some(
      (symbol) => symbol.description?.startsWith("undici.globalDispatcher") && /** @type {any} */ (globalThis)[symbol],
    )
  );
}

/**
 * The agent of each protocol. What the process has set for its other requests, such as an authority that it trusts, or
 * how many connections it allows, is not for these.
 * @type {Record<string, import("node:http").Agent>}
 */
const agents = {};

/**
 * The client for a protocol, or `undefined` if `fetch` is to send.
 * @param {string} protocol
 */
function clientFor(protocol) {
  try {
    if (!isForNode()) return;
    const { Agent, request } = protocol === "https:" ? nodeHttps() : nodeHttp();
    agents[protocol] ??= createAgent(Agent);
    return { agent: agents[protocol], request };
  } catch {}
}

/**
 * Sends a request, follows no redirect, and asks for an answer that is not compressed. Gives a promise of what has the
 * shape of a `Response`, as far as that is read, or `undefined` if `fetch` is to send. Throws if nothing can be sent.
 * @param {URL} address
 * @param {{ method: string, headers: { all: Record<string, string> }, body: string,
 *   signal: import("./platform.js").Signal }} init
 */
export function sendByNode(address, { method, headers, body, signal }) {
  const client = clientFor(address.protocol);
  if (!client) return;
  const { agent, request } = client;
  const { origin } = address;
  if (signal.newConnection) closeIdle(agent, origin);
  else closeStale(agent);
  const now = performance.now();
  /**
   * @type {import("node:https").RequestOptions & { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: number }}
   */
  const options = {
    agent,
    method,
    headers: { ...headers.all, "Accept-Encoding": "identity" },
    // Node 18 tries the first address only.
    autoSelectFamily: true,
    // By default Node gives an address up after 250 ms, which cuts off a slow route. It never gives up the last one.
    autoSelectFamilyAttemptTimeout: signal.addressMs,
  };
  const sent = request(address, options);
  // Not by Node's own `signal`: that gives the socket an error, also if the socket is about to be kept.
  signal.onAbort(() => sent.destroy());
  /** Whether the answer is no HTTP. Then it can't be read, which is no broken connection. */
  let garbled = false;
  return new Promise((resolve, reject) => {
    sent
      .on("socket", (socket) => {
        if (!sent.reusedSocket) return noteOpened(socket, origin, now);
        signal.keptSince = openedAt(socket);
        signal.socket = socket;
        signal.bytesBefore = socket.bytesRead;
      })
      .on("response", (answer) => {
        noteAnswer(answer);
        resolve(response(answer, () => garbled));
      })
      .on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
        garbled = !!error.code?.startsWith("HPE_");
        garbled ? resolve({}) : reject(error);
      })
      .on("upgrade", (_, socket) => {
        socket.destroy();
        resolve({});
      })
      .end(body);
  });
}

/**
 * Reads the body by its events: the stream's async iterator costs a first login up to 0.9 ms.
 * @param {import("node:http").IncomingMessage} answer @param {() => boolean} isGarbled
 */
function response(answer, isGarbled) {
  const { headers, statusCode: status } = answer;
  let ended = false;
  /** @type {unknown} */
  let failure;
  /** Ends the read that waits, if one does and can end. */
  let look = () => {};
  answer
    .on("error", (error) => {
      failure = error;
      look();
    })
    .on("close", () => {
      failure ??= Error();
      look();
    });
  const read = () =>
    new Promise((resolve, reject) => {
      look = () => {
        const value = answer.read();
        if (!value && !ended && !failure) return;
        look = () => {};
        if (value || ended) resolve({ done: !value, value });
        else isGarbled() ? resolve({}) : reject(failure);
      };
      look();
    });
  return {
    status,
    headers: { get: (/** @type {string} */ name) => headers[name] },
    body: {
      getReader() {
        // Not before: Node would read an answer without a body to its end, and keep the connection of a refusal.
        answer
          .on("readable", () => look())
          .on("end", () => {
            ended = true;
            look();
          });
        // The signal ends it.
        return { read, cancel() {} };
      },
    },
  };
}
