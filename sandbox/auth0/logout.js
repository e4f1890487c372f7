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
 * @param {import("./applications.js").Applications} tenant.applications
 * @param {import("./sessions.js").Sessions} tenant.sessions
 */
export function logoutRoutes({ provider, applications, sessions }) {
  const routes = express.Router();

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

    if (client_id !== undefined && !applications.find(client_id))
      return refuse("There is no application with this client_id.");
    if (id_token_hint !== undefined && !(await isOurs(id_token_hint, client_id)))
      return refuse("The id_token_hint is none of this tenant's for this application.");
    const allowed = applications.postLogoutRedirectUris(client_id).map(normal);
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

  /** @param {unknown} token @param {string} [clientId] of the application that it must be for */
  const isOurs = async (token, clientId = audienceOf(token)) => {
    const client = await provider.Client.find(clientId);
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

/** The application that an ID token is for, as the token says. @param {unknown} token */
function audienceOf(token) {
  try {
    return String(JSON.parse(Buffer.from(String(token).split(".")[1], "base64url").toString()).aud);
  } catch {
    return "";
  }
}

/** @param {unknown} address */
const normal = (address) => (typeof address === "string" && URL.canParse(address) ? new URL(address).href : "");
