import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * One of the Actions in `actions/`, in a folder where the package is installed, as its customer has it.
 * @param {import("node:test").TestContext} t
 * @param {string} name
 */
export async function customerAction(t, name) {
  const folder = await mkdtemp(join(tmpdir(), "action-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(fileURLToPath(new URL("../../pkg", import.meta.url)), join(folder, "node_modules/authsignal-auth0"));
  await copyFile(new URL(`./actions/${name}`, import.meta.url), join(folder, name));
  return join(folder, name);
}
