//! What a caller may set, parsed once into a [`Config`] that can't be wrong.
//!
//! Every option, its default and its other name is in one table of the README. `undefined` means not
//! given, at every level: what reads JavaScript's values leaves it out before they come here.

use crate::authsignal::{ActionCode, Secret, UserId};
use crate::event::Event;
use crate::outcome::Cause;
use crate::url::{ApiUrl, WebUrl};
use crate::value::{Slot, Value, concat};

/// What the caller gave as options.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// An object, or nothing, which is an empty one.
    Options(Options),
    /// A function of the event, and it returned exactly `false`.
    Off,
    /// A function that threw, or anything that is no plain object.
    Unusable,
}

/// The own entries of an options object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options(Vec<(String, Value)>);

/// The settings of one login.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What a denied user reads and what the log gets.
    pub voice: Voice,
    /// The tenant's secret key.
    pub secret: Secret,
    /// The base URL of the API.
    pub api_url: ApiUrl,
    /// Replaces `event.user.user_id`.
    pub user_id: Option<UserId>,
    /// The action that is tracked.
    pub action: ActionCode,
    /// Replaces `https://{event.request.hostname}/continue`.
    pub redirect_url: Option<WebUrl>,
    /// Custom data points: strings, numbers and booleans.
    pub custom: Vec<(String, Value)>,
    /// Adds Auth0's facts to `custom`.
    pub include_context: bool,
    /// Further attributes, which win over what the event gives.
    pub attributes: Vec<(String, Value)>,
    /// Lets an allowed user in who has not enrolled: `enrollment: "optional"`.
    pub enrollment_optional: bool,
    /// Hides the way back on the first screen of enrolment.
    pub force_enrollment: bool,
    /// Seconds after which a recorded challenge counts no more.
    pub max_age: Option<f64>,
    /// Lets an enrolled user in at `REVIEW_REQUIRED`: `onReview: "allow"`.
    pub allow_on_review: bool,
    /// Lets a login in when Authsignal can't be reached: `onUnavailable: "allow"`.
    pub allow_on_unavailable: bool,
    /// How long one try may take and how often it is repeated.
    pub limits: Limits,
}

impl Options {
    /// The options as a value from outside, where it is an object.
    pub fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Option<Options> {
        let mut value = Value::Absent;
        // `custom` and `attributes` are objects too.
        Slot::Value(&mut value, 2).read(deserializer).ok()?;
        match value {
            Value::Entries(entries) => Some(Options(entries)),
            _ => None,
        }
    }
}

impl Config {
    /// With the default of every option.
    fn new(voice: Voice, secret: Secret, api_url: ApiUrl) -> Config {
        Config {
            voice,
            secret,
            api_url,
            user_id: None,
            action: ActionCode::default(),
            redirect_url: None,
            custom: Vec::new(),
            include_context: false,
            attributes: Vec::new(),
            enrollment_optional: false,
            force_enrollment: false,
            max_age: None,
            allow_on_review: false,
            allow_on_unavailable: false,
            limits: Limits { timeout_ms: 3000.0, max_retries: 2 },
        }
    }

    /// The name of a recorded method: the API URL as it was given, as the official handlers record it,
    /// and for another action than `auth0-login` with that action, so that a challenge for one doesn't
    /// stand for a stricter one.
    pub fn method_name(&self) -> String {
        let url = self.api_url.as_str();
        match self.action.as_str() {
            ActionCode::DEFAULT => url.to_owned(),
            action => concat(&[url, "#", action]),
        }
    }

    /// What is left to tell of the settings. The rest of them is dropped here and in no other place.
    #[allow(clippy::boxed_local)] // the box is dropped here too
    pub fn into_voice(self: Box<Self>) -> Voice {
        self.voice
    }

    /// The user: the option's, or the event's.
    pub fn user(&self, event: &Event) -> Option<UserId> {
        match &self.user_id {
            Some(user) => Some(user.clone()),
            None => event.user.user_id.text().and_then(UserId::parse),
        }
    }
}

/// How long a hook waits for Authsignal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Of one try, in milliseconds.
    pub timeout_ms: f64,
    /// Tries after the first.
    pub max_retries: u32,
}

/// What a denied user reads and what the log gets. It holds also where the rest of the options doesn't.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
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

/// The attributes of a track request that may be set: strings, but for `redirectToSettings`. Not `scope`
/// and not `challengeId`: nothing may widen what the token can do before the challenge.
const ATTRIBUTES: [&str; 9] = [
    "email",
    "phoneNumber",
    "username",
    "locale",
    "deviceId",
    "ipAddress",
    "userAgent",
    REDIRECT_TO_SETTINGS,
    "customDomain",
];

const REDIRECT_TO_SETTINGS: &str = "redirectToSettings";

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

impl Default for Voice {
    fn default() -> Self {
        Voice {
            failure: "MFA challenge failed".into(),
            blocked: "Action blocked".into(),
            review: "Action under review".into(),
            unavailable: "MFA is unavailable".into(),
            log_level: LogLevel::Error,
        }
    }
}

/// Why options can't be used, and the names of those it is about. No request is sent, and the login is
/// denied.
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

impl OptionErrorKind {
    fn of(self, names: &str) -> OptionError {
        OptionError { kind: self, names: names.to_owned() }
    }
}

impl Given {
    /// Parses what was given. Where that fails, the voice holds what is valid of it.
    pub fn parse(self, event: &Event) -> Result<Box<Config>, Box<(Voice, Cause)>> {
        match self {
            Given::Options(Options(entries)) => {
                OptionsReader { entries, error: None }.config(event)
            }
            Given::Off => Err(without_options(Cause::OptionsOff)),
            Given::Unusable => {
                Err(without_options(Cause::Options(OptionErrorKind::NotAnObject.of(""))))
            }
        }
    }
}

fn without_options(cause: Cause) -> Box<(Voice, Cause)> {
    Box::new((Voice::default(), cause))
}

/// Takes one option after the other, and keeps the first error.
struct OptionsReader {
    entries: Vec<(String, Value)>,
    error: Option<OptionError>,
}

impl OptionsReader {
    fn config(mut self, event: &Event) -> Result<Box<Config>, Box<(Voice, Cause)>> {
        let has_options = !self.entries.is_empty();
        let mut voice = Voice::default();
        if has_options {
            self.voice(&mut voice);
        }
        let voice = match (self.secret(event), self.api_url(event)) {
            (Some(secret), Some(api_url)) => {
                let mut config = Box::new(Config::new(voice, secret, api_url));
                if has_options {
                    self.settings(&mut config);
                }
                if self.error.is_none() {
                    return Ok(config);
                }
                config.into_voice()
            }
            _ => voice,
        };
        Err(self.refusal(voice))
    }

    fn refusal(self, voice: Voice) -> Box<(Voice, Cause)> {
        let error = self.error.unwrap_or_else(|| OptionErrorKind::NotAnObject.of(""));
        Box::new((voice, Cause::Options(error)))
    }

    fn voice(&mut self, voice: &mut Voice) {
        for (name, message) in [
            ("failureMessage", &mut voice.failure),
            ("blockedMessage", &mut voice.blocked),
            ("reviewMessage", &mut voice.review),
            ("unavailableMessage", &mut voice.unavailable),
        ] {
            if let Some(text) = self.text(name) {
                *message = text;
            }
        }
        voice.log_level = match self.choice("logLevel", ["error", "silent", "info"]) {
            0 => LogLevel::Error,
            1 => LogLevel::Silent,
            _ => LogLevel::Info,
        };
    }

    fn settings(&mut self, config: &mut Config) {
        config.user_id = self.user_id();
        if let Some(action) = self.text("action")
            && let Some(action) = self.valid("action", ActionCode::parse(&action))
        {
            config.action = action;
        }
        let redirect_url = self.text("redirectUrl");
        config.redirect_url =
            redirect_url.and_then(|url| self.valid("redirectUrl", WebUrl::parse(&url)));
        config.custom = self.custom();
        config.include_context = self.flag("includeContext");
        config.attributes = self.attributes();
        config.enrollment_optional = self.choice("enrollment", ["required", "optional"]) == 1;
        config.force_enrollment = self.flag("forceEnrollment");
        config.max_age = self.number("maxAge", |seconds| seconds >= 0.0);
        config.allow_on_review = self.choice("onReview", ["deny", "allow"]) == 1;
        config.allow_on_unavailable = self.choice("onUnavailable", ["deny", "allow"]) == 1;
        // Less is no time for a request: seconds were meant, and `onUnavailable: "allow"` would let
        // everybody in.
        if let Some(ms) = self.number("timeoutMs", |ms| ms >= 100.0) {
            config.limits.timeout_ms = ms;
        }
        let is_count = |count| count >= 0.0 && is_safe_integer(count);
        if let Some(count) = self.number("maxRetries", is_count) {
            config.limits.max_retries = count as u32;
        }
        if let Some((name, _)) = self.entries.first() {
            let name = name.clone();
            self.unknown("", &name);
        }
    }

    fn secret(&mut self, event: &Event) -> Option<Secret> {
        // Where there are no options a first login is spared compiling what reads them.
        if !self.entries.is_empty()
            && let Some(secret) = self.given_secret()
        {
            return secret;
        }
        let value = &event.secrets.authsignal_secret;
        if value.is_absent() {
            self.fail(OptionErrorKind::NoSecret, "");
            return None;
        }
        self.valid("AUTHSIGNAL_SECRET", value.text().and_then(Secret::parse))
    }

    /// The option, valid or not, where it is there.
    fn given_secret(&mut self) -> Option<Option<Secret>> {
        let text = self.text_of_two("secret", "apiSecretKey")?;
        Some(self.valid("secret", Secret::parse(&text)))
    }

    fn api_url(&mut self, event: &Event) -> Option<ApiUrl> {
        if !self.entries.is_empty()
            && let Some(url) = self.given_api_url()
        {
            return url;
        }
        match (&event.secrets.authsignal_region, &event.secrets.authsignal_api_url) {
            (Value::Absent, Value::Absent) => region_url("us"),
            (region, Value::Absent) => {
                self.valid("AUTHSIGNAL_REGION", region.text().and_then(region_url))
            }
            (Value::Absent, url) => {
                self.valid("AUTHSIGNAL_API_URL", url.text().and_then(ApiUrl::parse))
            }
            _ => {
                self.fail(OptionErrorKind::Conflict, "AUTHSIGNAL_REGION, AUTHSIGNAL_API_URL");
                None
            }
        }
    }

    /// The option, valid or not, where it is there.
    fn given_api_url(&mut self) -> Option<Option<ApiUrl>> {
        let region = self.text("region");
        let url = self.text_of_two("apiBaseUrl", "apiUrl");
        match (region, url) {
            (Some(_), Some(_)) => {
                self.fail(OptionErrorKind::Conflict, "region, apiBaseUrl");
                Some(None)
            }
            (Some(region), None) => Some(self.valid("region", region_url(&region))),
            (None, Some(url)) => Some(self.valid("apiBaseUrl", ApiUrl::parse(&url))),
            (None, None) => None,
        }
    }

    fn user_id(&mut self) -> Option<UserId> {
        let text = match self.take("userId") {
            Value::Absent => return None,
            Value::Text(text) => text,
            Value::Number(id) if is_safe_integer(id) => (id as i64).to_string(),
            _ => String::new(),
        };
        self.valid("userId", UserId::parse(&text))
    }

    fn custom(&mut self) -> Vec<(String, Value)> {
        let mut entries = self.fields("custom");
        entries.retain(|(_, value)| !value.is_absent());
        let legal = entries.iter().all(|(_, value)| match value {
            Value::Bool(_) | Value::Text(_) => true,
            Value::Number(number) => number.is_finite(),
            Value::Absent | Value::Entries(_) | Value::Other => false,
        });
        if !legal {
            self.fail(OptionErrorKind::Invalid, "custom");
        }
        entries
    }

    fn attributes(&mut self) -> Vec<(String, Value)> {
        let mut attributes = self.fields("attributes");
        attributes.retain(|(_, value)| !value.is_absent());
        for (name, value) in &attributes {
            let legal = match value {
                Value::Bool(_) => name == REDIRECT_TO_SETTINGS,
                Value::Text(_) => name != REDIRECT_TO_SETTINGS,
                _ => false,
            };
            if !ATTRIBUTES.contains(&name.as_str()) {
                self.unknown("attributes.", name);
            } else if !legal {
                self.fail(OptionErrorKind::Invalid, &concat(&["attributes.", name]));
            }
        }
        attributes
    }

    fn take(&mut self, name: &str) -> Value {
        match self.entries.iter().position(|(own, _)| own == name) {
            None => Value::Absent,
            Some(at) => match self.entries.swap_remove(at).1 {
                // `undefined` does not come here: this is `null`, which is no value of any option.
                Value::Absent => Value::Other,
                value => value,
            },
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Value::Text(text) => Some(text),
            Value::Absent => None,
            _ => self.valid(name, None),
        }
    }

    fn text_of_two(&mut self, name: &str, other_name: &str) -> Option<String> {
        let (text, other) = (self.text(name), self.text(other_name));
        if text.is_some() && other.is_some() && text != other {
            self.fail(OptionErrorKind::Conflict, &concat(&[name, ", ", other_name]));
        }
        text.or(other)
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            Value::Bool(flag) => flag,
            Value::Absent => false,
            _ => self.valid(name, None).unwrap_or_default(),
        }
    }

    fn number(&mut self, name: &str, legal: fn(f64) -> bool) -> Option<f64> {
        match self.take(name) {
            Value::Number(number) if number.is_finite() && legal(number) => Some(number),
            Value::Absent => None,
            _ => self.valid(name, None),
        }
    }

    /// The index of the chosen one: the first is the default.
    fn choice<const N: usize>(&mut self, name: &str, choices: [&str; N]) -> usize {
        let Some(text) = self.text(name) else { return 0 };
        let index = choices.iter().position(|choice| *choice == text);
        self.valid(name, index).unwrap_or_default()
    }

    fn fields(&mut self, name: &str) -> Vec<(String, Value)> {
        match self.take(name) {
            Value::Absent => Vec::new(),
            Value::Entries(entries) => entries,
            _ => self.valid(name, None).unwrap_or_default(),
        }
    }

    fn valid<T>(&mut self, name: &str, parsed: Option<T>) -> Option<T> {
        if parsed.is_none() {
            self.fail(OptionErrorKind::Invalid, name);
        }
        parsed
    }

    /// The name comes from the caller's code: it is told only where it looks like an option's.
    fn unknown(&mut self, prefix: &str, name: &str) {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let legal = name.len() <= 32 && name.bytes().all(letter);
        let name = if legal { name } else { "(unprintable)" };
        self.fail(OptionErrorKind::Unknown, &concat(&[prefix, name]));
    }

    fn fail(&mut self, kind: OptionErrorKind, names: &str) {
        if self.error.is_none() {
            self.error = Some(kind.of(names));
        }
    }
}

fn region_url(region: &str) -> Option<ApiUrl> {
    ApiUrl::parse(match region {
        "us" => "https://api.authsignal.com/v1",
        "eu" => "https://eu.api.authsignal.com/v1",
        "au" => "https://au.api.authsignal.com/v1",
        "ca" => "https://ca.api.authsignal.com/v1",
        _ => return None,
    })
}

/// As `Number.isSafeInteger` says.
fn is_safe_integer(number: f64) -> bool {
    number as i64 as f64 == number && number.abs() <= 9_007_199_254_740_991.0
}
