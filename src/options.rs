//! What a caller may set, parsed once into a [`Config`] that can't be wrong.
//!
//! Every option, its default and its other name is in one table of the README. `undefined` means not
//! given, at every level: what reads JavaScript's values leaves it out before they come here.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::authsignal::{ActionCode, Secret, UserId};
use crate::event::Event;
use crate::outcome::Cause;
use crate::url::{ApiUrl, WebUrl};
use crate::value::{Field, Value};

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
pub struct Options(Vec<(String, Field)>);

/// The settings of one login.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
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
    pub attributes: Vec<(&'static str, Value)>,
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

impl Config {
    /// The name of a recorded method: the API URL as it was given, as the official handlers record it,
    /// and for another action than `auth0-login` with that action, so that a challenge for one doesn't
    /// stand for a stricter one.
    pub fn method_name(&self) -> String {
        let url = self.api_url.as_str();
        match self.action.as_str() {
            ActionCode::DEFAULT => url.to_owned(),
            action => [url, "#", action].concat(),
        }
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

/// An attribute of the track request that may be set.
struct Attribute {
    name: &'static str,
    label: &'static str,
    is_flag: bool,
}

macro_rules! attributes {
    ($($name:literal $is_flag:literal),*) => {
        [$(Attribute { name: $name, label: concat!("attributes.", $name), is_flag: $is_flag }),*]
    };
}

/// Not `scope` and not `challengeId`: nothing may widen what the token can do before the challenge.
const ATTRIBUTES: [Attribute; 9] = attributes![
    "email" false,
    "phoneNumber" false,
    "username" false,
    "locale" false,
    "deviceId" false,
    "ipAddress" false,
    "userAgent" false,
    "redirectToSettings" true,
    "customDomain" false
];

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

/// Why options can't be used. No request is sent, and the login is denied.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionError {
    /// They are no plain object, or the function threw or returned something else.
    NotAnObject,
    /// There is no such option. The name, where it has the form of one.
    Unknown(Option<String>),
    /// An option or a secret that is there has a wrong type or form.
    Invalid(&'static str),
    /// Two settings that exclude or contradict each other.
    Conflict(&'static str, &'static str),
    /// There is no secret key: neither the option nor the Action's secret.
    NoSecret,
}

impl Given {
    /// Parses what was given. The voice is valid whatever else is wrong.
    pub fn parse(self, event: &Event) -> (Voice, Result<Config, Cause>) {
        match self {
            Given::Options(options) => options.parse(event),
            Given::Off => (Voice::default(), Err(Cause::OptionsOff)),
            Given::Unusable => (Voice::default(), Err(Cause::Options(OptionError::NotAnObject))),
        }
    }
}

impl Options {
    fn parse(mut self, event: &Event) -> (Voice, Result<Config, Cause>) {
        let (voice, voice_error) = self.voice();
        let config = self.config(event).and_then(|config| match voice_error {
            Some(error) => Err(error),
            None => Ok(config),
        });
        (voice, config.map_err(Cause::Options))
    }

    fn voice(&mut self) -> (Voice, Option<OptionError>) {
        let mut voice = Voice::default();
        let mut first_error = None;
        let mut note = |error| {
            first_error.get_or_insert(error);
        };
        for (name, message) in [
            ("failureMessage", &mut voice.failure),
            ("blockedMessage", &mut voice.blocked),
            ("reviewMessage", &mut voice.review),
            ("unavailableMessage", &mut voice.unavailable),
        ] {
            match self.text(name) {
                Ok(text) => *message = text.unwrap_or_else(|| std::mem::take(message)),
                Err(error) => note(error),
            }
        }
        let levels =
            [("silent", LogLevel::Silent), ("error", LogLevel::Error), ("info", LogLevel::Info)];
        match self.choice("logLevel", &levels) {
            Ok(level) => voice.log_level = level.unwrap_or(voice.log_level),
            Err(error) => note(error),
        }
        (voice, first_error)
    }

    fn config(mut self, event: &Event) -> Result<Config, OptionError> {
        let secrets = &event.secrets;

        let secret = match self.text_of_two("secret", "apiSecretKey")? {
            Some(text) => valid("secret", Secret::parse(&text))?,
            None => match &secrets.authsignal_secret {
                Value::Absent => return Err(OptionError::NoSecret),
                value => valid("AUTHSIGNAL_SECRET", value.text().and_then(Secret::parse))?,
            },
        };
        let region = self.text("region")?;
        let url = self.text_of_two("apiBaseUrl", "apiUrl")?;
        let api_url = match (region, url) {
            (Some(_), Some(_)) => return Err(OptionError::Conflict("region", "apiBaseUrl")),
            (Some(region), None) => valid("region", region_url(&region))?,
            (None, Some(url)) => valid("apiBaseUrl", ApiUrl::parse(&url))?,
            (None, None) => match (&secrets.authsignal_region, &secrets.authsignal_api_url) {
                (Value::Absent, Value::Absent) => valid("region", region_url("us"))?,
                (Value::Absent, url) => {
                    valid("AUTHSIGNAL_API_URL", url.text().and_then(ApiUrl::parse))?
                }
                (region, Value::Absent) => {
                    valid("AUTHSIGNAL_REGION", region.text().and_then(region_url))?
                }
                _ => {
                    return Err(OptionError::Conflict("AUTHSIGNAL_REGION", "AUTHSIGNAL_API_URL"));
                }
            },
        };
        let user_id = match self.take("userId") {
            None => None,
            Some(Field::Value(Value::Text(id))) => Some(valid("userId", UserId::parse(&id))?),
            Some(Field::Value(Value::Number(id))) if is_safe_integer(id) => {
                Some(valid("userId", UserId::parse(&(id as i64).to_string()))?)
            }
            Some(_) => return Err(OptionError::Invalid("userId")),
        };
        let action = self.text("action")?;
        let action = action.as_deref().unwrap_or(ActionCode::DEFAULT);
        let redirect_url = match self.text("redirectUrl")? {
            Some(url) => Some(valid("redirectUrl", WebUrl::parse(&url))?),
            None => None,
        };
        let enrollment = [("required", false), ("optional", true)];
        let deny_or_allow = [("deny", false), ("allow", true)];

        let config = Config {
            secret,
            api_url,
            user_id,
            action: valid("action", ActionCode::parse(action))?,
            redirect_url,
            custom: self.custom()?,
            include_context: self.flag("includeContext")?,
            attributes: self.attributes()?,
            enrollment_optional: self.choice("enrollment", &enrollment)?.unwrap_or(false),
            force_enrollment: self.flag("forceEnrollment")?,
            max_age: self.number("maxAge", |seconds| seconds >= 0.0)?,
            allow_on_review: self.choice("onReview", &deny_or_allow)?.unwrap_or(false),
            allow_on_unavailable: self.choice("onUnavailable", &deny_or_allow)?.unwrap_or(false),
            limits: Limits {
                timeout_ms: self.number("timeoutMs", |ms| ms >= 1.0)?.unwrap_or(3000.0),
                max_retries: self
                    .number("maxRetries", |count| count >= 0.0 && is_safe_integer(count))?
                    .unwrap_or(2.0) as u32,
            },
        };
        match self.0.into_iter().next() {
            Some((name, _)) => Err(OptionError::unknown("", name)),
            None => Ok(config),
        }
    }

    fn custom(&mut self) -> Result<Vec<(String, Value)>, OptionError> {
        let mut entries = self.entries("custom")?;
        let legal = |value: &Value| match value {
            Value::Bool(_) | Value::Text(_) => true,
            Value::Number(number) => number.is_finite(),
            Value::Absent | Value::Other => false,
        };
        entries.retain(|(_, value)| *value != Value::Absent);
        let all_legal = entries.iter().all(|(_, value)| legal(value));
        all_legal.then_some(entries).ok_or(OptionError::Invalid("custom"))
    }

    fn attributes(&mut self) -> Result<Vec<(&'static str, Value)>, OptionError> {
        let mut attributes = Vec::new();
        for (name, value) in self.entries("attributes")? {
            if value == Value::Absent {
                continue;
            }
            let Some(known) = ATTRIBUTES.iter().find(|known| known.name == name) else {
                return Err(OptionError::unknown("attributes.", name));
            };
            match value {
                Value::Bool(_) if known.is_flag => attributes.push((known.name, value)),
                Value::Text(_) if !known.is_flag => attributes.push((known.name, value)),
                _ => return Err(OptionError::Invalid(known.label)),
            }
        }
        Ok(attributes)
    }

    fn take(&mut self, name: &str) -> Option<Field> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(at).1)
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, OptionError> {
        match self.take(name) {
            None => Ok(None),
            Some(Field::Value(Value::Text(text))) => Ok(Some(text)),
            Some(_) => Err(OptionError::Invalid(name)),
        }
    }

    fn text_of_two(
        &mut self,
        name: &'static str,
        other_name: &'static str,
    ) -> Result<Option<String>, OptionError> {
        match (self.text(name)?, self.text(other_name)?) {
            (Some(text), Some(other)) if text != other => {
                Err(OptionError::Conflict(name, other_name))
            }
            (text, other) => Ok(text.or(other)),
        }
    }

    fn flag(&mut self, name: &'static str) -> Result<bool, OptionError> {
        match self.take(name) {
            None => Ok(false),
            Some(Field::Value(Value::Bool(flag))) => Ok(flag),
            Some(_) => Err(OptionError::Invalid(name)),
        }
    }

    fn number(
        &mut self,
        name: &'static str,
        legal: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, OptionError> {
        match self.take(name) {
            None => Ok(None),
            Some(Field::Value(Value::Number(number))) if number.is_finite() && legal(number) => {
                Ok(Some(number))
            }
            Some(_) => Err(OptionError::Invalid(name)),
        }
    }

    fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, OptionError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let chosen = choices.iter().find(|(choice, _)| *choice == text);
        chosen.map(|(_, value)| Some(*value)).ok_or(OptionError::Invalid(name))
    }

    fn entries(&mut self, name: &'static str) -> Result<Vec<(String, Value)>, OptionError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Field::Entries(entries)) => Ok(entries),
            Some(Field::Value(_)) => Err(OptionError::Invalid(name)),
        }
    }
}

impl OptionError {
    /// The name comes from the caller's code: it is told only where it looks like an option's.
    fn unknown(prefix: &str, name: String) -> OptionError {
        let legal = name.len() <= 32 && name.bytes().all(|b| b.is_ascii_alphanumeric());
        OptionError::Unknown(legal.then(|| [prefix, &name].concat()))
    }
}

fn valid<T>(name: &'static str, parsed: Option<T>) -> Result<T, OptionError> {
    parsed.ok_or(OptionError::Invalid(name))
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

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Options;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("options")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Options, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = map.next_key()? {
            // A value that can't even be read (a function, a symbol) is one of a wrong type.
            entries.push((name, map.next_value().unwrap_or(Field::Value(Value::Other))));
        }
        Ok(Options(entries))
    }
}
