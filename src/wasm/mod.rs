//! The boundary to JavaScript: the two exports, and the loop of begin, send, conclude and apply.
//!
//! It decides nothing. A panic here, or a JavaScript exception that passes through, ends the instance:
//! the shim denies the logins that wait in it and makes a new one.

mod api;
mod http;
mod task;

use js_sys::{Function, JsString};
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;

use crate::event::Event;
use crate::execute::Moment;
use crate::options::{Given, Options, Voice};
use crate::outcome::{Cause, Step, Verdict};
use crate::retry::{Failure, Unavailable};
use crate::value::Readable;
use crate::{execute, resume};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> JsString;

    /// js-sys's takes a Rust string. It gives a number: so its type is one of other imports, see `http`.
    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    fn parse_date(text: &JsString) -> JsValue;

    /// A clock that never jumps.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    // That this is caught by the module, and not in there, ends it where it has failed meanwhile: the caller's
    // code, which has just run, may have called another hook. (`invoke` goes on there: the shim denies after it.)
    #[wasm_bindgen(catch)]
    fn given(object: &JsValue) -> Result<JsValue, JsValue>;

    // It gives nothing, but so its type is one of other imports, see `http`.
    fn settle(login: &JsValue, failure: &JsValue) -> JsValue;
}

/// Without a start of its own, the module exports as such what it has imported for it, and an engine compiles
/// a wrapper for an import that is exported: half a millisecond of a first login.
#[wasm_bindgen(start)]
fn ready() {}

/// `onExecutePostLogin`. At its end it settles the login, with a failure only if even `api.access.deny` failed: what
/// it threw, in an array.
#[wasm_bindgen(js_name = execute)]
pub fn execute_post_login(event: JsValue, api: JsValue, options: JsValue, login: JsValue) {
    start(Hook::Execute, event, api, options, login);
}

/// `onContinuePostLogin`, likewise.
#[wasm_bindgen(js_name = resume)]
pub fn continue_post_login(event: JsValue, api: JsValue, options: JsValue, login: JsValue) {
    start(Hook::Continue, event, api, options, login);
}

/// Runs a hook. The shim holds a promise for it already: one of the module's own would be a second.
fn start(hook: Hook, event: JsValue, api: JsValue, options: JsValue, login: JsValue) {
    task::spawn(async move {
        let failure = run(hook, event, api, options).await.err();
        settle(&login, &failure.unwrap_or_default());
    });
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

/// The loop of both hooks.
async fn run(hook: Hook, event: JsValue, api: JsValue, options: JsValue) -> Result<(), JsValue> {
    let began = now();
    let verdict = match begin(hook, event, options) {
        Step::Done(verdict) => verdict,
        Step::Send(request, pending) => {
            let limits = match &pending {
                Pending::Execute(pending) => pending.config.limits,
                Pending::Continue(pending) => pending.config.limits,
            };
            let answer = http::send(&request, limits, began).await;
            match pending {
                Pending::Execute(pending) => pending.conclude(answer.and_then(answer_of)),
                Pending::Continue(pending) => conclude_continue(pending, answer),
            }
        }
    };
    api::apply(verdict, api)
}

fn begin(hook: Hook, event: JsValue, options: JsValue) -> Step<Pending> {
    let mut read = Event::default();
    if read.slot().read(Deserializer::from(event.clone())).is_err() {
        let cause = Cause::Event("its types");
        return Step::Done(Verdict::unavailable(Voice::default(), cause));
    }
    let given = || given_options(&options, &event);
    match hook {
        Hook::Execute => {
            let moment = Moment {
                now_ms: js_sys::Date::now(),
                read_timestamp: |text| parse_date(&text.into()).as_f64().unwrap_or(f64::NAN),
                idempotency_key: random_uuid().into(),
            };
            // A fact that can't be read is left out: no login is denied for it.
            let facts = || self::read(event.clone()).unwrap_or_default();
            execute::begin(&read, given, facts, moment).map(Pending::Execute)
        }
        Hook::Continue => begin_continue(&read, given),
    }
}

#[inline(never)]
fn begin_continue(event: &Event, options: impl FnOnce() -> Given) -> Step<Pending> {
    resume::begin(event, options).map(Pending::Continue)
}

#[inline(never)]
fn conclude_continue(pending: resume::Pending, answer: Result<JsValue, Unavailable>) -> Verdict {
    pending.conclude(answer.and_then(answer_of))
}

fn read<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

fn answer_of<T: DeserializeOwned>(json: JsValue) -> Result<T, Unavailable> {
    read(json).ok_or(Unavailable { failure: Failure::Unreadable, outage: false })
}

/// What the caller gave: an object, nothing, or a function of the event.
fn given_options(options: &JsValue, event: &JsValue) -> Given {
    if options.is_object() { read_options(options) } else { called_options(options, event) }
}

#[inline(never)]
fn called_options(options: &JsValue, event: &JsValue) -> Given {
    if options.is_undefined() {
        return Given::Options(Options::default());
    }
    let Some(function) = options.dyn_ref::<Function>() else { return Given::Unusable };
    match function.call1(&JsValue::UNDEFINED, event) {
        Ok(returned) if returned == JsValue::FALSE => Given::Off,
        Ok(returned) => read_options(&returned),
        Err(_) => Given::Unusable,
    }
}

fn read_options(options: &JsValue) -> Given {
    match given(options) {
        Ok(options) if options.is_object() => deserialize_options(options),
        Ok(_) => Given::Options(Options::default()),
        Err(_) => Given::Unusable,
    }
}

#[inline(never)]
fn deserialize_options(options: JsValue) -> Given {
    let options = Options::read(Deserializer::from(options));
    options.map_or(Given::Unusable, Given::Options)
}
