//! The kinds of files that are generated.

use std::path::PathBuf;

/// What can be derived from a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Artefact {
    /// Rust: `enum Operation`, and a typed client. Its second comment names the crates that it needs: `reqwest`, `serde` and
    /// `serde_json`; `regress`, `chrono` and `uuid` for patterns and formats.
    ///
    /// It has `Credentials` for the security schemes, and for each operation an enum of the documented errors.
    ///
    /// With `inner`, the client has a field of that type and makes its calls through it: credentials and errors are those
    /// of the code around it. The module around the generated one needs
    /// `Error` (`From<reqwest::Error>`, and a function `invalid_argument` from the name of one and what is wrong with it,
    /// a `String`, which is empty if it was not given), `Response<T>` and
    /// `encode_path`, from a reference to any path parameter to something that can be displayed; the type needs
    /// `address(&self, path: fmt::Arguments) -> Result<reqwest::Url, Error>` and
    /// `call<T>(&self, &reqwest::Client, operation: &'static str, is_success: fn(u16) -> bool, reqwest::Request)`,
    /// a future of `Result<Response<T>, Error>`.
    Client {
        /// A Rust type, as written in the generated module.
        inner: Option<&'static str>,
    },
    /// Rust: for each operation a method of a hand-written client, in front of the generated one.
    Methods(Methods),
    /// Rust: `enum Operation` and `enum Given`.
    Enums,
    /// Rust: for each operation a typed fixture for the crate `httpmock`, with every documented exchange by name (needs
    /// `specwright-mock`).
    Mock {
        /// The path of a module with the types that `specwright_mock::fixtures!()` defines, for a server that is started in
        /// another way. Without it, the file has them itself.
        fixture: Option<&'static str>,
    },
    /// JSON: a [`Suite`](conformance_engine::suite::Suite) of the documented exchanges.
    Cases,
    /// JSON: a [`Contract`](conformance_engine::contract::Contract), for judging any traffic.
    Contract,
    /// YAML: the document with one operation per path and method.
    Merged,
    /// YAML: the documented exchanges as stubs for the standalone server of the crate `httpmock`.
    Stubs,
    /// YAML: the documented exchanges as a VCR cassette, laid out like those that Schemathesis writes.
    Cassette,
    /// JSON: the documented exchanges as a HAR 1.2 file.
    Har,
    /// JSON: the document as the client generator, progenitor, takes it. For a look, and for comparing generators.
    Lowered,
    /// JSON: the document as it is; several become one. For readers that show documents to people.
    Json,
    /// SVG: what leads from one state of `x-lifecycle` to another.
    Diagram,
}

/// A hand-written client, which gets a method for each operation. The method sets the parameters that this client knows,
/// takes those of the path that are texts, and returns the builder of the generated client, which has setters for the rest.
///
/// Its documentation is the operation's `x-rust-doc`, or else its summary and description; and the page that
/// `externalDocs` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Methods {
    /// The path of the type.
    pub of: &'static str,
    /// An expression for the generated client.
    pub client: &'static str,
    /// Parameters that are not asked for, each with an expression for its value.
    pub known: &'static [(&'static str, &'static str)],
    /// The path of the generated module `builder`.
    pub builder: &'static str,
}

/// A file as it should be on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// As the caller gave it.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
}
