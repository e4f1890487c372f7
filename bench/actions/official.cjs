// The Action that Authsignal's documentation has for @authsignal/node, with the API URL of the local server.

const { handleAuth0ContinuePostLogin, handleAuth0ExecutePostLogin } = require("@authsignal/node");

/** @param {any} event @param {any} api */
exports.onExecutePostLogin = async (event, api) => {
  await handleAuth0ExecutePostLogin(event, api, { apiUrl: event.secrets.AUTHSIGNAL_API_URL });
};

/** @param {any} event @param {any} api */
exports.onContinuePostLogin = async (event, api) => {
  await handleAuth0ContinuePostLogin(event, api, { apiUrl: event.secrets.AUTHSIGNAL_API_URL });
};
