// What is compared: four Actions that send the same request and redirect to the same challenge.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path */
const fromRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * One value for each contender.
 * @template T
 * @typedef {Record<"ours" | "official" | "bareFetch" | "bareHttp", T>} PerContender
 */

/** @typedef {keyof PerContender<unknown>} Contender */

export const CONTENDERS = /** @type {const} */ (["ours", "official", "bareFetch", "bareHttp"]);

/** @type {PerContender<string>} */
export const NAMES = {
  ours: "this Action",
  official: "@authsignal/node",
  bareFetch: "bare fetch",
  bareHttp: "bare node:http",
};

/** The Actions' files. @type {PerContender<string>} */
export const FILES = {
  ours: fromRoot("pkg/action.js"),
  official: fromRoot("bench/actions/official.cjs"),
  bareFetch: fromRoot("bench/actions/bare-fetch.cjs"),
  bareHttp: fromRoot("bench/actions/bare-http.cjs"),
};

/** Over TLS, the last one's client is `node:https`. @type {PerContender<string>} */
export const NAMES_OVER_TLS = { ...NAMES, bareHttp: "bare node:https" };
/** @type {PerContender<string>} */
export const FILES_OVER_TLS = { ...FILES, bareHttp: fromRoot("bench/actions/bare-https.cjs") };

/** The folder whose npm packages an Action can require. */
export const PACKAGES = fromRoot("");

/** @param {string} message */
const missing = (message) => {
  throw new Error(message);
};

/** Throws where one of them can't be loaded. Gives their versions. */
export const versions = () => {
  if (!existsSync(FILES.ours)) missing("pkg/action.js is missing: run `make build` first");
  const ours = /version (\S+) /.exec(readFileSync(FILES.ours, "utf8"))?.[1] ?? "unknown";
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve("@authsignal/node");
    const manifest = JSON.parse(readFileSync(new URL("../package.json", `file://${entry}`), "utf8"));
    return { "authsignal-auth0": ours, "@authsignal/node": String(manifest.version) };
  } catch {
    return missing("@authsignal/node is missing: run `npm ci` first");
  }
};

/**
 * The bytes of each Action as it would have to be pasted: @authsignal/node bundled with its dependencies
 * and minified, the others as they are.
 * @returns {Promise<PerContender<number>>}
 */
export const sizes = async () => {
  const bundle = await build({
    entryPoints: [FILES.official],
    bundle: true,
    minify: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node18",
    legalComments: "none",
  });
  return {
    ours: readFileSync(FILES.ours).length,
    official: bundle.outputFiles[0].contents.length,
    bareFetch: readFileSync(FILES.bareFetch).length,
    bareHttp: readFileSync(FILES.bareHttp).length,
  };
};
