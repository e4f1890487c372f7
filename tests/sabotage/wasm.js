// What is broken in src/wasm/ and where it meets the logic. Each needs the module to be built again.

/** @type {import("./shim.js").Sabotage[]} */
export const wasm = [
  // http.rs: one request.
  {
    name: "the hook's deadline rests on the clock alone",
    file: "src/wasm/http.rs",
    find: "HOOK_MS + 250.0",
    put: "f64::from(i32::MAX)",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a refusal is an answer",
    file: "src/wasm/http.rs",
    find: "Failure::of_status(status as i32, f64::NAN).is_none()",
    put: "{ let _ = status; true }",
    seenBy: ["runtime/faults"],
  },

  // api.rs: the one effect.
  {
    name: "a redirect does nothing, and the login goes on",
    file: "src/wasm/api.rs",
    find: `call(api, "redirect", "sendUserTo", url)`,
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
    find: "set_metadata(api, &CHALLENGE.into(), &challenge.as_str().into());",
    put: "let _ = (CHALLENGE, challenge, set_metadata);",
    seenBy: ["runtime/login"],
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
    find: "Err(_) => return Given::Unusable,",
    put: "Err(_) => return Given::Off,",
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
