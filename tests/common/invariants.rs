//! What holds for every event, every options object and every answer, legal or hostile. It is read from
//! the raw JSON, by other code than the module's. The properties and the fuzz targets share it.
#![allow(dead_code)] // every test file uses its own part of it

use std::collections::HashSet;

use authsignal_auth0::authsignal::{Request, Secret};
use authsignal_auth0::cause::Cause;
use authsignal_auth0::cause::OptionErrorKind;
use authsignal_auth0::event::Event;
use authsignal_auth0::host::HostInputs;
use authsignal_auth0::on_continue;
use authsignal_auth0::on_execute;
use authsignal_auth0::options::OptionsInput;
use authsignal_auth0::outcome::{Outcome, Step, Verdict};
use authsignal_auth0::retry::{Failure, Unavailable};
use serde::de::DeserializeOwned;
use serde_json::json;
use url::{Host, Url};

use super::common::*;

/// The token of [`back`].
pub const TOKEN: &str = "eyJhbGciOi.J0b2tlbg.c2ln";
/// The key of the challenge that the transaction of [`back`] began.
pub const CHALLENGE: &str = "the-key-of-the-challenge";
/// Addresses of a challenge that are taken.
pub const SECURE_URLS: [&str; 2] = [CHALLENGE_URL, "http://localhost:4002/challenge?token=t"];
/// A word that no text of the module has, to look for where it must not be.
pub const MARK: &str = "xq7";

/// An answer's JSON, or how the last try failed.
pub type Answer = Result<Json, Failure>;

/// The fixture on its way back, with a token and a challenge.
pub fn back() -> Json {
    let mut event = fixture();
    event["request"]["query"]["token"] = json!(TOKEN);
    event["request"]["body"]["token"] = json!(TOKEN);
    event["secrets"]["AUTHSIGNAL_REGION"] = json!(null);
    event["secrets"]["AUTHSIGNAL_API_URL"] = json!(null);
    event["transaction"]["metadata"]["authsignal_challenge"] = json!(CHALLENGE);
    event
}

/// A whole `onExecutePostLogin`: it ends as the oracle says.
pub fn check_execute(json: &Json, options: &Json, answer: &Answer, moment: &HostInputs) {
    // Where the host can't read it, the login is denied.
    let Ok(event) = serde_json::from_value::<Event>(json.clone()) else { return };
    let transaction = &json["transaction"];
    let refreshes = oracle::refreshes_token(&transaction["protocol"]);
    let before = |cause: Option<&Cause>| {
        oracle::before_track(|condition| match condition {
            "it refreshes a token" => refreshes,
            "the options are false" => *options == false,
            "a recorded challenge counts" => is_recorded(json, options, moment),
            _ => refused(condition, cause),
        })
    };
    match on_execute::begin(
        &event,
        || host_given(options),
        |path| value_at(json, path),
        moment.clone(),
    ) {
        Step::Done(verdict) => {
            // No option is looked at where a refresh token is exchanged.
            let options = if refreshes { &Json::Null } else { options };
            check_verdict(&verdict, options);
            assert_decided(&verdict, before(Some(&verdict.cause)), options, "before track");
        }
        Step::Send(request, pending) => {
            assert_eq!(before(None).outcome, "request");
            check_track(&request, json, options, moment);
            let verdict = pending.conclude(read(answer));
            check_verdict(&verdict, options);
            let Some(answer) = object(answer) else {
                let expected = oracle::track_without_answer(
                    is_outage(answer),
                    asked(json, options).is_some(),
                    options,
                );
                return assert_decided(&verdict, expected, options, "without an answer");
            };
            let can_redirect =
                oracle::can_redirect(&transaction["protocol"], &transaction["prompt"][0]);
            // Of the addresses that a browser takes, not all are taken here.
            let secure = SECURE_URLS.iter().any(|url| answer["url"] == *url)
                || answer["url"].as_str().is_some_and(is_secure)
                    && verdict.cause != Cause::InvalidChallengeUrl;
            let expected = oracle::track(answer, options, can_redirect, secure);
            assert_decided(&verdict, expected, options, "track");
            if let Outcome::Redirect { url, challenge } = &verdict.outcome {
                assert_eq!(challenge.as_deref(), answer["idempotencyKey"].as_str());
                let forced = options["forceEnrollment"] == true;
                check_redirect(url, answer["url"].as_str().unwrap(), forced);
            }
        }
    }
}

/// A whole `onContinuePostLogin`: it ends as the oracle says.
pub fn check_continue(json: &Json, options: &Json, answer: &Answer) {
    let Ok(event) = serde_json::from_value::<Event>(json.clone()) else { return };
    let before = |cause: Option<&Cause>| {
        oracle::before_validate(|condition| match condition {
            "the options are false" => *options == false,
            "there is no single token" => token(json).is_none(),
            _ => refused(condition, cause),
        })
    };
    match on_continue::begin(&event, || host_given(options)) {
        Step::Done(verdict) => {
            check_verdict(&verdict, options);
            assert_decided(&verdict, before(Some(&verdict.cause)), options, "before validate");
        }
        Step::Send(request, pending) => {
            assert_eq!(before(None).outcome, "request");
            check_sent(&request, json, options);
            assert_eq!(request.url, endpoint(json, options, "/validate"));
            let user = user(json, options);
            let expected =
                json!({ "token": token(json), "action": action(options), "userId": user });
            assert_eq!(body(&request), expected);
            let verdict = pending.conclude(read(answer), moment().now_ms);
            check_verdict(&verdict, options);
            let expected = match object(answer) {
                Some(answer) => {
                    let challenge = &json["transaction"]["metadata"]["authsignal_challenge"];
                    oracle::validate(answer, action(options), user.as_str().unwrap(), challenge)
                }
                None => oracle::validate_without_answer(),
            };
            assert_decided(&verdict, expected, options, "validate");
            if let Outcome::RecordMethod { name } = &verdict.outcome {
                assert_eq!(*name, method_name(json, options));
            }
        }
    }
}

/// Whether the module refused the options or the event. Other tests show which of them it has to refuse: tests/options.rs
/// and tests/decision_table.rs.
fn refused(condition: &str, cause: Option<&Cause>) -> bool {
    match condition {
        "the configuration is wrong" => matches!(cause, Some(Cause::Options(_))),
        "the event lacks something" => matches!(cause, Some(Cause::Event(_))),
        _ => panic!("the oracle has a new condition: {condition}"),
    }
}

/// The answer, if it is an object. An array is an object without the fields that are read.
fn object(answer: &Answer) -> Option<&Json> {
    answer.as_ref().ok().filter(|answer| answer.is_object() || answer.is_array())
}

fn is_outage(answer: &Answer) -> bool {
    let Err(failure) = answer else { return false };
    failures().contains(&(*failure, true))
}

/// Whether a browser that is sent there talks TLS, or with its own machine. What no parser takes leads
/// nowhere: `new URL` throws, and the login is denied.
pub fn is_secure(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return true };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let no_credentials = url.username().is_empty() && url.password().is_none();
    no_credentials && (url.scheme() == "https" || url.scheme() == "http" && loopback)
}

fn host_given(options: &Json) -> OptionsInput {
    if *options == false { OptionsInput::Off } else { given(options) }
}

/// The answer, as the host reads it.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Unavailable> {
    let json = answer.clone().map_err(|failure| unavailable(&[failure]))?;
    serde_json::from_value(json)
        .map_err(|_| Unavailable { failure: Failure::Unreadable, outage: false })
}

/// What holds for every verdict.
fn check_verdict(verdict: &Verdict, options: &Json) {
    match &verdict.outcome {
        Outcome::Redirect { url: address, .. } | Outcome::RecordMethod { name: address } => {
            assert!(is_secure(address), "{address}");
        }
        Outcome::Deny { .. } | Outcome::Proceed => {}
    }
    match &verdict.claim {
        Some(claim) => {
            assert_eq!(claim.name.as_str(), options["claim"]);
            let counts = [Cause::AlreadyChallenged, Cause::ChallengePassed];
            assert!(counts.contains(&verdict.cause), "{verdict:?}");
        }
        None => {
            let passed = verdict.cause == Cause::ChallengePassed && options["claim"].is_string();
            assert!(!passed, "{verdict:?}");
        }
    }
    let line = verdict.log_line();
    match options["logLevel"].as_str() {
        Some("silent") => assert_eq!(line, None),
        Some("info") => assert!(line.is_some()),
        _ => assert_eq!(line.is_some(), verdict.cause.is_error()),
    }
    let line = line.unwrap_or_default();
    assert!(line.len() < 256, "{line}");
    assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{line:?}");
    // Of what comes from outside only the name of an unknown option is told.
    let told = match &verdict.cause {
        Cause::Options(error) if error.kind == OptionErrorKind::Unknown => {
            line.strip_suffix(&error.names).unwrap_or(&line)
        }
        _ => &line,
    };
    for secret in [MARK, SECRET, TOKEN, USER, CHALLENGE, KEY, "ada@", "203.0.113.24", "samlp|"] {
        assert!(!told.contains(secret), "{line}");
    }
}

/// What holds for both requests.
fn check_sent(request: &Request, event: &Json, options: &Json) {
    assert!(is_secure(&request.url), "{}", request.url);
    let secret = options["secret"].as_str().or(options["apiSecretKey"].as_str());
    let secret = secret.or(event["secrets"]["AUTHSIGNAL_SECRET"].as_str().map(without_blanks));
    assert_eq!(Some(&request.secret), secret.and_then(Secret::parse).as_ref());
    let names: HashSet<&String> = request.body.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), request.body.len(), "a name is there twice: {:?}", request.body);
}

/// What holds for the track request: the user is one path segment, and nothing widens the token.
fn check_track(request: &Request, event: &Json, options: &Json, moment: &HostInputs) {
    check_sent(request, event, options);
    let before = endpoint(event, options, "/users/");
    let path = request.url.strip_prefix(&before);
    let (segment, behind) =
        path.unwrap_or_else(|| panic!("{}", request.url)).split_once('/').unwrap();
    assert_eq!(behind, format!("actions/{}", action(options)));
    assert!(!matches!(segment, "" | "." | ".."), "{segment}");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()%".contains(&b);
    assert!(segment.bytes().all(plain), "{segment}");
    assert_eq!(json!(decoded(segment)), user(event, options));

    let mut body = body(request);
    let body = body.as_object_mut().unwrap();
    assert_eq!(body.remove("idempotencyKey"), Some(json!(moment.idempotency_key)));
    let back = body.remove("redirectUrl").unwrap();
    match &options["redirectUrl"] {
        Json::Null => {
            let host = event["request"]["hostname"].as_str().unwrap();
            let https = back == format!("https://{host}/continue");
            assert!(https || back == format!("http://{host}/continue"), "{back}");
        }
        own => assert_eq!(back, *own),
    }
    assert!(is_secure(back.as_str().unwrap()), "{back}");
    let custom = body.remove("custom").unwrap();
    for (name, value) in custom.as_object().unwrap() {
        assert!(value.is_string() || value.is_number() || value.is_boolean(), "{name}: {value}");
    }
    for (name, value) in body {
        let own = &options["attributes"][name];
        let from_event = match name.as_str() {
            "email" => &event["user"]["email"],
            "ipAddress" => &event["request"]["ip"],
            "userAgent" => &event["request"]["user_agent"],
            "deviceId" => &event["request"]["query"]["device_id"],
            "phoneNumber" | "username" | "locale" | "redirectToSettings" | "customDomain" => own,
            _ => panic!("{name}: {value}"),
        };
        assert_eq!(&*value, if own.is_null() { from_event } else { own }, "{name}");
        assert!(value.is_string() || name == "redirectToSettings" && value.is_boolean());
        let is_blank = |text: &str| without_blanks(text).is_empty();
        assert!(!own.is_null() || !value.as_str().is_some_and(is_blank), "{name}: {value}");
    }
}

/// What is left of a text without what a clipboard may add at its ends.
fn without_blanks(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// The answer's address goes on unchanged, but for one parameter where enrolment is forced.
fn check_redirect(url: &str, given: &str, forced: bool) {
    let (address, fragment) = given.split_once('#').unwrap_or((given, ""));
    let added = if address.contains('?') { "&" } else { "?" };
    let expected = match (forced, given.contains('#')) {
        (false, _) => given.to_owned(),
        (true, true) => format!("{address}{added}force_enrollment=true#{fragment}"),
        (true, false) => format!("{address}{added}force_enrollment=true"),
    };
    assert_eq!(url, expected);
}

/// A path segment without its percent signs.
pub fn decoded(segment: &str) -> String {
    let mut bytes = vec![];
    let mut rest = segment.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(&behind[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Whether a method of this action was recorded, recently enough.
fn is_recorded(event: &Json, options: &Json, moment: &HostInputs) -> bool {
    let name = method_name(event, options);
    let methods = event["authentication"]["methods"].as_array();
    let asked = asked(event, options);
    methods.into_iter().flatten().filter(|method| method["name"] == *name).any(|method| {
        let max_age = match (options["maxAge"].as_f64(), asked) {
            (None, None) => return true,
            (Some(seconds), None) | (None, Some(seconds)) => seconds,
            (Some(seconds), Some(asked)) => seconds.min(asked),
        };
        let recorded = method["timestamp"].as_str().map_or(f64::NAN, moment.read_timestamp);
        let age = (moment.now_ms - recorded) / 1000.0;
        (-60.0..0.0).contains(&age) && max_age > 0.0 || (0.0..max_age).contains(&age)
    })
}

/// The most seconds that the application lets a recorded challenge be old, if `onStepUp` listens to it: 0 if it wants a
/// new one.
fn asked(event: &Json, options: &Json) -> Option<f64> {
    let has = |list: &Json, entry: &str| match list {
        Json::Null => false,
        Json::String(text) => text.split(' ').any(|own| own == entry),
        Json::Array(own) if own.iter().all(Json::is_string) => own.iter().any(|own| own == entry),
        _ => true,
    };
    let transaction = &event["transaction"];
    let multi_factor = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
    let max_age = &event["request"]["query"]["max_age"];
    if options["onStepUp"] != "challenge" {
        None
    } else if has(&transaction["acr_values"], multi_factor) || has(&transaction["prompt"], "login")
    {
        Some(0.0)
    } else {
        let is_digits = |text: &&str| text.chars().all(|c| c.is_ascii_digit());
        let digits = max_age.as_str().filter(is_digits);
        (!max_age.is_null()).then(|| digits.map_or(0.0, |text| text.parse().unwrap_or(0.0)))
    }
}

/// The base URL of these options beside these secrets.
fn base_url(event: &Json, options: &Json) -> String {
    let region = |region: &str| match region.to_ascii_lowercase().as_str() {
        "us" => US.to_owned(),
        other => format!("https://{other}.api.authsignal.com/v1"),
    };
    let secrets = &event["secrets"];
    let own = options["apiBaseUrl"].as_str().or(options["apiUrl"].as_str());
    match (own, options["region"].as_str()) {
        (Some(url), _) => url.to_owned(),
        (None, Some(name)) => region(name),
        (None, None) => match (&secrets["AUTHSIGNAL_API_URL"], &secrets["AUTHSIGNAL_REGION"]) {
            (Json::String(url), _) => without_blanks(url).to_owned(),
            (_, Json::String(name)) => region(without_blanks(name)),
            _ => US.to_owned(),
        },
    }
}

fn endpoint(event: &Json, options: &Json, path: &str) -> String {
    format!("{}{path}", base_url(event, options).trim_end_matches('/'))
}

fn method_name(event: &Json, options: &Json) -> String {
    let base = base_url(event, options);
    match action(options) {
        "auth0-login" => base,
        action => format!("{base}#{action}"),
    }
}

fn action(options: &Json) -> &str {
    options["action"].as_str().unwrap_or("auth0-login")
}

fn user(event: &Json, options: &Json) -> Json {
    match &options["userId"] {
        Json::Null => event["user"]["user_id"].clone(),
        Json::Number(id) => json!((id.as_f64().unwrap() as i64).to_string()),
        id => id.clone(),
    }
}

/// The one token that the browser brought.
fn token(event: &Json) -> Option<&str> {
    let (body, query) = (&event["request"]["body"]["token"], &event["request"]["query"]["token"]);
    let token = if body.is_null() { query } else { body };
    let text = token.as_str().filter(|it| (1..=8192).contains(&it.chars().count()))?;
    (query.is_null() || query == token).then_some(text)
}
