//! What a hook ends in, and why.

use crate::authsignal::{ActionCode, Request};
use crate::cause::Cause;
use crate::messages::{LogLevel, Message, Messages};
use crate::url::ClaimName;
use crate::value::concat;

/// The one effect of a hook.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing: the login goes on.
    Proceed,
    /// `api.redirect.sendUserTo(url)`, after the challenge's idempotency key went into the transaction's
    /// metadata.
    Redirect {
        /// The pre-built UI.
        url: String,
        /// The answer's idempotency key.
        challenge: Option<String>,
    },
    /// `api.access.deny(reason)`.
    Deny {
        /// What the user reads.
        reason: String,
    },
    /// `api.authentication.recordMethod(name)`.
    RecordMethod {
        /// The method's name, a URL.
        name: String,
    },
}

/// The custom claim of a login for which a challenge counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The claim's name.
    pub name: ClaimName,
    /// The action that the challenge was of.
    pub action: ActionCode,
    /// When it was passed, in milliseconds since 1970.
    pub at_ms: f64,
    /// The verification method. Only the login that passed the challenge knows it.
    pub method: Option<String>,
}

/// An outcome, the cause of it, and what is needed to log it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The effect.
    pub outcome: Outcome,
    /// The claim that the tokens get, after the effect.
    pub claim: Option<Box<Claim>>,
    /// Why it is so.
    pub cause: Cause,
    /// The caller's messages and level of the log.
    pub messages: Messages,
}

/// What `begin` gives: the end, or a request and what has to be known when its answer comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<Pending> {
    /// It is decided without a request.
    Done(Verdict),
    /// Send the request, then conclude with its answer.
    Send(Request, Pending),
}

impl<Pending> Step<Pending> {
    /// The same step with another kind of pending.
    pub fn map<To>(self, to: impl FnOnce(Pending) -> To) -> Step<To> {
        match self {
            Step::Done(verdict) => Step::Done(verdict),
            Step::Send(request, pending) => Step::Send(request, to(pending)),
        }
    }
}

/// The last time that JavaScript's `Date` can hold.
const LAST_MS: f64 = 8.64e15;

impl Claim {
    /// The claim of a challenge of this action that was passed then, if that is a time.
    pub fn new(
        name: ClaimName,
        action: ActionCode,
        at_ms: f64,
        method: Option<String>,
    ) -> Option<Box<Claim>> {
        (at_ms.abs() <= LAST_MS).then(|| Box::new(Claim { name, action, at_ms, method }))
    }
}

impl Outcome {
    /// What it is, in the log line and for the caller.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Proceed => "proceed",
            Outcome::Redirect { .. } => "redirect",
            Outcome::Deny { .. } => "deny",
            Outcome::RecordMethod { .. } => "record",
        }
    }
}

impl Verdict {
    /// An outcome without a claim.
    pub fn new(messages: Messages, outcome: Outcome, cause: Cause) -> Verdict {
        Verdict { outcome, claim: None, cause, messages }
    }

    /// The login goes on.
    pub fn proceed(messages: Messages, cause: Cause) -> Verdict {
        Verdict::new(messages, Outcome::Proceed, cause)
    }

    /// A deny, and what the user reads.
    pub fn deny(messages: Messages, message: Message, cause: Cause) -> Verdict {
        let reason = messages.text(message).to_owned();
        Verdict::new(messages, Outcome::Deny { reason }, cause)
    }

    /// A deny for an outage or a configuration error.
    pub fn unavailable(messages: Messages, cause: Cause) -> Verdict {
        Verdict::deny(messages, Message::Unavailable, cause)
    }

    /// The line for the log, if there is one. It has less than 256 characters.
    pub fn log_line(&self) -> Option<String> {
        let logged = match self.messages.log_level {
            LogLevel::Silent => false,
            LogLevel::Error => self.cause.is_error(),
            LogLevel::Info => true,
        };
        logged.then(|| self.line())
    }

    fn line(&self) -> String {
        concat(&[
            "authsignal-auth0: ",
            self.outcome.name(),
            ", ",
            self.cause.code(),
            ": ",
            &self.cause.text(),
        ])
    }
}
