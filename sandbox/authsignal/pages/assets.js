import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";
import { stylesheet } from "../../page.js";

/** What the pages load: the stylesheet, and the script of passkeys with the library that it stands on. */
export function assetRoutes() {
  const routes = Router({ caseSensitive: true, strict: true });
  const library = fileURLToPath(new URL(".", import.meta.resolve("@simplewebauthn/browser")));
  // A browser knows no package names.
  const script = read("./passkey-browser.js").replace('"@simplewebauthn/browser"', '"/simplewebauthn/index.js"');
  const styles = stylesheet + read("./style.css");

  routes.get("/style.css", (_req, res) => void res.type("css").send(styles));
  routes.get("/passkey.js", (_req, res) => void res.type("js").send(script));
  routes.use("/simplewebauthn", express.static(library, { index: false, redirect: false }));
  return routes;
}

/** @param {string} file */
const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");
