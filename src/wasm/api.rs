//! Auth0's `api` object, and how an outcome is applied to it.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use crate::outcome::{Cause, Outcome, Verdict};

#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    // Each method is called on its own object, and every step may throw or be missing.
    fn invoke(
        api: &JsValue,
        part: &JsString,
        method: &JsString,
        first: &JsString,
        second: &JsValue,
    ) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, catch)]
    fn log(line: &str) -> Result<(), JsValue>;
}

/// The key in the transaction's metadata.
const CHALLENGE: &str = "authsignal_challenge";

/// Applies the one effect of a hook, then logs it. Fails only where `deny` itself does, with what `invoke` gave.
pub fn apply(mut verdict: Verdict, api: JsValue) -> Result<(), JsValue> {
    if let Err(error) = effect(&verdict.outcome, &api) {
        verdict = deny_instead(verdict, &api, error)?;
    }
    if let Some(line) = verdict.log_line() {
        tell(&line);
    }
    Ok(())
}

/// Where the effect failed, the login is denied. A deny that failed is the end.
#[cold]
#[inline(never)]
fn deny_instead(verdict: Verdict, api: &JsValue, error: JsValue) -> Result<Verdict, JsValue> {
    if matches!(verdict.outcome, Outcome::Deny { .. }) {
        return Err(error);
    }
    let denied = Verdict::unavailable(verdict.voice, Cause::Api);
    effect(&denied.outcome, api)?;
    Ok(denied)
}

#[cold]
#[inline(never)]
fn tell(line: &str) {
    // A console that fails changes nothing.
    let _ = log(line);
}

fn effect(outcome: &Outcome, api: &JsValue) -> Result<(), JsValue> {
    match outcome {
        Outcome::Proceed => Ok(()),
        Outcome::Redirect { url, challenge } => {
            if let Some(challenge) = challenge.as_deref() {
                // Older tenants lack this: the login then goes on, and its challenge is not bound to it.
                let _ = call(api, "transaction", "setMetadata", CHALLENGE, Some(challenge));
            }
            call(api, "redirect", "sendUserTo", url, None)
        }
        Outcome::Deny { reason } => call(api, "access", "deny", reason, None),
        Outcome::RecordMethod { name } => call(api, "authentication", "recordMethod", name, None),
    }
}

fn call(
    api: &JsValue,
    part: &str,
    method: &str,
    first: &str,
    second: Option<&str>,
) -> Result<(), JsValue> {
    let second = second.map(JsValue::from).unwrap_or_default();
    let failure = invoke(api, &part.into(), &method.into(), &first.into(), &second);
    if failure.is_object() { Err(failure) } else { Ok(()) }
}
