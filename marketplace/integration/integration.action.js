// The fields of the installation, as options of authsignal-auth0. A field that is empty is not given. If a field has a
// value that it can't have, the login is denied, and a line of the log names the field.

const { createAction } = require("authsignal-auth0");

/** @type {Record<string, [option: string, form: RegExp, parse?: (text: string) => unknown]>} */
const FIELDS = {
  REGION: ["region", /^(us|eu|au|ca)$/],
  ACTION: ["action", /^[a-zA-Z0-9_-]{1,64}$/],
  ENROLLMENT: ["enrollment", /^(required|optional)$/],
  // More digits are no number of seconds, and not exact.
  MAX_AGE: ["maxAge", /^[0-9]{1,15}$/, Number],
  STEP_UP: ["onStepUp", /^(ignore|challenge)$/],
  CLAIM: ["claim", /^https?:\/\/[^\s/]+\S*$/],
  ON_REVIEW: ["onReview", /^(deny|allow)$/],
  ON_UNAVAILABLE: ["onUnavailable", /^(deny|allow)$/],
  FAILURE_MESSAGE: ["failureMessage", /./],
  BLOCKED_MESSAGE: ["blockedMessage", /./],
  REVIEW_MESSAGE: ["reviewMessage", /./],
  UNAVAILABLE_MESSAGE: ["unavailableMessage", /./],
  INCLUDE_CONTEXT: ["includeContext", /^(true|false)$/, (text) => text === "true"],
  LOG_LEVEL: ["logLevel", /^(silent|error|info)$/],
};

/** @param {any} event */
function optionsOf({ client, configuration = {} }) {
  if (client?.metadata?.authsignal_mfa === "off") return false;
  /** @type {Record<string, unknown>} */
  const options = { console };
  for (const [field, [option, form, parse = String]] of Object.entries(FIELDS)) {
    const text = configuration[field];
    if (text === undefined || text === "") continue;
    if (typeof text !== "string" || !form.test(text)) {
      console.log(`authsignal-auth0: deny, invalid_field: ${field} has a value that it can't have`);
      throw new TypeError(field);
    }
    options[option] = parse(text);
  }
  return options;
}

Object.assign(exports, createAction(optionsOf));
