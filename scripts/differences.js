import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A line for each file that two folders don't have alike.
 * @param {string} one @param {string} other
 * @param {string} what the lines say after the file's name
 */
export const differences = (one, other, what) => {
  const names = [...new Set([...list(one), ...list(other)])].sort();
  return names.flatMap((name) => {
    const [a, b] = [read(one, name), read(other, name)];
    if (!a || !b) return `${name}: ${what} (only in ${a ? one : other})`;
    if (a.equals(b)) return [];
    const at = a.findIndex((byte, index) => byte !== b[index]);
    return `${name}: ${what} (${a.length} and ${b.length} bytes, at byte ${at < 0 ? a.length : at})`;
  });
};

/** @param {string} folder */
const list = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/** @param {string} folder @param {string} name */
const read = (folder, name) => {
  try {
    return readFileSync(join(folder, name));
  } catch {}
};
