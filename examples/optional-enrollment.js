// Until the given day, users who have not enrolled get in without a challenge. After it they must enroll at their next
// login. Enrolled users are challenged from the first day.
// Secrets: AUTHSIGNAL_SECRET; AUTHSIGNAL_REGION outside the US.

const { createAction } = require("authsignal-auth0");

const REQUIRED_FROM = "2027-03-01T00:00:00Z";

Object.assign(
  exports,
  createAction(() => ({ console, enrollment: Date.now() < Date.parse(REQUIRED_FROM) ? "optional" : "required" })),
);
