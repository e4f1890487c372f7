// Breaks the code in one place at a time, in a copy of it, and looks whether the tests see it. It fails if a sabotage
// survives, doesn't find its place or doesn't build, or if it breaks so much that it shows nothing.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { apply } from "./apply.js";
import { shim } from "./shim.js";
import { build, change, copyTree, runTests } from "./tree.js";
import { wasm } from "./wasm.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    list: { type: "boolean" },
    shim: { type: "boolean" },
    wasm: { type: "boolean" },
  },
});
const all = [...(values.wasm && !values.shim ? [] : shim), ...(values.shim && !values.wasm ? [] : wasm)];
const unknown = (values.only ?? []).filter((name) => !all.some((sabotage) => sabotage.name === name));
if (unknown.length > 0) throw new Error(`There is no sabotage "${unknown.join('", "')}"; --list names them.`);
const chosen = values.only ? all.filter(({ name }) => values.only?.includes(name)) : all;

if (values.list) {
  for (const { name, file } of chosen) console.log(`${file.padEnd(24)} ${name}`);
} else {
  process.exitCode = run() ? 0 : 1;
}

/** Whether every sabotage was seen. */
function run() {
  // The code may have changed since the lists were written.
  for (const sabotage of chosen)
    apply(sabotage, readFileSync(new URL(`../../${sabotage.file}`, import.meta.url), "utf8"));

  console.log("Build the code as it is, and run its tests.");
  copyTree();
  const failure = build({ keepModule: false });
  if (failure !== undefined) throw new Error(`It does not build:\n${failure}`);
  for (const name of new Set(chosen.flatMap(({ seenBy }) => seenBy))) {
    // Some tests measure time, and a busy machine can fail them.
    const isGreen = [1, 2, 3].some(() => {
      const { green, red, late } = runTests(name);
      return red.length === 0 && green > 0 && !late;
    });
    if (!isGreen) throw new Error(`${name} is not green before any sabotage`);
  }

  const bad = [];
  for (const [at, sabotage] of chosen.entries()) {
    const { seen, told } = judge(sabotage);
    console.log(`${String(at + 1).padStart(2)}/${chosen.length} ${seen ? "red " : "BAD "} ${sabotage.name}: ${told}`);
    if (!seen) bad.push(sabotage.name);
  }
  console.log(
    `${chosen.length - bad.length} of ${chosen.length} were seen.${bad.map((name) => `\n  not seen: ${name}`).join("")}`,
  );
  return bad.length === 0;
}

/** @param {import("./shim.js").Sabotage} sabotage */
function judge(sabotage) {
  const undo = change(sabotage.file, (text) => apply(sabotage, text));
  try {
    const failure = build({ keepModule: !wasm.includes(sabotage) });
    if (failure !== undefined) return { seen: false, told: `does not build:\n${failure}` };
    let green = 0;
    for (const name of sabotage.seenBy) {
      const result = runTests(name);
      green += result.green;
      const { red, stuck, late } = result;
      if (late) return { seen: false, told: `${name} takes too long, so it shows nothing` };
      if (stuck) return { seen: true, told: `${name}: a test waits for ever` };
      if (red.length === 0) continue;
      if (green === 0) return { seen: false, told: `breaks every test of ${name}, so it shows nothing` };
      return { seen: true, told: `${name}: ${red[0]}${red.length > 1 ? ` (and ${red.length - 1} more)` : ""}` };
    }
    return { seen: false, told: `survives ${green} tests of ${sabotage.seenBy.join(", ")}` };
  } finally {
    undo();
  }
}
