// The single-page application: Auth0's SDK for browsers, used the way its documentation shows.

import { parametersOf } from "./parameters.js";

/** As the server has it, from the package. */
const SDK = "/auth0-spa-js.js";
const { createAuth0Client } = /** @type {typeof import("@auth0/auth0-spa-js")} */ (await import(SDK));

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const { issuer = "", clientId = "" } = element("spa").dataset;

const auth0 = await createAuth0Client({
  domain: issuer,
  clientId,
  useRefreshTokens: true,
  useRefreshTokensFallback: true,
  workerUrl: "/auth0-spa-js.worker.js",
  authorizationParams: { redirect_uri: `${location.origin}/spa`, scope: "openid profile email offline_access" },
});

async function show() {
  const claims = await auth0.getIdTokenClaims();
  element("state").textContent = claims ? "You are logged in" : "You are not logged in";
  for (const id of ["refresh", "log-out", "session"]) element(id).hidden = !claims;
  const rows = Object.entries(claims ?? {})
    .filter(([name]) => name !== "__raw")
    .map(([name, value]) => row(name, value));
  element("rows").replaceChildren(...rows);
}

/** @param {string} name @param {unknown} value */
function row(name, value) {
  const [tr, th, td, code] = ["tr", "th", "td", "code"].map((tag) => document.createElement(tag));
  th.setAttribute("scope", "row");
  code.textContent = name;
  th.append(code);
  td.textContent = typeof value === "string" ? value : JSON.stringify(value);
  tr.append(th, td);
  return tr;
}

/** Does something with the tenant, and shows what came of it. @param {() => Promise<string>} act */
async function attempt(act) {
  element("problem").hidden = true;
  element("done").textContent = "";
  try {
    element("done").textContent = await act();
  } catch (error) {
    const { error: code = "error", error_description: description, message } = /** @type {any} */ (error);
    element("error").textContent = code;
    element("error-description").textContent = description ?? message;
    element("problem").hidden = false;
  }
  await show();
}

/** @param {Record<string, any>} [authorizationParams] */
const logIn = (authorizationParams) =>
  attempt(async () => {
    await auth0.loginWithRedirect({ authorizationParams });
    return "";
  });

element("log-in").addEventListener("click", () => void logIn());
element("log-out").addEventListener("click", () => {
  void auth0.logout({ logoutParams: { returnTo: `${location.origin}/spa` } });
});
element("refresh").addEventListener("click", () => {
  void attempt(async () => {
    await auth0.getTokenSilently({ cacheMode: "off" });
    return "The tokens are refreshed.";
  });
});
const form = /** @type {HTMLFormElement} */ (element("choices"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn(parametersOf(new FormData(form)));
});

const parameters = new URLSearchParams(location.search);
if (parameters.has("state") && (parameters.has("code") || parameters.has("error"))) {
  history.replaceState(null, "", "/spa");
  await attempt(async () => {
    await auth0.handleRedirectCallback(`${location.origin}/spa?${parameters}`);
    return "";
  });
} else {
  await auth0.checkSession();
  await show();
}
