//! What holds for every text that one of the parsers lets through. Addresses are held against the WHATWG's
//! reading, which is that of a host's `URL` and `fetch`.

use authsignal_auth0::authsignal::{ActionCode, ChallengeToken, Request, Secret, UserId};
use authsignal_auth0::url::{ApiUrl, ClaimName, Host, WebUrl};
use url::Url;

use super::invariants::{decoded, is_secure};

/// Every parser on the same text.
pub fn check_parsers(text: &str) {
    check_web_url(text);
    check_api_url(text);
    check_host(text);
    check_claim_name(text);
    check_user(text);

    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let action = text.chars().all(legal) && (1..=64).contains(&text.chars().count());
    assert_eq!(ActionCode::parse(text).is_some(), action);
    let printable = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    assert_eq!(Secret::parse(text).is_some(), printable && !text.is_empty());
    assert_eq!(ChallengeToken::parse(text).is_some(), (1..=8192).contains(&text.chars().count()));
}

/// Both see the same host and scheme, and an ordinary address is not refused.
fn check_web_url(text: &str) {
    let theirs = Url::parse(text).ok();
    let Some(ours) = WebUrl::parse(text) else {
        return assert!(!theirs.is_some_and(|url| is_ordinary(text, &url)), "{text} is refused");
    };
    assert_eq!(ours.as_str(), text);
    let Some(theirs) = theirs else { return };
    assert!(is_secure(text), "{text}");
    let authority = text.split(['/', '?', '#']).nth(2).unwrap().to_ascii_lowercase();
    match theirs.host().unwrap() {
        url::Host::Domain(name) => assert_eq!(authority.split(':').next(), Some(name)),
        url::Host::Ipv4(_) => assert!(!authority.contains('[')),
        url::Host::Ipv6(address) => {
            let (own, _) = authority.strip_prefix('[').unwrap().split_once(']').unwrap();
            assert_eq!(own.parse(), Ok(address));
        }
    }

    let added = Url::parse(ours.with_query("a", "b").as_str()).unwrap();
    let before = theirs.query().map_or(String::new(), |query| format!("{query}&"));
    assert_eq!(added.query(), Some(format!("{before}a=b").as_str()));
    let mut same = added;
    same.set_query(theirs.query());
    assert_eq!(same, theirs);
}

/// As another parser writes it, of https, and without what only an attack has.
fn is_ordinary(text: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    url.as_str() == text
        && url.scheme() == "https"
        && is_secure(text)
        && host.chars().all(legal)
        && !text.contains('\\')
}

fn check_api_url(text: &str) {
    let without_query = !text.contains(['?', '#']);
    let expected = without_query && WebUrl::parse(text).is_some();
    let Some(api) = ApiUrl::parse(text) else { return assert!(!expected, "{text}") };
    assert!(expected, "{text}");
    assert_eq!(api.as_str(), text);
    // One slash before the path, however many the base ends with.
    assert_eq!(api.endpoint("/validate"), format!("{}/validate", text.trim_end_matches('/')));
    let (Ok(base), Ok(endpoint)) = (Url::parse(text), Url::parse(&api.endpoint("/validate")))
    else {
        return;
    };
    assert_eq!(endpoint.origin(), base.origin());
    assert!(endpoint.path().ends_with("/validate"));
    assert_eq!((endpoint.query(), endpoint.fragment()), (None, None));
}

fn check_host(text: &str) {
    let alone = !text.contains(['/', '?', '#']);
    let expected = alone && WebUrl::parse(&format!("https://{text}")).is_some();
    let Some(host) = Host::parse(text) else { return assert!(!expected, "{text}") };
    assert!(expected, "{text}");
    let back = host.continue_url();
    check_web_url(back.as_str());
    assert_eq!(back, WebUrl::parse(back.as_str()).unwrap());
    if let Ok(theirs) = Url::parse(back.as_str()) {
        assert_eq!(&theirs[url::Position::BeforePath..], "/continue");
    }
}

/// No parser reads a host of Auth0's own out of it.
fn check_claim_name(text: &str) {
    let theirs = Url::parse(text).ok();
    let Some(name) = ClaimName::parse(text) else { return };
    assert_eq!(name.as_str(), text);
    let Some(theirs) = theirs else { return };
    assert!(matches!(theirs.scheme(), "http" | "https"), "{text}");
    assert_eq!((theirs.username(), theirs.password()), ("", None), "{text}");
    let host = theirs.host_str().unwrap().trim_end_matches('.');
    for restricted in ["auth0.com", "webtask.io", "webtask.run"] {
        assert!(host != restricted && !host.ends_with(&format!(".{restricted}")), "{text}");
    }
}

/// A user's id stays one path segment, and means the same user.
fn check_user(text: &str) {
    let Some(user) = UserId::parse(text) else {
        return assert!(matches!(text, "" | "." | "..") || text.contains('\u{fffd}'), "{text:?}");
    };
    assert!(!text.contains('\u{fffd}'));
    let api = ApiUrl::parse("https://h/v1").unwrap();
    let secret = Secret::parse("key").unwrap();
    let action = ActionCode::parse(ActionCode::DEFAULT).unwrap();
    let request = Request::track(&api, secret, &user, &action, vec![]);
    let url = Url::parse(&request.url).unwrap();
    let segments: Vec<&str> = url.path_segments().unwrap().collect();
    let ["v1", "users", segment, "actions", "auth0-login"] = segments[..] else { panic!("{url}") };
    assert_eq!(decoded(segment), text);
    assert_eq!((url.query(), url.fragment()), (None, None));
}
