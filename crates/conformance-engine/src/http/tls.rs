//! TLS: the certificates to trust, and wrapping a connection. Without the feature `tls` both say that they cannot.

pub(crate) use imp::Tls;

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes in both directions.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Why a connection could not be wrapped.
pub(crate) struct TlsError {
    pub(crate) message: String,
    /// The other side does not seem to speak TLS at all.
    pub(crate) is_no_tls: bool,
}

#[cfg(feature = "tls")]
mod imp {
    use std::io;
    use std::path::Path;
    use std::sync::Arc;

    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

    use super::{Stream, TlsError};
    use crate::http::address::Host;

    /// A TLS client with its trust settled.
    #[derive(Clone)]
    pub(crate) struct Tls(TlsConnector);

    impl Tls {
        /// Trusts what the system trusts, and the certificates in the PEM file `extra`.
        pub(crate) fn new(extra: Option<&Path>) -> Result<Self, String> {
            let mut roots = RootCertStore::empty();
            let native = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(native.certs);
            if let Some(path) = extra {
                let shown = path.display();
                let cannot = |error: &dyn std::fmt::Display| format!("cannot read certificates from {shown}: {error}");
                let mut count = 0;
                for certificate in CertificateDer::pem_file_iter(path).map_err(|error| cannot(&error))? {
                    let certificate = certificate.map_err(|error| cannot(&error))?;
                    roots.add(certificate).map_err(|error| cannot(&error))?;
                    count += 1;
                }
                if count == 0 {
                    return Err(cannot(&"there are none in it"));
                }
            }
            if roots.is_empty() {
                return Err(
                    "the system trusts no certificate at all\nhint: give a file with the certificates to trust"
                        .to_owned(),
                );
            }
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Self(TlsConnector::from(Arc::new(config))))
        }

        pub(crate) async fn wrap<S: Stream>(&self, host: &Host, stream: S) -> Result<TlsStream<S>, TlsError> {
            let name = match host {
                Host::Ip(ip) => ServerName::from(*ip),
                Host::Name(name) => ServerName::try_from(name.clone())
                    .map_err(|error| TlsError { message: error.to_string(), is_no_tls: false })?,
            };
            let connected = self.0.connect(name, stream).await;
            connected.map_err(|error| TlsError { message: error.to_string(), is_no_tls: is_no_tls(&error) })
        }
    }

    /// A server of plain HTTP hangs up on a handshake, or answers it with a page.
    fn is_no_tls(error: &io::Error) -> bool {
        let source = error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>());
        error.kind() == io::ErrorKind::UnexpectedEof
            || matches!(source, Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
    }
}

#[cfg(not(feature = "tls"))]
mod imp {
    use std::path::Path;

    use super::{Stream, TlsError};
    use crate::http::address::Host;

    /// Cannot be made: this build has no TLS.
    #[derive(Clone)]
    pub(crate) enum Tls {}

    impl Tls {
        pub(crate) fn new(_extra: Option<&Path>) -> Result<Self, String> {
            Err("this build does not speak TLS\nhint: build with the feature `tls`".to_owned())
        }

        pub(crate) async fn wrap<S: Stream>(&self, _host: &Host, _stream: S) -> Result<S, TlsError> {
            match *self {}
        }
    }
}
