import { Console } from "node:console";
import { Writable } from "node:stream";
import { CONSOLE } from "./limits.js";

/**
 * @typedef {object} ConsoleLine
 * @property {string} level
 * @property {string} text
 * @property {number} [kept] how many of its characters Auth0 keeps, if not all
 */

const LEVELS = /** @type {const} */ (["log", "info", "warn", "error", "debug"]);

/** What one execution has printed, as far as it may. */
export class ConsoleLog {
  /** @type {ConsoleLine[]} */
  lines = [];
  #bytes = 0;
  #characters = 0;

  /** @param {string} level @param {string} text without the line break at its end */
  add(level, text) {
    const left = CONSOLE.bytes - this.#bytes;
    if (left <= 0) return;
    const bytes = Buffer.from(text);
    const printed = bytes.length <= left ? text : bytes.subarray(0, left).toString();
    const kept = Math.max(0, CONSOLE.keptCharacters - this.#characters);
    this.lines.push({ level, text: printed, ...(kept < printed.length && { kept }) });
    this.#bytes += bytes.length + 1;
    this.#characters += printed.length;
  }
}

/**
 * The console that an Action gets: Node's own, over streams that keep what is written. All executions of the Action
 * share it, so it asks at each call whose lines they are. What isn't log, info, warn, error or debug (`table`,
 * `dir`, …) is kept as `log` or `error`, by the stream that Node writes it to.
 *
 * @param {() => ConsoleLog | undefined} current of the execution that is running
 * @returns {Console}
 */
export function createConsole(current) {
  /** @type {string | undefined} the method that is writing */
  let writing;
  /** @param {string} level */
  const stream = (level) =>
    new Writable({
      write(chunk, _encoding, done) {
        current()?.add(writing ?? level, String(chunk).replace(/\n$/, ""));
        done();
      },
    });

  const console = new Console({ stdout: stream("log"), stderr: stream("error") });
  for (const level of LEVELS) {
    const write = console[level];
    console[level] = (...args) => {
      const outer = writing;
      writing ??= level;
      try {
        write.apply(console, args);
      } finally {
        writing = outer;
      }
    };
  }
  return console;
}
