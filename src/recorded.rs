//! Whether a challenge that this session has recorded counts for this login.

use crate::event::Event;
use crate::host::HostInputs;
use crate::options::{Config, method_name};
use crate::value::Value;

/// The authentication context class by which an application asks for MFA.
const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// What an application asks for, beyond a recorded challenge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepUp {
    /// Nothing.
    None,
    /// A challenge that is younger than so many seconds.
    MaxAge(f64),
    /// A new challenge.
    Challenge,
}

impl StepUp {
    /// What this login asks for. All of it comes through the user's browser. What can't be read asks for a new challenge.
    pub fn asked_by(event: &Event) -> StepUp {
        let transaction = &event.transaction;
        if transaction.acr_values.may_list(MULTI_FACTOR) || transaction.prompt.may_list("login") {
            return StepUp::Challenge;
        }
        match &event.request.query.max_age {
            Value::Absent => StepUp::None,
            Value::Text(text) => StepUp::MaxAge(whole_number(text).unwrap_or_default()),
            _ => StepUp::MaxAge(0.0),
        }
    }
}

/// When this session recorded its newest challenge of this action that still counts, in milliseconds since 1970, or `NaN`
/// if that can't be read or is in the future. `None` if no challenge counts.
pub fn newest_recorded(
    event: &Event,
    config: &Config,
    step_up: StepUp,
    host: &HostInputs,
) -> Option<f64> {
    let asked = match step_up {
        StepUp::None => None,
        StepUp::MaxAge(seconds) => Some(seconds),
        StepUp::Challenge => return None,
    };
    let max_age = config.max_age.into_iter().chain(asked).reduce(f64::min);
    let name = method_name(&config.api_url, &config.action);
    let mut newest = None;
    for method in &event.authentication.methods {
        let age = host.age(&method.timestamp);
        let is_young = |max_age| age.is_some_and(|age| age < max_age);
        if method.name.text() == Some(&name) && max_age.is_none_or(is_young) {
            let time = age.map_or(f64::NAN, |_| host.time(&method.timestamp));
            // `max` passes over a `NaN`.
            newest = Some(newest.unwrap_or(f64::NAN).max(time));
        }
    }
    newest
}

/// A number of decimal digits. std's parser of floating point numbers is 20 kB.
fn whole_number(text: &str) -> Option<f64> {
    let digits = text.bytes().try_fold(0.0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10.0 + f64::from(digit - b'0'))
    });
    digits.filter(|_| !text.is_empty())
}
