// Users accept the terms on a page of yours, in a login that needs no challenge. So this Action has two redirects: to
// Authsignal, and to the page. A Form works in the same way: call api.prompt.render instead of sendUserTo, and read
// event.prompt instead of the session token.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US; TERMS_SECRET, which this Action shares with the page.

const { handleAuth0ContinuePostLogin, handleAuth0ExecutePostLogin } = require("authsignal-auth0");

const options = { console };
const PAGE = "https://example.com/terms";
/** In the transaction's metadata: the user who was sent to the page. */
const AT_PAGE = "at_terms_page";

/** @param {any} event @param {any} api */
exports.onExecutePostLogin = async (event, api) => {
  const { outcome } = await handleAuth0ExecutePostLogin(event, api, options);
  // A login can be redirected once here, and a denied one needs no page.
  if (outcome !== "proceed" || event.user.app_metadata?.accepted_terms) return;
  // A silent login and the exchange of a refresh token can't show the page.
  if (!api.redirect.canRedirect()) return;
  // If this fails, the login must not go to the page: its return would be denied.
  api.transaction.setMetadata(AT_PAGE, event.user.user_id);
  const token = api.redirect.encodeToken({ secret: event.secrets.TERMS_SECRET, payload: {} });
  api.redirect.sendUserTo(PAGE, { query: { session_token: token } });
};

/** @param {any} event @param {any} api */
exports.onContinuePostLogin = async (event, api) => {
  const { user_id } = event.user;
  // Never choose the branch by event.request: the user decides what comes back. Only Actions write the metadata.
  if (user_id && event.transaction?.metadata?.[AT_PAGE] === user_id) return backFromPage(event, api);
  // Whatever else comes back has to bring a passed challenge.
  await handleAuth0ContinuePostLogin(event, api, options);
};

/** MFA let this login through before it went to the page. @param {any} event @param {any} api */
function backFromPage(event, api) {
  try {
    const { accepted } = api.redirect.validateToken({ secret: event.secrets.TERMS_SECRET });
    if (accepted === true) api.user.setAppMetadata("accepted_terms", true);
    else api.access.deny("You have to accept the terms");
  } catch {
    api.access.deny("The answer of the page is not valid");
  }
}
