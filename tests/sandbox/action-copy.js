// A copy of an Action, to put code before it.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A copy that ends with the test. It is below the repository's folder, so that it finds the same packages.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} original
 */
export async function copyAction(t, original) {
  const source = await readFile(original, "utf8");
  await mkdir(join(root, "target"), { recursive: true });
  const folder = await mkdtemp(join(root, "target", "action-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "action.js");
  /** The sandbox loads the Action again at the next login. @param {string} code */
  const startWith = (code) => writeFile(file, `${code}\n${source}`);
  await startWith("");
  return {
    file,
    startWith,
    /** In the Action's process it is this time when the Action is loaded again. @param {number} time */
    moveClock: (time) =>
      startWith(`{
        const ahead = ${time} - Date.now();
        globalThis.Date = class extends Date {
          constructor(...args) { args.length === 0 ? super(Date.now()) : super(...args); }
          static now() { return super.now() + ahead; }
        };
      }`),
  };
}
