//! What stands on a command line, in the environment or in a member of the control API: short texts with a grammar.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use conformance_engine::check::Level;
use conformance_engine::{Address, is_loopback};
use ges_emulator::{Fault, ProviderState, Transitions, User};
use url::{Host, Url};

/// Read or refused with a reason; what can be shown again is read again as the same.
pub fn words(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for text in text.lines() {
        shown_as_read::<Transitions>(text);
        shown_as_read::<Level>(text);
        shown_as_read::<ProviderState>(text);
        if let Err(error) = text.parse::<Fault>() {
            assert!(!error.to_string().is_empty());
        }
        if let Ok(user) = text.parse::<User>() {
            assert!(text.starts_with(&format!("{}:{}", user.name, user.password)));
        }
        address(text);
    }
}

fn shown_as_read<T: FromStr<Err: Display> + Display + Debug + PartialEq>(text: &str) {
    match text.parse::<T>() {
        Ok(read) => assert_eq!(read.to_string().parse::<T>().ok().as_ref(), Some(&read)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn address(text: &str) {
    match Address::endpoint(text) {
        Ok(address) => {
            let again = Address::endpoint(&address.to_string()).expect("what is shown is an address");
            assert_eq!(again.to_string(), address.to_string());
            assert_eq!(is_loopback(&again), is_loopback(&address), "{text}");
            // It guards what must reach nobody else: another reader must not see another host.
            let other = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let is_here = match other.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(ip)) => ip.is_loopback(),
                Some(Host::Ipv6(ip)) => ip.is_loopback(),
                None => false,
            };
            assert!(is_here || !is_loopback(&address), "{text} leads to {other}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
