/**
 * `api.samlResponse`. The sandbox answers no SAML requests, so each call is listed in the result and has no effect.
 */

const SETTERS = [
  "setAttribute",
  "setAudience",
  "setRecipient",
  "setCreateUpnClaim",
  "setPassthroughClaimsWithNoMapping",
  "setMapUnknownClaimsAsIs",
  "setMapIdentities",
  "setSignatureAlgorithm",
  "setDigestAlgorithm",
  "setDestination",
  "setLifetimeInSeconds",
  "setSignResponse",
  "setNameIdentifierFormat",
  "setNameIdentifierProbes",
  "setAuthnContextClassRef",
  "setSigningCert",
  "setIncludeAttributeNameFormat",
  "setTypedAttributes",
  "setEncryptionCert",
  "setEncryptionPublicKey",
  "setCert",
  "setKey",
  "setRelayState",
  "setIssuer",
  "setEncryptionAlgorithm",
];

export class SamlResponseApi {
  #api;
  #execution;

  /** @param {object} api @param {import("./execution.js").Execution} execution */
  constructor(api, execution) {
    this.#api = api;
    this.#execution = execution;
  }

  static {
    for (const name of SETTERS) {
      Object.defineProperty(SamlResponseApi.prototype, name, {
        /** @this {SamlResponseApi} */
        value() {
          this.#execution.called(`samlResponse.${name}`, arguments);
          return this.#api;
        },
      });
    }
  }
}
