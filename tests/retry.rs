//! When a try is repeated and when not, as pure state: by example, and as properties.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::retry::Limits;
use authsignal_auth0::retry::{
    Failure, HOOK_MS, Health, SHORT_TRY_MS, Tries, Unavailable, retry_after_ms,
};
use common::{failures, status};
use proptest::prelude::*;

const MANY: Limits = Limits { timeout_ms: 3000.0, max_retries: u32::MAX };
const DEFAULT: Limits = Limits { timeout_ms: 3000.0, max_retries: 2 };

/// A refusal that asks for such a pause; `NaN` is none.
fn limited(status: u16, retry_after_ms: f64) -> Failure {
    Failure::of_status(status, || Some(retry_after_ms).filter(|ms| !ms.is_nan())).unwrap()
}

fn transient() -> Vec<Failure> {
    let mut transient = vec![Failure::NoConnection, Failure::Timeout, Failure::KeptTimeout];
    transient.extend([408, 429].map(status));
    transient.extend([500, 502, 503, 504, 599].map(status));
    transient
}

fn begin(limits: Limits, health: &mut Health) -> Tries {
    Tries::new(limits, 0.0, 0.0, health)
}

/// A process whose breaker has opened at that time.
fn open_at(now: f64) -> Health {
    let mut health = Health::default();
    for _ in 0..5 {
        assert!(!health.is_open(now));
        let mut tries = Tries::new(Limits { max_retries: 0, ..MANY }, now, now, &mut health);
        tries.failed(status(500), now, 0.0, &mut health).unwrap_err();
    }
    assert!(health.is_open(now));
    health
}

/// How many retries a process grants at once.
fn drained(health: &mut Health) -> u32 {
    for retries in 0..100 {
        // An answer keeps the breaker closed.
        health.answered();
        let mut tries = Tries::new(DEFAULT, 0.0, 0.0, &mut Health::default());
        if tries.failed(status(503), 0.0, 0.0, health).is_err() {
            return retries;
        }
    }
    panic!("there is no end of retries")
}

// How a try fails

#[test]
fn a_status_is_an_answer_a_redirect_a_refusal_or_nothing_that_http_knows() {
    for code in [200, 201, 204, 299] {
        assert_eq!(Failure::of_status(code, || None), None);
    }
    for code in [0, 300, 301, 302, 304, 307, 308, 399] {
        assert_eq!(Failure::of_status(code, || None), Some(Failure::Redirect));
    }
    for code in [400, 401, 404, 408, 429, 499, 500, 503, 599] {
        for retry_after_ms in [None, Some(1500.0)] {
            let refused = Failure::Status { status: code, retry_after_ms };
            assert_eq!(Failure::of_status(code, || retry_after_ms), Some(refused));
        }
    }
    for code in [1, 100, 101, 199, 600, 999, u16::MAX] {
        assert_eq!(Failure::of_status(code, || None), Some(Failure::Unreadable));
    }
}

#[test]
fn only_a_refusal_is_asked_for_its_retry_after() {
    for code in [0, 100, 200, 204, 302, 399, 600] {
        Failure::of_status(code, || panic!("{code} was asked"));
    }
}

#[test]
fn an_error_of_the_platform_is_known_by_its_name() {
    for (name, failure) in [
        ("TypeError", Failure::NoConnection),
        ("TooLarge", Failure::TooLarge),
        ("Unsendable", Failure::NotSent),
        ("Unreadable", Failure::Unreadable),
        ("AbortError", Failure::Unreadable),
        ("typeerror", Failure::Unreadable),
        ("TypeError ", Failure::Unreadable),
        ("", Failure::Unreadable),
    ] {
        assert_eq!(Failure::of_error(name), failure, "{name}");
    }
}

#[test]
fn a_400_whose_body_names_the_reason_is_of_a_tenant_without_authenticators() {
    for (body, failure) in [
        (r#"{"error":"AUTHENTICATOR_NOT_FOUND"}"#, Failure::NoAuthenticator),
        ("AUTHENTICATOR_NOT_FOUND", Failure::NoAuthenticator),
        ("\u{20ac} AUTHENTICATOR_NOT_FOUND \u{20ac}", Failure::NoAuthenticator),
        ("AUTHENTICATOR_NOT_FOUN", status(400)),
        ("authenticator_not_found", status(400)),
        ("AUTHENTICATOR NOT FOUND", status(400)),
        ("{}", status(400)),
        ("", status(400)),
    ] {
        assert_eq!(status(400).because(body), failure, "{body}");
    }
    let limited = limited(400, 1500.0);
    assert_eq!(limited.because("AUTHENTICATOR_NOT_FOUND"), Failure::NoAuthenticator);
    assert_eq!(limited.because(""), limited);
}

#[test]
fn no_other_failure_asks_its_body_for_a_reason() {
    for (failure, _) in failures() {
        let has_reason = failure == status(400);
        assert_eq!(failure.has_reason(), has_reason, "{failure:?}");
        let named = failure.because("AUTHENTICATOR_NOT_FOUND");
        assert_eq!(named, if has_reason { Failure::NoAuthenticator } else { failure });
    }
}

#[test]
fn a_retry_after_is_in_seconds_or_a_date() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (value, ms) in [
        ("0", Some(0.0)),
        ("7", Some(7_000.0)),
        ("120", Some(120_000.0)),
        ("007", Some(7_000.0)),
        (date, Some(2_500.0)),
        ("1.5", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1e3", None),
        ("\u{663}", None),
        ("soon", None),
        ("", None),
    ] {
        let read_date =
            |text: &str| if text == "Wed, 21 Oct 2026 07:28:00 GMT" { 10_000.0 } else { f64::NAN };
        assert_eq!(retry_after_ms(value, 7_500.0, read_date), ms, "{value:?}");
    }
    // A date that is over, and more seconds than there are numbers.
    assert_eq!(retry_after_ms(date, 12_000.0, |_| 10_000.0), Some(-2_000.0));
    assert_eq!(retry_after_ms(&"9".repeat(400), 0.0, |_| f64::NAN), Some(f64::INFINITY));
}

/// What is known of a failure: whether it is an outage, an answer, final and transient. The same for a status by its
/// number.
#[test]
fn each_failure_is_known_for_what_it_is() {
    let (yes, no) = (true, false);
    for (failure, outage, answer, is_final, retried) in [
        (Failure::NoConnection, yes, no, no, yes),
        (Failure::Timeout, yes, no, no, yes),
        (Failure::KeptTimeout, no, no, no, yes),
        (Failure::NotSent, no, no, no, no),
        (Failure::NoAuthenticator, no, yes, yes, no),
        (Failure::Redirect, no, yes, yes, no),
        (Failure::TooLarge, no, yes, no, no),
        (Failure::Unreadable, no, yes, no, no),
        (status(400), no, yes, yes, no),
        (status(401), no, yes, yes, no),
        (status(404), no, yes, yes, no),
        (status(407), no, yes, yes, no),
        (status(408), no, yes, no, yes),
        (status(409), no, yes, yes, no),
        (status(428), no, yes, yes, no),
        (status(429), no, yes, no, yes),
        (status(430), no, yes, yes, no),
        (status(499), no, yes, yes, no),
        (status(500), yes, yes, no, yes),
        (status(503), yes, yes, no, yes),
        (status(599), yes, yes, no, yes),
        (limited(404, 10.0), no, yes, yes, no),
        (limited(429, 10.0), no, yes, no, yes),
        (limited(503, 10.0), yes, yes, no, yes),
    ] {
        assert_eq!(failure.is_outage(), outage, "{failure:?}");
        assert_eq!(failure.is_answer(), answer, "{failure:?}");
        assert_eq!(failure.is_final(), is_final, "{failure:?}");
        let mut health = Health::default();
        let next = begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health);
        assert_eq!(next.is_ok(), retried, "{failure:?}");
    }
}

// What is retried

#[test]
fn connection_errors_timeouts_408_429_and_5xx_are_retried_and_nothing_else() {
    let transient = transient();
    for (failure, _) in failures() {
        let mut health = Health::default();
        let next = begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health);
        assert_eq!(next.is_ok(), transient.contains(&failure), "{failure:?}");
    }
}

#[test]
fn no_connection_timeouts_and_5xx_are_outages_and_nothing_else() {
    for (failure, outage) in failures() {
        assert_eq!(failure.is_outage(), outage, "{failure:?}");
        let mut health = Health::default();
        let none = Limits { max_retries: 0, ..DEFAULT };
        let ended = begin(none, &mut health).failed(failure, 0.0, 0.5, &mut health);
        assert_eq!(ended, Err(Unavailable { failure, outage }));
    }
}

#[test]
fn a_try_is_repeated_as_often_as_allowed() {
    for failure in transient() {
        for max_retries in 0..4 {
            let mut health = Health::default();
            let mut tries = begin(Limits { max_retries, ..MANY }, &mut health);
            for retry in 0..max_retries {
                tries.failed(failure, 0.0, 0.5, &mut health).unwrap_or_else(|ended| {
                    panic!(
                        "retry {retry} of {max_retries} after {failure:?} was refused: {ended:?}"
                    )
                });
            }
            tries.failed(failure, 0.0, 0.5, &mut health).unwrap_err();
        }
    }
}

#[test]
fn the_last_failure_is_told_and_an_outage_only_where_all_tries_were_one() {
    let (outage, limited) = (status(503), status(429));
    for (first, second, third, all) in [
        (outage, Failure::Timeout, Failure::NoConnection, true),
        (limited, outage, outage, false),
        (outage, limited, outage, false),
        (outage, outage, limited, false),
        (outage, outage, Failure::Redirect, false),
        (Failure::KeptTimeout, outage, outage, false),
        (outage, outage, Failure::KeptTimeout, false),
    ] {
        let mut health = Health::default();
        let mut tries = begin(DEFAULT, &mut health);
        tries.failed(first, 0.0, 0.5, &mut health).unwrap();
        tries.failed(second, 0.0, 0.5, &mut health).unwrap();
        let ended = tries.failed(third, 0.0, 0.5, &mut health);
        assert_eq!(ended, Err(Unavailable { failure: third, outage: all }));
    }
}

// How long it takes

#[test]
fn a_try_takes_at_most_its_timeout_and_what_the_hook_has_left() {
    let mut health = Health::default();
    let tries = Tries::new(DEFAULT, 1000.0, 1010.0, &mut health);
    assert_eq!(tries.time_for_try(1010.0), 3000.0);
    assert_eq!(tries.time_for_try(1000.0 + HOOK_MS - 3000.0), 3000.0);
    assert_eq!(tries.time_for_try(1000.0 + HOOK_MS - 700.0), 700.0);
    assert_eq!(tries.time_for_try(1000.0 + HOOK_MS), 0.0);
    assert_eq!(tries.time_for_try(1000.0 + HOOK_MS + 5.0), 0.0);
    let patient = Limits { timeout_ms: 1e9, max_retries: 0 };
    let tries = Tries::new(patient, 0.0, 500.0, &mut health);
    assert_eq!(tries.time_for_try(500.0), HOOK_MS - 500.0);
}

#[test]
fn a_race_begins_after_half_of_the_time_of_a_try_or_a_second() {
    for (timeout_ms, closed_ms, open_ms) in [
        (1.0, 0.5, 0.5),
        (700.0, 350.0, 350.0),
        (1_999.0, 999.5, 999.5),
        (2_000.0, 1_000.0, 1_000.0),
        (3_000.0, 1_000.0, 1_000.0),
        (1e9, 1_000.0, 1_000.0),
    ] {
        let limits = Limits { timeout_ms, max_retries: 0 };
        for (mut health, ms) in [(Health::default(), closed_ms), (open_at(0.0), open_ms)] {
            assert_eq!(begin(limits, &mut health).race_delay(), ms, "{timeout_ms}");
        }
    }
}

#[test]
fn an_address_that_is_not_the_last_has_a_third_of_the_time_of_a_try_or_a_second() {
    for (timeout_ms, closed_ms, open_ms) in [
        (1.0, 1, 1),
        (300.0, 100, 100),
        (301.0, 100, 100),
        (2_400.0, 800, 666),
        (3_000.0, 1_000, 666),
        (1e9, 1_000, 666),
    ] {
        let limits = Limits { timeout_ms, max_retries: 0 };
        for (mut health, ms) in [(Health::default(), closed_ms), (open_at(0.0), open_ms)] {
            assert_eq!(begin(limits, &mut health).time_for_address(), ms, "{timeout_ms}");
        }
    }
}

#[test]
fn no_try_begins_without_time_for_it() {
    for (now, granted) in
        [(0.0, true), (HOOK_MS - 500.0, true), (HOOK_MS - 200.0, false), (HOOK_MS, false)]
    {
        for random in [0.0, 0.999] {
            let mut health = Health::default();
            let next = begin(MANY, &mut health).failed(status(503), now, random, &mut health);
            assert_eq!(next.is_ok(), granted, "{now}");
        }
    }
}

#[test]
fn the_pause_doubles_and_half_of_it_is_chance() {
    for (random, pauses) in
        [(0.0, [100.0, 200.0, 400.0, 800.0]), (0.5, [150.0, 300.0, 600.0, 1200.0])]
    {
        let mut health = Health::default();
        let mut tries = begin(MANY, &mut health);
        for pause in pauses {
            // Without a deadline or a breaker in sight.
            assert_eq!(tries.failed(status(429), 0.0, random, &mut health), Ok(pause));
        }
    }
}

#[test]
fn a_retry_after_is_waited_for_where_it_fits() {
    for (asked, pause) in [
        (0.0, Some(150.0)),
        (100.0, Some(150.0)),
        (1000.0, Some(1000.0)),
        (5000.0, Some(5000.0)),
        (HOOK_MS - 250.0, Some(HOOK_MS - 250.0)),
        (HOOK_MS - 249.0, None),
        (HOOK_MS, None),
        (60_000.0, None),
        (f64::MAX, None),
        (-5000.0, Some(150.0)),
        (f64::MIN, Some(150.0)),
        (f64::NAN, Some(150.0)),
    ] {
        for code in [408, 429, 500, 503] {
            let mut health = Health::default();
            let next =
                begin(DEFAULT, &mut health).failed(limited(code, asked), 0.0, 0.5, &mut health);
            assert_eq!(next.ok(), pause, "{code}, {asked} ms");
        }
    }
    // As seen from the moment that the answer came.
    let mut health = Health::default();
    let mut tries = Tries::new(DEFAULT, 0.0, 0.0, &mut health);
    tries.failed(limited(503, 2000.0), 7000.0, 0.5, &mut health).unwrap_err();
}

#[test]
fn a_retry_after_beyond_every_number_does_not_fit() {
    // `Retry-After: 9…9` with 400 digits is Infinity in JavaScript.
    for code in [429, 503] {
        let mut health = Health::default();
        let failure = limited(code, f64::INFINITY);
        begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health).unwrap_err();
    }
}

#[test]
fn a_retry_after_does_not_make_a_refusal_transient() {
    for code in [400, 401, 403, 404, 409] {
        let mut health = Health::default();
        let failure = limited(code, 10.0);
        begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health).unwrap_err();
    }
}

// What the whole process may retry

#[test]
fn a_new_process_may_retry_five_times() {
    assert_eq!(drained(&mut Health::default()), 5);
}

#[test]
fn ten_requests_earn_one_retry_and_no_more_than_five_are_saved_up() {
    for (requests, retries) in [(0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (50, 5), (10_000, 5)] {
        let mut health = Health::default();
        drained(&mut health);
        for _ in 0..requests {
            begin(DEFAULT, &mut health);
            health.answered();
        }
        assert_eq!(drained(&mut health), retries, "{requests} requests");
    }
}

#[test]
fn a_retry_comes_out_of_the_budget_if_it_follows_an_outage() {
    for failure in transient() {
        let mut health = Health::default();
        drained(&mut health);
        let next = begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health);
        assert_eq!(next.is_err(), failure.is_outage(), "{failure:?} with an empty budget");
    }
}

#[test]
fn what_is_not_retried_costs_nothing_of_the_budget() {
    let mut health = Health::default();
    for _ in 0..100 {
        begin(DEFAULT, &mut health);
        health.answered();
        begin(DEFAULT, &mut health).failed(status(404), 0.0, 0.5, &mut health).unwrap_err();
        let none = Limits { max_retries: 0, ..DEFAULT };
        begin(none, &mut health).failed(status(429), 0.0, 0.5, &mut health).unwrap_err();
        begin(none, &mut health).failed(status(503), 0.0, 0.5, &mut health).unwrap_err();
        let late = HOOK_MS;
        begin(DEFAULT, &mut health).failed(status(503), late, 0.5, &mut health).unwrap_err();
        begin(DEFAULT, &mut health);
        health.answered();
    }
    assert_eq!(drained(&mut health), 5);
}

#[test]
fn a_budget_of_five_is_drawn_five_times() {
    let mut health = Health::default();
    let drawn = [0; 7].map(|_| health.draw_retry());
    assert_eq!(drawn, [true, true, true, true, true, false, false]);
    let [budget, failures, open_until] = health.numbers();
    assert_eq!([budget, failures, open_until], [0.0, 0.0, 0.0]);
}

// The breaker

#[test]
fn the_breaker_opens_after_five_failed_tries_in_a_row() {
    let mut health = Health::default();
    for failure in [Failure::NoConnection, Failure::Timeout, status(500), status(503)] {
        begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health).unwrap();
        assert!(!health.is_open(0.0));
    }
    begin(DEFAULT, &mut health).failed(status(503), 0.0, 0.5, &mut health).unwrap_err();
    assert!(health.is_open(0.0));
}

#[test]
fn an_answer_in_between_begins_the_row_anew() {
    for answered in [true, false] {
        let mut health = Health::default();
        for _ in 0..20 {
            for _ in 0..4 {
                let none = Limits { max_retries: 0, ..DEFAULT };
                begin(none, &mut health).failed(status(503), 0.0, 0.5, &mut health).unwrap_err();
            }
            assert!(!health.is_open(0.0));
            if answered {
                begin(DEFAULT, &mut health);
                health.answered();
            } else {
                // A refusal is an answer too.
                begin(DEFAULT, &mut health).failed(status(401), 0.0, 0.5, &mut health).unwrap_err();
            }
        }
    }
}

#[test]
fn an_open_breaker_allows_one_short_try_and_no_retry() {
    let mut health = open_at(0.0);
    for limits in [DEFAULT, MANY] {
        let mut tries = Tries::new(limits, 100.0, 100.0, &mut health);
        assert_eq!(tries.time_for_try(100.0), SHORT_TRY_MS);
        for failure in [status(429), status(408)] {
            let mut health = health;
            tries.clone().failed(failure, 100.0, 0.5, &mut health).unwrap_err();
        }
        tries.failed(status(503), 100.0, 0.5, &mut health).unwrap_err();
    }
    // One that is shorter anyway stays so.
    let limits = Limits { timeout_ms: 700.0, max_retries: 2 };
    assert_eq!(Tries::new(limits, 100.0, 100.0, &mut health).time_for_try(100.0), 700.0);
    const { assert!(SHORT_TRY_MS < 3000.0) };
}

#[test]
fn a_login_that_waits_while_the_breaker_opens_does_not_retry() {
    let mut health = Health::default();
    let mut tries = begin(DEFAULT, &mut health);
    let mut health = open_at(0.0);
    tries.failed(status(503), 0.0, 0.5, &mut health).unwrap_err();
}

#[test]
fn the_breaker_closes_on_success_and_on_any_answer_that_is_no_outage() {
    let mut health = open_at(0.0);
    Tries::new(DEFAULT, 0.0, 0.0, &mut health);
    health.answered();
    assert!(!health.is_open(0.0));
    assert_eq!(Tries::new(DEFAULT, 0.0, 0.0, &mut health).time_for_try(0.0), 3000.0);

    for (failure, outage) in failures() {
        let mut health = open_at(0.0);
        let mut tries = Tries::new(DEFAULT, 0.0, 0.0, &mut health);
        tries.failed(failure, 0.0, 0.5, &mut health).unwrap_err();
        let closes = failure.is_answer() && !outage;
        assert_eq!(health.is_open(0.0), !closes, "{failure:?}");
    }
}

#[test]
fn a_kept_connection_that_stays_silent_says_nothing_of_authsignal() {
    let none = Limits { max_retries: 0, ..DEFAULT };
    // It neither opens the breaker,
    let mut health = Health::default();
    for _ in 0..100 {
        begin(none, &mut health).failed(Failure::KeptTimeout, 0.0, 0.5, &mut health).unwrap_err();
    }
    assert_eq!(health, Health::default());
    // nor closes it,
    let mut open = open_at(0.0);
    begin(none, &mut open).failed(Failure::KeptTimeout, 4000.0, 0.5, &mut open).unwrap_err();
    assert!(open.is_open(4999.0));
    assert!(!open.is_open(5000.0));
    // nor interrupts a row of failures.
    let mut health = Health::default();
    for _ in 0..5 {
        begin(none, &mut health).failed(status(503), 0.0, 0.5, &mut health).unwrap_err();
        begin(none, &mut health).failed(Failure::KeptTimeout, 0.0, 0.5, &mut health).unwrap_err();
    }
    assert!(health.is_open(0.0));
}

#[test]
fn answers_that_only_take_longer_than_a_short_try_do_not_keep_the_breaker_open() {
    let mut health = open_at(0.0);
    for now in [100.0, 2000.0, 4900.0] {
        let mut tries = Tries::new(DEFAULT, now, now, &mut health);
        assert_eq!(tries.time_for_try(now), SHORT_TRY_MS);
        let late = now + SHORT_TRY_MS;
        tries.failed(Failure::Timeout, late, 0.5, &mut health).unwrap_err();
    }
    assert!(!health.is_open(5000.0));
    let tries = Tries::new(DEFAULT, 6500.0, 6500.0, &mut health);
    assert_eq!(tries.time_for_try(6500.0), DEFAULT.timeout_ms);

    // A refused connection is no matter of patience, and neither is a try that was not shortened.
    for (limits, failure) in [
        (DEFAULT, Failure::NoConnection),
        (Limits { timeout_ms: 500.0, ..DEFAULT }, Failure::Timeout),
    ] {
        let mut health = open_at(0.0);
        let mut tries = Tries::new(limits, 4000.0, 4000.0, &mut health);
        tries.failed(failure, 4500.0, 0.5, &mut health).unwrap_err();
        assert!(health.is_open(9000.0), "{failure:?}");
    }
}

#[test]
fn the_breaker_closes_after_a_while_and_one_failure_opens_it_again() {
    let mut health = open_at(1000.0);
    assert!(health.is_open(1000.0));
    assert!(health.is_open(5999.0));
    assert!(!health.is_open(6000.0));

    let mut tries = Tries::new(DEFAULT, 7000.0, 7000.0, &mut health);
    assert_eq!(tries.time_for_try(7000.0), 3000.0);
    tries.failed(status(503), 7100.0, 0.5, &mut health).unwrap_err();
    assert!(health.is_open(7100.0));
    assert!(health.is_open(12_099.0));

    // Closed by an answer, it takes five again.
    Tries::new(DEFAULT, 13_000.0, 13_000.0, &mut health);
    health.answered();
    let mut tries = Tries::new(DEFAULT, 13_000.0, 13_000.0, &mut health);
    tries.failed(status(503), 13_000.0, 0.5, &mut health).unwrap();
    assert!(!health.is_open(13_000.0));
}

// What the host keeps

#[test]
fn a_process_without_three_numbers_is_a_new_one() {
    let used = open_at(0.0).numbers();
    assert_ne!(Health::from_numbers(&used), Health::default());
    for numbers in [&[][..], &used[..1], &used[..2], &[0.0, 5.0, 5000.0, 0.0]] {
        assert_eq!(Health::from_numbers(numbers), Health::default(), "{numbers:?}");
    }
}

#[test]
fn what_the_host_keeps_is_all_that_there_is() {
    for health in [Health::default(), open_at(0.0), open_at(12_345.6)] {
        let restored = Health::from_numbers(&health.numbers());
        assert_eq!(restored, health);
        assert_eq!(restored.numbers(), health.numbers());
    }
}

// The same as properties

fn any_failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        proptest::sample::select(failures()).prop_map(|(failure, _)| failure),
        (prop_oneof![Just(429), Just(503), 400..600_u16], retry_after())
            .prop_map(|(code, asked)| limited(code, asked)),
    ]
}

fn retry_after() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..12_000.0,
        Just(f64::NAN),
        Just(f64::MAX),
        Just(-1.0),
        proptest::num::f64::NORMAL
    ]
}

fn any_limits() -> impl Strategy<Value = Limits> {
    let timeouts = prop_oneof![1.0..20_000.0, Just(1.0), Just(1e300)];
    let retries = prop_oneof![0..5_u32, Just(u32::MAX)];
    (timeouts, retries).prop_map(|(timeout_ms, max_retries)| Limits { timeout_ms, max_retries })
}

/// What happened in one login.
struct Run {
    tries: u32,
    took_ms: f64,
    ended: Option<Unavailable>,
    failures: Vec<Failure>,
}

/// A login whose tries fail in these ways, each after a share of the time that it has; then one is
/// answered.
fn run(limits: Limits, began: f64, fates: &[(Failure, f64, f64)], health: &mut Health) -> Run {
    let mut now = began;
    let mut tries = Tries::new(limits, began, now, health);
    let mut failures = vec![];
    for (failure, share, random) in fates {
        now += tries.time_for_try(now) * share;
        failures.push(*failure);
        match tries.failed(*failure, now, *random, health) {
            Ok(pause) => now += pause,
            Err(ended) => {
                let tries = failures.len() as u32;
                return Run { tries, took_ms: now - began, ended: Some(ended), failures };
            }
        }
    }
    now += tries.time_for_try(now);
    health.answered();
    Run { tries: failures.len() as u32 + 1, took_ms: now - began, ended: None, failures }
}

fn fates() -> impl Strategy<Value = Vec<(Failure, f64, f64)>> {
    prop::collection::vec((any_failure(), 0.0..=1.0_f64, 0.0..1.0_f64), 0..12)
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_hook_stays_under_nine_seconds_whatever_the_limits_and_the_failures(
        limits in any_limits(),
        fates in fates(),
        began in 0.0..1e9_f64,
        open in any::<bool>(),
    ) {
        let mut health = if open { open_at(began) } else { Health::default() };
        let run = run(limits, began, &fates, &mut health);
        prop_assert!(run.took_ms < 9000.0, "{} ms", run.took_ms);
        prop_assert!(run.tries <= limits.max_retries.saturating_add(1));
        prop_assert!(!open || run.tries == 1);
    }

    #[test]
    fn a_login_ends_with_its_last_failure_and_an_outage_is_all_of_them(
        limits in any_limits(),
        fates in fates(),
    ) {
        let run = run(limits, 0.0, &fates, &mut Health::default());
        if let Some(ended) = run.ended {
            prop_assert_eq!(Some(&ended.failure), run.failures.last());
            prop_assert_eq!(ended.outage, run.failures.iter().all(|it| it.is_outage()));
        }
        // Whatever was repeated could be.
        let repeated = &run.failures[..run.tries as usize - 1];
        for failure in repeated {
            let transient = failure.is_outage()
                || matches!(failure, Failure::KeptTimeout | Failure::Status { status: 408 | 429, .. });
            prop_assert!(transient, "{:?} was retried", failure);
        }
    }

    #[test]
    fn a_pause_is_within_its_bounds(
        random in 0.0..1.0_f64,
        asked in retry_after(),
        retries in 0..4,
    ) {
        let mut health = Health::default();
        let mut tries = begin(MANY, &mut health);
        for _ in 0..retries {
            tries.failed(status(503), 0.0, random, &mut health).unwrap();
        }
        let most = 200.0 * f64::from(1 << retries);
        if let Ok(pause) = tries.failed(limited(503, asked), 0.0, random, &mut health) {
            let waits_as_asked = pause == asked && asked >= most / 2.0;
            prop_assert!(waits_as_asked || pause >= most / 2.0 && pause <= most, "{}", pause);
            prop_assert!(asked.is_nan() || pause >= asked);
            prop_assert!(pause + 250.0 <= HOOK_MS);
        }
    }

    #[test]
    fn in_the_long_run_there_is_one_retry_after_an_outage_for_ten_requests(
        logins in prop::collection::vec((any_limits(), fates()), 0..80),
    ) {
        let mut health = Health::default();
        let mut drawn = 0;
        let mut now = 0.0;
        for (at, (limits, fates)) in logins.iter().enumerate() {
            let run = run(*limits, now, fates, &mut health);
            now += run.took_ms;
            let repeated = &run.failures[..run.tries as usize - 1];
            drawn += repeated.iter().filter(|failure| failure.is_outage()).count();
            let earned = 5.0 + 0.1 * (at + 1) as f64;
            prop_assert!(drawn as f64 <= earned, "{} of {}", drawn, earned);
            let [budget, failures, _] = health.numbers();
            prop_assert!((0.0..=50.0).contains(&budget), "{}", budget);
            prop_assert!(failures >= 0.0);
        }
    }

    #[test]
    fn a_retry_after_in_digits_is_that_many_seconds(seconds in any::<u32>(), now in 0.0..1e15_f64) {
        let ms = retry_after_ms(&seconds.to_string(), now, |_| panic!("it is no date"));
        prop_assert_eq!(ms, Some(f64::from(seconds) * 1000.0));
    }

    #[test]
    fn a_retry_after_that_is_no_number_of_seconds_is_read_as_a_date(
        value in "[^0-9]*|[0-9]+[^0-9]+[0-9]*",
        now in 0.0..1e6_f64,
    ) {
        prop_assert_eq!(retry_after_ms(&value, now, |_| 2e6), Some(2e6 - now));
        prop_assert_eq!(retry_after_ms(&value, now, |_| f64::NAN), None);
    }

    #[test]
    fn only_a_400_that_names_the_reason_becomes_another_failure(
        failure in any_failure(),
        before in ".{0,20}",
        after in ".{0,20}",
    ) {
        let named = failure.because(&format!("{before}AUTHENTICATOR_NOT_FOUND{after}"));
        let is_400 = matches!(failure, Failure::Status { status: 400, .. });
        prop_assert_eq!(named, if is_400 { Failure::NoAuthenticator } else { failure });
        prop_assert_eq!(failure.because(&before), failure);
    }

    #[test]
    fn a_final_failure_is_an_answer_that_is_not_retried(failure in any_failure()) {
        let mut health = Health::default();
        let next = begin(DEFAULT, &mut health).failed(failure, 0.0, 0.5, &mut health);
        prop_assert!(!failure.is_final() || failure.is_answer() && next.is_err());
    }

    #[test]
    fn a_race_leaves_the_kept_connection_half_of_its_time(limits in any_limits(), open in any::<bool>()) {
        let mut health = if open { open_at(0.0) } else { Health::default() };
        let tries = begin(limits, &mut health);
        let delay = tries.race_delay();
        prop_assert!(delay > 0.0 && delay <= 1000.0 && delay <= limits.timeout_ms / 2.0);
        prop_assert!(f64::from(tries.time_for_address()) < tries.time_for_try(0.0) / 3.0 + 1.0);
    }

    #[test]
    fn an_open_breaker_never_refuses_a_login(limits in any_limits(), began in 0.0..1e9_f64) {
        let mut health = open_at(began);
        let time = Tries::new(limits, began, began, &mut health).time_for_try(began);
        prop_assert_eq!(time, limits.timeout_ms.min(SHORT_TRY_MS));
        prop_assert!(time > 0.0);
    }

    #[test]
    fn the_numbers_that_the_host_keeps_come_back_as_they_were(
        logins in prop::collection::vec((any_limits(), fates()), 0..20),
        junk in prop::collection::vec(proptest::num::f64::ANY, 0..5),
    ) {
        let mut kept = Health::default();
        let mut restored = Health::default();
        for (limits, fates) in logins {
            restored = Health::from_numbers(&restored.numbers());
            let ran = run(limits, 0.0, &fates, &mut kept);
            prop_assert_eq!(ran.tries, run(limits, 0.0, &fates, &mut restored).tries);
            prop_assert_eq!(restored, kept);
        }
        // No numbers at all end in a panic, and none refuse a login.
        let mut health = Health::from_numbers(&junk);
        prop_assert!(Tries::new(DEFAULT, 0.0, 0.0, &mut health).time_for_try(0.0) >= SHORT_TRY_MS);
    }
}
