//! `specwright generate` writes what it should, says what it left out, and never overwrites what somebody else wrote.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::files::empty_folder;

const LAMPS: &str = "\
openapi: 3.1.0
info: {title: Lamps & more, version: 1.2.3}
paths:
  /lamps:
    get: {operationId: list_lamps, responses: {'200': {description: ok, content: {application/json: {schema: {type: array, items: {type: integer}}, example: [1]}}}}}
";

/// A folder with the document, and the command in it.
struct Project(PathBuf);

impl Project {
    fn new(name: &str, document: &str) -> Project {
        let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), name);
        fs::write(folder.join("lamps.yaml"), document).unwrap();
        Project(folder)
    }

    /// The exit status, and what is said.
    fn generate(&self, flags: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
        let output = command.args(["generate", "lamps.yaml", "--out", "out"]).args(flags).current_dir(&self.0).output();
        let output = output.unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn files(&self) -> Vec<String> {
        fn visit(folder: &Path, shown: &str, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let shown = format!("{shown}{}", path.file_name().unwrap().to_string_lossy());
                if path.is_dir() { visit(&path, &format!("{shown}/"), found) } else { found.push(shown) }
            }
        }
        let mut found = Vec::new();
        visit(&self.0.join("out"), "", &mut found);
        found.sort();
        found
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join("out").join(file)
    }
}

#[test]
fn a_crate_is_written_once_and_checked() {
    let project = Project::new("generate-crate", LAMPS);
    let (status, said) = project.generate(&["--check"]);
    assert_eq!((status, project.files()), (1, Vec::new()), "{said}");
    let (status, said) = project.generate(&[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 of 1 operation generated; 0 left out"), "{said}");
    assert_eq!(project.files(), ["Cargo.toml", "README.md", "report.txt", "src/client.rs", "src/lib.rs"]);
    let manifest = fs::read_to_string(project.path("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"lamps-more-client\"\n"), "{manifest}");
    let (status, said) = project.generate(&[]);
    assert!(status == 0 && !said.contains("wrote"), "{said}");
    assert_eq!(project.generate(&["--check"]).0, 0);

    // Also under another name of the same document.
    let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
    let output = command.arg("generate").arg(project.0.join("lamps.yaml")).args(["--out", ".", "--check"]);
    let output = output.current_dir(project.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");

    fs::write(project.0.join("lamps.yaml"), LAMPS.replace("list_lamps", "all_lamps")).unwrap();
    let (status, said) = project.generate(&["--check"]);
    assert_eq!(status, 1, "{said}");
    for stale in ["out/README.md", "out/src/client.rs"] {
        assert!(said.contains(&format!("error: {} is stale", Path::new(stale).display())), "{said}");
    }
    assert!(!said.contains("Cargo.toml is stale"), "{said}");
}

#[test]
fn a_file_of_somebody_else_is_left_alone_and_so_is_all_the_rest() {
    let project = Project::new("generate-foreign", LAMPS);
    fs::create_dir_all(project.path("src")).unwrap();
    fs::write(project.path("src/lib.rs"), "// mine\n").unwrap();
    let (status, said) = project.generate(&[]);
    assert_eq!(status, 1);
    assert!(said.contains("specwright did not write") && said.contains("lib.rs"), "{said}");
    assert_eq!(project.files(), ["src/lib.rs"]);
    assert_eq!(fs::read_to_string(project.path("src/lib.rs")).unwrap(), "// mine\n");
    // A folder in the place of a file is somebody's, too.
    fs::create_dir_all(project.path("cases.json")).unwrap();
    let (status, said) = project.generate(&["--only", "cases"]);
    assert_eq!(status, 1, "{said}");
}

#[test]
fn single_files_are_written_alone_and_again() {
    let project = Project::new("generate-files", LAMPS);
    let kinds = "client,enums,mock,cases,contract,merged,stubs,cassette,har";
    for _ in 0..2 {
        let (status, said) = project.generate(&["--only", kinds]);
        assert_eq!(status, 0, "{said}");
        // Each is known again as ours, also when it changes.
        fs::write(project.0.join("lamps.yaml"), LAMPS.replace("[1]", "[2]")).unwrap();
    }
    assert_eq!(
        project.files(),
        [
            "cases.json",
            "cassette.vcr.yaml",
            "client.rs",
            "contract.json",
            "enums.rs",
            "exchanges.har",
            "httpmock/stubs.yaml",
            "merged.yaml",
            "mock.rs",
            "report.txt"
        ]
    );
    let (status, _) = project.generate(&["--only", "cases,cases", "--crate-name", "lamps"]);
    assert_eq!(status, 2);
}

#[test]
fn a_name_that_no_crate_can_have_asks_for_another() {
    let project = Project::new("generate-name", &LAMPS.replace("Lamps & more", "灯"));
    let (status, said) = project.generate(&[]);
    assert!(status == 2 && said.contains("hint: add --crate-name NAME"), "{said}");
    let (status, said) = project.generate(&["--crate-name", "serde"]);
    assert!(status == 2 && said.contains("the client depends on a crate of this name"), "{said}");
    let (status, said) = project.generate(&["--crate-name", "lamps"]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn what_is_left_out_is_said_and_strictly_nothing_is_written() {
    let parameter = "{name: 'a b', in: header, required: true, schema: {type: string}}";
    let left_out = format!(
        "{LAMPS}  /other:\n    get: {{operationId: other, parameters: [{parameter}], responses: {{'204': {{description: ok}}}}}}\n"
    );
    let project = Project::new("generate-left-out", &left_out);
    let (status, said) = project.generate(&["--strict"]);
    assert_eq!((status, project.files()), (1, Vec::new()), "{said}");
    let (status, said) = project.generate(&[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 of 2 operations generated; 1 left out"), "{said}");
    let report = fs::read_to_string(project.path("report.txt")).unwrap();
    assert!(report.starts_with("@generated by specwright from lamps.yaml. Do not edit.\n"), "{report}");
    assert!(report.contains("\nleft out: other\n"), "{report}");

    let project = Project::new("generate-nothing", "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n");
    let (status, said) = project.generate(&[]);
    assert!(status == 1 && said.contains("it has no operations"), "{said}");
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_folder() {
    for (name, link) in [("generate-link-file", "Cargo.toml"), ("generate-link-folder", "src")] {
        let project = Project::new(name, LAMPS);
        let outside = project.0.join("outside");
        fs::create_dir_all(project.path("")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        let target = if link == "src" { outside.clone() } else { outside.join("new") };
        std::os::unix::fs::symlink(target, project.path(link)).unwrap();
        let (status, said) = project.generate(&[]);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("is a symbolic link, so nothing is written"), "{said}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_wherever_and_whenever_it_is_generated() {
    // In Turkish, lower case is not what a program expects; in Kiritimati it is tomorrow.
    let places = [
        ("reproducible", [("TZ", "UTC"), ("LC_ALL", "C"), ("LANG", "C"), ("HOME", "/"), ("COLUMNS", "200")]),
        (
            "reproducible elsewhere/in it",
            [
                ("TZ", "Pacific/Kiritimati"),
                ("LC_ALL", "tr_TR.UTF-8"),
                ("LANG", "ja_JP.UTF-8"),
                ("HOME", "/nonexistent"),
                ("COLUMNS", "20"),
            ],
        ),
    ];
    let kinds = ["client", "enums", "mock", "cases", "contract", "merged", "stubs", "cassette", "har"];
    let all = kinds.map(|kind| ["--only", kind]).concat();
    for (name, document) in [
        ("lamps", LAMPS),
        ("doors", include_str!("doors.yaml")),
        ("orders", include_str!("../examples/orders/openapi.yaml")),
    ] {
        for flags in [&[][..], &all] {
            let [one, other] = places.map(|(folder, environment)| {
                let project = Project::new(folder, document);
                let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
                command.args(["generate", "lamps.yaml", "--out", "out"]).args(flags).envs(environment);
                let output = command.current_dir(&project.0).output().unwrap();
                assert!(output.status.success(), "{name} {flags:?}: {output:?}");
                let read = |file: String| (fs::read(project.path(&file)).unwrap(), file);
                project.files().into_iter().map(read).collect::<Vec<_>>()
            });
            assert!(!one.is_empty() && one == other, "{name} {flags:?}");
        }
    }
}
