//! The decision table of `onExecutePostLogin` once more, as a property of logins with legal options.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;
#[path = "common/invariants.rs"]
mod invariants;

use authsignal_auth0::event::Event;
use authsignal_auth0::outcome::{Outcome, Step};
use authsignal_auth0::retry::Failure;
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
    protocol: Json,
    api: (Json, &'static str),
    action: &'static str,
    optional: bool,
    review: bool,
    unavailable: bool,
    force: bool,
    max_age: Option<u32>,
    /// Which method was recorded, and how many seconds ago.
    methods: Vec<(&'static str, Option<i32>)>,
    answer: Result<Json, Failure>,
}

fn logins() -> impl Strategy<Value = Login> {
    let protocols = prop_oneof![
        5 => Just(json!("oidc-basic-profile")),
        2 => select(&["samlp", "wsfed", "oidc-ciba-web-link", "new", ""][..]).prop_map(|it| json!(it)),
        2 => select(&WITHOUT_BROWSER[..]).prop_map(|it| json!(it)),
        1 => Just(json!("oauth2-refresh-token")),
        1 => Just(json!(null)),
    ];
    let apis = select(vec![
        (json!({}), US),
        (json!({ "region": "eu" }), "https://eu.api.authsignal.com/v1"),
        (json!({ "apiUrl": "https://mfa.example.com/v1/" }), "https://mfa.example.com/v1/"),
    ]);
    let actions = select(&["auth0-login", "payout"][..]);
    let names = select(
        &[
            US,
            "https://api.authsignal.com/v1#payout",
            "https://eu.api.authsignal.com/v1",
            "https://mfa.example.com/v1/",
            "https://mfa.example.com/v1",
            "pwd",
        ][..],
    );
    let methods = prop::collection::vec((names, prop::option::of(-100..150_i32)), 0..4);
    let enrolled = prop_oneof![
        4 => any::<bool>().prop_map(|it| json!(it)),
        1 => select(vec![json!(null), json!("true"), json!(1)]),
    ];
    let urls = select(vec![
        json!(CHALLENGE_URL),
        json!("http://localhost:4002/challenge?token=t"),
        json!("http://mfa.example.com/challenge"),
        json!("javascript:alert(1)"),
        json!(null),
    ]);
    let answers = (select(&STATES[..]), enrolled, urls).prop_map(|(state, is_enrolled, url)| {
        json!({ "state": state, "isEnrolled": is_enrolled, "url": url, "idempotencyKey": CHALLENGE })
    });
    let answers = prop_oneof![
        4 => answers.prop_map(Ok),
        1 => select(failures()).prop_map(|(failure, _)| Err(failure)),
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let max_ages = prop::option::of(0..120_u32);
    (protocols, apis, actions, flags, max_ages, methods, answers).prop_map(
        |(
            protocol,
            api,
            action,
            (optional, review, unavailable, force),
            max_age,
            methods,
            answer,
        )| {
            Login {
                protocol,
                api,
                action,
                optional,
                review,
                unavailable,
                force,
                max_age,
                methods,
                answer,
            }
        },
    )
}

impl Login {
    fn event(&self) -> Event {
        let methods: Vec<Json> = self
            .methods
            .iter()
            .map(|(name, age)| match age {
                Some(age) => json!({ "name": name, "timestamp": seconds_ago(f64::from(*age)) }),
                None => json!({ "name": name, "timestamp": "once" }),
            })
            .collect();
        let mut login = fixture();
        login["transaction"]["protocol"] = self.protocol.clone();
        login["authentication"]["methods"] = json!(methods);
        exact_event(&login)
    }

    fn options(&self) -> Json {
        let mut options = self.api.0.clone();
        options["action"] = json!(self.action);
        options["enrollment"] = json!(if self.optional { "optional" } else { "required" });
        options["onReview"] = json!(if self.review { "allow" } else { "deny" });
        options["onUnavailable"] = json!(if self.unavailable { "allow" } else { "deny" });
        options["forceEnrollment"] = json!(self.force);
        if let Some(max_age) = self.max_age {
            options["maxAge"] = json!(max_age);
        }
        options
    }

    fn is_recorded(&self) -> bool {
        let suffix = if self.action == "auth0-login" { "" } else { "#payout" };
        let name = format!("{}{suffix}", self.api.1);
        let mut own = self.methods.iter().filter(|method| method.0 == name);
        let Some(max_age) = self.max_age else { return own.next().is_some() };
        let newest = own.filter_map(|method| method.1).filter(|age| *age >= -60).min();
        newest.is_some_and(|age| age.max(0) < max_age as i32)
    }

    fn expected(&self) -> Outcome {
        let deny = |reason: &str| Outcome::Deny { reason: reason.into() };
        if self.protocol == "oauth2-refresh-token" || self.is_recorded() {
            return Outcome::Proceed;
        }
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(Failure::NoConnection | Failure::Timeout) if self.unavailable => {
                return Outcome::Proceed;
            }
            Err(Failure::Status { status: 500.., .. }) if self.unavailable => {
                return Outcome::Proceed;
            }
            Err(_) => return deny("MFA is unavailable"),
        };
        let enrolled = answer["isEnrolled"] == true;
        if answer["state"] == "BLOCK" {
            return deny("Action blocked");
        }
        if answer["state"] == "REVIEW_FAILED" {
            return deny("Action under review");
        }
        if answer["state"] == "REVIEW_REQUIRED" {
            let let_in = enrolled && self.review;
            return if let_in { Outcome::Proceed } else { deny("Action under review") };
        }
        if answer["state"] == "ALLOW" && (enrolled || self.optional) {
            return Outcome::Proceed;
        }
        if answer["state"] != "ALLOW" && answer["state"] != "CHALLENGE_REQUIRED" {
            return deny("MFA challenge failed");
        }
        let has_browser = WITHOUT_BROWSER.iter().all(|name| self.protocol != *name);
        match answer["url"].as_str() {
            Some(url) if has_browser && is_secure(url) => {
                let forced = if self.force { "&force_enrollment=true" } else { "" };
                let url = format!("{url}{forced}");
                Outcome::Redirect { url, challenge: Some(CHALLENGE.into()) }
            }
            _ => deny("MFA challenge failed"),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_login_with_legal_options_ends_as_the_table_says(login in logins()) {
        let verdict = match begin_execute(&login.event(), &login.options()) {
            Step::Done(verdict) => verdict,
            Step::Send(_, pending) => {
                let answer = login.answer.clone();
                let answer = answer.map(|answer| serde_json::from_value(answer).unwrap());
                pending.conclude(answer.map_err(|failure| unavailable(&[failure])))
            }
        };
        prop_assert_eq!(verdict.outcome, login.expected());
    }
}
