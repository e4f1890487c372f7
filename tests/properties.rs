//! `onExecutePostLogin` ends as the oracle says, for any login with legal options.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;
#[path = "common/invariants.rs"]
mod invariants;

use common::*;
use invariants::*;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

/// Four times the usual 256 cases, or four times `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: 4 * default.cases, failure_persistence: None, ..default }
}

/// A login with legal options.
#[derive(Clone, Debug)]
struct Login {
    event: Json,
    options: Json,
    answer: Answer,
}

fn logins() -> impl Strategy<Value = Login> {
    (events(), options(), answers()).prop_map(|(event, options, answer)| Login {
        event,
        options,
        answer,
    })
}

fn events() -> impl Strategy<Value = Json> {
    let protocols = prop_oneof![
        7 => select(oracle::protocols("can redirect")),
        2 => select(oracle::protocols("can't redirect")),
        1 => select(oracle::protocols("refreshes a token")),
    ];
    let names = select(vec![
        US,
        "https://api.authsignal.com/v1#payout",
        "https://eu.api.authsignal.com/v1",
        "https://mfa.example.com/v1/",
        "https://mfa.example.com/v1",
        "pwd",
    ]);
    let timestamps = prop_oneof![
        1 => Just("once".to_owned()),
        2 => (-100..150_i32).prop_map(|age| seconds_ago(f64::from(age))),
    ];
    let method = (names, timestamps)
        .prop_map(|(name, timestamp)| json!({ "name": name, "timestamp": timestamp }));
    let prompts = select(oracle::prompts("can redirect"));
    (protocols, prompts, prop::collection::vec(method, 0..4)).prop_map(
        |(protocol, prompt, methods)| {
            let mut event = fixture();
            event["transaction"]["protocol"] = protocol;
            event["transaction"]["prompt"] = json!([prompt]);
            event["authentication"]["methods"] = json!(methods);
            event
        },
    )
}

fn options() -> impl Strategy<Value = Json> {
    let apis = select(vec![
        json!({}),
        json!({ "region": "eu" }),
        json!({ "apiUrl": "https://mfa.example.com/v1/" }),
    ]);
    let actions = select(vec!["auth0-login", "payout"]);
    let max_ages = prop::option::of(0..120_u32);
    (apis, actions, any::<[bool; 4]>(), max_ages).prop_map(
        |(mut options, action, flags, max_age)| {
            let [optional, review, unavailable, force] = flags;
            options["action"] = json!(action);
            options["enrollment"] = json!(if optional { "optional" } else { "required" });
            options["onReview"] = json!(if review { "allow" } else { "deny" });
            options["onUnavailable"] = json!(if unavailable { "allow" } else { "deny" });
            options["forceEnrollment"] = json!(force);
            if let Some(max_age) = max_age {
                options["maxAge"] = json!(max_age);
            }
            options
        },
    )
}

fn answers() -> impl Strategy<Value = Answer> {
    let enrolled = prop_oneof![
        1 => Just(json!(true)),
        1 => select(oracle::examples("isEnrolled").as_slice()),
    ];
    let urls = prop_oneof![
        3 => select(SECURE_URLS.map(|url| json!(url)).to_vec()),
        2 => select(vec![
            json!("http://mfa.example.com/challenge"),
            json!("javascript:alert(1)"),
            json!(null),
        ]),
    ];
    let answers = (select(oracle::states()), enrolled, urls).prop_map(|(state, is_enrolled, url)| {
        json!({ "state": state, "isEnrolled": is_enrolled, "url": url, "idempotencyKey": CHALLENGE })
    });
    prop_oneof![
        4 => answers.prop_map(Ok),
        1 => select(failures()).prop_map(|(failure, _)| Err(failure)),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_login_with_legal_options_ends_as_the_oracle_says(login in logins()) {
        check_execute(&login.event, &login.options, &login.answer, &moment());
    }
}
