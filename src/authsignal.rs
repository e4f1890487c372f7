//! The part of Authsignal's Server API that is used: track an action, validate a challenge.
//!
//! Base URLs, wire names and states are those of Authsignal's API reference.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::url::ApiUrl;
use crate::value::{Members, Value, ValueOrObject, concat, record};

/// What a `User-Agent` header says of this module.
pub const USER_AGENT: &str = concat!("authsignal-auth0/", env!("CARGO_PKG_VERSION"));

/// What `encodeURIComponent` leaves as it is, beside letters and digits.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A user's id that is safe as a path segment: not empty, not `.` or `..`, which URL parsers resolve
/// away, and without U+FFFD, which every lone surrogate becomes, so that no two users share one.
#[derive(Clone, Debug, PartialEq)]
pub struct UserId(String);

impl UserId {
    /// Parses a user's id.
    pub fn parse(text: &str) -> Option<UserId> {
        let replaced = "\u{fffd}".as_bytes();
        let unsafe_segment = matches!(text, "" | "." | "..")
            || text.as_bytes().windows(replaced.len()).any(|part| part == replaced);
        (!unsafe_segment).then(|| UserId(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An action's code: `^[a-zA-Z0-9_-]{1,64}$`.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionCode(String);

impl ActionCode {
    /// The code that the official integration uses, shown in the Portal as "Auth0 Login".
    pub const DEFAULT: &str = "auth0-login";

    /// Parses an action's code.
    pub fn parse(text: &str) -> Option<ActionCode> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        ((1..=64).contains(&text.len()) && text.bytes().all(legal))
            .then(|| ActionCode(text.to_owned()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ActionCode {
    fn default() -> ActionCode {
        ActionCode(ActionCode::DEFAULT.to_owned())
    }
}

/// The token that the browser brings back to `/continue`: 1 to 8,192 characters.
#[derive(Clone, Debug, PartialEq)]
pub struct ChallengeToken(String);

impl ChallengeToken {
    /// Parses a token. It is Authsignal that says whether it is one of its own.
    pub fn parse(text: &str) -> Option<ChallengeToken> {
        (!text.is_empty() && text.chars().nth(8192).is_none())
            .then(|| ChallengeToken(text.to_owned()))
    }
}

/// The tenant's secret key: printable ASCII, so that it can't split a header. Its `Debug` hides it.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Parses a secret key.
    pub fn parse(text: &str) -> Option<Secret> {
        let printable = |b: u8| (b' '..=b'~').contains(&b);
        (!text.is_empty() && text.bytes().all(printable)).then(|| Secret(text.to_owned()))
    }

    /// The credentials of HTTP Basic authentication before base64: the key as the user name, an empty
    /// password.
    pub fn basic_credentials(&self) -> String {
        concat(&[&self.0, ":"])
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// One POST to the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The absolute address.
    pub url: String,
    /// Goes into the `Authorization` header.
    pub secret: Secret,
    /// Sent as JSON.
    pub body: Members,
}

impl Request {
    /// `POST /users/{userId}/actions/{action}`.
    pub fn track(
        api: &ApiUrl,
        secret: Secret,
        user: &UserId,
        action: &ActionCode,
        body: Members,
    ) -> Request {
        let user: String = utf8_percent_encode(user.as_str(), PATH_SEGMENT).collect();
        let path = concat(&["/users/", &user, "/actions/", action.as_str()]);
        Request { url: api.endpoint(&path), secret, body }
    }

    /// `POST /validate`, with the user and the action that the token has to be of.
    pub fn validate(
        api: &ApiUrl,
        secret: Secret,
        user: &UserId,
        action: &ActionCode,
        token: ChallengeToken,
    ) -> Request {
        let body = vec![
            ("token".into(), token.0.as_str().into()),
            ("action".into(), action.as_str().into()),
            ("userId".into(), user.as_str().into()),
        ];
        Request { url: api.endpoint("/validate"), secret, body }
    }
}

record! {
    /// The answer to a track or a validate request. The reference calls the action's code `action`, the wire `actionCode`.
    Answer {
        state: Value = "state",
        url: Value = "url",
        is_enrolled: Value = "isEnrolled",
        rule_ids: Value = "ruleIds",
        is_valid: Value = "isValid",
        action: Value = "action",
        action_code: Value = "actionCode",
        user_id: Value = "userId",
        idempotency_key: Value = "idempotencyKey",
        verification_method: Value = "verificationMethod",
    }
}

impl Answer {
    /// What a caller may read of it: what is of the type that the API reference says.
    pub fn readable(&self) -> Members {
        let mut members = Members::new();
        for (name, value) in [
            ("state", &self.state),
            ("idempotencyKey", &self.idempotency_key),
            ("verificationMethod", &self.verification_method),
            ("isEnrolled", &self.is_enrolled),
            ("ruleIds", &self.rule_ids),
        ] {
            let legal = match name {
                "isEnrolled" => matches!(value, Value::Bool(_)),
                "ruleIds" => matches!(value, Value::List(_)),
                _ => value.text().is_some(),
            };
            if legal {
                members.push((name.into(), ValueOrObject::Value(value.clone())));
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_written_as_encode_uri_component_writes_it() {
        let api = ApiUrl::parse("https://h/v1").unwrap();
        let secret = Secret::parse("key").unwrap();
        let action = ActionCode::parse("auth0-login").unwrap();
        for (id, segment) in [
            ("auth0|6637", "auth0%7C6637"),
            ("samlp|a/b|c", "samlp%7Ca%2Fb%7Cc"),
            ("a b%20?#&=+,:;@$", "a%20b%2520%3F%23%26%3D%2B%2C%3A%3B%40%24"),
            ("-_.!~*'()", "-_.!~*'()"),
            ("..x", "..x"),
            ("Zoë😀", "Zo%C3%AB%F0%9F%98%80"),
            ("\n\"<>[]^`{}\\", "%0A%22%3C%3E%5B%5D%5E%60%7B%7D%5C"),
        ] {
            let user = UserId::parse(id).unwrap();
            let request = Request::track(&api, secret.clone(), &user, &action, Members::new());
            assert_eq!(
                request.url,
                ["https://h/v1/users/", segment, "/actions/auth0-login"].concat()
            );
        }
    }

    #[test]
    fn a_user_id_can_not_leave_its_path_segment_or_be_two_users() {
        for id in ["", ".", "..", "a\u{fffd}"] {
            assert_eq!(UserId::parse(id), None, "{id:?}");
        }
    }

    #[test]
    fn an_action_code_has_the_form_that_the_api_demands() {
        let longest = "a".repeat(64);
        for code in ["auth0-login", "A_9", &longest] {
            assert!(ActionCode::parse(code).is_some(), "{code}");
        }
        let too_long = "a".repeat(65);
        for code in ["", "a b", "a/b", "ä", "a.b", "a#b", &too_long] {
            assert!(ActionCode::parse(code).is_none(), "{code}");
        }
    }

    #[test]
    fn a_token_is_one_to_8192_characters() {
        assert!(ChallengeToken::parse(&"ä".repeat(8192)).is_some());
        assert!(ChallengeToken::parse(&"a".repeat(8193)).is_none());
        assert!(ChallengeToken::parse("").is_none());
    }

    #[test]
    fn a_secret_is_printable_ascii_and_its_debug_hides_it() {
        for text in ["", "a\nb", "a\r", "ä", "a\u{7f}", "\t"] {
            assert!(Secret::parse(text).is_none(), "{text:?}");
        }
        let secret = Secret::parse("s3cret ~!").unwrap();
        assert_eq!(secret.basic_credentials(), "s3cret ~!:");
        assert!(!format!("{secret:?}").contains("s3cret"));
    }
}
