//! The stand-in for Authsignal: one queue with a capacity, and four ways to fail.

use authsignal_auth0::retry::Failure;
use fastrand::Rng;

use crate::simulation::{BEGIN, END};

/// Requests that it can answer, for each login that a calm second brings.
pub const CAPACITY: f64 = 2.0;
/// What is left of the capacity while it is overloaded.
pub const CAPACITY_LEFT: f64 = 0.1;
/// How long its queue may be, in seconds at full capacity. A request that finds it full is lost.
pub const QUEUE_SECONDS: f64 = 4.0;
/// The share of requests that a partial outage fails.
pub const PARTIAL: f64 = 0.5;

/// How long an answer takes beside the wait in the queue, in milliseconds.
const ANSWER_MS: std::ops::RangeInclusive<usize> = 50..=150;
/// How long a refused connection takes.
const REFUSAL_MS: std::ops::RangeInclusive<usize> = 1..=20;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Outage {
    Errors,
    Refused,
    Partial,
    Overload,
}

pub const OUTAGES: [Outage; 4] =
    [Outage::Errors, Outage::Refused, Outage::Partial, Outage::Overload];

impl Outage {
    pub fn name(self) -> &'static str {
        match self {
            Outage::Errors => "503 for every request",
            Outage::Refused => "no connection",
            Outage::Partial => "503 for half of the requests",
            Outage::Overload => "overloaded: time-outs",
        }
    }
}

pub struct Server {
    outage: Outage,
    /// Requests in a millisecond.
    capacity: f64,
    /// Requests in the queue. That their sender has gone is not noticed: they are worked on all the same.
    queue: f64,
}

impl Server {
    pub fn new(outage: Outage, logins_per_second: f64) -> Server {
        Server { outage, capacity: logins_per_second * CAPACITY / 1000.0, queue: 0.0 }
    }

    /// Works for a millisecond.
    pub fn work(&mut self, now: usize) {
        self.queue = (self.queue - self.capacity * self.share(now)).max(0.0);
    }

    /// After how many milliseconds a request is answered, and how. None where it never is.
    pub fn answer(&mut self, now: usize, rng: &mut Rng) -> Option<(usize, Result<(), Failure>)> {
        let unavailable = Failure::Status { status: 503, retry_after_ms: None };
        match self.outage {
            Outage::Errors if is_out(now) => return Some((rng.usize(ANSWER_MS), Err(unavailable))),
            Outage::Refused if is_out(now) => {
                return Some((rng.usize(REFUSAL_MS), Err(Failure::NoConnection)));
            }
            Outage::Partial if is_out(now) && rng.f64() < PARTIAL => {
                return Some((rng.usize(ANSWER_MS), Err(unavailable)));
            }
            _ => {}
        }
        if self.queue >= self.capacity * QUEUE_SECONDS * 1000.0 {
            return None;
        }
        self.queue += 1.0;
        Some((self.wait(now) + rng.usize(ANSWER_MS), Ok(())))
    }

    /// How long the newest request waits for its turn, in milliseconds.
    fn wait(&self, now: usize) -> usize {
        let left = if is_out(now) { END * 1000 - now } else { 0 };
        // What is not done until the outage ends is done at full capacity.
        let done = (left as f64 * self.capacity * self.share(now)).min(self.queue);
        let later = (self.queue - done) / self.capacity;
        (done / (self.capacity * self.share(now)) + later) as usize
    }

    fn share(&self, now: usize) -> f64 {
        if self.outage == Outage::Overload && is_out(now) { CAPACITY_LEFT } else { 1.0 }
    }
}

fn is_out(now: usize) -> bool {
    (BEGIN * 1000..END * 1000).contains(&now)
}
