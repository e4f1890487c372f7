//! The boundary to JavaScript: the two exports, and the loop of begin, send, conclude and apply.
//!
//! It decides nothing. A panic here, or a JavaScript exception that passes through, ends the instance:
//! the shim denies the logins that wait in it and makes a new one.

mod api;
mod http;

pub use http::keep_health;
use js_sys::Function;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::cause::Cause;
use crate::event::Event;
use crate::messages::Messages;
use crate::on_execute::HostInputs;
use crate::options::{Options, OptionsInput};
use crate::outcome::{Step, Verdict};
use crate::retry::{Failure, Unavailable};
use crate::{on_continue, on_execute};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;

    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    fn parse_date(text: &str) -> f64;

    /// A clock that never jumps.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

#[wasm_bindgen(module = "/js-shim/options.js")]
extern "C" {
    /// A copy of a plain object that can be read without running the caller's code. Throws for anything else.
    #[wasm_bindgen(js_name = plainCopy, catch)]
    fn plain_copy(object: &JsValue) -> Result<JsValue, JsValue>;
}

/// `onExecutePostLogin`. It calls `resolve` at its end, or `reject` if even `api.access.deny` fails. A promise of its own
/// would stay pending after a trap.
#[wasm_bindgen(js_name = onExecute)]
pub fn execute_post_login(
    event: JsValue,
    api: JsValue,
    options: JsValue,
    resolve: Function,
    reject: Function,
) {
    spawn_local(run(Hook::Execute, event, api, options, resolve, reject));
}

/// `onContinuePostLogin`, likewise.
#[wasm_bindgen(js_name = onContinue)]
pub fn continue_post_login(
    event: JsValue,
    api: JsValue,
    options: JsValue,
    resolve: Function,
    reject: Function,
) {
    spawn_local(run(Hook::Continue, event, api, options, resolve, reject));
}

enum Hook {
    Execute,
    Continue,
}

/// What waits for an answer.
enum Pending {
    Execute(on_execute::Pending),
    Continue(on_continue::Pending),
}

async fn run(
    hook: Hook,
    event: JsValue,
    api: JsValue,
    options: JsValue,
    resolve: Function,
    reject: Function,
) {
    let verdict = decide(hook, &event, &options).await;
    // Neither can throw: they are those of a promise.
    let _ = match api::apply(verdict, &api) {
        Ok(()) => resolve.call0(&JsValue::UNDEFINED),
        Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
    };
}

/// The loop of both hooks.
async fn decide(hook: Hook, event: &JsValue, options: &JsValue) -> Verdict {
    let began = now();
    let (request, pending) = match begin(hook, event, options) {
        Step::Done(verdict) => return verdict,
        Step::Send(request, pending) => (request, pending),
    };
    let limits = match &pending {
        Pending::Execute(pending) => pending.limits,
        Pending::Continue(pending) => pending.limits,
    };
    let answer = http::send(&request, limits, began).await;
    conclude(pending, answer)
}

// `begin` and `conclude` are not inlined, and neither is a try of the request: an engine compiles a function as a whole,
// and `run` would be one of 17 kB. It takes 5 MB of memory less like this, and 1 ms of a cold start.
#[inline(never)]
fn begin(hook: Hook, event: &JsValue, options: &JsValue) -> Step<Pending> {
    let Some(read) = read::<Event>(event) else {
        let cause = Cause::Event("its types");
        return Step::Done(Verdict::unavailable(Messages::default(), cause));
    };
    let input = || options_input(options, event);
    match hook {
        Hook::Execute => {
            let host = HostInputs {
                now_ms: js_sys::Date::now(),
                read_timestamp: parse_date,
                idempotency_key: random_uuid(),
            };
            // A context that can't be read is left out: no login is denied for it.
            let context = || self::read(event).unwrap_or_default();
            on_execute::begin(&read, input, context, host).map(Pending::Execute)
        }
        Hook::Continue => on_continue::begin(&read, input).map(Pending::Continue),
    }
}

#[inline(never)]
fn conclude(pending: Pending, answer: Result<JsValue, Unavailable>) -> Verdict {
    match pending {
        Pending::Execute(pending) => pending.conclude(answer.and_then(answer_of)),
        Pending::Continue(pending) => pending.conclude(answer.and_then(answer_of)),
    }
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    T::deserialize(Deserializer::from(value.clone())).ok()
}

fn answer_of<T: DeserializeOwned>(json: JsValue) -> Result<T, Unavailable> {
    read(&json).ok_or(Unavailable { failure: Failure::Unreadable, outage: false })
}

/// What the caller gave: an object, nothing, or a function of the event.
fn options_input(options: &JsValue, event: &JsValue) -> OptionsInput {
    if options.is_undefined() {
        return OptionsInput::Object(Options::default());
    }
    let Some(function) = options.dyn_ref::<Function>() else { return read_options(options) };
    match function.call1(&JsValue::UNDEFINED, event) {
        Ok(returned) if returned == JsValue::FALSE => OptionsInput::Disabled,
        Ok(returned) => read_options(&returned),
        Err(_) => OptionsInput::Invalid,
    }
}

fn read_options(options: &JsValue) -> OptionsInput {
    let copy = plain_copy(options).ok();
    let read = copy.and_then(|copy| Options::read(Deserializer::from(copy)));
    read.map_or(OptionsInput::Invalid, OptionsInput::Object)
}
