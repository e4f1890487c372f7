jest.mock("authsignal-auth0", () => {
  const actual = jest.requireActual("authsignal-auth0");
  return { ...actual, createAction: jest.fn(actual.createAction) };
});
const { createAction } = require("authsignal-auth0");

const { makeEventMock } = require("../__mocks__/event-post-login");
const { apiMock } = require("../__mocks__/api-post-login");

const { onExecutePostLogin, onContinuePostLogin } = require("./integration.action");

// The function of the event that the Action gives to the package.
const [[optionsOf]] = createAction.mock.calls;

const API = "https://api.authsignal.com/v1";
const USER = "auth0%7C6637d1c0a9f3b2e4d5c6b7a8";
const CHALLENGE = "https://mfa.authsignal.com/challenge?token=one";

const TRACKED = { state: "CHALLENGE_REQUIRED", isEnrolled: true, url: CHALLENGE, token: "one", idempotencyKey: "key" };
const PASSED = {
  isValid: true,
  state: "CHALLENGE_SUCCEEDED",
  actionCode: "auth0-login",
  idempotencyKey: "key",
  verificationMethod: "PASSKEY",
};

/** What each field can have, and the option that it becomes. */
const ACCEPTED = [
  ["REGION", "us", { region: "us" }],
  ["REGION", "eu", { region: "eu" }],
  ["REGION", "au", { region: "au" }],
  ["REGION", "ca", { region: "ca" }],
  ["ACTION", "a", { action: "a" }],
  ["ACTION", "Payroll_login-2", { action: "Payroll_login-2" }],
  ["ACTION", "a".repeat(64), { action: "a".repeat(64) }],
  ["ENROLLMENT", "required", { enrollment: "required" }],
  ["ENROLLMENT", "optional", { enrollment: "optional" }],
  ["MAX_AGE", "0", { maxAge: 0 }],
  ["MAX_AGE", "007", { maxAge: 7 }],
  ["MAX_AGE", "86400", { maxAge: 86400 }],
  ["MAX_AGE", "9".repeat(15), { maxAge: 999999999999999 }],
  ["STEP_UP", "ignore", { onStepUp: "ignore" }],
  ["STEP_UP", "challenge", { onStepUp: "challenge" }],
  ["CLAIM", "https://example.com/mfa", { claim: "https://example.com/mfa" }],
  ["CLAIM", "http://example.com/mfa", { claim: "http://example.com/mfa" }],
  ["ON_REVIEW", "deny", { onReview: "deny" }],
  ["ON_REVIEW", "allow", { onReview: "allow" }],
  ["ON_UNAVAILABLE", "deny", { onUnavailable: "deny" }],
  ["ON_UNAVAILABLE", "allow", { onUnavailable: "allow" }],
  ["FAILURE_MESSAGE", "true", { failureMessage: "true" }],
  ["BLOCKED_MESSAGE", "Call 555 0100.", { blockedMessage: "Call 555 0100." }],
  ["REVIEW_MESSAGE", " Wait ", { reviewMessage: " Wait " }],
  ["UNAVAILABLE_MESSAGE", "Réessayez plus tard", { unavailableMessage: "Réessayez plus tard" }],
  ["INCLUDE_CONTEXT", "true", { includeContext: true }],
  ["INCLUDE_CONTEXT", "false", { includeContext: false }],
  ["LOG_LEVEL", "silent", { logLevel: "silent" }],
  ["LOG_LEVEL", "error", { logLevel: "error" }],
  ["LOG_LEVEL", "info", { logLevel: "info" }],
];

/** Some of what a field can't have. */
const REFUSED = [
  ["REGION", ["nz", "US", " us", "us ", "us,eu", "us\n", "https://api.authsignal.com/v1"]],
  ["ACTION", ["auth0 login", "auth0/login", "a".repeat(65), "login\n", "lögin"]],
  ["ENROLLMENT", ["Required", "none", "true", "false", "optional "]],
  ["MAX_AGE", ["-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "1_000", "a day", "Infinity", "٣", "9".repeat(16)]],
  ["STEP_UP", ["true", "Challenge", "require"]],
  ["CLAIM", ["mfa", "example.com/mfa", "ftp://example.com/mfa", "https://", "https://example.com/my mfa"]],
  ["ON_REVIEW", ["true", "Allow", "deny,allow"]],
  ["ON_UNAVAILABLE", ["true", "ALLOW", "allow "]],
  ["FAILURE_MESSAGE", ["\n"]],
  ["BLOCKED_MESSAGE", ["\n"]],
  ["REVIEW_MESSAGE", ["\n"]],
  ["UNAVAILABLE_MESSAGE", ["\n"]],
  ["INCLUDE_CONTEXT", ["True", "TRUE", "1", "0", "yes", "no", "on", " true", "false "]],
  ["LOG_LEVEL", ["debug", "INFO", "warn", "0"]],
].flatMap(([field, values]) =>
  [...values, null, 0, 1, true, false, ["us"], {}].map((value) => [field, JSON.stringify(value), value]),
);

const FIELDS = require("./configuration.json").configuration.map(({ name }) => name);

describe("Authsignal MFA", () => {
  let consoleLogMock;
  let eventMock;
  let fetchMock;

  /** Authsignal answers with this from now on. */
  const answer = (body, status = 200) => {
    fetchMock.mockImplementation(async () => new Response(JSON.stringify(body), { status }));
  };

  /** What Authsignal was asked: the addresses. */
  const asked = () => fetchMock.mock.calls.map(([input]) => new Request(input).url);

  beforeEach(() => {
    consoleLogMock = jest.spyOn(console, "log").mockImplementation();
    fetchMock = jest.spyOn(globalThis, "fetch");
    eventMock = makeEventMock();
    eventMock.secrets.AUTHSIGNAL_SECRET = "the-key-of-a-test";
    answer(TRACKED);
  });

  afterEach(() => {
    consoleLogMock.mockRestore();
    fetchMock.mockRestore();
    jest.clearAllMocks();
  });

  describe("onExecutePostLogin", () => {
    it("redirects a user who has to pass a challenge, after one request", async () => {
      await onExecutePostLogin(eventMock, apiMock);
      expect(asked()).toEqual([`${API}/users/${USER}/actions/auth0-login`]);
      expect(apiMock.redirect.sendUserTo).toHaveBeenCalledTimes(1);
      expect(apiMock.redirect.sendUserTo.mock.calls[0][0]).toBe(CHALLENGE);
      expect(apiMock.access.deny).not.toHaveBeenCalled();
    });

    it("lets in a user whom Authsignal allows", async () => {
      answer({ ...TRACKED, state: "ALLOW" });
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny).not.toHaveBeenCalled();
      expect(apiMock.redirect.sendUserTo).not.toHaveBeenCalled();
    });

    it("denies a login that Authsignal blocks, with the message of the configuration", async () => {
      eventMock.configuration.BLOCKED_MESSAGE = "Call the help desk";
      answer({ ...TRACKED, state: "BLOCK" });
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["Call the help desk"]]);
    });

    it("denies a login if Authsignal refuses the key", async () => {
      answer({ error: "unauthorized" }, 401);
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["MFA is unavailable"]]);
      expect(consoleLogMock.mock.calls.flat()[0]).toContain("unauthorized");
    });

    it("denies a login if the secret is missing, without a request", async () => {
      eventMock.secrets = {};
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["MFA is unavailable"]]);
      expect(asked()).toEqual([]);
    });

    it("does nothing at a refresh token exchange, also if a field is wrong", async () => {
      eventMock.transaction.protocol = "oauth2-refresh-token";
      eventMock.configuration.MAX_AGE = "soon";
      await onExecutePostLogin(eventMock, apiMock);
      expect(asked()).toEqual([]);
      expect(apiMock.access.deny).not.toHaveBeenCalled();
      expect(apiMock.redirect.sendUserTo).not.toHaveBeenCalled();
    });
  });

  describe("onContinuePostLogin", () => {
    beforeEach(() => {
      eventMock.request.query = { token: "one" };
      answer(PASSED);
    });

    it("records the challenge of a user who has passed it, after one request", async () => {
      await onContinuePostLogin(eventMock, apiMock);
      expect(asked()).toEqual([`${API}/validate`]);
      expect(apiMock.authentication.recordMethod.mock.calls).toEqual([[API]]);
      expect(apiMock.access.deny).not.toHaveBeenCalled();
    });

    it("sets the claim of the configuration in both tokens", async () => {
      eventMock.configuration.CLAIM = "https://example.com/mfa";
      await onContinuePostLogin(eventMock, apiMock);
      const claim = expect.objectContaining({ action: "auth0-login", method: "PASSKEY" });
      expect(apiMock.idToken.setCustomClaim.mock.calls).toEqual([["https://example.com/mfa", claim]]);
      expect(apiMock.accessToken.setCustomClaim.mock.calls).toEqual([["https://example.com/mfa", claim]]);
    });

    it("denies a user who has not passed the challenge, with the message of the configuration", async () => {
      eventMock.configuration.FAILURE_MESSAGE = "Try again";
      answer({ ...PASSED, isValid: false, state: "CHALLENGE_FAILED" });
      await onContinuePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["Try again"]]);
      expect(apiMock.authentication.recordMethod).not.toHaveBeenCalled();
    });

    it("denies a user who comes back without a token, without a request", async () => {
      eventMock.request.query = {};
      await onContinuePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["MFA challenge failed"]]);
      expect(asked()).toEqual([]);
    });
  });

  describe("the fields", () => {
    it("are those of configuration.json, and each is in both tables below", () => {
      expect([...new Set(ACCEPTED.map(([field]) => field))]).toEqual(FIELDS);
      expect([...new Set(REFUSED.map(([field]) => field))]).toEqual(FIELDS);
    });

    it.each(ACCEPTED)("%s can be %j", async (field, text, option) => {
      eventMock.configuration[field] = text;
      expect(optionsOf(eventMock)).toEqual({ console, ...option });
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.redirect.sendUserTo).toHaveBeenCalledTimes(1);
    });

    it.each(REFUSED)("%s can't be %s: both hooks deny, and a line names the field", async (field, _, value) => {
      eventMock.configuration[field] = value;
      eventMock.request.query = { token: "one" };
      for (const hook of [onExecutePostLogin, onContinuePostLogin]) {
        jest.clearAllMocks();
        await hook(eventMock, apiMock);
        expect(apiMock.access.deny.mock.calls).toEqual([["MFA is unavailable"]]);
        expect(asked()).toEqual([]);
        expect(consoleLogMock.mock.calls[0]).toEqual([
          `authsignal-auth0: deny, invalid_field: ${field} has a value that it can't have`,
        ]);
      }
    });

    it("are named in the log if they are wrong, also if the log is to be silent", async () => {
      Object.assign(eventMock.configuration, { MAX_AGE: "soon", LOG_LEVEL: "silent" });
      await onExecutePostLogin(eventMock, apiMock);
      expect(consoleLogMock.mock.calls[0]).toEqual([expect.stringContaining("MAX_AGE")]);
    });

    it.each(FIELDS)("%s is not given if it is empty or missing", (field) => {
      for (const text of ["", undefined]) {
        eventMock.configuration = { [field]: text };
        expect(optionsOf(eventMock)).toEqual({ console });
      }
    });

    it("are not given if the event has no configuration", () => {
      delete eventMock.configuration;
      expect(optionsOf(eventMock)).toEqual({ console });
    });

    it("can all be given at once, as the Dashboard fills them in", async () => {
      const { configuration } = require("./configuration.json");
      for (const { name, default_value } of configuration) eventMock.configuration[name] = default_value;
      const { maxAge, claim, ...others } = optionsOf(eventMock);
      expect([maxAge, claim]).toEqual([undefined, undefined]);
      expect(Object.keys(others)).toHaveLength(1 + configuration.length - 2);
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.redirect.sendUserTo).toHaveBeenCalledTimes(1);
    });

    it("can't be a claim under a name that Auth0 keeps: the package denies, and names the claim", async () => {
      eventMock.configuration.CLAIM = "https://auth0.com/mfa";
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny.mock.calls).toEqual([["MFA is unavailable"]]);
      expect(consoleLogMock.mock.calls).toEqual([
        ["authsignal-auth0: deny, invalid_option: wrong type or form: claim"],
      ]);
    });
  });

  describe("the metadata authsignal_mfa of an application", () => {
    it("turns MFA off with exactly off, also if a field is wrong", async () => {
      eventMock.client.metadata = { authsignal_mfa: "off" };
      eventMock.configuration.MAX_AGE = "soon";
      await onExecutePostLogin(eventMock, apiMock);
      expect(asked()).toEqual([]);
      expect(apiMock.redirect.sendUserTo).not.toHaveBeenCalled();
      expect(apiMock.access.deny).not.toHaveBeenCalled();
    });

    it("denies a user who comes back after MFA was turned off", async () => {
      eventMock.client.metadata = { authsignal_mfa: "off" };
      eventMock.request.query = { token: "one" };
      await onContinuePostLogin(eventMock, apiMock);
      expect(apiMock.access.deny).toHaveBeenCalledTimes(1);
      expect(apiMock.authentication.recordMethod).not.toHaveBeenCalled();
      expect(asked()).toEqual([]);
    });

    const on = [
      "on",
      "",
      "OFF",
      "Off",
      " off",
      "off ",
      "off\n",
      "false",
      "no",
      "0",
      "disabled",
      true,
      false,
      null,
      0,
      ["off"],
    ];
    it.each([
      ...on.map((value) => [JSON.stringify(value), { metadata: { authsignal_mfa: value } }]),
      ["missing", { metadata: {} }],
      ["under another name", { metadata: { AUTHSIGNAL_MFA: "off", mfa: "off" } }],
      ["missing with all metadata", {}],
      ["missing with the application", undefined],
    ])("leaves MFA on if it is %s", async (_, client) => {
      eventMock.client = client;
      await onExecutePostLogin(eventMock, apiMock);
      expect(apiMock.redirect.sendUserTo).toHaveBeenCalledTimes(1);
    });
  });
});
