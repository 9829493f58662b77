//! The command that a hint names as the next step, as it can be pasted into a shell.

use conformance_engine::shell;

/// A command with flags and their values and a switch, in backticks. Values can come from a service: each is one word for every shell.
pub(crate) fn command(command: &str, flags: &[(&str, &str)], switch: &str) -> String {
    let words: Option<Vec<String>> = flags.iter().map(|(flag, value)| shell::flag(flag, value)).collect();
    match words {
        Some(words) => format!("`{command} {}{switch}`", words.join(" ")),
        None => {
            let flags: Vec<&str> = flags.iter().map(|(flag, _)| *flag).collect();
            format!("`{command}` with {}, of which one cannot be written in a shell", flags.join(" and "))
        }
    }
}

/// `ges show graph`, for the state of a graph.
pub(crate) fn show_graph(graph_id: &str) -> String {
    command("ges show graph", &[("--graph-id", graph_id)], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_of_a_service_is_one_word() {
        for (job_id, expected) in [
            ("ff80", "--job-id ff80`"),
            ("x; touch /tmp/x", "--job-id 'x; touch /tmp/x'`"),
            ("$(touch x)", "--job-id '$(touch x)'`"),
            ("`touch x`", "--job-id '`touch x`'`"),
            ("a'b", r"--job-id 'a'\''b'`"),
            ("a\\", r"--job-id 'a'\\`"),
            ("-h", "--job-id=-h`"),
            ("a b\tc", r#"--job-id "$(printf 'a b\011c')"`"#),
            ("a\nrm -rf x", r#"--job-id "$(printf 'a\012rm -rf x')"`"#),
            ("\u{202e}a", r#"--job-id "$(printf '\342\200\256a')"`"#),
        ] {
            let shown = command("ges show job", &[("--graph-id", "g 1"), ("--job-id", job_id)], "");
            assert_eq!(shown, format!("`ges show job --graph-id 'g 1' {expected}"));
        }
        let none = "`ges show job` with --job-id, of which one cannot be written in a shell";
        assert_eq!(command("ges show job", &[("--job-id", "a\0")], " --wait"), none);
    }
}
