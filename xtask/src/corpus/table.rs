//! The table of `docs/real-documents.md`: written from figures, and read to see which number fell.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::figures::Figures;
use crate::bench::compile::Compiled;

/// One document of the table.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) figures: Figures,
    /// Reading, generating and planning: seconds of CPU time and MiB at most.
    pub(crate) seconds: f64,
    pub(crate) mib: u64,
    pub(crate) compiled: Option<Compiled>,
    /// What each peer made of it, in the order of [`PEERS`](super::peers::PEERS).
    pub(crate) peers: Vec<String>,
}

/// The table, a line for each document and one for their sum.
pub(crate) fn table(rows: &[Row], peers: &[&str]) -> String {
    let mut text = String::from(
        "| document | OpenAPI | operations | in the client | left out because | renames | with an example | with a case | s | MiB | compiles |",
    );
    peers.iter().for_each(|peer| text += &format!(" {peer} |"));
    text += "\n|---|---|---|---|---|---|---|---|---|---|---|";
    text += &"---|".repeat(peers.len());
    text.push('\n');
    for row in rows {
        let figures = &row.figures;
        let reasons = if figures.unread.is_empty() { rules(&figures.left_out) } else { figures.unread.clone() };
        let compiled = row.compiled.as_ref().map_or_else(|| "–".to_owned(), Compiled::to_string);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.2} | {} | {} |",
            row.name,
            figures.version,
            figures.operations,
            figures.generated,
            reasons,
            figures.renames,
            figures.with_example,
            figures.with_case,
            row.seconds,
            row.mib,
            compiled,
        );
        row.peers.iter().for_each(|peer| text += &format!(" {peer} |"));
        text.push('\n');
    }
    text + "\n" + &sums(rows) + "\n"
}

fn rules(left_out: &BTreeMap<String, usize>) -> String {
    left_out.iter().map(|(rule, count)| format!("{rule} {count}")).collect::<Vec<_>>().join(", ")
}

/// One sentence with the sums.
pub(crate) fn sums(rows: &[Row]) -> String {
    let read: Vec<&Row> = rows.iter().filter(|row| row.figures.unread.is_empty()).collect();
    let sum = |number: fn(&Figures) -> usize| read.iter().map(|row| number(&row.figures)).sum::<usize>();
    let count = |is: fn(&Figures) -> bool| read.iter().filter(|row| is(&row.figures)).count();
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let (operations, generated) = (sum(|it| it.operations), sum(|it| it.generated));
    let (with_example, with_case) = (sum(|it| it.with_example), sum(|it| it.with_case));
    let mut text = format!(
        "{} documents, {} of them read; {} give a client, {} a complete one; {generated} of {operations} operations \
         ({:.1} %); cases for {with_case} of {with_example} operations with a response example ({:.1} %).",
        rows.len(),
        read.len(),
        count(|it| it.generated > 0),
        count(Figures::is_complete),
        percent(generated, operations),
        percent(with_case, with_example),
    );
    let compiled: Vec<&Compiled> = rows.iter().filter_map(|row| row.compiled.as_ref()).collect();
    if !compiled.is_empty() {
        let sound = compiled.iter().filter(|it| it.errors == 0 && it.warnings == 0).count();
        text += &format!(" {sound} of {} clients compile without a warning.", compiled.len());
    }
    text
}

/// The documents of an earlier table whose numbers are larger than now.
pub(crate) fn fallen(earlier: &str, rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    for line in earlier.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let Some(row) = rows.iter().find(|row| Some(&row.name.as_str()) == cells.first()) else { continue };
        let now = [("operations", 2, row.figures.operations), ("in the client", 3, row.figures.generated)];
        let now = now.into_iter().chain([("with a case", 7, row.figures.with_case)]);
        for (what, column, now) in now {
            let before: Option<usize> = cells.get(column).and_then(|cell| cell.parse().ok());
            if let Some(before) = before.filter(|before| *before > now) {
                found.push(format!("{}: {what}: {now}, and {before} before", row.name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, operations: usize, generated: usize) -> Row {
        let left_out = [("method".to_owned(), operations - generated)].into();
        let figures = Figures { version: "3.1.0".to_owned(), operations, generated, left_out, ..Figures::default() };
        Row { name: name.to_owned(), figures, seconds: 0.5, mib: 12, compiled: None, peers: Vec::new() }
    }

    #[test]
    fn only_a_number_that_fell_is_reported() {
        let before = table(&[row("a.yaml", 9, 7), row("b.json", 3, 2), row("gone.yaml", 1, 1)], &[]);
        assert_eq!(fallen(&before, &[row("a.yaml", 9, 7), row("b.json", 3, 3)]), Vec::<String>::new());
        assert_eq!(
            fallen(&before, &[row("a.yaml", 9, 6), row("b.json", 2, 2), row("new.yaml", 1, 0)]),
            ["a.yaml: in the client: 6, and 7 before", "b.json: operations: 2, and 3 before"]
        );
    }

    #[test]
    fn sums_count_documents_and_operations() {
        let mut unread = row("c.yaml", 0, 0);
        unread.figures.unread = "a Swagger 2.0 document".to_owned();
        let text = sums(&[row("a.yaml", 8, 8), row("b.json", 2, 1), unread]);
        assert!(text.starts_with("3 documents, 2 of them read; 2 give a client, 1 a complete one; 9 of 10"), "{text}");
    }
}
