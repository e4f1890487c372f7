//! What holds for every event, every options object, every answer and every text, legal or hostile.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;
#[path = "common/invariants.rs"]
mod invariants;
#[path = "common/parsers.rs"]
mod parsers;

use authsignal_auth0::host::HostInputs;
use authsignal_auth0::retry::Failure;
use common::*;
use invariants::*;
use parsers::check_parsers;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

/// Four times the usual 256 cases, or four times `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: 4 * default.cases, failure_persistence: None, ..default }
}

/// Any JSON. Every string in it that isn't a word of the contract has the mark.
fn junk() -> BoxedStrategy<Json> {
    let words = select(
        &[
            "",
            "ALLOW",
            "REVIEW_REQUIRED",
            "CHALLENGE_REQUIRED",
            "CHALLENGE_SUCCEEDED",
            "auth0-login",
            "payout",
            "oauth2-refresh-token",
            "allow",
            "optional",
            "eu",
            "..",
            US,
            CHALLENGE_URL,
            "http://localhost:4002/v1",
            "http://example.com",
            NOW,
        ][..],
    );
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        proptest::num::f64::ANY.prop_map(|it| json!(it)),
        words.prop_map(|it| json!(it)),
        any_text().prop_map(|it| json!(it)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| json!(it)),
            prop::collection::btree_map("[a-z]{1,8}|name|token|email|scope", inner, 0..4)
                .prop_map(|it| json!(it)),
        ]
    })
    .boxed()
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}".prop_map(|text| format!("{text}{MARK}")),
        any::<String>().prop_map(|text| format!("{MARK}{text}")),
        "(https?|ftp|HTTPS?)://[a-z0-9.@:\\[\\]\\\\/?#_% -]{0,20}xq7[/?#]?[a-z]{0,4}",
        "(https?://)?(localhost|127\\.0\\.0\\.1|127\\.1|127\\.|\\[::1\\])[.@:/?#]?[a-z0-9.]{0,6}/xq7",
        (8180..8195_usize).prop_map(|length| format!("{MARK}{}", "t".repeat(length - MARK.len()))),
        "[a-z0-9.:\\[\\]@/-]{0,12}".prop_map(|text| format!("{text}.{MARK}")),
        "[./%?#|\\\\a-z]{0,8}".prop_map(|text| format!("{MARK}{text}")),
    ]
}

/// Mostly legal.
fn any_address() -> impl Strategy<Value = String> {
    let hosts = "([a-zA-Z0-9_-]{1,5}\\.){0,3}[a-z0-9.]{1,4}|\\[[0-9a-f:]{2,8}\\]|127\\.[0-9.]{1,6}|localhost";
    let behind = "(:[0-9]{1,5})?(/[a-z0-9./%@:\\\\]{0,6})?(\\?[a-z=&?/]{0,6})?(#[a-z?#/]{0,4})?";
    ("(https?|HTTPS?|ftp)://|", hosts, behind)
        .prop_map(|(scheme, host, behind)| format!("{scheme}{host}{behind}"))
}

/// Where an event is read, and some places above.
const PLACES: [&str; 34] = [
    "/user",
    "/user/user_id",
    "/user/email",
    "/request",
    "/request/hostname",
    "/request/ip",
    "/request/user_agent",
    "/request/query",
    "/request/query/device_id",
    "/request/query/token",
    "/request/body",
    "/request/body/token",
    "/request/geoip/countryCode",
    "/secrets",
    "/secrets/AUTHSIGNAL_SECRET",
    "/secrets/AUTHSIGNAL_REGION",
    "/secrets/AUTHSIGNAL_API_URL",
    "/transaction",
    "/transaction/protocol",
    "/transaction/metadata",
    "/transaction/metadata/authsignal_challenge",
    "/authentication",
    "/authentication/methods",
    "/authentication/methods/0/name",
    "/authentication/methods/0/timestamp",
    "/authentication/riskAssessment/confidence",
    "/client/client_id",
    "/client/name",
    "/connection/name",
    "/connection/strategy",
    "/organization/id",
    "/organization/name",
    "/authorization/roles",
    "/stats/logins_count",
];

fn events() -> impl Strategy<Value = Json> {
    let changes = prop::collection::vec((select(&PLACES[..]), junk()), 0..6);
    let without_browser = prop::option::weighted(0.2, select(oracle::protocols("can't redirect")));
    (changes, without_browser).prop_map(|(changes, without_browser)| {
        let mut event = back();
        if let Some(protocol) = without_browser {
            event["transaction"]["protocol"] = protocol;
        }
        for (place, value) in changes {
            if let Some(there) = event.pointer_mut(place) {
                *there = value;
            }
        }
        event
    })
}

fn legal_options() -> Vec<(&'static str, Json)> {
    vec![
        ("secret", json!("k-xq7")),
        ("apiSecretKey", json!("k-xq7")),
        ("region", json!("eu")),
        ("apiBaseUrl", json!("https://mfa.example.com/v1/")),
        ("apiUrl", json!("http://localhost:4002/v1")),
        ("userId", json!("samlp|xq7/../x")),
        ("userId", json!(42)),
        ("action", json!("payout")),
        ("redirectUrl", json!("https://login.example.org/continue")),
        ("custom", json!({ "plan": "xq7", "seats": 5, "none": null })),
        ("includeContext", json!(true)),
        ("attributes", json!({ "email": "xq7@example.com", "redirectToSettings": true })),
        ("enrollment", json!("optional")),
        ("forceEnrollment", json!(true)),
        ("maxAge", json!(3600)),
        ("onReview", json!("allow")),
        ("onUnavailable", json!("allow")),
        ("timeoutMs", json!(1)),
        ("maxRetries", json!(0)),
        ("failureMessage", json!("f-xq7")),
        ("blockedMessage", json!("b-xq7")),
        ("reviewMessage", json!("r-xq7")),
        ("unavailableMessage", json!("u-xq7")),
        ("logLevel", json!("info")),
    ]
}

fn options() -> impl Strategy<Value = Json> {
    let legal = || select(legal_options());
    let hostile = prop_oneof![
        2 => (legal(), junk()).prop_map(|((name, _), value)| (name.to_owned(), value)),
        1 => ("[a-zA-Z_]{0,40}|\\PC{0,50}", junk()),
        1 => (legal(), "[a-zA-Z]{1,40}|scope|email", junk())
            .prop_map(|((name, _), inner, value)| (name.to_owned(), json!({ inner: value }))),
        // What would widen the token.
        1 => select(&["scope", "challengeId"][..])
            .prop_map(|name| ("attributes".into(), json!({ name: "xq7" }))),
    ];
    let entries = (
        prop::collection::vec(legal(), 0..7),
        prop_oneof![
            3 => Just(vec![]),
            1 => prop::collection::vec(hostile, 1..3),
        ],
    );
    let objects = entries.prop_map(|(legal, hostile)| {
        let mut options = json!({});
        for (name, value) in legal {
            options[name] = value;
        }
        for (name, value) in hostile {
            options[name] = value;
        }
        options
    });
    prop_oneof![20 => objects, 1 => junk()]
}

fn answers(base: Json) -> impl Strategy<Value = Result<Json, Failure>> {
    let names: Vec<String> = base.as_object().unwrap().keys().cloned().collect();
    let states = select(oracle::states());
    let changes = prop::collection::vec((select(names), prop_oneof![junk(), states]), 0..3);
    let changed = changes.prop_map(move |changes| {
        let mut answer = base.clone();
        for (name, value) in changes {
            answer[name] = value;
        }
        answer
    });
    prop_oneof![
        6 => changed.prop_map(Ok),
        1 => select(failures()).prop_map(|(failure, _)| Err(failure)),
    ]
}

fn track_answers() -> impl Strategy<Value = Result<Json, Failure>> {
    let answer = |(state, is_enrolled)| {
        answers(json!({
            "state": state,
            "isEnrolled": is_enrolled,
            "url": CHALLENGE_URL,
            "idempotencyKey": CHALLENGE,
        }))
    };
    (select(oracle::states()), any::<bool>()).prop_flat_map(answer)
}

fn validate_answers() -> impl Strategy<Value = Result<Json, Failure>> {
    let answer = |(action, user)| {
        answers(json!({
            "isValid": true,
            "state": "CHALLENGE_SUCCEEDED",
            "action": action,
            "actionCode": action,
            "userId": user,
            "idempotencyKey": CHALLENGE,
        }))
    };
    let actions = select(&["auth0-login", "payout"][..]);
    let users = select(&[USER, "samlp|xq7/../x", "42"][..]);
    (actions, users).prop_flat_map(answer)
}

fn marked_key() -> HostInputs {
    HostInputs { idempotency_key: format!("key-{MARK}"), ..moment() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn at_execute_no_event_no_options_and_no_answer_lets_in_beside_the_table(
        json in events(),
        options in options(),
        answer in track_answers(),
    ) {
        check_execute(&json, &options, &answer, &marked_key());
    }

    #[test]
    fn at_continue_a_method_is_recorded_only_where_every_condition_holds(
        json in events(),
        options in options(),
        answer in validate_answers(),
    ) {
        check_continue(&json, &options, &answer);
    }

    #[test]
    fn options_that_are_false_or_unusable_never_send_anything(
        json in events(),
        options in select(vec![json!(false), json!(true), json!([])]),
    ) {
        // The answers would let in.
        let allow = json!({ "state": "ALLOW", "isEnrolled": true });
        check_execute(&json, &options, &Ok(allow), &marked_key());
        check_continue(&json, &options, &Err(Failure::Timeout));
    }

    #[test]
    fn what_a_parser_lets_through_another_reads_alike(
        text in prop_oneof![any_text(), any_address(), any::<String>(), "[.%/]{0,3}"],
    ) {
        check_parsers(&text);
    }
}
