// The floor of Node's own client over TLS: what bare-http.cjs does at the first hook, by `node:https`. It checks
// nothing either, so nobody should use it.

const { randomUUID } = require("node:crypto");
const { Agent, request } = require("node:https");
const { json } = require("node:stream/consumers");

const agent = new Agent({ keepAlive: true });

/** @param {any} event @param {string} path @param {object} body @returns {Promise<any>} */
const post = ({ secrets }, path, body) =>
  new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Basic ${btoa(`${secrets.AUTHSIGNAL_SECRET}:`)}`,
      "Content-Type": "application/json",
      Accept: "application/json",
      "User-Agent": "bare-https",
    };
    request(`${secrets.AUTHSIGNAL_API_URL}${path}`, { method: "POST", agent, headers }, (answer) =>
      resolve(json(answer)),
    )
      .on("error", reject)
      .end(JSON.stringify(body));
  });

/** @param {any} event @param {any} api */
exports.onExecutePostLogin = async (event, api) => {
  const { request, user } = event;
  const { url } = await post(event, `/users/${encodeURIComponent(user.user_id)}/actions/auth0-login`, {
    idempotencyKey: randomUUID(),
    redirectUrl: `https://${request.hostname}/continue`,
    custom: {},
    email: user.email,
    ipAddress: request.ip,
    userAgent: request.user_agent,
  });
  api.redirect.sendUserTo(url);
};
