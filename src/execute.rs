//! `onExecutePostLogin`: track the action, and decide by Authsignal's answer.

use std::mem;

use crate::authsignal::{Request, TrackAnswer};
use crate::event::{Event, Facts, Method};
use crate::options::{Config, Given, Voice};
use crate::outcome::{Cause, Outcome, Step, Verdict};
use crate::retry::Unavailable;
use crate::url::{Host, WebUrl};
use crate::value::{Value, concat};

/// What comes from the host, as values.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time, in milliseconds since 1970.
    pub now_ms: f64,
    /// The host's reading of an ISO 8601 timestamp as such a time, or `NaN`.
    pub read_timestamp: fn(&str) -> f64,
    /// A new random key: every try of one track carries the same.
    pub idempotency_key: String,
}

/// Protocols without a browser to redirect. One that is absent or unknown has one.
const WITHOUT_BROWSER: [&str; 9] = [
    REFRESH_TOKEN,
    "oauth2-password",
    "oauth2-resource-owner",
    "oauth2-webauthn",
    "oauth2-token-exchange",
    "oauth2-access-token",
    "oauth2-resource-owner-jwt-bearer",
    "wstrust-usernamemixed",
    "oidc-ciba",
];

const REFRESH_TOKEN: &str = "oauth2-refresh-token";

/// How far a recorded method's clock may be ahead of ours, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// What has to be known when the answer to a track request comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The settings of this login.
    pub config: Box<Config>,
    can_redirect: bool,
}

/// The first step. `options` is called only where the login is not one of those that proceed whatever
/// the options say, and `facts` only where these ask for them.
pub fn begin(
    event: &Event,
    options: impl FnOnce() -> Given,
    facts: impl FnOnce() -> Facts,
    moment: Moment,
) -> Step<Pending> {
    if event.transaction.protocol.text() == Some(REFRESH_TOKEN) {
        return proceed(Cause::RefreshToken, Voice::default());
    }
    let mut config = match options().parse(event) {
        Ok(config) => config,
        Err(error) => {
            let (voice, cause) = *error;
            return match cause {
                Cause::OptionsOff => proceed(cause, voice),
                _ => Step::Done(Verdict::unavailable(voice, cause)),
            };
        }
    };
    if is_recorded(event, &config, &moment) {
        return proceed(Cause::AlreadyChallenged, config.into_voice());
    }
    match track(event, &mut config, facts, moment.idempotency_key) {
        Ok(request) => Step::Send(request, Pending { config, can_redirect: can_redirect(event) }),
        Err(missing) => {
            Step::Done(Verdict::unavailable(config.into_voice(), Cause::Event(missing)))
        }
    }
}

/// What the decision table says.
enum Decision {
    Proceed,
    Redirect,
    Deny(fn(&Voice) -> &String),
}

impl Pending {
    /// The second step: the decision table.
    pub fn conclude(self, answer: Result<TrackAnswer, Unavailable>) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unavailable { failure, outage }) if self.config.allow_on_unavailable && outage => {
                return self.verdict(Outcome::Proceed, Cause::UnavailableAllowed(failure));
            }
            Err(Unavailable { failure, .. }) => {
                let voice = self.config.into_voice();
                return Verdict::unavailable(voice, Cause::Unavailable(failure));
            }
        };
        let enrolled = matches!(answer.is_enrolled, Value::Bool(true));
        let (decision, cause) = match (answer.state.text(), enrolled) {
            (Some("BLOCK"), _) => (Decision::Deny(|voice| &voice.blocked), Cause::Blocked),
            (Some("CHALLENGE_REQUIRED"), _) => (Decision::Redirect, Cause::ChallengeRequired),
            (Some("ALLOW"), true) => (Decision::Proceed, Cause::Allowed),
            (Some("ALLOW"), false) if self.config.enrollment_optional => {
                (Decision::Proceed, Cause::Allowed)
            }
            (Some("ALLOW"), false) => (Decision::Redirect, Cause::EnrollmentRequired),
            (Some("REVIEW_REQUIRED"), true) if self.config.allow_on_review => {
                (Decision::Proceed, Cause::ReviewAllowed)
            }
            (Some("REVIEW_REQUIRED" | "REVIEW_FAILED"), _) => {
                (Decision::Deny(|voice| &voice.review), Cause::UnderReview)
            }
            // Authsignal may add states: what is not known lets nobody in.
            _ => (Decision::Deny(|voice| &voice.failure), Cause::UnknownState),
        };
        match decision {
            Decision::Proceed => self.verdict(Outcome::Proceed, cause),
            Decision::Redirect => self.redirect(answer, cause),
            Decision::Deny(message) => self.deny(message, cause),
        }
    }

    fn redirect(self, answer: TrackAnswer, cause: Cause) -> Verdict {
        if !self.can_redirect {
            return self.deny(|voice| &voice.failure, Cause::NoBrowser);
        }
        let Some(mut url) = answer.url.text().and_then(WebUrl::parse) else {
            return self.deny(|voice| &voice.failure, Cause::InvalidChallengeUrl);
        };
        if self.config.force_enrollment {
            url = url.with_query("force_enrollment", "true");
        }
        let challenge = answer.idempotency_key.text().map(str::to_owned);
        self.verdict(Outcome::Redirect { url: url.as_str().to_owned(), challenge }, cause)
    }

    fn deny(self, message: fn(&Voice) -> &String, cause: Cause) -> Verdict {
        let reason = message(&self.config.voice).clone();
        self.verdict(Outcome::Deny { reason }, cause)
    }

    fn verdict(self, outcome: Outcome, cause: Cause) -> Verdict {
        Verdict { outcome, cause, voice: self.config.into_voice() }
    }
}

fn proceed(cause: Cause, voice: Voice) -> Step<Pending> {
    Step::Done(Verdict { outcome: Outcome::Proceed, cause, voice })
}

/// Whether this session has recorded a challenge of this action that still counts.
fn is_recorded(event: &Event, config: &Config, moment: &Moment) -> bool {
    let name = config.method_name();
    event.authentication.methods.iter().any(|method| {
        let counts = |max_age| age(method, moment).is_some_and(|age| age < max_age);
        method.name.text() == Some(&name) && config.max_age.is_none_or(counts)
    })
}

/// How long ago a method was recorded, in seconds, where that can be read and is not in the future.
fn age(method: &Method, moment: &Moment) -> Option<f64> {
    let recorded_ms = method.timestamp.text().map(moment.read_timestamp)?;
    let age = (moment.now_ms - recorded_ms) / 1000.0;
    // What can't be read is `NaN`, and no comparison with that is true.
    (age >= -CLOCK_SKEW).then(|| age.max(0.0))
}

/// The track request, or the name of what the event lacks for it. It takes the data points and the attributes, which
/// nothing needs after it.
fn track(
    event: &Event,
    config: &mut Config,
    facts: impl FnOnce() -> Facts,
    key: String,
) -> Result<Request, &'static str> {
    let user = config.user(event).ok_or("user.user_id")?;
    let redirect_url = match &config.redirect_url {
        Some(url) => url.clone(),
        None => {
            let host = event.request.hostname.text().and_then(Host::parse);
            host.ok_or("request.hostname")?.continue_url()
        }
    };
    let request = &event.request;
    let mut body: Vec<(String, Value)> = vec![
        ("idempotencyKey".into(), Value::Text(key)),
        ("redirectUrl".into(), redirect_url.as_str().into()),
        ("custom".into(), Value::Entries(custom(config, facts))),
    ];
    body.append(&mut config.attributes);
    let from_event = [
        ("email", &event.user.email),
        ("ipAddress", &request.ip),
        ("userAgent", &request.user_agent),
        ("deviceId", &request.query.device_id),
    ];
    add_missing(&mut body, &from_event, |value| value.text().map(Value::from));
    let body = Value::Entries(body);
    Ok(Request::track(&config.api_url, &config.secret, &user, &config.action, body))
}

/// The custom data points. The caller's own win over Auth0's facts.
fn custom(config: &mut Config, facts: impl FnOnce() -> Facts) -> Vec<(String, Value)> {
    let mut custom = mem::take(&mut config.custom);
    if config.include_context {
        add_facts(&mut custom, facts);
    }
    custom
}

fn add_facts(custom: &mut Vec<(String, Value)>, facts: impl FnOnce() -> Facts) {
    let event = facts();
    let mut roles = String::new();
    for role in event.authorization.roles.iter().filter_map(Value::text) {
        let separator = if roles.is_empty() { "" } else { "," };
        roles = concat(&[&roles, separator, role]);
    }
    let roles = if roles.is_empty() { Value::Absent } else { Value::Text(roles) };
    let facts = [
        ("auth0ClientId", &event.client.client_id),
        ("auth0ClientName", &event.client.name),
        ("auth0ConnectionName", &event.connection.name),
        ("auth0ConnectionStrategy", &event.connection.strategy),
        ("auth0OrganizationId", &event.organization.id),
        ("auth0OrganizationName", &event.organization.name),
        ("auth0Roles", &roles),
        ("auth0CountryCode", &event.request.geoip.country_code),
        ("auth0RiskConfidence", &event.authentication.risk_assessment.confidence),
        ("auth0LoginsCount", &event.stats.logins_count),
    ];
    add_missing(custom, &facts, |fact| match fact {
        Value::Number(number) => Some(Value::Number(*number)),
        _ => fact.text().map(Value::from),
    });
}

/// Adds the usable ones of whose name there is none yet.
fn add_missing(
    entries: &mut Vec<(String, Value)>,
    more: &[(&str, &Value)],
    usable: fn(&Value) -> Option<Value>,
) {
    for (name, value) in more {
        if entries.iter().all(|(own, _)| own != name)
            && let Some(value) = usable(value)
        {
            entries.push(((*name).into(), value));
        }
    }
}

fn can_redirect(event: &Event) -> bool {
    !event.transaction.protocol.text().is_some_and(|it| WITHOUT_BROWSER.contains(&it))
}
