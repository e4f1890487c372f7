// `make demo`: whole logins through the built Action, each step told as it happens. Exits with 1 where a
// step is not what it should be.

import { fileURLToPath } from "node:url";
import { postLoginEvent } from "./auth0/event.js";
import { startAction } from "./auth0/thread.js";
import { startAuthsignal } from "./authsignal/server.js";

/** @typedef {import("./auth0/execution.js").Result} Result */
/** @typedef {{ methods: { name: string, timestamp: string }[] }} Session */

const SECRET = "sandbox-secret-key";
const ADA = { user_id: "auth0|ada", email: "ada@example.com" };
const BOB = { user_id: "auth0|bob", email: "bob@example.com" };

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (/** @type {number} */ code) => (/** @type {string} */ text) =>
  color ? `\u001b[${code}m${text}\u001b[0m` : text;
const [bold, dim, green, red] = [1, 2, 32, 31].map(paint);
const say = (/** @type {string} */ text = "") => console.log(text);

const authsignal = await startAuthsignal({ secret: SECRET, defaultOutcome: "CHALLENGE" });
const action = await startAction({
  file: fileURLToPath(new URL("../pkg/action.js", import.meta.url)),
  name: "pkg/action.js",
});
const secrets = { AUTHSIGNAL_SECRET: SECRET, AUTHSIGNAL_API_URL: authsignal.url };
let failures = 0;
let requests = 0;
/** Where the Action asked Authsignal to send the browser back to. */
let redirectUrl = "";

/**
 * Tells what the Action sends and gets.
 * @type {import("./auth0/observe.js").Observer}
 */
const observer = ({ client, method, url }) => {
  requests += 1;
  say(`    ${dim("Action → Authsignal")}  ${method} ${url.replace(authsignal.origin, "")} ${dim(`by ${client}`)}`);
  let status = 0;
  return {
    sent({ body }) {
      redirectUrl = /** @type {any} */ (body).redirectUrl ?? redirectUrl;
    },
    answered(response) {
      ({ status } = response);
    },
    read(body) {
      const { state, isEnrolled, isValid } = /** @type {any} */ (body);
      say(`    ${dim("Action ← Authsignal")}  ${status} ${JSON.stringify({ state, isEnrolled, isValid })}`);
    },
    failed() {
      say(`    ${dim("Action ← Authsignal")}  no connection`);
    },
  };
};

/** @param {string} url */
const short = (url) => url.replace(/token=[^&]+/, "token=…");

/** @param {Result} result */
const told = ({ status, error, command, recordedMethods }) => {
  if (status === "error") return `error: ${error?.message}`;
  if (command?.type === "redirect") return `redirect to ${short(command.url)}`;
  if (command?.type === "deny") return `deny: ${command.reason}`;
  if (recordedMethods.length > 0) return `record the method ${recordedMethods[0].name}`;
  return "proceed";
};

/**
 * Runs one hook, and tells it.
 * @param {"onExecutePostLogin" | "onContinuePostLogin"} handler
 * @param {import("./auth0/event.js").Login} login
 * @param {Session} session
 */
const run = async (handler, login, session) => {
  say(`  ${bold(handler)}`);
  const result = await action.execute(handler, postLoginEvent({ ...login, session }), { observer });
  session.methods.push(...result.recordedMethods);
  for (const { text } of result.console) say(`    ${dim("Action log")}           ${text}`);
  say(`    ${dim("Action → Auth0")}       ${told(result)}   ${dim(`${result.ms.toFixed(1)} ms`)}`);
  return result;
};

/** @param {boolean} holds @param {string} what */
const check = (holds, what) => {
  if (!holds) failures += 1;
  say(`  ${holds ? green("✔") : red("✘ not so:")} ${what}`);
};

/** The token that a redirect carries. @param {Result} result */
const tokenOf = ({ command }) =>
  command?.type === "redirect" ? (new URL(command.url).searchParams.get("token") ?? "") : "";

/** What a person does in the pre-built UI. @param {string} token */
const complete = async (token) => {
  say(`  ${bold("Browser")}`);
  say(`    ${dim("Browser → Authsignal")} passes the challenge with an authenticator app`);
  const response = await fetch(`${authsignal.origin}/sandbox/challenges/complete`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, verificationMethod: "AUTHENTICATOR_APP" }),
  });
  const back = new URL(redirectUrl);
  say(`    ${dim("Browser → Auth0")}      ${back} with the token (the stand-in has no web pages)`);
  return response.ok && back.pathname === "/continue";
};

say(`The built Action (pkg/action.js) and a local Authsignal on ${authsignal.url}`);

say(`\n${bold("1. Ada's first login")}: the action is set to Challenge, and she has nothing enrolled`);
/** @type {Session} */
const session = { methods: [] };
const first = await run("onExecutePostLogin", { user: ADA, secrets, session }, session);
check(first.command?.type === "redirect", "the browser is sent to Authsignal");
check(await complete(tokenOf(first)), "the challenge is passed, and leads back to /continue");
const resumed = await run(
  "onContinuePostLogin",
  { user: ADA, secrets, session, metadata: first.metadata, query: { token: tokenOf(first) } },
  session,
);
check(
  resumed.command === null && resumed.recordedMethods.length === 1,
  "the login goes on, and the session has the method",
);

say(`\n${bold("2. Ada again, in the same browser session")}`);
const before = requests;
const second = await run("onExecutePostLogin", { user: ADA, secrets, session }, session);
check(second.status === "ok" && second.command === null, "the login goes on without a challenge");
check(requests === before, "no request was sent");

say(`\n${bold("3. Bob comes back with Ada's token")}`);
/** @type {Session} */
const bobs = { methods: [] };
const challenged = await run("onExecutePostLogin", { user: BOB, secrets, session: bobs }, bobs);
check(challenged.command?.type === "redirect", "the browser is sent to Authsignal");
const stolen = await run(
  "onContinuePostLogin",
  { user: BOB, secrets, session: bobs, metadata: challenged.metadata, query: { token: tokenOf(first) } },
  bobs,
);
check(stolen.command?.type === "deny" && stolen.command.reason === "MFA challenge failed", "the login is denied");
check(bobs.methods.length === 0, "nothing is recorded");

say(`\n${bold("4. Authsignal is down")}`);
await authsignal.close();
const down = await run("onExecutePostLogin", { user: BOB, secrets, session: bobs }, bobs);
check(down.command?.type === "deny" && down.command.reason === "MFA is unavailable", "the login is denied");
check(down.ms < 9_000, "in less than 9 seconds");
await action.close();

say();
say(
  failures === 0 ? green("Every step is what it should be.") : red(`${failures} of these are not what they should be.`),
);
process.exitCode = failures === 0 ? 0 : 1;
