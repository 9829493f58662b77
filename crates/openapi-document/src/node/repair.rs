//! Repairs the indentation of brackets that libyaml reads and YAML 1.2 refuses.

/// The text with every line of nothing but closing brackets as deep as the line before it, and the first such line; none
/// if that changes nothing. No value begins on such a line, so every place stays what it was.
///
/// Block scalars are text, and are left alone.
pub(super) fn closing_brackets(text: &str) -> Option<(String, u32)> {
    let mut out = String::with_capacity(text.len());
    let mut first = None;
    // How deep the line before is.
    let mut before = 0;
    // How deep the line is whose value is the block scalar that goes on.
    let mut scalar: Option<usize> = None;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_start_matches(' ');
        let depth = line.len() - content.len();
        let is_blank = content.trim().is_empty();
        if scalar.is_some_and(|holder| is_blank || depth > holder) {
            out.push_str(line);
            continue;
        }
        scalar = is_block_scalar_header(content).then_some(depth);
        let added = if is_closing(content) { usize::saturating_sub(before, depth) } else { 0 };
        if added > 0 {
            first.get_or_insert(number as u32 + 1);
        }
        out.extend(std::iter::repeat_n(' ', added));
        out.push_str(line);
        if !is_blank {
            before = depth + added;
        }
    }
    first.map(|line| (out, line))
}

fn is_closing(content: &str) -> bool {
    let brackets = content.split(" #").next().unwrap_or_default().trim_end();
    brackets.starts_with(['}', ']']) && brackets.chars().all(|c| "}], ".contains(c))
}

/// Whether the line ends with `|` or `>`, possibly with signs (`|-`, `>2+`).
fn is_block_scalar_header(content: &str) -> bool {
    let line = content.split(" #").next().unwrap_or_default().trim_end();
    let header = line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    let Some(rest) = header.strip_suffix(['|', '>']) else { return false };
    rest.is_empty() || rest.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::closing_brackets;

    #[test]
    fn brackets_are_indented_and_text_is_not() {
        let text = "a:\n  b: {\n    \"c\": \"d\"\n  }\n  e: |\n    {\n  f: 1\n";
        let (repaired, line) = closing_brackets(text).unwrap_or_default();
        assert_eq!((repaired.as_str(), line), ("a:\n  b: {\n    \"c\": \"d\"\n    }\n  e: |\n    {\n  f: 1\n", 4));
        for text in ["a: |\n    {\n      b\n  }\nc: 1\n", "a: {b: c}\n", "a: {\n  b: c\n  }\n"] {
            assert_eq!(closing_brackets(text), None, "{text}");
        }
    }
}
