import { parseArgs } from "node:util";
import { startAuthsignal } from "./server.js";

const USAGE = `A local Authsignal, for tests and demos. It prints {"url", "origin"} when it listens.

usage: node sandbox/authsignal/cli.js [options]
  --port N               the port on 127.0.0.1 (a free one)
  --secret S             the tenant's secret key (sandbox-secret-key)
  --default-outcome O    of a new action: ALLOW, CHALLENGE, REVIEW or BLOCK (ALLOW)
  --token-seconds N      how long a challenge's token lives (600)
  --code-seconds N       how long a sent code counts (180)
  --hostname H           of the pages' origin: 127.0.0.1, or localhost for passkeys (127.0.0.1)
  --form-origin O        where a challenge leads in the end, as http://localhost:4000; may be repeated
  --action CODE=O        an action with its default outcome, as the Portal sets it; may be repeated
  --stdin                stop when stdin closes
  --help                 show this`;

try {
  await main();
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  console.error(code === "EADDRINUSE" ? `The port is taken: ${message}` : message.split("\n")[0]);
  process.exit(2);
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      secret: { type: "string" },
      "default-outcome": { type: "string" },
      "token-seconds": { type: "string" },
      "code-seconds": { type: "string" },
      hostname: { type: "string" },
      "form-origin": { type: "string", multiple: true },
      action: { type: "string", multiple: true },
      stdin: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);

  const { url, origin, close } = await startAuthsignal({
    port: wholeNumber("--port", values.port),
    secret: values.secret,
    // startAuthsignal refuses what is none.
    defaultOutcome: /** @type {import("./api.js").Outcome | undefined} */ (values["default-outcome"]),
    tokenSeconds: wholeNumber("--token-seconds", values["token-seconds"]),
    codeSeconds: wholeNumber("--code-seconds", values["code-seconds"]),
    hostname: /** @type {"127.0.0.1" | "localhost" | undefined} */ (values.hostname),
    formOrigins: values["form-origin"],
    presets: { actions: Object.fromEntries(values.action?.map((each) => each.split("=")) ?? []) },
  });
  console.log(JSON.stringify({ url, origin }));
  if (values.stdin) process.stdin.resume().once("close", close);
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function wholeNumber(name, value) {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new RangeError(`${name} takes a whole number.`);
  return Number(value);
}
