// Lets in the people of example.com, and notes that they accepted the terms.

const TERMS = "https://example.com/terms";

exports.onExecutePostLogin = async (event, api) => {
  if (event.user.app_metadata.accepted === TERMS) return;
  if (!event.user.email.endsWith("@example.com")) return api.access.deny("This application is for Example's people.");
  api.user.setAppMetadata("accepted", TERMS);
  api.idToken.setCustomClaim("https://example.com/terms", "accepted");
};
