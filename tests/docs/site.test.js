// The documentation site (`make site`): it has every page and every type, its links lead somewhere, and a page with a
// broken link does not build.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launchChromium } from "../e2e/chromium.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "site-"));
const site = join(folder, "site");

/** @param {string[]} args @returns how the build ended, and what it printed */
function build(...args) {
  const options = { cwd: join(root, "site"), encoding: /** @type {const} */ ("utf8") };
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "typedoc", ...args], options);
  return { status, printed: stdout + stderr };
}

/** @typedef {{ title: string, ids: string[], links: string[] }} Page what a reader can see of it, and follow */

/** @type {Map<string, Page>} by their addresses, with the pictures */
const pages = new Map();
/** @type {string[]} the addresses that the menu leads to */
let menu = [];

before(async () => {
  const { status, printed } = build("--out", site);
  assert.equal(status, 0, printed);
  const browser = await launchChromium();
  const page = await browser.newPage();
  for (const file of readdirSync(site, { recursive: true, encoding: "utf8" })) {
    if (!/\.(html|svg)$/.test(file)) continue;
    const path = join(site, file);
    const read = await page.evaluate(
      (html) => {
        const elements = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("*")];
        const attributes = (/** @type {string} */ name) =>
          elements.flatMap((element) => element.getAttribute(name) ?? []);
        const title = elements.find((element) => element.matches("h1"))?.textContent ?? "";
        return { title, ids: attributes("id"), links: [...attributes("href"), ...attributes("src")] };
      },
      readFileSync(path, "utf8"),
    );
    pages.set(pathToFileURL(path).href, read);
  }
  await page.goto(pathToFileURL(join(site, "index.html")).href);
  await page.waitForSelector("nav a[href*=documents]", { state: "attached" });
  menu = await page.locator("nav a").evaluateAll((links) => links.map((link) => /** @type {any} */ (link).href));
  await browser.close();
});
after(() => rmSync(folder, { recursive: true }));

test("each page of the repository is a page of the site and in its menu", () => {
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const sources = docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  sources.push("README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md");
  assert.ok(sources.length > 15);
  for (const source of sources) {
    const heading = /^# (.*)$/m.exec(readFileSync(join(root, source), "utf8"))?.[1].replaceAll("`", "");
    assert.ok(
      menu.some((address) => pages.get(address)?.title === heading),
      source,
    );
  }
});

test("each type and function of the package has a page", () => {
  const types = readFileSync(join(root, "pkg/index.d.ts"), "utf8");
  const names = [...types.matchAll(/^export (?:interface|type|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.ok(names.length > 10);
  const addresses = [...pages.keys()];
  for (const name of names)
    assert.ok(
      addresses.some((address) => address.endsWith(`.${name}.html`)),
      name,
    );
});

test("each link of the site leads to a file of it, and each anchor to an element", () => {
  const files = new Set(
    readdirSync(site, { recursive: true, encoding: "utf8" }).map((file) => pathToFileURL(join(site, file)).href),
  );
  let followed = 0;
  for (const [address, { links }] of pages) {
    for (const link of links) {
      const { protocol, href, hash } = new URL(link, address);
      if (protocol !== "file:") continue;
      followed++;
      const target = href.split("#")[0].replace(/\/$/, "/index.html");
      assert.ok(files.has(target), `${address}: ${link}`);
      if (hash) assert.ok(pages.get(target)?.ids.includes(decodeURIComponent(hash.slice(1))), `${address}: ${link}`);
    }
  }
  assert.ok(followed > 1000, `${followed} links`);
});

test("a link to a folder leads to a page that links to its files", () => {
  const { links } = [...pages.values()].find(({ title }) => title === "deploy/") ?? assert.fail();
  const files = readdirSync(join(root, "deploy"), { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile()))
    assert.ok(links.includes(`../media/${encodeURI(file.name)}`));
});

for (const [what, link] of [
  ["to no file", "missing.md"],
  ["to no heading", "page.md#missing"],
]) {
  test(`a link ${what} fails the build`, () => {
    const page = join(folder, "page.md");
    writeFileSync(page, `# A page\n\n[A link](${link})\n`);
    const { status, printed } = build("--out", join(folder, "broken"), "--projectDocuments", page);
    assert.notEqual(status, 0);
    assert.match(printed, /missing/);
  });
}
