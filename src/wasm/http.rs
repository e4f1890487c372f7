//! One request: its tries, each with a deadline, and its answer.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_net::http::Headers;
use gloo_timers::future::TimeoutFuture;
use js_sys::{JSON, JsString, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::now;
use crate::authsignal::{MAX_ANSWER_BYTES, Request, USER_AGENT};
use crate::options::Limits;
use crate::retry::{Failure, HOOK_MS, Health, Tries, Unavailable};
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
    fn begin_try() -> AbortController;
    #[wasm_bindgen(js_name = end)]
    fn end_try(controller: &AbortController);
    #[wasm_bindgen(js_name = abort)]
    fn abort_try(controller: &AbortController);
    #[wasm_bindgen(js_name = send)]
    fn fetch(
        url: &JsString,
        headers: &web_sys::Headers,
        body: &JsString,
        controller: &AbortController,
    ) -> Promise;
    fn status(response: &JsValue) -> f64;
    #[wasm_bindgen(js_name = retryAfter)]
    fn retry_after(response: &JsValue) -> f64;
    fn includes(text: &JsString, part: &JsString) -> bool;
    fn read(response: &JsValue, limit: &JsValue, controller: &AbortController) -> Promise;
}

/// Sends a request, again where [`Tries`] says so. Gives the answer's JSON.
pub async fn send(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    // The tries keep to the deadline by the clock. Where that one is wrong, this one still holds.
    let answer = within(HOOK_MS + 250.0, send_by_the_clock(request, limits, began)).await;
    answer.unwrap_or(Err(Unavailable { failure: Failure::Timeout, outage: false }))
}

async fn send_by_the_clock(
    request: &Request,
    limits: Limits,
    began: f64,
) -> Result<JsValue, Unavailable> {
    let mut health = health();
    let mut tries = Tries::new(limits, began, now(), &mut health);
    save(&health);
    loop {
        let result = try_once(request, tries.time_for_try(now())).await;
        // Other logins have changed it meanwhile.
        let mut health = self::health();
        let pause = match result {
            Ok(json) => {
                tries.answered(&mut health);
                save(&health);
                return Ok(json);
            }
            Err(failure) => tries.failed(failure, now(), js_sys::Math::random(), &mut health),
        };
        save(&health);
        TimeoutFuture::new(pause? as u32).await;
    }
}

/// One try. Whatever it left open is aborted.
async fn try_once(request: &Request, time_ms: f64) -> Result<JsValue, Failure> {
    let mut attempt = Attempt { controller: begin_try(), answered: false };
    let refused = Cell::new(None);
    // The controller alone is no deadline: a `fetch` may ignore its signal.
    let answer = within(time_ms, exchange(request, &attempt.controller, &refused)).await;
    let answer = answer.unwrap_or(Err(Failure::Timeout));
    attempt.answered = answer.is_ok();
    // A refusal stays one, even where its body never came.
    answer.map_err(|failure| refused.get().unwrap_or(failure))
}

/// A try that has begun. It is aborted where it goes without an answer.
struct Attempt {
    controller: AbortController,
    answered: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let end = if self.answered { end_try } else { abort_try };
        end(&self.controller);
    }
}

/// What a future gives, where it does in that time.
async fn within<T>(time_ms: f64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut deadline = pin!(TimeoutFuture::new(time_ms as u32));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
        ready => ready.map(Some),
    })
    .await
}

async fn exchange(
    request: &Request,
    controller: &AbortController,
    refused: &Cell<Option<Failure>>,
) -> Result<JsValue, Failure> {
    let (headers, body) = build(request).ok_or(Failure::Unsendable)?;
    let url = JsString::from(request.url.as_str());
    let response = JsFuture::from(fetch(&url, &headers, &body, controller)).await;
    let response = response.map_err(|_| Failure::NoConnection)?;
    if response.is_null() {
        return Err(Failure::Unsendable);
    }
    let status = status(&response) as i32;
    let failure = Failure::of_status(status, || retry_after(&response));
    refused.set(failure);
    match failure {
        // Only 400 has a reason that is worth knowing.
        Some(failure) if status != 400 => return Err(failure),
        _ => {}
    }
    let text = JsFuture::from(read(&response, &MAX_ANSWER_BYTES.into(), controller)).await;
    let text = text.map_err(|_| Failure::NoConnection)?;
    let unusable = if text.is_null() { Failure::Unreadable } else { Failure::TooLarge };
    let text: JsString = text.dyn_into().map_err(|_| unusable)?;
    if failure.is_some() && includes(&text, &"AUTHENTICATOR_NOT_FOUND".into()) {
        refused.set(Some(Failure::NoAuthenticator));
    }
    match failure {
        Some(failure) => Err(failure),
        None => parse(&text).map_err(|_| Failure::Unreadable),
    }
}

/// The headers and the body.
fn build(request: &Request) -> Option<(web_sys::Headers, JsString)> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let body = JSON::stringify(&request.body.serialize(&serializer).ok()?).ok()?;
    let credentials = btoa(&request.secret.basic_credentials().into()).ok()?;
    let headers = Headers::new();
    headers.append("Authorization", &concat(&["Basic ", &String::from(credentials)]));
    headers.append("Content-Type", "application/json");
    headers.append("Accept", "application/json");
    headers.append("User-Agent", USER_AGENT);
    Some((headers.into_raw(), body))
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
