//! Prints a result as a table or as JSON.

use std::fmt::Write as _;
use std::io::IsTerminal;

use clap::ValueEnum;
use serde::Serialize;
use specwright::Failure;
use specwright::output::console::{data, json, shown};
use unicode_width::UnicodeWidthStr;

/// Printed for a value that the service did not return.
const NONE: &str = "-";

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text in columns
    #[default]
    Table,
    /// One JSON object, with the names of version 2 of the API
    Json,
}

/// Values under titles, for `--output table`.
pub(crate) struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Printed if there are no rows.
    empty: &'static str,
    /// Whether it shows one object instead of a list.
    is_of_one: bool,
}

impl Table {
    pub(crate) fn new(titles: &[&'static str], empty: &'static str) -> Table {
        Table { titles: titles.to_vec(), rows: Vec::new(), empty, is_of_one: false }
    }

    /// One object, with one value per line. Values that the service did not return are left out.
    pub(crate) fn of_one(values: &[(&'static str, Option<String>)]) -> Table {
        let values = values.iter().filter_map(|(title, value)| Some((*title, shown(value.as_deref()?))));
        let (titles, row) = values.unzip();
        Table { titles, rows: vec![row], empty: "", is_of_one: true }
    }

    pub(crate) fn push<const N: usize>(&mut self, row: [Option<&str>; N]) {
        self.rows.push(row.iter().map(|value| value.map_or_else(|| NONE.to_owned(), shown)).collect());
    }

    /// Values below their titles if they fit into `columns`, else one value per line: an identifier must not be wrapped.
    fn text(&self, columns: usize) -> String {
        if self.rows.is_empty() {
            return format!("{}\n", self.empty);
        }
        let rows =
            || std::iter::once(self.titles.iter().map(|title| title.to_uppercase()).collect()).chain(self.rows.clone());
        let widths = rows().fold(vec![0; self.titles.len()], |widths: Vec<usize>, row: Vec<String>| {
            widths.iter().zip(&row).map(|(width, value)| value.width().max(*width)).collect()
        });
        let needed = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        let mut text = String::new();
        if self.is_of_one || needed > columns {
            let width = self.titles.iter().map(|title| title.width()).max().unwrap_or_default();
            for (index, row) in self.rows.iter().enumerate() {
                if index > 0 {
                    text.push('\n');
                }
                for (title, value) in self.titles.iter().zip(row) {
                    let _ = writeln!(text, "{title:width$}  {value}");
                }
            }
            return text;
        }
        for row in rows() {
            let start = text.len();
            for (value, width) in row.iter().zip(&widths) {
                text.push_str(value);
                text.extend(std::iter::repeat_n(' ', width - value.width() + 2));
            }
            text.truncate(start + text[start..].trim_end().len());
            text.push('\n');
        }
        text
    }
}

/// Writes the result to standard output: all of `object`, or what `table` shows of it.
pub(crate) fn write(format: Format, object: &impl Serialize, table: &Table) -> Result<(), Failure> {
    match format {
        Format::Table => data(table.text(columns())),
        Format::Json => {
            let text = serde_json::to_string_pretty(object)
                .map_err(|error| Failure::cannot_start(format!("cannot write the result as JSON: {error}")))?;
            json(text)
        }
    }
}

/// The columns of the terminal; without a terminal there is no limit.
fn columns() -> usize {
    let size = std::io::stdout().is_terminal().then(|| terminal_size::terminal_size_of(std::io::stdout())).flatten();
    size.map_or(usize::MAX, |(terminal_size::Width(columns), _)| columns.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Table {
        let mut table = Table::new(&["id", "name", "size"], "no graphs");
        table.push([Some("g-1"), Some("図"), Some("7")]);
        table.push([Some("graph-2"), Some("a\u{1b}[2J"), None]);
        table
    }

    #[track_caller]
    fn check(table: &Table, columns: usize, expected: &str) {
        assert_eq!(table.text(columns), expected);
    }

    #[test]
    fn values_are_below_their_titles() {
        let expected = ["ID       NAME        SIZE\n", "g-1      図          7\n", "graph-2  a\\u{1b}[2J  -\n"];
        check(&two(), usize::MAX, &expected.concat());
    }

    #[test]
    fn a_table_that_is_too_wide_has_each_title_beside_its_value() {
        check(&two(), 24, "id    g-1\nname  図\nsize  7\n\nid    graph-2\nname  a\\u{1b}[2J\nsize  -\n");
    }

    #[test]
    fn one_object_is_shown_without_missing_values() {
        let one = [("graph", Some("g-1".to_owned())), ("job", None), ("backup", Some("b\n".to_owned()))];
        check(&Table::of_one(&one), usize::MAX, "graph   g-1\nbackup  b\n");
    }

    #[test]
    fn an_empty_table_is_a_sentence() {
        check(&Table::new(&["id"], "no graphs"), 80, "no graphs\n");
    }
}
