//! `specwright init` writes a file that the other commands take, and overwrites nothing.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_support::files::empty_folder;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: {title: Lamps, version: '1'}
servers: [{url: 'https://{host}'}, {url: 'https://lamps.example.com/v1'}]
paths: {}
components: {securitySchemes: {key: {type: apiKey, in: header, name: x-key}}}
";

fn folder(name: &str) -> PathBuf {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), name);
    fs::write(folder.join("openapi.yaml"), DOCUMENT).unwrap();
    folder
}

/// The exit status, and what is said. Nobody is there to be asked.
fn specwright(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_is_written_is_read() {
    let folder = folder("init-read");
    let (status, said) = specwright(&folder, &["init"]);
    assert_eq!(status, 0, "{said}");
    let text = fs::read_to_string(folder.join("specwright.toml")).unwrap();
    assert!(text.contains("\ndocument = \"openapi.yaml\"\n"), "{text}");
    assert!(text.contains("\nendpoint = \"https://lamps.example.com/v1\"\n"), "{text}");
    assert!(text.contains("\n# credential-env = { \"key\" = \"API_KEY\" }\n"), "{text}");
    assert!(!folder.join(".github").exists() && !folder.join(".gitlab-ci.yml").exists());
    let (status, said) = specwright(&folder, &["check"]);
    assert_eq!(status, 0, "{said}");
    // Each line in comments is one that is read as well.
    let lines = text.lines().map(|line| {
        line.strip_prefix("# ").filter(|line| line.contains(" = ") || line.starts_with('[')).unwrap_or(line)
    });
    fs::write(folder.join("specwright.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    fs::write(folder.join("overlay.yaml"), "overlay: 1.0.0\ninfo: {title: a, version: '1'}\nactions: []\n").unwrap();
    let (status, said) = specwright(&folder, &["check", "--environment", "staging"]);
    // The file is strict now and the document is not without a warning; 2 would be a mistake in the file.
    assert_eq!(status, 1, "{said}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder("init-overwrite");
    fs::create_dir_all(folder.join(".github/workflows")).unwrap();
    fs::write(folder.join(".github/workflows/specwright.yml"), "mine").unwrap();
    // The files of a service that are here decide for its recipe.
    let (status, said) = specwright(&folder, &["init"]);
    assert!(status == 2 && said.contains("specwright.yml exists already"), "{said}");
    assert!(!folder.join("specwright.toml").exists());
    fs::write(folder.join("specwright.toml"), "mine").unwrap();
    let (status, said) = specwright(&folder, &["init", "--ci", "none"]);
    assert!(status == 2 && said.contains("specwright.toml exists already"), "{said}");
    assert_eq!(fs::read_to_string(folder.join("specwright.toml")).unwrap(), "mine");
}

#[test]
fn a_recipe_names_the_document_and_the_endpoint() {
    let folder = folder("init-recipe");
    fs::rename(folder.join("openapi.yaml"), folder.join("it's \"a\": b.yaml")).unwrap();
    let (status, said) = specwright(&folder, &["init", "--yes"]);
    assert!(status == 2 && said.contains("hint: add --document"), "{said}");
    let flags = ["init", "--document", "it's \"a\": b.yaml", "--endpoint", "http://127.0.0.1:4010", "--ci", "github"];
    let (status, said) = specwright(&folder, &flags);
    assert_eq!(status, 0, "{said}");
    let recipe = fs::read_to_string(folder.join(".github/workflows/specwright.yml")).unwrap();
    assert!(recipe.contains("          document: \"it's \\\"a\\\": b.yaml\"\n"), "{recipe}");
    assert!(recipe.contains("          endpoint: \"http://127.0.0.1:4010\"\n"), "{recipe}");

    let folder = self::folder("init-gitlab");
    fs::write(folder.join(".gitlab-ci.yml"), "mine").unwrap();
    let (status, said) = specwright(&folder, &["init"]);
    assert!(status == 0 && said.contains("include: [specwright.gitlab-ci.yml]"), "{said}");
    assert!(folder.join("specwright.gitlab-ci.yml").exists());
}

#[test]
fn a_word_of_the_templates_in_a_name_is_no_place_to_fill() {
    for name in ["ENDPOINT.yaml", "CREDENTIALS", "DOCUMENT-ENDPOINT-DOCUMENT.yml"] {
        let folder = folder("init-words");
        fs::rename(folder.join("openapi.yaml"), folder.join(name)).unwrap();
        let endpoint = "http://127.0.0.1:4010/CREDENTIALS/DOCUMENT";
        let (status, said) =
            specwright(&folder, &["init", "--document", name, "--endpoint", endpoint, "--ci", "github"]);
        assert_eq!(status, 0, "{said}");
        let text = fs::read_to_string(folder.join("specwright.toml")).unwrap();
        assert!(text.contains(&format!("\ndocument = \"{name}\"\n")), "{text}");
        assert!(text.contains(&format!("\nendpoint = \"{endpoint}\"\n")), "{text}");
        let recipe = fs::read_to_string(folder.join(".github/workflows/specwright.yml")).unwrap();
        assert!(recipe.contains(&format!("          document: \"{name}\"\n")), "{recipe}");
        assert!(recipe.contains(&format!("          endpoint: \"{endpoint}\"\n")), "{recipe}");
        let (status, said) = specwright(&folder, &["check"]);
        assert_eq!(status, 0, "{said}");
    }
}

#[test]
fn an_endpoint_with_a_password_is_refused_and_not_shown() {
    let folder = folder("init-secret");
    let (status, said) = specwright(&folder, &["init", "--endpoint", "https://me:hidden@example.com"]);
    assert!(status == 2 && !said.contains("hidden"), "{said}");
}

#[test]
fn a_document_that_asks_for_a_token_has_its_variable_in_the_file() {
    let document = |security: &str, scheme: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: a, version: '1'}}\n{security}\npaths: {{/a: {{get: {{operationId: a, responses: {{'200': {{description: d}}}}}}}}}}\n\
             components: {{securitySchemes: {{s: {scheme}}}}}\n"
        )
    };
    let bearer = "{type: http, scheme: Bearer}";
    for (security, scheme, is_named) in [
        ("security: [{s: []}]", bearer, true),
        ("security: [{}, {s: []}]", bearer, true),
        ("security: [{s: [read]}]", "{type: oauth2, flows: {}}", true),
        ("security: [{s: []}]", "{type: openIdConnect, openIdConnectUrl: 'https://a.example'}", true),
        ("security: []", bearer, false),
        ("security: [{}]", bearer, false),
        ("x-a: 1", bearer, false),
        ("security: [{s: []}]", "{type: apiKey, in: header, name: X-Key}", false),
        ("security: [{s: []}]", "{type: http, scheme: basic}", false),
    ] {
        let folder = folder("init-token");
        fs::write(folder.join("openapi.yaml"), document(security, scheme)).unwrap();
        let (status, said) = specwright(&folder, &["init", "--yes", "--ci", "none"]);
        assert_eq!(status, 0, "{said}");
        let text = fs::read_to_string(folder.join("specwright.toml")).unwrap();
        assert_eq!(text.contains("\ntoken-env = \"API_TOKEN\"\n"), is_named, "{security} {scheme}\n{text}");
        assert_eq!(text.contains("\n# token-env = \"API_TOKEN\"\n"), !is_named, "{text}");
    }
}
