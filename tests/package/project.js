// The package as npm packs it, in the `node_modules` of a project of its own.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** The project's root folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A CommonJS project that has the package installed, and this project's tools from the folders above.
 * @param {{ after: (done: () => unknown) => void }} hooks removes it in the end
 */
export const createProject = async ({ after }) => {
  await mkdir(`${root}target`, { recursive: true });
  const folder = await mkdtemp(`${root}target/package-`);
  after(() => rm(folder, { recursive: true }));

  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: `${root}pkg` });
  const [{ filename, files }] = JSON.parse(stdout);
  const tarball = join(folder, filename);
  const installed = `${folder}/node_modules/authsignal-auth0`;
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"]);
  await writeFile(`${folder}/package.json`, JSON.stringify({ private: true }));

  return {
    folder,
    tarball,
    /** The package's folder. */
    installed,
    /** What is in the tarball. @type {string[]} */
    packed: files.map((/** @type {{ path: string }} */ { path }) => path).sort(),
    /** @param {string} name @param {string} text */
    async write(name, text) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    /**
     * Runs a script in a process of its own, in this project, and gives the JSON that it printed.
     * @param {string} script
     * @param {"commonjs" | "module"} [type]
     */
    async evaluate(script, type = "commonjs") {
      const { stdout } = await run(process.execPath, [`--input-type=${type}`, "-e", script], { cwd: folder });
      return JSON.parse(stdout);
    },
  };
};

/**
 * The code blocks of a page in `docs/`, by the comment in their first line that names the file.
 * @param {string} page
 * @returns {Promise<Record<string, string>>}
 */
export const blocksOf = async (page) => {
  const text = await readFile(`${root}docs/${page}`, "utf8");
  const blocks = text.matchAll(/^```\w+\n(?:\/\/|#) (\S+)\n([^]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, name, code]) => [name, code]));
};
