//! An emulator on a port of its own, and clients for it.

use ges_client::{Client, ClientBuilder, Retries};
use ges_emulator::{Config, Emulator};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "a-token-of-this-test";

pub(crate) struct Service {
    pub(crate) emulator: Emulator,
    pub(crate) endpoint: String,
}

impl Service {
    pub(crate) async fn start(config: Config) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let emulator = Emulator::new(config);
        tokio::spawn(ges_emulator::serve(listener, emulator.clone(), std::future::pending()));
        Service { emulator, endpoint }
    }

    pub(crate) async fn with_token() -> Service {
        Service::start(Config { tokens: vec![TOKEN.to_owned()], ..Config::default() }).await
    }

    /// Without repetitions, so that a test sees each call.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().endpoint(&*self.endpoint).iam_endpoint(&*self.endpoint);
        builder.project_id(&*self.emulator.config().project_id).retries(Retries::none())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().credentials(ges_client::credentials::Token::new(TOKEN).unwrap()).build().unwrap()
    }

    /// A request to the control API.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> String {
        let request = http::Request::builder().method(method).uri(format!("/_emulator/{path}"));
        let answer = self.emulator.answer(request.body(bytes::Bytes::from(body.to_owned())).unwrap());
        String::from_utf8(answer.body().to_vec()).unwrap()
    }
}
