import { Console } from "node:console";
import { Writable } from "node:stream";
import { format } from "node:util";
import { CONSOLE_CHARACTERS } from "./limits.js";

/** @typedef {{ level: string, text: string }} ConsoleLine */

/**
 * The console that an Action gets. All executions of the Action share it, so it asks at each call
 * whose lines they are. An execution keeps its first 256 characters: the line that passes them is
 * cut, later ones are dropped. What isn't log, info, warn, error or debug (`table`, `dir`, …) is kept
 * as `log` or `error`, by the stream that Node writes it to.
 *
 * @param {() => ConsoleLine[] | undefined} current the lines of the execution that is running
 * @returns {Console}
 */
export function createConsole(current) {
  /** @param {string} level @param {string} text */
  const keep = (level, text) => {
    const lines = current() ?? [];
    const left = CONSOLE_CHARACTERS - lines.reduce((sum, line) => sum + line.text.length, 0);
    if (left > 0) lines.push({ level, text: text.slice(0, left) });
  };
  /** @param {string} level */
  const stream = (level) =>
    new Writable({
      write(chunk, _encoding, done) {
        keep(level, String(chunk).replace(/\n$/, ""));
        done();
      },
    });

  const console = new Console({ stdout: stream("log"), stderr: stream("error") });
  for (const level of /** @type {const} */ (["log", "info", "warn", "error", "debug"])) {
    console[level] = (...args) => keep(level, format(...args));
  }
  return console;
}
