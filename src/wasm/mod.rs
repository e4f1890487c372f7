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

use crate::event::Event;
use crate::execute::Moment;
use crate::options::{Given, Options, Voice};
use crate::outcome::{Cause, Step, Verdict};
use crate::retry::{Failure, Unavailable};
use crate::{execute, resume};

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
#[wasm_bindgen(js_name = execute)]
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
#[wasm_bindgen(js_name = resume)]
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
    Execute(execute::Pending),
    Continue(resume::Pending),
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
        Pending::Execute(pending) => pending.config.limits,
        Pending::Continue(pending) => pending.config.limits,
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
        return Step::Done(Verdict::unavailable(Voice::default(), cause));
    };
    let given = || given_options(options, event);
    match hook {
        Hook::Execute => {
            let moment = Moment {
                now_ms: js_sys::Date::now(),
                read_timestamp: parse_date,
                idempotency_key: random_uuid(),
            };
            // A fact that can't be read is left out: no login is denied for it.
            let facts = || self::read(event).unwrap_or_default();
            execute::begin(&read, given, facts, moment).map(Pending::Execute)
        }
        Hook::Continue => resume::begin(&read, given).map(Pending::Continue),
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
fn given_options(options: &JsValue, event: &JsValue) -> Given {
    if options.is_undefined() {
        return Given::Options(Options::default());
    }
    let Some(function) = options.dyn_ref::<Function>() else { return read_options(options) };
    match function.call1(&JsValue::UNDEFINED, event) {
        Ok(returned) if returned == JsValue::FALSE => Given::Off,
        Ok(returned) => read_options(&returned),
        Err(_) => Given::Unusable,
    }
}

fn read_options(options: &JsValue) -> Given {
    let copy = plain_copy(options).ok();
    let read = copy.and_then(|copy| Options::read(Deserializer::from(copy)));
    read.map_or(Given::Unusable, Given::Options)
}
