//! Sets up the HTTP client.

use std::time::Duration;

use environment_proxy::{Proxies, Proxy, ProxyError};
use reqwest::Url;

use crate::error::Error;

/// A connection that was idle for longer is not used again: the service may be about to close it, and a request lost that
/// way may or may not have been read.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// An HTTP client that follows no redirect and repeats no request, for calls to these addresses. It goes through the proxies of
/// the environment, but to loopback through none ([`environment_proxy`]).
pub(super) fn client<'u>(
    urls: impl IntoIterator<Item = &'u Url>,
    timeout: Duration,
    connect_timeout: Duration,
    root_certificates: &[u8],
) -> Result<reqwest::Client, Error> {
    let proxies = Proxies::from_environment();
    let (mut with_tls, mut has_proxy) = (false, false);
    for url in urls {
        let proxy = proxy_for(&proxies, url).map_err(|error| {
            let hint = error.hint();
            Error::invalid(error.to_string().split("\nhint").next().unwrap_or_default()).with_hint(hint)
        })?;
        with_tls |= url.scheme() == "https" || proxy.as_ref().is_some_and(Proxy::is_https);
        has_proxy |= proxy.is_some();
    }
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
    // reqwest's own rule would send tokens through a proxy to loopback. With a proxy, every call looks up whether its host goes
    // through it.
    let builder = builder.no_proxy();
    let builder = match has_proxy {
        false => builder,
        true => builder.proxy(reqwest::Proxy::custom(move |url| {
            proxy_for(&proxies, url).ok().flatten().map(|proxy| proxy.secret_url())
        })),
    };
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

/// The proxy for an address.
fn proxy_for(proxies: &Proxies, url: &Url) -> Result<Option<Proxy>, ProxyError> {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    proxies.for_host(url.scheme() == "https", host, port)
}
