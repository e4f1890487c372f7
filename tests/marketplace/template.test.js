// marketplace/template/: what Auth0's repository of templates takes, by its schema, and what the three lines do.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { load } from "js-yaml";
import { startStage } from "../docs/stage.js";

const folder = new URL("../../marketplace/template/authsignal-mfa-POST_LOGIN/", import.meta.url);
const code = readFileSync(new URL("code.js", folder), "utf8");
const manifest = /** @type {Record<string, any>} */ (load(readFileSync(new URL("manifest.yaml", folder), "utf8")));
const stage = await startStage({ after });

/** @type {(value: unknown, least: number) => boolean} */
const isText = (value, least) => typeof value === "string" && value.length >= least;
/** @type {(value: unknown, words: string[]) => boolean} */
const isListOf = (value, words) => Array.isArray(value) && value.every((word) => words.includes(word));
/** @type {(value: unknown, names: [string, string]) => boolean} */
const isListOfPairs = (value, names) =>
  Array.isArray(value) && value.every((pair) => names.every((name) => isText(pair?.[name], 2)));

const TRIGGERS = [
  "POST_LOGIN",
  "CREDENTIALS_EXCHANGE",
  "PRE_USER_REGISTRATION",
  "POST_USER_REGISTRATION",
  "POST_CHANGE_PASSWORD",
  "SEND_PHONE_MESSAGE",
  "PASSWORD_RESET_POST_CHALLENGE",
  "CUSTOM_TOKEN_EXCHANGE",
];
const USE_CASES = ["MULTIFACTOR", "ACTION_FEATURE", "ENRICH_PROFILE", "ACCESS_CONTROL"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The rules of scripts/templates/validate-templates.js in auth0/opensource-marketplace, for the manifest with the code
 * beside it as `code`.
 * @type {Record<string, { optional?: boolean, holds: (value: any) => boolean }>}
 */
const SCHEMA = {
  id: { holds: (value) => UUID.test(value) },
  name: { holds: (value) => isText(value, 3) },
  triggers: { holds: (value) => isListOf(value, TRIGGERS) },
  useCases: { holds: (value) => isListOf(value, USE_CASES) },
  public: { holds: (value) => value === true },
  deleted: { optional: true, holds: (value) => typeof value === "boolean" },
  description: { holds: (value) => isText(value, 3) },
  version: { optional: true, holds: (value) => isText(value, 0) },
  runtime: { optional: true, holds: (value) => isText(value, 0) },
  secrets: { optional: true, holds: (value) => isListOfPairs(value, ["label", "defaultValue"]) },
  sourceUrl: { holds: (value) => isText(value, 0) && URL.canParse(value) },
  code: { holds: (value) => isText(value, 3) },
  modules: { optional: true, holds: (value) => isListOfPairs(value, ["name", "version"]) },
  notes: { optional: true, holds: (value) => isText(value, 0) },
};

/** The fields that the schema refuses. @param {Record<string, unknown>} template */
function refused(template) {
  const unknown = Object.keys(template).filter((name) => !(name in SCHEMA));
  const wrong = Object.entries(SCHEMA).filter(([name, { optional, holds }]) =>
    template[name] === undefined ? !optional : !holds(template[name]),
  );
  return [...unknown, ...wrong.map(([name]) => name)];
}

test("the schema takes the template", () => {
  assert.deepEqual(refused({ ...manifest, code }), []);
});

for (const [field, value] of /** @type {[string, unknown][]} */ ([
  ["id", "authsignal-mfa"],
  ["id", undefined],
  ["name", "MF"],
  ["triggers", ["post-login"]],
  ["triggers", "POST_LOGIN"],
  ["useCases", ["MFA"]],
  ["public", "true"],
  ["public", false],
  ["deleted", "no"],
  ["description", ""],
  ["version", 1],
  ["runtime", 22],
  ["secrets", [{ label: "AUTHSIGNAL_SECRET" }]],
  ["secrets", [{ label: "AUTHSIGNAL_SECRET", defaultValue: "" }]],
  ["sourceUrl", "templates/authsignal-mfa-POST_LOGIN"],
  ["code", ""],
  ["modules", [{ name: "authsignal-auth0" }]],
  ["notes", ["a"]],
  ["config", []],
])) {
  test(`the schema refuses a template with ${field} ${JSON.stringify(value)}`, () => {
    assert.deepEqual(refused({ ...manifest, code, [field]: value }), [field]);
  });
}

test("the folder has the two files, and the name that sourceUrl gives it", () => {
  assert.deepEqual(readdirSync(folder), ["code.js", "manifest.yaml"]);
  assert.ok(manifest.sourceUrl.endsWith("/templates/authsignal-mfa-POST_LOGIN/manifest.yaml"));
});

test("the code is three lines, and its module is this version of the package", () => {
  assert.equal(code.trimEnd().split("\n").length, 3);
  const { name, version } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.deepEqual(manifest.modules, [{ name, version }]);
});

test("the three lines challenge a user, and record the challenge", async () => {
  const { login, comesBack } = await stage.load(code);
  const seen = await login();
  assert.equal(seen.outcome, "redirects");
  await stage.authsignal.complete(seen.challenge.href);
  const back = await comesBack(seen);
  assert.deepEqual([back.outcome, back.recorded], ["proceeds", ["https://api.authsignal.com/v1"]]);
});

test("with the default secrets a login is denied without a request, and the line says which one is a placeholder", async () => {
  const { login } = await stage.load(code);
  const secrets = Object.fromEntries(
    manifest.secrets.map((/** @type {any} */ { label, defaultValue }) => [label, defaultValue]),
  );
  const { outcome, asked, log } = await login({ secrets });
  assert.deepEqual([outcome, asked], ["denies", []]);
  assert.match(log[0], /AUTHSIGNAL_SECRET, which is a placeholder$/);
});
