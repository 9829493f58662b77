#![doc = include_str!("../README.md")]

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::fmt;
use std::net::IpAddr;

/// The proxies that the environment names. Its `Debug` shows no value, which may hold a password.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Setting>,
    https: Option<Setting>,
    /// The value of `NO_PROXY`.
    exceptions: String,
}

/// A variable with its value.
#[derive(Clone)]
struct Setting {
    variable: &'static str,
    value: String,
}

/// A proxy to go through. Its `Display` is for people: the address without user and password, and the variable.
#[derive(Clone)]
pub struct Proxy {
    setting: Setting,
    intercept: Intercept,
}

/// A variable that names no usable proxy. The message does not repeat the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyError {
    variable: &'static str,
    problem: &'static str,
}

impl Proxies {
    /// What the variables of this process say.
    pub fn from_environment() -> Self {
        Self::from_variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// What these variables say. `variable` returns the value of a variable that is set.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            let mut found = names.into_iter().filter_map(|variable_name| {
                let value = variable(variable_name)?.trim().to_owned();
                (!value.is_empty()).then_some(Setting { variable: variable_name, value })
            });
            found.next()
        };
        let all = first(["ALL_PROXY", "all_proxy"]);
        // A CGI program has the headers of its request as variables, `Proxy: …` as this one (CVE-2016-5385). Names have no
        // case on Windows.
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let http = match is_cgi {
            false => first(["HTTP_PROXY", "http_proxy"]),
            true if cfg!(windows) => None,
            true => first(["http_proxy"; 2]),
        };
        Self {
            http: http.or_else(|| all.clone()),
            https: first(["HTTPS_PROXY", "https_proxy"]).or(all),
            exceptions: first(["NO_PROXY", "no_proxy"]).map(|setting| setting.value).unwrap_or_default(),
        }
    }

    /// The proxy for requests to a host; `None` if they go straight to it. `host` is a name or an address, with or without
    /// brackets.
    ///
    /// # Errors
    /// The variable that counts names no proxy that can be used.
    pub fn for_host(&self, is_https: bool, host: &str, port: u16) -> Result<Option<Proxy>, ProxyError> {
        let Some(setting) = (if is_https { &self.https } else { &self.http }) else { return Ok(None) };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = host.strip_suffix('.').unwrap_or(host);
        if is_this_machine(host) || self.is_exempt(host, port) {
            return Ok(None);
        }
        let wrong = |problem| ProxyError { variable: setting.variable, problem };
        let not_one = || wrong("is not the address of a proxy");
        let intercept = intercept(&setting.value).ok_or_else(not_one)?;
        let authority = intercept.uri().authority().ok_or_else(not_one)?;
        // A port that is none would count as missing.
        if authority.as_str() != authority.host() && authority.port_u16().is_none() {
            return Err(not_one());
        }
        if !matches!(intercept.uri().scheme_str(), Some("http" | "https")) {
            return Err(wrong("names a SOCKS proxy, which cannot be used"));
        }
        Ok(Some(Proxy { setting: setting.clone(), intercept }))
    }

    /// Whether `NO_PROXY` names the host.
    fn is_exempt(&self, host: &str, port: u16) -> bool {
        let mut entries = Vec::new();
        for entry in self.exceptions.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry == "*" {
                return true;
            }
            let (entry, of_port) = without_port(entry);
            if of_port.is_none_or(|of_port| of_port == port) {
                let entry = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
                entries.push(entry.strip_suffix('.').unwrap_or(entry));
            }
        }
        // The proxy does not matter here: is there one for this host?
        let shown = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let destination = format!("http://{shown}/").parse::<Uri>();
        let matcher = Matcher::builder().http("http://proxy").no(entries.join(",")).build();
        destination.is_ok_and(|destination| matcher.intercept(&destination).is_none())
    }
}

/// How hyper-util reads a proxy.
fn intercept(proxy: &str) -> Option<Intercept> {
    Matcher::builder().all(proxy).build().intercept(&Uri::from_static("http://any/"))
}

/// An entry of `NO_PROXY`, and its port if it has one.
fn without_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        // Two colons: an address without brackets.
        _ => (entry, None),
    }
}

/// Loopback, and the addresses that stand for all of a machine.
fn is_this_machine(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    // RFC 6761, 6.3.
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

impl Proxy {
    /// Whether the proxy itself is spoken to by https.
    pub fn is_https(&self) -> bool {
        self.intercept.uri().scheme_str() == Some("https")
    }

    /// A name or an address; an IPv6 address has brackets.
    pub fn host(&self) -> &str {
        self.intercept.uri().host().unwrap_or_default()
    }

    /// The port; of an address without one the usual port of its scheme.
    pub fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        self.intercept.uri().port_u16().unwrap_or(usual)
    }

    /// The value of `Proxy-Authorization`, if the variable has a user.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.intercept.basic_auth()
    }

    /// The value of the variable with its scheme, **with the password**: for a library that reads it as well.
    pub fn secret_url(&self) -> String {
        let value = &self.setting.value;
        if value.contains("://") { value.clone() } else { format!("http://{value}") }
    }

    /// The variable that names it.
    pub fn variable(&self) -> &'static str {
        self.setting.variable
    }
}

impl ProxyError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "write it as http://HOST:PORT, or name the host in NO_PROXY"
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https() { "https" } else { "http" };
        write!(f, "{scheme}://{}:{} ({})", self.host(), self.port(), self.variable())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |setting: &Option<Setting>| setting.as_ref().map(|setting| setting.variable);
        f.debug_struct("Proxies")
            .field("http", &name(&self.http))
            .field("https", &name(&self.https))
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}\nhint: {}", self.variable, self.problem, self.hint())
    }
}

impl std::error::Error for ProxyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let found =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Proxies::from_variables(found)
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], destination: &str, expected: Option<&str>) {
        let (scheme, rest) = destination.split_once("://").expect("a scheme");
        let (host, port) = rest.rsplit_once(':').expect("a port");
        let found = proxies(variables).for_host(scheme == "https", host, port.parse().expect("a port"));
        let found = found.expect("a usable value").map(|proxy| proxy.to_string());
        assert_eq!(found.as_deref(), expected, "{destination} with {variables:?}");
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let https = ("HTTPS_PROXY", "http://s:1");
        let http = ("HTTP_PROXY", "http://h:2");
        let all = ("ALL_PROXY", "http://a:3");
        check(&[https, http, all], "https://x.example:443", Some("http://s:1 (HTTPS_PROXY)"));
        check(&[https, http, all], "http://x.example:80", Some("http://h:2 (HTTP_PROXY)"));
        check(&[https], "http://x.example:80", None);
        check(&[http], "https://x.example:443", None);
        check(&[all], "http://x.example:80", Some("http://a:3 (ALL_PROXY)"));
        check(&[http, all], "https://x.example:443", Some("http://a:3 (ALL_PROXY)"));
        check(&[("all_proxy", "a:3")], "https://x.example:443", Some("http://a:3 (all_proxy)"));
        check(&[("http_proxy", "h"), ("HTTP_PROXY", "")], "http://x.example:80", Some("http://h:80 (http_proxy)"));
        check(&[("https_proxy", "https://h"), https], "https://x.example:1", Some("http://s:1 (HTTPS_PROXY)"));
        check(&[("https_proxy", "https://h")], "https://x.example:1", Some("https://h:443 (https_proxy)"));
        check(&[], "http://x.example:80", None);
        check(&[("HTTP_PROXY", "  ")], "http://x.example:80", None);
    }

    #[test]
    fn a_header_of_a_caller_is_no_variable() {
        let cgi = ("REQUEST_METHOD", "GET");
        check(&[("HTTP_PROXY", "h:1"), cgi], "http://x.example:80", None);
        check(
            &[("HTTP_PROXY", "h:1"), ("ALL_PROXY", "a:2"), cgi],
            "http://x.example:80",
            Some("http://a:2 (ALL_PROXY)"),
        );
        check(&[("HTTPS_PROXY", "h:1"), cgi], "https://x.example:443", Some("http://h:1 (HTTPS_PROXY)"));
        #[cfg(not(windows))]
        check(&[("http_proxy", "h:1"), cgi], "http://x.example:80", Some("http://h:1 (http_proxy)"));
    }

    #[test]
    fn loopback_goes_through_no_proxy() {
        for host in [
            "localhost",
            "LocalHost",
            "localhost.",
            "a.localhost",
            "127.0.0.1",
            "127.255.255.254",
            "[::1]",
            "::1",
            "0:0:0:0:0:0:0:1",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "[::]",
        ] {
            for scheme in ["http", "https"] {
                check(&[("ALL_PROXY", "http://p:1")], &format!("{scheme}://{host}:8080"), None);
            }
        }
        for host in ["localhost.example", "notlocalhost", "127.0.0.1.example", "128.0.0.1", "[::2]", "10.0.0.1"] {
            check(&[("ALL_PROXY", "http://p:1")], &format!("http://{host}:8080"), Some("http://p:1 (ALL_PROXY)"));
        }
        // Not even a value that cannot be used matters there.
        check(&[("ALL_PROXY", "socks5://p:1")], "http://127.0.0.1:80", None);
    }

    #[test]
    fn exceptions_go_through_no_proxy() {
        for (exceptions, host, is_exempt) in [
            ("*", "x.example", true),
            ("*", "192.0.2.1", true),
            ("a, *", "[2001:db8::1]", true),
            ("x.example", "x.example", true),
            ("x.example", "X.Example", true),
            ("x.example", "x.example.", true),
            ("x.example", "a.x.example", true),
            ("x.example", "notx.example", false),
            (".x.example", "x.example", true),
            (".x.example", "a.x.example", true),
            ("*.x.example", "a.x.example", true),
            ("a.x.example", "x.example", false),
            ("b, x.example", "x.example", true),
            ("b x.example", "x.example", true),
            ("b,,x.example,", "x.example", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.2.200", true),
            ("192.0.2.0/24", "192.0.3.1", false),
            ("2001:db8::1", "[2001:db8::1]", true),
            ("[2001:db8::1]", "[2001:db8::1]", true),
            ("2001:db8::/32", "[2001:db8::7]", true),
            ("x.example:8080", "x.example", true),
            ("x.example:8081", "x.example", false),
            ("[2001:db8::1]:8080", "[2001:db8::1]", true),
            ("[2001:db8::1]:1", "[2001:db8::1]", false),
            ("192.0.2.1:8080", "192.0.2.1", true),
            ("", "x.example", false),
            ("http://x.example", "x.example", false),
        ] {
            for name in ["NO_PROXY", "no_proxy"] {
                let expected = (!is_exempt).then_some("http://p:1 (HTTP_PROXY)");
                check(&[("HTTP_PROXY", "p:1"), (name, exceptions)], &format!("http://{host}:8080"), expected);
            }
        }
    }

    #[test]
    fn a_value_that_cannot_be_used_is_an_error_and_not_repeated() {
        for (value, problem) in [
            ("socks5://me:hunter2@p:1080", "names a SOCKS proxy"),
            ("socks4a://p", "names a SOCKS proxy"),
            ("ftp://me:hunter2@p:1", "is not the address of a proxy"),
            ("http://", "is not the address of a proxy"),
            ("http://me:hunter2@p:port", "is not the address of a proxy"),
            ("http://p:99999", "is not the address of a proxy"),
            ("http://p p", "is not the address of a proxy"),
            ("/var/run/proxy", "is not the address of a proxy"),
        ] {
            let error =
                proxies(&[("HTTP_PROXY", value)]).for_host(false, "x.example", 80).expect_err(value).to_string();
            assert!(
                error.starts_with("HTTP_PROXY ") && error.contains(problem) && error.contains("\nhint: "),
                "{error}"
            );
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_password_is_sent_and_never_shown() {
        let proxies = proxies(&[("ALL_PROXY", "me:hunt%65r2@p:1")]);
        let proxy = proxies.for_host(true, "x.example", 443).expect("usable").expect("a proxy");
        assert_eq!(proxy.authorization().map(HeaderValue::as_bytes), Some(b"Basic bWU6aHVudGVyMg==".as_slice()));
        assert_eq!(proxy.secret_url(), "http://me:hunt%65r2@p:1");
        let shown = format!("{proxy} {proxy:?} {proxies:?}");
        assert!(!shown.contains("hunt") && !shown.contains("bWU6"), "{shown}");
    }
}
