//! The programs that run: the emulator, the observer, and the suite now and then. All listen on loopback.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use test_support::client;

use crate::Outcome;

pub(crate) const TOKEN: &str = "the-token-of-the-soak-test";
pub(crate) const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// `ges emulate` with a data file. It is killed when this is dropped.
pub(crate) struct Emulator {
    process: Running,
}

/// `ges observe` before it.
pub(crate) struct Observer(Running);

struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// A program that says first where it listens.
    fn announced(command: &mut Command) -> Outcome<Self> {
        let mut child = command.env_remove("GES_TOKEN").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        match line.trim().strip_prefix("listening on http://") {
            Some(address) => Ok(Self { child, address: address.to_owned() }),
            None => Err(format!("expected `listening on …`, found {line:?}").into()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Emulator {
    pub(crate) fn start(ges: &Path, data: &Path) -> Outcome<Self> {
        Ok(Self { process: Self::listen(ges, data, "127.0.0.1:0")? })
    }

    fn listen(ges: &Path, data: &Path, address: &str) -> Outcome<Running> {
        let mut command = Command::new(ges);
        command.args(["emulate", "--listen", address, "--token", TOKEN, "--transitions", "time:200ms"]);
        command.args(["--max-jobs", "1000", "--data"]).arg(data);
        Running::announced(&mut command)
    }

    /// SIGKILL, and the same file on the same port.
    pub(crate) fn kill_and_restart(&mut self, ges: &Path, data: &Path) -> Outcome<()> {
        self.process.child.kill()?;
        self.process.child.wait()?;
        let address = self.process.address.clone();
        self.process = Self::listen(ges, data, &address)?;
        Ok(())
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.child.id()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.process.address)
    }

    /// A request to the control API.
    pub(crate) fn control(&self, path: &str, body: &str) -> Outcome<String> {
        let answer = client::send(&self.process.address, &format!("POST /_emulator/{path}"), &[], body);
        match answer.status {
            200..=299 => Ok(answer.body),
            status => Err(format!("POST /_emulator/{path}: {status} {}", answer.body).into()),
        }
    }
}

impl Observer {
    pub(crate) fn start(ges: &Path, upstream: &str) -> Outcome<Self> {
        let mut command = Command::new(ges);
        command.args(["observe", "--listen", "127.0.0.1:0", "--keep", "1MiB", "--upstream", upstream]);
        Ok(Self(Running::announced(&mut command)?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.child.id()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Ends it as a user would. Truncated answers are failures, so 1 is a good end.
    pub(crate) fn end(mut self) -> Outcome<Option<String>> {
        let id = self.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.0.child.wait()?;
        Ok((!matches!(status.code(), Some(0 | 1))).then(|| format!("observe ended with {status}")))
    }
}

/// One run of the suite on a graph that nobody else uses, and which has no faults.
pub(crate) async fn conform(ges: PathBuf, endpoint: String, graph: String, cases: &str) -> Outcome<Option<String>> {
    let mut command = tokio::process::Command::new(ges);
    command.args(["conform", "--endpoint", &endpoint, "--graph-id", &graph, "--project-id", PROJECT, "--token", TOKEN]);
    command.args(["--only", cases]);
    let run = command.stdin(Stdio::null()).output();
    let output = tokio::time::timeout(Duration::from_secs(300), run).await??;
    let text = String::from_utf8_lossy(&output.stdout);
    let summary = text.lines().find(|line| line.contains(" cases: ")).unwrap_or("no summary").to_owned();
    let has_failed = !output.status.success() || summary == "no summary";
    Ok(has_failed.then(|| {
        let failed = text.lines().filter(|line| line.starts_with("FAIL ")).collect::<Vec<_>>().join(", ");
        format!("conform ended with {}: {summary} {failed}", output.status)
    }))
}
