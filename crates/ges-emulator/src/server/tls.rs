//! The certificate of https listeners.

#[cfg(feature = "tls")]
pub use with::{Tls, TlsError};
#[cfg(not(feature = "tls"))]
pub use without::Tls;

#[cfg(feature = "tls")]
mod with {
    use crate::server::stream::Transport;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
    use sha2::{Digest, Sha256};
    use std::fmt;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::{Error, ServerConfig};

    /// A certificate and its key: TLS 1.2 and 1.3, and HTTP/1.1 over it. Clones share them.
    ///
    /// With the feature `tls`, which is on by default; without it there is no way to make one.
    #[derive(Clone)]
    pub struct Tls {
        acceptor: TlsAcceptor,
        /// SHA-256.
        fingerprint: [u8; 32],
        pem: Arc<str>,
    }

    /// Why a certificate and a key cannot be used.
    #[derive(Debug)]
    pub struct TlsError(String);

    impl Tls {
        /// An issued certificate with its chain, and its private key (PKCS #8, PKCS #1 or SEC 1), both as PEM.
        ///
        /// # Errors
        ///
        /// If either is missing or unreadable, or they do not belong together.
        pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
            let pem = String::from_utf8_lossy(certificates);
            let chain = CertificateDer::pem_slice_iter(certificates)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| TlsError(format!("the certificate is not PEM: {error}")))?;
            if chain.is_empty() {
                let expected = "expected PEM, `-----BEGIN CERTIFICATE-----`";
                return Err(TlsError(format!("no certificate found: {expected}")));
            }
            let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
                pem::Error::NoItemsFound if contains(key, "ENCRYPTED PRIVATE KEY") => TlsError(
                    "the private key is encrypted\nhint: decrypt it with `openssl pkey -in KEY -out PLAIN_KEY`"
                        .to_owned(),
                ),
                pem::Error::NoItemsFound => {
                    TlsError("no private key found: expected PEM, `-----BEGIN PRIVATE KEY-----`".to_owned())
                }
                error => TlsError(format!("the private key is not PEM: {error}")),
            })?;
            Self::new(chain, key, &pem)
        }

        /// A new self-signed certificate for `localhost`, the loopback addresses and these names, each a host name or an
        /// IP address.
        ///
        /// # Errors
        ///
        /// If a name is not valid.
        pub fn self_signed(names: impl IntoIterator<Item = String>) -> Result<Self, TlsError> {
            let mut all: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
            all.extend(names);
            all.sort();
            all.dedup();
            let cannot = |error: rcgen::Error| TlsError(format!("cannot create a certificate: {error}"));
            let mut parameters = CertificateParams::new(all).map_err(cannot)?;
            let mut name = DistinguishedName::new();
            name.push(DnType::CommonName, "ges-emulator");
            parameters.distinguished_name = name;
            let key = KeyPair::generate().map_err(cannot)?;
            let certificate = parameters.self_signed(&key).map_err(cannot)?;
            Self::new(vec![certificate.der().clone()], PrivateKeyDer::from(key), &certificate.pem())
        }

        /// The first of the chain is the certificate itself.
        fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>, pem: &str) -> Result<Self, TlsError> {
            let fingerprint = chain.first().map(Sha256::digest).unwrap_or_default().into();
            let unusable = |error| match error {
                Error::InconsistentKeys(_) => TlsError("the private key does not belong to the certificate".to_owned()),
                error => TlsError(format!("the certificate or its private key cannot be used: {error}")),
            };
            let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(unusable)?
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .map_err(unusable)?;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint, pem: pem.into() })
        }

        /// The SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` writes it.
        pub fn fingerprint(&self) -> String {
            self.fingerprint.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
        }

        /// The certificate as PEM, for clients to trust.
        pub fn certificate_pem(&self) -> &str {
            &self.pem
        }

        /// `None` if the handshake fails.
        pub(crate) async fn accept(self, mut stream: TcpStream) -> Option<Transport> {
            let mut first = [0];
            if stream.peek(&mut first).await.ok()? == 1 && first[0].is_ascii_uppercase() {
                let _ = stream.write_all(NOT_HTTPS).await;
                let _ = stream.shutdown().await;
                // Unread bytes would cause a reset, and the response would be lost.
                while stream.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {}
                return None;
            }
            let stream = self.acceptor.accept(stream).await.ok()?;
            Some(Transport::Tls(Box::new(stream)))
        }
    }

    /// The response to a request that begins with a method instead of a TLS handshake.
    const NOT_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n\
        this listener accepts https only, and the request was plain http\n";

    fn contains(text: &[u8], what: &str) -> bool {
        text.windows(what.len()).any(|window| window == what.as_bytes())
    }

    impl fmt::Debug for Tls {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Tls").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
        }
    }

    impl fmt::Display for TlsError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl std::error::Error for TlsError {}
}

#[cfg(not(feature = "tls"))]
mod without {
    use crate::server::stream::Transport;
    use tokio::net::TcpStream;

    /// Without the feature `tls` there is no value of this type.
    #[derive(Clone, Debug)]
    pub enum Tls {}

    impl Tls {
        pub(crate) async fn accept(self, _: TcpStream) -> Option<Transport> {
            match self {}
        }
    }
}
