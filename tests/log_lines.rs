//! What the log tells: a stable code for every cause, at the right level, in one short line.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use std::collections::HashSet;

use authsignal_auth0::cause::Cause;
use authsignal_auth0::cause::{OptionError, OptionErrorKind};
use authsignal_auth0::messages::{LogLevel, Messages};
use authsignal_auth0::outcome::{Outcome, Verdict};
use authsignal_auth0::retry::Failure;
use common::status;

/// The code of a cause, and whether somebody has to look at it. A new one has to be added here and to
/// [`causes`].
fn expected(cause: &Cause) -> (&'static str, bool) {
    match cause {
        Cause::RefreshToken => ("refresh_token", false),
        Cause::OptionsOff => ("options_off", false),
        Cause::OptionsOffAtContinue => ("options_off_at_continue", true),
        Cause::AlreadyChallenged => ("already_challenged", false),
        Cause::Allowed => ("allowed", false),
        Cause::ChallengeRequired => ("challenge_required", false),
        Cause::EnrollmentRequired => ("enrollment_required", false),
        Cause::Blocked => ("blocked", false),
        Cause::UnderReview => ("under_review", false),
        Cause::ReviewAllowed => ("review_allowed", false),
        Cause::UnknownState => ("unknown_state", true),
        Cause::NoBrowser => ("no_browser", false),
        Cause::InvalidChallengeUrl => ("invalid_challenge_url", true),
        Cause::InvalidToken => ("invalid_token", true),
        Cause::ChallengeNotPassed => ("challenge_not_passed", false),
        Cause::ActionMismatch => ("action_mismatch", true),
        Cause::UserMismatch => ("user_mismatch", true),
        Cause::ChallengeMismatch => ("challenge_mismatch", true),
        Cause::ChallengePassed => ("challenge_passed", false),
        Cause::Event(_) => ("invalid_event", true),
        Cause::Options(error) => match error.kind {
            OptionErrorKind::NotAnObject => ("invalid_options", true),
            OptionErrorKind::Unknown => ("unknown_option", true),
            OptionErrorKind::Invalid => ("invalid_option", true),
            OptionErrorKind::Conflict => ("conflicting_options", true),
            OptionErrorKind::NoSecret => ("no_secret", true),
        },
        Cause::Unavailable(failure) | Cause::UnavailableAllowed(failure) => match failure {
            Failure::NoConnection => ("no_connection", true),
            Failure::Timeout | Failure::KeptTimeout => ("timeout", true),
            Failure::Status { status: 401, .. } => ("unauthorized", true),
            Failure::Status { status: 429, .. } => ("too_many_requests", true),
            Failure::Status { status: 500.., .. } => ("server_error", true),
            Failure::Status { .. } => ("refused", true),
            Failure::NoAuthenticator => ("no_authenticator", true),
            Failure::Redirect => ("moved", true),
            Failure::TooLarge => ("answer_too_large", true),
            Failure::Unreadable => ("unreadable_answer", true),
            Failure::NotSent => ("unsendable", true),
        },
        Cause::Api => ("api_failed", true),
        Cause::Claim => ("claim_failed", true),
    }
}

/// One cause for each code.
fn causes() -> Vec<Cause> {
    let mut causes = vec![
        Cause::RefreshToken,
        Cause::OptionsOff,
        Cause::OptionsOffAtContinue,
        Cause::AlreadyChallenged,
        Cause::Allowed,
        Cause::ChallengeRequired,
        Cause::EnrollmentRequired,
        Cause::Blocked,
        Cause::UnderReview,
        Cause::ReviewAllowed,
        Cause::UnknownState,
        Cause::NoBrowser,
        Cause::InvalidChallengeUrl,
        Cause::InvalidToken,
        Cause::ChallengeNotPassed,
        Cause::ActionMismatch,
        Cause::UserMismatch,
        Cause::ChallengeMismatch,
        Cause::ChallengePassed,
        Cause::Event("user.user_id"),
        Cause::Api,
        Cause::Claim,
    ];
    causes.extend(
        [
            OptionErrorKind::NotAnObject,
            OptionErrorKind::Unknown,
            OptionErrorKind::Invalid,
            OptionErrorKind::Conflict,
            OptionErrorKind::NoSecret,
        ]
        .map(|kind| Cause::Options(OptionError { kind, names: "maxAge".into() })),
    );
    causes.extend(failures().map(Cause::Unavailable));
    causes
}

fn failures() -> [Failure; 11] {
    [
        Failure::NoConnection,
        Failure::Timeout,
        Failure::NoAuthenticator,
        Failure::Redirect,
        Failure::TooLarge,
        Failure::Unreadable,
        Failure::NotSent,
        status(401),
        status(429),
        status(503),
        status(403),
    ]
}

fn outcomes() -> [(Outcome, &'static str); 4] {
    [
        (Outcome::Proceed, "proceed"),
        (
            Outcome::Redirect { url: "https://h/?token=t".into(), challenge: Some("k".into()) },
            "redirect",
        ),
        (Outcome::Deny { reason: "told to the user only".into() }, "deny"),
        (Outcome::RecordMethod { name: "https://h/v1".into() }, "record"),
    ]
}

fn line(outcome: &Outcome, cause: &Cause, log_level: LogLevel) -> Option<String> {
    let messages = Messages { log_level, ..Messages::default() };
    Verdict::new(messages, outcome.clone(), cause.clone()).log_line()
}

#[test]
fn every_cause_has_a_stable_code_of_its_own() {
    let mut seen = HashSet::new();
    for cause in causes() {
        let (code, _) = expected(&cause);
        assert_eq!(cause.code(), code);
        assert!(seen.insert(cause.code()), "{code} is there twice");
        assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
    }
    assert_eq!(seen.len(), 38);
}

#[test]
fn an_outage_has_the_same_code_whether_the_login_is_let_in_or_not() {
    for failure in failures() {
        let denied = Cause::Unavailable(failure);
        let allowed = Cause::UnavailableAllowed(failure);
        assert_eq!(denied.code(), allowed.code());
        assert_eq!(denied.text(), allowed.text());
        assert!(allowed.is_error());
    }
}

#[test]
fn every_cause_says_something_of_its_own() {
    let mut seen = HashSet::new();
    for cause in causes() {
        assert!(cause.text().len() > 10, "{cause:?}");
        assert!(seen.insert(cause.text()), "{cause:?} is there twice");
    }
}

#[test]
fn silent_tells_nothing_error_what_somebody_has_to_look_at_and_info_everything() {
    for cause in causes() {
        let (_, is_error) = expected(&cause);
        assert_eq!(cause.is_error(), is_error, "{cause:?}");
        for (outcome, _) in outcomes() {
            assert_eq!(line(&outcome, &cause, LogLevel::Silent), None);
            assert_eq!(line(&outcome, &cause, LogLevel::Error).is_some(), is_error, "{cause:?}");
            assert!(line(&outcome, &cause, LogLevel::Info).is_some());
        }
    }
}

#[test]
fn a_line_names_the_outcome_the_code_and_the_cause_and_nothing_else() {
    for cause in causes() {
        for (outcome, word) in outcomes() {
            let line = line(&outcome, &cause, LogLevel::Info).unwrap();
            assert_eq!(
                line,
                format!("authsignal-auth0: {word}, {}: {}", cause.code(), cause.text())
            );
        }
    }
}

#[test]
fn a_line_is_one_line_of_ascii_under_256_characters() {
    let mut causes = causes();
    // The longest names that an option error can hold.
    for names in [
        "AUTHSIGNAL_REGION, AUTHSIGNAL_API_URL".to_owned(),
        format!("attributes.{}", "x".repeat(32)),
        "attributes.redirectToSettings".to_owned(),
    ] {
        for kind in [OptionErrorKind::Unknown, OptionErrorKind::Invalid, OptionErrorKind::Conflict]
        {
            causes.push(Cause::Options(OptionError { kind, names: names.clone() }));
        }
    }
    for cause in causes {
        for (outcome, _) in outcomes() {
            let line = line(&outcome, &cause, LogLevel::Info).unwrap();
            assert!(line.len() < 256, "{} characters: {line}", line.len());
            assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{line:?}");
        }
    }
}

#[test]
fn a_refusal_tells_its_status() {
    for code in [400, 401, 403, 404, 408, 409, 422, 429, 499, 500, 502, 503, 599] {
        for cause in [Cause::Unavailable(status(code)), Cause::UnavailableAllowed(status(code))] {
            assert!(cause.text().ends_with(&format!(" {code}")), "{cause:?}");
        }
    }
}

#[test]
fn first_day_mistakes_are_explained() {
    for (cause, words) in [
        (Cause::Unavailable(status(401)), ["AUTHSIGNAL_SECRET", "region"]),
        (
            Cause::Unavailable(Failure::NoAuthenticator),
            ["authenticator", "AUTHENTICATOR_NOT_FOUND"],
        ),
        (Cause::Event("request.hostname"), ["event", "request.hostname"]),
    ] {
        for word in words {
            assert!(cause.text().contains(word), "{cause:?}");
        }
    }
}

#[test]
fn a_time_out_reads_the_same_on_any_connection() {
    for cause in [Cause::Unavailable, Cause::UnavailableAllowed] {
        let [any, kept] = [Failure::Timeout, Failure::KeptTimeout].map(cause);
        assert_eq!(kept.code(), any.code());
        assert_eq!(kept.text(), any.text());
        assert_eq!(kept.is_error(), any.is_error());
    }
}

#[test]
fn the_limit_that_the_log_tells_is_the_one_that_holds() {
    let platform = include_str!("../js-shim/platform.js");
    assert!(platform.contains("const MOST_BYTES = 256 * 1024;"));
    assert!(Cause::Unavailable(Failure::TooLarge).text().ends_with(" 256 KiB"));
}

/// What `js-shim/index.js` logs where the module itself fails.
const OF_THE_SHIM: &str = "internal_error";

#[test]
fn the_types_know_every_code_that_a_handler_can_resolve_to() {
    let types = include_str!("../pkg/index.d.ts");
    let (_, behind) = types.split_once("export type OutcomeCode =").unwrap();
    let (union, _) = behind.split_once(';').unwrap();
    let typed: HashSet<&str> = union.split('"').skip(1).step_by(2).collect();
    let mut codes: HashSet<&str> = causes().iter().map(Cause::code).collect();
    assert!(codes.remove("claim_failed"), "it is in the log alone");
    codes.insert("internal_error"); // the shim's own
    assert_eq!(typed, codes);
}

#[test]
fn the_page_on_troubleshooting_explains_every_code_and_no_other() {
    let shim = include_str!("../js-shim/index.js");
    assert!(shim.contains(&format!("authsignal-auth0: deny, {OF_THE_SHIM}: ")));

    let mut errors = HashSet::from([OF_THE_SHIM]);
    let mut others = HashSet::new();
    for cause in causes() {
        if cause.is_error() { &mut errors } else { &mut others }.insert(cause.code());
    }
    assert_eq!(words_of("Something is wrong", 1), errors);
    assert_eq!(words_of("Every other outcome", 1), others);

    let elsewhere = &words_of("What a user reads", 3) | &words_of("On the first day", 2);
    let known = &errors | &others;
    assert_eq!(&elsewhere - &known, HashSet::new());
    assert!(elsewhere.len() > 10);
}

#[test]
fn the_page_on_troubleshooting_has_every_message_that_a_user_may_read() {
    let Messages { failure, blocked, review, unavailable, .. } = Messages::default();
    let cells = cells_of("What a user reads", 1);
    let messages: HashSet<_> = cells.filter_map(|cell| cell.split('"').nth(1)).collect();
    assert_eq!(messages, HashSet::from([&*failure, &*blocked, &*review, &*unavailable]));
}

/// The words in backticks in one column of the tables under a heading of the page.
fn words_of(heading: &str, column: usize) -> HashSet<&'static str> {
    cells_of(heading, column).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// The cells of one column, counted from 1, of the tables under a heading of the page.
fn cells_of(heading: &str, column: usize) -> impl Iterator<Item = &'static str> {
    let page = include_str!("../docs/troubleshooting.md");
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect("the heading is there");
    let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
    section.lines().filter_map(move |line| line.split('|').nth(column))
}
