//! The stand-in for Authsignal: one queue with a capacity, and six ways to fail.

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
/// How long a slow answer takes in all.
const SLOW_MS: std::ops::Range<usize> = 1_000..3_000;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Outage {
    Errors,
    Refused,
    Partial,
    Overload,
    /// So many of a hundred answers are slow.
    Slow {
        percent: u8,
    },
    /// The connections that were opened before it are dead. The server is well.
    DeadConnections,
}

pub const OUTAGES: [Outage; 6] = [
    Outage::Errors,
    Outage::Refused,
    Outage::Partial,
    Outage::Overload,
    Outage::Slow { percent: 30 },
    Outage::DeadConnections,
];

impl Outage {
    pub fn name(self) -> String {
        match self {
            Outage::Errors => "503 for every request".into(),
            Outage::Refused => "no connection".into(),
            Outage::Partial => "503 for half of the requests".into(),
            Outage::Overload => "overloaded: time-outs".into(),
            Outage::Slow { percent } => format!("{percent} % of the answers slow"),
            Outage::DeadConnections => "kept connections dead".into(),
        }
    }

    /// Whether every request on a connection that is not dead is answered before it times out.
    pub fn is_served(self) -> bool {
        matches!(self, Outage::Slow { .. } | Outage::DeadConnections)
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

    /// After how many milliseconds a request is answered, and how. None if it never is. `opened` is when its connection
    /// was.
    pub fn answer(
        &mut self,
        now: usize,
        opened: usize,
        rng: &mut Rng,
    ) -> Option<(usize, Result<(), Failure>)> {
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
        let mut after_ms = self.wait(now) + rng.usize(ANSWER_MS);
        if let Outage::Slow { percent } = self.outage
            && is_out(now)
            && rng.u8(..100) < percent
        {
            after_ms = after_ms.max(rng.usize(SLOW_MS));
        }
        // Nothing comes back on a connection that has died.
        let died =
            self.outage == Outage::DeadConnections && !is_out(opened) && is_out(now + after_ms);
        (!died).then_some((after_ms, Ok(())))
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
