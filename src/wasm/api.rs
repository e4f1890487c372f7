//! Auth0's `api` object, and how an outcome is applied to it.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use crate::cause::Cause;
use crate::outcome::{Outcome, Verdict};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, catch)]
    fn log(line: &str) -> Result<(), JsValue>;
}

/// The key in the transaction's metadata.
const CHALLENGE: &str = "authsignal_challenge";

/// Applies the one effect of a hook, then logs it. Fails only if `deny` itself does.
pub fn apply(mut verdict: Verdict, api: &JsValue) -> Result<(), JsValue> {
    if let Err(error) = effect(&verdict.outcome, api) {
        if matches!(verdict.outcome, Outcome::Deny { .. }) {
            return Err(error);
        }
        verdict = Verdict::unavailable(verdict.messages, Cause::Api);
        effect(&verdict.outcome, api)?;
    }
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
                let _ = call(api, "transaction", "setMetadata", &[CHALLENGE, challenge]);
            }
            call(api, "redirect", "sendUserTo", &[url])
        }
        Outcome::Deny { reason } => call(api, "access", "deny", &[reason]),
        Outcome::RecordMethod { name } => call(api, "authentication", "recordMethod", &[name]),
    }
}

/// Calls a method of a part of `api`, on that part: it is a class with private fields. Every step may throw.
fn call(api: &JsValue, part: &str, method: &str, arguments: &[&str]) -> Result<(), JsValue> {
    let part = Reflect::get(api, &part.into())?;
    let method: Function = Reflect::get(&part, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().copied().map(JsValue::from).collect();
    method.apply(&part, &arguments)?;
    Ok(())
}
