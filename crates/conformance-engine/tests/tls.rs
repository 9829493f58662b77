//! Which certificates a run over https trusts.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::io::{BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use conformance_engine::Address;
use conformance_engine::plan::Environment;
use conformance_engine::report::Verdict;
use conformance_engine::run::{Options, StartError};
use rcgen::generate_simple_self_signed;
use serde_json::json;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use support::{carry_out, suite_of};
use test_support::{Server, message, reply, write};

#[test]
fn a_certificate_from_the_file_is_trusted() {
    let (server, pem) = start();
    let path = file("trusted.pem", &pem);
    assert_eq!(verdict(&format!("HTTPS://localhost:{}", server.port()), Some(path)), Ok(Verdict::Passed));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let (server, _) = start();
    let (_, another) = start();
    let error =
        verdict(&format!("https://localhost:{}", server.port()), Some(file("another.pem", &another))).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let (server, pem) = start();
    let error = verdict(&format!("https://127.0.0.1:{}", server.port()), Some(file("name.pem", &pem))).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn a_file_without_certificates_is_named() {
    let error = verdict("https://localhost:1", Some(file("empty.pem", "nothing"))).unwrap_err().to_string();
    assert!(error.contains("empty.pem: there are none in it"), "{error}");
    let error = verdict("https://localhost:1", Some(PathBuf::from("/none.pem"))).unwrap_err().to_string();
    assert!(error.starts_with("cannot read certificates from /none.pem: "), "{error}");
}

#[test]
fn an_endpoint_without_tls_is_asked_about() {
    // Reads first: to close with bytes unread would be a reset.
    let hangs_up = Server::on_connection(|_, stream| _ = stream.read(&mut [0; 10_000]));
    let answers = Server::on_connection(|_, stream| {
        write(stream, reply("400 Bad Request", "", ""));
        _ = stream.read(&mut [0; 100]);
    });
    for server in [hangs_up, answers] {
        let error = verdict(&format!("https://localhost:{}", server.port()), None).unwrap_err().to_string();
        assert!(error.ends_with("\nhint: does the endpoint speak https?"), "{error}");
    }
}

fn verdict(endpoint: &str, ca_file: Option<PathBuf>) -> Result<Verdict, StartError> {
    let suite = suite_of(json!([{
        "id": "list/ok", "operation": "list", "request": {"method": "GET", "path": "/"}, "expected": {"status": 204},
    }]));
    let mut options = Options::new(Address::endpoint(endpoint).unwrap());
    options.ca_file = ca_file;
    carry_out(&suite, &Environment::default(), &options).map(|run| run.verdict)
}

/// A server with a certificate for `localhost`, which it signed itself.
fn start() -> (Server, String) {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let server = Server::on_connection(move |_, stream| {
        let connection = ServerConnection::new(Arc::new(config.clone())).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, stream));
        while message::read(&mut stream).is_some() {
            stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        }
    });
    (server, made.cert.pem())
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}
