//! What `onExecutePostLogin` decides: the table, and what comes before it.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::cause::Cause;
use authsignal_auth0::messages::Messages;
use authsignal_auth0::on_execute;
use authsignal_auth0::options::{OptionsInput, method_name};
use authsignal_auth0::outcome::{Outcome, Step, Verdict};
use authsignal_auth0::retry::Failure;
use common::*;
use serde_json::json;

const FAILURE: &str = "MFA challenge failed";
const UNAVAILABLE: &str = "MFA is unavailable";

#[track_caller]
fn assert_proceeds(verdict: &Verdict, code: &str, about: &str) {
    assert_eq!((&verdict.outcome, verdict.cause.code()), (&Outcome::Proceed, code), "{about}");
}

#[track_caller]
fn assert_denied(verdict: &Verdict, message: &str, code: &str, about: &str) {
    assert_eq!((reason(verdict), verdict.cause.code()), (Some(message), code), "{about}");
}

/// Every combination of the options that a table names, once with options beside them that change nothing there.
fn all_options(table: &str) -> Vec<Json> {
    let beside = json!({ "onUnavailable": "allow", "forceEnrollment": true, "maxAge": 60 });
    let with = |options: Json| [options.clone(), merged(beside.clone(), &options)];
    oracle::options(table).into_iter().flat_map(with).collect()
}

/// An answer with each of these values in a field, and one without it.
fn answers_with(answer: &Json, field: &str, values: &[Json]) -> Vec<Json> {
    let mut answers = vec![answer.clone(); values.len() + 1];
    for (answer, value) in answers.iter_mut().zip(values) {
        answer[field] = value.clone();
    }
    answers
}

#[test]
fn every_answer_is_decided_as_the_oracle_says() {
    let login = event(&json!({}));
    let is_enrolled = [&[json!(true)], oracle::examples("isEnrolled").as_slice()].concat();
    for with_state in answers_with(&json!({ "url": CHALLENGE_URL }), "state", &oracle::states()) {
        for answer in answers_with(&with_state, "isEnrolled", &is_enrolled) {
            for options in all_options("track") {
                let expected = oracle::track(&answer, &options, true, true);
                let verdict = tracked(&login, &options, &answer);
                assert_decided(&verdict, expected, &options, &format!("{answer}, {options}"));
            }
        }
    }
    let verdict = tracked(&login, &json!({ "enrollment": "optional" }), &json!({}));
    assert_denied(&verdict, FAILURE, "unknown_state", "an empty answer");
}

#[test]
fn without_a_usable_answer_only_an_outage_and_on_unavailable_let_in() {
    let login = event(&json!({}));
    for (failure, outage) in failures() {
        for options in all_options("track without an answer") {
            let verdict =
                sent(begin_execute(&login, &options)).1.conclude(Err(unavailable(&[failure])));
            let about = format!("{failure:?}, {options}");
            let expected = oracle::track_without_answer(outage, false, &options);
            assert_decided(&verdict, expected, &options, &about);
            let cause = match verdict.outcome {
                Outcome::Proceed => Cause::UnavailableAllowed(failure),
                _ => Cause::Unavailable(failure),
            };
            assert_eq!(verdict.cause, cause, "{about}");
        }
    }
}

#[test]
fn one_try_that_was_no_outage_is_enough_to_deny() {
    let login = event(&json!({}));
    let allow = json!({ "onUnavailable": "allow" });
    let (outage, limited) = (status(503), status(429));
    for (failures, let_in) in [
        ([outage, Failure::NoConnection, Failure::Timeout], true),
        ([limited, outage, outage], false),
        ([outage, limited, outage], false),
        ([outage, outage, limited], false),
        ([outage, outage, status(404)], false),
        ([outage, status(408), outage], false),
        ([Failure::KeptTimeout, outage, outage], false),
        ([Failure::Timeout, Failure::Timeout, Failure::KeptTimeout], false),
        ([Failure::KeptTimeout; 3], false),
    ] {
        let verdict = sent(begin_execute(&login, &allow)).1.conclude(Err(unavailable(&failures)));
        assert_eq!(verdict.outcome == Outcome::Proceed, let_in, "{failures:?}");
    }
}

#[test]
fn a_denied_user_reads_the_callers_own_words() {
    let messages = json!({
        "failureMessage": "not passed",
        "blockedMessage": "stopped",
        "reviewMessage": "we look at it",
        "unavailableMessage": "try later",
    });
    let login = event(&json!({}));
    for (answer, message) in [
        (json!({ "state": "BLOCK" }), "stopped"),
        (json!({ "state": "REVIEW_REQUIRED" }), "we look at it"),
        (json!({ "state": "REVIEW_FAILED" }), "we look at it"),
        (json!({ "state": "?" }), "not passed"),
        (json!({ "state": "CHALLENGE_REQUIRED", "url": "http://h" }), "not passed"),
    ] {
        assert_eq!(reason(&tracked(&login, &messages, &answer)), Some(message), "{answer}");
    }
    let verdict =
        sent(begin_execute(&login, &messages)).1.conclude(Err(unavailable(&[status(500)])));
    assert_eq!(reason(&verdict), Some("try later"));
    let verdict = done(begin_execute(&event(&json!({ "user": null })), &messages));
    assert_eq!(reason(&verdict), Some("try later"));
    let wrong = merged(messages, &json!({ "region": "mars" }));
    assert_eq!(reason(&done(begin_execute(&login, &wrong))), Some("try later"));
}

// Redirects

const CHALLENGES: [(&str, bool); 2] = [("CHALLENGE_REQUIRED", true), ("ALLOW", false)];

fn redirected(patch: &Json, options: &Json, url: &Json) -> Vec<Verdict> {
    let answer = |(state, enrolled)| {
        let answer = json!({ "state": state, "isEnrolled": enrolled, "url": url });
        tracked(&event(patch), options, &answer)
    };
    CHALLENGES.map(answer).into()
}

#[test]
fn a_login_is_redirected_if_its_protocol_and_its_prompt_can_be() {
    let kinds = ["refreshes a token", "can't redirect", "can redirect"];
    let protocols = kinds.map(oracle::protocols).concat();
    let prompts = ["can't redirect", "can redirect"].map(oracle::prompts).concat();
    let answers = [
        json!({ "state": "CHALLENGE_REQUIRED", "url": CHALLENGE_URL }),
        json!({ "state": "ALLOW", "url": CHALLENGE_URL }),
        json!({ "state": "ALLOW", "isEnrolled": true }),
        json!({ "state": "BLOCK" }),
    ];
    for (protocol, prompt) in pairs(&protocols, &prompts) {
        let mut login = fixture();
        login["transaction"]["protocol"] = protocol.clone();
        login["transaction"]["prompt"] = json!([prompt]);
        login["request"]["query"]["prompt"] = prompt.clone();
        let login = exact_event(&login);
        let before = oracle::before_track(|condition| {
            condition == "it refreshes a token" && oracle::refreshes_token(protocol)
        });
        let can_redirect = oracle::can_redirect(protocol, prompt);
        for (answer, options) in pairs(&answers, &all_options("track")) {
            let about = format!("{protocol}, prompt {prompt}, {answer}, {options}");
            let (verdict, expected) = match begin_execute(&login, options) {
                Step::Done(verdict) => (verdict, before),
                Step::Send(_, pending) => {
                    assert_eq!(before.outcome, "request", "{about}");
                    let verdict =
                        pending.conclude(Ok(serde_json::from_value(answer.clone()).unwrap()));
                    (verdict, oracle::track(answer, options, can_redirect, true))
                }
            };
            assert_decided(&verdict, expected, options, &about);
        }
    }
}

fn pairs<'a>(some: &'a [Json], others: &'a [Json]) -> impl Iterator<Item = (&'a Json, &'a Json)> {
    some.iter().flat_map(move |one| others.iter().map(move |other| (one, other)))
}

#[test]
fn a_login_without_a_transaction_can_redirect() {
    for patch in [json!({ "transaction": null }), json!({ "transaction": { "protocol": null } })] {
        for verdict in redirected(&patch, &json!({}), &json!(CHALLENGE_URL)) {
            assert!(matches!(verdict.outcome, Outcome::Redirect { .. }), "{patch}: {verdict:?}");
        }
    }
}

#[test]
fn the_browser_goes_only_to_https_or_to_http_on_loopback() {
    for url in [
        CHALLENGE_URL,
        "HTTPS://mfa.example.com",
        "https://mfa.example.com:8443/x?y#z",
        "http://localhost:4002/challenge?token=t",
        "http://127.0.0.1/challenge",
        "http://[::1]:4002/",
    ] {
        for verdict in redirected(&json!({}), &json!({}), &json!(url)) {
            let expected = Outcome::Redirect { url: url.into(), challenge: None };
            assert_eq!(verdict.outcome, expected);
        }
    }
    for url in [
        json!("http://mfa.example.com/challenge?token=t"),
        json!("http://127.0.0.1.example.com/"),
        json!("http://localhost@example.com/"),
        json!("https://user:pass@mfa.example.com/"),
        json!("javascript:alert(1)"),
        json!("data:text/html,x"),
        json!("//mfa.example.com/"),
        json!("/challenge?token=t"),
        json!("https://"),
        json!("https://mfa.example.com\\@example.org/"),
        json!("https://mfa.example.com/a\\b"),
        json!("https://mfa.example.com/\n"),
        json!(" https://mfa.example.com/"),
        json!(""),
        json!(null),
        json!(true),
        json!([CHALLENGE_URL]),
        json!({ "href": CHALLENGE_URL }),
    ] {
        for verdict in redirected(&json!({}), &json!({}), &url) {
            assert_denied(&verdict, FAILURE, "invalid_challenge_url", &url.to_string());
        }
    }
    let verdict =
        tracked(&event(&json!({})), &json!({}), &json!({ "state": "CHALLENGE_REQUIRED" }));
    assert_denied(&verdict, FAILURE, "invalid_challenge_url", "no URL");
}

#[test]
fn only_four_numbers_from_127_are_a_loopback_address() {
    // `new URL("http://127./").host` is `0.0.0.127`.
    for url in [
        "http://127.",
        "http://127./challenge",
        "http://127.:80/",
        "http://127..",
        "http://127",
        "http://127.0.0.x",
        "http://127.0.0.0x1",
    ] {
        for verdict in redirected(&json!({}), &json!({}), &json!(url)) {
            assert_denied(&verdict, FAILURE, "invalid_challenge_url", url);
        }
    }
}

#[test]
fn forced_enrollment_is_added_to_the_challenge_url_and_only_then() {
    let force = json!({ "forceEnrollment": true });
    for (url, forced) in [
        ("https://h/c?token=t", "https://h/c?token=t&force_enrollment=true"),
        ("https://h/c", "https://h/c?force_enrollment=true"),
        ("https://h/c?token=t#top", "https://h/c?token=t&force_enrollment=true#top"),
    ] {
        for (options, expected) in
            [(&force, forced), (&json!({ "forceEnrollment": false }), url), (&json!({}), url)]
        {
            for verdict in redirected(&json!({}), options, &json!(url)) {
                let expected = Outcome::Redirect { url: expected.into(), challenge: None };
                assert_eq!(verdict.outcome, expected);
            }
        }
    }
}

#[test]
fn the_answers_idempotency_key_goes_with_the_redirect_where_it_is_a_string() {
    for (key, expected) in [
        (json!("a-key-of-the-answer"), Some("a-key-of-the-answer")),
        (json!(null), None),
        (json!(5), None),
        (json!(["a"]), None),
        (json!({}), None),
    ] {
        for (state, enrolled) in CHALLENGES {
            let answer = json!({
                "state": state,
                "isEnrolled": enrolled,
                "url": CHALLENGE_URL,
                "idempotencyKey": key,
            });
            let verdict = tracked(&event(&json!({})), &json!({}), &answer);
            let challenge = expected.map(str::to_owned);
            let expected = Outcome::Redirect { url: CHALLENGE_URL.into(), challenge };
            assert_eq!(verdict.outcome, expected, "{key}");
        }
    }
}

// What is decided before anything is sent

#[test]
fn a_refresh_token_exchange_proceeds_before_any_option_is_read_or_called() {
    let refresh = json!({ "transaction": { "protocol": "oauth2-refresh-token" } });
    for login in [event(&refresh), exact_event(&refresh)] {
        let options = || -> OptionsInput { panic!("the options were called") };
        let verdict = done(on_execute::begin(&login, options, nothing, moment()));
        assert_proceeds(&verdict, "refresh_token", "");
        assert_eq!(verdict.messages, Messages::default());
    }
}

#[test]
fn options_are_asked_exactly_once() {
    let mut calls = 0;
    let options = || {
        calls += 1;
        given(&json!({}))
    };
    sent(on_execute::begin(&event(&json!({})), options, nothing, moment()));
    assert_eq!(calls, 1);
}

#[test]
fn options_that_are_false_let_this_login_proceed_without_a_request() {
    for login in [event(&json!({})), exact_event(&json!({}))] {
        let verdict = done(on_execute::begin(&login, || OptionsInput::Off, nothing, moment()));
        assert_proceeds(&verdict, "options_off", "");
    }
}

#[test]
fn a_configuration_error_denies_without_a_request() {
    let login = event(&json!({}));
    for (options, code) in [
        (json!({ "region": "mars" }), "invalid_option"),
        (json!({ "region": "eu", "apiUrl": US }), "conflicting_options"),
        (json!({ "timeout": 1000 }), "unknown_option"),
        (json!({ "onUnavailable": "allow", "maxAge": -1 }), "invalid_option"),
        (json!([]), "invalid_options"),
        (json!("secret"), "invalid_options"),
        (json!(false), "invalid_options"),
        (json!(null), "invalid_options"),
    ] {
        let verdict = done(begin_execute(&login, &options));
        assert_denied(&verdict, UNAVAILABLE, code, &options.to_string());
    }
    let verdict = done(begin_execute(&event(&json!({ "secrets": null })), &json!({})));
    assert_denied(&verdict, UNAVAILABLE, "no_secret", "no secret");
    let verdict = done(on_execute::begin(&login, || OptionsInput::Invalid, nothing, moment()));
    assert_denied(&verdict, UNAVAILABLE, "invalid_options", "a function that threw");
}

#[test]
fn a_configuration_error_denies_before_a_recorded_method_counts() {
    let login = event(&methods(&json!([{ "name": US, "timestamp": NOW }])));
    let verdict = done(begin_execute(&login, &json!({ "maxAge": "1" })));
    assert_denied(&verdict, UNAVAILABLE, "invalid_option", "");
}

#[test]
fn an_event_needs_only_what_the_next_step_reads() {
    let recorded = json!({ "authentication": { "methods": [{ "name": US }] } });
    let secret = json!({ "secret": "k" });
    let verdict = done(begin_execute(&exact_event(&recorded), &secret));
    assert_proceeds(&verdict, "already_challenged", "neither a user nor a host");

    let everything = json!({ "secret": "k", "userId": "u", "redirectUrl": "https://h/continue" });
    sent(begin_execute(&exact_event(&json!({})), &everything));

    for (event, options, missing) in [
        (json!({}), json!({ "secret": "k" }), "user.user_id"),
        (json!({}), json!({ "secret": "k", "redirectUrl": "https://h/c" }), "user.user_id"),
        (json!({}), json!({ "secret": "k", "userId": "u" }), "request.hostname"),
        (json!({ "user": { "user_id": "u" } }), json!({ "secret": "k" }), "request.hostname"),
    ] {
        let verdict = done(begin_execute(&exact_event(&event), &options));
        assert_eq!(verdict.cause, Cause::Event(missing), "{event} {options}");
        assert_denied(&verdict, UNAVAILABLE, "invalid_event", missing);
        assert!(verdict.log_line().unwrap().contains(missing));
    }
}

#[test]
fn a_user_id_or_a_hostname_that_is_none_denies() {
    for id in
        [json!(""), json!("."), json!(".."), json!(5), json!(null), json!(["u"]), json!("\u{fffd}")]
    {
        let mut login = fixture();
        login["user"]["user_id"] = id.clone();
        let verdict = done(begin_execute(&exact_event(&login), &json!({})));
        assert_eq!(verdict.cause, Cause::Event("user.user_id"), "{id}");
        assert_eq!(reason(&verdict), Some(UNAVAILABLE));
    }
    for host in [
        json!(""),
        json!("login.example.com/x"),
        json!("user@login.example.com"),
        json!("login.example.com?x"),
        json!("login.example.com#x"),
        json!("login.example.com\\x"),
        json!("login example.com"),
        json!("https://login.example.com"),
        json!("login.example.com:"),
        json!(5),
        json!(null),
    ] {
        let mut login = fixture();
        login["request"]["hostname"] = host.clone();
        let verdict = done(begin_execute(&exact_event(&login), &json!({})));
        assert_eq!(verdict.cause, Cause::Event("request.hostname"), "{host}");
        assert_eq!(reason(&verdict), Some(UNAVAILABLE));
    }
}

// Recorded methods

fn methods(methods: &Json) -> Json {
    json!({ "authentication": { "methods": methods } })
}

/// Whether this login proceeds because of what its session has recorded.
fn is_recorded(recorded: &Json, options: &Json) -> bool {
    match begin_execute(&event(&methods(recorded)), options) {
        Step::Done(verdict) => {
            assert_proceeds(&verdict, "already_challenged", &recorded.to_string());
            true
        }
        Step::Send(..) => false,
    }
}

#[test]
fn a_recorded_method_is_named_by_the_api_url_as_given_and_by_another_action() {
    let eu = "https://eu.api.authsignal.com/v1";
    let own = "https://mfa.example.com/v1/";
    for (options, name) in [
        (json!({}), US),
        (json!({ "action": "auth0-login" }), US),
        (json!({ "region": "eu" }), eu),
        (json!({ "apiBaseUrl": own }), own),
        (json!({ "apiUrl": "HTTPS://MFA.example.com" }), "HTTPS://MFA.example.com"),
        (json!({ "action": "payout" }), "https://api.authsignal.com/v1#payout"),
        (json!({ "apiUrl": own, "action": "A_1" }), "https://mfa.example.com/v1/#A_1"),
    ] {
        let config = config(&options);
        assert_eq!(method_name(&config.api_url, &config.action), name);
        let pwd = json!({ "name": "pwd", "timestamp": NOW });
        assert!(is_recorded(&json!([pwd, { "name": name }]), &options), "{options}");
        for other in [
            json!("pwd"),
            json!(eu.replace("eu.", "ca.")),
            json!(format!("{name}/")),
            json!(format!("{name}#other")),
            json!(name[..name.len() - 1]),
            json!(format!(" {name}")),
            json!([name]),
            json!(null),
            json!(1),
        ] {
            let recorded = json!([{ "name": other, "timestamp": NOW }]);
            assert!(!is_recorded(&recorded, &options), "{other} for {options}");
        }
    }
}

#[test]
fn a_challenge_for_one_action_does_not_stand_for_another() {
    let login = json!([{ "name": US, "timestamp": NOW }]);
    let payout = json!([{ "name": format!("{US}#payout"), "timestamp": NOW }]);
    assert!(is_recorded(&login, &json!({})));
    assert!(!is_recorded(&login, &json!({ "action": "payout" })));
    assert!(is_recorded(&payout, &json!({ "action": "payout" })));
    assert!(!is_recorded(&payout, &json!({})));
    assert!(!is_recorded(&payout, &json!({ "action": "payout2" })));
}

#[test]
fn a_session_without_records_is_challenged() {
    for recorded in [json!([]), json!([null]), json!([{}])] {
        assert!(!is_recorded(&recorded, &json!({})), "{recorded}");
    }
    for patch in
        [json!({ "authentication": null }), json!({ "authentication": { "methods": null } })]
    {
        sent(begin_execute(&event(&patch), &json!({})));
    }
    let mut login = fixture();
    login["authentication"]["methods"] = json!(null);
    sent(begin_execute(&exact_event(&login), &json!({})));
}

#[test]
fn max_age_is_how_many_seconds_a_record_counts() {
    for (max_age, age, counts) in [
        (3600.0, 0.0, true),
        (3600.0, 3599.999, true),
        (3600.0, 3600.001, false),
        (3600.0, 86_400.0, false),
        (0.5, 0.4, true),
        (0.5, 0.6, false),
        // As far as clocks may differ, and no further.
        (3600.0, -0.001, true),
        (3600.0, -60.0, true),
        (3600.0, -60.001, false),
        (3600.0, -3600.0, false),
        (1.0, -60.0, true),
        // 0 asks each time.
        (0.0, 0.0, false),
        (0.0, 0.001, false),
        (0.0, -0.001, false),
        (0.0, -60.0, false),
    ] {
        let recorded = json!([{ "name": US, "timestamp": seconds_ago(age) }]);
        let options = json!({ "maxAge": max_age });
        assert_eq!(is_recorded(&recorded, &options), counts, "maxAge {max_age}, {age} s ago");
    }
}

#[test]
fn without_max_age_a_record_counts_whatever_its_timestamp() {
    for timestamp in
        [json!(seconds_ago(1e9)), json!(seconds_ago(-1e6)), json!("?"), json!(null), json!(0)]
    {
        let recorded = json!([{ "name": US, "timestamp": timestamp }]);
        assert!(is_recorded(&recorded, &json!({})), "{timestamp}");
    }
}

#[test]
fn with_max_age_a_record_without_a_readable_timestamp_does_not_count() {
    for timestamp in [
        json!(null),
        json!(""),
        json!("yesterday"),
        json!("2026-13-04T08:15:32.000Z"),
        json!(milliseconds(NOW)),
        json!(true),
        json!([NOW]),
    ] {
        let recorded = json!([{ "name": US, "timestamp": timestamp }]);
        assert!(!is_recorded(&recorded, &json!({ "maxAge": 1e12 })), "{timestamp}");
    }
    assert!(!is_recorded(&json!([{ "name": US }]), &json!({ "maxAge": 1e12 })));
}

#[test]
fn the_newest_record_counts_in_whatever_order_they_come() {
    let record = |age: f64| json!({ "name": US, "timestamp": seconds_ago(age) });
    let (old, young, future) = (record(7200.0), record(60.0), record(-3600.0));
    let unreadable = json!({ "name": US, "timestamp": "?" });
    let another = json!({ "name": format!("{US}#x"), "timestamp": NOW });
    let hour = json!({ "maxAge": 3600 });
    assert!(is_recorded(&json!([old, young]), &hour));
    assert!(is_recorded(&json!([young, old]), &hour));
    assert!(is_recorded(&json!([unreadable, young, another]), &hour));
    assert!(!is_recorded(&json!([old, record(3601.0), old]), &hour));
    assert!(!is_recorded(&json!([old, another]), &hour));
    assert!(!is_recorded(&json!([old, unreadable, future]), &hour));
}
