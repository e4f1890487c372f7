//! What the native tests share: an event, options, a moment, and each hook run as one function.
#![allow(dead_code)] // every test file uses its own part of it

#[path = "../oracle/decisions.rs"]
pub mod oracle;

use authsignal_auth0::authsignal::Request;
use authsignal_auth0::cause::Cause;
use authsignal_auth0::event::Event;
use authsignal_auth0::host::HostInputs;
use authsignal_auth0::messages::Messages;
use authsignal_auth0::on_continue;
use authsignal_auth0::on_execute;
use authsignal_auth0::options::{Config, NoConfig, Options, OptionsInput};
use authsignal_auth0::outcome::{Outcome, Step, Verdict};
use authsignal_auth0::retry::Limits;
use authsignal_auth0::retry::{Failure, Health, Tries, Unavailable};
use authsignal_auth0::value::{Slot, Value, ValueOrObject};
use serde_json::json;

pub type Json = serde_json::Value;

/// The user of [`fixture`].
pub const USER: &str = "auth0|6637d1c0a9f3b2e4d5c6b7a8";
/// The secret key of [`fixture`].
pub const SECRET: &str = "sandbox-secret-key";
/// The region that is the default.
pub const US: &str = "https://api.authsignal.com/v1";
/// The random key of [`moment`].
pub const KEY: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
/// The time of [`moment`].
pub const NOW: &str = "2026-05-04T08:15:32.000Z";
/// Where Authsignal's answer sends the browser.
pub const CHALLENGE_URL: &str = "https://mfa.authsignal.com/challenge?token=ey.J0.b2tlbg";

/// What is read of a whole event of the post-login trigger, among some of what isn't.
pub fn fixture() -> Json {
    json!({
        "transaction": {
            "id": "Q2hhbGxlbmdlLXRyYW5zYWN0aW9uLTAx",
            "acr_values": [],
            "protocol": "oidc-basic-profile",
            "prompt": ["login"],
            "metadata": { "campaign": "spring" },
        },
        "authentication": {
            "methods": [{ "name": "pwd", "timestamp": "2026-05-04T08:15:31.204Z" }],
            "riskAssessment": {
                "confidence": "medium",
                "version": "1",
                "assessments": { "UntrustedIP": { "confidence": "high" } },
            },
        },
        "authorization": { "roles": ["billing", "support"] },
        "connection": {
            "id": "con_Yx41",
            "name": "Username-Password-Authentication",
            "strategy": "auth0",
            "metadata": {},
        },
        "organization": {
            "id": "org_Kd83",
            "name": "analytical-engines",
            "display_name": "Analytical Engines",
        },
        "secrets": { "AUTHSIGNAL_SECRET": SECRET },
        "session": { "id": "sess_91ab", "user_id": USER },
        "client": { "client_id": "hT6bQ0exampleClientId", "name": "Customer portal" },
        "request": {
            "ip": "203.0.113.24",
            "asn": "AS64500",
            "method": "POST",
            "hostname": "login.example.com",
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
            "query": {
                "client_id": "hT6bQ0exampleClientId",
                "device_id": "7d1f3a52-2f6e-4a43-9f0f-0c6f5c1c8e11",
                "scope": "openid profile email offline_access",
            },
            "body": {},
            "geoip": { "cityName": "Wellington", "countryCode": "NZ", "latitude": -41.28 },
        },
        "stats": { "logins_count": 17 },
        "user": {
            "user_id": USER,
            "email": "ada@example.com",
            "email_verified": true,
            "username": "ada",
            "phone_number": "+6421000000",
            "app_metadata": { "nested": { "deep": [1, 2, { "x": null }] } },
        },
    })
}

/// `base` with what `patch` says: objects are merged, `null` takes a field away.
pub fn merged(mut base: Json, patch: &Json) -> Json {
    let Json::Object(fields) = patch else { return patch.clone() };
    if !base.is_object() {
        base = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = merged(base[name].take(), value);
        }
    }
    base
}

/// The fixture's event with a patch.
pub fn event(patch: &Json) -> Event {
    exact_event(&merged(fixture(), patch))
}

/// The event of exactly this JSON.
pub fn exact_event(json: &Json) -> Event {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// An event on its way back, with this token in the query.
pub fn back_with(token: &Json, patch: &Json) -> Event {
    let mut back = merged(fixture(), patch);
    back["request"]["query"]["token"] = token.clone();
    exact_event(&back)
}

/// What the caller gave, as the host reads it.
pub fn given(options: &Json) -> OptionsInput {
    Options::read(options.clone()).map_or(OptionsInput::Invalid, OptionsInput::Object)
}

/// The settings, which are legal.
pub fn config(options: &Json) -> Config {
    given(options).parse(&event(&json!({}))).unwrap_or_else(|error| panic!("{error:?}: {options}"))
}

/// The messages and the cause of options that are illegal beside the fixture's event with a patch.
pub fn refusal(options: &Json, patch: &Json) -> (Messages, Cause) {
    match given(options).parse(&event(patch)) {
        Ok(config) => panic!("{options} beside {patch} gave {config:?}"),
        Err(NoConfig::Off) => panic!("{options} disabled the Action"),
        Err(NoConfig::Invalid(invalid)) => (invalid.messages, Cause::Options(invalid.error)),
    }
}

/// The time and the random key of a test.
pub fn moment() -> HostInputs {
    HostInputs {
        now_ms: milliseconds(NOW),
        read_timestamp: milliseconds,
        idempotency_key: KEY.into(),
    }
}

/// An ISO 8601 timestamp as milliseconds since 1970, or `NaN`.
pub fn milliseconds(timestamp: &str) -> f64 {
    let Ok(time) = humantime::parse_rfc3339(timestamp) else { return f64::NAN };
    time.duration_since(std::time::UNIX_EPOCH).map_or(f64::NAN, |it| it.as_secs_f64() * 1000.0)
}

/// The timestamp that lies so many seconds before [`NOW`].
pub fn seconds_ago(seconds: f64) -> String {
    let milliseconds = milliseconds(NOW) - seconds * 1000.0;
    let since = std::time::Duration::from_millis(milliseconds.round() as u64);
    humantime::format_rfc3339_millis(std::time::UNIX_EPOCH + since).to_string()
}

/// The value at a path in the event of exactly this JSON.
pub fn value_at(json: &Json, path: &str) -> Value {
    let mut value = Value::Absent;
    if let Some(found) = json.pointer(&["/", &path.replace('.', "/")].concat()) {
        Slot::Value(&mut value).read(found).unwrap();
    }
    value
}

/// No context.
pub fn nothing(_: &str) -> Value {
    Value::Absent
}

/// The first step of `onExecutePostLogin`, with the fixture's context.
pub fn begin_execute(event: &Event, options: &Json) -> Step<on_execute::Pending> {
    on_execute::begin(event, || given(options), |path| value_at(&fixture(), path), moment())
}

/// The first step of `onContinuePostLogin`.
pub fn begin_continue(event: &Event, options: &Json) -> Step<on_continue::Pending> {
    on_continue::begin(event, || given(options))
}

/// The verdict of a step that sends nothing.
pub fn done<Pending: std::fmt::Debug>(step: Step<Pending>) -> Verdict {
    match step {
        Step::Done(verdict) => verdict,
        Step::Send(request, _) => panic!("it sends {request:?}"),
    }
}

/// The request of a step that sends one.
pub fn sent<Pending>(step: Step<Pending>) -> (Request, Pending) {
    match step {
        Step::Send(request, pending) => (request, pending),
        Step::Done(verdict) => panic!("it ends in {verdict:?}"),
    }
}

/// The whole of `onExecutePostLogin`: the verdict on the answer to its request.
pub fn tracked(event: &Event, options: &Json, answer: &Json) -> Verdict {
    let answer = serde_json::from_value(answer.clone()).unwrap();
    sent(begin_execute(event, options)).1.conclude(Ok(answer))
}

/// The whole of `onContinuePostLogin`: the verdict on the answer to its request.
pub fn validated(event: &Event, options: &Json, answer: &Json) -> Verdict {
    let answer = serde_json::from_value(answer.clone()).unwrap();
    sent(begin_continue(event, options)).1.conclude(Ok(answer), milliseconds(NOW))
}

/// What a login whose tries failed in these ways concludes with.
pub fn unavailable(failures: &[Failure]) -> Unavailable {
    let limits = Limits { timeout_ms: 1000.0, max_retries: failures.len() as u32 - 1 };
    let mut health = Health::default();
    let mut tries = Tries::new(limits, 0.0, 0.0, &mut health);
    let (last, before) = failures.split_last().unwrap();
    for failure in before {
        tries.failed(*failure, 0.0, 0.0, &mut health).unwrap();
    }
    tries.failed(*last, 0.0, 0.0, &mut health).unwrap_err()
}

/// The failure that an HTTP status is.
pub fn status(status: u16) -> Failure {
    Failure::of_status(status, || None).unwrap()
}

/// Every way in which a try can fail, with whether that is an outage.
pub fn failures() -> Vec<(Failure, bool)> {
    let mut failures = vec![
        (Failure::NoConnection, true),
        (Failure::Timeout, true),
        (Failure::KeptTimeout, false),
        (Failure::NoAuthenticator, false),
        (Failure::Redirect, false),
        (Failure::TooLarge, false),
        (Failure::Unreadable, false),
        (Failure::NotSent, false),
    ];
    failures.extend([500, 502, 503, 504, 599].map(|code| (status(code), true)));
    let refusals = [0, 100, 199, 300, 302, 308, 399, 400, 401, 403, 404, 408, 422, 429, 499, 600];
    failures.extend(refusals.map(|code| (status(code), false)));
    failures
}

/// The reason of a deny.
pub fn reason(verdict: &Verdict) -> Option<&str> {
    match &verdict.outcome {
        Outcome::Deny { reason } => Some(reason),
        Outcome::Proceed | Outcome::Redirect { .. } | Outcome::RecordMethod { .. } => None,
    }
}

/// Fails unless the verdict is what the oracle says.
#[track_caller]
pub fn assert_decided(verdict: &Verdict, expected: oracle::Decision, options: &Json, about: &str) {
    let outcome = match &verdict.outcome {
        Outcome::Proceed => "proceed",
        Outcome::Redirect { .. } => "redirect",
        Outcome::Deny { .. } => "deny",
        Outcome::RecordMethod { .. } => "record",
    };
    let message = expected.message.map(|name| oracle::message(options, name));
    assert_eq!((outcome, reason(verdict)), (expected.outcome, message.as_deref()), "{about}");
    if let Some(code) = expected.code {
        assert_eq!(verdict.cause.code(), code, "{about}");
    }
}

/// A body or a part of it, with every number as a float: `17` and `17.0` are the same in JSON.
pub fn floats(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(elements) => elements.iter().map(floats).collect(),
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), floats(value))).collect()
        }
        other => other.clone(),
    }
}

/// The JSON that a request sends.
pub fn body(request: &Request) -> Json {
    members(&request.body)
}

/// Members as JSON. None is there twice.
pub fn members(members: &[(String, ValueOrObject)]) -> Json {
    let mut json = serde_json::Map::new();
    for (name, value) in members {
        let value = match value {
            ValueOrObject::Value(value) => json_of(value),
            ValueOrObject::Object(fields) => {
                let names: std::collections::HashSet<_> = fields.iter().map(|it| &it.0).collect();
                assert_eq!(names.len(), fields.len(), "{fields:?}");
                fields.iter().map(|(name, value)| (name.clone(), json_of(value))).collect()
            }
        };
        assert_eq!(json.insert(name.clone(), value), None, "{name}");
    }
    json.into()
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => json!(flag),
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(texts) => json!(texts),
        Value::Absent | Value::Other => Json::Null,
    }
}
