//! Reads decisions.json. It looks only at the raw JSON of an event, the options and an answer.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};

static TABLES: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("decisions.json")).expect("JSON"));

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// `proceed`, `redirect`, `deny`, `record`, or `request` if it takes an answer to decide.
    pub outcome: &'static str,
    /// The option that holds what a denied user reads.
    pub message: Option<&'static str>,
    /// The code of the log line, if there is only one.
    pub code: Option<&'static str>,
}

impl Decision {
    fn of(row: &'static Json) -> Decision {
        let text = row["outcome"].as_str().or(row["else"].as_str()).expect("an outcome");
        let (outcome, message) = match text.split_once(' ') {
            Some((outcome, message)) => (outcome, Some(message)),
            None => (text, None),
        };
        Decision { outcome, message, code: row["code"].as_str() }
    }
}

/// What is decided before a track request.
pub fn before_track(holds: impl Fn(&str) -> bool) -> Decision {
    first("before track", holds)
}

/// What is decided before a validate request.
pub fn before_validate(holds: impl Fn(&str) -> bool) -> Decision {
    first("before validate", holds)
}

/// What an answer to a track request leads to.
pub fn track(answer: &Json, options: &Json, can_redirect: bool, secure_url: bool) -> Decision {
    let named = rows("track").iter().any(|row| row["state"] == answer["state"]);
    let state = if named { answer["state"].clone() } else { json!("*") };
    let mut facts = given(options);
    facts["state"] = state;
    facts["isEnrolled"] = json!(answer["isEnrolled"] == true);
    let decision = only("track", &facts);
    if decision.outcome != "redirect" {
        return decision;
    }
    let facts = json!({ "canRedirect": can_redirect, "secureUrl": secure_url });
    let redirect = only("redirect", &facts);
    Decision { code: redirect.code.or(decision.code), ..redirect }
}

/// What a track request without a usable answer leads to.
pub fn track_without_answer(outage: bool, step_up: bool, options: &Json) -> Decision {
    let mut facts = given(options);
    facts["outage"] = json!(outage);
    facts["stepUp"] = json!(step_up);
    only("track without an answer", &facts)
}

/// What an answer to a validate request leads to.
pub fn validate(answer: &Json, action: &str, user: &str, challenge: &Json) -> Decision {
    let holds = |row: &Json| {
        let expected = match row["value"].as_str() {
            Some("$action") => json!(action),
            Some("$userId") => json!(user),
            Some("$authsignal_challenge") if challenge.is_null() => return true,
            Some("$authsignal_challenge") if !challenge.is_string() => return false,
            Some("$authsignal_challenge") => challenge.clone(),
            _ => row["value"].clone(),
        };
        let fields = row["fields"].as_array().expect("fields").iter();
        let given: Vec<_> = fields
            .map(|field| &answer[field.as_str().expect("a field")])
            .filter(|value| !value.is_null())
            .collect();
        given.iter().all(|value| **value == expected)
            && (!given.is_empty() || row["orNone"] == true)
    };
    match rows("validate").iter().find(|row| !holds(row)) {
        Some(row) => Decision::of(row),
        None => Decision::of(&TABLES["validate, and every row holds"]),
    }
}

/// What a validate request without a usable answer leads to.
pub fn validate_without_answer() -> Decision {
    Decision::of(&TABLES["validate without an answer"])
}

/// Whether a protocol is a refresh token exchange.
pub fn refreshes_token(protocol: &Json) -> bool {
    list("protocols", "refreshes a token").contains(protocol)
}

/// Whether a login of this protocol and this prompt can redirect.
pub fn can_redirect(protocol: &Json, prompt: &Json) -> bool {
    !list("protocols", "can't redirect").contains(protocol)
        && !list("prompts", "can't redirect").contains(prompt)
}

/// The protocols of one kind, with the examples of others.
pub fn protocols(kind: &str) -> Vec<Json> {
    with_examples(list("protocols", kind), "protocol")
}

/// The prompts of one kind.
pub fn prompts(kind: &str) -> Vec<Json> {
    list("prompts", kind).clone()
}

/// Every state of the table, with the examples of others.
pub fn states() -> Vec<Json> {
    let mut states: Vec<Json> = rows("track").iter().map(|row| row["state"].clone()).collect();
    states.dedup();
    with_examples(&states, "state")
}

/// Every combination of the options that the rows of a table name, and of none of them.
pub fn options(table: &str) -> Vec<Json> {
    let mut all = vec![json!({})];
    for name in TABLES["defaults"].as_object().expect("defaults").keys() {
        let mut values: Vec<&Json> = vec![&Json::Null];
        for value in rows(table).iter().filter_map(|row| row.get(name)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let with = |options: &Json| {
            let with = |value: &&Json| {
                let mut options = options.clone();
                if !value.is_null() {
                    options[name] = (*value).clone();
                }
                options
            };
            values.iter().map(with).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// Examples of what a field may be.
pub fn examples(field: &str) -> &'static Vec<Json> {
    list("examples", field)
}

/// What a denied user reads.
pub fn message(options: &Json, name: &str) -> String {
    options[name].as_str().or(TABLES["messages"][name].as_str()).expect("a message").to_owned()
}

fn with_examples(values: &[Json], field: &str) -> Vec<Json> {
    let (other, named): (Vec<Json>, Vec<Json>) =
        values.iter().cloned().partition(|value| *value == "*");
    if other.is_empty() { named } else { [&named, examples(field).as_slice()].concat() }
}

/// Each option that has a default: as given, or the default.
fn given(options: &Json) -> Json {
    let mut given = TABLES["defaults"].clone();
    for (name, value) in given.as_object_mut().expect("defaults") {
        if !options[name].is_null() {
            *value = options[name].clone();
        }
    }
    given
}

fn rows(table: &str) -> &'static Vec<Json> {
    TABLES[table].as_array().unwrap_or_else(|| panic!("no table {table:?}"))
}

fn list(table: &str, name: &str) -> &'static Vec<Json> {
    TABLES[table][name].as_array().unwrap_or_else(|| panic!("no {name:?} of {table:?}"))
}

/// The first row whose condition holds.
fn first(table: &str, holds: impl Fn(&str) -> bool) -> Decision {
    let row = rows(table).iter().find(|row| match row["if"].as_str().expect("a condition") {
        "none of these" => true,
        condition => holds(condition),
    });
    Decision::of(row.unwrap_or_else(|| panic!("no row of {table:?} holds")))
}

/// The only row that holds. A fact that a row names and nobody knows never holds.
fn only(table: &str, facts: &Json) -> Decision {
    let says = ["outcome", "code"];
    let holds = |row: &&Json| {
        let mut named = row.as_object().expect("a row").iter();
        named.all(|(name, value)| says.contains(&name.as_str()) || facts[name] == *value)
    };
    let holding: Vec<_> = rows(table).iter().filter(holds).collect();
    let [row] = holding[..] else { panic!("{} rows of {table:?} hold for {facts}", holding.len()) };
    Decision::of(row)
}
