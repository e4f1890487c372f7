//! The slice of Auth0's post-login event that is read.
//!
//! Auth0's event is bigger than its documentation: unknown fields are passed over at every level. What
//! is missing, `undefined` or `null` reads as empty.

use crate::value::{Value, record};

record! {
    /// The event of the post-login trigger, version 3.
    Event {
        user: User = "user",
        request: Request = "request",
        secrets: Secrets = "secrets",
        transaction: Transaction = "transaction",
        authentication: Authentication = "authentication",
    }

    /// `event.user`.
    User { user_id: Value = "user_id", email: Value = "email" }

    /// `event.request`. It is a new one when the browser comes back.
    Request {
        hostname: Value = "hostname",
        ip: Value = "ip",
        user_agent: Value = "user_agent",
        query: Query = "query",
        body: Body = "body",
    }

    /// `event.request.query`.
    Query { device_id: Value = "device_id", token: Value = "token", max_age: Value = "max_age" }

    /// `event.request.body`.
    Body { token: Value = "token" }

    /// The Action's secrets that are settings.
    Secrets {
        authsignal_secret: Value = "AUTHSIGNAL_SECRET",
        authsignal_region: Value = "AUTHSIGNAL_REGION",
        authsignal_api_url: Value = "AUTHSIGNAL_API_URL",
    }

    /// `event.transaction`.
    Transaction {
        protocol: Value = "protocol",
        metadata: Metadata = "metadata",
        acr_values: Value = "acr_values",
        prompt: Value = "prompt",
    }

    /// `event.transaction.metadata`.
    Metadata { authsignal_challenge: Value = "authsignal_challenge" }

    /// `event.authentication`.
    Authentication { methods: Vec<Method> = "methods" }

    /// An entry of `event.authentication.methods`: what this browser session has recorded.
    Method { name: Value = "name", timestamp: Value = "timestamp" }
}
