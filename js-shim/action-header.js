// Authsignal MFA for Auth0, version VERSION (authsignal-auth0, MIT).
//
// To use it: paste this whole file as the code of a custom Action with the trigger "Login / Post Login",
// add the secret AUTHSIGNAL_SECRET (your tenant's secret key), deploy the Action and drag it into the
// Login flow. Outside the US add the secret AUTHSIGNAL_REGION too: eu, au or ca.
// Then set the action "Auth0 Login" to Challenge in the Authsignal Portal.

// ---- Options: edit from here ----
const authsignalOptions = {
  // enrollment: "optional",
  // maxAge: 24 * 60 * 60,
};
// ---- to here. Below is the code, which nobody edits. ----
