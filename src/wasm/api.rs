//! Auth0's `api` object, and how an outcome is applied to it.

use wasm_bindgen::prelude::*;

use crate::outcome::{Cause, Outcome, Verdict};

#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    // Each method is called on its own object, and every step may throw or be missing.
    #[wasm_bindgen(catch)]
    fn invoke(api: &JsValue, part: &str, method: &str, argument: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = invokeWithTwo)]
    fn invoke_with_two(
        api: &JsValue,
        part: &str,
        method: &str,
        first: &str,
        second: &str,
    ) -> Result<(), JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, catch)]
    fn log(line: &str) -> Result<(), JsValue>;
}

/// The key in the transaction's metadata.
const CHALLENGE: &str = "authsignal_challenge";

/// Applies the one effect of a hook, then logs it. Fails only where `deny` itself does.
pub fn apply(verdict: Verdict, api: JsValue) -> Result<(), JsValue> {
    let verdict = match effect(&verdict.outcome, &api) {
        Ok(()) => verdict,
        Err(error) if matches!(verdict.outcome, Outcome::Deny { .. }) => return Err(error),
        Err(_) => {
            let denied = Verdict::unavailable(verdict.voice, Cause::Api);
            effect(&denied.outcome, &api)?;
            denied
        }
    };
    if let Some(line) = verdict.log_line() {
        // A console that fails changes nothing.
        let _ = log(&line);
    }
    Ok(())
}

fn effect(outcome: &Outcome, api: &JsValue) -> Result<(), JsValue> {
    match outcome {
        Outcome::Proceed => Ok(()),
        Outcome::Redirect { url, challenge } => {
            if let Some(challenge) = challenge {
                // Older tenants lack this: the login then goes on, and its challenge is not bound to it.
                let _ = invoke_with_two(api, "transaction", "setMetadata", CHALLENGE, challenge);
            }
            invoke(api, "redirect", "sendUserTo", url)
        }
        Outcome::Deny { reason } => invoke(api, "access", "deny", reason),
        Outcome::RecordMethod { name } => invoke(api, "authentication", "recordMethod", name),
    }
}
