//! https with a given and with a self-signed certificate.

use crate::wire::{Answer, PATIENCE, Server, with_token};
use ges_emulator::{Config, Limits, Listeners, Tls};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

const HEALTH: &str = "GET /_emulator/health";

async fn start(tls: &Tls, limits: Limits) -> Server {
    let service = TcpListener::bind("127.0.0.1:0").await.expect("what a test needs");
    let listeners = Listeners { service, control: None, tls: Some(tls.clone()) };
    Server::start_on(listeners, Config { limits, ..Config::default() }).await
}

/// Connects as a client that trusts this certificate and no other.
async fn connect(
    server: &Server,
    trusted: &str,
    name: &'static str,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.as_bytes()).expect("what a test needs"))
        .expect("what a test needs");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .expect("what a test needs")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from(name).expect("what a test needs"), server.connect().await)
        .await
}

async fn status(stream: &mut TlsStream<TcpStream>) -> u16 {
    stream.write_all(with_token(HEALTH, "").as_bytes()).await.expect("what a test needs");
    Answer::read(stream).await.expect("what a test needs").status
}

#[tokio::test]
async fn a_self_signed_certificate_is_valid_for_localhost_and_the_given_names() {
    let tls = Tls::self_signed(["ges.example".to_owned(), "192.0.2.7".to_owned()]).unwrap();
    let server = start(&tls, Limits::default()).await;
    for name in ["localhost", "127.0.0.1", "::1", "ges.example", "192.0.2.7"] {
        for version in [&TLS12, &TLS13] {
            let mut stream = connect(&server, tls.certificate_pem(), name, version).await.expect(name);
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
            assert_eq!((status(&mut stream).await, status(&mut stream).await), (200, 200), "{name}");
        }
    }
    assert!(connect(&server, tls.certificate_pem(), "another.example", &TLS13).await.is_err());
    let another = Tls::self_signed([]).unwrap();
    assert!(connect(&server, another.certificate_pem(), "localhost", &TLS13).await.is_err());
}

#[tokio::test]
async fn a_given_certificate_is_used_unchanged() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["ges.example".to_owned()]).unwrap();
    let tls = Tls::from_pem(cert.pem().as_bytes(), signing_key.serialize_pem().as_bytes()).unwrap();
    let server = start(&tls, Limits::default()).await;
    let mut stream = connect(&server, &cert.pem(), "ges.example", &TLS13).await.unwrap();
    assert_eq!(status(&mut stream).await, 200);
}

#[test]
fn invalid_certificates_and_keys_are_told_apart() {
    let pair = || generate_simple_self_signed(["ges.example".to_owned()]).unwrap();
    let (one, other) = (pair(), pair());
    let (certificate, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let mangled = certificate.replace("MII", "M!!");
    for (certificate, key, expected) in [
        (&*certificate, &*other.signing_key.serialize_pem(), "the private key does not belong to the certificate"),
        (&*key, &*certificate, "no certificate found"),
        ("", &*key, "no certificate found"),
        (&*certificate, "nonsense", "no private key found"),
        (&*certificate, &*encrypted, "the private key is encrypted"),
        (&*mangled, &*key, "the certificate is not PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &*key, "cannot be used"),
    ] {
        let error = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(!error.contains(key.trim()) || key.trim().is_empty(), "{error}");
    }
    assert!(Tls::self_signed(["not a name\u{7f}é".to_owned()]).is_err());
}

#[test]
fn the_fingerprint_is_that_of_the_certificate() {
    let one = Tls::self_signed([]).unwrap();
    let print = one.fingerprint();
    assert_eq!((print.len(), print.matches(':').count()), (95, 31), "{print}");
    assert_ne!(print, Tls::self_signed([]).unwrap().fingerprint());
    // The key is nowhere in it.
    assert_eq!(format!("{one:?}"), format!("Tls {{ fingerprint: \"{print}\", .. }}"));
}

#[tokio::test]
async fn plain_http_on_an_https_listener_gets_an_explanation() {
    let server = start(&Tls::self_signed([]).unwrap(), Limits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(with_token(HEALTH, "").as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an end");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https"), "{answer}");
}

#[tokio::test]
async fn an_incomplete_handshake_times_out() {
    let limits = Limits { head_timeout: Duration::from_millis(50), ..Limits::default() };
    let tls = Tls::self_signed([]).unwrap();
    let server = start(&tls, limits).await;
    for beginning in [b"".as_slice(), b"\x16\x03\x01\x02\x00\x01", b"\0"] {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.expect("an end");
    }
    let mut stream = connect(&server, tls.certificate_pem(), "localhost", &TLS13).await.unwrap();
    assert_eq!(status(&mut stream).await, 200);
}
