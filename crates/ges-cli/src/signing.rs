//! Signs the requests of `ges conform` with an access key, by the signer of ges-client.

use conformance_engine::{Secret, Sign, Unsigned};
use ges_client::credentials::Keys;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};

/// Signs requests with an access key. Its `Debug` shows no secret.
#[derive(Debug)]
pub(crate) struct Signer(pub(crate) Keys);

impl Sign for Signer {
    fn sign(&self, unsigned: &Unsigned<'_>) -> Result<Vec<(String, String)>, String> {
        let mut request = request(unsigned)?;
        let before = request.headers().clone();
        self.0.sign(&mut request).map_err(|error| error.to_string())?;
        let added = request.headers().iter().filter(|(name, _)| !before.contains_key(*name));
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(added.map(|(name, value)| (name.to_string(), text(value))).collect())
    }

    /// The security token of temporary keys; a signature is valid for one request only.
    fn secrets(&self) -> Vec<Secret> {
        let any = Unsigned { method: "GET", url: "http://localhost/", headers: &[], body: b"" };
        let added = self.sign(&any).unwrap_or_default().into_iter();
        added.filter(|(name, _)| name == "x-security-token").map(|(_, token)| Secret::new(token)).collect()
    }
}

/// The request as ges-client would make it.
fn request(unsigned: &Unsigned<'_>) -> Result<Request, String> {
    let method = unsigned.method.parse().map_err(|_| "invalid method".to_owned())?;
    let url = unsigned.url.parse().map_err(|error| format!("invalid URL: {error}"))?;
    let mut request = Request::new(method, url);
    for (name, value) in unsigned.headers {
        let name: HeaderName = name.parse().map_err(|_| format!("invalid header name `{name}`"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of the header `{name}` has a control character"))?;
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = Some(unsigned.body.to_vec().into());
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let Ok(keys) = Keys::new("an-access-key", "hunter2").security_token("hunter2") else { panic!("a valid token") };
        let shown = format!("{:?}", Signer(keys));
        assert!(shown.contains("an-access-key") && !shown.contains("hunter2"), "{shown}");
    }
}
