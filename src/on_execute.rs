//! `onExecutePostLogin`: track the action, and decide by Authsignal's answer.

use crate::authsignal::{Answer, Request};
use crate::cause::Cause;
use crate::context;
use crate::event::Event;
use crate::host::HostInputs;
use crate::messages::{Message, Messages};
use crate::options::{Enrollment, NoConfig, OnReview, OnStepUp, OnUnavailable, OptionsInput};
use crate::outcome::{Claim, Outcome, Step, Verdict};
use crate::recorded::{StepUp, newest_recorded};
use crate::retry::{Limits, Unavailable};
use crate::url::{Host, WebUrl};
use crate::value::{Fields, Members, Value, ValueOrObject, trimmed};

/// Protocols without a browser to redirect, beside [`REFRESH_TOKEN`], which is decided before. One that is absent or unknown
/// has one.
const CANNOT_REDIRECT: [&str; 8] = [
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
/// `context`, which gives the value at a path in the event, only if the options ask for it.
pub fn begin(
    event: &Event,
    options: impl FnOnce() -> OptionsInput,
    context: impl Fn(&str) -> Value,
    host: HostInputs,
) -> Step<Pending> {
    if event.transaction.protocol.text() == Some(REFRESH_TOKEN) {
        return Step::Done(Verdict::proceed(Messages::default(), Cause::RefreshToken));
    }
    let config = match options().parse(event) {
        Ok(config) => config,
        Err(NoConfig::Off) => {
            return Step::Done(Verdict::proceed(Messages::default(), Cause::OptionsOff));
        }
        Err(NoConfig::Invalid(invalid)) => {
            let cause = Cause::Options(invalid.error);
            return Step::Done(Verdict::unavailable(invalid.messages, cause));
        }
    };
    let step_up = match config.on_step_up {
        OnStepUp::Ignore => StepUp::None,
        OnStepUp::Challenge => StepUp::asked_by(event),
    };
    if let Some(at_ms) = newest_recorded(event, &config, step_up, &host) {
        let claim = config.claim.and_then(|name| Claim::new(name, config.action, at_ms, None));
        let verdict = Verdict::proceed(config.messages, Cause::AlreadyChallenged);
        return Step::Done(Verdict { claim, ..verdict });
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
        context::add(&mut custom, context, &host);
    }
    let body = track_body(event, &host.idempotency_key, &redirect_url, custom, config.attributes);
    let request = Request::track(&config.api_url, config.secret, &user, &config.action, body);
    let pending = Pending {
        limits: config.limits,
        messages: config.messages,
        enrollment: config.enrollment,
        force_enrollment: config.force_enrollment,
        on_review: config.on_review,
        on_unavailable: match step_up {
            StepUp::None => config.on_unavailable,
            // If an application asked for more than the password, no outage lets anyone in.
            StepUp::MaxAge(_) | StepUp::Challenge => OnUnavailable::Deny,
        },
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
    pub fn conclude(self, answer: Result<Answer, Unavailable>) -> Verdict {
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
        let enrolled = answer.is_enrolled.is_true();
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

    fn redirect(self, answer: Answer, cause: Cause) -> Verdict {
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
        Verdict::new(self.messages, outcome, cause)
    }
}

/// Where Authsignal's UI sends the browser back to.
fn continue_url(event: &Event) -> Option<WebUrl> {
    Some(Host::parse(event.request.hostname.text()?)?.continue_url())
}

/// The body of the track request.
fn track_body(
    event: &Event,
    idempotency_key: &str,
    redirect_url: &WebUrl,
    custom: Fields,
    attributes: Fields,
) -> Members {
    let request = &event.request;
    let mut body = vec![
        ("idempotencyKey".into(), idempotency_key.into()),
        ("redirectUrl".into(), redirect_url.as_str().into()),
        ("custom".into(), ValueOrObject::Object(custom)),
    ];
    // The caller's attributes win over what the event has.
    for (name, value) in attributes {
        body.push((name, ValueOrObject::Value(value)));
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
            && body.iter().all(|(own, _)| own != name)
        {
            body.push((name.into(), text.into()));
        }
    }
    body
}

fn can_redirect(event: &Event) -> bool {
    !event.transaction.protocol.text().is_some_and(|it| CANNOT_REDIRECT.contains(&it))
}
