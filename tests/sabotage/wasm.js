// What is broken in src/wasm/ and where it meets the logic. Each needs the module to be built again.

/** @type {import("./shim.js").Sabotage[]} */
export const wasm = [
  // http.rs: one request.
  {
    name: "the hook's deadline rests on the clock alone",
    file: "src/wasm/http.rs",
    find: "HOOK_MS as i32 + 250",
    put: "i32::MAX",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a failed try is an answer",
    file: "src/wasm/http.rs",
    find: "reply.get_unchecked(0).as_string() {",
    put: "reply.get_unchecked(0).as_string().filter(|_| false) {",
    seenBy: ["runtime/faults"],
  },
  {
    name: "the breaker's changes are not kept",
    file: "src/wasm/http.rs",
    find: "if health != before {",
    put: "if health != before && false {",
    seenBy: ["runtime/traps", "runtime/faults"],
  },

  // api.rs: the one effect.
  {
    name: "a redirect does nothing, and the login goes on",
    file: "src/wasm/api.rs",
    find: `call(api, "redirect", "sendUserTo", url, None)`,
    put: "{ let _ = url; Ok(()) }",
    seenBy: ["runtime/login"],
  },
  {
    name: "a deny that fails resolves",
    file: "src/wasm/api.rs",
    find: "return Err(error);",
    put: "return Ok(verdict);",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an effect that fails lets the login through",
    file: "src/wasm/api.rs",
    find: "effect(&denied.outcome, api)?;",
    put: "",
    seenBy: ["runtime/traps"],
  },
  {
    name: "the challenge is not bound to its transaction",
    file: "src/wasm/api.rs",
    find: `let _ = call(api, "transaction", "setMetadata", CHALLENGE, Some(challenge));`,
    put: "let _ = (CHALLENGE, challenge);",
    seenBy: ["runtime/login"],
  },
  {
    name: "a tenant without setMetadata has no MFA",
    file: "src/wasm/api.rs",
    find: `let _ = call(api, "transaction", "setMetadata", CHALLENGE, Some(challenge));`,
    put: `call(api, "transaction", "setMetadata", CHALLENGE, Some(challenge))?;`,
    seenBy: ["runtime/decisions", "runtime/properties"],
  },

  // mod.rs: what comes in.
  {
    name: "every login has the same idempotency key",
    file: "src/wasm/mod.rs",
    find: "idempotency_key: random_uuid().into(),",
    put: `idempotency_key: { let _ = random_uuid(); "5f3f2b60-4e5c-4c4b-9d0e-0f6d1f1f7c11".into() },`,
    seenBy: ["runtime/requests"],
  },
  {
    name: "an options function that throws turns MFA off",
    file: "src/wasm/mod.rs",
    find: "Ok(returned) => read_options(&returned),\n        Err(_) => Given::Unusable,",
    put: "Ok(returned) => read_options(&returned),\n        Err(_) => Given::Off,",
    seenBy: ["runtime/shim"],
  },

  // The decisions that the seam leads to.
  {
    name: "the token's user is not looked at",
    file: "src/resume.rs",
    find: "user_id.contradicts(self.user.as_str())",
    put: "user_id.contradicts(self.user.as_str()) && false",
    seenBy: ["runtime/decisions"],
  },
  {
    name: "the transaction's challenge is not looked at",
    file: "src/resume.rs",
    find: "!self.is_own_challenge(idempotency_key)",
    put: "!self.is_own_challenge(idempotency_key) && false",
    seenBy: ["sandbox/replay"],
  },
  {
    name: "options that are off let a login back in at continue",
    file: "src/resume.rs",
    find: "Cause::OptionsOff => denied(voice, Cause::OptionsOffAtContinue),",
    put: "Cause::OptionsOff => Verdict { outcome: Outcome::Proceed, cause, voice },",
    seenBy: ["runtime/shim"],
  },
];
