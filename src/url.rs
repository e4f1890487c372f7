//! Web addresses: strict enough that no parser can read another host out of them.
//!
//! The host's own `URL` and `fetch` read an address again after this. What is let through here is a
//! small part of what they accept (no credentials, no backslash, no space or control character, an ASCII
//! host), in which both see the same scheme and host.

use crate::value::concat;

/// A host name with an optional port, without path or credentials.
#[derive(Clone, Debug, PartialEq)]
pub struct Host(String);

impl Host {
    /// Parses `name`, `name:port`, `[v6]` or `[v6]:port`.
    pub fn parse(text: &str) -> Option<Host> {
        is_authority(text).then(|| Host(text.to_owned()))
    }

    /// Where Auth0 takes the browser back: `https://{host}/continue`, or `http://` on loopback.
    pub fn continue_url(&self) -> WebUrl {
        let scheme = if is_loopback(&self.0) { "http" } else { "https" };
        WebUrl(concat(&[scheme, "://", &self.0, "/continue"]))
    }
}

/// An `https` address, or an `http` one on loopback.
#[derive(Clone, Debug, PartialEq)]
pub struct WebUrl(String);

impl WebUrl {
    /// Parses an absolute address.
    pub fn parse(text: &str) -> Option<WebUrl> {
        let (scheme, authority) = scheme_and_authority(text)?;
        let secure = scheme == Scheme::Https || is_loopback(authority);
        secure.then(|| WebUrl(text.to_owned()))
    }

    /// The address with `name=value` added to its query. Both are written as they are.
    pub fn with_query(&self, name: &str, value: &str) -> WebUrl {
        let (address, fragment) = match self.0.split_once('#') {
            Some((address, fragment)) => (address, concat(&["#", fragment])),
            None => (self.as_str(), String::new()),
        };
        let separator = if address.bytes().any(|b| b == b'?') { "&" } else { "?" };
        WebUrl(concat(&[address, separator, name, "=", value, &fragment]))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The base URL of the Authsignal API: a [`WebUrl`] without query or fragment.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiUrl(WebUrl);

impl ApiUrl {
    /// Parses a base URL.
    pub fn parse(text: &str) -> Option<ApiUrl> {
        let url = WebUrl::parse(text)?;
        (!text.bytes().any(|b| b == b'?' || b == b'#')).then_some(ApiUrl(url))
    }

    /// The base URL exactly as it was given, which is the name of a recorded method.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address of an endpoint: `path` begins with a slash.
    pub fn endpoint(&self, path: &str) -> String {
        let mut base = self.as_str();
        while let Some(shorter) = base.strip_suffix("/") {
            base = shorter;
        }
        concat(&[base, path])
    }
}

/// The full name of a custom claim: an `http` or `https` address on no host of Auth0's own, which Auth0 refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimName(String);

impl ClaimName {
    /// Parses a claim's name.
    pub fn parse(text: &str) -> Option<ClaimName> {
        let (_, authority) = scheme_and_authority(text)?;
        let mut host = split_port(authority).0;
        while let Some(shorter) = host.strip_suffix(".") {
            host = shorter;
        }
        let restricted = RESTRICTED_HOSTS.iter().any(|restricted| is_within(host, restricted));
        (!restricted).then(|| ClaimName(text.to_owned()))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const RESTRICTED_HOSTS: [&str; 3] = ["auth0.com", "webtask.io", "webtask.run"];

/// Whether it is this domain or one below it.
fn is_within(host: &str, domain: &str) -> bool {
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let tail = host.as_bytes().get(start..).unwrap_or_default();
    let below = host.as_bytes().get(..start).unwrap_or_default();
    tail.eq_ignore_ascii_case(domain.as_bytes()) && below.last().is_none_or(|b| *b == b'.')
}

#[derive(PartialEq)]
enum Scheme {
    Http,
    Https,
}

/// The beginning of an absolute `http` or `https` address.
fn scheme_and_authority(text: &str) -> Option<(Scheme, &str)> {
    let colon = text.bytes().position(|b| b == b':')?;
    let (scheme, rest) = (text.get(..colon)?, text.get(colon + 1..)?.strip_prefix("//")?);
    let scheme = if scheme.eq_ignore_ascii_case("https") {
        Scheme::Https
    } else if scheme.eq_ignore_ascii_case("http") {
        Scheme::Http
    } else {
        return None;
    };
    let end = rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#'));
    let authority = rest.get(..end.unwrap_or(rest.len()))?;
    (is_authority(authority) && is_clean(rest)).then_some((scheme, authority))
}

/// Without a space, a control character or a backslash.
fn is_clean(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\')
}

fn is_authority(text: &str) -> bool {
    let (host, port) = split_port(text);
    let consists = |text: &str, of: fn(u8) -> bool| !text.is_empty() && text.bytes().all(of);
    let v6 = host.strip_prefix("[").and_then(|rest| rest.strip_suffix("]"));
    let host_ok = match v6 {
        Some(address) => consists(address, |b| b.is_ascii_hexdigit() || b == b':'),
        None => consists(host, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')),
    };
    host_ok && port.is_none_or(|port| is_number(port.as_bytes(), 65_535))
}

/// `localhost`, `[::1]`, or four numbers of which the first is 127. URL parsers read shorter forms too,
/// and not always as one would think: `127.` is 0.0.0.127.
fn is_loopback(authority: &str) -> bool {
    let (host, _) = split_port(authority);
    let is_v4 = |rest: &str| {
        let mut numbers = 0;
        rest.as_bytes().split(|b| *b == b'.').all(|number| {
            numbers += 1;
            is_number(number, 255)
        }) && numbers == 3
    };
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.strip_prefix("127.").is_some_and(is_v4)
}

/// Decimal digits, and no more than that.
fn is_number(digits: &[u8], most: u32) -> bool {
    let number = digits.iter().try_fold(0, |number, digit| {
        let number = number * 10 + u32::from(digit.wrapping_sub(b'0'));
        (digit.is_ascii_digit() && number <= most).then_some(number)
    });
    !digits.is_empty() && number.is_some()
}

/// The host, in brackets where it is an IPv6 address, and the port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    // Behind the brackets of an IPv6 address, whose own colons are no ports.
    let behind = authority.bytes().position(|b| b == b']').unwrap_or_default();
    let colon = authority.bytes().skip(behind).position(|b| b == b':').map(|at| behind + at);
    match colon.and_then(|at| Some((authority.get(..at)?, authority.get(at + 1..)))) {
        Some(parts) => parts,
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_named_by_any_web_address_but_one_of_auth0s_own() {
        for text in [
            "https://example.com/mfa",
            "http://example.com",
            "HTTPS://Example.com:8443/?a#b",
            "https://notauth0.com/mfa",
            "https://auth0.com.example.com/",
            "https://example.com/auth0.com",
        ] {
            assert_eq!(ClaimName::parse(text).map(|name| name.0).as_deref(), Some(text));
        }
        for text in [
            "",
            "mfa",
            "amr",
            "urn:example:mfa",
            "example.com/mfa",
            "https:///mfa",
            "ftp://example.com/mfa",
            "https://user@example.com/mfa",
            "https://example.com/m fa",
            "https://auth0.com",
            "https://AUTH0.com./mfa",
            "https://auth0.com../mfa",
            "http://tenant.eu.auth0.com:443/mfa",
            "https://webtask.io/mfa",
            "https://a.webtask.run/mfa",
        ] {
            assert_eq!(ClaimName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn https_anywhere_and_http_on_loopback_are_web_urls() {
        for text in [
            "https://api.authsignal.com/v1",
            "HTTPS://eu.api.authsignal.com",
            "https://mfa.example.com:8443/challenge?token=a.b-c_d&x=%20#top",
            "http://localhost:4002/v1",
            "http://LOCALHOST/",
            "http://127.0.0.1",
            "http://127.8.9.10:1/x",
            "http://[::1]:4002/v1",
            "http://127.255.255.255",
            "http://127.000.0.01",
            "https://[2001:db8::1]/",
            "https://host:65535",
            "https://host:00443/",
            "https://host/päth",
        ] {
            assert_eq!(WebUrl::parse(text).map(|url| url.0).as_deref(), Some(text));
        }
    }

    #[test]
    fn no_other_address_is_a_web_url() {
        for text in [
            "",
            "x",
            "//host",
            "https:",
            "https:/host",
            "https://",
            "https:///path",
            "ftp://host",
            "javascript://host/%0aalert(1)",
            "http://api.authsignal.com",
            "http://example.com@127.0.0.1/",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://128.0.0.1",
            "http://127.0.0.256",
            "http://127.0.0.+1",
            "http://127.0.0",
            "http://127.0.0.1.1",
            "http://127.0..1",
            "http://0x7f.1",
            "http://[::2]",
            "http://[::1].example.com",
            "http://::1",
            "https://user@host",
            "https://user:pass@host/",
            "https://host\\@evil",
            "https://ho st",
            "https://host/a b",
            "https://host/\n",
            " https://host",
            "https://host/\u{7f}",
            "https://host\t",
            "https://host:",
            "https://host:x",
            "https://host:65536",
            "https://host:+1",
            "https://h:1:2",
            "https://[::1",
            "https://hôst/",
            "https://%61/",
        ] {
            assert_eq!(WebUrl::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_base_url_has_no_query_and_no_fragment() {
        for text in ["https://h/v1?x", "https://h/v1#x", "https://h?", "http://h/v1"] {
            assert_eq!(ApiUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_endpoint_follows_the_base_url_with_one_slash() {
        for base in ["https://h/v1", "https://h/v1/"] {
            let url = ApiUrl::parse(base).unwrap();
            assert_eq!(url.endpoint("/validate"), "https://h/v1/validate");
            assert_eq!(url.as_str(), base);
        }
    }

    #[test]
    fn a_host_has_no_path_and_no_credentials() {
        for (text, url) in [
            ("login.example.com", Some("https://login.example.com/continue")),
            ("localhost:4001", Some("http://localhost:4001/continue")),
            ("[::1]:4001", Some("http://[::1]:4001/continue")),
            ("", None),
            ("evil.com/x", None),
            ("a@b", None),
            ("a?b", None),
            ("a#b", None),
        ] {
            assert_eq!(
                Host::parse(text).map(|host| host.continue_url().0).as_deref(),
                url,
                "{text}"
            );
        }
    }

    #[test]
    fn a_query_parameter_goes_before_the_fragment() {
        for (text, expected) in [
            ("https://h/x", "https://h/x?a=b"),
            ("https://h/x?t=1", "https://h/x?t=1&a=b"),
            ("https://h/x?t=1#f?g", "https://h/x?t=1&a=b#f?g"),
            ("https://h/x#f?g", "https://h/x?a=b#f?g"),
        ] {
            assert_eq!(WebUrl::parse(text).unwrap().with_query("a", "b").as_str(), expected);
        }
    }
}
