// A device without a browser of its own, such as a television: it shows a code, and asks the tenant whether the user has
// entered it.

import express from "express";
import { html } from "../page.js";
import { appPage, whereToLook } from "./pages.js";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE = "openid profile email offline_access";

/**
 * Under `/device`.
 * @param {{ issuerAddress: string, clientId: string, links: import("./pages.js").Link[] }} settings
 */
export function deviceRoutes({ issuerAddress, clientId, links }) {
  const routes = express.Router();

  /** @param {string} path @param {Record<string, string>} body */
  const ask = async (path, body) => {
    const response = await fetch(new URL(path, issuerAddress), {
      method: "POST",
      body: new URLSearchParams({ client_id: clientId, ...body }),
    });
    return response.json();
  };

  routes.get("/", (_req, res) => void res.send(devicePage(links, begin())));
  routes.post("/", async (_req, res) => {
    res.send(devicePage(links, waiting(await ask("/oauth/device/code", { scope: SCOPE }))));
  });
  routes.post("/check", express.urlencoded({ extended: false }), async (req, res) => {
    const { device_code, user_code, verification_uri_complete } = req.body;
    const answer = await ask("/oauth/token", { grant_type: GRANT, device_code });
    if (answer.error === "authorization_pending") {
      const notYet = "Not yet: the user has not entered the code.";
      return void res.send(devicePage(links, waiting({ device_code, user_code, verification_uri_complete }, notYet)));
    }
    res.send(devicePage(links, answer.id_token ? connected(answer.id_token) : refused(answer)));
  });
  return routes;
}

/** @param {import("./pages.js").Link[]} links @param {import("../page.js").Html} body */
const devicePage = (links, body) =>
  appPage("Device", html`<h1>A device without a browser</h1>${body}${whereToLook(links)}`);

const begin = () => html`
  <p>It shows a code, and you log in elsewhere.</p>
  <form method="post" action="/device"><button>Show a code</button></form>
`;

/** @param {{ device_code: string, user_code: string, verification_uri_complete: string }} code @param {string} [status] */
const waiting = ({ device_code, user_code, verification_uri_complete }, status) => html`
  <section class="card">
    <p>Its code is <strong id="user-code">${user_code}</strong>.</p>
    <p><a href="${verification_uri_complete}" target="_blank" rel="noopener">Enter it at the tenant</a>, in a new tab.</p>
    ${status && html`<p role="status">${status}</p>`}
    <form method="post" action="/device/check">
      <input type="hidden" name="device_code" value="${device_code}" />
      <input type="hidden" name="user_code" value="${user_code}" />
      <input type="hidden" name="verification_uri_complete" value="${verification_uri_complete}" />
      <button>I have entered it</button>
    </form>
  </section>
`;

/** @param {string} idToken */
const connected = (idToken) => {
  const { email, sub } = JSON.parse(Buffer.from(idToken.split(".")[1], "base64url").toString());
  return html`<p class="card good" role="status">The device is logged in as <strong>${email ?? sub}</strong>.</p>`;
};

/** @param {{ error: string, error_description?: string }} error */
const refused = ({ error, error_description = error }) => html`
  <section class="card" role="alert">
    <p class="bad"><strong id="error-description">${error_description}</strong></p>
    <p><code id="error">${error}</code></p>
  </section>
  ${begin()}
`;
