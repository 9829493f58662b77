//! TLS settings: rustls with ring, whatever the rest of the program uses.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::error::Error;

/// Settings with their own cryptography provider, so that the process needs none.
///
/// `is_used`: whether any endpoint is https. If not, the certificates of the system are not loaded.
pub(crate) fn config(is_used: bool, extra_roots: &[u8]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::invalid("TLS cannot be set up").caused_by(error))?;
    let mut config = if is_used {
        let extra = CertificateDer::pem_slice_iter(extra_roots).collect::<Result<Vec<_>, _>>();
        let extra = extra.map_err(|error| Error::invalid("the root certificates are not PEM").caused_by(error))?;
        let verifier = Verifier::new_with_extra_roots(extra, provider).map_err(|error| {
            Error::invalid("the certificates that the system trusts cannot be loaded").caused_by(error)
        })?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    } else {
        builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
