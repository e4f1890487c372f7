//! When a request that waits on a kept connection is sent on a new one too.
//!
//! A connection that was kept may have died without a word: a NAT or a load balancer has forgotten it, or the process
//! was frozen. Its silence looks like that of a slow Authsignal. So the same request, with the same idempotency key,
//! races it on a new connection, and the first whole answer wins.
//!
//! A race doubles the load of its login. It draws on the retry budget, so that a slow Authsignal doesn't get twice the
//! requests. But if a new connection has answered while kept ones were silent, their silence is not Authsignal's, and
//! the logins that wait on them race for free: otherwise a budget of five would save five logins of ten.
//!
//! If some answers are slow, a new connection often wins too. What shows the difference is a kept connection that answers
//! late: it was slow and not dead. For a while after that only the budget pays for races.

use crate::retry::{Health, Tries};

/// Authsignal is taken for slow for so long after the last late answer.
const SLOW_MS: f64 = 20_000.0;

/// The races of all logins in the process. Unlike [`Health`], it ends with the instance of the module: so do its logins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Races {
    running: u32,
    /// Connections that were opened before this time are taken for dead. All times are those of [`Tries`].
    dead_before: f64,
    /// When a new connection answered, which shows that.
    shown_at: f64,
    /// Authsignal is taken for slow before this time.
    slow_until: f64,
}

/// A request on a kept connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnKept {
    /// When its connection was opened.
    pub opened: f64,
    /// When it was sent.
    pub sent: f64,
}

impl Races {
    /// None is running, no connection is taken for dead, and Authsignal is not taken for slow.
    pub const NONE: Races = Races {
        running: 0,
        dead_before: f64::NEG_INFINITY,
        shown_at: f64::NEG_INFINITY,
        slow_until: f64::NEG_INFINITY,
    };

    /// Whether a login whose request is silent may race now. If so, its race has begun.
    pub fn begin(&mut self, request: OnKept, tries: &Tries, now: f64, health: &mut Health) -> bool {
        let granted = tries.has_time(now)
            && (request.opened < self.dead_before && request.sent < self.shown_at
                || health.draw_retry()
                // Without a budget, one race at a time finds out whether the connections are dead.
                || self.running == 0 && now >= self.slow_until);
        self.running += u32::from(granted);
        granted
    }

    /// A race is over.
    pub fn end(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// The new connection of a race that began at this time has an answer, while the kept one is silent.
    pub fn new_answered(&mut self, race_began: f64, now: f64) {
        if now >= self.slow_until {
            self.dead_before = race_began;
            self.shown_at = now;
        }
    }

    /// A request on a kept connection has an answer. If that connection is not dead, the others may only be slow.
    pub fn kept_answered(&mut self, request: OnKept, tries: &Tries, now: f64) {
        let late = now - request.sent >= tries.race_delay();
        if late {
            self.slow_until = now + SLOW_MS;
        }
        if late || request.opened < self.dead_before {
            self.dead_before = f64::NEG_INFINITY;
        }
    }
}
