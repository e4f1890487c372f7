//! What a denied user reads, and how much is logged.

/// The texts that a denied user may read, and the level of the log. They hold even if the other options are invalid.
#[derive(Clone, Debug, PartialEq)]
pub struct Messages {
    /// The challenge was not passed, or its answer is not to be trusted.
    pub failure: String,
    /// Authsignal blocks the action.
    pub blocked: String,
    /// The action is under review.
    pub review: String,
    /// An outage or a configuration error.
    pub unavailable: String,
    /// How much is logged.
    pub log_level: LogLevel,
}

/// One of the [`Messages`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// The challenge was not passed, or its answer is not to be trusted.
    Failure,
    /// Authsignal blocks the action.
    Blocked,
    /// The action is under review.
    Review,
    /// An outage or a configuration error.
    Unavailable,
}

/// How much is logged: at most one line a hook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LogLevel {
    /// Nothing.
    Silent,
    /// What somebody has to look at.
    Error,
    /// Every outcome.
    Info,
}

impl Messages {
    /// The text of a message.
    pub fn text(&self, message: Message) -> &str {
        match message {
            Message::Failure => &self.failure,
            Message::Blocked => &self.blocked,
            Message::Review => &self.review,
            Message::Unavailable => &self.unavailable,
        }
    }
}

impl Default for Messages {
    fn default() -> Self {
        Messages {
            failure: "MFA challenge failed".into(),
            blocked: "Action blocked".into(),
            review: "Action under review".into(),
            unavailable: "MFA is unavailable".into(),
            log_level: LogLevel::Error,
        }
    }
}

impl LogLevel {
    /// The level of the option `logLevel`.
    pub fn parse(text: &str) -> Option<LogLevel> {
        match text {
            "silent" => Some(LogLevel::Silent),
            "error" => Some(LogLevel::Error),
            "info" => Some(LogLevel::Info),
            _ => None,
        }
    }
}
