//! Issues and reads the tokens of a sign-in.
//!
//! A token contains its claims and ends in an HMAC, so the emulator stores nothing about tokens, and they outlive the
//! process. The key of the HMAC is derived from the seed and all secrets of the configuration: it is the same in the next
//! run, and as hard to guess as those secrets.

use crate::auth::signature::{SigningKey, hexadecimal};
use crate::service::clock::Timestamp;
use crate::service::id::RequestId;
use hmac::Mac;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::time::{Duration, SystemTime};
use subtle::ConstantTimeEq;

/// "valid 24 h" (reference: gateway facts).
pub(crate) const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Issues tokens and verifies them.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: SigningKey,
}

/// What a token was issued for.
#[derive(Debug, PartialEq)]
pub(crate) struct Claims {
    /// `None` if it is for a whole domain.
    pub(crate) project: Option<String>,
    pub(crate) at: Timestamp,
}

impl Claims {
    pub(crate) fn is_valid(&self, now: Timestamp) -> bool {
        now < self.at.plus(LIFETIME)
    }
}

/// What tokens begin with.
const MARK: &str = "emulated~";

impl Issuer {
    pub(crate) fn new<'a>(seed: u64, secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut key = SigningKey::new(&seed.to_be_bytes()).hmac();
        for secret in secrets {
            key.update(&(secret.len() as u64).to_be_bytes());
            key.update(secret.as_bytes());
        }
        Self { key: SigningKey::new(&key.finalize().into_bytes()) }
    }

    /// Different for every request.
    pub(crate) fn issue(&self, request: RequestId, claims: &Claims) -> String {
        let project = claims.project.as_deref().unwrap_or_default();
        let project = utf8_percent_encode(project, NON_ALPHANUMERIC);
        let mut token = format!("{MARK}{}~{request}~{project}", claims.at.millis());
        let code = self.code(&token);
        token.push('~');
        token.extend(code.map(char::from));
        token
    }

    /// `None` if the emulator did not issue the token.
    pub(crate) fn read(&self, token: &str) -> Option<Claims> {
        let (said, code) = token.starts_with(MARK).then(|| token.rsplit_once('~'))??;
        if !bool::from(self.code(said).ct_eq(code.as_bytes())) {
            return None;
        }
        let mut parts = said.split('~').skip(1);
        let millis = Duration::from_millis(parts.next()?.parse().ok()?);
        let project = percent_decode_str(parts.nth(1)?).decode_utf8().ok()?;
        Some(Claims {
            project: (!project.is_empty()).then(|| project.into_owned()),
            at: Timestamp::from_system(SystemTime::UNIX_EPOCH).plus(millis),
        })
    }

    fn code(&self, said: &str) -> [u8; 64] {
        let mut key = self.key.hmac();
        key.update(said.as_bytes());
        hexadecimal(&key.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::service::id::Ids;

    fn issuer(config: &Config) -> Issuer {
        Issuer::new(config.seed, config.authenticator().secrets())
    }

    fn issued(project: Option<&str>) -> Claims {
        let at = Timestamp::from_system(SystemTime::UNIX_EPOCH).plus(Duration::from_millis(1_545_053_474_500));
        Claims { project: project.map(str::to_owned), at }
    }

    #[test]
    fn a_token_contains_its_claims() {
        let issuer = issuer(&Config::default());
        for project in [None, Some("p1"), Some("a~b\r\n%é")] {
            let token = issuer.issue(Ids::new(0).request(), &issued(project));
            assert!(token.bytes().all(|b| b.is_ascii_graphic()), "{token}");
            assert_eq!(issuer.read(&token), Some(issued(project)), "{token}");
        }
    }

    #[test]
    fn a_token_that_was_not_issued_is_invalid() {
        let issuer = issuer(&Config::default());
        let token = issuer.issue(Ids::new(0).request(), &issued(Some("p1")));
        for wrong in [
            token.replace("p1", "p2"),
            token.replace("1545", "1546"),
            format!("{token}0"),
            token[..token.len() - 1].to_owned(),
            MARK.to_owned(),
            format!("{MARK}~~~"),
            String::new(),
        ] {
            assert_eq!(issuer.read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_of_another_configuration_is_invalid() {
        let secret = Config { users: vec!["ann:secret".parse().unwrap()], ..Config::default() };
        let token = issuer(&Config::default()).issue(Ids::new(0).request(), &issued(None));
        assert_eq!(issuer(&secret).read(&token), None);
        assert_eq!(issuer(&Config { seed: 1, ..Config::default() }).read(&token), None);
    }

    #[test]
    fn a_token_is_valid_for_a_day() {
        let issued = issued(None);
        let later = |seconds| issued.at.plus(Duration::from_secs(seconds));
        assert!(issued.is_valid(later(0)) && issued.is_valid(later(86_399)));
        assert!(!issued.is_valid(later(86_400)));
    }
}
