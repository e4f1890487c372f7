//! Auth0's `api` object, and how an outcome is applied to it.

use wasm_bindgen::prelude::*;

use crate::outcome::{Cause, Outcome, Verdict};

// Auth0's are class instances with private fields: each method is called on its own object, and every
// step may throw or be missing.
#[wasm_bindgen]
extern "C" {
    type Api;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn access(this: &Api) -> Result<Access, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn authentication(this: &Api) -> Result<Authentication, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn redirect(this: &Api) -> Result<Redirect, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn transaction(this: &Api) -> Result<Transaction, JsValue>;

    type Access;
    #[wasm_bindgen(method, structural, catch)]
    fn deny(this: &Access, reason: &str) -> Result<JsValue, JsValue>;

    type Authentication;
    #[wasm_bindgen(method, structural, catch, js_name = recordMethod)]
    fn record_method(this: &Authentication, url: &str) -> Result<JsValue, JsValue>;

    type Redirect;
    #[wasm_bindgen(method, structural, catch, js_name = sendUserTo)]
    fn send_user_to(this: &Redirect, url: &str) -> Result<JsValue, JsValue>;

    type Transaction;
    #[wasm_bindgen(method, structural, catch, js_name = setMetadata)]
    fn set_metadata(this: &Transaction, key: &str, value: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = console, catch)]
    fn log(line: &str) -> Result<(), JsValue>;
}

/// The key in the transaction's metadata.
const CHALLENGE: &str = "authsignal_challenge";

/// Applies the one effect of a hook, then logs it. Fails only where `deny` itself does.
pub fn apply(verdict: Verdict, api: JsValue) -> Result<(), JsValue> {
    let api: Api = api.unchecked_into();
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

fn effect(outcome: &Outcome, api: &Api) -> Result<(), JsValue> {
    match outcome {
        Outcome::Proceed => {}
        Outcome::Redirect { url, challenge } => {
            if let Some(challenge) = challenge {
                // Older tenants lack this: the login then goes on, and its challenge is not bound to it.
                let _ = api.transaction().and_then(|it| it.set_metadata(CHALLENGE, challenge));
            }
            api.redirect()?.send_user_to(url)?;
        }
        Outcome::Deny { reason } => {
            api.access()?.deny(reason)?;
        }
        Outcome::RecordMethod { name } => {
            api.authentication()?.record_method(name)?;
        }
    }
    Ok(())
}
