//! One request: its tries, each in its time, and its answer.

use std::pin::Pin;

use gloo_net::http::Headers;
use js_sys::{Array, JsString, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::now;
use crate::authsignal::{Request, USER_AGENT};
use crate::options::Limits;
use crate::retry::{Failure, HOOK_MS, Health, Reply, Tries, Unavailable};

// gloo-net's own `send` panics at what is no `Response` of this realm, such as a mock. These types need no glue
// and are those of other imports, since Node 18 compiles a wrapper for each: a first login would wait for both.
#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    fn recall() -> JsValue;
    fn keep(budget: &JsValue, failures: &JsValue, open_until: &JsValue);
    #[wasm_bindgen(js_name = begin)]
    fn begin_time(deadline: &JsValue, ms: i32) -> JsValue;
    #[wasm_bindgen(js_name = end)]
    fn end_time(time: &JsValue);
    fn exchange(
        time: &JsValue,
        url: &JsString,
        headers: &web_sys::Headers,
        credentials: &JsString,
        content: &JsValue,
    ) -> Promise;
    fn pause(time: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = newHeaders)]
    fn new_headers(url: &JsString) -> JsValue;
}

/// The time of all tries. These keep to it by the clock; where that one is wrong, this one still holds.
struct Deadline(JsValue);

impl Deadline {
    fn begin() -> Deadline {
        Deadline(begin_time(&JsValue::UNDEFINED, HOOK_MS as i32 + 250))
    }

    /// A part of it.
    fn part(&self, ms: f64) -> JsValue {
        begin_time(&self.0, ms as i32)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        end_time(&self.0);
    }
}

/// Why there is no answer.
enum Failed {
    /// This try failed.
    Once(Failure),
    /// There is to be no further try.
    Finally(Unavailable),
}

/// The deadline of all tries is over.
const LATE: Unavailable = Unavailable { failure: Failure::Timeout, outage: false };

/// Sends a request, again where [`Tries`] says so. Gives the answer's JSON.
pub async fn send(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    let deadline = Deadline::begin();
    let mut tries = change(|health| Tries::new(limits, began, now(), health));
    match attempt(request, &deadline, &tries).await {
        Ok(json) => Ok(json),
        Err(failed) => retry(request, &deadline, &mut tries, failed).await,
    }
}

/// The tries after the first, which has failed. As a box it is a function of its own.
#[cold]
#[inline(never)]
fn retry<'a>(
    request: &'a Request,
    deadline: &'a Deadline,
    tries: &'a mut Tries,
    mut failed: Failed,
) -> Pin<Box<dyn Future<Output = Result<JsValue, Unavailable>> + 'a>> {
    Box::pin(async move {
        loop {
            let failure = match failed {
                Failed::Once(failure) => failure,
                Failed::Finally(unavailable) => return Err(unavailable),
            };
            let random = js_sys::Math::random();
            let pause_ms = change(|health| tries.failed(failure, now(), random, health))?;
            let late = JsFuture::from(pause(&deadline.part(pause_ms))).await;
            if late != Ok(JsValue::FALSE) {
                return Err(LATE);
            }
            match attempt(request, deadline, tries).await {
                Ok(json) => return Ok(json),
                Err(again) => failed = again,
            }
        }
    })
}

/// One try. Gives the answer's JSON.
async fn attempt(request: &Request, deadline: &Deadline, tries: &Tries) -> Result<JsValue, Failed> {
    let (url, headers, credentials, content) = build(request).ok_or(Failed::UNSENDABLE)?;
    let time = deadline.part(tries.time_for_try(now()));
    let reply = JsFuture::from(exchange(&time, &url, &headers, &credentials, &content)).await;
    let reply: Array = reply.map_err(|_| Failed::UNSENDABLE)?.unchecked_into();
    if let Some(failed_at) = reply.get_unchecked(0).as_string() {
        return Err(failed(failed_at, &reply));
    }
    change(Health::answered);
    Ok(reply.get_unchecked(1))
}

impl Failed {
    const UNSENDABLE: Failed =
        Failed::Finally(Unavailable { failure: Failure::Unsendable, outage: false });
}

/// What a reply of js-shim/host.js says that has failed.
#[cold]
#[inline(never)]
fn failed(failed_at: String, reply: &Array) -> Failed {
    match failed_at.as_str() {
        "late" => return Failed::Finally(LATE),
        // Nothing was sent, which says nothing of Authsignal.
        "unsendable" => return Failed::UNSENDABLE,
        _ => {}
    }
    Failed::Once(Failure::of(&Reply {
        failed_at: Some(failed_at),
        text: reply.get_unchecked(1).as_string(),
        status: reply.get_unchecked(2).as_f64(),
        retry_after_ms: reply.get_unchecked(3).as_f64(),
    }))
}

/// The address, the headers, the credentials and the content.
fn build(request: &Request) -> Option<(JsString, web_sys::Headers, JsString, JsValue)> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let content = request.body.serialize(&serializer).ok()?;
    let url = request.url.as_str().into();
    let headers = Headers::from_raw(new_headers(&url).unchecked_into());
    headers.append("Content-Type", "application/json");
    headers.append("Accept", "application/json");
    headers.append("User-Agent", USER_AGENT);
    let credentials = request.secret.basic_credentials().into();
    Some((url, headers.into_raw(), credentials, content))
}

/// Lets the health of the process change, which outlives this instance. Other logins have changed it meanwhile.
fn change<T>(by: impl FnOnce(&mut Health) -> T) -> T {
    let before = health();
    let mut health = before;
    let result = by(&mut health);
    if health != before {
        save(&health);
    }
    result
}

#[inline(never)]
fn health() -> Health {
    let kept = recall();
    if kept.is_object() { restore(kept.unchecked_into()) } else { Health::default() }
}

#[cold]
#[inline(never)]
fn restore(kept: Array) -> Health {
    let number = |at| kept.get_unchecked(at).as_f64().unwrap_or(f64::NAN);
    Health::from_numbers([0, 1, 2].map(number))
}

#[cold]
#[inline(never)]
fn save(health: &Health) {
    let [budget, failures, open_until] = health.numbers().map(JsValue::from);
    keep(&budget, &failures, &open_until);
}
