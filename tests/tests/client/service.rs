//! Clients for an emulator on a port of its own.

use ges_client::credentials::Token;
use ges_client::{Client, ClientBuilder, Retries};
use ges_emulator::Config;
use test_support::emulator::RunningEmulator;

pub(crate) use test_support::emulator::TOKEN;

pub(crate) struct Service(RunningEmulator);

impl std::ops::Deref for Service {
    type Target = RunningEmulator;

    fn deref(&self) -> &RunningEmulator {
        &self.0
    }
}

impl Service {
    pub(crate) fn start(config: Config) -> Service {
        Service(RunningEmulator::start(config))
    }

    pub(crate) fn with_token() -> Service {
        Service(RunningEmulator::with_token())
    }

    /// Without repetitions, so that a test sees each call.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().endpoint(&*self.endpoint).iam_endpoint(&*self.endpoint);
        builder.project_id(&*self.emulator.config().project_id).retries(Retries::none())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().credentials(Token::new(TOKEN).unwrap()).build().unwrap()
    }

    /// A request to the control API.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> String {
        let request = http::Request::builder().method(method).uri(format!("/_emulator/{path}"));
        let answer = self.emulator.answer(request.body(bytes::Bytes::from(body.to_owned())).unwrap());
        String::from_utf8(answer.body().to_vec()).unwrap()
    }
}
