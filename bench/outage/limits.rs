//! What a simulated outage came to, and whether that is within the limits.

use crate::server::Outage;
use crate::simulation::{BEGIN, END, LAST, Policy, Scale, Second, run};

/// Requests for each login stay under this, over the outage and in each minute of it.
pub const MOST_AMPLIFICATION: f64 = 1.2;
/// Seconds after the server is healthy again, from which on logins succeed.
pub const MOST_RECOVERY: usize = 10;
/// When logins succeed: this share of those that began in a second.
pub const SUCCESS: f64 = 0.99;

/// One outage under one policy.
pub struct Course {
    pub outage: Outage,
    pub policy: Policy,
    pub seconds: Vec<Second>,
}

impl Course {
    pub fn of(scale: Scale, outage: Outage, policy: Policy) -> Course {
        Course { outage, policy, seconds: run(scale, outage, policy) }
    }

    /// Requests for each login, over the outage.
    pub fn amplification(&self) -> f64 {
        amplification(self.outage())
    }

    /// The same in the minute of the outage that had most.
    pub fn worst_minute(&self) -> f64 {
        self.outage().windows(60).map(amplification).fold(0.0, f64::max)
    }

    /// The most requests in a second.
    pub fn peak(&self) -> u32 {
        self.seconds.iter().map(|second| second.requests).max().unwrap_or(0)
    }

    /// The outage's logins that didn't end well.
    pub fn denied(&self) -> u32 {
        self.outage().iter().map(|second| second.logins - second.succeeded).sum()
    }

    /// The share of the outage's logins that ended well.
    pub fn succeeded(&self) -> f64 {
        share(self.outage(), |second| second.succeeded.into())
    }

    /// How long a login that was denied in the outage took, in seconds.
    pub fn denied_after(&self) -> f64 {
        let all_ms: u64 = self.outage().iter().map(|second| second.denied_ms).sum();
        all_ms as f64 / 1000.0 / f64::from(self.denied())
    }

    /// Seconds from the outage's end until logins succeed, and go on to. None if they don't.
    pub fn recovery(&self) -> Option<usize> {
        let fails =
            |second: &Second| f64::from(second.succeeded) < SUCCESS * f64::from(second.logins);
        let after = &self.seconds[END..];
        let recovered = after.iter().rposition(fails).map_or(0, |last| last + 1);
        // Of the last seconds nobody knows how they go on.
        Some(recovered).filter(|seconds| seconds + MOST_RECOVERY < LAST - END)
    }

    /// The limits that it passes.
    pub fn passed(&self) -> Vec<String> {
        let mut passed = vec![];
        for (what, value) in
            [("over the outage", self.amplification()), ("in a minute", self.worst_minute())]
        {
            if value >= MOST_AMPLIFICATION {
                passed.push(format!(
                    "{value:.2} requests a login {what}, not under {MOST_AMPLIFICATION}"
                ));
            }
        }
        if self.outage.is_served() && self.denied() > 0 {
            passed.push(format!("{} logins denied", self.denied()));
        }
        match self.recovery() {
            Some(seconds) if seconds <= MOST_RECOVERY => {}
            Some(seconds) => {
                passed.push(format!("recovered after {seconds} s, not {MOST_RECOVERY}"))
            }
            None => passed.push(format!("not recovered after {} s", LAST - END)),
        }
        passed
    }

    fn outage(&self) -> &[Second] {
        &self.seconds[BEGIN..END]
    }
}

fn amplification(seconds: &[Second]) -> f64 {
    share(seconds, |second| second.requests.into())
}

fn share(seconds: &[Second], of: impl Fn(&Second) -> f64) -> f64 {
    let logins: f64 = seconds.iter().map(|second| f64::from(second.logins)).sum();
    seconds.iter().map(of).sum::<f64>() / logins
}
