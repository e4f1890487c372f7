//! Auth0's `api` object, and how an outcome is applied to it.

use js_sys::{Array, Date, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::object;
use crate::cause::Cause;
use crate::outcome::{Claim, Outcome, Verdict};
use crate::value::Members;

#[wasm_bindgen(module = "/js-shim/log.js")]
extern "C" {
    /// Writes a line to this console, or to the one of the options, or to the Action's own. It never throws.
    fn log(line: &str, console: &JsValue, options: &JsValue);
}

/// The key in the transaction's metadata.
const CHALLENGE: &str = "authsignal_challenge";

/// Applies the one effect of a hook, sets the claim, then logs it. Gives what the handler resolves to. Fails only if `deny`
/// itself does. `answered` is what a caller may read of Authsignal's answer.
pub fn apply(
    mut verdict: Verdict,
    answered: Members,
    api: &JsValue,
    console: &JsValue,
    options: &JsValue,
) -> Result<JsValue, JsValue> {
    if let Err(error) = effect(&verdict.outcome, api) {
        if matches!(verdict.outcome, Outcome::Deny { .. }) {
            return Err(error);
        }
        verdict = Verdict::unavailable(verdict.messages, Cause::Api);
        effect(&verdict.outcome, api)?;
    }
    let resolved = resolved(&verdict, answered)?;
    if let Some(claim) = &verdict.claim
        && set_claim(claim, api).is_err()
    {
        verdict.cause = Cause::Claim;
    }
    if let Some(line) = verdict.log_line() {
        log(&line, console, options);
    }
    Ok(resolved)
}

/// What a wrapper of the handler can use: the outcome, why it is so, and what Authsignal answered.
fn resolved(verdict: &Verdict, mut answered: Members) -> Result<JsValue, JsValue> {
    for (name, text) in [("outcome", verdict.outcome.name()), ("code", verdict.cause.code())] {
        answered.push((name.into(), text.into()));
    }
    object::write(&answered)
}

/// An application that doesn't see the claim takes the login for one without MFA, so a failure denies nothing.
fn set_claim(claim: &Claim, api: &JsValue) -> Result<(), JsValue> {
    let at = String::from(Date::new(&claim.at_ms.into()).to_iso_string());
    let mut members =
        vec![("action".into(), claim.action.as_str().into()), ("at".into(), at.as_str().into())];
    if let Some(method) = &claim.method {
        members.push(("method".into(), method.as_str().into()));
    }
    let set = |token| {
        let arguments = [claim.name.as_str().into(), object::write(&members)?];
        call(api, token, "setCustomClaim", &arguments)
    };
    let (id_token, access_token) = (set("idToken"), set("accessToken"));
    id_token.and(access_token)
}

fn effect(outcome: &Outcome, api: &JsValue) -> Result<(), JsValue> {
    match outcome {
        Outcome::Proceed => Ok(()),
        Outcome::Redirect { url, challenge } => {
            if let Some(challenge) = challenge {
                // Older tenants lack this: the login then goes on, and its challenge is not bound to it.
                let _ =
                    call(api, "transaction", "setMetadata", &[CHALLENGE.into(), challenge.into()]);
            }
            call(api, "redirect", "sendUserTo", &[url.into()])
        }
        Outcome::Deny { reason } => call(api, "access", "deny", &[reason.into()]),
        Outcome::RecordMethod { name } => {
            call(api, "authentication", "recordMethod", &[name.into()])
        }
    }
}

/// Calls a method of a part of `api`, on that part: it is a class with private fields. Every step may throw.
fn call(api: &JsValue, part: &str, method: &str, arguments: &[JsValue]) -> Result<(), JsValue> {
    let part = Reflect::get(api, &part.into())?;
    let method: Function = Reflect::get(&part, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().collect();
    method.apply(&part, &arguments)?;
    Ok(())
}
