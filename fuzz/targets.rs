//! What each fuzz target does with its bytes. tests/corpus.rs runs the same functions on the corpus.

#[path = "../tests/common/native.rs"]
mod common;
#[path = "../tests/common/invariants.rs"]
mod invariants;
#[path = "../tests/common/parsers.rs"]
mod parsers;

use authsignal_auth0::host::HostInputs;
use serde_json::json;

use common::*;
use invariants::*;

/// A text for every parser.
pub fn parse(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        parsers::check_parsers(text);
    }
}

/// A login until the browser is sent away.
pub fn on_execute(data: &[u8]) {
    let login = Login::of(
        data,
        json!({
            "state": "CHALLENGE_REQUIRED",
            "isEnrolled": true,
            "url": CHALLENGE_URL,
            "idempotencyKey": CHALLENGE,
        }),
    );
    let now_ms = login.0["now"].as_f64().unwrap_or(milliseconds(NOW));
    let moment = HostInputs { now_ms, read_timestamp, idempotency_key: KEY.into() };
    check_execute(&login.0["event"], &login.0["options"], &login.answer(), &moment);
}

/// A login when the browser is back.
pub fn on_continue(data: &[u8]) {
    let login = Login::of(
        data,
        json!({
            "isValid": true,
            "state": "CHALLENGE_SUCCEEDED",
            "actionCode": "auth0-login",
            "userId": USER,
            "idempotencyKey": CHALLENGE,
        }),
    );
    check_continue(&login.0["event"], &login.0["options"], &login.answer());
}

/// A whole login, legal but for what the input changes. Each of its lines is a place (a JSON pointer), a
/// space, and a value: JSON, or else the text itself.
struct Login(Json);

impl Login {
    fn of(data: &[u8], answer: Json) -> Login {
        let mut login = json!({ "event": back(), "options": {}, "answer": answer });
        for line in String::from_utf8_lossy(data).lines() {
            let Some((place, value)) = line.split_once(' ') else { continue };
            let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
            if let Some(there) = login.pointer_mut(place) {
                *there = value;
            } else if let Some((parent, name)) = place.rsplit_once('/')
                && let Some(Json::Object(fields)) = login.pointer_mut(parent)
            {
                fields.insert(name.to_owned(), value);
            }
        }
        Login(login)
    }

    /// The answer, or the failure of that number.
    fn answer(&self) -> Answer {
        match self.0["failure"].as_u64().and_then(|at| failures().into_iter().nth(at as usize)) {
            Some((failure, _)) => Err(failure),
            None => Ok(self.0["answer"].clone()),
        }
    }
}

/// A host may read any number out of a timestamp.
fn read_timestamp(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| milliseconds(text))
}
