const { makeEventMock } = require("../__mocks__/event-post-login");
const { apiMock } = require("../__mocks__/api-post-login");

const { onExecutePostLogin, onContinuePostLogin } = require("./integration.action");

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
});
