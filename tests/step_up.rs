//! `onStepUp`, by which an application asks for a new challenge, and `claim`, by which it sees one.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::cause::Cause;
use authsignal_auth0::outcome::{Outcome, Step, Verdict};
use authsignal_auth0::retry::Failure;
use common::*;
use serde_json::json;

const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const CLAIM: &str = "https://example.com/mfa";

/// A login of a session that passed challenges so many seconds ago, which asks for `asked`.
fn login(recorded: &[f64], asked: &Json) -> Json {
    let methods: Vec<Json> = recorded
        .iter()
        .map(|seconds| json!({ "name": US, "timestamp": seconds_ago(*seconds) }))
        .collect();
    let quiet = json!({
        "authentication": { "methods": methods },
        "transaction": { "prompt": null, "acr_values": null },
    });
    merged(merged(fixture(), &quiet), asked)
}

/// Whether the recorded challenge counts.
fn counts(event: &Json, options: &Json) -> bool {
    match begin_execute(&exact_event(event), options) {
        Step::Done(verdict) => {
            assert_eq!(
                (verdict.outcome, verdict.cause),
                (Outcome::Proceed, Cause::AlreadyChallenged)
            );
            true
        }
        Step::Send(..) => false,
    }
}

/// What an application may ask for, and whether a challenge of ten seconds ago counts then.
fn asked() -> Vec<(Json, bool)> {
    let acr = |values: Json| json!({ "transaction": { "acr_values": values } });
    let prompt = |values: Json| json!({ "transaction": { "prompt": values } });
    let max_age = |value: Json| json!({ "request": { "query": { "max_age": value } } });
    vec![
        (json!({}), true),
        (json!({ "transaction": null }), true),
        (acr(json!([])), true),
        (acr(json!("")), true),
        (acr(json!(null)), true),
        (acr(json!(["urn:mace:incommon:iap:silver"])), true),
        (acr(json!([format!("{MULTI_FACTOR}/"), format!("x {MULTI_FACTOR}")])), true),
        (acr(json!(format!("{MULTI_FACTOR}x"))), true),
        (acr(json!([MULTI_FACTOR])), false),
        (acr(json!(["urn:x", MULTI_FACTOR])), false),
        (acr(json!(MULTI_FACTOR)), false),
        (acr(json!(format!("urn:x {MULTI_FACTOR} urn:y"))), false),
        (acr(json!(5)), false),
        (acr(json!(false)), false),
        (acr(json!({})), false),
        (acr(json!(["urn:x", 5])), false),
        (acr(json!([[MULTI_FACTOR]])), false),
        (prompt(json!([])), true),
        (prompt(json!(["none"])), true),
        (prompt(json!("consent")), true),
        (prompt(json!("relogin login_hint LOGIN")), true),
        (prompt(json!(["login"])), false),
        (prompt(json!("consent login")), false),
        (prompt(json!({ "0": "login" })), false),
        (max_age(json!(null)), true),
        (max_age(json!("11")), true),
        (max_age(json!("3600")), true),
        (max_age(json!("0000000011")), true),
        (max_age(json!("9".repeat(400))), true),
        (max_age(json!("10")), false),
        (max_age(json!("0")), false),
        (max_age(json!("")), false),
        (max_age(json!(" 11")), false),
        (max_age(json!("+11")), false),
        (max_age(json!("1e3")), false),
        (max_age(json!("11.5")), false),
        (max_age(json!("-1")), false),
        (max_age(json!("٣٦٠٠")), false),
        (max_age(json!(3600)), false),
        (max_age(json!(true)), false),
        (max_age(json!(["3600"])), false),
        (max_age(json!({})), false),
    ]
}

#[test]
fn with_on_step_up_a_recorded_challenge_counts_unless_the_application_asks_for_a_new_one() {
    for (asked, expected) in asked() {
        let event = login(&[10.0], &asked);
        assert_eq!(counts(&event, &json!({ "onStepUp": "challenge" })), expected, "{asked}");
    }
}

#[test]
fn without_on_step_up_nothing_that_an_application_asks_for_changes_anything() {
    for (asked, _) in asked() {
        for options in [json!({}), json!({ "onStepUp": "ignore" }), json!({ "maxAge": 11 })] {
            assert!(counts(&login(&[10.0], &asked), &options), "{asked} {options}");
        }
    }
}

#[test]
fn of_max_age_and_the_options_max_age_the_stricter_one_holds() {
    let asked = |seconds: &str| json!({ "request": { "query": { "max_age": seconds } } });
    for (max_age, of_application, expected) in [
        (11, "11", true),
        (11, "10", false),
        (10, "11", false),
        (10, "10", false),
        (0, "99", false),
    ] {
        let options = json!({ "onStepUp": "challenge", "maxAge": max_age });
        let event = login(&[10.0], &asked(of_application));
        assert_eq!(counts(&event, &options), expected, "{max_age} {of_application}");
    }
}

#[test]
fn a_record_of_unknown_age_counts_only_without_a_max_age() {
    for timestamp in [json!(null), json!("once"), json!(5), json!(seconds_ago(-61.0))] {
        let mut event = login(&[10.0], &json!({}));
        event["authentication"]["methods"][0]["timestamp"] = timestamp.clone();
        let options = json!({ "onStepUp": "challenge" });
        assert!(counts(&event, &options), "{timestamp}");
        event["request"]["query"]["max_age"] = json!("9".repeat(400));
        assert!(!counts(&event, &options), "{timestamp}");
    }
}

#[test]
fn an_outage_never_lets_in_a_login_that_asked_for_more_than_the_password() {
    let options = json!({ "onStepUp": "challenge", "onUnavailable": "allow" });
    let outage = |event: &Json| {
        let (_, pending) = sent(begin_execute(&exact_event(event), &options));
        pending.conclude(Err(unavailable(&[Failure::NoConnection; 3]))).outcome
    };
    for (asked, _) in asked() {
        let event = login(&[], &asked);
        let challenge_of_now_counts =
            counts(&login(&[0.0], &asked), &json!({ "onStepUp": "challenge" }));
        let max_age = event.pointer("/request/query/max_age").is_some_and(|it| !it.is_null());
        let expected =
            if challenge_of_now_counts && !max_age { Outcome::Proceed } else { denied() };
        assert_eq!(outage(&event), expected, "{asked}");
    }
}

fn denied() -> Outcome {
    Outcome::Deny { reason: "MFA is unavailable".into() }
}

#[test]
fn a_login_without_a_prompt_that_asks_is_redirected_which_auth0_answers_with_interaction_required()
{
    let asked = json!({ "transaction": { "acr_values": [MULTI_FACTOR], "prompt": ["none"] } });
    let answer = json!({ "state": "CHALLENGE_REQUIRED", "url": CHALLENGE_URL });
    let options = json!({ "onStepUp": "challenge" });
    let verdict = tracked(&exact_event(&login(&[10.0], &asked)), &options, &answer);
    assert!(matches!(verdict.outcome, Outcome::Redirect { .. }), "{verdict:?}");
}

#[test]
fn what_the_table_says_holds_for_a_login_that_asked() {
    let options = json!({ "onStepUp": "challenge" });
    let event = login(&[10.0], &json!({ "transaction": { "acr_values": [MULTI_FACTOR] } }));
    let answer = json!({ "state": "ALLOW", "isEnrolled": true });
    assert_eq!(tracked(&exact_event(&event), &options, &answer).outcome, Outcome::Proceed);
    let answer = json!({ "state": "CHALLENGE_REQUIRED", "url": CHALLENGE_URL });
    let verdict = tracked(&exact_event(&event), &options, &answer);
    assert!(matches!(verdict.outcome, Outcome::Redirect { .. }), "{verdict:?}");
}

// The claim

/// The claim's name, action, time and method.
fn claim(verdict: &Verdict) -> Option<(&str, &str, f64, Option<&str>)> {
    let claim = verdict.claim.as_ref()?;
    Some((claim.name.as_str(), claim.action.as_str(), claim.at_ms, claim.method.as_deref()))
}

#[test]
fn a_recorded_challenge_that_counts_is_claimed_with_the_time_of_the_newest() {
    let options = json!({ "claim": CLAIM });
    let at = |seconds: f64| milliseconds(&seconds_ago(seconds));
    for (recorded, newest) in [(vec![10.0], 10.0), (vec![300.0, 20.0, 100.0], 20.0)] {
        let verdict = done(begin_execute(&exact_event(&login(&recorded, &json!({}))), &options));
        assert_eq!(claim(&verdict), Some((CLAIM, "auth0-login", at(newest), None)));
    }
    // The newest is of another action, or can't be read.
    let mut event = login(&[5.0, 60.0, 50.0], &json!({}));
    event["authentication"]["methods"][0]["name"] = json!("https://api.authsignal.com/v1#payout");
    event["authentication"]["methods"][2]["timestamp"] = json!("yesterday");
    let verdict = done(begin_execute(&exact_event(&event), &options));
    assert_eq!(claim(&verdict), Some((CLAIM, "auth0-login", at(60.0), None)));
    let options = json!({ "claim": CLAIM, "action": "payout" });
    let verdict = done(begin_execute(&exact_event(&event), &options));
    assert_eq!(claim(&verdict), Some((CLAIM, "payout", at(5.0), None)));
}

#[test]
fn a_recorded_challenge_whose_time_can_not_be_read_counts_and_is_not_claimed() {
    let future = json!("9999-12-31T00:00:00.000Z");
    for timestamp in [json!(null), json!("once"), json!(1), json!(""), future] {
        let mut event = login(&[10.0], &json!({}));
        event["authentication"]["methods"][0]["timestamp"] = timestamp;
        let verdict = done(begin_execute(&exact_event(&event), &json!({ "claim": CLAIM })));
        assert_eq!((verdict.cause.clone(), claim(&verdict)), (Cause::AlreadyChallenged, None));
    }
}

#[test]
fn a_challenge_passed_now_is_claimed_with_its_method() {
    let mut event = fixture();
    event["request"]["query"]["token"] = json!("a.token");
    let passed = json!({
        "isValid": true, "state": "CHALLENGE_SUCCEEDED", "actionCode": "auth0-login", "userId": USER,
    });
    for (method, expected) in [
        (json!("PASSKEY"), Some("PASSKEY")),
        (json!(null), None),
        (json!(5), None),
        (json!(["SMS"]), None),
    ] {
        let answer = merged(passed.clone(), &json!({ "verificationMethod": method }));
        let verdict = validated(&exact_event(&event), &json!({ "claim": CLAIM }), &answer);
        let expected = Some((CLAIM, "auth0-login", milliseconds(NOW), expected));
        assert_eq!(claim(&verdict), expected, "{answer}");
        let verdict = validated(&exact_event(&event), &json!({}), &answer);
        assert_eq!((verdict.cause.clone(), claim(&verdict)), (Cause::ChallengePassed, None));
    }
}

#[test]
fn no_other_login_is_claimed() {
    let options = json!({
        "claim": CLAIM, "enrollment": "optional", "onReview": "allow", "onUnavailable": "allow",
        "onStepUp": "challenge",
    });
    // An old record is there, which doesn't count.
    let event =
        login(&[10.0], &json!({ "request": { "query": { "max_age": "5", "token": "a.token" } } }));
    for state in oracle::states() {
        for enrolled in [true, false] {
            let answer = json!({ "state": state, "isEnrolled": enrolled, "url": CHALLENGE_URL });
            let verdict = tracked(&exact_event(&event), &options, &answer);
            assert_eq!(claim(&verdict), None, "{verdict:?}");
        }
        let answer = json!({
            "isValid": false, "state": state, "actionCode": "auth0-login", "userId": USER,
            "verificationMethod": "SMS",
        });
        let verdict = validated(&exact_event(&event), &options, &answer);
        assert_eq!(claim(&verdict), None, "{verdict:?}");
    }
    for (failure, _) in failures() {
        let login = exact_event(&login(&[], &json!({})));
        let verdict =
            sent(begin_execute(&login, &options)).1.conclude(Err(unavailable(&[failure])));
        assert_eq!(claim(&verdict), None, "{verdict:?}");
    }
    let refresh = login(&[10.0], &json!({ "transaction": { "protocol": "oauth2-refresh-token" } }));
    let verdict = done(begin_execute(&exact_event(&refresh), &options));
    assert_eq!((verdict.cause.clone(), claim(&verdict)), (Cause::RefreshToken, None));
}
