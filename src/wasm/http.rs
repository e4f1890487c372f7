//! One request: its tries, each in its time, and its answer.

use gloo_net::http::Headers;
use js_sys::{Array, JSON, JsString, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::now;
use crate::authsignal::{Request, USER_AGENT};
use crate::options::Limits;
use crate::retry::{Failure, HOOK_MS, Health, Reply, Tries, Unavailable};
use crate::value::concat;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn btoa(text: &JsString) -> Result<JsString, JsValue>;

    /// js-sys's takes a Rust string: the answer would cross the boundary twice.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}

// gloo-net's own `send` panics at what is no `Response` of this realm, such as a mock. These types need no glue
// and are those of other imports, since Node 18 compiles a wrapper for each: a first login would wait for both.
#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    fn recall(slot: &JsValue) -> f64;
    fn keep(slot: &JsValue, value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = begin)]
    fn begin_time(deadline: &JsValue, ms: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = end)]
    fn end_time(time: &JsValue);
    fn exchange(
        time: &JsValue,
        url: &JsString,
        headers: &web_sys::Headers,
        body: &JsString,
    ) -> Promise;
    fn pause(time: &JsValue) -> Promise;
}

/// The time of all tries. These keep to it by the clock; where that one is wrong, this one still holds.
struct Deadline(JsValue);

impl Deadline {
    fn begin() -> Deadline {
        Deadline(begin_time(&JsValue::UNDEFINED, &(HOOK_MS + 250.0).into()))
    }

    /// A part of it.
    fn part(&self, ms: f64) -> JsValue {
        begin_time(&self.0, &ms.into())
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        end_time(&self.0);
    }
}

/// Sends a request, again where [`Tries`] says so. Gives the answer's JSON.
pub async fn send(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    let unsendable = Unavailable { failure: Failure::Unsendable, outage: false };
    let late = Unavailable { failure: Failure::Timeout, outage: false };
    let deadline = Deadline::begin();
    let mut health = health();
    let mut tries = Tries::new(limits, began, now(), &mut health);
    save(&health);
    loop {
        let (url, headers, body) = build(request).ok_or(unsendable)?;
        let time = deadline.part(tries.time_for_try(now()));
        let reply = settled(exchange(&time, &url, &headers, &body)).await;
        if reply.is_undefined() {
            return Err(late);
        }
        let result = read(reply.unchecked_into());
        // Other logins have changed it meanwhile.
        let mut health = self::health();
        let pause_ms = match result {
            Ok(json) => {
                tries.answered(&mut health);
                save(&health);
                return Ok(json);
            }
            Err(failure) => tries.failed(failure, now(), js_sys::Math::random(), &mut health),
        };
        save(&health);
        if settled(pause(&deadline.part(pause_ms?))).await.as_bool() == Some(true) {
            return Err(late);
        }
    }
}

/// What a promise that never rejects gives.
async fn settled(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap_or_default()
}

/// The JSON of a reply of js-shim/host.js.
fn read(reply: Array) -> Result<JsValue, Failure> {
    let status = reply.get_unchecked(0).as_f64();
    let text = reply.get_unchecked(1).dyn_into::<JsString>();
    match (status, text) {
        (Some(status), Ok(text)) if Failure::of_status(status as i32, f64::NAN).is_none() => {
            parse(&text).map_err(|_| Failure::Unreadable)
        }
        _ => Err(failure(&reply)),
    }
}

#[cold]
#[inline(never)]
fn failure(reply: &Array) -> Failure {
    Failure::of(&Reply {
        status: reply.get_unchecked(0).as_f64(),
        text: reply.get_unchecked(1).as_string(),
        failed_at: reply.get_unchecked(2).as_string(),
        retry_after_ms: reply.get_unchecked(3).as_f64(),
    })
}

/// The address, the headers and the body.
fn build(request: &Request) -> Option<(JsString, web_sys::Headers, JsString)> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let body = JSON::stringify(&request.body.serialize(&serializer).ok()?).ok()?;
    let credentials = btoa(&request.secret.basic_credentials().into()).ok()?;
    let headers = Headers::new();
    headers.append("Authorization", &concat(&["Basic ", &String::from(credentials)]));
    headers.append("Content-Type", "application/json");
    headers.append("Accept", "application/json");
    headers.append("User-Agent", USER_AGENT);
    Some((request.url.as_str().into(), headers.into_raw(), body))
}

/// The health of the process, which outlives this instance.
fn health() -> Health {
    Health::from_numbers([0, 1, 2].map(|slot: i32| recall(&slot.into())))
}

fn save(health: &Health) {
    for (slot, number) in (0_i32..).zip(health.numbers()) {
        keep(&slot.into(), &number.into());
    }
}
