//! The client speaks https, with certificates that it trusts only.

use ges_client::credentials::Token;
use ges_client::{Client, ClientBuilder, Retries};
use ges_emulator::{Config, ProviderState, Tls};
use test_support::emulator::{RunningEmulator, TOKEN};

fn service() -> (RunningEmulator, ClientBuilder, String) {
    let config = Config { tokens: vec![TOKEN.to_owned()], ..Config::default() };
    let tls = Tls::self_signed([]).unwrap();
    let certificate = tls.certificate_pem().to_owned();
    let service = RunningEmulator::start_tls(config, tls);
    let client = Client::builder().endpoint(&*service.endpoint).project_id(&*service.emulator.config().project_id);
    let client = client.credentials(Token::new(TOKEN).unwrap()).retries(Retries::none());
    (service, client, certificate)
}

#[tokio::test]
async fn a_certificate_of_ones_own_can_be_trusted() {
    let (service, client, certificate) = service();
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    client.root_certificates(certificate).build().unwrap().stop_graph(graph).send().await.unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "none was installed for the process");
}

#[tokio::test]
async fn one_that_nobody_vouches_for_is_not_talked_to() {
    let (service, client, _) = service();
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let error = client.build().unwrap().stop_graph(graph).send().await.unwrap_err();
    assert!(!error.may_have_taken_effect(), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn what_is_no_certificate_is_said_before_anything_is_sent() {
    let (_service, client, _) = service();
    let error = client.root_certificates("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").build();
    assert!(error.unwrap_err().to_string().contains("are not PEM"));
}
