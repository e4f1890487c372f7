// What is broken in js-shim/, and the test files that have to see it.

/**
 * @typedef {object} Sabotage
 * @property {string} name what the code then does
 * @property {string} file
 * @property {string} find occurs once in the file
 * @property {string} put in its place
 * @property {string[]} seenBy files in tests/, the likeliest first
 */

/** @type {Sabotage[]} */
export const shim = [
  // index.js: a hook always ends, and never by letting the login through.
  {
    name: "a failed module lets the login through",
    file: "js-shim/index.js",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a deny that fails is swallowed",
    file: "js-shim/index.js",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: `try { api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable"); } catch {}`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed module denies twice",
    file: "js-shim/index.js",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: `for (const _ of "12") api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a hook is not waited for",
    file: "js-shim/index.js",
    find: "await run(hook, event, api, options);",
    put: "run(hook, event, api, options);",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an action's options are passed over",
    file: "js-shim/index.js",
    find: "action ?? { options: own }",
    put: "{ options: own }",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an action's continue runs execute",
    file: "js-shim/index.js",
    find: `onContinuePostLogin: handler("resume", { options }),`,
    put: `onContinuePostLogin: handler("execute", { options }),`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "a hook is no native async function",
    file: "js-shim/index.js",
    find: `onContinuePostLogin: handler("resume", { options }),`,
    put: `onContinuePostLogin: (event, api) => handler("resume", { options })(event, api),`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "the options block is passed over",
    file: "js-shim/index.js",
    find: `typeof authsignalOptions === "undefined" ? undefined : authsignalOptions,`,
    put: "undefined,",
    seenBy: ["runtime/login"],
  },
  {
    name: "a deny's reason may be no string",
    file: "js-shim/index.js",
    find: `typeof reason === "string" ? reason : "MFA is unavailable"`,
    put: `reason ?? "MFA is unavailable"`,
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "options that throw break the deny",
    file: "js-shim/index.js",
    find: `  try {
    return options[name];
  } catch {}`,
    put: "  return options?.[name];",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "the error's message is logged",
    file: "js-shim/index.js",
    find: `    } catch {
      const reason = given(options, "unavailableMessage");`,
    put: `    } catch (error) {
      console.log(\`authsignal-auth0: deny, internal_error: \${error}\`);
      options = { ...options, logLevel: "silent" };
      const reason = given(options, "unavailableMessage");`,
    seenBy: ["runtime/secrets"],
  },
  {
    name: "the error's message is the reason",
    file: "js-shim/index.js",
    find: `    } catch {
      const reason = given(options, "unavailableMessage");`,
    put: `    } catch (error) {
      const reason = String(error);`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed module is logged though the log is silent",
    file: "js-shim/index.js",
    find: `given(options, "logLevel") !== "silent"`,
    put: "true",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a console that throws breaks the deny",
    file: "js-shim/index.js",
    find: `      try {
        if (given(options, "logLevel") !== "silent") {
          console.log("authsignal-auth0: deny, internal_error: the hook failed");
        }
      } catch {}`,
    put: `      if (given(options, "logLevel") !== "silent") {
        console.log("authsignal-auth0: deny, internal_error: the hook failed");
      }`,
    seenBy: ["runtime/last-resort"],
  },

  // instance.js: a failed instance is left, with all that waits in it.
  {
    name: "a failed instance is used again",
    file: "js-shim/instance.js",
    find: "if (current === instance) current = undefined;",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the logins that wait in a failed instance are forgotten",
    file: "js-shim/instance.js",
    find: "for (const { reject } of waiting) reject(error);",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed instance leaves its requests open and its timers set",
    file: "js-shim/instance.js",
    find: "    abandon();\n",
    put: "",
    seenBy: ["runtime/leftovers"],
  },
  {
    name: "a failed instance leaves its streams open",
    file: "js-shim/host.js",
    find: "    open.get(time)?.();\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "late callbacks enter a failed instance",
    file: "js-shim/instance.js",
    find: "    failed = true;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the frames below a trap go on",
    file: "js-shim/instance.js",
    find: "if (failed) throw Error();",
    put: "if (failed) return [];",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "the depth of a call is not looked at",
    file: "js-shim/instance.js",
    find: "if (depth > 1) throw error;",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the depth of a call is not counted down",
    file: "js-shim/instance.js",
    find: "        depth -= 1;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "exports are not guarded",
    file: "js-shim/instance.js",
    find: `typeof value === "function" ? guard(value) : value`,
    put: "value",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a hook that rejects resolves",
    file: "js-shim/host.js",
    find: "failure ? login.reject(failure[0]) : login.resolve();",
    put: "login.resolve();",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a login that ended is kept for ever",
    file: "js-shim/host.js",
    find: "  login.waiting.delete(login);\n",
    put: "",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "each instance compiles the module again",
    file: "js-shim/instance.js",
    find: "module ??= new WebAssembly.Module(",
    put: "module = new WebAssembly.Module(",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "each login has an instance of its own",
    file: "js-shim/instance.js",
    find: "(current ??= start())",
    put: "(current = start())",
    seenBy: ["runtime/shim"],
  },

  // host.js: what is kept, and how options are taken.
  {
    name: "the breaker is forgotten",
    file: "js-shim/host.js",
    find: "  return kept;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the breaker's numbers are one",
    file: "js-shim/host.js",
    find: "kept = [budget, failures, openUntil];",
    put: "kept = [openUntil, openUntil, openUntil];",
    seenBy: ["runtime/traps", "runtime/faults"],
  },
  {
    name: "an option that is undefined is an option",
    file: "js-shim/host.js",
    find: ".filter(([, value]) => value !== undefined)",
    put: "",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an instance of a class is an options object",
    file: "js-shim/host.js",
    find: "return prototype === null || Object.getPrototypeOf(prototype) === null;",
    put: `return typeof value === "object";`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "options of another realm are none",
    file: "js-shim/host.js",
    find: "return prototype === null || Object.getPrototypeOf(prototype) === null;",
    put: "return prototype === null || prototype === Object.prototype;",
    seenBy: ["runtime/shim"],
  },
  {
    name: "a promise's rejection is left unhandled",
    file: "js-shim/host.js",
    find: "Promise.resolve(object).catch(() => {});",
    put: "",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an effect that throws is taken for done",
    file: "js-shim/host.js",
    find: "    return [error];\n",
    put: "",
    seenBy: ["runtime/decisions", "runtime/traps", "runtime/properties"],
  },
  {
    name: "a BigInt is an option's value",
    file: "js-shim/host.js",
    find: `if (value === null || typeof value !== "object") return value;`,
    put: `if (value === null || typeof value !== "object") return typeof value === "bigint" ? Number(value) : value;`,
    seenBy: ["runtime/shim"],
  },

  // host.js: one request and its answer.
  {
    name: "a fetch that is missing is an outage",
    file: "js-shim/host.js",
    find: `if (typeof fetch !== "function") return;`,
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an API URL that no parser takes is an outage",
    file: "js-shim/host.js",
    find: "new URL(url);",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "redirects are followed",
    file: "js-shim/host.js",
    find: `redirect: "manual"`,
    put: `redirect: "follow"`,
    seenBy: ["sandbox/secrets"],
  },
  {
    name: "a try has no deadline of its own",
    file: "js-shim/host.js",
    find: "Promise.race([received, time.over, time.deadline.over])",
    put: "Promise.race([received, time.deadline.over])",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "all tries together have no deadline of their own",
    file: "js-shim/host.js",
    find: "Promise.race([received, time.over, time.deadline.over])",
    put: "Promise.race([received, time.over])",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a broken runtime is an outage",
    file: "js-shim/host.js",
    find: `    return /** @type {Reply} */ (["unsendable"]);\n`,
    put: "    return reply;\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a timer that can't be set is one that is over",
    file: "js-shim/host.js",
    find: "  time.timer = setTimeout(() => resolve(time), ms);\n",
    put: "  try {\n    time.timer = setTimeout(() => resolve(time), ms);\n  } catch {\n    resolve(time);\n  }\n",
    seenBy: ["runtime/fetch", "runtime/properties"],
  },
  {
    name: "a timer of an instance that has failed meanwhile runs on",
    file: "js-shim/host.js",
    find: `  if (!open.has(time)) {
    clearTimeout(time.timer);
    throw Error();
  }
`,
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a request of an instance that has failed meanwhile is sent",
    file: "js-shim/host.js",
    find: "    if (!open.has(time)) return reply;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a pause that can't be waited for is left running",
    file: "js-shim/host.js",
    find: "  } catch {}\n  leave(time);\n  return first !== time;",
    put: "    leave(time);\n  } catch {}\n  return first !== time;",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a pause that can't be waited for is one that is over",
    file: "js-shim/host.js",
    find: "return first !== time;",
    put: "return first === time.deadline;",
    seenBy: ["runtime/fetch", "runtime/properties"],
  },
  {
    name: "a try goes on where the deadline of all is over",
    file: "js-shim/host.js",
    find: "  if (first === time.deadline) reply[0] = \"late\";\n",
    put: "",
    seenBy: ["runtime/endless"],
  },
  {
    name: "an answer that was left is taken",
    file: "js-shim/host.js",
    find: "text === undefined || !open.has(time)",
    put: "text === undefined",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a failed instance begins times",
    file: "js-shim/host.js",
    find: "  if (deadline && !open.has(deadline)) throw Error();\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a pause outlasts the deadline of all tries",
    file: "js-shim/host.js",
    find: "await Promise.race([time.over, time.deadline.over])",
    put: "await time.over",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a request that is read is not aborted at its deadline",
    file: "js-shim/host.js",
    find: "    cancel();\n    abort?.();\n",
    put: "    cancel();\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a request is not aborted",
    file: "js-shim/host.js",
    find: "() => quietly(() => controller.abort())",
    put: "undefined",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an abort that throws or rejects does harm",
    file: "js-shim/host.js",
    find: "() => quietly(() => controller.abort())",
    put: "() => controller.abort()",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "what is not read to its end is not left",
    file: "js-shim/host.js",
    find: "    first = await Promise.race([received, time.over, time.deadline.over]);\n",
    put: "    first = await Promise.race([received, time.over, time.deadline.over]);\n    open.set(time, undefined);\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream that was read is left all the same",
    file: "js-shim/host.js",
    find: "    // What was read to its end is not left.\n    open.set(time, undefined);\n",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a status that is a string is a status",
    file: "js-shim/host.js",
    find: "    if (!Number.isInteger(status)) return;\n    reply[2] = status;",
    put: "    reply[2] = Number(status);",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a refusal is an answer",
    file: "js-shim/host.js",
    find: "const refused = status < 200 || status > 299;",
    put: "const refused = false;",
    seenBy: ["runtime/faults"],
  },
  {
    name: "an answer that is no JSON is an outage",
    file: "js-shim/host.js",
    find: `reply[0] = refused ? "refused" : "unreadable";`,
    put: `reply[0] = refused ? "refused" : "connection";`,
    seenBy: ["runtime/faults"],
  },
  {
    name: "a refusal's body is waited for",
    file: "js-shim/host.js",
    find: "    if (refused && status !== 400) {\n      reply[3] = retryAfter(response);\n      return;\n    }\n",
    put: "    if (refused) reply[3] = retryAfter(response);\n",
    seenBy: ["runtime/faults", "runtime/fetch"],
  },
  {
    name: "the reason of a 400 is not read",
    file: "js-shim/host.js",
    find: "refused && status !== 400",
    put: "refused",
    seenBy: ["runtime/faults"],
  },
  {
    name: "Retry-After is taken for milliseconds",
    file: "js-shim/host.js",
    find: "value * 1000",
    put: "Number(value)",
    seenBy: ["runtime/faults"],
  },
  {
    name: "Retry-After's date is taken for a time from now",
    file: "js-shim/host.js",
    find: "Date.parse(value) - Date.now()",
    put: "Date.parse(value)",
    seenBy: ["runtime/faults"],
  },
  {
    name: "only this realm's Response is read",
    file: "js-shim/host.js",
    find: "const reader = response.body?.getReader?.();",
    put: "if (!(response instanceof Response)) return;\n  const reader = response.body?.getReader?.();",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a text is of any length",
    file: "js-shim/host.js",
    find: `typeof text === "string" && text.length <= MOST_BYTES ? text`,
    put: `typeof text === "string" ? text`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a text that comes too late changes what is told",
    file: "js-shim/host.js",
    find: "    const text = await pending;\n    if (!open.has(time)) return;\n",
    put: "    const text = await pending;\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream is read without end",
    file: "js-shim/host.js",
    find: "(size += value.byteLength || 1) > MOST_BYTES",
    put: "(size += value.byteLength || 1) > Infinity",
    seenBy: ["runtime/fetch", "runtime/faults"],
  },
  {
    name: "a stream is read ten times too far",
    file: "js-shim/host.js",
    find: "(size += value.byteLength || 1) > MOST_BYTES",
    put: "(size += value.byteLength || 1) > MOST_BYTES * 10",
    seenBy: ["runtime/fetch", "runtime/faults"],
  },
  {
    name: "a stream of the limit is refused",
    file: "js-shim/host.js",
    find: "(size += value.byteLength || 1) > MOST_BYTES",
    put: "(size += value.byteLength || 1) >= MOST_BYTES",
    seenBy: ["runtime/faults"],
  },
  {
    name: "empty chunks don't count",
    file: "js-shim/host.js",
    find: "value.byteLength || 1",
    put: "value.byteLength",
    seenBy: ["runtime/files"],
  },
  {
    name: "a stream is not left at the deadline",
    file: "js-shim/host.js",
    find: "    cancel();\n    abort?.();\n",
    put: "    abort?.();\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream of an instance that has failed is read",
    file: "js-shim/host.js",
    find: "  if (!open.has(time)) return void cancel();\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a stream is read on after its time",
    file: "js-shim/host.js",
    find: "    const { done, value } = await reader.read();\n    if (!open.has(time)) return;\n",
    put: "    const { done, value } = await reader.read();\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an answer that comes after its time is read",
    file: "js-shim/host.js",
    find: "    const response = await fetch(url, init);\n    if (!open.has(time)) return;\n",
    put: "    const response = await fetch(url, init);\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a cancel that fails is left unhandled",
    file: "js-shim/host.js",
    find: "() => quietly(() => reader.cancel())",
    put: "() => reader.cancel()",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "characters that chunks cut in two are lost",
    file: "js-shim/host.js",
    find: "decoder.decode(value, { stream: true })",
    put: "decoder.decode(value)",
    seenBy: ["runtime/fetch"],
  },
];
