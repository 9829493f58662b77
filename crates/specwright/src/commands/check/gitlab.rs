//! Diagnostics as the code quality report of GitLab.
//!
//! Source: GitLab Docs, "Code Quality", section "Code Quality report format".

use std::collections::HashMap;

use openapi_document::{Diagnostic, Diagnostics, Level};
use serde_json::{Value, json};

/// All diagnostics.
pub(super) fn report(found: &Diagnostics) -> Value {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let entry = |problem: &Diagnostic| {
        let path = problem.file.trim_start_matches("./");
        let identity = identity(problem, path);
        let count = seen.entry(identity.clone()).or_default();
        *count += 1;
        json!({
            "description": format!("{}; {}", problem.message, problem.hint),
            "check_name": problem.rule,
            "fingerprint": fingerprint(&format!("{identity}\n{count}")),
            "severity": if problem.level == Level::Error { "major" } else { "minor" },
            "location": { "path": path, "lines": { "begin": problem.at.line } },
        })
    };
    found.0.iter().map(entry).collect()
}

/// What stays when lines move: digits are left out, because a message may name another place. Those that are alike are
/// counted.
fn identity(problem: &Diagnostic, path: &str) -> String {
    let operation = problem.operation.as_deref().unwrap_or_default();
    let message: String = problem.message.chars().filter(|c| !c.is_ascii_digit()).collect();
    [problem.rule, path, operation, &message].join("\n")
}

/// FNV-1a of 128 bits. Source: draft-eastlake-fnv-21, section 5. It has to be the same in every version of this program,
/// and nobody gains by a collision.
fn fingerprint(text: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests {
    use openapi_document::At;

    use super::*;

    fn problem(line: u32, message: &str) -> Diagnostic {
        Diagnostic {
            rule: "unknown-key",
            level: Level::Error,
            file: "./api.yaml".to_owned(),
            at: At { file: 0, line, column: 1 },
            operation: None,
            message: message.to_owned(),
            notes: Vec::new(),
            hint: "remove it".to_owned(),
        }
    }

    fn fingerprints(problems: Vec<Diagnostic>) -> Vec<String> {
        let report = report(&Diagnostics(problems));
        report.as_array().unwrap().iter().map(|entry| entry["fingerprint"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_no_two_are_alike() {
        let before = fingerprints(vec![problem(3, "`a`, as in 2:1"), problem(4, "`b`"), problem(9, "`b`")]);
        let after = fingerprints(vec![problem(5, "`a`, as in 4:1"), problem(6, "`b`"), problem(11, "`b`")]);
        assert_eq!(before, after);
        let different: std::collections::HashSet<_> = before.iter().collect();
        assert_eq!(different.len(), 3);
    }

    #[test]
    fn an_entry_has_what_gitlab_asks_for() {
        let report = report(&Diagnostics(vec![problem(3, "an unknown key")]));
        assert_eq!(
            report[0],
            json!({
                "description": "an unknown key; remove it",
                "check_name": "unknown-key",
                "fingerprint": fingerprint("unknown-key\napi.yaml\n\nan unknown key\n1"),
                "severity": "major",
                "location": { "path": "api.yaml", "lines": { "begin": 3 } },
            })
        );
    }

    #[test]
    fn the_hash_is_fnv() {
        // Source: draft-eastlake-fnv-21, appendix C, the hash of "foobar".
        assert_eq!(fingerprint("foobar"), "343e1662793c64bf6f0d3597ba446f18");
        assert_eq!(fingerprint(""), "6c62272e07bb014262b821756295c58d");
    }
}
