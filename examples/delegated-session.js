// In a delegated session somebody else acts as the user, such as a support agent. The agent can't pass the user's
// challenge, and must not enroll for the user. So such a login is denied.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const action = createAction({ console });

/** @param {(event: any, api: any) => Promise<unknown>} handler @returns {(event: any, api: any) => Promise<void>} */
const unlessDelegated = (handler) => async (event, api) => {
  if (event.session?.actor) {
    // Your choice: without this line every delegated session gets in without MFA. Anyone who can begin one then acts as
    // any user, however that user is protected. Remove the line only if your agents pass a second factor of their own.
    api.access.deny("A delegated session can't pass MFA");
    return;
  }
  await handler(event, api);
};

exports.onExecutePostLogin = unlessDelegated(action.onExecutePostLogin);
exports.onContinuePostLogin = unlessDelegated(action.onContinuePostLogin);
