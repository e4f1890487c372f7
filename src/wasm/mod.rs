//! The boundary to JavaScript: the two exports, and the loop of begin, send, conclude and apply.
//!
//! It decides nothing. A panic here, or a JavaScript exception that passes through, ends the instance:
//! the shim denies the logins that wait in it and makes a new one.

mod api;
mod http;
mod object;

pub use http::keep_health;
use js_sys::{Function, Reflect};
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::authsignal::Answer;
use crate::cause::Cause;
use crate::event::Event;
use crate::host::HostInputs;
use crate::messages::Messages;
use crate::options::{Options, OptionsInput};
use crate::outcome::{Step, Verdict};
use crate::retry::{Failure, Unavailable};
use crate::value::{Members, Slot, Value};
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
    /// Of a plain object `options`, a copy that can be read without running the caller's code, and the option `console`.
    /// Throws for anything else.
    #[wasm_bindgen(js_name = readOptions, catch)]
    fn read_plain(options: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/js-shim/event.js")]
extern "C" {
    /// The value at a path such as `client.name`, or `undefined`.
    #[wasm_bindgen(js_name = valueAt, catch)]
    fn value_at(event: &JsValue, path: &str) -> Result<JsValue, JsValue>;
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
    let mut console = JsValue::UNDEFINED;
    let (verdict, answered) = decide(hook, &event, &options, &mut console).await;
    // Neither can throw: they are those of a promise.
    let _ = match api::apply(verdict, answered, &api, &console, &options) {
        Ok(outcome) => resolve.call1(&JsValue::UNDEFINED, &outcome),
        Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
    };
}

/// The loop of both hooks. Gives what a caller may read of the answer, and the caller's console, too.
async fn decide(
    hook: Hook,
    event: &JsValue,
    options: &JsValue,
    console: &mut JsValue,
) -> (Verdict, Members) {
    let began = now();
    let (request, pending) = match begin(hook, event, options, console) {
        Step::Done(verdict) => return (verdict, Members::new()),
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
fn begin(hook: Hook, event: &JsValue, options: &JsValue, console: &mut JsValue) -> Step<Pending> {
    let Some(login) = read::<Event>(event) else {
        let cause = Cause::Event("its types");
        return Step::Done(Verdict::unavailable(Messages::default(), cause));
    };
    let input = || options_input(options, event, console);
    match hook {
        Hook::Execute => {
            let host = HostInputs {
                now_ms: js_sys::Date::now(),
                read_timestamp: parse_date,
                idempotency_key: random_uuid(),
            };
            // What can't be read is left out: no login is denied for it.
            let context = |path: &str| {
                let mut value = Value::Absent;
                if let Ok(found) = value_at(event, path) {
                    let _ = Slot::Value(&mut value).read(Deserializer::from(found));
                }
                value
            };
            on_execute::begin(&login, input, context, host).map(Pending::Execute)
        }
        Hook::Continue => on_continue::begin(&login, input).map(Pending::Continue),
    }
}

#[inline(never)]
fn conclude(pending: Pending, answer: Result<JsValue, Unavailable>) -> (Verdict, Members) {
    let unreadable = Unavailable { failure: Failure::Unreadable, outage: false };
    let answer = answer.and_then(|json| read::<Answer>(&json).ok_or(unreadable));
    let answered = answer.as_ref().map(Answer::readable).unwrap_or_default();
    let verdict = match pending {
        Pending::Execute(pending) => pending.conclude(answer),
        Pending::Continue(pending) => pending.conclude(answer, js_sys::Date::now()),
    };
    (verdict, answered)
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    T::deserialize(Deserializer::from(value.clone())).ok()
}

/// What the caller gave: an object, nothing, or a function of the event.
fn options_input(options: &JsValue, event: &JsValue, console: &mut JsValue) -> OptionsInput {
    if options.is_undefined() {
        return OptionsInput::Object(Options::default());
    }
    let options = match options.dyn_ref::<Function>() {
        None => read_options(options, console),
        Some(function) => match function.call1(&JsValue::UNDEFINED, event) {
            Ok(returned) if returned == JsValue::FALSE => return OptionsInput::Off,
            Ok(returned) => read_options(&returned, console),
            Err(_) => None,
        },
    };
    options.map_or(OptionsInput::Invalid, OptionsInput::Object)
}

fn read_options(options: &JsValue, console: &mut JsValue) -> Option<Options> {
    let plain = read_plain(options).ok()?;
    *console = Reflect::get(&plain, &"console".into()).ok()?;
    Options::read(Deserializer::from(Reflect::get(&plain, &"options".into()).ok()?))
}
