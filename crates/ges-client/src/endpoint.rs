//! Addresses of GES and IAM, given as a region or as a URL.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::error::Error;

/// A region of Huawei Cloud, such as `cn-north-4`; the endpoints of GES and IAM follow from it.
///
/// ```
/// let region: ges_client::Region = "eu-west-101".parse()?;
/// assert_eq!(region.ges_endpoint(), "https://ges.eu-west-101.myhuaweicloud.eu");
/// # Ok::<(), ges_client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region(String);

impl Region {
    /// The name of the region.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The endpoint of GES in this region.
    pub fn ges_endpoint(&self) -> String {
        self.endpoint("ges")
    }

    /// The endpoint of IAM in this region.
    pub fn iam_endpoint(&self) -> String {
        self.endpoint("iam")
    }

    /// Source: reference, section 4, "Transport": `ges.REGION.myhuaweicloud.com`, for `eu-` regions `.eu`.
    fn endpoint(&self, service: &str) -> String {
        let domain = if self.0.starts_with("eu-") { "eu" } else { "com" };
        format!("https://{service}.{}.myhuaweicloud.{domain}", self.0)
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(name: &str) -> Result<Region, Error> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Error::invalid(format!("`{name}` is not a region")).with_hint("a region looks like cn-north-4"));
        }
        Ok(Region(name.to_owned()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks and parses an endpoint: an http or https URL of scheme, host, port and path, without user, query or fragment.
///
/// [`ClientBuilder::endpoint`](crate::ClientBuilder::endpoint) accepts the same URLs.
///
/// # Errors
/// The text is not such a URL. The error does not repeat it, because it may hold a password.
pub fn parse_endpoint(text: &str) -> Result<Url, Error> {
    parse("endpoint", text)
}

pub(crate) fn parse(what: &str, text: &str) -> Result<Url, Error> {
    let hint = "it looks like https://ges.cn-north-4.myhuaweicloud.com";
    if text.trim().is_empty() {
        return Err(Error::invalid(format!("the {what} is empty")).with_hint(hint));
    }
    let url = Url::parse(text)
        .map_err(|error| Error::invalid(format!("the {what} is not a URL")).caused_by(error).with_hint(hint))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Error::invalid(format!("the {what} must begin with https:// or http://")).with_hint(hint));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(
            Error::invalid(format!("the {what} must consist of scheme, host, port and path only")).with_hint(hint)
        );
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_of_a_region_is_eu_in_europe_and_com_elsewhere() {
        for (region, ges, iam) in [
            ("cn-north-4", "https://ges.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"),
            ("eu-west-101", "https://ges.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"),
            ("europe", "https://ges.europe.myhuaweicloud.com", "https://iam.europe.myhuaweicloud.com"),
        ] {
            let region: Region = region.parse().unwrap();
            assert_eq!((region.ges_endpoint(), region.iam_endpoint()), (ges.to_owned(), iam.to_owned()));
        }
        for name in ["", "nowhere.example", "a b", "cn-north-4/"] {
            assert!(name.parse::<Region>().unwrap_err().is_invalid(), "{name}");
        }
    }

    #[test]
    fn an_endpoint_is_scheme_host_port_and_path() {
        for text in ["http://127.0.0.1:8080", "https://ges.example.net/cloud/ges/", "http://[::1]:1/"] {
            assert!(parse_endpoint(text).is_ok(), "{text}");
        }
        for text in ["", " ", "ges.example.net", "ftp://a", "https://u:p@a", "https://a?b", "https://a#b", "http://"] {
            assert!(parse_endpoint(text).unwrap_err().is_invalid(), "{text}");
        }
    }
}
