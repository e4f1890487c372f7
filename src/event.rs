//! The slice of Auth0's post-login event that is read.
//!
//! Auth0's event is bigger than its documentation: unknown fields are passed over at every level. A
//! field that may be missing is an `Option`; one whose type is not to be relied on is a [`Value`].

use serde::Deserialize;

use crate::value::Value;

/// The event of the post-login trigger, version 3.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are Auth0's own
pub struct Event {
    pub user: User,
    pub request: Request,
    pub secrets: Option<Secrets>,
    pub transaction: Option<Transaction>,
    pub authentication: Option<Authentication>,
    pub client: Option<Client>,
    pub connection: Option<Connection>,
    pub organization: Option<Organization>,
    pub authorization: Option<Authorization>,
    pub stats: Option<Stats>,
}

impl Event {
    /// `transaction.protocol`.
    pub fn protocol(&self) -> Option<&str> {
        self.transaction.as_ref()?.protocol.text()
    }

    /// The idempotency key that a redirect left in the transaction's metadata.
    pub fn challenge(&self) -> &Value {
        self.transaction
            .as_ref()
            .and_then(|transaction| transaction.metadata.as_ref())
            .map_or(&Value::Absent, |metadata| &metadata.authsignal_challenge)
    }

    /// The methods that this browser session has recorded.
    pub fn methods(&self) -> &[Method] {
        self.authentication
            .as_ref()
            .and_then(|authentication| authentication.methods.as_deref())
            .unwrap_or_default()
    }
}

/// `event.user`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct User {
    pub user_id: Value,
    pub email: Value,
}

/// `event.request`. It is a new one when the browser comes back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Request {
    pub hostname: Value,
    pub ip: Value,
    pub user_agent: Value,
    pub query: Option<Fields>,
    pub body: Option<Fields>,
    pub geoip: Option<Geoip>,
}

/// What is read of `event.request.query` and `event.request.body`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Fields {
    pub device_id: Value,
    pub token: Value,
}

/// `event.request.geoip`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Geoip {
    pub country_code: Value,
}

/// The Action's secrets that are settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub struct Secrets {
    pub authsignal_secret: Value,
    pub authsignal_region: Value,
    pub authsignal_api_url: Value,
}

/// `event.transaction`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Transaction {
    pub protocol: Value,
    pub metadata: Option<Metadata>,
}

/// `event.transaction.metadata`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Metadata {
    pub authsignal_challenge: Value,
}

/// `event.authentication`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Authentication {
    pub methods: Option<Vec<Method>>,
    pub risk_assessment: Option<RiskAssessment>,
}

/// An entry of `event.authentication.methods`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Method {
    pub name: Value,
    pub timestamp: Value,
}

/// `event.authentication.riskAssessment`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct RiskAssessment {
    pub confidence: Value,
}

/// `event.client`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Client {
    pub client_id: Value,
    pub name: Value,
}

/// `event.connection`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Connection {
    pub name: Value,
    pub strategy: Value,
}

/// `event.organization`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Organization {
    pub id: Value,
    pub name: Value,
}

/// `event.authorization`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Authorization {
    pub roles: Option<Vec<Value>>,
}

/// `event.stats`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Stats {
    pub logins_count: Value,
}
