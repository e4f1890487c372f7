//! The requests of a login: its tries, each in its time, and their answers.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};

use futures_util::future::{Either, FutureExt, select};
use gloo_net::http;
use gloo_timers::future::TimeoutFuture;
use js_sys::{JSON, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, RequestInit, RequestRedirect};

use super::{now, object, parse_date};
use crate::authsignal::{Request, USER_AGENT};
use crate::race::{OnKept, Races};
use crate::retry::{Failure, HOOK_MS, Health, Limits, Tries, Unavailable, retry_after_ms};
use crate::value::concat;

#[wasm_bindgen(module = "/js-shim/health.js")]
extern "C" {
    /// What [`keep_health`] was last given in this process, or nothing.
    #[wasm_bindgen(js_name = keptHealth)]
    fn kept_health() -> Vec<f64>;
    /// Keeps the health of the process. Without numbers it is that of a new one.
    #[wasm_bindgen(js_name = keepHealth)]
    pub fn keep_health(numbers: &[f64]);
}

#[wasm_bindgen]
extern "C" {
    fn btoa(text: &str) -> String;

    /// The signal of a request, by which the shim's platform also says which connection the request has. A browser
    /// doesn't: there every connection is taken for a new one.
    #[wasm_bindgen(extends = AbortSignal)]
    #[derive(Clone)]
    type RequestSignal;

    /// When its kept connection was opened. Nothing if the connection is new.
    #[wasm_bindgen(method, getter, js_name = keptSince)]
    fn kept_since(this: &RequestSignal) -> Option<f64>;

    /// Whether its kept connection has not brought a byte of an answer.
    #[wasm_bindgen(method, getter)]
    fn silent(this: &RequestSignal) -> bool;

    /// Asks for a new connection.
    #[wasm_bindgen(method, setter, js_name = newConnection)]
    fn set_new_connection(this: &RequestSignal, new: bool);

    /// How long a new connection may try an address that is not the last.
    #[wasm_bindgen(method, setter, js_name = addressMs)]
    fn set_address_ms(this: &RequestSignal, ms: u32);
}

thread_local! {
    /// Wakes the logins that may not race yet.
    static WAITING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
    static RACES: RefCell<Races> = const { RefCell::new(Races::NONE) };
}

/// Sends a request, again if [`Tries`] says so. Gives the answer's JSON.
pub async fn send(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    // Backstop. `Tries` already keeps to the deadline by the clock; this timer fires if the clock is wrong.
    let late = Unavailable { failure: Failure::Timeout, outage: false };
    within(HOOK_MS + 250.0, all_tries(request, limits, began)).await.unwrap_or(Err(late))
}

async fn all_tries(request: &Request, limits: Limits, began: f64) -> Result<JsValue, Unavailable> {
    let mut tries = with_health(|health| Tries::new(limits, began, now(), health));
    let mut connection = Connection::Any;
    loop {
        // A future of its own, in a box: see `begin` in mod.rs.
        let answer = one_try(request, &tries, connection).boxed_local().await;
        let answer = answer.map_err(|failed| failed.failure);
        let failure = match answer.and_then(|text| JSON::parse(&text).or(Err(Failure::Unreadable)))
        {
            Ok(json) => {
                with_health(Health::answered);
                return Ok(json);
            }
            // Nothing was sent, which says nothing of Authsignal.
            Err(failure @ Failure::NotSent) => {
                return Err(Unavailable { failure, outage: false });
            }
            Err(failure) => failure,
        };
        let random = js_sys::Math::random();
        let pause = with_health(|health| tries.failed(failure, now(), random, health))?;
        connection = if failure.is_answer() { Connection::Any } else { Connection::New };
        TimeoutFuture::new(pause as u32).await;
    }
}

/// Which connection a request may have.
#[derive(Clone, Copy, PartialEq)]
enum Connection {
    /// A kept one, if there is one.
    Any,
    New,
}

/// What a request came to: the text of a 2xx, or why there is none.
type Answer = Result<String, Failed>;

#[derive(Clone, Copy, PartialEq)]
struct Failed {
    failure: Failure,
    /// Whether all that is read of the answer has come: of a 400 that is its body, of any other refusal its status.
    whole: bool,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Failed {
        Failed { failure, whole: true }
    }
}

fn is_answer(answer: &Answer) -> bool {
    answer.as_ref().err().is_none_or(|failed| failed.failure.is_answer())
}

/// Whether it wins a race.
fn is_final(answer: &Answer) -> bool {
    answer.as_ref().err().is_none_or(|failed| failed.whole && failed.failure.is_final())
}

/// One try.
///
/// It sends one request, or two if a kept connection fails it: at once if that is closed in silence, and beside the
/// first if it stays silent.
async fn one_try(request: &Request, tries: &Tries, connection: Connection) -> Answer {
    let first = Exchange::new(request, tries, connection)?;
    let mut waiting = pin!(first.answer());
    let answer = match within(tries.race_delay(), waiting.as_mut()).await {
        Some(answer) => answer,
        None => match select(waiting.as_mut(), pin!(Race::begin(&first))).await {
            Either::Left((answer, _)) => answer,
            Either::Right((race, _)) => return race.run(waiting).await,
        },
    };
    if !first.was_closed_in_silence(&answer) {
        return answer;
    }
    if !tries.has_time(now()) {
        return Err(Failure::KeptTimeout.into());
    }
    Exchange::new(request, tries, Connection::New)?.answer().await
}

/// A race of a login's request on a kept connection with the same on a new one. It ends when this is dropped.
struct Race<'a> {
    kept: &'a Exchange<'a>,
    began: f64,
}

impl<'a> Race<'a> {
    /// Waits until the login may race: its kept connection is silent, and [`Races`] grants it.
    async fn begin(kept: &'a Exchange<'a>) -> Race<'a> {
        poll_fn(|context| {
            let Some(silent) = kept.silent() else { return Poll::Pending };
            let began = now();
            let granted = with_races(|races| {
                with_health(|health| races.begin(silent, kept.tries, began, health))
            });
            if granted {
                return Poll::Ready(Race { kept, began });
            }
            WAITING.with_borrow_mut(|waiting| waiting.push(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// The first answer that is final. If none is, what the new connection came to is what the try came to.
    async fn run(self, kept_answer: impl Future<Output = Answer> + Unpin) -> Answer {
        let new = Exchange::new(self.kept.request, self.kept.tries, Connection::New)?;
        match select(kept_answer, pin!(new.answer())).await {
            Either::Left((kept, new)) => {
                if is_final(&kept) {
                    kept
                } else {
                    new.await
                }
            }
            Either::Right((new, kept)) => {
                if is_answer(&new) && self.kept.signal.silent() {
                    with_races(|races| races.new_answered(self.began, now()));
                    wake_waiting();
                }
                if is_final(&new) {
                    return new;
                }
                let kept = kept.await;
                if is_final(&kept) { kept } else { new }
            }
        }
    }
}

impl Drop for Race<'_> {
    fn drop(&mut self) {
        with_races(Races::end);
        wake_waiting();
    }
}

/// Lets the logins that may not race yet ask again.
fn wake_waiting() {
    for waker in WAITING.take() {
        waker.wake();
    }
}

/// A request on its way. It is aborted when this is dropped.
struct Exchange<'a> {
    request: &'a Request,
    tries: &'a Tries,
    controller: AbortController,
    signal: RequestSignal,
    sent: f64,
}

impl<'a> Exchange<'a> {
    fn new(
        request: &'a Request,
        tries: &'a Tries,
        connection: Connection,
    ) -> Result<Exchange<'a>, Failure> {
        let controller = AbortController::new().map_err(|_| Failure::NotSent)?;
        let signal: RequestSignal = controller.signal().unchecked_into();
        signal.set_new_connection(connection == Connection::New);
        signal.set_address_ms(tries.time_for_address());
        Ok(Exchange { request, tries, controller, signal, sent: now() })
    }

    /// Sends the request, and waits for the answer in its time.
    async fn answer(&self) -> Answer {
        // A refusal is known before its body, which may never come.
        let refusal = Cell::new(None);
        let answer = within(self.tries.time_for_try(self.sent), self.send(&refusal)).await;
        let kept = self.on_kept();
        let answer = answer.unwrap_or_else(|| {
            let timeout = if kept.is_some() { Failure::KeptTimeout } else { Failure::Timeout };
            Err(Failed { failure: refusal.get().unwrap_or(timeout), whole: false })
        });
        if let Some(kept) = kept
            && is_answer(&answer)
        {
            with_races(|races| races.kept_answered(kept, self.tries, now()));
        }
        answer
    }

    async fn send(&self, refusal: &Cell<Option<Failure>>) -> Answer {
        let response = self.fetch_request()?.send().await.map_err(failure_of)?;
        let retry_after = || {
            let value = response.headers().get("retry-after")?;
            retry_after_ms(&value, js_sys::Date::now(), parse_date)
        };
        let Some(refused) = Failure::of_status(response.status(), retry_after) else {
            return Ok(response.text().await.map_err(failure_of)?);
        };
        if !refused.has_reason() {
            return Err(refused.into());
        }
        refusal.set(Some(refused));
        match response.text().await {
            Ok(text) => Err(refused.because(&text).into()),
            Err(_) => Err(Failed { failure: refused, whole: false }),
        }
    }

    /// Not by `http::Request::post`. Its builder also joins parameters of a query, which no request here has, and with it
    /// the Action is 2.3 kB larger, and a first login takes 1 ms longer.
    fn fetch_request(&self) -> Result<http::Request, Failure> {
        let headers = http::Headers::new();
        let credentials = concat(&["Basic ", &btoa(&self.request.secret.basic_credentials())]);
        for (name, value) in [
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("User-Agent", USER_AGENT),
            ("Authorization", &credentials),
        ] {
            headers.set(name, value);
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers.into_raw());
        init.set_body(&content(self.request)?.into());
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&self.signal));
        let request = web_sys::Request::new_with_str_and_init(&self.request.url, &init);
        Ok(request.map_err(|_| Failure::NotSent)?.into())
    }

    fn on_kept(&self) -> Option<OnKept> {
        Some(OnKept { opened: self.signal.kept_since()?, sent: self.sent })
    }

    /// The request, if it waits on a kept connection that has not brought a byte of an answer.
    fn silent(&self) -> Option<OnKept> {
        self.on_kept().filter(|_| self.signal.silent())
    }

    /// Whether the server has closed the kept connection before a byte of an answer. That says nothing of Authsignal.
    fn was_closed_in_silence(&self, answer: &Answer) -> bool {
        *answer == Err(Failure::NoConnection.into()) && self.silent().is_some()
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

fn content(request: &Request) -> Result<JsString, Failure> {
    let content = object::write(&request.body).map_err(|_| Failure::NotSent)?;
    JSON::stringify(&content).map_err(|_| Failure::NotSent)
}

fn failure_of(error: gloo_net::Error) -> Failure {
    match error {
        gloo_net::Error::JsError(error) => Failure::of_error(&error.name),
        _ => Failure::Unreadable,
    }
}

/// What comes of a future in so many whole milliseconds, or nothing. Then it is dropped.
async fn within<T>(ms: f64, future: impl Future<Output = T>) -> Option<T> {
    match select(future.boxed_local(), TimeoutFuture::new(ms as u32)).await {
        // What ends in the same turn has ended in time.
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// Changes the health of the process, which outlives this instance.
fn with_health<T>(change: impl FnOnce(&mut Health) -> T) -> T {
    let mut health = Health::from_numbers(&kept_health());
    let result = change(&mut health);
    keep_health(&health.numbers());
    result
}

fn with_races<T>(change: impl FnOnce(&mut Races) -> T) -> T {
    RACES.with_borrow_mut(change)
}
