//! The two requests, exactly.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/native.rs"]
mod common;

use authsignal_auth0::authsignal::{Request, Secret};
use authsignal_auth0::context;
use authsignal_auth0::on_execute;
use authsignal_auth0::value::Value;
use common::*;
use serde_json::json;

fn track(event: &authsignal_auth0::event::Event, options: &Json) -> Request {
    sent(begin_execute(event, options)).0
}

/// The body of the track request for the fixture's event with a patch.
fn track_body(patch: &Json, options: &Json) -> Json {
    exact_body(&merged(fixture(), patch), options)
}

/// The same, of an event that is exactly this.
fn exact_body(json: &Json, options: &Json) -> Json {
    let event = exact_event(json);
    let step = on_execute::begin(&event, || given(options), |path| value_at(json, path), moment());
    body(&sent(step).0)
}

#[test]
fn the_track_request_of_the_fixture() {
    let request = track(&event(&json!({})), &json!({}));
    assert_eq!(
        request.url,
        "https://api.authsignal.com/v1/users/auth0%7C6637d1c0a9f3b2e4d5c6b7a8/actions/auth0-login"
    );
    assert_eq!(request.secret, Secret::parse(SECRET).unwrap());
    assert_eq!(request.secret.basic_credentials(), "sandbox-secret-key:");
    let expected = json!({
        "idempotencyKey": KEY,
        "redirectUrl": "https://login.example.com/continue",
        "custom": {},
        "email": "ada@example.com",
        "ipAddress": "203.0.113.24",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        "deviceId": "7d1f3a52-2f6e-4a43-9f0f-0c6f5c1c8e11",
    });
    assert_eq!(body(&request), expected);
}

#[test]
fn the_validate_request_of_the_fixture() {
    let event = back_with(&json!("a.token"), &json!({}));
    let (request, _) = sent(begin_continue(&event, &json!({})));
    assert_eq!(request.url, "https://api.authsignal.com/v1/validate");
    assert_eq!(request.secret, Secret::parse(SECRET).unwrap());
    let expected = json!({ "token": "a.token", "action": "auth0-login", "userId": USER });
    assert_eq!(body(&request), expected);

    let options =
        json!({ "action": "payout", "userId": 42, "secret": "k2", "apiUrl": "https://h/" });
    let (request, _) = sent(begin_continue(&event, &options));
    assert_eq!(request.url, "https://h/validate");
    assert_eq!(request.secret, Secret::parse("k2").unwrap());
    let expected = json!({ "token": "a.token", "action": "payout", "userId": "42" });
    assert_eq!(body(&request), expected);
}

#[test]
fn nothing_of_a_body_is_there_twice() {
    let options = json!({
        "includeContext": true,
        "attributes": { "email": "x@y", "deviceId": "d", "ipAddress": "::1", "userAgent": "ua" },
        "custom": { "auth0ClientId": "own" },
    });
    // `body` looks for members that are there twice.
    let body = body(&track(&event(&json!({})), &options));
    assert_eq!((&body["email"], &body["custom"]["auth0ClientId"]), (&json!("x@y"), &json!("own")));
}

#[test]
fn attributes_win_over_the_event() {
    let attributes = json!({
        "email": "work@example.com",
        "phoneNumber": "+6421000001",
        "username": "ada.l",
        "locale": "mi",
        "deviceId": "own-device",
        "ipAddress": "2001:db8::1",
        "userAgent": "own agent",
        "redirectToSettings": true,
        "customDomain": "mfa.example.com",
    });
    let expected = merged(
        json!({
            "idempotencyKey": KEY,
            "redirectUrl": "https://login.example.com/continue",
            "custom": {},
        }),
        &attributes,
    );
    assert_eq!(track_body(&json!({}), &json!({ "attributes": attributes })), expected);

    // One that is left out is the event's again.
    let attributes = json!({ "email": null, "deviceId": "own-device" });
    let sent = track_body(&json!({}), &json!({ "attributes": attributes }));
    assert_eq!(sent["email"], "ada@example.com");
    assert_eq!(sent["deviceId"], "own-device");
}

#[test]
fn custom_is_sent_as_it_was_given() {
    let custom = json!({ "plan": "gold", "seats": 5, "ratio": 0.25, "trial": false, "none": "" });
    let sent = track_body(&json!({}), &json!({ "custom": custom }));
    assert_eq!(sent["custom"], floats(&custom));
}

#[test]
fn include_context_adds_what_auth0_knows_and_the_callers_own_wins() {
    let event = json!({
        "user": {
            "email_verified": false,
            "created_at": "2024-02-29T10:00:00.000Z",
            "last_password_reset": seconds_ago(3599.9),
        },
        "transaction": {
            "requested_scopes": ["openid", "read:orders"],
            "acr_values": ["http://schemas.openid.net/pape/policies/2007/06/multi-factor", "urn:x"],
        },
        "request": { "asn": "64496" },
        "resource_server": { "identifier": "https://orders.example.com/" },
        "tenant": { "id": "example" },
        "custom_domain": { "domain": "login.example.com" },
        "authentication": { "riskAssessment": { "assessments": {
            "UntrustedIP": { "confidence": "low", "code": "found_on_deny_list" },
            "NewDevice": { "confidence": "high", "code": "match" },
            "ImpossibleTravel": { "confidence": "medium", "code": "minimal_travel_from_last_login" },
            "AgentDetection": { "confidence": "low", "code": "automated" },
        } } },
    });
    let context = json!({
        "auth0ClientId": "hT6bQ0exampleClientId",
        "auth0ClientName": "Customer portal",
        "auth0ConnectionName": "Username-Password-Authentication",
        "auth0ConnectionStrategy": "auth0",
        "auth0OrganizationId": "org_Kd83",
        "auth0OrganizationName": "analytical-engines",
        "auth0Roles": "billing,support",
        "auth0CountryCode": "NZ",
        "auth0RiskConfidence": "medium",
        "auth0LoginsCount": 17,
        "auth0Protocol": "oidc-basic-profile",
        "auth0RequestedScopes": "openid,read:orders",
        "auth0Audience": "https://orders.example.com/",
        "auth0AcrValues": "http://schemas.openid.net/pape/policies/2007/06/multi-factor,urn:x",
        "auth0EmailVerified": false,
        "auth0CreatedAt": "2024-02-29T10:00:00.000Z",
        "auth0LastPasswordReset": seconds_ago(3599.9),
        "auth0SecondsSincePasswordReset": 3599,
        "auth0Asn": "64496",
        "auth0TenantId": "example",
        "auth0CustomDomain": "login.example.com",
        "auth0RiskUntrustedIp": "found_on_deny_list",
        "auth0RiskNewDevice": "match",
        "auth0RiskImpossibleTravel": "minimal_travel_from_last_login",
        "auth0RiskAgentDetection": "automated",
    });
    let asked = json!({ "includeContext": true });
    assert_eq!(track_body(&event, &asked)["custom"], floats(&context));
    assert_eq!(track_body(&event, &json!({ "includeContext": false }))["custom"], json!({}));

    let own = json!({ "plan": "gold", "auth0Roles": "none", "auth0LoginsCount": true });
    let options = merged(asked, &json!({ "custom": own }));
    assert_eq!(track_body(&event, &options)["custom"], floats(&merged(context, &own)));
}

#[test]
fn what_the_event_lacks_or_has_of_another_type_is_no_context() {
    let context = json!({ "includeContext": true });
    let bare = json!({
        "user": { "user_id": "u" },
        "request": { "hostname": "h" },
        "secrets": { "AUTHSIGNAL_SECRET": SECRET },
    });
    assert_eq!(exact_body(&bare, &context)["custom"], json!({}));

    let odd = merged(
        bare,
        &json!({
            "client": { "client_id": ["c"], "name": true },
            "connection": { "name": {}, "strategy": "samlp" },
            "organization": { "id": "org" },
            "authorization": { "roles": ["admin", "audit"] },
            "authentication": { "riskAssessment": 5 },
            "stats": { "logins_count": 1.0 },
            "transaction": { "requested_scopes": "openid email", "acr_values": [5] },
            "tenant": "example",
            "user": { "email_verified": "yes", "created_at": 5, "last_password_reset": "yesterday" },
        }),
    );
    let expected = json!({
        "auth0ConnectionStrategy": "samlp",
        "auth0OrganizationId": "org",
        "auth0Roles": "admin,audit",
        "auth0LoginsCount": 1.0,
        "auth0RequestedScopes": "openid email",
        "auth0CreatedAt": 5.0,
        "auth0LastPasswordReset": "yesterday",
    });
    assert_eq!(exact_body(&odd, &context)["custom"], expected);
    for roles in [json!([]), json!(null), json!([1, null]), json!(["admin", 5]), json!(" ")] {
        let mut event = odd.clone();
        event["authorization"]["roles"] = roles;
        assert_eq!(exact_body(&event, &context)["custom"].get("auth0Roles"), None);
    }
}

#[test]
fn a_number_that_json_lacks_is_no_context() {
    for number in [f64::NAN, f64::INFINITY, -1.5] {
        let mut custom = vec![];
        let read = |path: &str| match path {
            "stats.logins_count" => Value::Number(number),
            _ => Value::Absent,
        };
        context::add(&mut custom, read, &moment());
        assert_eq!(custom.len(), usize::from(number.is_finite()), "{number}");
    }
}

#[test]
fn the_seconds_since_a_password_reset_are_whole_and_never_negative() {
    let context = json!({ "includeContext": true });
    for (ago, seconds) in
        [(0.0, Some(0)), (86_400.0, Some(86_400)), (-59.0, Some(0)), (-61.0, None)]
    {
        let event = json!({ "user": { "last_password_reset": seconds_ago(ago) } });
        let custom = track_body(&event, &context)["custom"].clone();
        let expected = seconds.map(|seconds| json!(f64::from(seconds)));
        assert_eq!(custom.get("auth0SecondsSincePasswordReset"), expected.as_ref(), "{ago}");
    }
}

#[test]
fn a_context_of_empty_text_is_left_out() {
    for blank in ["", "  ", "\n"] {
        let mut event = fixture();
        event["client"]["name"] = json!(blank);
        event["connection"]["name"] = json!(blank);
        let sent = exact_body(&event, &json!({ "includeContext": true }));
        assert_eq!(sent["custom"].get("auth0ClientName"), None, "{blank:?}");
        assert_eq!(sent["custom"].get("auth0ConnectionName"), None, "{blank:?}");
        assert!(sent["custom"].get("auth0ClientId").is_some());
    }
}

#[test]
fn an_attribute_of_the_caller_may_be_empty() {
    let sent = exact_body(&fixture(), &json!({ "attributes": { "email": "" } }));
    assert_eq!(sent["email"], "");
}

#[test]
fn what_the_event_lacks_is_left_out() {
    let bare = json!({
        "user": { "user_id": "u" },
        "request": { "hostname": "h" },
        "secrets": { "AUTHSIGNAL_SECRET": SECRET },
    });
    let expected =
        json!({ "idempotencyKey": KEY, "redirectUrl": "https://h/continue", "custom": {} });
    assert_eq!(exact_body(&bare, &json!({})), expected);
    let blank = ["", " ", "\t\n", "\u{a0}\u{feff}"].map(Json::from);
    let no_text = [json!(null), json!(5), json!(true), json!(["x"]), json!({ "x": "y" })];
    for odd in no_text.into_iter().chain(blank) {
        let mut event = bare.clone();
        event["user"]["email"] = odd.clone();
        event["request"]["ip"] = odd.clone();
        event["request"]["user_agent"] = odd.clone();
        event["request"]["query"] = json!({ "device_id": odd });
        assert_eq!(exact_body(&event, &json!({})), expected, "{odd}");
    }
    for odd in [json!(["d"]), json!(["d", "e"]), json!({ "0": "d" }), json!(7), json!(null)] {
        let mut event = fixture();
        event["request"]["query"]["device_id"] = odd.clone();
        assert_eq!(exact_body(&event, &json!({})).get("deviceId"), None, "{odd}");
    }
    // Only the query's: a body is not looked at.
    let patch = json!({ "request": { "query": null, "body": { "device_id": "d" } } });
    assert_eq!(track_body(&patch, &json!({})).get("deviceId"), None);
}

#[test]
fn both_requests_go_to_the_configured_base_url_with_one_slash_between() {
    let user = "users/auth0%7C6637d1c0a9f3b2e4d5c6b7a8/actions/auth0-login";
    for (options, base) in [
        (json!({}), "https://api.authsignal.com/v1"),
        (json!({ "region": "us" }), "https://api.authsignal.com/v1"),
        (json!({ "region": "eu" }), "https://eu.api.authsignal.com/v1"),
        (json!({ "region": "au" }), "https://au.api.authsignal.com/v1"),
        (json!({ "region": "ca" }), "https://ca.api.authsignal.com/v1"),
        (json!({ "apiUrl": "https://mfa.example.com" }), "https://mfa.example.com"),
        (json!({ "apiUrl": "https://mfa.example.com/" }), "https://mfa.example.com"),
        (json!({ "apiUrl": "https://mfa.example.com/v1/" }), "https://mfa.example.com/v1"),
        (json!({ "apiBaseUrl": "http://localhost:4002/v1" }), "http://localhost:4002/v1"),
        (json!({ "apiBaseUrl": "http://[::1]:4002" }), "http://[::1]:4002"),
    ] {
        let request = track(&event(&json!({})), &options);
        assert_eq!(request.url, format!("{base}/{user}"));
        let (request, _) = sent(begin_continue(&back_with(&json!("t"), &json!({})), &options));
        assert_eq!(request.url, format!("{base}/validate"));
    }
}

#[test]
fn the_user_and_the_action_are_path_segments_as_encode_uri_component_writes_them() {
    for (id, segment) in [
        ("auth0|x", "auth0%7Cx"),
        ("samlp|my-conn|a/b?c#d", "samlp%7Cmy-conn%7Ca%2Fb%3Fc%23d"),
        ("../../validate", "..%2F..%2Fvalidate"),
        ("%2e%2e", "%252e%252e"),
        ("a b+c", "a%20b%2Bc"),
        ("A-Za-z0-9-_.!~*'()", "A-Za-z0-9-_.!~*'()"),
        (";,/?:@&=+$#", "%3B%2C%2F%3F%3A%40%26%3D%2B%24%23"),
        ("ä€😀", "%C3%A4%E2%82%AC%F0%9F%98%80"),
        ("\r\n\t", "%0D%0A%09"),
        ("\\", "%5C"),
    ] {
        let expected = format!("{US}/users/{segment}/actions/auth0-login");
        let from_event = event(&json!({ "user": { "user_id": id } }));
        assert_eq!(track(&from_event, &json!({})).url, expected);
        assert_eq!(track(&event(&json!({})), &json!({ "userId": id })).url, expected);
    }
    let request = track(&event(&json!({})), &json!({ "userId": -7, "action": "Pay_out-1" }));
    assert_eq!(request.url, format!("{US}/users/-7/actions/Pay_out-1"));
}

#[test]
fn the_browser_comes_back_to_the_events_host_or_to_the_callers_url() {
    let back = |host: &str, options: &Json| {
        track_body(&json!({ "request": { "hostname": host } }), options)["redirectUrl"].clone()
    };
    for (host, url) in [
        ("login.example.com", "https://login.example.com/continue"),
        ("example-dev.us.auth0.com", "https://example-dev.us.auth0.com/continue"),
        ("login.example.com:8443", "https://login.example.com:8443/continue"),
        ("LOGIN.example.com", "https://LOGIN.example.com/continue"),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example/continue"),
        ("my_tenant.example.com", "https://my_tenant.example.com/continue"),
        ("192.0.2.1", "https://192.0.2.1/continue"),
        ("[2001:db8::1]:4001", "https://[2001:db8::1]:4001/continue"),
        ("localhost", "http://localhost/continue"),
        ("localhost:4001", "http://localhost:4001/continue"),
        ("127.0.0.1:4001", "http://127.0.0.1:4001/continue"),
        ("127.8.9.10", "http://127.8.9.10/continue"),
        ("[::1]:4001", "http://[::1]:4001/continue"),
        // What only looks like loopback.
        ("localhost.example.com", "https://localhost.example.com/continue"),
        ("127.0.0.1.example.com", "https://127.0.0.1.example.com/continue"),
        ("127.example.com", "https://127.example.com/continue"),
        ("127.0.0.x", "https://127.0.0.x/continue"),
        ("127.1", "https://127.1/continue"),
        ("127.0.0.0.1", "https://127.0.0.0.1/continue"),
        ("notlocalhost", "https://notlocalhost/continue"),
        ("[::2]", "https://[::2]/continue"),
        ("128.0.0.1", "https://128.0.0.1/continue"),
        ("12.7.0.1", "https://12.7.0.1/continue"),
    ] {
        assert_eq!(back(host, &json!({})), url);
        let own = json!({ "redirectUrl": "https://login.example.org/continue?x=1" });
        assert_eq!(back(host, &own), "https://login.example.org/continue?x=1");
    }
    // `new URL("http://127.").host` is `0.0.0.127`.
    assert_eq!(back("127.", &json!({})), "https://127./continue");
}

#[test]
fn the_debug_of_a_request_shows_that_there_is_a_secret_and_hides_it() {
    let debug = format!("{:?}", track(&event(&json!({})), &json!({})));
    assert!(debug.contains("secret: Secret(…)"), "{debug}");
    assert!(!debug.contains(SECRET), "{debug}");
}
