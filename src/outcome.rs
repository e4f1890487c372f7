//! What a hook ends in, and why.

use crate::authsignal::Request;
use crate::cause::Cause;
use crate::messages::{LogLevel, Message, Messages};
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

/// An outcome, the cause of it, and what is needed to log it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The effect.
    pub outcome: Outcome,
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

impl Verdict {
    /// The login goes on.
    pub fn proceed(messages: Messages, cause: Cause) -> Verdict {
        Verdict { outcome: Outcome::Proceed, cause, messages }
    }

    /// A deny, and what the user reads.
    pub fn deny(messages: Messages, message: Message, cause: Cause) -> Verdict {
        let reason = messages.text(message).to_owned();
        Verdict { outcome: Outcome::Deny { reason }, cause, messages }
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
        let outcome = match self.outcome {
            Outcome::Proceed => "proceed",
            Outcome::Redirect { .. } => "redirect",
            Outcome::Deny { .. } => "deny",
            Outcome::RecordMethod { .. } => "record",
        };
        let cause = self.cause.to_string();
        concat(&["authsignal-auth0: ", outcome, ", ", self.cause.code(), ": ", &cause])
    }
}
