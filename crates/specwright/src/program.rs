//! What a program that has these commands says of itself and of its API.

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance_engine::contract::Contract;
use conformance_engine::plan::Naming;
use conformance_engine::suite::Suite;
use conformance_engine::{Address, Sign, Values};
use secrecy::SecretString;

use crate::Failure;

/// A program that has the commands of this crate, for one API or for any.
pub trait Program: Send + Sync + 'static {
    /// Its name on a command line.
    const NAME: &'static str;
    /// The variables that its users export.
    const VARIABLES: Variables;
    /// The words of its API, for the help.
    const WORDS: Words;
    /// The flags that name the documentation.
    type Documentation: Documentation;
    /// The flags that name the endpoint and the credentials of `conform`.
    type Service: Service;

    /// How a command is called, with the document if the program takes one: `specwright replay openapi.yaml`.
    fn call(command: &str) -> String;

    /// What an operation does to users of the endpoint, as a predicate: "closes the shop".
    fn disruption(operation: &str) -> Option<&'static str> {
        let _ = operation;
        None
    }

    /// An example of the value of `export --states provider`: where its emulator sets up states.
    const PROVIDER_STATES: &'static str = "http://127.0.0.1:8080/provider-states";
}

/// Variables of the environment.
#[derive(Clone, Copy, Debug)]
pub struct Variables {
    /// With the token; also in lines that repeat a request.
    pub token: &'static str,
    /// In lines that repeat a signed request.
    pub signature: &'static str,
    /// What begins the name of a variable with the value of a security scheme; also in lines that repeat a request.
    pub credential: &'static str,
    /// Flags, without their dashes, each with the variable that it is read from if the command line does not have it.
    pub flags: &'static [(&'static str, &'static str)],
}

/// Words and examples in the help of the commands.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// What `conform` drives through its states.
    pub resource: &'static str,
    /// The flag that names one, without its dashes.
    pub resource_flag: &'static str,
    /// A state that one may be in.
    pub state: &'static str,
    /// A value of `--given`.
    pub given: &'static str,
    /// A value of `--given` with several values.
    pub given_more: &'static str,
    /// A value of `--set`.
    pub set: &'static str,
    /// A pattern of cases.
    pub cases: &'static str,
    /// An endpoint that is not on this machine.
    pub endpoint: &'static str,
    /// What the requests of a run do there.
    pub disruption: &'static str,
}

/// The flags that name the documentation which an API is held to.
pub trait Documentation: clap::Args + Send + Sync + 'static {
    /// What the API promises. What is wrong with the documentation is printed.
    ///
    /// # Errors
    /// It cannot be read, or promises nothing.
    fn read(&self) -> Result<Documented, Failure>;
}

/// What an API promises.
#[derive(Debug)]
pub struct Documented {
    /// As exchanges.
    pub suite: Suite,
    /// Of all exchanges.
    pub contract: Contract,
    /// The values that each state must supply; a state that is not listed may supply any.
    pub needed: BTreeMap<String, Vec<String>>,
    /// What a static mock calls the examples.
    pub naming: Naming,
}

/// The flags that name an endpoint and its credentials.
pub trait Service: clap::Args {
    /// What the program checks without an endpoint, such as "emulator"; `None` if it requires one.
    const EMBEDDED: Option<&'static str>;

    /// The address of the endpoint.
    ///
    /// # Errors
    /// What the flags or the environment say is no address.
    fn endpoint(&self) -> Result<Option<String>, Failure>;

    /// The credentials of the flags, else of the environment.
    ///
    /// # Errors
    /// They cannot be read, or are not of this use.
    fn credentials(&self, used: Use) -> Result<Credentials, Failure>;

    /// Says that there are no credentials. `what` begins the message.
    ///
    /// # Errors
    /// The API refuses every request without them.
    fn lacks_credentials(&self, what: &str) -> Result<(), Failure>;

    /// Starts what [`Service::EMBEDDED`] names, which accepts this token only, or one of its own.
    ///
    /// # Errors
    /// It cannot start, or there is none.
    fn embedded(&self, token: Option<SecretString>) -> impl Future<Output = Result<Embedded, Failure>>;
}

/// What credentials are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// An endpoint.
    Endpoint,
    /// A static mock.
    Mock,
    /// What the program embeds, or nothing (`--plan`).
    Embedded,
}

/// Credentials, and what comes with them.
#[derive(Debug, Default)]
pub struct Credentials {
    /// What the requests carry.
    pub token: Option<SecretString>,
    /// What signs them instead.
    pub signer: Option<Arc<dyn Sign>>,
    /// Values of parameters, such as the account that they are of.
    pub values: Values,
}

/// An endpoint that runs inside the command, as long as its runtime.
#[derive(Debug)]
pub struct Embedded {
    /// Where it listens.
    pub endpoint: Address,
    /// Where it sets up states.
    pub provider_states: Option<Address>,
    /// The token that it accepts.
    pub token: SecretString,
}

/// The examples of a command's help: each line is what follows the name of a command, which stands in `{}`.
pub(crate) fn examples<P: Program>(lines: &[impl AsRef<str>]) -> String {
    let mut text = "Examples:\n".to_owned();
    for line in lines.iter().map(AsRef::as_ref) {
        text += "  ";
        text += &match line.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
            Some((before, (command, rest))) => format!("{before}{}{rest}", P::call(command)),
            None => line.to_owned(),
        };
        text.push('\n');
    }
    text
}
