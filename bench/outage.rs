//! The load that Authsignal sees in an outage and after it, with the retry budget and the breaker and
//! without them: `cargo run --release --example outage`.
//!
//! The simulation has a clock of its own, gives the same for the same seed, and calls `retry.rs` and `race.rs` as the
//! module does. It draws `docs/images/outage.svg`, and fails if a limit is passed:
//! - Requests for each login stay under 1.2, over the outage and in each minute of it.
//! - Ten seconds after the server is healthy again logins succeed (99 % of those that begin in a second), and go on to.
//! - If answers are only slow, or only the kept connections are dead, no login is denied.
//!
//! # The model
//!
//! - 10,000 warm processes. 10,000 logins begin a second, evenly, each in a process drawn by chance.
//! - Each login is one request, a track say, with the options' defaults: `timeoutMs` 3000, `maxRetries` 2,
//!   `onUnavailable: "deny"`, which is worse for the load than `allow`: a third of the users who were denied
//!   try again after 5 to 20 seconds, as often as it takes. Each time is a login of its own.
//! - The server is one queue. It answers a request after its turn and 50 to 150 ms. Its capacity is twice the
//!   calm load; its queue holds what it can do in 4 seconds, longer than a try waits, so that a storm could
//!   keep it full. A request that finds it full is lost. That a sender has given up is not noticed: its request
//!   is worked on all the same.
//! - Each process keeps the connections whose request was answered with success, at most eight, for 50 seconds. A
//!   request takes the one that was idle for the shortest time. If that stays silent, a new connection may race it.
//! - After a calm minute an outage lasts ten, in one of six ways: every request gets 503; no connection; half
//!   of the requests get 503; the server is overloaded, with a tenth of its capacity left; 30 % of the answers take
//!   1 to 3 s; or the server is well, but all connections that were opened before are dead, and nothing closes them.
//!   Two more minutes follow it.
//! - "Neither" is the same retries and races, with the same back-off and deadline, by processes that remember nothing
//!   but their connections. "No retries" is one request for each login.
//!
//! What it leaves out: the time that a connection takes to open, that processes come and go, and answers of 429, which
//! neither the budget nor the breaker counts.

#[cfg(not(target_arch = "wasm32"))]
#[path = "outage/command.rs"]
mod command;
#[cfg(not(target_arch = "wasm32"))]
#[path = "outage/limits.rs"]
mod limits;
#[cfg(not(target_arch = "wasm32"))]
#[path = "outage/plot.rs"]
mod plot;
#[cfg(not(target_arch = "wasm32"))]
#[path = "outage/server.rs"]
mod server;
#[cfg(not(target_arch = "wasm32"))]
#[path = "outage/simulation.rs"]
mod simulation;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    command::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
