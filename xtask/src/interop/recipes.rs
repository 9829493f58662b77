//! Checks the recipes for build servers, containers and Kubernetes with the linters of their users, and carries out what
//! can be carried out without a network.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator, Server, cargo, output, pinned, tool};

const TOKEN: &str = "a-token-of-this-check";

const WORKFLOWS: [&str; 3] = [".github/workflows/ci.yml", "examples/ci/github.yml", "examples/scale/matrix.yml"];

/// A linter with its arguments, a recipe, and a mistake that the linter must find in it.
type Row = (&'static [&'static str], &'static str, (&'static str, &'static str));

const ROWS: [Row; 8] = [
    (&["check-jsonschema", "--builtin-schema=vendor.github-actions"], "action.yml", ("using: composite", "using: x")),
    (&["check-jsonschema", "--builtin-schema=vendor.gitlab-ci"], "examples/ci/gitlab-ci.yml", ("codequality:", "cq:")),
    (&["check-jsonschema", "--builtin-schema=vendor.compose-spec"], "docker-compose.yml", ("ports:", "port:")),
    (&["pre-commit", "validate-manifest"], ".pre-commit-hooks.yaml", ("language: system", "language: shell")),
    (&["pre-commit", "validate-config"], "examples/ci/pre-commit-config.yaml", ("rev:", "revision:")),
    (&["kubernetes-validate", "--strict"], "examples/scale/job.yaml", ("completions: 8", "completion: 8")),
    (&["kubernetes-validate", "--strict"], "examples/scale/merge.yaml", ("backoffLimit: 0", "backoffLimit: none")),
    (&["hadolint"], "Dockerfile", ("FROM rust:1.95-alpine3.22", "FROM rust")),
];

const OF_WORKFLOWS: [(&[&str], (&str, &str)); 3] = [
    (&["check-jsonschema", "--builtin-schema=vendor.github-workflows"], ("runs-on:", "run-on:")),
    (&["actionlint"], ("runs-on: ubuntu-24.04", "runs-on: ${{ github.no }}")),
    (ZIZMOR, ("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@main")),
];

const ZIZMOR: &[&str] = &["zizmor", "--offline", "--no-progress", "--quiet", "--min-severity=medium"];

pub(crate) fn run(report: &mut Report) {
    let linters = Tool::new("check-jsonschema, actionlint and other linters", || tools::from_pypi(&pinned::RECIPES));
    report.check("recipes: their linters accept them, and refuse a mistake", [&linters], |[python]| lint(python));
    report.check("recipes: the scripts of action.yml run", [&linters], |[python]| action(python));
    report.check("recipes: the image starts, and its health check tells", [], |[]| image());
}

/// Says what was not tried, and why.
fn skipped(what: &str, why: &str) {
    println!("SKIPPED {what}: {why}");
}

fn lint(python: &Path) -> Result<(), String> {
    for (linter, recipe, mistake) in ROWS {
        finds(python, linter, recipe, mistake)?;
    }
    for (linter, mistake) in OF_WORKFLOWS {
        for workflow in WORKFLOWS {
            finds(python, linter, workflow, mistake)?;
        }
    }
    finds(python, ZIZMOR, "action.yml", ("arguments=(\"$DOCUMENT\"", "arguments=(\"${{ inputs.document }}\""))?;
    skipped("the workflows on GitHub, the jobs on GitLab, the Job in Kubernetes", "no such server can be reached");
    Ok(())
}

/// The linter accepts the recipe, and not the recipe with the mistake.
fn finds(python: &Path, linter: &[&str], recipe: &str, (right, wrong): (&str, &str)) -> Result<(), String> {
    let Some((name, arguments)) = linter.split_first() else { return Ok(()) };
    let command = |path: &Path| {
        let mut command = tool(python.with_file_name(name));
        // actionlint and pre-commit look for a repository around the file.
        command.current_dir(path.parent().unwrap_or(path)).args(arguments).arg(path);
        command
    };
    let path = files::root().join(recipe);
    output(&mut command(&path))?;
    let text = files::read(&path)?;
    if !text.contains(right) {
        return Err(format!("error: {recipe}: expected `{right}`, which this check replaces"));
    }
    let broken = files::scratch("recipes-broken")?.join(recipe);
    files::write(&broken, &text.replace(right, wrong))?;
    match output(&mut command(&broken)) {
        Err(_) => Ok(()),
        Ok(_) => Err(format!("error: {name} accepts {recipe} with `{wrong}` for `{right}`")),
    }
}

/// Runs the step of `action.yml` that checks an endpoint, as a runner would: against the emulator, which does what the
/// document says, then against one that fails.
fn action(python: &Path) -> Result<(), String> {
    let folder = files::scratch("action")?;
    output(tool(python).arg("tests/interop/action_steps.py").arg("action.yml").arg(&folder))?;
    let mut scripts: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "sh"));
    output(tool(python.with_file_name("shellcheck")).arg("--shell=bash").args(&scripts))?;
    if !files::root().join("crates/specwright/Cargo.toml").exists() {
        skipped("the step of action.yml that checks an endpoint", "there is no crates/specwright");
        return Ok(());
    }
    output(cargo().args(["build", "--quiet", "--locked", "--package", "specwright"]))?;
    let bin = folder.join("temp/specwright/bin");
    fs::create_dir_all(&bin).map_err(|error| format!("error: {}: {error}", bin.display()))?;
    let (from, to) = (files::root().join("target/debug/specwright"), bin.join("specwright"));
    fs::copy(from, to).map_err(|error| format!("error: cannot copy specwright: {error}"))?;

    let right = Emulator::start(&["--token", TOKEN])?;
    let ran = step(&folder, &right, "true")?;
    ran.expect(0, &["::notice title=", "status=0", "\n### Passed: ", "\n| operation | "])?;
    let wrong = Emulator::start(&["--token", TOKEN, "--seed", "1", "--fault", "503:0.5:before"])?;
    let ran = step(&folder, &wrong, "true")?;
    ran.expect(
        1,
        &["::error file=spec/ges.yaml,line=", "status=1", "\n### The contract is broken: ", "\n| operation | fail | "],
    )?;
    // What the endpoint answered is in the log, where a runner reads no command until the word is repeated.
    let (stop, resume) = (ran.text.find("::stop-commands::"), ran.text.find("::error file="));
    let word = stop.and_then(|at| ran.text[at + "::stop-commands::".len()..].lines().next()).unwrap_or_default();
    let end = ran.text.find(&format!("\n::{word}::\n"));
    if word.len() < 32 || end.is_none() || end > resume {
        return Err(format!("error: the log is not kept from being read as commands\n{}", ran.text));
    }
    step(&folder, &wrong, "false")?.expect(0, &["status=1"])
}

/// What a step did.
struct Step {
    status: Option<i32>,
    /// What it printed, its outputs, and its summary.
    text: String,
}

impl Step {
    fn expect(&self, status: i32, texts: &[&str]) -> Result<(), String> {
        if self.status != Some(status) {
            return Err(format!("error: expected status {status}, found {:?}\n{}", self.status, self.text));
        }
        match texts.iter().find(|text| !self.text.contains(**text)) {
            Some(text) => Err(format!("error: expected `{text}`\n{}", self.text)),
            None => Ok(()),
        }
    }
}

fn step(folder: &Path, emulator: &Emulator, fail: &str) -> Result<Step, String> {
    let [outputs, summary] = ["outputs", "summary"].map(|name| folder.join(name));
    for path in [&outputs, &summary] {
        fs::write(path, "").map_err(|error| format!("error: {}: {error}", path.display()))?;
    }
    let mut bash = tool("bash");
    // As GitHub starts a step with `shell: bash`.
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(folder.join("check-the-endpoint.sh"));
    bash.env("DOCUMENT", "spec/ges.yaml").env("ENDPOINT", emulator.url()).env("SPECWRIGHT_TOKEN", TOKEN);
    bash.env("PROVIDER_STATES", emulator.provider_states()).env("MORE", "--kinds=documented\n--timeout=5s\n");
    bash.env("REPORTS", folder.join("reports")).env("FAIL", fail).env("RUNNER_TEMP", folder.join("temp"));
    bash.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_WORKSPACE", files::root());
    let ran = bash.output().map_err(|error| format!("error: cannot start {bash:?}: {error}"))?;
    let mut text = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    text += &files::read(&outputs)?;
    text += &files::read(&summary)?;
    Ok(Step { status: ran.status.code(), text })
}

/// Builds the last stages of the Dockerfile around static binaries, and starts the emulator in them.
fn image() -> Result<(), String> {
    const TARGET: &str = "x86_64-unknown-linux-musl";
    const IMAGE: &str = "ges-emulator-of-a-check";
    let libraries = output(tool("rustc").args(["--print=target-libdir", "--target", TARGET])).unwrap_or_default();
    let has_target = Path::new(libraries.trim()).join("self-contained").exists();
    for (is_there, why) in [
        (tools::is_installed("buildah"), "buildah is not installed"),
        (tools::is_installed("musl-gcc"), "musl-gcc is not installed"),
        (has_target, "rustup has no target x86_64-unknown-linux-musl"),
    ] {
        if !is_there {
            skipped("the image", why);
            return Ok(());
        }
    }
    skipped("the first stage of the Dockerfile", "its base image is in a registry; cargo builds here for musl instead");
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--package", "ges-cli", "--target", TARGET]);
    build.env("CC_x86_64_unknown_linux_musl", "musl-gcc").env("CARGO_PROFILE_DEV_DEBUG", "0");
    output(&mut build)?;

    let folder = files::scratch("image")?;
    let stage = folder.join("build/image");
    for part in ["usr/local/bin", "etc/ssl/certs", "licenses", "work"] {
        let path = stage.join(part);
        fs::create_dir_all(&path).map_err(|error| format!("error: {}: {error}", path.display()))?;
    }
    let ges = files::root().join("target").join(TARGET).join("debug/ges");
    fs::copy(&ges, stage.join("usr/local/bin/ges")).map_err(|error| format!("error: {}: {error}", ges.display()))?;
    let empty = files::scratch("image/context")?;
    let mut build = buildah();
    build.args(["build", "--quiet", "--format=docker", "--target=emulator", "--tag", IMAGE, "--build-context"]);
    build.arg(format!("build={}", folder.join("build").display()));
    output(build.arg("--file").arg(files::root().join("Dockerfile")).arg(&empty))?;

    let config = output(buildah().args(["inspect", "--type=image", IMAGE]))?;
    for expected in ["\"User\": \"65532:65532\"", "\"--probe\"", "\"WorkingDir\": \"/work\""] {
        if !config.contains(expected) {
            return Err(format!("error: the image's configuration: expected {expected}, found {config}"));
        }
    }
    let container = output(buildah().args(["from", IMAGE]))?;
    let outcome = started(container.trim());
    // What remains does no harm.
    let _ = buildah().args(["rm", container.trim()]).output();
    outcome
}

/// The health check of the image fails before the emulator runs in it, and passes then.
fn started(container: &str) -> Result<(), String> {
    let run = |port: u16, more: &[&str]| {
        let mut run = buildah();
        run.args(["run", container, "--", "ges", "emulate", "--listen", &format!("127.0.0.1:{port}")]).args(more);
        run
    };
    let mut port = 0;
    let server = Server::at_free_port(|free| {
        port = free;
        if output(&mut run(port, &["--probe"])).is_ok() {
            // Nothing listens yet, so that would be a health check that cannot fail.
            return tool("false");
        }
        run(port, &[])
    })?;
    let probed = output(&mut run(port, &["--probe"])).map(drop);
    // buildah does not pass a signal on to what it started.
    tools::end_children(&server.id().to_string());
    probed
}

fn buildah() -> Command {
    let mut buildah = tool("buildah");
    // Neither a daemon nor a mount is needed.
    buildah.env("BUILDAH_ISOLATION", "chroot").env("STORAGE_DRIVER", "vfs");
    buildah
}
