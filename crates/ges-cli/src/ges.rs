//! The program `ges`, for the commands that it shares with `specwright`: its documentation, endpoint and credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance_engine::plan::Naming;
use ges_client::credentials::{Found, FoundCredentials, Place};
use ges_conformance::{Given, Operation};
use secrecy::SecretString;
use specwright::Failure;
use specwright::program::{Credentials, Documentation, Documented, Embedded, Program, Service, Use, Variables, Words};

use crate::connection::{self, CredentialFlags, TOKEN};
use crate::embedded;
use crate::signing::Signer;

/// The program `ges`.
pub(crate) enum Ges {}

impl Program for Ges {
    const NAME: &'static str = "ges";
    const VARIABLES: Variables = Variables {
        token: TOKEN,
        signature: "GES_SIGNATURE",
        credential: "GES_CREDENTIAL_",
        flags: &[("token", TOKEN)],
    };
    const WORDS: Words = Words {
        resource: "graph",
        resource_flag: "graph-id",
        state: "a running graph",
        given: "an importing graph=ID",
        given_more: "a stopped graph with a backup=ID,backup_id=B",
        set: "upgradeVersion=2.3.4",
        cases: "stop_graph/*",
        endpoint: "https://ges.example.net",
        disruption: "stop, restart and upgrade graphs",
    };
    const PROVIDER_STATES: &'static str = "http://127.0.0.1:8080/_emulator/provider-states";
    type Documentation = Pages;
    type Service = ConformFlags;

    fn call(command: &str) -> String {
        match command {
            "replay" | "merge" | "export" => format!("ges conform {command}"),
            _ => format!("ges {command}"),
        }
    }

    fn disruption(operation: &str) -> Option<&'static str> {
        Operation::from_id(operation).and_then(Operation::disruption)
    }
}

/// The documentation is compiled in.
#[derive(clap::Args)]
pub(crate) struct Pages {}

impl Documentation for Pages {
    fn read(&self) -> Result<Documented, Failure> {
        let names = |given: Given| given.values().iter().map(|name| (*name).to_owned()).collect();
        let needed: BTreeMap<String, Vec<String>> =
            Given::ALL.into_iter().map(|given| (given.id().to_owned(), names(given))).collect();
        Ok(Documented {
            suite: ges_conformance::suite().map_err(Failure::cannot_start)?,
            contract: ges_conformance::contract().map_err(Failure::cannot_start)?,
            needed,
            // The document goes to mocks with one operation per path.
            naming: Naming::Merged,
        })
    }
}

/// The service and the credentials of `ges conform`.
#[derive(clap::Args)]
pub(crate) struct ConformFlags {
    #[command(flatten)]
    service: connection::Service,
    #[command(flatten)]
    proof: CredentialFlags,
}

impl Service for ConformFlags {
    const EMBEDDED: Option<&'static str> = Some("emulator");

    fn endpoint(&self) -> Result<Option<String>, Failure> {
        self.service.endpoint()
    }

    /// Users cannot sign in here, and the profile file in the home directory is not read: the endpoint under test may not be
    /// trusted with its keys.
    fn credentials(&self, used: Use) -> Result<Credentials, Failure> {
        if self.proof.has_keys() && used == Use::Embedded {
            return Err(Failure::usage("--ak and --profile require an endpoint\nhint: add --endpoint URL"));
        }
        // The keys in the environment are for GES, not for a mock of it.
        let places = match used {
            Use::Endpoint => &[Place::Token, Place::Keys, Place::NamedProfile][..],
            Use::Mock | Use::Embedded => &[Place::Token],
        };
        let found = self.proof.find(places)?;
        let project = self.service.project_id(found.as_ref())?;
        let mut credentials = match found.map(|found: Found| found.credentials) {
            Some(FoundCredentials::Token(token)) => {
                Credentials { token: Some(SecretString::from(token.expose_secret())), ..Credentials::default() }
            }
            Some(FoundCredentials::Keys(keys)) => {
                Credentials { signer: Some(Arc::new(Signer(keys))), ..Credentials::default() }
            }
            // `find` does not look for users in these places.
            Some(FoundCredentials::Password(_)) | None => Credentials::default(),
        };
        credentials.values.extend(project.map(|project| ("project_id".to_owned(), project)));
        Ok(credentials)
    }

    fn lacks_credentials(&self, what: &str) -> Result<(), Failure> {
        Err(Failure::cannot_start(format!(
            "{what}; nothing was sent\n\
             hint: add --token-file FILE, --ak AK with --sk-file FILE, or --profile FILE; or set {TOKEN}, or \
             HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"
        )))
    }

    async fn embedded(&self, token: Option<SecretString>) -> Result<Embedded, Failure> {
        embedded::start(token).await
    }
}
