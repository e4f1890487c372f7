//! What the option `includeContext` adds to the custom data points of a track request: what Auth0 knows of the login.

use crate::host::HostInputs;
use crate::value::{Fields, Value, trimmed};

/// What a data point may be.
enum Kind {
    /// Text that is not blank, or a number.
    Scalar,
    /// A boolean.
    Flag,
    /// A list of strings, which is sent as one with commas between them. One that is a string already is sent as it is.
    List,
}

/// The name of each data point, what it may be, and where it stands in the event.
const DATA_POINTS: [(&str, Kind, &str); 24] = [
    ("auth0ClientId", Kind::Scalar, "client.client_id"),
    ("auth0ClientName", Kind::Scalar, "client.name"),
    ("auth0ConnectionName", Kind::Scalar, "connection.name"),
    ("auth0ConnectionStrategy", Kind::Scalar, "connection.strategy"),
    ("auth0OrganizationId", Kind::Scalar, "organization.id"),
    ("auth0OrganizationName", Kind::Scalar, "organization.name"),
    ("auth0Roles", Kind::List, "authorization.roles"),
    ("auth0CountryCode", Kind::Scalar, "request.geoip.countryCode"),
    ("auth0RiskConfidence", Kind::Scalar, "authentication.riskAssessment.confidence"),
    ("auth0LoginsCount", Kind::Scalar, "stats.logins_count"),
    ("auth0Protocol", Kind::Scalar, "transaction.protocol"),
    ("auth0RequestedScopes", Kind::List, "transaction.requested_scopes"),
    ("auth0Audience", Kind::Scalar, "resource_server.identifier"),
    ("auth0AcrValues", Kind::List, "transaction.acr_values"),
    ("auth0EmailVerified", Kind::Flag, "user.email_verified"),
    ("auth0CreatedAt", Kind::Scalar, "user.created_at"),
    ("auth0LastPasswordReset", Kind::Scalar, LAST_PASSWORD_RESET),
    ("auth0Asn", Kind::Scalar, "request.asn"),
    ("auth0TenantId", Kind::Scalar, "tenant.id"),
    ("auth0CustomDomain", Kind::Scalar, "custom_domain.domain"),
    (
        "auth0RiskUntrustedIp",
        Kind::Scalar,
        "authentication.riskAssessment.assessments.UntrustedIP.code",
    ),
    (
        "auth0RiskNewDevice",
        Kind::Scalar,
        "authentication.riskAssessment.assessments.NewDevice.code",
    ),
    (
        "auth0RiskImpossibleTravel",
        Kind::Scalar,
        "authentication.riskAssessment.assessments.ImpossibleTravel.code",
    ),
    (
        "auth0RiskAgentDetection",
        Kind::Scalar,
        "authentication.riskAssessment.assessments.AgentDetection.code",
    ),
];

const LAST_PASSWORD_RESET: &str = "user.last_password_reset";

/// Adds what the event has of them. `read` gives the value at a path in it. The caller's own data points win.
pub fn add(custom: &mut Fields, read: impl Fn(&str) -> Value, host: &HostInputs) {
    for (name, kind, path) in DATA_POINTS {
        add_one(custom, name, kind, read(path));
    }
    if let Some(seconds) = host.age(&read(LAST_PASSWORD_RESET)) {
        let seconds = Value::Number(seconds.floor());
        add_one(custom, "auth0SecondsSincePasswordReset", Kind::Scalar, seconds);
    }
}

fn add_one(custom: &mut Fields, name: &str, kind: Kind, value: Value) {
    let value = match (kind, value) {
        (Kind::List, Value::List(texts)) => Value::Text(joined(&texts)),
        (Kind::List | Kind::Scalar, value @ Value::Text(_)) => value,
        (Kind::Scalar, Value::Number(number)) if number.is_finite() => Value::Number(number),
        (Kind::Flag, value @ Value::Bool(_)) => value,
        _ => return,
    };
    let is_blank = value.text().is_some_and(|text| trimmed(text).is_empty());
    if !is_blank && custom.iter().all(|(own, _)| own != name) {
        custom.push((name.into(), value));
    }
}

/// The texts with commas between them.
fn joined(texts: &[String]) -> String {
    let mut joined = String::new();
    for text in texts {
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(text);
    }
    joined
}
