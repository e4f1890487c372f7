//! Why a hook ended as it did: the code and the text of its log line.

use crate::retry::Failure;
use crate::value::concat;

/// Why a hook ended as it did. Each has a stable code, and a text for the log line, which holds
/// nothing from outside except an HTTP status and the name of an unknown option.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A refresh token exchange: there is no browser and nothing to decide.
    RefreshToken,
    /// The function of the event returned `false`.
    OptionsOff,
    /// It returned `false` when the browser came back, which denies.
    OptionsOffAtContinue,
    /// This session has recorded a challenge.
    AlreadyChallenged,
    /// `ALLOW`.
    Allowed,
    /// `CHALLENGE_REQUIRED`.
    ChallengeRequired,
    /// `ALLOW` of a user who has to enroll first.
    EnrollmentRequired,
    /// `BLOCK`.
    Blocked,
    /// `REVIEW_REQUIRED` or `REVIEW_FAILED`.
    UnderReview,
    /// `REVIEW_REQUIRED`, and `onReview` is `allow`.
    ReviewAllowed,
    /// A state that the table doesn't know, or none.
    UnknownState,
    /// A redirect is due, and the protocol has no browser.
    NoBrowser,
    /// The challenge's address is missing or is no https address.
    InvalidChallengeUrl,
    /// The browser came back without one legal token.
    InvalidToken,
    /// The challenge was left, failed, or is of a token that Authsignal doesn't accept.
    ChallengeNotPassed,
    /// The answer is of another action.
    ActionMismatch,
    /// The answer is of another user.
    UserMismatch,
    /// The answer is of another challenge than this transaction's.
    ChallengeMismatch,
    /// The challenge was passed.
    ChallengePassed,
    /// The event can't be read, or lacks what is named here.
    Event(&'static str),
    /// The options can't be used.
    Options(OptionError),
    /// No usable answer.
    Unavailable(Failure),
    /// No usable answer, and `onUnavailable` is `allow`.
    UnavailableAllowed(Failure),
    /// A method of Auth0's `api` is missing or threw.
    Api,
    /// The custom claim can't be set. It is logged in place of the verdict's cause, and changes nothing else.
    Claim,
}

/// Why options can't be used, and the names of those it is about. No request is sent, and the login is denied.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionError {
    /// What is wrong.
    pub kind: OptionErrorKind,
    /// The names of the options or secrets, if any.
    pub names: String,
}

/// What can be wrong with options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionErrorKind {
    /// They are no plain object, or the function threw or returned something else.
    NotAnObject,
    /// There is no such option.
    Unknown,
    /// An option or a secret that is there has a wrong type or form.
    Invalid,
    /// Two settings that exclude or contradict each other.
    Conflict,
    /// There is no secret key: neither the option nor the Action's secret.
    NoSecret,
}

impl Cause {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code_and_text().0
    }

    /// The log line's text.
    pub fn text(&self) -> String {
        let detail = match self {
            Cause::Event(name) => name,
            Cause::Options(error) => error.names.as_str(),
            Cause::Unavailable(Failure::Status { status, .. })
            | Cause::UnavailableAllowed(Failure::Status { status, .. }) => &status.to_string(),
            _ => "",
        };
        concat(&[self.code_and_text().1, detail])
    }

    /// Whether somebody has to look at it.
    pub fn is_error(&self) -> bool {
        match self {
            Cause::RefreshToken
            | Cause::OptionsOff
            | Cause::AlreadyChallenged
            | Cause::Allowed
            | Cause::ChallengeRequired
            | Cause::EnrollmentRequired
            | Cause::Blocked
            | Cause::UnderReview
            | Cause::ReviewAllowed
            | Cause::NoBrowser
            | Cause::ChallengeNotPassed
            | Cause::ChallengePassed => false,
            Cause::OptionsOffAtContinue
            | Cause::UnknownState
            | Cause::InvalidChallengeUrl
            | Cause::InvalidToken
            | Cause::ActionMismatch
            | Cause::UserMismatch
            | Cause::ChallengeMismatch
            | Cause::Event(_)
            | Cause::Options(_)
            | Cause::Unavailable(_)
            | Cause::UnavailableAllowed(_)
            | Cause::Api
            | Cause::Claim => true,
        }
    }

    /// The code and what it means.
    fn code_and_text(&self) -> (&'static str, &'static str) {
        match self {
            Cause::RefreshToken => ("refresh_token", "a refresh token exchange is not challenged"),
            Cause::OptionsOff => ("options_off", "the options function returned false"),
            Cause::OptionsOffAtContinue => {
                ("options_off_at_continue", "the options function returned false on the way back")
            }
            Cause::AlreadyChallenged => {
                ("already_challenged", "this session has passed a challenge")
            }
            Cause::Allowed => ("allowed", "Authsignal allows the action"),
            Cause::ChallengeRequired => ("challenge_required", "Authsignal requires a challenge"),
            Cause::EnrollmentRequired => ("enrollment_required", "the user has to enroll"),
            Cause::Blocked => ("blocked", "Authsignal blocks the action"),
            Cause::UnderReview => ("under_review", "the action is under review"),
            Cause::ReviewAllowed => ("review_allowed", "under review, and onReview is allow"),
            Cause::UnknownState => ("unknown_state", "Authsignal answered with an unknown state"),
            Cause::NoBrowser => {
                ("no_browser", "a challenge is due, and this protocol can't redirect")
            }
            Cause::InvalidChallengeUrl => {
                ("invalid_challenge_url", "Authsignal answered without an https challenge URL")
            }
            Cause::InvalidToken => (
                "invalid_token",
                "no single token came back: was it another Action's redirect or Form?",
            ),
            Cause::ChallengeNotPassed => ("challenge_not_passed", "the challenge was not passed"),
            Cause::ActionMismatch => ("action_mismatch", "the challenge is of another action"),
            Cause::UserMismatch => ("user_mismatch", "the challenge is of another user"),
            Cause::ChallengeMismatch => {
                ("challenge_mismatch", "the challenge is of another transaction")
            }
            Cause::ChallengePassed => ("challenge_passed", "the challenge was passed"),
            Cause::Event(_) => ("invalid_event", "Auth0's event can't be used, look at "),
            Cause::Options(error) => match error.kind {
                OptionErrorKind::NotAnObject => (
                    "invalid_options",
                    "options are a plain object, or a function of the event that returns one or false",
                ),
                OptionErrorKind::Unknown => ("unknown_option", "there is no option "),
                OptionErrorKind::Invalid => ("invalid_option", "wrong type or form: "),
                OptionErrorKind::Conflict => ("conflicting_options", "these exclude each other: "),
                OptionErrorKind::NoSecret => {
                    ("no_secret", "add the secret AUTHSIGNAL_SECRET to the Action")
                }
            },
            Cause::Unavailable(failure) | Cause::UnavailableAllowed(failure) => match failure {
                Failure::NoConnection => ("no_connection", "Authsignal can't be reached"),
                Failure::Timeout | Failure::KeptTimeout => {
                    ("timeout", "Authsignal did not answer in time")
                }
                Failure::Status { status: 401, .. } => (
                    "unauthorized",
                    "check AUTHSIGNAL_SECRET and that the region is your tenant's: status ",
                ),
                Failure::Status { status: 429, .. } => {
                    ("too_many_requests", "Authsignal limits the rate of requests: status ")
                }
                Failure::Status { status: 500..=599, .. } => {
                    ("server_error", "Authsignal is failing: status ")
                }
                Failure::Status { .. } => ("refused", "Authsignal refused the request: status "),
                Failure::NoAuthenticator => (
                    "no_authenticator",
                    "set up an authenticator in the Authsignal Portal first (AUTHENTICATOR_NOT_FOUND)",
                ),
                Failure::Redirect => ("moved", "the API URL redirects, which is not followed"),
                Failure::TooLarge => {
                    ("answer_too_large", "Authsignal answered with more than 256 KiB")
                }
                Failure::Unreadable => ("unreadable_answer", "the answer is not Authsignal's JSON"),
                Failure::NotSent => ("unsendable", "no usable fetch, or no such API URL"),
            },
            Cause::Api => ("api_failed", "a method of Auth0's api is missing or threw"),
            Cause::Claim => {
                ("claim_failed", "a token has no claim: setCustomClaim is missing or threw")
            }
        }
    }
}
