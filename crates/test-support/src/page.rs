//! A page of documentation as the commands that it shows, each with what it prints.

/// Stands on a page for a part of a line, or, alone on a line, for some lines.
const SOME: &str = "…";

/// Runs every command in the `console` blocks of a page, in its order, and returns how many there are. `run` returns the lines
/// that a command prints.
///
/// # Panics
/// A command prints something else than the page shows.
pub fn play(page: &str, mut run: impl FnMut(&str) -> Vec<String>) -> usize {
    let steps = steps(page);
    for Step { command, expected } in &steps {
        let printed = run(command);
        assert!(
            matches(expected, &printed),
            "$ {command}\n--- on the page\n{}\n--- printed\n{}",
            expected.join("\n"),
            printed.join("\n")
        );
    }
    steps.len()
}

/// A command, and the lines that the page shows behind it.
struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => {
                steps.push(Step { command: command.to_owned(), expected: Vec::new() });
            }
            _ if inside => steps.last_mut().expect("a command comes first").expected.push(line.to_owned()),
            _ => {}
        }
    }
    steps
}

fn matches(expected: &[String], printed: &[String]) -> bool {
    match expected {
        [] => printed.is_empty(),
        [some, rest @ ..] if some == SOME => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        [line, rest @ ..] => {
            printed.first().is_some_and(|first| line_matches(line, first)) && matches(rest, &printed[1..])
        }
    }
}

fn line_matches(expected: &str, printed: &str) -> bool {
    let Some((before, after)) = expected.split_once(SOME) else { return expected == printed };
    let Some(rest) = printed.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| line_matches(after, &rest[at..]))
}
