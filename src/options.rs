//! What a caller may set, parsed once into a [`Config`] that can't be wrong.
//!
//! docs/options.md describes every option. `undefined` means not given, at every level: the boundary to JavaScript leaves
//! it out.

use crate::authsignal::{ActionCode, Secret, UserId};
use crate::cause::{OptionError, OptionErrorKind};
use crate::event::Event;
use crate::messages::{LogLevel, Messages};
use crate::retry::Limits;
use crate::url::{ApiUrl, ClaimName, WebUrl};
use crate::value::{Fields, Members, Slot, Value, ValueOrObject, concat, trimmed};

/// What the caller gave as options.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionsInput {
    /// An object, or nothing, which is an empty one.
    Object(Options),
    /// A function of the event, and it returned exactly `false`.
    Off,
    /// A function that threw, or anything that is no plain object.
    Invalid,
}

/// The own entries of an options object, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options(Members);

/// The settings of one login.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What a denied user reads, and how much is logged.
    pub messages: Messages,
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
    pub custom: Fields,
    /// Adds what Auth0 knows of the login to `custom`.
    pub include_context: bool,
    /// Further attributes, which win over those of the event.
    pub attributes: Fields,
    /// Whether a user has to enroll.
    pub enrollment: Enrollment,
    /// Hides the way back on the first screen of enrollment.
    pub force_enrollment: bool,
    /// Seconds after which a recorded challenge expires.
    pub max_age: Option<f64>,
    /// What becomes of an enrolled user at `REVIEW_REQUIRED`.
    pub on_review: OnReview,
    /// What becomes of a login if Authsignal is out of reach.
    pub on_unavailable: OnUnavailable,
    /// Whether the application may ask for a new challenge.
    pub on_step_up: OnStepUp,
    /// The claim that tells applications that a challenge counts for this login.
    pub claim: Option<ClaimName>,
    /// How long one try may take, and how often it is repeated.
    pub limits: Limits,
}

/// The option `enrollment`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Enrollment {
    /// A user who has not enrolled is redirected to do so.
    #[default]
    Required,
    /// An allowed user who has not enrolled gets in.
    Optional,
}

/// The option `onReview`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OnReview {
    /// The login is denied.
    #[default]
    Deny,
    /// An enrolled user gets in.
    Allow,
}

/// The option `onUnavailable`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OnUnavailable {
    /// The login is denied.
    #[default]
    Deny,
    /// A login whose tries all ended in an outage gets in.
    Allow,
}

/// The option `onStepUp`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OnStepUp {
    /// A recorded challenge counts, whatever the application asks for.
    #[default]
    Ignore,
    /// It doesn't count if the application asks for a new one.
    Challenge,
}

/// Why there is no [`Config`].
#[derive(Clone, Debug, PartialEq)]
pub enum NoConfig {
    /// The options function returned `false`.
    Off,
    /// The options can't be used.
    Invalid(Box<InvalidOptions>),
}

/// Options that can't be used.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidOptions {
    /// The valid ones of the messages, and the defaults of the others.
    pub messages: Messages,
    /// The first mistake.
    pub error: OptionError,
}

impl OptionsInput {
    /// Parses what was given.
    pub fn parse(self, event: &Event) -> Result<Config, NoConfig> {
        match self {
            OptionsInput::Object(Options(entries)) => {
                OptionsReader { entries, error: None }.config(event)
            }
            OptionsInput::Off => Err(NoConfig::Off),
            OptionsInput::Invalid => {
                let error =
                    OptionError { kind: OptionErrorKind::NotAnObject, names: String::new() };
                Err(NoConfig::invalid(Messages::default(), error))
            }
        }
    }
}

impl Options {
    /// The options as an object from outside. `None` if it is no object.
    pub fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Option<Options> {
        let mut entries = Members::new();
        Slot::Entries(&mut entries).read(deserializer).ok()?;
        Some(Options(entries))
    }
}

impl NoConfig {
    fn invalid(messages: Messages, error: OptionError) -> NoConfig {
        NoConfig::Invalid(Box::new(InvalidOptions { messages, error }))
    }
}

impl Config {
    /// The user: the option's, or the event's.
    pub fn user(&self, event: &Event) -> Option<UserId> {
        match &self.user_id {
            Some(user) => Some(user.clone()),
            None => event.user.user_id.text().and_then(UserId::parse),
        }
    }
}

/// The name under which a passed challenge is recorded in the session: the API URL as it was given, as the official handlers
/// record it. For another action than `auth0-login` the action is added, so that a challenge for one action doesn't count
/// for a stricter one.
pub fn method_name(api_url: &ApiUrl, action: &ActionCode) -> String {
    let url = api_url.as_str();
    match action.as_str() {
        ActionCode::DEFAULT => url.to_owned(),
        action => concat(&[url, "#", action]),
    }
}

impl Enrollment {
    fn parse(text: &str) -> Option<Enrollment> {
        match text {
            "required" => Some(Enrollment::Required),
            "optional" => Some(Enrollment::Optional),
            _ => None,
        }
    }
}

impl OnReview {
    fn parse(text: &str) -> Option<OnReview> {
        match text {
            "deny" => Some(OnReview::Deny),
            "allow" => Some(OnReview::Allow),
            _ => None,
        }
    }
}

impl OnUnavailable {
    fn parse(text: &str) -> Option<OnUnavailable> {
        match text {
            "deny" => Some(OnUnavailable::Deny),
            "allow" => Some(OnUnavailable::Allow),
            _ => None,
        }
    }
}

impl OnStepUp {
    fn parse(text: &str) -> Option<OnStepUp> {
        match text {
            "ignore" => Some(OnStepUp::Ignore),
            "challenge" => Some(OnStepUp::Challenge),
            _ => None,
        }
    }
}

/// The attributes of a track request that may be set: strings, except `redirectToSettings`. Not `scope` and not
/// `challengeId`: nothing may widen what the token can do before the challenge.
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

/// The regions, and the base URL of each one's API.
const REGIONS: [(&str, &str); 4] = [
    ("us", "https://api.authsignal.com/v1"),
    ("eu", "https://eu.api.authsignal.com/v1"),
    ("au", "https://au.api.authsignal.com/v1"),
    ("ca", "https://ca.api.authsignal.com/v1"),
];

/// The time-out of a try, in milliseconds.
const DEFAULT_TIMEOUT_MS: f64 = 3000.0;
const DEFAULT_RETRIES: u32 = 2;

/// A shorter time-out is no time for a request: seconds were meant, and `onUnavailable: "allow"` would let everybody in.
const LEAST_TIMEOUT_MS: f64 = 100.0;

/// Takes one option after the other, and keeps the first error.
struct OptionsReader {
    entries: Members,
    error: Option<OptionError>,
}

impl OptionsReader {
    fn config(mut self, event: &Event) -> Result<Config, NoConfig> {
        let messages = self.messages();
        let (secret, api_url) = (self.secret(event), self.api_url(event));
        let user_id = self.user_id();
        let action = self.parsed("action", ActionCode::parse);
        let redirect_url = self.parsed("redirectUrl", WebUrl::parse);
        let custom = self.custom();
        let include_context = self.flag("includeContext");
        let attributes = self.attributes();
        let enrollment = self.parsed("enrollment", Enrollment::parse);
        let force_enrollment = self.flag("forceEnrollment");
        let max_age = self.number("maxAge", |seconds| seconds >= 0.0);
        let on_review = self.parsed("onReview", OnReview::parse);
        let on_unavailable = self.parsed("onUnavailable", OnUnavailable::parse);
        let on_step_up = self.parsed("onStepUp", OnStepUp::parse);
        let claim = self.parsed("claim", ClaimName::parse);
        self.console();
        let timeout_ms = self.number("timeoutMs", |ms| ms >= LEAST_TIMEOUT_MS);
        let max_retries = self.number("maxRetries", |count| count >= 0.0 && is_safe_integer(count));
        self.no_others();
        // One error is enough, also if what it is about was made up for by a secret of the event.
        match (self.error, secret, api_url) {
            (None, Some(secret), Some(api_url)) => Ok(Config {
                messages,
                secret,
                api_url,
                user_id,
                action: action.unwrap_or_default(),
                redirect_url,
                custom,
                include_context,
                attributes,
                enrollment: enrollment.unwrap_or_default(),
                force_enrollment,
                max_age,
                on_review: on_review.unwrap_or_default(),
                on_unavailable: on_unavailable.unwrap_or_default(),
                on_step_up: on_step_up.unwrap_or_default(),
                claim,
                limits: Limits {
                    timeout_ms: timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
                    max_retries: max_retries.map_or(DEFAULT_RETRIES, |count| count as u32),
                },
            }),
            (error, ..) => {
                // A missing secret or URL has left an error: the fallback is never seen, and denies too.
                let fallback =
                    OptionError { kind: OptionErrorKind::NotAnObject, names: String::new() };
                Err(NoConfig::invalid(messages, error.unwrap_or(fallback)))
            }
        }
    }

    fn messages(&mut self) -> Messages {
        let mut messages = Messages::default();
        for (name, message) in [
            ("failureMessage", &mut messages.failure),
            ("blockedMessage", &mut messages.blocked),
            ("reviewMessage", &mut messages.review),
            ("unavailableMessage", &mut messages.unavailable),
        ] {
            if let Some(text) = self.text(name) {
                *message = text;
            }
        }
        if let Some(level) = self.parsed("logLevel", LogLevel::parse) {
            messages.log_level = level;
        }
        messages
    }

    fn secret(&mut self, event: &Event) -> Option<Secret> {
        if let Some(text) = self.text_of_two("secret", "apiSecretKey") {
            return self.parse_key("secret", &text);
        }
        match &event.secrets.authsignal_secret {
            Value::Text(text) if !trimmed(text).is_empty() => {
                self.parse_key("AUTHSIGNAL_SECRET", trimmed(text))
            }
            Value::Absent | Value::Text(_) => {
                self.report(OptionErrorKind::NoSecret, "");
                None
            }
            Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Other => {
                self.report_invalid("AUTHSIGNAL_SECRET")
            }
        }
    }

    fn parse_key(&mut self, name: &str, text: &str) -> Option<Secret> {
        match mistake_in_key(text) {
            Some(mistake) => self.report_invalid(&concat(&[name, mistake])),
            None => self.or_report_invalid(name, Secret::parse(text)),
        }
    }

    fn api_url(&mut self, event: &Event) -> Option<ApiUrl> {
        let region = self.text("region");
        let url = self.text_of_two("apiBaseUrl", "apiUrl");
        match (region, url) {
            (Some(_), Some(_)) => self.report_conflict("region, apiBaseUrl"),
            (Some(region), None) => self.region("region", &region),
            (None, Some(url)) => self.or_report_invalid("apiBaseUrl", ApiUrl::parse(&url)),
            (None, None) => self.api_url_of_secrets(event),
        }
    }

    fn api_url_of_secrets(&mut self, event: &Event) -> Option<ApiUrl> {
        match (&event.secrets.authsignal_region, &event.secrets.authsignal_api_url) {
            (Value::Absent, Value::Absent) => region_url("us"),
            (Value::Text(region), Value::Absent) => {
                self.region("AUTHSIGNAL_REGION", trimmed(region))
            }
            (_, Value::Absent) => self.report_invalid("AUTHSIGNAL_REGION"),
            (Value::Absent, Value::Text(url)) => {
                self.parse_not_empty("AUTHSIGNAL_API_URL", trimmed(url), ApiUrl::parse)
            }
            (Value::Absent, _) => self.report_invalid("AUTHSIGNAL_API_URL"),
            _ => self.report_conflict("AUTHSIGNAL_REGION, AUTHSIGNAL_API_URL"),
        }
    }

    fn region(&mut self, name: &str, region: &str) -> Option<ApiUrl> {
        self.parse_not_empty(name, region, region_url)
    }

    fn parse_not_empty<T>(
        &mut self,
        name: &str,
        text: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        match text {
            "" => self.report_invalid(&concat(&[name, ", which is empty"])),
            _ => self.or_report_invalid(name, parse(text)),
        }
    }

    fn user_id(&mut self) -> Option<UserId> {
        let text = match self.take_value("userId")? {
            Value::Text(text) => text,
            Value::Number(id) if is_safe_integer(id) => (id as i64).to_string(),
            _ => String::new(),
        };
        self.or_report_invalid("userId", UserId::parse(&text))
    }

    fn custom(&mut self) -> Fields {
        let fields = self.fields("custom");
        let legal = fields.iter().all(|(_, value)| match value {
            Value::Bool(_) | Value::Text(_) => true,
            Value::Number(number) => number.is_finite(),
            Value::Absent | Value::List(_) | Value::Other => false,
        });
        if !legal {
            self.report(OptionErrorKind::Invalid, "custom");
        }
        fields
    }

    fn attributes(&mut self) -> Fields {
        let attributes = self.fields("attributes");
        for (name, value) in &attributes {
            let legal = match value {
                Value::Bool(_) => name == REDIRECT_TO_SETTINGS,
                Value::Text(_) => name != REDIRECT_TO_SETTINGS,
                Value::Absent | Value::Number(_) | Value::List(_) | Value::Other => false,
            };
            if !ATTRIBUTES.contains(&name.as_str()) {
                self.report_unknown("attributes.", name);
            } else if !legal {
                self.report(OptionErrorKind::Invalid, &concat(&["attributes.", name]));
            }
        }
        attributes
    }

    /// The boundary to JavaScript keeps the console, and gives here whether it is an object or a function.
    fn console(&mut self) {
        if !matches!(self.take_value("console"), None | Some(Value::Bool(true))) {
            self.report(OptionErrorKind::Invalid, "console");
        }
    }

    /// Fails if there is an option left that nothing has taken.
    fn no_others(&mut self) {
        if let Some((name, _)) = self.entries.first() {
            let name = name.clone();
            self.report_unknown("", &name);
        }
    }

    /// Takes an option, if it is given.
    fn take(&mut self, name: &str) -> Option<ValueOrObject> {
        let at = self.entries.iter().position(|(own, _)| own == name)?;
        Some(self.entries.swap_remove(at).1)
    }

    fn take_value(&mut self, name: &str) -> Option<Value> {
        Some(match self.take(name)? {
            ValueOrObject::Value(value) => value,
            ValueOrObject::Object(_) => Value::Other,
        })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take_value(name)? {
            Value::Text(text) => Some(text),
            _ => self.report_invalid(name),
        }
    }

    /// An option that has another name, too.
    fn text_of_two(&mut self, name: &str, other_name: &str) -> Option<String> {
        let (text, other) = (self.text(name), self.text(other_name));
        if text.is_some() && other.is_some() && text != other {
            return self.report_conflict(&concat(&[name, ", ", other_name]));
        }
        text.or(other)
    }

    fn parsed<T>(&mut self, name: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        self.or_report_invalid(name, parse(&text))
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.take_value(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => self.report_invalid(name).unwrap_or_default(),
        }
    }

    fn number(&mut self, name: &str, legal: fn(f64) -> bool) -> Option<f64> {
        match self.take_value(name)? {
            Value::Number(number) if number.is_finite() && legal(number) => Some(number),
            _ => self.report_invalid(name),
        }
    }

    fn fields(&mut self, name: &str) -> Fields {
        match self.take(name) {
            None => Fields::new(),
            // One that is `null` is not there.
            Some(ValueOrObject::Object(mut fields)) => {
                fields.retain(|(_, value)| !value.is_absent());
                fields
            }
            Some(ValueOrObject::Value(_)) => self.report_invalid(name).unwrap_or_default(),
        }
    }

    fn or_report_invalid<T>(&mut self, name: &str, parsed: Option<T>) -> Option<T> {
        parsed.or_else(|| self.report_invalid(name))
    }

    fn report_invalid<T>(&mut self, name: &str) -> Option<T> {
        self.report(OptionErrorKind::Invalid, name);
        None
    }

    fn report_conflict<T>(&mut self, names: &str) -> Option<T> {
        self.report(OptionErrorKind::Conflict, names);
        None
    }

    /// The name comes from the caller's code: it is logged only if it looks like an option's.
    fn report_unknown(&mut self, prefix: &str, name: &str) {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let legal = name.len() <= 32 && name.bytes().all(letter);
        let name = if legal { name } else { "(unprintable)" };
        self.report(OptionErrorKind::Unknown, &concat(&[prefix, name]));
    }

    fn report(&mut self, kind: OptionErrorKind, names: &str) {
        if self.error.is_none() {
            self.error = Some(OptionError { kind, names: names.to_owned() });
        }
    }
}

/// What people paste instead of a key.
fn mistake_in_key(key: &str) -> Option<&'static str> {
    let within =
        |mark: &str| key.len() >= 2 * mark.len() && key.starts_with(mark) && key.ends_with(mark);
    if within("\"") || within("'") || within("`") {
        return Some(", which is in quotes");
    }
    // The deploy CLI replaces the first two, and the third is what Auth0 shows in the place of a secret.
    let placeholder = within("##") || within("@@") || key == "_VALUE_NOT_SHOWN_";
    placeholder.then_some(", which is a placeholder")
}

fn region_url(region: &str) -> Option<ApiUrl> {
    let (_, url) = REGIONS.iter().find(|(name, _)| region.eq_ignore_ascii_case(name))?;
    ApiUrl::parse(url)
}

/// As `Number.isSafeInteger` says.
fn is_safe_integer(number: f64) -> bool {
    number as i64 as f64 == number && number.abs() <= 9_007_199_254_740_991.0
}
