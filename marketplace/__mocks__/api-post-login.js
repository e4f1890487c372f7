// Stands in for the file of this name in Auth0's image, whose content is not published: the same object, with a mock for
// each method that a login Action may call.

const names = {
  access: ["deny"],
  accessToken: ["setCustomClaim", "addScope", "removeScope"],
  authentication: [
    "challengeWith",
    "challengeWithAny",
    "enrollWith",
    "enrollWithAny",
    "recordMethod",
    "setPrimaryUser",
  ],
  cache: ["delete", "get", "set"],
  idToken: ["setCustomClaim"],
  multifactor: ["enable"],
  redirect: ["canRedirect", "encodeToken", "sendUserTo", "validateToken"],
  transaction: ["setMetadata"],
  user: ["setAppMetadata", "setUserMetadata"],
};

const apiMock = Object.fromEntries(
  Object.entries(names).map(([part, methods]) => [
    part,
    Object.fromEntries(methods.map((method) => [method, jest.fn()])),
  ]),
);

module.exports = { apiMock };
