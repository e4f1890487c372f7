// What is broken in js-shim/, and the test files that have to see it.

/**
 * @typedef {object} Sabotage
 * @property {string} name what the code then does
 * @property {string} file
 * @property {string} find occurs once in the file
 * @property {string} put in its place
 * @property {string[]} seenBy files in tests/, the likeliest first
 */

/**
 * The sabotages of one file.
 * @param {string} file
 * @param {Omit<Sabotage, "file">[]} sabotages
 * @returns {Sabotage[]}
 */
export const within = (file, sabotages) => sabotages.map((sabotage) => ({ file, ...sabotage }));

// A hook always ends, and never by letting the login through.
const index = within("js-shim/index.js", [
  {
    name: "a failed module lets the login through",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a deny that fails is swallowed",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: `try { api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable"); } catch {}`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed module denies twice",
    find: `api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    put: `for (const _ of "12") api.access.deny(typeof reason === "string" ? reason : "MFA is unavailable");`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a hook is not waited for",
    find: "frozen(await run(hook, event, api, options))",
    put: "frozen(run(hook, event, api, options))",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an action's options are passed over",
    find: "action ?? { options: own }",
    put: "{ options: own }",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an action's continue runs execute",
    find: `onContinuePostLogin: handler("onContinue", { options }),`,
    put: `onContinuePostLogin: handler("onExecute", { options }),`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "a hook is no native async function",
    find: `onContinuePostLogin: handler("onContinue", { options }),`,
    put: `onContinuePostLogin: (event, api) => handler("onContinue", { options })(event, api),`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "the options block is passed over",
    find: `typeof authsignalOptions === "undefined" ? undefined : authsignalOptions,`,
    put: "undefined,",
    seenBy: ["runtime/login"],
  },
  {
    name: "a deny's reason may be no string",
    find: `typeof reason === "string" ? reason : "MFA is unavailable"`,
    put: `reason ?? "MFA is unavailable"`,
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "the error's message is logged",
    find: `    } catch (error) {
      const reason = given(options, "unavailableMessage");`,
    put: `    } catch (error) {
      console.log(\`authsignal-auth0: deny, internal_error: \${error}\`);
      const reason = given(options, "unavailableMessage");`,
    seenBy: ["runtime/secrets"],
  },
  {
    name: "the error's message is the reason",
    find: `      const reason = given(options, "unavailableMessage");`,
    put: `      const reason = String(error);`,
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed module is logged though the log is silent",
    find: `given(options, "logLevel") !== "silent"`,
    put: "true",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the shim's line goes to the Action's own console, though the options have another",
    find: "undefined, options);\n      }",
    put: "undefined, undefined);\n      }",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "a process without WebAssembly is logged as any failed hook",
    find: `error === noWebAssembly`,
    put: `false`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "a login that the shim denied has no outcome",
    find: `return frozen({ outcome: "deny", code: "internal_error" });`,
    put: "return undefined;",
    seenBy: ["runtime/shim"],
  },
  {
    name: "the rules of an outcome can be changed",
    find: "  Object.values(outcome).forEach(Object.freeze);\n",
    put: "",
    seenBy: ["runtime/outcome"],
  },
]);

// A failed instance is left, with all that waits in it.
const instance = within("js-shim/instance.js", [
  {
    name: "a failed instance is used again",
    find: "if (current === instance) current = undefined;",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the logins that wait in a failed instance are forgotten",
    find: "for (const reject of waiting) reject(error);",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a failed instance leaves its requests open and its timers set",
    find: "    platform.end();\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "late callbacks enter a failed instance",
    find: "    failed = true;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the depth of a call is not looked at",
    find: "if (depth > 1) throw error;",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the depth of a call is not counted down",
    find: "        depth -= 1;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "exports are not guarded",
    find: `typeof value === "function" ? guard(value) : value`,
    put: "value",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a hook that rejects resolves",
    find: "settle(resolve), settle(reject)",
    put: "settle(resolve), settle(resolve)",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a login that ended is kept for ever",
    find: "      waiting.delete(reject);\n",
    put: "",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "each instance compiles the module again",
    find: "module ??= compile();",
    put: "module = compile();",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "each login has an instance of its own",
    find: "current ??= start();",
    put: "current = start();",
    seenBy: ["runtime/shim"],
  },
]);

// The breaker and the budget outlive an instance.
const health = within("js-shim/health.js", [
  {
    name: "the breaker is forgotten",
    find: "export const keptHealth = () => kept;",
    put: "export const keptHealth = () => [];",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the health that is kept is a view of the module's memory",
    find: "kept = [...numbers];",
    put: "kept = /** @type {any} */ (numbers);",
    seenBy: ["runtime/traps", "runtime/connections-budget"],
  },
  {
    name: "the breaker's numbers are one",
    find: "kept = [...numbers];",
    put: "kept = [...numbers].fill(numbers[2]);",
    seenBy: ["runtime/traps"],
  },
]);

const options = within("js-shim/options.js", [
  {
    name: "options that throw break the deny",
    find: `  try {
    return options[name];
  } catch {}`,
    put: "  return options?.[name];",
    seenBy: ["runtime/last-resort"],
  },
  {
    name: "an option that is undefined is an option",
    find: ".filter(([, value]) => value !== undefined)",
    put: "",
    seenBy: ["runtime/shim"],
  },
  {
    name: "an instance of a class is an options object",
    find: "return prototype === null || (prototype && Object.getPrototypeOf(prototype) === null);",
    put: "return isObject(value);",
    seenBy: ["runtime/shim"],
  },
  {
    name: "options of another realm are none",
    find: "return prototype === null || (prototype && Object.getPrototypeOf(prototype) === null);",
    put: "return prototype === null || prototype === Object.prototype;",
    seenBy: ["runtime/shim"],
  },
  {
    name: "a promise's rejection is left unhandled",
    find: "Promise.resolve(object).catch(() => {});",
    put: "",
    seenBy: ["runtime/shim"],
  },
  {
    name: "a BigInt is an option's value",
    find: "(isObject(value) ? Symbol() : value)",
    put: `(isObject(value) ? Symbol() : typeof value === "bigint" ? Number(value) : value)`,
    seenBy: ["runtime/shim"],
  },
  {
    name: "the module runs the code of an option's object",
    find: "(isObject(value) ? Symbol() : value)",
    put: "value",
    seenBy: ["runtime/shim"],
  },
  {
    name: "any value is a console",
    find: "if (Object(value) === value) own = value;",
    put: "own = value;",
    seenBy: ["runtime/shim"],
  },
  {
    name: "the console of an options function is never used",
    find: "return { options, console: own };",
    put: "return { options };",
    seenBy: ["runtime/outcome"],
  },
]);

// The line goes to a console, which may be anybody's.
const log = within("js-shim/log.js", [
  {
    name: "a console that throws breaks the login",
    find: "  } catch {}",
    put: "  } finally {\n  }",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "a console whose log rejects ends the process",
    find: "Promise.resolve((Object(own) === own ? own : console).log(line)).catch(() => {});",
    put: "(Object(own) === own ? own : console).log(line);",
    seenBy: ["runtime/outcome"],
  },
  {
    name: "a console is called without itself",
    find: "(Object(own) === own ? own : console).log(line)",
    put: "(0, (Object(own) === own ? own : console).log)(line)",
    seenBy: ["runtime/outcome"],
  },
]);

// Requests and timers of one instance. What the module gets settles, and has a name that the module knows.
const platform = within("js-shim/platform.js", [
  {
    name: "an abort is forgotten",
    find: "    this.aborted = true;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a kept connection is silent for ever",
    find: "return this.socket?.bytesRead === this.bytesBefore;",
    put: "return true;",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a kept connection is never silent",
    find: "return this.socket?.bytesRead === this.bytesBefore;",
    put: "return false;",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "what a kept connection brought before counts as an answer",
    find: "return this.socket?.bytesRead === this.bytesBefore;",
    put: "return this.socket?.bytesRead === 0;",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "an abort ends no request",
    find: "    for (const end of this.#ends) quietly(end);\n",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an abort that throws goes through the module",
    find: "for (const end of this.#ends) quietly(end);",
    put: "for (const end of this.#ends) end();",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an abort that rejects is left unhandled",
    find: "    await call();\n",
    put: "    call();\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a status may be larger than 999",
    find: " && status <= 999",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a status may be negative",
    find: " && status >= 0",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a status may be no integer",
    find: "Number.isInteger(status) && ",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a status that can't be read is an outage",
    find: `  } catch {}\n  throw failure("Unreadable");`,
    put: `  } catch {}\n  throw failure("TypeError");`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "Retry-After is not read",
    find: `return typeof value === "string" ? value : null;`,
    put: "return null;",
    seenBy: ["runtime/faults"],
  },
  {
    name: "headers that throw end the instance",
    find: "    } catch {\n      return null;\n",
    put: "    } finally {\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a request whose answer was read is aborted",
    find: "  done() {\n    this.#ends = [];\n",
    put: "  done() {\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a body that throws is an outage",
    find: `source.body?.getReader?.(), "Unreadable"`,
    put: `source.body?.getReader?.(), "TypeError"`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a text() that throws is an outage",
    find: `source.text(), "Unreadable"`,
    put: `source.text(), "TypeError"`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a text may be no string",
    find: `    if (typeof text !== "string") throw failure("Unreadable");\n`,
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a text is of any length",
    find: `    if (text.length > MOST_BYTES) throw failure("TooLarge");\n`,
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "only this realm's Response is read",
    find: "  const reader = orFail(() => source.body",
    put: `  if (!(source instanceof Response)) throw failure("Unreadable");\n  const reader = orFail(() => source.body`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream that is given up is not cancelled",
    find: "  signal.onAbort(() => reader.cancel());\n",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream of an instance that has failed is read",
    find: "    if (this.aborted) quietly(end);\n    else this.#ends.push(end);\n",
    put: "    this.#ends.push(end);\n",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a stream of strings is an outage",
    find: `    if (!ArrayBuffer.isView(value)) throw failure("Unreadable");\n`,
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream is read without end",
    find: "if (size > MOST_BYTES)",
    put: "if (size > Infinity)",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream is read ten times too far",
    find: "if (size > MOST_BYTES)",
    put: "if (size > MOST_BYTES * 10)",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a stream of the limit is refused",
    find: "if (size > MOST_BYTES)",
    put: "if (size >= MOST_BYTES)",
    seenBy: ["runtime/fetch", "runtime/faults"],
  },
  {
    name: "empty chunks don't count",
    find: "value.byteLength || 1",
    put: "value.byteLength",
    seenBy: ["runtime/files"],
  },
  {
    name: "characters that chunks cut in two are lost",
    find: "decoder.decode(value, { stream: true })",
    put: "decoder.decode(value)",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a fetch that is missing is an outage",
    find: `    if (typeof fetch !== "function") throw Error();\n`,
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a fetch is not aborted",
    find: "    signal.onAbort(() => controller.abort());\n",
    put: "",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "redirects are followed",
    find: `redirect: "manual"`,
    put: `redirect: "follow"`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a broken runtime is an outage",
    find: `  }, "Unsendable");`,
    put: `  }, "TypeError");`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a request of an instance that has failed meanwhile is sent",
    find: `  if (signal.aborted) throw failure("Unsendable");\n`,
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "a fetch that throws is no outage",
    find: `(init)), "TypeError"`,
    put: `(init)), "Unsendable"`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a promise that never settles stays so after an abort",
    find: "    signal.onAbort(fail);\n",
    put: "",
    seenBy: ["runtime/fetch", "runtime/leak"],
  },
  {
    name: "a promise that rejects is no outage",
    find: `const fail = () => reject(failure("TypeError"));`,
    put: `const fail = () => reject(failure("Unreadable"));`,
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an answer that comes after its time is read",
    find: "await settled(answered, init.signal)",
    put: "await answered",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "an instance that has ended begins requests and timers",
    find: "if (ended) throw Error();",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the platform doesn't know that it has ended",
    find: "    ended = true;\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an instance that ends leaves its requests open",
    find: "      open.set(this.signal, () => this.signal.abort());\n",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an instance that ends leaves its timers set",
    find: "open.set(timer, () => clearTimeout(timer.id));",
    put: "open.set(timer, () => {});",
    seenBy: ["runtime/leftovers"],
  },
  {
    name: "a request that has ended is kept for ever",
    find: "      open.delete(this.signal);\n",
    put: "",
    seenBy: ["runtime/fake-timers", "runtime/leak"],
  },
  {
    name: "a timer that has ended is kept for ever",
    find: "      open.delete(timer);\n",
    put: "",
    seenBy: ["runtime/fake-timers", "runtime/leak"],
  },
  {
    name: "a timer that is cleared stays set",
    find: "      open.delete(timer);\n      clearTimeout(timer.id);\n",
    put: "      open.delete(timer);\n",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "a timer that comes after it was cleared calls the module",
    find: "open.has(timer) && run()",
    put: "run()",
    seenBy: ["runtime/fetch", "runtime/traps"],
  },
  {
    name: "what can't be ended keeps the rest open",
    find: "quietly(close);",
    put: "close();",
    seenBy: ["runtime/traps", "runtime/leftovers"],
  },
  {
    name: "the futures' queue rests on a queueMicrotask that may be faked",
    find: "    globalThis: {},\n",
    put: "",
    seenBy: ["runtime/fake-timers"],
  },
  {
    name: "a runtime without a global crypto can't log in",
    find: "globalThis.crypto ?? nodeCrypto()",
    put: "globalThis.crypto",
    seenBy: ["runtime/files"],
  },
  {
    name: "a client of Node's that can send nothing is an outage",
    find: `sendByNode(new URL(url), init), "Unsendable"`,
    put: `sendByNode(new URL(url), init), "TypeError"`,
    seenBy: ["runtime/client"],
  },
  {
    name: "fetch sends always",
    find: `orFail(() => sendByNode(new URL(url), init), "Unsendable") ?? sendByFetch`,
    put: "sendByFetch",
    seenBy: ["runtime/client"],
  },
]);

// Which client sends, and Node's own.
const client = within("js-shim/node-client.js", [
  {
    name: "a function like Node's fetch is taken for it",
    find: "[^]*(lazyUndici\\(\\)\\.fetch\\(input, init\\)|require\\('internal\\/deps\\/undici)",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a stub that speaks of Node's fetch is taken for it",
    find: "^(async )?function fetch\\(input, init = undefined\\) \\{",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a dispatcher of fetch is passed over",
    find: `symbol.description?.startsWith("undici.globalDispatcher")`,
    put: "false",
    seenBy: ["runtime/client"],
  },
  {
    name: "Node loads its fetch all the same",
    find: "if (!isForNode()) return;",
    put: "return;",
    seenBy: ["runtime/client"],
  },
  {
    name: "a client that can't be loaded ends the login",
    find: "request };\n  } catch {}",
    put: "request };\n  } finally {}",
    seenBy: ["runtime/client"],
  },
  {
    name: "each request has an agent of its own",
    find: "agents[protocol] ??= createAgent(Agent);",
    put: "agents[protocol] = createAgent(Agent);",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "the process's own agent is used",
    find: "    agent,\n",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a request that has to be on a new connection may be on a kept one",
    find: "if (signal.newConnection) closeIdle(agent, origin);\n  else closeStale(agent);",
    put: "closeStale(agent);",
    seenBy: ["runtime/connections-silent", "runtime/connections-dead"],
  },
  {
    name: "a connection that was idle for too long is used",
    find: "  else closeStale(agent);\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "every request has a new connection",
    find: "if (signal.newConnection) closeIdle(agent, origin);",
    put: "if (true) closeIdle(agent, origin);",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "an answer that may be compressed is asked for",
    find: `"Accept-Encoding": "identity"`,
    put: `"Accept-Encoding": "gzip"`,
    seenBy: ["runtime/requests"],
  },
  {
    name: "a slow route is given up after 250 ms",
    find: "    autoSelectFamilyAttemptTimeout: signal.addressMs,\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "an aborted request goes on",
    find: "  signal.onAbort(() => sent.destroy());\n",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "what is no HTTP is an outage",
    find: "garbled ? resolve({}) : reject(error);",
    put: "reject(error);",
    seenBy: ["runtime/client"],
  },
  {
    name: "a connection that breaks is an answer that can't be read",
    find: "garbled ? resolve({}) : reject(error);",
    put: "resolve({});",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "an answer of another protocol is an outage",
    find: `      .on("upgrade", (_, socket) => {\n        socket.destroy();\n        resolve({});\n      })\n`,
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a kept connection is taken for a new one",
    find: "if (!sent.reusedSocket) return noteOpened",
    put: "if (true) return noteOpened",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "a new connection is taken for a kept one",
    find: "if (!sent.reusedSocket) return noteOpened",
    put: "if (!sent.reusedSocket) noteOpened",
    seenBy: ["runtime/connections-silent"],
  },
  {
    name: "what the server says of its connection is not noted",
    find: "        noteAnswer(answer);\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a body that is no HTTP is an outage",
    find: "isGarbled() ? resolve({}) : reject(failure)",
    put: "reject(failure)",
    seenBy: ["runtime/client"],
  },
  {
    name: "the end of a body is not noticed",
    find: "if (value || ended)",
    put: "if (value)",
    seenBy: ["runtime/client"],
  },
  {
    name: "what comes between two reads of a body is dropped",
    find: "        look = () => {};\n",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a body that is destroyed without an error never ends",
    find: "      failure ??= Error();\n",
    put: "",
    seenBy: ["runtime/client"],
  },
  {
    name: "a body is read without waiting for its chunks",
    find: `.on("readable", () => look())`,
    put: `.on("readable", () => {})`,
    seenBy: ["runtime/faults"],
  },
  {
    name: "a body that breaks off can't be read, and is no outage",
    find: "isGarbled() ? resolve({}) : reject(failure)",
    put: "resolve({})",
    seenBy: ["runtime/connections-broken"],
  },
  {
    name: "Retry-After is not told",
    find: "headers[name]",
    put: "null",
    seenBy: ["runtime/faults"],
  },
]);

// Which connections are kept.
const connections = within("js-shim/connections.js", [
  {
    name: "an idle connection is kept for five seconds",
    find: "IDLE_MS = 50_000",
    put: "IDLE_MS = 5_000",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "an idle connection is kept for longer than a load balancer's minute",
    find: "IDLE_MS = 50_000",
    put: "IDLE_MS = 65_000",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a connection is kept as long as the server's own",
    find: "MARGIN_MS = 1_000",
    put: "MARGIN_MS = 0",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "how long the server keeps a connection is passed over",
    find: "connection.keepMs = Math.min(IDLE_MS, Number(seconds) * 1000 - MARGIN_MS);",
    put: "connection.keepMs = IDLE_MS;",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "the server alone says how long a connection is kept",
    find: "Math.min(IDLE_MS, Number(seconds) * 1000 - MARGIN_MS)",
    put: "Number(seconds) * 1000 - MARGIN_MS",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "the server's hint is read only if it comes first",
    find: "(?:^|[\\s,])timeout=",
    put: "^timeout=",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "the server's hint is taken for milliseconds",
    find: "Number(seconds) * 1000",
    put: "Number(seconds)",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a connection that the server is about to close is kept",
    find: " || !(connection.keepMs > 0)",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "an idle connection keeps the process alive",
    find: "      super.keepSocketAlive(socket);\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "an idle connection is closed too late",
    find: "      socket.setTimeout(connection.keepMs);\n",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a clock that throws when a connection is to be kept ends the process",
    find: "      try {\n        connection.idleSince = Date.now();\n      } catch {\n        return false;\n      }\n",
    put: "      connection.idleSince = Date.now();\n",
    seenBy: ["runtime/client"],
  },
  {
    name: "more than eight idle connections are kept",
    find: "MOST_IDLE = 8",
    put: "MOST_IDLE = 256",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "each request has a connection of its own",
    find: "keepAlive: true, ",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "the connection that was idle for the longest time is used",
    find: `scheduling: "lifo"`,
    put: `scheduling: "fifo"`,
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "any certificate will do",
    find: "{ keepAlive: true, ",
    put: "{ rejectUnauthorized: false, keepAlive: true, ",
    seenBy: ["runtime/client"],
  },
  {
    name: "the wall clock is passed over",
    find: "Date.now() - idleSince",
    put: "idleSince * 0",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a connection that was used in the future is used",
    find: "idleMs >= 0 && ",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "a connection is used if the clock gives no number",
    find: "!(idleMs >= 0 && idleMs <= keepMs)",
    put: "idleMs < 0 || idleMs > keepMs",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "idle connections are not closed for a new one",
    find: "    if (sockets && known.get(sockets[0])?.origin === origin) close(sockets);\n",
    put: "",
    seenBy: ["runtime/connections-dead", "runtime/connections-silent"],
  },
  {
    name: "idle connections of other origins are closed for a new one",
    find: " && known.get(sockets[0])?.origin === origin",
    put: "",
    seenBy: ["runtime/connections-idle"],
  },
  {
    name: "only one idle connection is closed",
    find: "for (const socket of [...sockets]) socket.destroy();",
    put: "sockets[0]?.destroy();",
    seenBy: ["runtime/connections-dead"],
  },
]);

export const shim = [...index, ...instance, ...health, ...options, ...log, ...platform, ...client, ...connections];
