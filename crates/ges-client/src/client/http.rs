//! Sets up the HTTP client.

use std::time::Duration;

use crate::error::Error;

/// A connection that was idle for longer is not used again: the service may be about to close it, and a request lost that
/// way may or may not have been read.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// An HTTP client that follows no redirect and repeats no request. `with_tls`: whether it will speak https.
pub(super) fn client(
    with_tls: bool,
    timeout: Duration,
    connect_timeout: Duration,
    root_certificates: &[u8],
) -> Result<reqwest::Client, Error> {
    if !cfg!(any(feature = "rustls", feature = "native-tls")) && (with_tls || !root_certificates.is_empty()) {
        return Err(Error::invalid("https needs the feature `rustls` or `native-tls` of ges-client"));
    }
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // `call` alone decides what is repeated. With `never` only, reqwest would still copy each request.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .timeout(timeout);
    // Without `no_proxy`, every call looks up whether its host goes through a proxy.
    let builder = if may_have_proxy() { builder } else { builder.no_proxy() };
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_preconfigured(crate::tls::config(with_tls, root_certificates)?);
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    let builder = {
        let certificates = reqwest::Certificate::from_pem_bundle(root_certificates);
        let certificates =
            certificates.map_err(|error| Error::invalid("the root certificates are not PEM").caused_by(error))?;
        builder.tls_backend_native().tls_certs_merge(certificates)
    };
    builder.build().map_err(|error| Error::invalid("the HTTP client cannot be set up").caused_by(error))
}

/// Whether the environment or the system could name a proxy. Windows and macOS also have settings outside the environment.
fn may_have_proxy() -> bool {
    const VARIABLES: [&str; 3] = ["all_proxy", "http_proxy", "https_proxy"];
    let is_set = |name: &str| std::env::var_os(name).or_else(|| std::env::var_os(name.to_uppercase())).is_some();
    cfg!(any(target_vendor = "apple", windows)) || VARIABLES.into_iter().any(is_set)
}
