//! `onExecutePostLogin`: track the action, and decide by Authsignal's answer.

use crate::authsignal::{Body, Request, TrackAnswer};
use crate::cause::Cause;
use crate::event::{Event, LoginContext, Method};
use crate::messages::{Message, Messages};
use crate::options::{
    Config, Enrollment, NoConfig, OnReview, OnUnavailable, OptionsInput, method_name,
};
use crate::outcome::{Outcome, Step, Verdict};
use crate::retry::{Limits, Unavailable};
use crate::url::{Host, WebUrl};
use crate::value::{Fields, Value, ValueOrObject, concat, trimmed};

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
    /// How long the answer is waited for.
    pub limits: Limits,
    messages: Messages,
    enrollment: Enrollment,
    force_enrollment: bool,
    on_review: OnReview,
    on_unavailable: OnUnavailable,
    can_redirect: bool,
}

/// The first step. `options` is called only if the login is not one of those that proceed whatever the options are, and
/// `context` only if the options ask for it.
pub fn begin(
    event: &Event,
    options: impl FnOnce() -> OptionsInput,
    context: impl FnOnce() -> LoginContext,
    host: HostInputs,
) -> Step<Pending> {
    if event.transaction.protocol.text() == Some(REFRESH_TOKEN) {
        return Step::Done(Verdict::proceed(Messages::default(), Cause::RefreshToken));
    }
    let config = match options().parse(event) {
        Ok(config) => config,
        Err(NoConfig::Disabled) => {
            return Step::Done(Verdict::proceed(Messages::default(), Cause::OptionsOff));
        }
        Err(NoConfig::Invalid(invalid)) => {
            let cause = Cause::Options(invalid.error);
            return Step::Done(Verdict::unavailable(invalid.messages, cause));
        }
    };
    if is_recorded(event, &config, &host) {
        return Step::Done(Verdict::proceed(config.messages, Cause::AlreadyChallenged));
    }
    let Some(user) = config.user(event) else {
        return Step::Done(Verdict::unavailable(config.messages, Cause::Event("user.user_id")));
    };
    let Some(redirect_url) = config.redirect_url.or_else(|| continue_url(event)) else {
        let cause = Cause::Event("request.hostname");
        return Step::Done(Verdict::unavailable(config.messages, cause));
    };
    let mut custom = config.custom;
    if config.include_context {
        add_context(&mut custom, &context());
    }
    let body = track_body(event, host.idempotency_key, &redirect_url, custom, config.attributes);
    let request = Request::track(&config.api_url, config.secret, &user, &config.action, body);
    let pending = Pending {
        limits: config.limits,
        messages: config.messages,
        enrollment: config.enrollment,
        force_enrollment: config.force_enrollment,
        on_review: config.on_review,
        on_unavailable: config.on_unavailable,
        can_redirect: can_redirect(event),
    };
    Step::Send(request, pending)
}

/// What the decision table says.
enum Decision {
    Proceed,
    Redirect,
    Deny(Message),
}

impl Pending {
    /// The second step: the decision table.
    pub fn conclude(self, answer: Result<TrackAnswer, Unavailable>) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unavailable { failure, outage }) => {
                return if outage && self.on_unavailable == OnUnavailable::Allow {
                    Verdict::proceed(self.messages, Cause::UnavailableAllowed(failure))
                } else {
                    Verdict::unavailable(self.messages, Cause::Unavailable(failure))
                };
            }
        };
        let enrolled = answer.is_enrolled == Value::Bool(true);
        let (decision, cause) = match (answer.state.text(), enrolled) {
            (Some("BLOCK"), _) => (Decision::Deny(Message::Blocked), Cause::Blocked),
            (Some("CHALLENGE_REQUIRED"), _) => (Decision::Redirect, Cause::ChallengeRequired),
            (Some("ALLOW"), true) => (Decision::Proceed, Cause::Allowed),
            (Some("ALLOW"), false) => match self.enrollment {
                Enrollment::Required => (Decision::Redirect, Cause::EnrollmentRequired),
                Enrollment::Optional => (Decision::Proceed, Cause::Allowed),
            },
            (Some("REVIEW_REQUIRED"), true) if self.on_review == OnReview::Allow => {
                (Decision::Proceed, Cause::ReviewAllowed)
            }
            (Some("REVIEW_REQUIRED" | "REVIEW_FAILED"), _) => {
                (Decision::Deny(Message::Review), Cause::UnderReview)
            }
            // Authsignal may add states: what is not known lets nobody in.
            _ => (Decision::Deny(Message::Failure), Cause::UnknownState),
        };
        match decision {
            Decision::Proceed => Verdict::proceed(self.messages, cause),
            Decision::Redirect => self.redirect(answer, cause),
            Decision::Deny(message) => Verdict::deny(self.messages, message, cause),
        }
    }

    fn redirect(self, answer: TrackAnswer, cause: Cause) -> Verdict {
        if !self.can_redirect {
            return Verdict::deny(self.messages, Message::Failure, Cause::NoBrowser);
        }
        let Some(mut url) = answer.url.text().and_then(WebUrl::parse) else {
            return Verdict::deny(self.messages, Message::Failure, Cause::InvalidChallengeUrl);
        };
        if self.force_enrollment {
            url = url.with_query("force_enrollment", "true");
        }
        let challenge = answer.idempotency_key.text().map(str::to_owned);
        let outcome = Outcome::Redirect { url: url.as_str().to_owned(), challenge };
        Verdict { outcome, cause, messages: self.messages }
    }
}

/// Whether this session has recorded a challenge of this action that still counts.
fn is_recorded(event: &Event, config: &Config, host: &HostInputs) -> bool {
    let name = method_name(&config.api_url, &config.action);
    event.authentication.methods.iter().any(|method| {
        let counts = |max_age| age(method, host).is_some_and(|age| age < max_age);
        method.name.text() == Some(&name) && config.max_age.is_none_or(counts)
    })
}

/// How long ago a method was recorded, in seconds, if that can be read and is not in the future.
fn age(method: &Method, host: &HostInputs) -> Option<f64> {
    let recorded_ms = method.timestamp.text().map(host.read_timestamp)?;
    let age = (host.now_ms - recorded_ms) / 1000.0;
    // What can't be read is `NaN`, and no comparison with that is true.
    (age >= -CLOCK_SKEW).then(|| age.max(0.0))
}

/// Where Authsignal's UI sends the browser back to.
fn continue_url(event: &Event) -> Option<WebUrl> {
    Some(Host::parse(event.request.hostname.text()?)?.continue_url())
}

/// The body of the track request.
fn track_body(
    event: &Event,
    idempotency_key: String,
    redirect_url: &WebUrl,
    custom: Fields,
    attributes: Fields,
) -> Body {
    let request = &event.request;
    let mut body = Body(vec![
        ("idempotencyKey".into(), idempotency_key.as_str().into()),
        ("redirectUrl".into(), redirect_url.as_str().into()),
        ("custom".into(), ValueOrObject::Object(custom)),
    ]);
    // The caller's attributes win over what the event has.
    for (name, value) in attributes {
        body.0.push((name, ValueOrObject::Value(value)));
    }
    for (name, value) in [
        ("email", &event.user.email),
        ("ipAddress", &request.ip),
        ("userAgent", &request.user_agent),
        ("deviceId", &request.query.device_id),
    ] {
        if let Some(text) = value.text()
            // Users of passwordless and enterprise connections may have an empty email.
            && !trimmed(text).is_empty()
            && body.0.iter().all(|(own, _)| own != name)
        {
            body.0.push((name.into(), text.into()));
        }
    }
    body
}

/// Adds what Auth0 knows of the login. The caller's own data points win over it.
fn add_context(custom: &mut Fields, context: &LoginContext) {
    let mut roles = String::new();
    for role in context.authorization.roles.iter().filter_map(Value::text) {
        let separator = if roles.is_empty() { "" } else { "," };
        roles = concat(&[&roles, separator, role]);
    }
    let roles = if roles.is_empty() { Value::Absent } else { Value::Text(roles) };
    for (name, value) in [
        ("auth0ClientId", &context.client.client_id),
        ("auth0ClientName", &context.client.name),
        ("auth0ConnectionName", &context.connection.name),
        ("auth0ConnectionStrategy", &context.connection.strategy),
        ("auth0OrganizationId", &context.organization.id),
        ("auth0OrganizationName", &context.organization.name),
        ("auth0Roles", &roles),
        ("auth0CountryCode", &context.request.geoip.country_code),
        ("auth0RiskConfidence", &context.authentication.risk_assessment.confidence),
        ("auth0LoginsCount", &context.stats.logins_count),
    ] {
        let usable = match value {
            Value::Text(text) => !trimmed(text).is_empty(),
            Value::Number(_) => true,
            Value::Absent | Value::Bool(_) | Value::Other => false,
        };
        if usable && custom.iter().all(|(own, _)| own != name) {
            custom.push((name.into(), value.clone()));
        }
    }
}

fn can_redirect(event: &Event) -> bool {
    !event.transaction.protocol.text().is_some_and(|it| WITHOUT_BROWSER.contains(&it))
}
