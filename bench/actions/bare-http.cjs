// The floor of Node's own client: what bare-fetch.cjs does, by `node:http`. Nobody should use it either.

const { randomUUID } = require("node:crypto");
const { Agent, request } = require("node:http");
const { json } = require("node:stream/consumers");

const agent = new Agent({ keepAlive: true });

/** @param {any} event @param {string} path @param {object} body @returns {Promise<any>} */
const post = ({ secrets }, path, body) =>
  new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Basic ${btoa(`${secrets.AUTHSIGNAL_SECRET}:`)}`,
      "Content-Type": "application/json",
      Accept: "application/json",
      "User-Agent": "bare-http",
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

/** @param {any} event @param {any} api */
exports.onContinuePostLogin = async (event, api) => {
  const { request, secrets, user } = event;
  const token = request.query.token;
  const { isValid } = await post(event, "/validate", { token, action: "auth0-login", userId: user.user_id });
  if (isValid) api.authentication.recordMethod(secrets.AUTHSIGNAL_API_URL);
  else api.access.deny("MFA challenge failed");
};
