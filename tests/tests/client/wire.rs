//! A server that answers with given bytes, and clients for it.

use ges_client::credentials::Token;
use ges_client::{Client, ClientBuilder, Retries};
use test_support::Server;

pub(crate) struct Wire {
    pub(crate) endpoint: String,
    server: Server,
}

impl Wire {
    /// As [`Server::replying`].
    pub(crate) fn replying<R: Into<String>>(replies: impl IntoIterator<Item = R>) -> Wire {
        let server = Server::replying(replies);
        Wire { endpoint: server.url.clone(), server }
    }

    /// For the project `p`, without repetitions.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().endpoint(&*self.endpoint).iam_endpoint(&*self.endpoint).project_id("p");
        builder.credentials(Token::new("t").unwrap()).retries(Retries::none())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// The requests that came so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.server.requests().iter().map(test_support::Request::text).collect()
    }
}
