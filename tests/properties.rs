//! What holds for every event, every options object and every answer, legal or hostile.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::authsignal::Request;
use authsignal_auth0::event::Event;
use authsignal_auth0::execute::{self, Moment};
use authsignal_auth0::options::{Config, Given};
use authsignal_auth0::outcome::{Outcome, Step, Verdict};
use authsignal_auth0::resume;
use authsignal_auth0::retry::Failure;
use common::*;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

const TOKEN: &str = "eyJhbGciOi.J0b2tlbg.c2ln";
const CHALLENGE: &str = "the-key-of-the-challenge";
/// In every generated string, so that it can be looked for where it must not be.
const MARK: &str = "xq7";

// The decision table once more, written from its description.

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

const WITHOUT_BROWSER: [&str; 8] = [
    "oauth2-password",
    "oauth2-resource-owner",
    "oauth2-webauthn",
    "oauth2-token-exchange",
    "oauth2-access-token",
    "oauth2-resource-owner-jwt-bearer",
    "wstrust-usernamemixed",
    "oidc-ciba",
];

const STATES: [&str; 9] = [
    "ALLOW",
    "BLOCK",
    "CHALLENGE_REQUIRED",
    "CHALLENGE_SUCCEEDED",
    "CHALLENGE_FAILED",
    "REVIEW_REQUIRED",
    "REVIEW_SUCCEEDED",
    "REVIEW_FAILED",
    "SOMETHING_NEW",
];

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

/// Whether a browser that is sent there talks TLS, or with its own machine.
fn is_secure(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once("://") else { return false };
    let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let host = match authority.rfind(':') {
        Some(at) if !authority.ends_with(']') => &authority[..at],
        _ => authority,
    };
    let loopback = host == "localhost"
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    !host.is_empty()
        && !authority.contains('@')
        && (scheme == "https" || scheme == "http" && loopback)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..config() })]

    #[test]
    fn every_login_with_legal_options_ends_as_the_table_says(login in logins()) {
        let verdict = match execute(&login.event(), &login.options()) {
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

// Hostile

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
    prop::collection::vec((select(&PLACES[..]), junk()), 0..6).prop_map(|changes| {
        let mut event = fixture();
        event["request"]["query"]["token"] = json!(TOKEN);
        event["request"]["body"]["token"] = json!(TOKEN);
        event["secrets"]["AUTHSIGNAL_REGION"] = json!(null);
        event["secrets"]["AUTHSIGNAL_API_URL"] = json!(null);
        event["transaction"]["metadata"]["authsignal_challenge"] = json!(CHALLENGE);
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
    let states = select(&STATES[..]).prop_map(|it| json!(it));
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
    (select(&STATES[..]), any::<bool>()).prop_flat_map(answer)
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

fn no_key() -> Moment {
    Moment { idempotency_key: format!("key-{MARK}"), ..moment() }
}

/// What holds for every verdict.
fn check_verdict(verdict: &Verdict, options: &Json) -> Result<(), TestCaseError> {
    let message = |name: &str, default: &str| options[name].as_str().unwrap_or(default).to_owned();
    let messages = [
        message("failureMessage", "MFA challenge failed"),
        message("blockedMessage", "Action blocked"),
        message("reviewMessage", "Action under review"),
        message("unavailableMessage", "MFA is unavailable"),
    ];
    match &verdict.outcome {
        Outcome::Deny { reason } => prop_assert!(messages.contains(reason), "{}", reason),
        Outcome::Redirect { url, .. } => prop_assert!(is_secure(url), "{}", url),
        Outcome::RecordMethod { name } => prop_assert!(is_secure(name), "{}", name),
        Outcome::Proceed => {}
    }
    let line = verdict.log_line();
    match options["logLevel"].as_str() {
        Some("silent") => prop_assert_eq!(&line, &None),
        Some("info") => prop_assert!(line.is_some()),
        _ => prop_assert_eq!(line.is_some(), verdict.cause.is_error()),
    }
    let line = line.unwrap_or_default();
    prop_assert!(line.len() < 256, "{}", line);
    prop_assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{:?}", line);
    for told in [MARK, SECRET, TOKEN, USER, CHALLENGE, KEY, "ada@", "203.0.113.24", "samlp|"] {
        prop_assert!(!line.contains(told), "{}", line);
    }
    Ok(())
}

/// What holds for every request: it goes to the configured base URL, and the user is one path segment.
fn check_request(request: &Request, config: &Config, event: &Event) -> Result<(), TestCaseError> {
    let base = config.api_url.as_str();
    prop_assert!(is_secure(base), "{}", base);
    let path = request.url.strip_prefix(base.trim_end_matches('/'));
    prop_assert!(path.is_some(), "{} is not below {}", request.url, base);
    let user = config.user(event).unwrap();
    let user = user.as_str();
    if path != Some("/validate") {
        let parts: Vec<&str> = path.unwrap().split('/').collect();
        let ["", "users", segment, "actions", action] = parts[..] else {
            return Err(TestCaseError::fail(request.url.clone()));
        };
        prop_assert_eq!(action, config.action.as_str());
        prop_assert!(segment != "." && segment != ".." && !segment.is_empty());
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()%".contains(&b);
        prop_assert!(segment.bytes().all(plain), "{}", segment);
        prop_assert_eq!(decoded(segment), user);
    }
    prop_assert!(serde_json::to_string(&request.body).is_ok());
    Ok(())
}

fn decoded(segment: &str) -> String {
    let mut bytes = vec![];
    let mut rest = segment.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            let hex = std::str::from_utf8(&behind[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Whether the answer itself lets in: the table's cells that proceed, read from the raw JSON.
fn answer_lets_in(answer: &Result<Json, Failure>, options: &Json) -> bool {
    match answer {
        Ok(answer) => {
            let enrolled = answer["isEnrolled"] == true;
            answer["state"] == "ALLOW" && (enrolled || options["enrollment"] == "optional")
                || answer["state"] == "REVIEW_REQUIRED"
                    && enrolled
                    && options["onReview"] == "allow"
        }
        Err(failure) => {
            let outage = matches!(
                failure,
                Failure::NoConnection | Failure::Timeout | Failure::Status { status: 500.., .. }
            );
            outage && options["onUnavailable"] == "allow"
        }
    }
}

/// The base URL of these options beside these secrets.
fn base_url(event: &Json, options: &Json) -> String {
    let region = |region: &str| match region {
        "us" => US.to_owned(),
        other => format!("https://{other}.api.authsignal.com/v1"),
    };
    let secrets = &event["secrets"];
    let own = options["apiBaseUrl"].as_str().or(options["apiUrl"].as_str());
    match (own, options["region"].as_str()) {
        (Some(url), _) => url.to_owned(),
        (None, Some(name)) => region(name),
        (None, None) => match (&secrets["AUTHSIGNAL_API_URL"], &secrets["AUTHSIGNAL_REGION"]) {
            (Json::String(url), _) => url.clone(),
            (_, Json::String(name)) => region(name),
            _ => US.to_owned(),
        },
    }
}

fn method_name(event: &Json, options: &Json) -> String {
    let base = base_url(event, options);
    match options["action"].as_str().unwrap_or("auth0-login") {
        "auth0-login" => base,
        action => format!("{base}#{action}"),
    }
}

/// Whether everything holds that makes a challenge count, read from the raw JSON.
fn challenge_passed(event: &Json, options: &Json, answer: &Json) -> bool {
    let user = match &options["userId"] {
        Json::Null => event["user"]["user_id"].clone(),
        Json::Number(id) => json!(id.as_f64().unwrap().to_string()),
        id => id.clone(),
    };
    let action = json!(options["action"].as_str().unwrap_or("auth0-login"));
    let own = &event["transaction"]["metadata"]["authsignal_challenge"];
    let fields = [&answer["action"], &answer["actionCode"]];
    answer["isValid"] == true
        && answer["state"] == "CHALLENGE_SUCCEEDED"
        && fields.contains(&&action)
        && fields.iter().all(|field| field.is_null() || **field == action)
        && (answer["userId"].is_null() || answer["userId"] == user)
        && (own.is_null() || own.is_string() && answer["idempotencyKey"] == *own)
}

/// Whether the browser brought one token, read from the raw JSON.
fn has_token(event: &Json) -> bool {
    let (body, query) = (&event["request"]["body"]["token"], &event["request"]["query"]["token"]);
    let token = if body.is_null() { query } else { body };
    let legal = token.as_str().is_some_and(|it| (1..=8192).contains(&it.chars().count()));
    legal && (query.is_null() || query == token)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..config() })]

    #[test]
    fn at_execute_no_event_no_options_and_no_answer_lets_in_beside_the_table(
        json in events(),
        options in options(),
        answer in track_answers(),
    ) {
        // Where the host can't read it, the login is denied.
        let Ok(event) = serde_json::from_value::<Event>(json.clone()) else { return Ok(()) };
        let refresh = json["transaction"]["protocol"] == "oauth2-refresh-token";
        match execute::begin(&event, || given(&options), no_key()) {
            Step::Done(verdict) => {
                let silent_voice = if refresh { json!({}) } else { options.clone() };
                check_verdict(&verdict, &silent_voice)?;
                let name = method_name(&json, &options);
                let methods = json["authentication"]["methods"].as_array();
                let recorded = methods.into_iter().flatten().any(|method| method["name"] == name.as_str());
                match verdict.outcome {
                    Outcome::Proceed => prop_assert!(refresh || recorded),
                    Outcome::Deny { .. } => prop_assert!(verdict.cause.is_error()),
                    other => return Err(TestCaseError::fail(format!("{other:?}"))),
                }
            }
            Step::Send(request, pending) => {
                prop_assert!(!refresh);
                prop_assert_eq!(pending.config.api_url.as_str(), base_url(&json, &options));
                check_request(&request, &pending.config, &event)?;
                let read = answer.clone().map(|it| serde_json::from_value(it).unwrap());
                let verdict = pending.conclude(read.map_err(|failure| unavailable(&[failure])));
                check_verdict(&verdict, &options)?;
                let lets_in = answer_lets_in(&answer, &options);
                prop_assert_eq!(verdict.outcome == Outcome::Proceed, lets_in, "{:?}", verdict);
                match (&verdict.outcome, answer) {
                    (Outcome::Redirect { url, challenge }, Ok(answer)) => {
                        let given = answer["url"].as_str().unwrap();
                        let address = given.split('#').next().unwrap();
                        prop_assert!(url.starts_with(address));
                        prop_assert_eq!(challenge.as_deref(), answer["idempotencyKey"].as_str());
                        let states = ["CHALLENGE_REQUIRED", "ALLOW"];
                        prop_assert!(states.iter().any(|state| answer["state"] == *state));
                    }
                    (Outcome::Redirect { .. } | Outcome::RecordMethod { .. }, _) => {
                        return Err(TestCaseError::fail(format!("{verdict:?}")));
                    }
                    (Outcome::Proceed | Outcome::Deny { .. }, _) => {}
                }
            }
        }
    }

    #[test]
    fn at_continue_a_method_is_recorded_only_where_every_condition_holds(
        json in events(),
        options in options(),
        answer in validate_answers(),
    ) {
        let Ok(event) = serde_json::from_value::<Event>(json.clone()) else { return Ok(()) };
        match resume::begin(&event, || given(&options)) {
            Step::Done(verdict) => {
                check_verdict(&verdict, &options)?;
                prop_assert!(reason(&verdict).is_some(), "{:?}", verdict);
            }
            Step::Send(request, pending) => {
                prop_assert!(has_token(&json));
                prop_assert_eq!(pending.config.api_url.as_str(), base_url(&json, &options));
                check_request(&request, &pending.config, &event)?;
                let read = answer.clone().map(|it| serde_json::from_value(it).unwrap());
                let verdict = pending.conclude(read.map_err(|failure| unavailable(&[failure])));
                check_verdict(&verdict, &options)?;
                let passed = answer.is_ok_and(|answer| challenge_passed(&json, &options, &answer));
                if passed {
                    let name = method_name(&json, &options);
                    prop_assert_eq!(verdict.outcome, Outcome::RecordMethod { name });
                } else {
                    prop_assert!(reason(&verdict).is_some(), "{:?}", verdict);
                }
            }
        }
    }

    #[test]
    fn options_that_are_false_or_unusable_never_send_anything(json in events()) {
        let Ok(event) = serde_json::from_value::<Event>(json) else { return Ok(()) };
        for given in [Given::Off, Given::Unusable] {
            let off = given == Given::Off;
            let verdict = done(resume::begin(&event, || given.clone()));
            check_verdict(&verdict, &json!({}))?;
            prop_assert!(reason(&verdict).is_some());

            let refresh = event.transaction.protocol.text() == Some("oauth2-refresh-token");
            let verdict = done(execute::begin(&event, || given, no_key()));
            check_verdict(&verdict, &json!({}))?;
            prop_assert_eq!(verdict.outcome == Outcome::Proceed, off || refresh);
        }
    }
}
