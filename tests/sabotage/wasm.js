// What is broken in src/wasm/ and where it meets the logic. Each needs the module to be built again.

/** @type {import("./shim.js").Sabotage[]} */
export const wasm = [
  // http.rs: one request.
  {
    name: "a try has no deadline of its own",
    file: "src/wasm/http.rs",
    find: "deadline.as_mut().poll(context).map(|()| None)",
    put: "{ let _ = deadline.as_mut().poll(context); Poll::Pending }",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "what a try left open is not aborted",
    file: "src/wasm/http.rs",
    find: "if self.answered { end_try } else { abort_try }",
    put: "{ let _ = (self.answered, abort_try); end_try }",
    seenBy: ["runtime/fetch"],
  },
  {
    name: "the hook's deadline rests on the clock alone",
    file: "src/wasm/http.rs",
    find: "HOOK_MS + 250.0",
    put: "f64::from(i32::MAX)",
    seenBy: ["runtime/endless"],
  },
  {
    name: "a refusal whose body never comes is an outage",
    file: "src/wasm/http.rs",
    find: "refused.get().unwrap_or(failure)",
    put: "failure",
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
    find: "Err(error) if matches!(verdict.outcome, Outcome::Deny { .. }) => return Err(error),",
    put: "Err(_) if matches!(verdict.outcome, Outcome::Deny { .. }) => return Ok(()),",
    seenBy: ["runtime/traps"],
  },
  {
    name: "an effect that fails lets the login through",
    file: "src/wasm/api.rs",
    find: "effect(&denied.outcome, &api)?;",
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
