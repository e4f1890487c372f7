//! One request: its tries, each with a deadline, and its answer.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, JSON, JsString, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestRedirect};

use super::now;
use crate::authsignal::{MAX_ANSWER_BYTES, Request, USER_AGENT};
use crate::options::Limits;
use crate::retry::{Failure, Health, Tries, Unavailable};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn btoa(text: &str) -> Result<String, JsValue>;

    /// js-sys's takes a Rust string: the answer would cross the boundary twice.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/js-shim/host.js")]
extern "C" {
    fn recall(slot: u32) -> f64;
    fn keep(slot: u32, value: f64);
    fn read(response: &JsValue, limit: u32, signal: &AbortSignal) -> Promise;
}

/// Sends a request, again where [`Tries`] says so. Gives the answer's JSON.
pub async fn send(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    let mut tries = with_health(|health| Tries::new(limits, began, now(), health));
    loop {
        let failure = match try_once(request, tries.time_for_try(now())).await {
            Ok(json) => {
                with_health(|health| tries.answered(health));
                return Ok(json);
            }
            Err(failure) => failure,
        };
        let random = js_sys::Math::random();
        let pause = with_health(|health| tries.failed(failure, now(), random, health))?;
        TimeoutFuture::new(pause as u32).await;
    }
}

/// One try. Whatever it left open is aborted.
async fn try_once(request: &Request, time_ms: f64) -> Result<JsValue, Failure> {
    let controller = AbortController::new().map_err(|_| Failure::Unsendable)?;
    let signal = controller.signal();
    // The signal alone is no deadline: a `fetch` may ignore it.
    let mut exchange = pin!(exchange(request, &signal));
    let mut deadline = pin!(TimeoutFuture::new(time_ms as u32));
    let answer = poll_fn(|context| match exchange.as_mut().poll(context) {
        Poll::Pending => deadline.as_mut().poll(context).map(|()| Err(Failure::Timeout)),
        answered => answered,
    })
    .await;
    if answer.is_err() {
        controller.abort();
    }
    answer
}

async fn exchange(request: &Request, signal: &AbortSignal) -> Result<JsValue, Failure> {
    let built = build(request, signal).ok_or(Failure::Unsendable)?;
    let fetch: Function = Reflect::get(&js_sys::global(), &"fetch".into())
        .ok()
        .and_then(|fetch| fetch.dyn_into().ok())
        .ok_or(Failure::Unsendable)?;
    // gloo-net's own `send` panics at what is no `Response` of this realm, such as a mock.
    let promise = fetch.call1(&JsValue::UNDEFINED, &built).map_err(|_| Failure::NoConnection)?;
    let response = JsFuture::from(Promise::resolve(&promise)).await;
    let response = response.map_err(|_| Failure::NoConnection)?;
    let status = property(&response, "status").and_then(|status| status.as_f64());
    match status {
        Some(status) if status.fract() != 0.0 => Err(Failure::Unreadable),
        Some(200.0..300.0) => {
            parse(&text(&response, signal).await?).map_err(|_| Failure::Unreadable)
        }
        // A browser shows a redirect that it doesn't follow as status 0.
        Some(0.0 | 300.0..400.0) => Err(Failure::Moved),
        Some(status @ 400.0..600.0) => {
            if status == 400.0
                && let Ok(text) = text(&response, signal).await
                && text.includes("AUTHENTICATOR_NOT_FOUND", 0)
            {
                return Err(Failure::NoAuthenticator);
            }
            Err(Failure::Status {
                status: status as u16,
                retry_after_ms: retry_after_ms(&response),
            })
        }
        _ => Err(Failure::Unreadable),
    }
}

fn build(request: &Request, signal: &AbortSignal) -> Option<web_sys::Request> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let body = JSON::stringify(&request.body.serialize(&serializer).ok()?).ok()?;
    let credentials = btoa(&request.secret.basic_credentials()).ok()?;
    let built = gloo_net::http::Request::post(&request.url)
        .header("Authorization", &["Basic ", &credentials].concat())
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("User-Agent", USER_AGENT)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(signal))
        .body(body)
        .ok()?;
    Some(built.into())
}

async fn text(response: &JsValue, signal: &AbortSignal) -> Result<JsString, Failure> {
    let text = JsFuture::from(read(response, MAX_ANSWER_BYTES, signal)).await;
    let text = text.map_err(|_| Failure::NoConnection)?;
    let failure = if text.is_null() { Failure::Unreadable } else { Failure::TooLarge };
    text.dyn_into().map_err(|_| failure)
}

/// `Retry-After`, which is seconds or a date.
fn retry_after_ms(response: &JsValue) -> Option<f64> {
    let headers = property(response, "headers")?;
    let get: Function = property(&headers, "get")?.dyn_into().ok()?;
    let value = get.call1(&headers, &"retry-after".into()).ok()?.as_string()?;
    let ms = match value.parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1000.0,
        Err(_) => js_sys::Date::parse(&value) - js_sys::Date::now(),
    };
    ms.is_finite().then_some(ms)
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}

/// The health of the process, which outlives this instance.
fn with_health<T>(change: impl FnOnce(&mut Health) -> T) -> T {
    let mut health = Health::from_numbers([recall(0), recall(1), recall(2)]);
    let result = change(&mut health);
    for (slot, number) in (0..).zip(health.numbers()) {
        keep(slot, number);
    }
    result
}
