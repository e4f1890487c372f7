//! What `onContinuePostLogin` decides: each single condition, broken in turn.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::cause::Cause;
use authsignal_auth0::on_continue;
use authsignal_auth0::options::OptionsInput;
use authsignal_auth0::outcome::{Outcome, Verdict};
use common::*;
use serde_json::json;

const FAILURE: &str = "MFA challenge failed";
const UNAVAILABLE: &str = "MFA is unavailable";
const CHALLENGE: &str = "the-key-of-the-challenge";
const TOKEN: &str = "eyJhbGciOi.J0b2tlbg.c2ln";

/// Every condition holds.
fn success() -> Json {
    json!({
        "isValid": true,
        "state": "CHALLENGE_SUCCEEDED",
        "stateUpdatedAt": NOW,
        "action": "auth0-login",
        "actionCode": "auth0-login",
        "userId": USER,
        "idempotencyKey": CHALLENGE,
        "verificationMethod": "PASSKEY",
    })
}

/// The transaction knows the challenge that it began.
fn metadata(challenge: &Json) -> Json {
    json!({ "transaction": { "metadata": { "authsignal_challenge": challenge } } })
}

/// The verdict on a successful answer in which one field is another.
fn with(field: &str, value: &Json) -> Verdict {
    let mut answer = success();
    answer[field] = value.clone();
    validated(&back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE))), &json!({}), &answer)
}

/// The verdict on a successful answer in which some fields are missing.
fn without(fields: &[&str]) -> Verdict {
    let mut answer = success();
    for field in fields {
        answer.as_object_mut().unwrap().remove(*field);
    }
    validated(&back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE))), &json!({}), &answer)
}

#[track_caller]
fn assert_recorded(verdict: &Verdict, name: &str) {
    let expected = Outcome::RecordMethod { name: name.into() };
    assert_eq!((&verdict.outcome, &verdict.cause), (&expected, &Cause::ChallengePassed));
    assert_eq!(verdict.cause.code(), "challenge_passed");
}

#[track_caller]
fn assert_denied(verdict: &Verdict, cause: Cause, code: &str, about: &str) {
    assert_eq!((reason(verdict), &verdict.cause), (Some(FAILURE), &cause), "{about}");
    assert_eq!(cause.code(), code);
}

#[test]
fn where_everything_holds_the_method_is_recorded() {
    assert_recorded(&without(&[]), US);
    for (options, action, name) in [
        (json!({ "region": "au" }), "auth0-login", "https://au.api.authsignal.com/v1"),
        (json!({ "apiUrl": "https://h/v1/" }), "auth0-login", "https://h/v1/"),
        (json!({ "action": "payout" }), "payout", "https://api.authsignal.com/v1#payout"),
    ] {
        let mut answer = success();
        answer["action"] = json!(action);
        answer["actionCode"] = json!(action);
        let verdict =
            validated(&back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE))), &options, &answer);
        assert_recorded(&verdict, name);
    }
}

#[test]
fn is_valid_has_to_be_true() {
    for value in [json!(false), json!(null), json!("true"), json!(1), json!([true]), json!({})] {
        let verdict = with("isValid", &value);
        assert_denied(
            &verdict,
            Cause::ChallengeNotPassed,
            "challenge_not_passed",
            &value.to_string(),
        );
    }
    let verdict = without(&["isValid"]);
    assert_denied(&verdict, Cause::ChallengeNotPassed, "challenge_not_passed", "absent");
}

#[test]
fn the_state_has_to_be_a_challenge_that_succeeded() {
    for value in [
        json!("ALLOW"),
        json!("BLOCK"),
        json!("CHALLENGE_REQUIRED"),
        json!("CHALLENGE_FAILED"),
        json!("REVIEW_REQUIRED"),
        json!("REVIEW_SUCCEEDED"),
        json!("REVIEW_FAILED"),
        json!("challenge_succeeded"),
        json!("CHALLENGE_SUCCEEDED "),
        json!(""),
        json!(null),
        json!(true),
        json!(1),
        json!(["CHALLENGE_SUCCEEDED"]),
        json!({}),
    ] {
        let verdict = with("state", &value);
        assert_denied(
            &verdict,
            Cause::ChallengeNotPassed,
            "challenge_not_passed",
            &value.to_string(),
        );
    }
    let verdict = without(&["state"]);
    assert_denied(&verdict, Cause::ChallengeNotPassed, "challenge_not_passed", "absent");
}

#[test]
fn the_action_is_the_expected_one_in_whichever_field_and_both_agree() {
    let values = [
        None,
        Some(json!(null)),
        Some(json!("auth0-login")),
        Some(json!("payout")),
        Some(json!("AUTH0-LOGIN")),
        Some(json!("")),
        Some(json!(true)),
        Some(json!(1)),
        Some(json!(["auth0-login"])),
        Some(json!({ "code": "auth0-login" })),
    ];
    for action in &values {
        for action_code in &values {
            let mut answer = success();
            for (field, value) in [("action", action), ("actionCode", action_code)] {
                answer.as_object_mut().unwrap().remove(field);
                if let Some(value) = value {
                    answer[field] = value.clone();
                }
            }
            let event = back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE)));
            let verdict = validated(&event, &json!({}), &answer);
            let expected = oracle::validate(&answer, "auth0-login", USER, &json!(CHALLENGE));
            let about = format!("action {action:?}, actionCode {action_code:?}");
            assert_decided(&verdict, expected, &json!({}), &about);
        }
    }
}

#[test]
fn the_action_of_the_options_is_the_expected_one() {
    let event = back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE)));
    let verdict = validated(&event, &json!({ "action": "payout" }), &success());
    assert_denied(&verdict, Cause::ActionMismatch, "action_mismatch", "");
}

#[test]
fn the_user_is_the_expected_one_where_it_is_given() {
    assert_recorded(&without(&["userId"]), US);
    assert_recorded(&with("userId", &json!(null)), US);
    for value in [
        json!("auth0|another"),
        json!(USER.to_uppercase()),
        json!(format!("{USER} ")),
        json!("auth0%7C6637d1c0a9f3b2e4d5c6b7a8"),
        json!(""),
        json!(true),
        json!(5),
        json!([USER]),
        json!({}),
    ] {
        let verdict = with("userId", &value);
        assert_denied(&verdict, Cause::UserMismatch, "user_mismatch", &value.to_string());
    }
}

#[test]
fn the_user_of_the_options_is_the_expected_one() {
    let event = back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE)));
    for (option, user) in [(json!("ada"), "ada"), (json!(42), "42")] {
        let options = json!({ "userId": option });
        let verdict = validated(&event, &options, &success());
        assert_denied(&verdict, Cause::UserMismatch, "user_mismatch", user);
        let answer = merged(success(), &json!({ "userId": user }));
        assert_recorded(&validated(&event, &options, &answer), US);
    }
}

#[test]
fn the_challenge_is_the_transactions_where_that_has_one() {
    let event = back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE)));
    for value in [
        json!("another"),
        json!(CHALLENGE.to_uppercase()),
        json!(""),
        json!(null),
        json!(1),
        json!([CHALLENGE]),
        json!({}),
    ] {
        let verdict = with("idempotencyKey", &value);
        assert_denied(&verdict, Cause::ChallengeMismatch, "challenge_mismatch", &value.to_string());
    }
    let verdict = without(&["idempotencyKey"]);
    assert_denied(&verdict, Cause::ChallengeMismatch, "challenge_mismatch", "absent");
    assert_recorded(&validated(&event, &json!({}), &success()), US);

    // Nothing but a string can be a key, not even where both are the same.
    for value in [json!(true), json!(5), json!([CHALLENGE]), json!({ "key": CHALLENGE }), json!("")]
    {
        let event = back_with(&json!(TOKEN), &metadata(&value));
        let verdict = validated(&event, &json!({}), &success());
        assert_denied(&verdict, Cause::ChallengeMismatch, "challenge_mismatch", &value.to_string());
    }
    for value in [json!(true), json!(5), json!([CHALLENGE]), json!({ "key": CHALLENGE })] {
        let event = back_with(&json!(TOKEN), &metadata(&value));
        let answer = merged(success(), &json!({ "idempotencyKey": value }));
        let verdict = validated(&event, &json!({}), &answer);
        assert_denied(&verdict, Cause::ChallengeMismatch, "challenge_mismatch", &value.to_string());
    }
}

#[test]
fn a_transaction_without_a_challenge_takes_any() {
    for patch in [
        json!({}),
        json!({ "transaction": null }),
        json!({ "transaction": { "metadata": null } }),
        json!({ "transaction": { "metadata": { "other": "x" } } }),
    ] {
        let event = back_with(&json!(TOKEN), &patch);
        assert_recorded(&validated(&event, &json!({}), &success()), US);
        let answer = merged(success(), &json!({ "idempotencyKey": null }));
        assert_recorded(&validated(&event, &json!({}), &answer), US);
    }
}

#[test]
fn an_empty_answer_denies() {
    let event = back_with(&json!(TOKEN), &json!({}));
    let verdict = validated(&event, &json!({}), &json!({}));
    assert_denied(&verdict, Cause::ChallengeNotPassed, "challenge_not_passed", "");
}

#[test]
fn a_token_is_taken_from_the_body_or_the_query() {
    for request in [
        json!({ "body": { "token": TOKEN } }),
        json!({ "query": { "token": TOKEN } }),
        json!({ "body": { "token": TOKEN }, "query": { "token": TOKEN } }),
        json!({ "body": { "token": TOKEN }, "query": null }),
        json!({ "query": { "token": TOKEN }, "body": null }),
    ] {
        let (request, _) = sent(begin_continue(&event(&json!({ "request": request })), &json!({})));
        assert_eq!(body(&request)["token"], TOKEN);
    }
    // `null` is no token, so the other one is the only one.
    for (present, absent) in [("body", "query"), ("query", "body")] {
        let mut back = fixture();
        back["request"][present] = json!({ "token": TOKEN });
        back["request"][absent] = json!({ "token": null });
        let (request, _) = sent(begin_continue(&exact_event(&back), &json!({})));
        assert_eq!(body(&request)["token"], TOKEN);
    }
    for longest in ["x".repeat(8192), "ß".repeat(8192)] {
        let (request, _) =
            sent(begin_continue(&back_with(&json!(longest), &json!({})), &json!({})));
        assert_eq!(body(&request)["token"], longest);
    }
}

#[test]
fn without_one_legal_token_nothing_is_sent_and_the_login_is_denied() {
    let long = "x".repeat(8193);
    let wide = "ß".repeat(8193);
    for (body, query) in [
        (json!({}), json!({})),
        (json!(null), json!(null)),
        (json!({ "token": null }), json!({ "token": null })),
        (json!({ "token": TOKEN }), json!({ "token": "another" })),
        (json!({ "token": TOKEN }), json!({ "token": format!("{TOKEN} ") })),
        (json!({ "token": TOKEN }), json!({ "token": "" })),
        (json!({ "token": "" }), json!({ "token": TOKEN })),
        (json!({ "token": TOKEN }), json!({ "token": [TOKEN] })),
        (json!({ "token": [TOKEN] }), json!({ "token": TOKEN })),
        (json!({ "token": 5 }), json!({ "token": TOKEN })),
        (json!({ "token": "" }), json!({})),
        (json!({}), json!({ "token": "" })),
        (json!({ "token": "" }), json!({ "token": "" })),
        (json!({ "token": [TOKEN] }), json!({})),
        (json!({}), json!({ "token": [TOKEN] })),
        (json!({}), json!({ "token": [TOKEN, TOKEN] })),
        (json!({ "token": [TOKEN] }), json!({ "token": [TOKEN] })),
        (json!({}), json!({ "token": { "0": TOKEN } })),
        (json!({ "token": 5 }), json!({})),
        (json!({ "token": 5 }), json!({ "token": 5 })),
        (json!({ "token": true }), json!({})),
        (json!({ "token": long }), json!({})),
        (json!({}), json!({ "token": long })),
        (json!({}), json!({ "token": wide })),
        (json!({ "token": long }), json!({ "token": long })),
        (json!({ "Token": TOKEN }), json!({ "access_token": TOKEN })),
    ] {
        let mut back = fixture();
        back["request"]["body"] = body.clone();
        back["request"]["query"] = query.clone();
        let verdict =
            done(begin_continue(&exact_event(&back), &json!({ "onUnavailable": "allow" })));
        assert_denied(&verdict, Cause::InvalidToken, "invalid_token", &format!("{body} {query}"));
    }
    let verdict = done(begin_continue(&event(&json!({ "request": null })), &json!({})));
    assert_denied(&verdict, Cause::InvalidToken, "invalid_token", "no request");
}

#[test]
fn an_outage_never_lets_in_whatever_on_unavailable_says() {
    let event = back_with(&json!(TOKEN), &metadata(&json!(CHALLENGE)));
    for (failure, _) in failures() {
        for options in
            [json!({}), json!({ "onUnavailable": "deny" }), json!({ "onUnavailable": "allow" })]
        {
            let verdict = sent(begin_continue(&event, &options))
                .1
                .conclude(Err(unavailable(&[failure])), 0.0);
            assert_eq!(reason(&verdict), Some(UNAVAILABLE), "{failure:?} {options}");
            assert_eq!(verdict.cause, Cause::Unavailable(failure));
        }
    }
}

#[test]
fn options_that_are_false_deny_without_a_request() {
    let event = back_with(&json!(TOKEN), &json!({}));
    let verdict = done(on_continue::begin(&event, || OptionsInput::Off));
    assert_denied(&verdict, Cause::OptionsOffAtContinue, "options_off_at_continue", "");
}

#[test]
fn a_configuration_error_or_an_event_without_user_denies_without_a_request() {
    let event = back_with(&json!(TOKEN), &json!({}));
    for (options, code) in [
        (json!({ "region": "mars" }), "invalid_option"),
        (json!({ "onUnavailable": "allow", "x": 1 }), "unknown_option"),
        (json!("x"), "invalid_options"),
    ] {
        let verdict = done(begin_continue(&event, &options));
        assert_eq!((reason(&verdict), verdict.cause.code()), (Some(UNAVAILABLE), code));
    }
    let verdict = done(on_continue::begin(&event, || OptionsInput::Invalid));
    assert_eq!(reason(&verdict), Some(UNAVAILABLE));

    let event = back_with(&json!(TOKEN), &json!({ "user": null }));
    let verdict = done(begin_continue(&event, &json!({})));
    assert_eq!(reason(&verdict), Some(UNAVAILABLE));
    assert_eq!(verdict.cause, Cause::Event("user.user_id"));
    sent(begin_continue(&event, &json!({ "userId": "ada" })));
}

#[test]
fn neither_a_protocol_nor_a_recorded_method_lets_in_at_continue() {
    for patch in [
        json!({ "transaction": { "protocol": "oauth2-refresh-token" } }),
        json!({ "authentication": { "methods": [{ "name": US, "timestamp": NOW }] } }),
    ] {
        let verdict = done(begin_continue(&event(&patch), &json!({})));
        assert_denied(&verdict, Cause::InvalidToken, "invalid_token", &patch.to_string());
        let event = back_with(&json!(TOKEN), &patch);
        let answer = json!({ "isValid": false, "state": "CHALLENGE_REQUIRED" });
        let verdict = validated(&event, &json!({}), &answer);
        assert_denied(&verdict, Cause::ChallengeNotPassed, "challenge_not_passed", "");
    }
}

#[test]
fn a_denied_user_reads_the_callers_own_words() {
    let messages = json!({ "failureMessage": "not passed", "unavailableMessage": "try later" });
    let event = back_with(&json!(TOKEN), &json!({}));
    let verdict = validated(&event, &messages, &json!({ "isValid": false }));
    assert_eq!(reason(&verdict), Some("not passed"));
    let verdict =
        sent(begin_continue(&event, &messages)).1.conclude(Err(unavailable(&[status(500)])), 0.0);
    assert_eq!(reason(&verdict), Some("try later"));
    let without_token = common::event(&json!({}));
    assert_eq!(reason(&done(begin_continue(&without_token, &messages))), Some("not passed"));
}
