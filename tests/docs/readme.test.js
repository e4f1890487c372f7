// README.md: it is short, it starts with code, and its figures are those of the pages and the tests.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { differences } from "../parity/differences.js";
import { scenarios } from "../parity/scenarios.js";
import { codeBlocks, readPage } from "./page.js";
import { startStage } from "./stage.js";

const stage = await startStage({ after });
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const lines = readme.trimEnd().split("\n");

test("the README has at most 120 lines", () => {
  assert.ok(lines.length <= 120, `${lines.length} lines`);
});

test("the README has code in its first ten lines", () => {
  assert.match(lines.slice(0, 10).join("\n"), /^```js\n(?:.*\n)+?```$/m);
});

test("the README's three lines send a login to Authsignal", async () => {
  const [code, ...more] = codeBlocks(readme).values();
  assert.deepEqual(more, []);
  const { login } = await stage.load(code);
  assert.equal((await login()).outcome, "redirects");
});

test("the README's six options are options", async () => {
  const options = [...readme.matchAll(/^\| `(\w+: .+?)` \|/gm)].map(([, option]) => option);
  assert.equal(options.length, 6);
  const { login } = await stage.load(
    `const { createAction } = require("authsignal-auth0");
    Object.assign(exports, createAction({ ${options.join(", ")} }));`,
  );
  // The option that the README sets lets in a user who has not enrolled.
  const { outcome, log } = await login();
  assert.equal(outcome, "proceeds", log[0]);
  assert.match(log[0], /^authsignal-auth0: proceed, allowed: /);
});

test("each figure of make bench is on the page about performance", () => {
  const page = readPage("performance.md");
  const bullets = lines.join(" ").match(/- \*\*(?:(?! - \*\*).)*\(`make bench`\)/g) ?? [];
  assert.equal(bullets.length, 3);
  for (const bullet of bullets) {
    const figures = bullet.replace("100,000", "").match(/\d[\d.,]*\d(?: ms| µs)?/g) ?? [];
    assert.ok(figures.length >= 2, bullet);
    for (const figure of figures) assert.ok(page.includes(figure), figure);
  }
});

test("the README counts the cases of the parity test", () => {
  const stricter = differences.filter(
    ({ official, ours }) =>
      /^proceeds$|recordMethod\(/.test(String(official.outcome)) && String(ours.outcome).includes("access.deny("),
  );
  assert.ok(readme.includes(`In ${stricter.length} of ${scenarios.length} test cases`), `${stricter.length}`);
});
