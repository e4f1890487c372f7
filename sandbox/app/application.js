// The application: an Express site with Auth0's own SDK, set up as any customer of Auth0 would, and a single-page
// application beside it. They know the tenant by its issuer alone, and nothing of Authsignal.

import { readFileSync } from "node:fs";
import express from "express";
import openid from "express-openid-connect";
import { pageHeaders, stylesheet } from "../page.js";
import { deviceRoutes } from "./device.js";
import { errorPage, frontPage, overtakenPage, signedInPage } from "./pages.js";
import { parametersOf } from "./parameters.js";
import { spaPage } from "./spa.js";

/** Where a form that begins a login may lead: to the tenant, and from there wherever an Action sends the user. */
const FORM_ACTION = "'self' http://localhost:* http://127.0.0.1:* https:";

/** @param {string} name */
const scriptOf = (name) => readFileSync(new URL(`./${name}`, import.meta.url), "utf8");
/** A file of auth0-spa-js, as its package has it built. @param {string} name */
const sdkOf = (name) =>
  readFileSync(new URL(`./dist/${name}`, import.meta.resolve("@auth0/auth0-spa-js/package.json")), "utf8");

const scripts = new Map([
  ["/spa.js", scriptOf("spa.client.js")],
  ["/parameters.js", scriptOf("parameters.js")],
  ["/auth0-spa-js.js", sdkOf("auth0-spa-js.production.esm.js")],
  ["/auth0-spa-js.worker.js", sdkOf("auth0-spa-js.worker.production.js")],
]);
const styles = stylesheet + readFileSync(new URL("./style.css", import.meta.url), "utf8");

/**
 * @param {object} settings
 * @param {string} settings.origin where this application is
 * @param {string} settings.issuer the tenant's
 * @param {string} [settings.issuerAddress] where this machine reaches the tenant, if not where browsers do
 * @param {string} settings.clientId
 * @param {string} settings.clientSecret
 * @param {string} settings.spaClientId
 * @param {string} settings.deviceClientId
 * @param {string} settings.cookieSecret encrypts the session's cookie
 * @param {import("./pages.js").Link[]} [settings.links] to the rest of the sandbox
 */
export function createApplication({
  origin,
  issuer,
  issuerAddress = issuer,
  clientId,
  clientSecret,
  spaClientId,
  deviceClientId,
  cookieSecret,
  links = [],
}) {
  const app = express();
  app.disable("x-powered-by");
  // The server that it is behind sets what a proxy would, if browsers reach it elsewhere.
  app.set("trust proxy", origin.startsWith("https:"));
  app.use((_req, res, next) => {
    res.set(pageHeaders(FORM_ACTION));
    next();
  });
  app.get("/style.css", (_req, res) => {
    res.type("css").send(styles);
  });
  // A worker has the policy that its own script came with.
  const toTenant = pageHeaders(FORM_ACTION, issuer);
  for (const [path, script] of scripts) app.get(path, (_req, res) => void res.set(toTenant).type("js").send(script));
  app.get("/spa", (_req, res) => {
    res.set(toTenant).send(spaPage({ issuer, clientId: spaClientId, links }));
  });
  app.get("/favicon.ico", (_req, res) => {
    res.status(204).end();
  });

  app.use("/device", deviceRoutes({ issuerAddress, clientId: deviceClientId, links }));

  // Adds /logout and /callback.
  app.use(
    openid.auth({
      baseURL: origin,
      issuerBaseURL: issuer,
      clientID: clientId,
      clientSecret,
      secret: cookieSecret,
      authRequired: false,
      routes: { login: false },
      auth0Logout: true,
      idpLogout: true,
      // The tenant's public address may need a login to whatever forwards the port, or lead nowhere from here.
      customFetch: (address, init) => fetch(String(address).replace(issuer, issuerAddress), init),
      authorizationParams: { response_type: "code", scope: "openid profile email offline_access" },
      // All ports of localhost share their cookies: the names are this application's own.
      session: { name: "sandbox_app_session" },
      transactionCookie: { name: "sandbox_app_login" },
    }),
  );

  app.get("/", ({ oidc, query }, res) => {
    const claims = oidc.idTokenClaims;
    res.send(
      claims
        ? signedInPage({ claims, refreshed: query.refreshed !== undefined, canRefresh: !!oidc.refreshToken, links })
        : frontPage(links),
    );
  });

  app.get("/login", ({ query }, res) =>
    res.oidc.login({ returnTo: "/", authorizationParams: parametersOf(Object.entries(query)) }),
  );

  // The SDK's own silentLogin() hides the answer where it is an error; here it is to be seen.
  app.get("/silent-login", (_req, res) => res.oidc.login({ returnTo: "/", authorizationParams: { prompt: "none" } }));

  app.post("/refresh", openid.requiresAuth(), async ({ oidc }, res) => {
    await oidc.accessToken?.refresh();
    res.redirect(303, "/?refreshed");
  });

  app.use((req, _res, next) => {
    next(Object.assign(new Error(`There is no page ${req.path} here.`), { status: 404, error: "not_found" }));
  });
  app.use(answerError);
  return app;
}

/**
 * What the tenant answered instead of a login or of tokens, as it said it.
 * @type {import("express").ErrorRequestHandler}
 */
const answerError = (error, req, res, next) => {
  if (res.headersSent) return next(error);
  if (wasOvertaken(req, error)) return void res.status(400).send(overtakenPage(error.message));
  const { status, statusCode, message, error: code = "error", error_description: description = message } = error;
  res.status(isErrorStatus(status) ? status : isErrorStatus(statusCode) ? statusCode : 500);
  res.send(errorPage({ code: String(code), description: String(description) }));
};

/**
 * Whether this login came back after another one of this browser had taken its place. The SDK keeps one cookie for all
 * tabs. It has the `state` and the code verifier of the login that was begun last, and is gone once a login has come
 * back. Two logins that go to the same page have the same `state`: then the code verifier is the wrong one.
 *
 * @param {import("express").Request} req
 * @param {{ error?: string, message: string }} error
 */
const wasOvertaken = ({ path }, { error, message }) =>
  path === "/callback" &&
  (error === "OAUTH_INVALID_RESPONSE" || error === "invalid_grant" || message.includes("cookie not found"));

/** @param {unknown} status */
const isErrorStatus = (status) => typeof status === "number" && status >= 400 && status <= 599;
