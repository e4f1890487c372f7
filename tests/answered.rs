//! What of Authsignal's answer a handler's caller may read.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::authsignal::Answer;
use common::*;
use serde_json::json;

fn readable(answer: Json) -> Json {
    members(&serde_json::from_value::<Answer>(answer).unwrap().readable())
}

#[test]
fn a_track_answers_facts_are_readable_and_its_token_and_address_are_not() {
    let facts = json!({
        "state": "CHALLENGE_REQUIRED",
        "isEnrolled": true,
        "ruleIds": ["rule-1", "rule-2"],
        "idempotencyKey": "a-key",
    });
    let secrets = json!({ "url": CHALLENGE_URL, "token": "ey.J0.b2tlbg", "other": 1 });
    assert_eq!(readable(merged(facts.clone(), &secrets)), facts);
    assert_eq!(
        readable(json!({ "isEnrolled": false, "ruleIds": [] })),
        json!({ "isEnrolled": false, "ruleIds": [] })
    );
    assert_eq!(readable(json!({})), json!({}));
}

#[test]
fn a_validate_answers_facts_are_readable() {
    let facts = json!({
        "state": "CHALLENGE_SUCCEEDED", "verificationMethod": "PASSKEY", "idempotencyKey": "a-key",
    });
    let more =
        json!({ "isValid": true, "userId": USER, "actionCode": "auth0-login", "error": "x" });
    assert_eq!(readable(merged(facts.clone(), &more)), facts);
}

#[test]
fn what_is_of_another_type_is_left_out() {
    for wrong in [json!(null), json!(5), json!({}), json!([5]), json!([["a"]])] {
        let answer = json!({
            "state": wrong, "isEnrolled": wrong, "ruleIds": wrong, "idempotencyKey": wrong,
            "verificationMethod": wrong,
        });
        assert_eq!(readable(answer.clone()), json!({}), "{answer}");
    }
    let answer = json!({ "state": true, "isEnrolled": "true", "ruleIds": "rule-1", "idempotencyKey": ["a"] });
    assert_eq!(readable(answer), json!({}));
    assert_eq!(readable(json!({ "verificationMethod": true, "state": ["a"] })), json!({}));
}
