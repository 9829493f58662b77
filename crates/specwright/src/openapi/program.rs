//! The program `specwright`: any document, any endpoint.

use std::path::PathBuf;

use clap::ValueHint;
use secrecy::SecretString;

use super::DocumentFlags;
use crate::Failure;
use crate::output::console::talk;
use crate::program::{Credentials, Embedded, Program, Service, Use, Variables, Words};
use crate::value::secret::secret;

/// The variable of the token.
const TOKEN: &str = "SPECWRIGHT_TOKEN";
/// The variable of the endpoint.
const ENDPOINT: &str = "SPECWRIGHT_ENDPOINT";

/// The program `specwright`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specwright {}

impl Program for Specwright {
    const NAME: &'static str = "specwright";
    const VARIABLES: Variables = Variables {
        token: TOKEN,
        signature: "SPECWRIGHT_SIGNATURE",
        credential: "SPECWRIGHT_CREDENTIAL_",
        flags: &[("endpoint", ENDPOINT), ("token", TOKEN)],
    };
    const WORDS: Words = Words {
        resource: "resource",
        resource_flag: "resource",
        state: "a paid order",
        given: "a paid order=ID",
        given_more: "a paid order=ID,invoice_id=I",
        set: "region=eu-1",
        cases: "createOrder/*",
        endpoint: "https://api.example.net",
        disruption: "change and delete what is there",
    };
    type Documentation = DocumentFlags;
    type Service = ServiceFlags;

    fn call(command: &str) -> String {
        match command {
            "conform" | "replay" | "observe" | "export" => format!("specwright {command} openapi.yaml"),
            _ => format!("specwright {command}"),
        }
    }
}

/// The endpoint and the token.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Connection")]
pub struct ServiceFlags {
    /// Endpoint to check: scheme, host, port and the base path, if there is one [env: SPECWRIGHT_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    endpoint: Option<String>,
    /// Token for the credential that the document asks for; prefer --token-file or the environment, because other users
    /// can see command lines [env: SPECWRIGHT_TOKEN]
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<SecretString>,
    /// File with the token; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    token_file: Option<PathBuf>,
}

impl Service for ServiceFlags {
    const EMBEDDED: Option<&'static str> = None;

    fn endpoint(&self) -> Result<Option<String>, Failure> {
        // A variable that is set and empty is a mistake in a script: it does not count as unset.
        Ok(self.endpoint.clone().or_else(|| std::env::var(ENDPOINT).ok()))
    }

    fn credentials(&self, _: Use) -> Result<Credentials, Failure> {
        let exported = || std::env::var(TOKEN).ok().filter(|token| !token.is_empty()).map(SecretString::from);
        let token = match (&self.token, &self.token_file) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(path)) => Some(secret(path)?),
            (None, None) => exported(),
        };
        Ok(Credentials { token, ..Credentials::default() })
    }

    fn lacks_credentials(&self, what: &str) -> Result<(), Failure> {
        talk(format_args!("warning: {what}\nhint: add --token-file FILE, or --credential NAME=VALUE; or set {TOKEN}"));
        Ok(())
    }

    async fn embedded(&self, _: Option<SecretString>) -> Result<Embedded, Failure> {
        Err(Failure::usage("no endpoint to check\nhint: add --endpoint URL"))
    }
}
