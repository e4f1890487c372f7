// Until a day, users who have not enrolled get in without a challenge; from then on they have to enrol at their
// next login. Who has enrolled is challenged from the first day.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const REQUIRED_FROM = "2027-03-01T00:00:00Z";

Object.assign(
  exports,
  createAction(() => ({ enrollment: Date.now() < Date.parse(REQUIRED_FROM) ? "optional" : "required" })),
);
