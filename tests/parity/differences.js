/** @import { Difference, Facts, RedirectDifference, RequestDifference } from "./compare.js" */

/**
 * Every way in which the handlers of authsignal-auth0 differ on purpose from those of @authsignal/node 2.21.0. The parity
 * test fails if it sees a difference that is not in this list, or if a listed one doesn't exist.
 */

import { messages, protocols, track } from "../oracle/decisions.js";
import { ABSENT, LOCAL } from "./compare.js";

const USER = "auth0|6637d1c0a9f3b2e4d5c6b7a8";
const USER_ENCODED = "auth0%7C6637d1c0a9f3b2e4d5c6b7a8";

const THEIR_TRACK = `POST /v1/users/${USER}/actions/auth0-login`;
const OUR_TRACK = `POST /v1/users/${USER_ENCODED}/actions/auth0-login`;
const VALIDATE = "POST /v1/validate";

const REMEMBER = `transaction.setMetadata("authsignal_challenge", "<the answer's idempotencyKey>")`;
const THEIR_REDIRECT = 'redirect.sendUserTo("https://mfa.example.com/challenge?token=t")';
const OUR_REDIRECT = `${REMEMBER}; ${THEIR_REDIRECT}`;
const LOCAL_CHALLENGE = `${LOCAL}/challenge?token=<token>`;

const PROCEEDS = "proceeds";
const RECORD = `authentication.recordMethod("${LOCAL}/v1")`;
const DENY_FAILED = 'access.deny("MFA challenge failed")';
const DENY_REVIEW = 'access.deny("Action under review")';
const DENY_UNAVAILABLE = 'access.deny("MFA is unavailable")';
const THROW_NO_TOKEN = "rejects: AuthsignalError: 400 - token is required.";
const THROW_UNAUTHORIZED =
  "rejects: AuthsignalError: 401 - The request is unauthorized. " +
  "Check that your API key and region base URL are correctly configured.";

/** @type {RequestDifference[]} */
export const inEveryRequest = [
  {
    at: "body.idempotencyKey",
    of: "execute",
    official: ABSENT,
    ours: "<random UUID>",
    reason: "Every try of a track carries the same key, so a retry can't begin a second challenge.",
  },
  {
    at: "path",
    of: "execute",
    official: USER,
    ours: USER_ENCODED,
    reason: "The user id in the path is encoded with encodeURIComponent, and Authsignal reads it as the same user.",
  },
  {
    at: "headers.user-agent",
    of: "both",
    official: "authsignal-node",
    ours: "authsignal-auth0/VERSION",
    reason: "Each request names the package that sends it, and its version.",
  },
  {
    at: "headers.x-authsignal-version",
    of: "both",
    official: "2.20.0",
    ours: ABSENT,
    reason:
      "This header has the version of the official SDK (2.20.0 in release 2.21.0), and our version is in User-Agent.",
  },
  {
    at: "headers.accept",
    of: "both",
    official: "application/json, text/plain, */*",
    ours: "application/json",
    reason: "The handler reads only JSON.",
  },
];

/** @type {RedirectDifference} */
export const beforeEveryRedirect = {
  official: "nothing",
  ours: REMEMBER,
  reason: "The transaction remembers which challenge it began, and accepts no other when the browser returns.",
  except: [
    "execute: the answer has no idempotencyKey",
    "execute: api.transaction is missing",
    "execute: api.transaction throws",
  ],
};

/** What is printed. */
export const inTheLog = {
  official: "nothing",
  ours: "at most one line, under 256 characters, that begins with authsignal-auth0",
  reason: "Auth0 logs a thrown error by itself, but a denied login needs a line that gives the reason.",
};

/** Where it is printed. */
export const whereItIsPrinted = {
  official: "nowhere",
  ours: "on the console that the option console gives, or else on the global one",
  reason: "Auth0 gives its console to the Action alone, so the Action has to pass it on, as the option console.",
};

/** What the handlers resolve to. */
export const whatTheyResolveTo = {
  official: "undefined",
  ours: "a frozen object with the outcome, its code, and what Authsignal answered",
  reason: "Auth0 ignores what a handler resolves to, and your own code around the handlers can use it.",
};

/** @type {Difference[]} */
export const differences = [
  ...because(
    "A blocked user is denied, enrolled or not, while the official handler sends users who have not enrolled to enroll.",
    inStates(["BLOCK"], [false]),
  ),
  ...because(
    'An action under review waits for the reviewer, so the login is denied, unless onReview: "allow" lets an enrolled user in at REVIEW_REQUIRED as the official handler does.',
    {
      "execute: Authsignal: an enrolled user, reviewed": [{ outcome: PROCEEDS }, { outcome: DENY_REVIEW }],
      ...inStates(["REVIEW_REQUIRED", "REVIEW_FAILED"]),
    },
  ),
  ...because("Only ALLOW lets a user in, so a new state or one that doesn't answer a login denies it.", {
    ...inStates(["CHALLENGE_SUCCEEDED", "CHALLENGE_FAILED", "REVIEW_SUCCEEDED", "SOMETHING_NEW"]),
    "execute: no state, enrolled": [{ outcome: PROCEEDS }, { outcome: DENY_FAILED }],
    "execute: no state, not enrolled": [{ outcome: THEIR_REDIRECT }, { outcome: DENY_FAILED }],
    "execute: the state in lower case": [{ outcome: PROCEEDS }, { outcome: DENY_FAILED }],
  }),
  ...because("A user is enrolled only if isEnrolled is the boolean true, and must enroll otherwise.", {
    'execute: ALLOW, isEnrolled is "true"': [{ outcome: PROCEEDS }, { outcome: OUR_REDIRECT }],
    'execute: ALLOW, isEnrolled is "false"': [{ outcome: PROCEEDS }, { outcome: OUR_REDIRECT }],
  }),
  ...because("The address of a challenge must be https (http only on loopback), and without one the login is denied.", {
    "execute: the answer has no url": [
      { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
      { outcome: DENY_FAILED },
    ],
    "execute: the answer's url is null": [
      { outcome: "redirect.sendUserTo(null); rejects: Invalid URL" },
      { outcome: DENY_FAILED },
    ],
    "execute: the answer's url is relative": [
      { outcome: 'redirect.sendUserTo("/challenge?token=t"); rejects: Invalid URL' },
      { outcome: DENY_FAILED },
    ],
    "execute: the answer's url is plain http": [
      { outcome: 'redirect.sendUserTo("http://mfa.example.com/challenge?token=t")' },
      { outcome: DENY_FAILED },
    ],
    "execute: the answer's url is a script": [
      { outcome: 'redirect.sendUserTo("javascript:alert(1)")' },
      { outcome: DENY_FAILED },
    ],
  }),
  ...because(
    "These protocols have no browser to redirect, so a login that needs a challenge is denied with failureMessage.",
    {
      ...Object.fromEntries(
        protocols["can't redirect"].map((protocol) => [
          `execute: protocol ${protocol}`,
          [{ outcome: THEIR_REDIRECT }, { outcome: DENY_FAILED }],
        ]),
      ),
      "execute: protocol oauth2-password, not enrolled": [{ outcome: THEIR_REDIRECT }, { outcome: DENY_FAILED }],
    },
  ),
  ...because(
    "A challenge counts for one action only, so the record of every action except auth0-login contains the action's name, and users who passed such a challenge before the migration are asked once more.",
    {
      "execute: recorded: this API URL, another action": [
        { outcome: PROCEEDS, sent: [] },
        { outcome: OUR_REDIRECT, sent: [`POST /v1/users/${USER_ENCODED}/actions/payment`] },
      ],
      "execute: recorded: this API URL with that other action": [
        { outcome: THEIR_REDIRECT, sent: [`POST /v1/users/${USER}/actions/payment`] },
        { outcome: PROCEEDS, sent: [] },
      ],
      "continue: option action": [
        { outcome: RECORD },
        { outcome: 'authentication.recordMethod("http://127.0.0.1:PORT/v1#payment")' },
      ],
    },
  ),
  ...because(
    "Options are checked before the session's record, so that you see a mistake at the first login and not only at the first challenge.",
    {
      "execute: recorded: this API URL, without a secret": [{ outcome: PROCEEDS }, { outcome: DENY_UNAVAILABLE }],
      "execute: recorded: this API URL, an unknown option": [{ outcome: PROCEEDS }, { outcome: DENY_UNAVAILABLE }],
    },
  ),
  ...because(
    "Options must be an object or undefined, so null is a configuration error, which denies the login without a request.",
    {
      "execute: options null": [
        { outcome: THEIR_REDIRECT, sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "continue: options null": [
        {
          outcome: 'authentication.recordMethod("https://api.authsignal.com/v1")',
          sent: ["POST https://api.authsignal.com/v1/validate"],
        },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
    },
  ),
  ...because("An unknown option is a configuration error and no longer ignored, so that you notice a misspelt one.", {
    "execute: option unknown": [
      { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "continue: option unknown": [
      { outcome: RECORD, sent: [VALIDATE] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
  }),
  ...because("An option of a wrong type is a configuration error and no longer taken for another value.", {
    'execute: option forceEnrollment "true"': [
      {
        outcome: 'redirect.sendUserTo("https://mfa.example.com/challenge?token=t&force_enrollment=true")',
        sent: [THEIR_TRACK],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option forceEnrollment null": [
      { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option custom, nested": [
      { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option custom, a list": [
      { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option custom null": [
      { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option userId null": [
      { outcome: THEIR_REDIRECT, sent: ["POST /v1/users/null/actions/auth0-login"] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option apiUrl null": [
      { outcome: THEIR_REDIRECT, sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
  }),
  ...because(
    'With onStepUp: "challenge" a recorded challenge doesn\'t count if the application asks for a new one, while the official handlers ignore that option.',
    {
      "execute: recorded: this API URL, onStepUp and acr_values": [
        { outcome: PROCEEDS, sent: [] },
        { outcome: OUR_REDIRECT, sent: [OUR_TRACK] },
      ],
      "execute: recorded: this API URL, onStepUp and prompt=login": [
        { outcome: PROCEEDS, sent: [] },
        { outcome: OUR_REDIRECT, sent: [OUR_TRACK] },
      ],
      "execute: recorded: this API URL, onStepUp and max_age": [
        { outcome: PROCEEDS, sent: [] },
        { outcome: OUR_REDIRECT, sent: [OUR_TRACK] },
      ],
    },
  ),
  ...because(
    "With claim the tokens get a custom claim if a challenge counts for the login, while the official handlers ignore that option.",
    {
      "execute: recorded: this API URL, option claim": [
        { outcome: PROCEEDS },
        { outcome: claimed({ action: "auth0-login", at: "2026-05-04T08:15:31.204Z" }).join("; ") },
      ],
      "continue: option claim": [
        { outcome: RECORD },
        {
          outcome: [RECORD, ...claimed({ action: "auth0-login", at: "<now>", method: "AUTHENTICATOR_APP" })].join("; "),
        },
      ],
    },
  ),
  ...because(
    "The official handlers ignore onStepUp, claim and console, while a wrong value of them is a configuration error here.",
    {
      "execute: option onStepUp, a wrong one": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option claim, not a URL": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option claim, a name of Auth0": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option console, a string": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
    },
  ),
  ...because(
    "With includeContext custom also has what Auth0 knows about the login, under names that start with auth0, while the official handlers ignore that option.",
    {
      "execute: option includeContext, a short event": [
        { "body.custom": { plan: "gold" } },
        { "body.custom": { plan: "gold", auth0Protocol: "oidc-basic-profile", auth0TenantId: "example-dev" } },
      ],
      "execute: option includeContext": [
        { "body.custom": {} },
        {
          "body.custom": {
            auth0ClientId: "hT6bQ0exampleClientId",
            auth0ClientName: "Customer portal",
            auth0ConnectionName: "Username-Password-Authentication",
            auth0ConnectionStrategy: "auth0",
            auth0OrganizationId: "org_Kd83",
            auth0OrganizationName: "analytical-engines",
            auth0Roles: "billing,support",
            auth0CountryCode: "NZ",
            auth0RiskConfidence: "medium",
            auth0LoginsCount: 17,
            auth0Protocol: "oidc-basic-profile",
            auth0RequestedScopes: "openid,profile,email,offline_access",
            auth0Audience: "https://api.example.com",
            auth0EmailVerified: true,
            auth0CreatedAt: "2024-05-05T18:42:08.123Z",
            auth0LastPasswordReset: "3026-03-14T09:26:53.589Z",
            auth0Asn: "AS64500",
            auth0TenantId: "example-dev",
            auth0CustomDomain: "login.example.com",
            auth0RiskUntrustedIp: "not_found_on_deny_list",
            auth0RiskNewDevice: "no_match",
            auth0RiskImpossibleTravel: "minimal_travel_from_last_login",
            auth0RiskAgentDetection: "unknown",
          },
        },
      ],
    },
  ),
  ...because("White space at the ends of the Action's secrets is ignored.", {
    "execute: the secret has white space at its ends": [
      { outcome: THROW_UNAUTHORIZED, "headers.authorization": "Basic IHNhbmRib3gtc2VjcmV0LWtleQo6" },
      {
        outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
        "headers.authorization": "Basic c2FuZGJveC1zZWNyZXQta2V5Og==",
      },
    ],
  }),
  ...because("force_enrollment=true always becomes part of the query of the address.", {
    "execute: option forceEnrollment, the url has no query": [
      { outcome: 'redirect.sendUserTo("https://mfa.example.com/t&force_enrollment=true")' },
      { outcome: `${REMEMBER}; redirect.sendUserTo("https://mfa.example.com/t?force_enrollment=true")` },
    ],
    "execute: option forceEnrollment, the url has a fragment": [
      { outcome: 'redirect.sendUserTo("https://m.example.com/?t=1#top&force_enrollment=true")' },
      { outcome: `${REMEMBER}; redirect.sendUserTo("https://m.example.com/?t=1&force_enrollment=true#top")` },
    ],
  }),
  ...because("Entries of custom that are null are left out, just like entries that are undefined.", {
    "execute: option custom, with null in it": [
      { "body.custom": { plan: "gold", org: null } },
      { "body.custom": { plan: "gold" } },
    ],
  }),
  ...because(
    "An action's code that doesn't have the form that Authsignal demands (1 to 64 letters, digits, _ and -) is a configuration error.",
    {
      "execute: option action, an illegal code": [
        {
          outcome: "rejects: AuthsignalError: 400 - The action's code is not valid.",
          sent: [`POST /v1/users/${USER}/actions/my%20payment`],
        },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option action empty": [
        {
          outcome: `rejects: AuthsignalError: 404 - There is no POST /v1/users/${USER}/actions/.`,
          sent: [`POST /v1/users/${USER}/actions/`],
        },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
    },
  ),
  ...because(
    "Addresses in options must be https (http only on loopback), since the secret and the user's browser go there.",
    {
      "execute: option redirectUrl, plain http": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option apiUrl, plain http": [
        { outcome: THEIR_REDIRECT, sent: [`POST http://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: option apiUrl, not a URL": [
        { outcome: "rejects: AuthsignalError: 500 - Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
    },
  ),
  ...because("If the secret key is missing or can't be valid, the login is denied without a request.", {
    "execute: option apiSecretKey, with a line break": [
      { outcome: THROW_UNAUTHORIZED, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: option apiSecretKey empty": [
      { outcome: THROW_UNAUTHORIZED, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: the secret is in quotes": [
      { outcome: THROW_UNAUTHORIZED, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: the secret is a placeholder": [
      { outcome: THROW_UNAUTHORIZED, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: without the secret": [
      { outcome: THROW_UNAUTHORIZED, sent: [THEIR_TRACK] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    "execute: without secrets": [
      { outcome: "rejects: Cannot read properties of undefined (reading 'AUTHSIGNAL_SECRET')" },
      { outcome: DENY_UNAVAILABLE },
    ],
    "continue: without the secret": [
      { outcome: THROW_UNAUTHORIZED, sent: [VALIDATE] },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
  }),
  ...because(
    "Slashes at the end of the API URL are ignored, while the official handler requests a path that doesn't exist.",
    {
      "execute: option apiUrl, with a slash at its end": [
        {
          outcome: `rejects: AuthsignalError: 404 - There is no POST /v1//users/${USER}/actions/auth0-login.`,
          sent: [`POST /v1//users/${USER}/actions/auth0-login`],
        },
        { outcome: OUR_REDIRECT, sent: [OUR_TRACK] },
      ],
      "continue: option apiUrl, with a slash at its end": [
        { outcome: "rejects: AuthsignalError: 404 - There is no POST /v1//validate.", sent: ["POST /v1//validate"] },
        { outcome: 'authentication.recordMethod("http://127.0.0.1:PORT/v1/")', sent: [VALIDATE] },
      ],
    },
  ),
  ...because(
    "apiBaseUrl, the name in the older documentation, sets the API URL, while the official handler ignores it and sends the secret to the US region.",
    {
      "execute: option apiBaseUrl": [
        { sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { sent: [OUR_TRACK] },
      ],
      "execute: option apiBaseUrl, another region": [
        { sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { sent: [`POST https://eu.api.authsignal.com/v1/users/${USER_ENCODED}/actions/auth0-login`] },
      ],
      "continue: option apiBaseUrl": [
        {
          outcome: 'authentication.recordMethod("https://api.authsignal.com/v1")',
          sent: ["POST https://api.authsignal.com/v1/validate"],
        },
        { outcome: RECORD, sent: [VALIDATE] },
      ],
      "continue: option apiBaseUrl, another region": [
        {
          outcome: 'authentication.recordMethod("https://api.authsignal.com/v1")',
          sent: ["POST https://api.authsignal.com/v1/validate"],
        },
        {
          outcome: 'authentication.recordMethod("https://eu.api.authsignal.com/v1")',
          sent: ["POST https://eu.api.authsignal.com/v1/validate"],
        },
      ],
    },
  ),
  ...because(
    "The Action's secrets AUTHSIGNAL_REGION and AUTHSIGNAL_API_URL set the API, while the official handler doesn't know them.",
    {
      "execute: secret AUTHSIGNAL_REGION": [
        { sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { sent: [`POST https://eu.api.authsignal.com/v1/users/${USER_ENCODED}/actions/auth0-login`] },
      ],
      "execute: secret AUTHSIGNAL_REGION, in upper case and with white space": [
        { sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { sent: [`POST https://eu.api.authsignal.com/v1/users/${USER_ENCODED}/actions/auth0-login`] },
      ],
      "execute: secret AUTHSIGNAL_API_URL": [
        { sent: [`POST https://api.authsignal.com/v1/users/${USER}/actions/auth0-login`] },
        { sent: [`POST https://eu.api.authsignal.com/v1/users/${USER_ENCODED}/actions/auth0-login`] },
      ],
    },
  ),
  ...because(
    "If the event doesn't name the user or the host that the browser returns to, the login is denied, and no request is sent for a user called undefined.",
    {
      "execute: without request.hostname": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: without request": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'hostname')" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: without user.user_id": [
        { outcome: THEIR_REDIRECT, sent: ["POST /v1/users/undefined/actions/auth0-login"] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: without user": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'user_id')" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: hostname has a path": [
        { outcome: THEIR_REDIRECT, sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "execute: no event": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'transaction')" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: user id 42": [
        { outcome: `redirect.sendUserTo("${LOCAL_CHALLENGE}")`, sent: ["POST /v1/users/42/actions/auth0-login"] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "continue: without user.user_id": [
        { outcome: RECORD, sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [] },
      ],
      "continue: without user": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'user_id')" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: without request": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'query')" },
        { outcome: DENY_FAILED },
      ],
      "continue: no event": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'secrets')" },
        { outcome: DENY_UNAVAILABLE },
      ],
    },
  ),
  ...because("An event without recorded methods is not an error, and means that nothing has been recorded.", {
    "execute: authentication without methods": [
      { outcome: "rejects: Cannot read properties of undefined (reading 'find')", sent: [] },
      { outcome: OUR_REDIRECT, sent: [OUR_TRACK] },
    ],
  }),
  ...because("An attribute that is not a string is left out of the request.", {
    "execute: the user's email is null": [{ "body.email": null }, { "body.email": ABSENT }],
    "execute: device_id is a list": [{ "body.deviceId": ["a", "b"] }, { "body.deviceId": ABSENT }],
    "execute: device_id is an object": [{ "body.deviceId": { a: "b" } }, { "body.deviceId": ABSENT }],
  }),
  ...because(
    "Text that is empty or only white space is left out, since users of passwordless and SAML connections may have it.",
    {
      "execute: device_id is empty": [{ "body.deviceId": "" }, { "body.deviceId": ABSENT }],
      "execute: the user's email is empty": [{ "body.email": "" }, { "body.email": ABSENT }],
      "execute: the user's email is white space": [{ "body.email": " " }, { "body.email": ABSENT }],
    },
  ),
  ...because("On loopback the browser returns to plain http, for a local tenant.", {
    "execute: hostname is localhost": [
      { "body.redirectUrl": "https://localhost:4001/continue" },
      { "body.redirectUrl": "http://localhost:4001/continue" },
    ],
  }),
  ...because("If a user id would change the path of the request, the login is denied without a request.", {
    'execute: user id ".."': [
      {
        outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/actions/auth0-login.",
        sent: ["POST /v1/actions/auth0-login"],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    'execute: user id "."': [
      {
        outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users/actions/auth0-login.",
        sent: ["POST /v1/users/actions/auth0-login"],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    'execute: user id ""': [
      {
        outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users//actions/auth0-login.",
        sent: ["POST /v1/users//actions/auth0-login"],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    'execute: option userId ".."': [
      {
        outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/actions/auth0-login.",
        sent: ["POST /v1/actions/auth0-login"],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
    'execute: option userId ""': [
      {
        outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users//actions/auth0-login.",
        sent: ["POST /v1/users//actions/auth0-login"],
      },
      { outcome: DENY_UNAVAILABLE, sent: [] },
    ],
  }),
  ...because(
    "A user id is encoded with encodeURIComponent, so that the action is tracked for exactly this user, even if the id contains / % ? or #.",
    {
      'execute: user id "samlp|corp|ada"': [
        { sent: ["POST /v1/users/samlp|corp|ada/actions/auth0-login"] },
        { sent: ["POST /v1/users/samlp%7Ccorp%7Cada/actions/auth0-login"] },
      ],
      'execute: user id "waad|ada@example.com"': [
        { sent: ["POST /v1/users/waad|ada@example.com/actions/auth0-login"] },
        { sent: ["POST /v1/users/waad%7Cada%40example.com/actions/auth0-login"] },
      ],
      'execute: user id "corp/ada"': [
        {
          outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users/corp/ada/actions/auth0-login.",
          sent: ["POST /v1/users/corp/ada/actions/auth0-login"],
        },
        {
          outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
          sent: ["POST /v1/users/corp%2Fada/actions/auth0-login"],
        },
      ],
      'execute: user id "100%"': [
        {
          outcome: "rejects: AuthsignalError: 400 - Failed to decode param '100%'",
          sent: ["POST /v1/users/100%/actions/auth0-login"],
        },
        {
          outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
          sent: ["POST /v1/users/100%25/actions/auth0-login"],
        },
      ],
      'execute: user id "100%41"': [
        { sent: ["POST /v1/users/100%41/actions/auth0-login"] },
        { sent: ["POST /v1/users/100%2541/actions/auth0-login"] },
      ],
      'execute: user id "ada?admin"': [
        {
          outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users/ada?admin/actions/auth0-login.",
          sent: ["POST /v1/users/ada?admin/actions/auth0-login"],
        },
        {
          outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
          sent: ["POST /v1/users/ada%3Fadmin/actions/auth0-login"],
        },
      ],
      'execute: user id "ada#1"': [
        { outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users/ada.", sent: ["POST /v1/users/ada"] },
        {
          outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
          sent: ["POST /v1/users/ada%231/actions/auth0-login"],
        },
      ],
      'execute: user id "^[]"': [
        { sent: ["POST /v1/users/^[]/actions/auth0-login"] },
        { sent: ["POST /v1/users/%5E%5B%5D/actions/auth0-login"] },
      ],
      'execute: option userId "samlp|corp|ada"': [
        { sent: ["POST /v1/users/samlp|corp|ada/actions/auth0-login"] },
        { sent: ["POST /v1/users/samlp%7Ccorp%7Cada/actions/auth0-login"] },
      ],
      'execute: option userId "corp/ada"': [
        {
          outcome: "rejects: AuthsignalError: 404 - There is no POST /v1/users/corp/ada/actions/auth0-login.",
          sent: ["POST /v1/users/corp/ada/actions/auth0-login"],
        },
        {
          outcome: `${REMEMBER}; redirect.sendUserTo("${LOCAL_CHALLENGE}")`,
          sent: ["POST /v1/users/corp%2Fada/actions/auth0-login"],
        },
      ],
    },
  ),
  ...because(
    "After a 408, a 429 or a 5xx the request is tried again, up to twice and with the same idempotency key, and if that fails too, the login is denied with unavailableMessage instead of a thrown error.",
    {
      "execute: error 408": [
        { outcome: "rejects: AuthsignalError: 408 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 429": [
        { outcome: "rejects: AuthsignalError: 429 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 500": [
        { outcome: "rejects: AuthsignalError: 500 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 502": [
        { outcome: "rejects: AuthsignalError: 502 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 503": [
        { outcome: "rejects: AuthsignalError: 503 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 503, empty": [
        { outcome: "rejects: AuthsignalError: 500 - Request failed with status code 503", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "execute: error 503 once": [
        { outcome: "rejects: AuthsignalError: 503 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: PROCEEDS, sent: [`2 × ${OUR_TRACK}`] },
      ],
      "execute: error 429 once": [
        { outcome: "rejects: AuthsignalError: 429 - A fault is set for this endpoint.", sent: [THEIR_TRACK] },
        { outcome: PROCEEDS, sent: [`2 × ${OUR_TRACK}`] },
      ],
      "execute: error 500 with an answer that would pass": [
        { outcome: "rejects: AuthsignalError: 500 - undefined", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "continue: error 408": [
        { outcome: "rejects: AuthsignalError: 408 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 429": [
        { outcome: "rejects: AuthsignalError: 429 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 500": [
        { outcome: "rejects: AuthsignalError: 500 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 502": [
        { outcome: "rejects: AuthsignalError: 502 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 503": [
        { outcome: "rejects: AuthsignalError: 503 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 503, empty": [
        { outcome: "rejects: AuthsignalError: 500 - Request failed with status code 503", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
      "continue: error 503 once": [
        { outcome: "rejects: AuthsignalError: 503 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: RECORD, sent: [`2 × ${VALIDATE}`] },
      ],
      "continue: error 429 once": [
        { outcome: "rejects: AuthsignalError: 429 - A fault is set for this endpoint.", sent: [VALIDATE] },
        { outcome: RECORD, sent: [`2 × ${VALIDATE}`] },
      ],
      "continue: error 500 with an answer that would pass": [
        { outcome: "rejects: AuthsignalError: 500 - undefined", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
    },
  ),
  ...because(
    "If Authsignal refuses the request, the login is denied with unavailableMessage and a log line instead of a thrown error.",
    {
      "execute: option apiSecretKey, a wrong one": [{ outcome: THROW_UNAUTHORIZED }, { outcome: DENY_UNAVAILABLE }],
      "execute: error 400": [
        { outcome: "rejects: AuthsignalError: 400 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 401": [
        { outcome: "rejects: AuthsignalError: 401 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 403": [
        { outcome: "rejects: AuthsignalError: 403 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 404": [
        { outcome: "rejects: AuthsignalError: 404 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 409": [
        { outcome: "rejects: AuthsignalError: 409 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 400, not JSON": [
        { outcome: "rejects: AuthsignalError: 400 - undefined" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: error 400, no authenticator is set up": [
        { outcome: "rejects: AuthsignalError: 400 - The tenant has no authenticator configured." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 400": [
        { outcome: "rejects: AuthsignalError: 400 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 401": [
        { outcome: "rejects: AuthsignalError: 401 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 403": [
        { outcome: "rejects: AuthsignalError: 403 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 404": [
        { outcome: "rejects: AuthsignalError: 404 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 409": [
        { outcome: "rejects: AuthsignalError: 409 - A fault is set for this endpoint." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: error 400, not JSON": [
        { outcome: "rejects: AuthsignalError: 400 - undefined" },
        { outcome: DENY_UNAVAILABLE },
      ],
    },
  ),
  ...because(
    "If a connection breaks, even in the middle of the answer, the request is tried again, up to twice, and if that fails too, the login is denied with unavailableMessage instead of a thrown error.",
    {
      "execute: the connection is reset": [
        { outcome: "rejects: AuthsignalError: 500 - read ECONNRESET" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the answer is cut off": [
        { outcome: "rejects: AuthsignalError: 500 - stream has been aborted", sent: [THEIR_TRACK] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${OUR_TRACK}`] },
      ],
      "continue: the connection is reset": [
        { outcome: "rejects: AuthsignalError: 500 - read ECONNRESET" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: the answer is cut off": [
        { outcome: "rejects: AuthsignalError: 500 - stream has been aborted", sent: [VALIDATE] },
        { outcome: DENY_UNAVAILABLE, sent: [`3 × ${VALIDATE}`] },
      ],
    },
  ),
  ...because(
    "If the answer can't be read, the login is denied with unavailableMessage, while the official handler uses what came.",
    {
      "execute: the answer is not JSON": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the answer is empty": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the answer is null": [
        { outcome: "rejects: Cannot destructure property 'isEnrolled' of 'result' as it is null." },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the answer is a text": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the answer is JSON as a text": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "execute: the status is 204": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: the answer is not JSON": [{ outcome: DENY_FAILED }, { outcome: DENY_UNAVAILABLE }],
      "continue: the answer is empty": [{ outcome: DENY_FAILED }, { outcome: DENY_UNAVAILABLE }],
      "continue: the answer is null": [
        {
          outcome:
            "rejects: AuthsignalError: 500 - Cannot destructure property 'actionCode' of 'response.data' as it is null.",
        },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: the answer is a text": [{ outcome: DENY_FAILED }, { outcome: DENY_UNAVAILABLE }],
      "continue: the answer is JSON as a text": [{ outcome: DENY_FAILED }, { outcome: DENY_UNAVAILABLE }],
      "continue: the status is 204": [{ outcome: DENY_FAILED }, { outcome: DENY_UNAVAILABLE }],
    },
  ),
  ...because(
    "If the answer has no known state, the login is denied with failureMessage, while the official handler redirects to a missing address, which throws.",
    {
      "execute: the answer is a list": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_FAILED },
      ],
      "execute: the answer is {}": [
        { outcome: "redirect.sendUserTo(undefined); rejects: Invalid URL" },
        { outcome: DENY_FAILED },
      ],
    },
  ),
  ...because("The handler reads at most 256 KiB of an answer.", {
    "execute: the answer is larger than 256 KiB": [{ outcome: PROCEEDS }, { outcome: DENY_UNAVAILABLE }],
    "continue: the answer is larger than 256 KiB": [{ outcome: RECORD }, { outcome: DENY_UNAVAILABLE }],
  }),
  ...because(
    "A redirect of the API is not followed, so that the secret and the decision stay with the host that you configured.",
    {
      "execute: a redirect, 302": [
        { outcome: PROCEEDS, sent: [THEIR_TRACK, "GET /v1/users/elsewhere"] },
        { outcome: DENY_UNAVAILABLE, sent: [OUR_TRACK] },
      ],
      "execute: a redirect, 307": [
        { outcome: PROCEEDS, sent: [THEIR_TRACK, "POST /v1/users/elsewhere"] },
        { outcome: DENY_UNAVAILABLE, sent: [OUR_TRACK] },
      ],
      "continue: a redirect, 302": [
        { outcome: RECORD, sent: [VALIDATE, "GET /v1/users/elsewhere"] },
        { outcome: DENY_UNAVAILABLE, sent: [VALIDATE] },
      ],
      "continue: a redirect, 307": [
        { outcome: RECORD, sent: [VALIDATE, "POST /v1/users/elsewhere"] },
        { outcome: DENY_UNAVAILABLE, sent: [VALIDATE] },
      ],
    },
  ),
  ...because(
    "If a method of Auth0's api is missing or throws, the login is denied with unavailableMessage instead of a thrown error.",
    {
      "execute: api.redirect is missing": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'sendUserTo')" },
        { outcome: `${REMEMBER}; access.deny("MFA is unavailable")` },
      ],
      "execute: api.redirect throws": [
        { outcome: "rejects: Refused" },
        { outcome: `${REMEMBER}; access.deny("MFA is unavailable")` },
      ],
      "continue: api.authentication is missing": [
        { outcome: "rejects: Cannot read properties of undefined (reading 'recordMethod')" },
        { outcome: DENY_UNAVAILABLE },
      ],
      "continue: api.authentication throws": [{ outcome: "rejects: Refused" }, { outcome: DENY_UNAVAILABLE }],
    },
  ),
  ...because("A challenge is accepted only if isValid is true, in addition to its state.", {
    "continue: CHALLENGE_SUCCEEDED, not valid": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    "continue: isValid is missing": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    'continue: isValid is "true"': [{ outcome: RECORD }, { outcome: DENY_FAILED }],
  }),
  ...because(
    "The action of a challenge is checked in both fields that may name it, and if they differ, the login is denied.",
    {
      "continue: action is right, actionCode another one": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    },
  ),
  ...because("A challenge that another user passed is not accepted.", {
    "continue: userId is another user's": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    "continue: option userId, the answer is of another": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
  }),
  ...because("A transaction accepts only the challenge that it began, so an older one can't be replayed.", {
    "continue: Authsignal: succeeded, another transaction's challenge": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    "continue: idempotencyKey is another transaction's": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
    "continue: idempotencyKey is missing, the transaction has one": [{ outcome: RECORD }, { outcome: DENY_FAILED }],
  }),
  ...because(
    "If the browser doesn't return with exactly one token of 1 to 8,192 characters, the login is denied without a request.",
    {
      "continue: token: none": [
        { outcome: THROW_NO_TOKEN, sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: no query and no body": [
        { outcome: THROW_NO_TOKEN, sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: in both, another one in the body": [
        { outcome: RECORD, sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: in both, another one in the query": [{ sent: [VALIDATE] }, { sent: [] }],
      "continue: token: empty": [
        { outcome: "rejects: AuthsignalError: 400 - token is not valid.", sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: null": [
        { outcome: "rejects: AuthsignalError: 400 - token is not valid.", sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: a list": [
        { outcome: "rejects: AuthsignalError: 400 - token is not valid.", sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
      "continue: token: 8193 characters": [
        { outcome: RECORD, sent: [VALIDATE] },
        { outcome: DENY_FAILED, sent: [] },
      ],
    },
  ),
  ...because("The token may also be in the body, if the browser returns with a POST.", {
    "continue: token: in the body only": [
      { outcome: THROW_NO_TOKEN, "body.token": ABSENT },
      { outcome: RECORD, "body.token": "<token>" },
    ],
  }),
  ...because("A userId that is a number is always sent as a decimal string.", {
    "continue: option userId, a number": [{ "body.userId": 42 }, { "body.userId": "42" }],
  }),
];

/** The calls that set a claim. @param {object} value */
function claimed(value) {
  return ["idToken", "accessToken"].map(
    (token) => `${token}.setCustomClaim("https://example.com/mfa", ${JSON.stringify(value)})`,
  );
}

/**
 * Differences that have one reason: by the scenario's id, what the official handler does and what ours does.
 * @param {string} reason
 * @param {Record<string, [official: Facts, ours: Facts]>} scenarios
 * @returns {Difference[]}
 */
function because(reason, scenarios) {
  return Object.entries(scenarios).map(([scenario, [official, ours]]) => ({ scenario, official, ours, reason }));
}

/**
 * The differences in states that the official handler doesn't look at: it lets enrolled users in and sends the others to
 * Authsignal. Ours does what the oracle says.
 * @param {string[]} states
 * @param {boolean[]} [enrolled]
 */
function inStates(states, enrolled = [true, false]) {
  /** @type {(state: string, isEnrolled: boolean) => [string, [Facts, Facts]]} */
  const difference = (state, isEnrolled) => {
    const { message } = track({ state, isEnrolled }, {}, { canRedirect: true, secureUrl: true });
    return [
      `execute: ${state}, ${isEnrolled ? "enrolled" : "not enrolled"}`,
      [
        { outcome: isEnrolled ? PROCEEDS : THEIR_REDIRECT },
        { outcome: message ? `access.deny("${messages[message]}")` : "no deny" },
      ],
    ];
  };
  return Object.fromEntries(states.flatMap((state) => enrolled.map((isEnrolled) => difference(state, isEnrolled))));
}
