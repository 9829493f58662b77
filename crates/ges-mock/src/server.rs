//! Which server, which credential, which refusal: what the fixtures of this API have in common.

use httpmock::MockServer;
use serde_json::{Value, json};

use crate::fixture::Server;

/// The token that a [`Server`] lets in, unless it is told another.
pub const TOKEN: &str = "a-token-of-ges-mock";

impl Server {
    /// A server that lets requests in whose `X-Auth-Token` is [`TOKEN`], and answers all others 401 as the gateway does.
    pub fn start() -> Server {
        Server::over(MockServer::start(), Some(TOKEN.to_owned()), refusal())
    }

    /// [`start`](Server::start), for code that must not block.
    pub async fn start_async() -> Server {
        Server::over(MockServer::start_async().await, Some(TOKEN.to_owned()), refusal())
    }

    /// A server that lets requests with this token in.
    pub fn with_token(token: impl Into<String>) -> Server {
        Server::over(MockServer::start(), Some(token.into()), refusal())
    }

    /// A server that does not look at credentials: for requests that are signed, or for code that sets no token.
    pub fn without_credentials() -> Server {
        Server::over(MockServer::start(), None, refusal())
    }
}

/// Source: reference, "gateway facts". The gateway answers before the service does, in the same words for both
/// versions of the API.
fn refusal() -> Value {
    json!({
        "error_code": "APIGW.0301",
        "error_msg": "Incorrect IAM authentication information: token is missing or wrong",
        "request_id": "0123456789abcdef0123456789abcdef",
    })
}
