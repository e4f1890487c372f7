//! What a caller may set: every default, every other name, every wrong value.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::authsignal::{ActionCode, Secret, UserId};
use authsignal_auth0::cause::{OptionError, OptionErrorKind};
use authsignal_auth0::messages::{LogLevel, Messages};
use authsignal_auth0::options::{
    Config, Enrollment, NoConfig, OnReview, OnStepUp, OnUnavailable, Options, OptionsInput,
};
use authsignal_auth0::retry::Limits;
use authsignal_auth0::url::{ApiUrl, ClaimName, WebUrl};
use authsignal_auth0::value::Value;
use common::*;
use serde::de::value::{Error, MapDeserializer};
use serde_json::json;

/// The kind of an error and the names that it tells.
fn error(options: &Json, secrets: &Json) -> (OptionErrorKind, String) {
    let mut beside = fixture();
    beside["secrets"] = secrets.clone();
    match given(options).parse(&exact_event(&beside)) {
        Err(NoConfig::Invalid(invalid)) => (invalid.error.kind, invalid.error.names),
        other => panic!("{options} beside {secrets} gave {other:?}"),
    }
}

/// The settings, beside these secrets.
fn config_beside(options: &Json, secrets: &Json) -> Config {
    let mut beside = fixture();
    beside["secrets"] = secrets.clone();
    given(options).parse(&exact_event(&beside)).unwrap_or_else(|error| panic!("{error:?}"))
}

fn key() -> Json {
    json!({ "AUTHSIGNAL_SECRET": SECRET })
}

fn api_url(options: &Json, secrets: &Json) -> String {
    config_beside(options, secrets).api_url.as_str().to_owned()
}

#[test]
fn nothing_given_is_every_default() {
    let expected = Config {
        messages: Messages {
            failure: "MFA challenge failed".into(),
            blocked: "Action blocked".into(),
            review: "Action under review".into(),
            unavailable: "MFA is unavailable".into(),
            log_level: LogLevel::Error,
        },
        secret: Secret::parse(SECRET).unwrap(),
        api_url: ApiUrl::parse("https://api.authsignal.com/v1").unwrap(),
        user_id: None,
        action: ActionCode::parse("auth0-login").unwrap(),
        redirect_url: None,
        custom: vec![],
        include_context: false,
        attributes: vec![],
        enrollment: Enrollment::Required,
        force_enrollment: false,
        max_age: None,
        on_review: OnReview::Deny,
        on_unavailable: OnUnavailable::Deny,
        on_step_up: OnStepUp::Ignore,
        claim: None,
        limits: Limits { timeout_ms: 3000.0, max_retries: 2 },
    };
    assert_eq!(config(&json!({})), expected);
    let nothing = OptionsInput::Object(Options::default());
    assert_eq!(nothing.parse(&event(&json!({}))).unwrap(), expected);
    let defaults = json!({
        "region": "us",
        "action": "auth0-login",
        "custom": {},
        "includeContext": false,
        "attributes": {},
        "enrollment": "required",
        "forceEnrollment": false,
        "onReview": "deny",
        "onUnavailable": "deny",
        "onStepUp": "ignore",
        // The boundary to JavaScript keeps the console, and gives here whether it is one.
        "console": true,
        "timeoutMs": 3000,
        "maxRetries": 2,
        "failureMessage": "MFA challenge failed",
        "blockedMessage": "Action blocked",
        "reviewMessage": "Action under review",
        "unavailableMessage": "MFA is unavailable",
        "logLevel": "error",
    });
    assert_eq!(config(&defaults), expected);
}

#[test]
fn everything_given_is_what_is_used() {
    let options = json!({
        "secret": "another key",
        "apiBaseUrl": "https://mfa.example.com/v1/",
        "userId": "ada",
        "action": "Pay_out-1",
        "redirectUrl": "https://login.example.org/continue",
        "custom": { "plan": "gold", "seats": 5, "trial": false },
        "includeContext": true,
        "attributes": {
            "email": "a@b",
            "phoneNumber": "+64",
            "username": "u",
            "locale": "en",
            "deviceId": "d",
            "ipAddress": "::1",
            "userAgent": "ua",
            "redirectToSettings": true,
            "customDomain": "mfa.example.com",
        },
        "enrollment": "optional",
        "forceEnrollment": true,
        "maxAge": 0.5,
        "onReview": "allow",
        "onUnavailable": "allow",
        "onStepUp": "challenge",
        "claim": "https://example.com/mfa",
        "console": true,
        "timeoutMs": 1500.5,
        "maxRetries": 7,
        "failureMessage": "f",
        "blockedMessage": "b",
        "reviewMessage": "r",
        "unavailableMessage": "u",
        "logLevel": "info",
    });
    let text = |text: &str| text.to_owned();
    let expected = Config {
        messages: Messages {
            failure: "f".into(),
            blocked: "b".into(),
            review: "r".into(),
            unavailable: "u".into(),
            log_level: LogLevel::Info,
        },
        secret: Secret::parse("another key").unwrap(),
        api_url: ApiUrl::parse("https://mfa.example.com/v1/").unwrap(),
        user_id: UserId::parse("ada"),
        action: ActionCode::parse("Pay_out-1").unwrap(),
        redirect_url: WebUrl::parse("https://login.example.org/continue"),
        custom: vec![
            (text("plan"), "gold".into()),
            (text("seats"), Value::Number(5.0)),
            (text("trial"), Value::Bool(false)),
        ],
        include_context: true,
        attributes: vec![
            (text("email"), "a@b".into()),
            (text("phoneNumber"), "+64".into()),
            (text("username"), "u".into()),
            (text("locale"), "en".into()),
            (text("deviceId"), "d".into()),
            (text("ipAddress"), "::1".into()),
            (text("userAgent"), "ua".into()),
            (text("redirectToSettings"), Value::Bool(true)),
            (text("customDomain"), "mfa.example.com".into()),
        ],
        enrollment: Enrollment::Optional,
        force_enrollment: true,
        max_age: Some(0.5),
        on_review: OnReview::Allow,
        on_unavailable: OnUnavailable::Allow,
        on_step_up: OnStepUp::Challenge,
        claim: ClaimName::parse("https://example.com/mfa"),
        limits: Limits { timeout_ms: 1500.5, max_retries: 7 },
    };
    let by_name = |config: Config| {
        let sorted = |mut entries: Vec<(String, Value)>| {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            entries
        };
        Config { custom: sorted(config.custom), attributes: sorted(config.attributes), ..config }
    };
    assert_eq!(by_name(config(&options)), by_name(expected));
}

#[test]
fn every_region_has_its_url() {
    for (region, url) in [
        ("us", "https://api.authsignal.com/v1"),
        ("eu", "https://eu.api.authsignal.com/v1"),
        ("au", "https://au.api.authsignal.com/v1"),
        ("ca", "https://ca.api.authsignal.com/v1"),
    ] {
        assert_eq!(api_url(&json!({ "region": region }), &key()), url);
        let secrets = json!({ "AUTHSIGNAL_SECRET": SECRET, "AUTHSIGNAL_REGION": region });
        assert_eq!(api_url(&json!({}), &secrets), url);
    }
}

#[test]
fn log_levels_are_silent_error_and_info() {
    for (text, level) in
        [("silent", LogLevel::Silent), ("error", LogLevel::Error), ("info", LogLevel::Info)]
    {
        assert_eq!(config(&json!({ "logLevel": text })).messages.log_level, level);
    }
}

#[test]
fn an_option_with_two_names_may_be_given_by_either_or_by_both_where_they_are_equal() {
    for name in ["secret", "apiSecretKey"] {
        let config = config(&json!({ name: "k2" }));
        assert_eq!(config.secret, Secret::parse("k2").unwrap());
    }
    assert_eq!(
        config(&json!({ "secret": "k2", "apiSecretKey": "k2" })).secret,
        Secret::parse("k2").unwrap()
    );
    for name in ["apiBaseUrl", "apiUrl"] {
        assert_eq!(api_url(&json!({ name: "https://h/v1" }), &key()), "https://h/v1");
    }
    let both = json!({ "apiBaseUrl": "https://h/v1", "apiUrl": "https://h/v1" });
    assert_eq!(api_url(&both, &key()), "https://h/v1");
}

#[test]
fn two_names_of_one_option_conflict_where_they_differ() {
    for options in [
        json!({ "secret": "k2", "apiSecretKey": "k3" }),
        json!({ "secret": "k2", "apiSecretKey": "" }),
        json!({ "secret": "", "apiSecretKey": "k2" }),
    ] {
        let expected = (OptionErrorKind::Conflict, "secret, apiSecretKey".into());
        assert_eq!(error(&options, &key()), expected);
    }
    for options in [
        json!({ "apiBaseUrl": "https://h/v1", "apiUrl": "https://h/v2" }),
        json!({ "apiBaseUrl": "https://h/v1", "apiUrl": "https://h/v1/" }),
    ] {
        let expected = (OptionErrorKind::Conflict, "apiBaseUrl, apiUrl".into());
        assert_eq!(error(&options, &key()), expected);
    }
    // The right one of two does not make up for a wrong type of the other.
    for options in [
        json!({ "secret": "k2", "apiSecretKey": 5 }),
        json!({ "secret": null, "apiSecretKey": "k2" }),
        json!({ "apiBaseUrl": US, "apiUrl": null }),
        json!({ "apiBaseUrl": [], "apiUrl": US }),
    ] {
        assert_eq!(error(&options, &key()).0, OptionErrorKind::Invalid, "{options}");
    }
}

/// What is no string.
fn no_text() -> Vec<Json> {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1.5),
        json!([]),
        json!(["us"]),
        json!({}),
        json!({ "us": "us" }),
    ];
    values.into()
}

fn no_number() -> Vec<Json> {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("1"),
        json!("NaN"),
        json!([]),
        json!([1]),
        json!({}),
    ];
    values.into()
}

fn no_flag() -> Vec<Json> {
    let values = [
        json!(null),
        json!(0),
        json!(1),
        json!(""),
        json!("true"),
        json!([]),
        json!([true]),
        json!({}),
    ];
    values.into()
}

fn and<const N: usize>(mut values: Vec<Json>, more: [&str; N]) -> Vec<Json> {
    values.extend(more.map(|text| json!(text)));
    values
}

fn and_numbers<const N: usize>(mut values: Vec<Json>, more: [f64; N]) -> Vec<Json> {
    values.extend(more.map(|number| json!(number)));
    values
}

/// Each option, its values that are of a wrong type or form, and the names by which the error may tell
/// of it.
fn wrong_values() -> Vec<(&'static str, Vec<Json>, &'static [&'static str])> {
    let secrets = ["", "a\nb", "a\r\nX-Header: y", "ä", "\u{7f}", "\t", "a\0"];
    let urls = [
        "",
        "api.authsignal.com/v1",
        "//api.authsignal.com/v1",
        "http://api.authsignal.com/v1",
        "ftp://api.authsignal.com",
        "https://",
        "https://user@api.authsignal.com/v1",
        "https://user:pass@api.authsignal.com/v1",
        "https://api.authsignal.com\\@example.org",
        "https://api.authsignal.com/v1\n",
        " https://api.authsignal.com/v1",
        "https://api.authsignal.com:x/v1",
        "http://127./v1",
    ];
    let api_urls = || {
        let queries = ["https://h/v1?", "https://h/v1?x=1", "https://h/v1#", "https://h/v1#x"];
        and(and(no_text(), urls), queries)
    };
    let users = [
        json!(null),
        json!(true),
        json!(1.5),
        json!(9_007_199_254_740_992_i64),
        json!(-9_007_199_254_740_992_i64),
        json!(1e300),
        json!([]),
        json!(["u"]),
        json!({}),
    ];
    let customs = [
        json!(null),
        json!(true),
        json!(1),
        json!("a"),
        json!([]),
        json!([["a", 1]]),
        json!({ "a": [] }),
        json!({ "a": [1] }),
        json!({ "a": {} }),
        json!({ "fine": 1, "a": { "b": 1 } }),
    ];
    let attributes =
        [json!(null), json!(true), json!(1), json!("a"), json!([]), json!([["email", "x"]])];
    vec![
        ("failureMessage", no_text(), &["failureMessage"]),
        ("blockedMessage", no_text(), &["blockedMessage"]),
        ("reviewMessage", no_text(), &["reviewMessage"]),
        ("unavailableMessage", no_text(), &["unavailableMessage"]),
        ("logLevel", and(no_text(), ["", "ERROR", "debug", "error "]), &["logLevel"]),
        ("secret", and(no_text(), secrets), &["secret"]),
        ("apiSecretKey", and(no_text(), secrets), &["apiSecretKey", "secret"]),
        (
            "region",
            and(no_text(), ["", "mars", "eu ", "uk"]),
            &["region", "region, which is empty"],
        ),
        ("apiBaseUrl", api_urls(), &["apiBaseUrl"]),
        ("apiUrl", api_urls(), &["apiUrl", "apiBaseUrl"]),
        ("userId", and(users.into(), ["", ".", "..", "a\u{fffd}"]), &["userId"]),
        (
            "action",
            and(no_text(), ["", "a b", "a/b", "a.b", "a#b", "ä", &"a".repeat(65)]),
            &["action"],
        ),
        ("redirectUrl", and(no_text(), urls), &["redirectUrl"]),
        ("custom", customs.into(), &["custom"]),
        ("includeContext", no_flag(), &["includeContext"]),
        ("attributes", attributes.into(), &["attributes"]),
        ("enrollment", and(no_text(), ["", "Optional", "optional ", "none"]), &["enrollment"]),
        ("forceEnrollment", no_flag(), &["forceEnrollment"]),
        ("maxAge", and_numbers(no_number(), [-1.0, -0.001]), &["maxAge"]),
        ("onReview", and(no_text(), ["", "ALLOW", "proceed"]), &["onReview"]),
        ("onUnavailable", and(no_text(), ["", "ALLOW", "proceed"]), &["onUnavailable"]),
        ("onStepUp", and(no_text(), ["", "IGNORE", "allow"]), &["onStepUp"]),
        (
            "claim",
            and(
                no_text(),
                ["", "amr", "mfa", "urn:mfa", "https://auth0.com/mfa", "https://u@h/mfa"],
            ),
            &["claim"],
        ),
        (
            "console",
            vec![json!(null), json!(false), json!(1), json!("log"), json!({})],
            &["console"],
        ),
        (
            "timeoutMs",
            and_numbers(no_number(), [0.0, -1.0, -3000.0, 0.5, 3.0, 99.9]),
            &["timeoutMs"],
        ),
        (
            "maxRetries",
            and_numbers(no_number(), [-1.0, 1.5, 9_007_199_254_740_992.0]),
            &["maxRetries"],
        ),
    ]
}

#[test]
fn a_value_of_a_wrong_type_or_form_is_an_error_that_names_its_option() {
    let table = wrong_values();
    assert_eq!(table.len(), 26, "every option and every other name");
    for (name, values, told) in table {
        for value in values {
            let options = json!({ name: value });
            let (kind, names) = error(&options, &key());
            assert_eq!(kind, OptionErrorKind::Invalid, "{options}");
            assert!(told.contains(&names.as_str()), "{options}: {names}");
            let (_, cause) = refusal(&options, &json!({}));
            assert!(cause.text().contains(&names), "{options}: {cause:?}");
            // Not even among others that are right.
            let mut among = json!({ "timeoutMs": 100, "custom": { "a": 1 }, "logLevel": "info" });
            among[name] = value;
            assert_eq!(error(&among, &key()), (kind, names), "{among}");
        }
    }
}

#[test]
fn the_wrong_numbers_that_json_lacks_are_errors_too() {
    for name in ["userId", "maxAge", "timeoutMs", "maxRetries"] {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let entries: MapDeserializer<'_, _, Error> =
                MapDeserializer::new([(name, number)].into_iter());
            let given = OptionsInput::Object(Options::read(entries).unwrap());
            match given.parse(&event(&json!({}))) {
                Err(NoConfig::Invalid(invalid)) => {
                    let OptionError { kind, names } = invalid.error;
                    assert_eq!((kind, names.as_str()), (OptionErrorKind::Invalid, name));
                }
                other => panic!("{name}: {number} gave {other:?}"),
            }
        }
    }
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let custom = [("x", number)].into_iter();
        let custom = std::collections::BTreeMap::from_iter(custom);
        let entries: MapDeserializer<'_, _, Error> =
            MapDeserializer::new([("custom", custom)].into_iter());
        let given = OptionsInput::Object(Options::read(entries).unwrap());
        match given.parse(&event(&json!({}))) {
            Err(NoConfig::Invalid(invalid)) => assert_eq!(invalid.error.names, "custom"),
            other => panic!("custom: {number} gave {other:?}"),
        }
    }
}

#[test]
fn the_right_values_at_the_bounds_are_taken() {
    assert_eq!(config(&json!({ "maxAge": 0 })).max_age, Some(0.0));
    assert_eq!(config(&json!({ "maxAge": 1e12 })).max_age, Some(1e12));
    assert_eq!(config(&json!({ "timeoutMs": 100 })).limits.timeout_ms, 100.0);
    assert_eq!(config(&json!({ "timeoutMs": 1e9 })).limits.timeout_ms, 1e9);
    assert_eq!(config(&json!({ "maxRetries": 0 })).limits.max_retries, 0);
    assert_eq!(config(&json!({ "maxRetries": 3.0 })).limits.max_retries, 3);
    let most = 9_007_199_254_740_991_i64;
    assert_eq!(config(&json!({ "maxRetries": most })).limits.max_retries, u32::MAX);
    for code in ["a", &"a".repeat(64), "_-9Z"] {
        assert_eq!(config(&json!({ "action": code })).action.as_str(), code);
    }
    for url in ["http://localhost:3000/continue", "http://127.0.0.1/c", "https://h/c?x=1#y"] {
        assert_eq!(config(&json!({ "redirectUrl": url })).redirect_url, WebUrl::parse(url));
    }
    assert_eq!(config(&json!({ "failureMessage": "" })).messages.failure, "");
}

#[test]
fn a_user_id_is_a_string_or_a_safe_integer_which_becomes_its_decimal_string() {
    for (value, id) in [
        (json!("auth0|x"), "auth0|x"),
        (json!("..."), "..."),
        (json!(0), "0"),
        (json!(-0.0), "0"),
        (json!(42), "42"),
        (json!(42.0), "42"),
        (json!(-7), "-7"),
        (json!(1e15), "1000000000000000"),
        (json!(9_007_199_254_740_991_i64), "9007199254740991"),
        (json!(-9_007_199_254_740_991_i64), "-9007199254740991"),
    ] {
        let user = config(&json!({ "userId": value })).user_id.unwrap();
        assert_eq!(user.as_str(), id, "{value}");
    }
}

#[test]
fn an_unknown_option_is_an_error_that_names_it() {
    for name in ["Secret", "secretKey", "apiKey", "REGION", "timeout", "retries", "scope", "x1"] {
        for value in [json!("x"), json!(null), json!(1), json!({})] {
            let expected = (OptionErrorKind::Unknown, name.into());
            assert_eq!(error(&json!({ name: value }), &key()), expected);
        }
    }
    let (_, cause) = refusal(&json!({ "timeout": 1, "region": "eu" }), &json!({}));
    assert_eq!(cause.code(), "unknown_option");
    assert!(cause.text().contains("timeout"), "{cause:?}");
}

#[test]
fn an_unknown_option_in_the_style_of_other_languages_is_named_too() {
    for name in ["api_url", "max_age", "time-out"] {
        assert_eq!(error(&json!({ name: 1 }), &key()), (OptionErrorKind::Unknown, name.into()));
    }
}

#[test]
fn an_unknown_name_that_may_hold_anything_is_not_told() {
    let long = "a".repeat(200);
    for name in ["ada@example.com", "a\nb", "", "ключ", long.as_str(), "a b"] {
        let (kind, names) = error(&json!({ name: 1 }), &key());
        assert_eq!(kind, OptionErrorKind::Unknown);
        assert!(name.is_empty() || !names.contains(name), "{names}");
        assert!(names.is_ascii() && names.len() < 40 && !names.contains('\n'), "{names:?}");
        let (kind, names) = error(&json!({ "attributes": { name: "x" } }), &key());
        assert_eq!(kind, OptionErrorKind::Unknown);
        assert!(names.is_ascii() && names.len() < 60 && !names.contains('\n'), "{names:?}");
    }
}

#[test]
fn attributes_are_those_of_the_table_and_nothing_that_widens_the_token() {
    for name in ["scope", "challengeId", "idempotencyKey", "redirectUrl", "custom", "Email", "mail"]
    {
        let expected = (OptionErrorKind::Unknown, format!("attributes.{name}"));
        assert_eq!(error(&json!({ "attributes": { name: "x" } }), &key()), expected);
    }
    // Beside legal ones, before and behind.
    for name in ["aScope", "scope", "zScope"] {
        let attributes = json!({ "email": "a@b", name: "x", "username": "u" });
        let expected = (OptionErrorKind::Unknown, format!("attributes.{name}"));
        assert_eq!(error(&json!({ "attributes": attributes }), &key()), expected);
    }
}

#[test]
fn an_attribute_of_a_wrong_type_is_an_error_that_names_it() {
    let texts = [
        "email",
        "phoneNumber",
        "username",
        "locale",
        "deviceId",
        "ipAddress",
        "userAgent",
        "customDomain",
    ];
    for name in texts {
        for value in [json!(true), json!(false), json!(1), json!([]), json!(["x"]), json!({})] {
            let expected = (OptionErrorKind::Invalid, format!("attributes.{name}"));
            assert_eq!(error(&json!({ "attributes": { name: value } }), &key()), expected);
        }
    }
    for value in [json!("true"), json!(1), json!([]), json!({})] {
        let expected = (OptionErrorKind::Invalid, "attributes.redirectToSettings".into());
        let options = json!({ "attributes": { "redirectToSettings": value } });
        assert_eq!(error(&options, &key()), expected);
    }
}

#[test]
fn entries_of_custom_and_attributes_that_are_null_are_left_out() {
    let options = json!({
        "custom": { "org": null, "plan": "gold", "x": null },
        "attributes": { "phoneNumber": null, "email": "a@b", "redirectToSettings": null },
    });
    let config = config(&options);
    assert_eq!(config.custom, [("plan".to_owned(), "gold".into())]);
    assert_eq!(config.attributes, [("email".to_owned(), "a@b".into())]);
}

#[test]
fn a_region_and_a_url_conflict_where_both_are_options() {
    for (region, url) in [("eu", US), ("us", US), ("mars", US), ("eu", "not a url")] {
        for name in ["apiBaseUrl", "apiUrl"] {
            let (kind, names) = error(&json!({ "region": region, name: url }), &key());
            assert_eq!(kind, OptionErrorKind::Conflict);
            assert!(names.contains("region") && names.contains("apiBaseUrl"), "{names}");
        }
    }
}

#[test]
fn a_region_and_a_url_conflict_where_both_are_secrets() {
    for (region, url) in [
        (json!("eu"), json!(US)),
        (json!("us"), json!(US)),
        (json!(""), json!("")),
        (json!(5), json!(US)),
    ] {
        let secrets = json!({
            "AUTHSIGNAL_SECRET": SECRET,
            "AUTHSIGNAL_REGION": region,
            "AUTHSIGNAL_API_URL": url,
        });
        let (kind, names) = error(&json!({}), &secrets);
        assert_eq!(kind, OptionErrorKind::Conflict);
        assert!(names.contains("AUTHSIGNAL_REGION") && names.contains("AUTHSIGNAL_API_URL"));
    }
}

#[test]
fn an_option_beats_every_secret_even_a_broken_one() {
    let own = "https://h/v1";
    for secrets in [
        json!({ "AUTHSIGNAL_REGION": "au" }),
        json!({ "AUTHSIGNAL_API_URL": own }),
        json!({ "AUTHSIGNAL_REGION": "au", "AUTHSIGNAL_API_URL": own }),
        json!({ "AUTHSIGNAL_REGION": "mars" }),
        json!({ "AUTHSIGNAL_REGION": 5 }),
        json!({ "AUTHSIGNAL_API_URL": "http://example.com" }),
        json!({ "AUTHSIGNAL_API_URL": [] }),
    ] {
        let secrets = merged(key(), &secrets);
        let eu = "https://eu.api.authsignal.com/v1";
        assert_eq!(api_url(&json!({ "region": "eu" }), &secrets), eu, "{secrets}");
        let other = "https://other/v1";
        assert_eq!(api_url(&json!({ "apiBaseUrl": other }), &secrets), other, "{secrets}");
        assert_eq!(api_url(&json!({ "apiUrl": other }), &secrets), other, "{secrets}");
    }
    for secret in [json!("another"), json!(""), json!("ä"), json!(5), json!(null), json!({})] {
        let secrets = json!({ "AUTHSIGNAL_SECRET": secret });
        for name in ["secret", "apiSecretKey"] {
            let config = config_beside(&json!({ name: "option" }), &secrets);
            assert_eq!(config.secret, Secret::parse("option").unwrap());
        }
    }
    // A broken option is not made up for by a secret that is fine.
    let (kind, names) = error(&json!({ "secret": "" }), &key());
    assert_eq!((kind, names.as_str()), (OptionErrorKind::Invalid, "secret"));
    let secrets = merged(key(), &json!({ "AUTHSIGNAL_REGION": "au" }));
    assert_eq!(error(&json!({ "region": "" }), &secrets).1, "region, which is empty");
}

#[test]
fn secrets_that_are_settings_are_checked_like_options() {
    let own = "https://mfa.example.com/v1/";
    let secrets = merged(key(), &json!({ "AUTHSIGNAL_API_URL": own }));
    assert_eq!(api_url(&json!({}), &secrets), own);

    let wrong = no_text().into_iter().filter(|value| !value.is_null()).collect();
    for (name, values) in [
        ("AUTHSIGNAL_SECRET", and(wrong, ["a\nb", "ä"])),
        ("AUTHSIGNAL_REGION", and(no_text(), ["mars", "e u"])),
        ("AUTHSIGNAL_API_URL", and(no_text(), ["http://example.com", "https://h?x"])),
    ] {
        for value in values.into_iter().filter(|value| !value.is_null()) {
            let mut secrets = key();
            secrets[name] = value.clone();
            let expected = (OptionErrorKind::Invalid, name.to_owned());
            assert_eq!(error(&json!({}), &secrets), expected, "{value}");
        }
    }
    // `null` is not given.
    let mut secrets = key();
    secrets["AUTHSIGNAL_REGION"] = json!(null);
    secrets["AUTHSIGNAL_API_URL"] = json!(null);
    assert_eq!(api_url(&json!({}), &secrets), US);
}

/// What a clipboard may add at the ends of a secret.
const BLANKS: [&str; 6] = ["", " ", "\n", "\r\n\t", "\u{a0}", "\u{feff} "];

#[test]
fn blanks_at_the_ends_of_a_secret_are_no_part_of_it() {
    for before in BLANKS {
        for after in BLANKS {
            let pasted = |text: &str| [before, text, after].concat();
            let secrets = json!({ "AUTHSIGNAL_SECRET": pasted(SECRET) });
            let secret = config_beside(&json!({}), &secrets).secret;
            assert_eq!(secret, Secret::parse(SECRET).unwrap(), "{secrets}");
            let secrets = merged(key(), &json!({ "AUTHSIGNAL_REGION": pasted("au") }));
            assert_eq!(api_url(&json!({}), &secrets), "https://au.api.authsignal.com/v1");
            let secrets = merged(key(), &json!({ "AUTHSIGNAL_API_URL": pasted("https://h/v1") }));
            assert_eq!(api_url(&json!({}), &secrets), "https://h/v1");
        }
    }
}

#[test]
fn an_option_is_taken_as_it_is_given() {
    let secret = config(&json!({ "secret": " key " })).secret;
    assert_eq!(secret, Secret::parse(" key ").unwrap());
    assert_eq!(error(&json!({ "region": "eu\n" }), &key()).1, "region");
    assert_eq!(error(&json!({ "apiUrl": " https://h/v1" }), &key()).1, "apiBaseUrl");
}

#[test]
fn the_case_of_a_region_does_not_matter() {
    for region in ["EU", "Eu", "eU"] {
        let eu = "https://eu.api.authsignal.com/v1";
        assert_eq!(api_url(&json!({ "region": region }), &key()), eu);
        let secrets = merged(key(), &json!({ "AUTHSIGNAL_REGION": region }));
        assert_eq!(api_url(&json!({}), &secrets), eu);
    }
}

#[test]
fn a_secret_that_is_empty_is_named_as_empty() {
    for blank in BLANKS {
        let secrets = json!({ "AUTHSIGNAL_SECRET": blank });
        assert_eq!(error(&json!({}), &secrets), (OptionErrorKind::NoSecret, String::new()));
        for name in ["AUTHSIGNAL_REGION", "AUTHSIGNAL_API_URL"] {
            let secrets = merged(key(), &json!({ name: blank }));
            let names = format!("{name}, which is empty");
            assert_eq!(error(&json!({}), &secrets), (OptionErrorKind::Invalid, names));
        }
    }
}

#[test]
fn a_key_in_quotes_or_a_placeholder_of_one_is_named_as_such() {
    for (pasted, slip) in [
        ("\"key\"", "in quotes"),
        ("'key'", "in quotes"),
        ("`key`", "in quotes"),
        ("\"k\"", "in quotes"),
        ("\"\"", "in quotes"),
        ("##k##", "a placeholder"),
        ("####", "a placeholder"),
        ("##AUTHSIGNAL_SECRET##", "a placeholder"),
        ("@@AUTHSIGNAL_SECRET@@", "a placeholder"),
        ("_VALUE_NOT_SHOWN_", "a placeholder"),
    ] {
        let secrets = json!({ "AUTHSIGNAL_SECRET": format!(" {pasted}\n") });
        let names = format!("AUTHSIGNAL_SECRET, which is {slip}");
        assert_eq!(error(&json!({}), &secrets), (OptionErrorKind::Invalid, names));
        for name in ["secret", "apiSecretKey"] {
            let names = format!("secret, which is {slip}");
            let options = json!({ name: pasted });
            assert_eq!(error(&options, &json!({})), (OptionErrorKind::Invalid, names));
        }
    }
    for text in [
        "\"",
        "'",
        "##",
        "@@@",
        "\"key'",
        "key\"",
        "##key",
        "a##b##",
        "_VALUE_",
        "_VALUE_NOT_SHOWN_1",
    ] {
        let secret = config_beside(&json!({}), &json!({ "AUTHSIGNAL_SECRET": text })).secret;
        assert_eq!(secret, Secret::parse(text).unwrap(), "{text}");
    }
}

#[test]
fn without_a_secret_key_the_error_says_where_to_add_it() {
    for secrets in [json!(null), json!({}), json!({ "AUTHSIGNAL_SECRET": null }), json!({ "x": 1 })]
    {
        assert_eq!(error(&json!({}), &secrets).0, OptionErrorKind::NoSecret, "{secrets}");
    }
    let (_, cause) = refusal(&json!({}), &json!({ "secrets": null }));
    assert_eq!(cause.code(), "no_secret");
    assert!(cause.text().contains("AUTHSIGNAL_SECRET"));
}

#[test]
fn messages_and_log_level_survive_where_another_option_is_wrong() {
    let words = json!({
        "failureMessage": "f",
        "blockedMessage": "b",
        "reviewMessage": "r",
        "unavailableMessage": "u",
        "logLevel": "silent",
    });
    let expected = Messages {
        failure: "f".into(),
        blocked: "b".into(),
        review: "r".into(),
        unavailable: "u".into(),
        log_level: LogLevel::Silent,
    };
    for wrong in [
        json!({ "region": "mars" }),
        json!({ "aaa": 1 }),
        json!({ "zzz": 1 }),
        json!({ "attributes": { "scope": "x" } }),
        json!({ "secret": 5 }),
        json!({ "maxRetries": -1 }),
    ] {
        assert_eq!(refusal(&merged(words.clone(), &wrong), &json!({})).0, expected, "{wrong}");
    }
    assert_eq!(refusal(&words, &json!({ "secrets": null })).0, expected);

    // Of the words themselves only the wrong one is lost.
    let (messages, _) =
        refusal(&merged(words.clone(), &json!({ "blockedMessage": 5 })), &json!({}));
    assert_eq!(messages, Messages { blocked: "Action blocked".into(), ..expected.clone() });
    let (messages, _) = refusal(&merged(words, &json!({ "logLevel": "loud" })), &json!({}));
    assert_eq!(messages, Messages { log_level: LogLevel::Error, ..expected });
}

#[test]
fn options_that_are_no_object_are_refused_with_the_default_words() {
    for options in [json!(null), json!(true), json!(false), json!(1), json!("x"), json!([])] {
        assert_eq!(Options::read(options.clone()), None, "{options}");
        let (messages, cause) = refusal(&options, &json!({}));
        assert_eq!((messages, cause.code()), (Messages::default(), "invalid_options"));
    }
}
