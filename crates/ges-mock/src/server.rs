//! The mock server of GES: its token, and its response to other tokens.

use httpmock::MockServer;
use serde_json::{Value, json};

use crate::fixture::Server;

/// The token that a [`Server`] accepts by default.
pub const TOKEN: &str = "a-token-of-ges-mock";

impl Server {
    /// Starts a server that accepts requests whose `X-Auth-Token` is [`TOKEN`], and answers others 401 as the gateway does.
    pub fn start() -> Server {
        Server::over(MockServer::start(), Some(TOKEN.to_owned()), Some(refusal()))
    }

    /// [`start`](Server::start) without blocking.
    pub async fn start_async() -> Server {
        Server::over(MockServer::start_async().await, Some(TOKEN.to_owned()), Some(refusal()))
    }

    /// Starts a server that accepts this token.
    pub fn with_token(token: impl Into<String>) -> Server {
        Server::over(MockServer::start(), Some(token.into()), Some(refusal()))
    }

    /// Starts a server that ignores credentials, for signed requests or code that sets no token.
    pub fn without_credentials() -> Server {
        Server::over(MockServer::start(), None, Some(refusal()))
    }
}

/// The 401 of the gateway, which is the same for both versions of the API.
///
/// Source: reference, "gateway facts".
fn refusal() -> Value {
    json!({
        "error_code": "APIGW.0301",
        "error_msg": "Incorrect IAM authentication information: token is missing or wrong",
        "request_id": "0123456789abcdef0123456789abcdef",
    })
}
