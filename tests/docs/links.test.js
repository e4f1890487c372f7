// Every relative link of the pages leads to a file that is there, and every anchor to a heading of it. Every
// `make` command that they name is one of the Makefile.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

const docs = readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".md"),
);
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "pkg/README.md",
  "marketplace/README.md",
  "marketplace/CHECKLIST.md",
  "marketplace/media/README.md",
  "vendor/README.md",
  ...docs.map((name) => `docs/${name}`),
];

/** Its prose: without blocks of code, comments and, unless they are asked for, code in a line. @param {URL} file */
const proseOf = (file, { code = false } = {}) => {
  const text = readFileSync(file, "utf8")
    .replace(/^( *)```[^]*?^\1```$/gm, "")
    .replace(/<!--[^]*?-->/g, "");
  return code ? text : text.replace(/`[^`\n]*`/g, "");
};

/** The anchors that GitHub gives the headings of a page. @param {URL} file */
const anchorsOf = (file) => {
  const headings = proseOf(file, { code: true }).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
};

/** What is wrong with a link, where something is. @param {string} link @param {URL} page */
const fault = (link, page) => {
  const target = new URL(link, page);
  const file = new URL(target.pathname, page);
  if (!existsSync(file)) return `no such file: ${link}`;
  if (!target.hash) return undefined;
  if (!statSync(file).isFile() || !anchorsOf(file).includes(decodeURIComponent(target.hash.slice(1))))
    return `no such heading: ${link}`;
  return undefined;
};

let checked = 0;
for (const name of pages) {
  const page = new URL(name, root);
  test(`the links of ${name} lead somewhere`, () => {
    const targets = [...proseOf(page).matchAll(/\]\(([^)\s]*)\)|\b(?:src|href)="([^"]*)"/g)].map(
      ([, link, source]) => link ?? source,
    );
    const inside = targets.filter((link) => !/^[a-z]+:/.test(link));
    checked += inside.length;
    assert.deepEqual(
      inside.flatMap((link) => fault(link, page) ?? []),
      [],
    );
    for (const link of inside) {
      const to = relative(fileURLToPath(root), fileURLToPath(new URL(link, page)));
      assert.ok(!to.startsWith(".."), `${link} leaves the project`);
    }
  });
}

test("there were links to check", () => {
  assert.ok(checked > 60, `${checked} links`);
});

test("each make command that the pages name is one of the Makefile", () => {
  const targets = [...readFileSync(new URL("Makefile", root), "utf8").matchAll(/^([a-z0-9-]+):/gm)].map(
    ([, target]) => target,
  );
  for (const name of pages) {
    const text = readFileSync(new URL(name, root), "utf8");
    const named = [...text.matchAll(/`(?:[A-Z_]+=\S+ )*make ((?:[a-z0-9-]+ ?)+)[^`]*`|^ *make ([a-z0-9-]+)/gm)];
    for (const target of named.flatMap(([, inLine, alone]) => (inLine ?? alone).trim().split(" "))) {
      assert.ok(targets.includes(target), `${name}: make ${target}`);
    }
  }
});
