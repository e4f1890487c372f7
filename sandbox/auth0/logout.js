/**
 * Logging out: Auth0's `/v2/logout`, and the end-session endpoint of OpenID Connect. Each takes the
 * parameters of both.
 */
import express from "express";
import { pageHeaders } from "../page.js";
import { errorPage, loggedOutPage } from "./pages.js";

/**
 * @param {object} tenant
 * @param {import("./provider.js").Provider} tenant.provider
 * @param {import("./provider.js").Application} tenant.application
 * @param {import("./sessions.js").Sessions} tenant.sessions
 */
export function logoutRoutes({ provider, application, sessions }) {
  const routes = express.Router();
  const allowed = (application.postLogoutRedirectUris ?? []).map(normal);

  /** @param {import("express").Request} req @param {import("express").Response} res */
  const logOut = async (req, res) => {
    const {
      client_id,
      id_token_hint,
      returnTo,
      post_logout_redirect_uri = returnTo,
      state,
    } = { ...req.query, ...req.body };
    res.set(pageHeaders());
    const refuse = (/** @type {string} */ text) =>
      void res.status(400).send(errorPage({ title: "You are not logged out", text, code: "invalid_request" }));

    if (client_id !== undefined && client_id !== application.clientId)
      return refuse("There is no application with this client_id.");
    if (id_token_hint !== undefined && !(await isOurs(id_token_hint)))
      return refuse("The id_token_hint is none of this tenant's for this application.");
    if (post_logout_redirect_uri !== undefined && !allowed.includes(normal(post_logout_redirect_uri))) {
      return refuse("The address to go back to is not among the application's allowed ones.");
    }

    const context = provider.createContext(req, res);
    const session = await provider.Session.get(context);
    sessions.end(session.uid);
    await session.destroy();
    context.cookies.set(provider.cookieName("session"), null, { signed: true, httpOnly: true, sameSite: "lax" });

    if (post_logout_redirect_uri === undefined) return void res.send(loggedOutPage());
    const target = new URL(post_logout_redirect_uri);
    if (typeof state === "string") target.searchParams.set("state", state);
    res.redirect(303, target.href);
  };

  /** @param {unknown} token */
  const isOurs = async (token) => {
    const client = await provider.Client.find(application.clientId);
    return (
      client !== undefined &&
      provider.IdToken.validate(String(token), client).then(
        () => true,
        () => false,
      )
    );
  };

  for (const path of ["/v2/logout", "/oidc/logout"]) {
    routes.get(path, logOut);
    routes.post(path, express.urlencoded({ extended: false }), logOut);
  }
  return routes;
}

/** @param {unknown} address */
const normal = (address) => (typeof address === "string" && URL.canParse(address) ? new URL(address).href : "");
