// `make lint-prose` reports what it should, each at its place, and nothing else.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findings, RULES } from "../../scripts/prose.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prose-"));
after(() => rmSync(folder, { recursive: true }));

const bad = [
  "Where the browser has a session, Auth0 skips it.",
  "Default: the query's `device_id`, where it is one string.",
  "Auth0 calls it only where a session exists.",
  "Who has enrolled is challenged.",
  "All tests but for one pass.",
  "Whatever goes wrong denies the login.",
  "After a day the challenge counts no more.",
  "The source is not to be had.",
  "The user is told.",
  "Simply paste the file.",
];

for (const sentence of bad) {
  test(`reported: ${sentence}`, () => {
    const [{ line, message }, ...more] = findings(`# A heading\n\nThis is fine.\n${sentence}\n`);
    assert.equal(line, 4);
    assert.match(message, /^".+": /);
    assert.deepEqual(more, []);
  });
}

test("each rule reports one of these sentences", () => {
  for (const { not } of RULES)
    assert.ok(
      bad.some((sentence) => not.test(sentence)),
      String(not),
    );
});

for (const sentence of [
  "Auth0 calls the Action after the password. `Where it is code, it is fine`.",
  "This is where the browser returns after the challenge.",
  "Who may log in?",
  "Users who have enrolled are challenged.",
  'Write "except", not "but\nfor".',
  "It is just like the other one.",
]) {
  test(`not reported: ${sentence}`, () => assert.deepEqual(findings(sentence), []));
}

test("a sentence of more than 40 words is reported, and one of 40 is not", () => {
  const words = (/** @type {number} */ count) => `\`code\`${" word".repeat(count - 1)}.`;
  assert.deepEqual(findings(`${words(40)} ${words(40)}`), []);
  assert.deepEqual(findings(words(41)), [{ line: 1, message: "41 words in a sentence: write two sentences" }]);
});

test("items and cells are read, each in its line, and blocks of code are not", () => {
  const page = "- One\n- Simply two\n\n| a | b |\n| - | - |\n| c | simply d |\n\n```\nsimply e\n```\n";
  assert.deepEqual(
    findings(page).map(({ line }) => line),
    [2, 6],
  );
});

test("the command names the file and the line, in pages and in the comments of types, and fails", () => {
  const [page, types, good] = ["page.md", "types.d.ts", "good.md"].map((name) => join(folder, name));
  writeFileSync(page, "# A page\n\nSimply do it.\n");
  writeFileSync(types, "/** A type. */\nexport type Simply =\n  /** Simply one. */\n  1;\n");
  writeFileSync(good, "# A page\n");
  const run = (/** @type {string[]} */ ...files) =>
    spawnSync(process.execPath, [join(root, "scripts/prose.js"), ...files], { encoding: "utf8" });
  const { status, stdout } = run(page, types, good);
  assert.equal(status, 1);
  const message = '"Simply": leave it out';
  assert.equal(stdout, `${page}:3: ${message}\n${types}:3: ${message}\n`);
  assert.equal(run(good).status, 0);
});

/** @param {string} name @param {string} input @returns the words that cspell reports, each with its line */
function misspelled(name, input) {
  const args = ["--no-install", "cspell", "lint", "--no-progress", "--no-summary", `stdin://${name}`];
  const { status, stdout } = spawnSync("npx", args, { cwd: root, input, encoding: "utf8" });
  const words = [...stdout.matchAll(/:(\d+):\d+ - .*? word \((.*?)\)/g)].map(([, line, word]) => `${line} ${word}`);
  assert.equal(status, words.length > 0 ? 1 : 0, stdout);
  return words;
}

test("a misspelled word and a British one are reported, and names and code are not", () => {
  const page =
    "Authsignal recieves it.\n\nThe enrolment and its behaviour.\n\n`recieve` [it](recieve.md)\n\n```\nrecieve\n```\n";
  assert.deepEqual(misspelled("page.md", page), ["1 recieves", "3 enrolment", "3 behaviour"]);
});

test("of types, the comments are read", () => {
  const types = "/** Recieved from `acces`. */\nexport const recieved: string;\n";
  assert.deepEqual(misspelled("types.d.ts", types), ["1 Recieved"]);
});
