//! What the host knows and the logic does not: the time, and chance.

use crate::value::Value;

/// How far another clock may be ahead of ours, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// The host's time and randomness, as values.
#[derive(Clone, Debug)]
pub struct HostInputs {
    /// The time, in milliseconds since 1970.
    pub now_ms: f64,
    /// The host's reading of an ISO 8601 timestamp as such a time, or `NaN`.
    pub read_timestamp: fn(&str) -> f64,
    /// A new random key: every try of one track carries the same.
    pub idempotency_key: String,
}

impl HostInputs {
    /// A timestamp in milliseconds since 1970, or `NaN` if it can't be read.
    pub fn time(&self, timestamp: &Value) -> f64 {
        timestamp.text().map_or(f64::NAN, self.read_timestamp)
    }

    /// How long ago a time was, in seconds, if it can be read and is not in the future.
    pub fn age(&self, timestamp: &Value) -> Option<f64> {
        let age = (self.now_ms - self.time(timestamp)) / 1000.0;
        // No comparison with `NaN` is true.
        (age >= -CLOCK_SKEW).then(|| age.max(0.0))
    }
}
