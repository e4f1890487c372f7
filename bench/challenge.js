// What the benchmark's servers answer: a challenge, as long as a real one.

const token = ["header", "payload", "signature"].map((part, i) => part.repeat([4, 60, 5][i])).join(".");

export const challenge = Buffer.from(
  JSON.stringify({
    state: "CHALLENGE_REQUIRED",
    idempotencyKey: "6f1b0d3e-4a53-4c0e-9d43-0d6c1c2f7a10",
    ruleIds: [],
    url: `https://mfa.authsignal.com/challenge?token=${token}`,
    token,
    isEnrolled: true,
    enrolledVerificationMethods: ["AUTHENTICATOR_APP", "EMAIL_OTP"],
    allowedVerificationMethods: ["AUTHENTICATOR_APP", "EMAIL_OTP", "PASSKEY"],
    defaultVerificationMethod: "AUTHENTICATOR_APP",
  }),
);

export const headers = { "Content-Type": "application/json", "Content-Length": challenge.length };
