//! Every command of `docs/tutorial.md` prints what the page shows.
//!
//! A `console` block is commands behind `$ ` and what each prints, errors included. Of a shell there is only what the page
//! needs: `export`, `$NAME`, single quotes, `&`. `curl` is a client of this test, so that nothing has to be installed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::process::Command;

use test_support::client::send;
use test_support::page;
use test_support::process::{self, Listening};

/// The address on the page; the test uses a free port.
const ADDRESS: &str = "127.0.0.1:8080";

#[test]
fn every_command_of_the_tutorial_prints_what_the_page_shows() {
    let page = include_str!("../../../docs/tutorial.md");
    let page = page.replace(ADDRESS, &test_support::unused_address());
    let mut shell = Shell { variables: BTreeMap::new(), running: Vec::new() };
    let count = page::play(&page, |command| shell.run(command));
    assert!(count > 15, "only {count} commands");
}

struct Shell {
    variables: BTreeMap<String, String>,
    /// Ended with this.
    running: Vec<Listening>,
}

impl Shell {
    /// Everything a command prints, in lines, and at their end the exit status if it is not 0.
    fn run(&mut self, command: &str) -> Vec<String> {
        let words = self.words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = match &words[..] {
            ["export", assignment] => {
                let (name, value) = assignment.split_once('=').unwrap();
                self.variables.insert(name.to_owned(), value.to_owned());
                String::new()
            }
            ["ges", arguments @ .., "&"] => self.start(arguments),
            ["ges", arguments @ ..] => self.ges(arguments),
            ["curl", "-d", body, url] => post(url, body),
            _ => panic!("the page has a command that this test does not know: {command}"),
        };
        text.lines().map(str::to_owned).collect()
    }

    fn words(&self, command: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for (index, part) in command.split('\'').enumerate() {
            if index % 2 == 1 {
                words.last_mut().unwrap().push_str(part);
                continue;
            }
            let mut pieces = part.split(' ');
            words.last_mut().unwrap().push_str(&self.filled(pieces.next().unwrap_or_default()));
            words.extend(pieces.map(|piece| self.filled(piece)));
        }
        words.retain(|word| !word.is_empty());
        words
    }

    fn filled(&self, word: &str) -> String {
        match word.strip_prefix('$') {
            Some(name) => self.variables.get(name).unwrap_or_else(|| panic!("${name} is not set")).clone(),
            None => word.to_owned(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Variables of the environment are not on the page.
        let mut command = process::command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
        command.args(arguments).envs(&self.variables);
        command
    }

    fn ges(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // The page has talk before data, as it comes.
        let mut printed = text(&output.stderr) + &text(&output.stdout);
        if !output.status.success() {
            printed.push_str(&format!("\n[exit status {}]", output.status.code().unwrap()));
        }
        printed.replace("\n\n[", "\n[")
    }

    /// Runs on; what it printed is its first line.
    fn start(&mut self, arguments: &[&str]) -> String {
        let running = Listening::start(&mut self.command(arguments), 1);
        let line = running.lines[0].clone();
        self.running.push(running);
        line
    }
}

fn post(url: &str, body: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    send(host, &format!("POST /{path}"), &[], body).body
}
