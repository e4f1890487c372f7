// The floor: the same requests by `fetch`, and nothing else. It checks nothing, waits for ever and throws:
// nobody should use it.

const { randomUUID } = require("node:crypto");

/** @param {any} event @param {string} path @param {object} body @returns {Promise<any>} */
const post = async ({ secrets }, path, body) => {
  const response = await fetch(`${secrets.AUTHSIGNAL_API_URL}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: {
      Authorization: `Basic ${btoa(`${secrets.AUTHSIGNAL_SECRET}:`)}`,
      "Content-Type": "application/json",
      Accept: "application/json",
      "User-Agent": "bare-fetch",
    },
    body: JSON.stringify(body),
  });
  return response.json();
};

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
