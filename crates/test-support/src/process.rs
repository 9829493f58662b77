//! Starts commands without the caller's environment, and commands that print where they listen.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A command that is told nothing by variables whose names begin with one of `prefixes`, nor by a proxy's.
pub fn command(program: &str, prefixes: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) || text.to_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// A command that runs until it is stopped, and prints `listening on URL` first. It is killed when it is dropped.
pub struct Listening {
    child: Child,
    /// The first lines that it printed.
    pub lines: Vec<String>,
}

impl Listening {
    /// Starts it and waits for its first `lines` lines.
    pub fn start(command: &mut Command, lines: usize) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().take(lines).map(Result::unwrap).collect();
        Self { child, lines }
    }

    /// Where it listens: `http://127.0.0.1:12345`.
    pub fn url(&self) -> &str {
        self.lines[0].strip_prefix("listening on ").unwrap()
    }

    /// Address and port.
    pub fn address(&self) -> &str {
        self.url().split_once("://").unwrap().1
    }

    /// Asks it to end, and waits for its exit status.
    pub fn terminate(mut self) -> Option<i32> {
        #[cfg(unix)]
        signal(&self.child, "-TERM");
        #[cfg(not(unix))]
        self.child.kill().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Sends a signal such as `-INT`.
pub fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}
