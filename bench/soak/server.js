// Authsignal's end of the soak, in a process of its own. A user's id says what happens to his requests:
// `soak|KIND|HOOK|number`. Everybody else is challenged, and passes.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));

/** Users whose first request has failed. @type {Set<string>} */
const failedOnce = new Set();

/**
 * @type {Record<string, (response: import("node:http").ServerResponse, user: string, answer: () => void) => unknown>}
 */
const faults = {
  500: (response) => response.writeHead(500).end("{}"),
  "500 once": (response, user, answer) => {
    if (failedOnce.delete(user)) return answer();
    failedOnce.add(user);
    return response.writeHead(500).end("{}");
  },
  reset: (response) => response.socket?.resetAndDestroy(),
  hang: () => {},
  cut: (response) => response.writeHead(200, { "Content-Length": 100 }).write("{", () => response.destroy()),
  huge: (response) => response.writeHead(200).end(" ".repeat(300 * 1024)),
};

const server = createServer({ keepAliveTimeout: 300_000 }, async (request, response) => {
  let body;
  try {
    body = JSON.parse(await text(request));
  } catch {
    return;
  }
  const track = /^\/v1\/users\/([^/]+)\/actions\/auth0-login$/.exec(request.url ?? "");
  const user = track ? decodeURIComponent(track[1]) : String(body.userId);
  const [, kind, hook] = user.split("|");
  const answer = () => {
    const key = track ? body.idempotencyKey : body.token;
    const url = `https://mfa.example.com/challenge?token=${key}`;
    const json = track
      ? { state: "CHALLENGE_REQUIRED", isEnrolled: true, url, idempotencyKey: key }
      : { isValid: true, state: "CHALLENGE_SUCCEEDED", actionCode: "auth0-login", userId: user, idempotencyKey: key };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(json));
  };
  if (hook === (track ? "execute" : "continue") && Object.hasOwn(faults, kind)) faults[kind](response, user, answer);
  else answer();
});

process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  send({ url: `http://127.0.0.1:${port}/v1` });
});
