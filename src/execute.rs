//! `onExecutePostLogin`: track the action, and decide by Authsignal's answer.

use std::time::{Duration, SystemTime};

use crate::authsignal::{Body, Request, TrackAnswer};
use crate::event::Event;
use crate::options::{Config, Given, Voice};
use crate::outcome::{Cause, Outcome, Step, Verdict};
use crate::retry::Unavailable;
use crate::url::{Host, WebUrl};
use crate::value::{Field, Value};

/// What comes from the host, as values.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time, in milliseconds since 1970.
    pub now_ms: f64,
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

/// How far a recorded method's clock may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What has to be known when the answer to a track request comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The settings of this login.
    pub config: Box<Config>,
    can_redirect: bool,
}

/// The first step. `options` is called only where the login is not one of those that proceed whatever
/// the options say.
pub fn begin(event: &Event, options: impl FnOnce() -> Given, moment: Moment) -> Step<Pending> {
    if event.transaction.protocol.text() == Some(REFRESH_TOKEN) {
        return proceed(Cause::RefreshToken, Voice::default());
    }
    let config = match options().parse(event) {
        Ok(config) => config,
        Err(error) => {
            let (voice, cause) = *error;
            return match cause {
                Cause::OptionsOff => proceed(cause, voice),
                _ => Step::Done(Verdict::unavailable(voice, cause)),
            };
        }
    };
    if is_recorded(event, &config, moment.now_ms) {
        return proceed(Cause::AlreadyChallenged, config.voice);
    }
    match track(event, &config, moment.idempotency_key) {
        Ok(request) => Step::Send(request, Pending { config, can_redirect: can_redirect(event) }),
        Err(missing) => Step::Done(Verdict::unavailable(config.voice, Cause::Event(missing))),
    }
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
                return Verdict::unavailable(self.config.voice, Cause::Unavailable(failure));
            }
        };
        let enrolled = answer.is_enrolled == Value::Bool(true);
        match (answer.state.text(), enrolled) {
            (Some("BLOCK"), _) => self.deny(|voice| &voice.blocked, Cause::Blocked),
            (Some("CHALLENGE_REQUIRED"), _) => self.redirect(answer, Cause::ChallengeRequired),
            (Some("ALLOW"), true) => self.verdict(Outcome::Proceed, Cause::Allowed),
            (Some("ALLOW"), false) if self.config.enrollment_optional => {
                self.verdict(Outcome::Proceed, Cause::Allowed)
            }
            (Some("ALLOW"), false) => self.redirect(answer, Cause::EnrollmentRequired),
            (Some("REVIEW_REQUIRED"), true) if self.config.allow_on_review => {
                self.verdict(Outcome::Proceed, Cause::ReviewAllowed)
            }
            (Some("REVIEW_REQUIRED" | "REVIEW_FAILED"), _) => {
                self.deny(|voice| &voice.review, Cause::UnderReview)
            }
            // Authsignal may add states: what is not known lets nobody in.
            _ => self.deny(|voice| &voice.failure, Cause::UnknownState),
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
        let challenge = answer.idempotency_key.into_text();
        self.verdict(Outcome::Redirect { url: url.as_str().to_owned(), challenge }, cause)
    }

    fn deny(self, message: impl Fn(&Voice) -> &String, cause: Cause) -> Verdict {
        let reason = message(&self.config.voice).clone();
        self.verdict(Outcome::Deny { reason }, cause)
    }

    fn verdict(self, outcome: Outcome, cause: Cause) -> Verdict {
        Verdict { outcome, cause, voice: self.config.voice }
    }
}

fn proceed(cause: Cause, voice: Voice) -> Step<Pending> {
    Step::Done(Verdict { outcome: Outcome::Proceed, cause, voice })
}

/// Whether this session has recorded a challenge of this action that still counts.
fn is_recorded(event: &Event, config: &Config, now_ms: f64) -> bool {
    let name = config.method_name();
    event.authentication.methods.iter().filter(|method| method.name.text() == Some(&name)).any(
        |method| {
            let Some(max_age) = config.max_age else { return true };
            let Some(age) = method.timestamp.text().and_then(|text| age(text, now_ms)) else {
                return false;
            };
            age < max_age
        },
    )
}

/// The seconds since a timestamp, 0 where it is up to a minute ahead; none where it is further ahead or
/// can't be read.
fn age(timestamp: &str, now_ms: f64) -> Option<f64> {
    let recorded = humantime::parse_rfc3339(timestamp).ok()?;
    let now = SystemTime::UNIX_EPOCH + Duration::try_from_secs_f64(now_ms / 1000.0).ok()?;
    match now.duration_since(recorded) {
        Ok(age) => Some(age.as_secs_f64()),
        Err(ahead) => (ahead.duration() <= CLOCK_SKEW).then_some(0.0),
    }
}

/// The track request, or the name of what the event lacks for it.
fn track(event: &Event, config: &Config, key: String) -> Result<Request, &'static str> {
    let user = config.user(event).ok_or("user.user_id")?;
    let redirect_url = match &config.redirect_url {
        Some(url) => url.clone(),
        None => {
            let host = event.request.hostname.text().and_then(Host::parse);
            host.ok_or("request.hostname")?.continue_url()
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let request = &event.request;
    let mut attributes =
        vec![("idempotencyKey", Value::Text(key)), ("redirectUrl", text(redirect_url.as_str()))];
    attributes.extend(config.attributes.iter().cloned());
    for (name, value) in [
        ("email", &event.user.email),
        ("ipAddress", &request.ip),
        ("userAgent", &request.user_agent),
        ("deviceId", &request.query.device_id),
    ] {
        if value.text().is_some() && attributes.iter().all(|(own, _)| *own != name) {
            attributes.push((name, value.clone()));
        }
    }
    let attributes = attributes.into_iter().map(|(name, value)| (name, Field::Value(value)));
    let custom = ("custom", Field::Entries(custom(event, config)));
    let body = Body(attributes.chain([custom]).collect());
    Ok(Request::track(&config.api_url, &config.secret, &user, &config.action, body))
}

/// The custom data points. The caller's own win over Auth0's facts.
fn custom(event: &Event, config: &Config) -> Vec<(String, Value)> {
    let mut custom = config.custom.clone();
    if !config.include_context {
        return custom;
    }
    let roles: Vec<_> = event.authorization.roles.iter().filter_map(Value::text).collect();
    let roles = if roles.is_empty() { Value::Absent } else { Value::Text(roles.join(",")) };
    for (name, fact) in [
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
    ] {
        let usable = matches!(fact, Value::Text(_) | Value::Number(_));
        if usable && custom.iter().all(|(own, _)| own != name) {
            custom.push((name.to_owned(), fact.clone()));
        }
    }
    custom
}

fn can_redirect(event: &Event) -> bool {
    !event.transaction.protocol.text().is_some_and(|it| WITHOUT_BROWSER.contains(&it))
}
