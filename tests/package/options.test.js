// The options as index.d.ts documents them, beside the table of docs/options.md and the module itself.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createApi } from "../runtime/api.js";
import { loadPackage } from "../runtime/built.js";
import { loginEvent } from "../runtime/event.js";
import { keepLog } from "../runtime/globals.js";
import { root } from "./project.js";

const types = await readFile(`${root}pkg/index.d.ts`, "utf8");
const page = await readFile(`${root}docs/options.md`, "utf8");

/**
 * The properties of an interface, each with the comment above it. One that is there to be excluded has none.
 * @param {string} name
 */
const properties = (name) => {
  const [, body] = new RegExp(`^export interface ${name} \\{\\n([^]*?)^\\}`, "m").exec(types) ?? assert.fail(name);
  const found = [...body.matchAll(/(?: {2}\/\*\*((?:(?!\*\/)[^])*)\*\/\n)? {2}(\w+)\?: (.+);\n/g)];
  assert.equal(found.map(([whole]) => whole).join(""), body);
  return found.map(([, text, name, type]) => ({ name, text, type })).filter(({ type }) => type !== "undefined");
};

const options = ["CommonOptions", "RegionOption", "UrlOption"].flatMap(properties);
const attributes = properties("Attributes");

test("each option is documented, with its default", () => {
  for (const { name, text } of [...options, ...attributes]) {
    assert.match(text ?? "", /\bDefault: \S|^\s*Another name of `/, name);
  }
});

test("the options are those of the page's table", () => {
  const rows = [...page.matchAll(/^\| (`.+?) \| .* \| (.*) \|$/gm)];
  const start = rows.findIndex(([, name]) => name.startsWith("`secret`"));
  const end = rows.findIndex(([, name]) => name === "`logLevel`");
  const table = rows.slice(start, end + 1);
  const names = (/** @type {string} */ text) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  assert.deepEqual(options.map(({ name }) => name).sort(), table.flatMap(([, cell]) => names(cell)).sort());
  const [, , cell] = table.find(([, name]) => name === "`attributes`") ?? assert.fail();
  assert.deepEqual(attributes.map(({ name }) => name).sort(), names(cell).sort());
});

/** The log line of a login with these options. @param {import("node:test").TestContext} t @param {object} options */
const lineOf = async (t, options) => {
  const lines = keepLog(t);
  const event = loginEvent({ secrets: { AUTHSIGNAL_SECRET: "key" } });
  await loadPackage().handleAuth0ExecutePostLogin(event, createApi().api, options);
  return lines.join("\n");
};

test("the module knows each of them, and names the one that has a wrong type", async (t) => {
  for (const { name } of options) {
    const line = await lineOf(t, { [name]: Symbol() });
    assert.equal(line, `authsignal-auth0: deny, invalid_option: wrong type or form: ${name}`);
  }
  for (const { name } of attributes) {
    const line = await lineOf(t, { attributes: { [name]: Symbol() } });
    assert.equal(line, `authsignal-auth0: deny, invalid_option: wrong type or form: attributes.${name}`);
  }
});
