//! Authsignal MFA for Auth0's post-login trigger.
//!
//! # The two hooks
//!
//! After the password Auth0 runs `onExecutePostLogin`. It tracks an action with Authsignal and, if
//! a challenge is due, redirects the browser to Authsignal's pre-built UI: [`on_execute`]. When the
//! browser comes back to `/continue`, Auth0 runs `onContinuePostLogin`. It validates the challenge and
//! records it in the session, or denies the login: [`on_continue`].
//!
//! Each hook is two pure steps around one request. `begin` takes the event and the options and gives a
//! [`Verdict`](outcome::Verdict) or a request; `conclude` takes the answer and gives a verdict. Nothing
//! here does I/O, reads a clock or draws a random number: these come in as values, so everything that
//! decides is tested natively. Only the `wasm` module (compiled for wasm32) touches JavaScript: it holds the loop of
//! begin, send, conclude and apply, and decides nothing.
//!
//! # Where to start reading
//!
//! [`on_execute`] and [`on_continue`] hold the decisions, each as one function with the whole table in view.
//! [`options`] is what a caller may set, [`event`] what is read of Auth0's event, [`recorded`] whether a recorded
//! challenge counts, [`context`] what the option `includeContext` adds, [`host`] the time and chance, [`authsignal`] the
//! wire types, [`retry`] when to try again, [`race`] when a kept connection is raced by a new one, [`outcome`] what a
//! hook can end in, [`cause`] why, and [`value`] how values from outside are read.
//!
//! # One door
//!
//! What comes from the event, the options and the network is parsed into types that can't be wrong
//! ([`UserId`](authsignal::UserId), [`ActionCode`](authsignal::ActionCode),
//! [`ChallengeToken`](authsignal::ChallengeToken), [`ApiUrl`](url::ApiUrl), [`WebUrl`](url::WebUrl),
//! [`Host`](url::Host)), or ends in a deny.
#![deny(unsafe_code)]

pub mod authsignal;
pub mod cause;
pub mod context;
pub mod event;
pub mod host;
pub mod messages;
pub mod on_continue;
pub mod on_execute;
pub mod options;
pub mod outcome;
pub mod race;
pub mod recorded;
pub mod retry;
pub mod url;
pub mod value;

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)] // what wasm-bindgen generates
pub mod wasm;
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
