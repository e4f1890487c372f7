// An Action of an event stream. If Auth0 deletes a user, it deletes the user at Authsignal. If Auth0 changes a user's
// email address or phone number, it changes them at Authsignal. docs/user-events.md explains how to set it up.
// Events: user.deleted, user.updated. Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_API_URL outside the US.

const US = "https://api.authsignal.com/v1";
const TIMEOUT_MS = 5000;

/** @param {any} event */
exports.onExecuteEventStream = async ({ message, secrets }) => {
  const user = message.data?.object;
  const authsignal = clientOf(secrets, userIdOf(user));
  if (message.type === "user.deleted") await authsignal("DELETE");
  if (message.type === "user.updated") {
    const changes = changesOf(user);
    if (Object.keys(changes).length === 0) return;
    // Auth0 may deliver an update after the deletion. A PATCH alone would then create the user again.
    const { isEnrolled } = await authsignal("GET");
    if (isEnrolled === true) await authsignal("PATCH", changes);
  }
};

/** The id that the login tracks. If you set the option userId there, return the same one here. @param {any} user */
function userIdOf({ user_id } = {}) {
  if (typeof user_id === "string" && !/^\.{0,2}$/.test(user_id)) return user_id;
  throw new Error("authsignal-auth0: the event has no user id");
}

/** Only what is verified: Authsignal may send a code there. @param {any} user */
function changesOf({ email, email_verified, phone_number, phone_verified }) {
  return {
    ...(email && email_verified === true && { email, emailVerified: true }),
    ...(phone_number && phone_verified === true && { phoneNumber: phone_number, phoneNumberVerified: true }),
  };
}

/** @param {Record<string, string>} secrets @param {string} userId */
function clientOf({ AUTHSIGNAL_SECRET, AUTHSIGNAL_API_URL = US }, userId) {
  const url = `${AUTHSIGNAL_API_URL}/users/${encodeURIComponent(userId)}`;
  const headers = {
    Authorization: `Basic ${Buffer.from(`${AUTHSIGNAL_SECRET}:`).toString("base64")}`,
    "Content-Type": "application/json",
  };
  /** @param {"DELETE" | "GET" | "PATCH"} method @param {object} [changes] @returns {Promise<any>} */
  return async (method, changes) => {
    const response = await fetch(url, {
      method,
      headers,
      body: changes && JSON.stringify(changes),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const gone = method === "DELETE" && response.status === 404;
    if (!response.ok && !gone) {
      throw new Error(`authsignal-auth0: ${method} of a user at Authsignal failed: status ${response.status}`);
    }
    return method === "GET" ? response.json() : undefined;
  };
}
