//! Reads a JSONPath.
//!
//! The parser is that of `jsonpath-rust`; this file refuses what its grammar lets pass and RFC 9535 does not (section 2.4.3), and
//! what would take it too long.
//!
//! Source: RFC 9535.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, Test, TestFunction,
};
use jsonpath_rust::parser::parse_json_path;

/// More than any honest path has.
const LONGEST: usize = 10_000;
/// The grammar tries a call in several ways, so calls within calls multiply its work.
const DEEPEST_CALLS: usize = 5;

/// A JSONPath that keeps RFC 9535.
pub(super) struct Query {
    pub(super) segments: Vec<Segment>,
}

/// What is wrong with a JSONPath, and what to do.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) hint: String,
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Query, Mistake> {
        const HINT: &str = "write a JSONPath as in RFC 9535, such as $.paths['/lamps'].get";
        let mistake = |message: String| Mistake { message, hint: HINT.to_owned() };
        if !text.starts_with('$') {
            let near =
                if text.starts_with('#') || text.starts_with('/') { " (this looks like a JSON pointer)" } else { "" };
            return Err(mistake(format!("a JSONPath begins with `$`{near}")));
        }
        if text.len() > LONGEST {
            return Err(mistake(format!("it has {} bytes, and {LONGEST} are read", text.len())));
        }
        if nested_calls(text) > DEEPEST_CALLS {
            return Err(mistake(format!("functions are nested more than {DEEPEST_CALLS} deep")));
        }
        let query = parse_json_path(text).map_err(|error| parse_mistake(text, &error))?;
        queries(&query.segments).map_err(mistake)?;
        Ok(Query { segments: query.segments })
    }
}

fn parse_mistake(text: &str, error: &JsonPathError) -> Mistake {
    let JsonPathError::PestError(error) = error else {
        let message = error.to_string();
        let message = message.strip_prefix("Invalid json path: ").unwrap_or(&message);
        let hint = "correct it as RFC 9535 has it".to_owned();
        return Mistake { message: lower_first(message), hint };
    };
    let column = match error.line_col {
        pest::error::LineColLocation::Pos((_, column)) | pest::error::LineColLocation::Span((_, column), _) => column,
    };
    let rest: String = text.chars().skip(column - 1).take(20).collect();
    let message = match rest.is_empty() {
        true => "it ends too early".to_owned(),
        false => format!("character {column}, from which `{rest}` follows, is not understood"),
    };
    let before: String = text.chars().take(column - 1).collect();
    let name = before.rsplit(['.', '[', '@', ' ']).next().unwrap_or_default();
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || "-_/{}".contains(*c)).collect();
    let hint = match rest.chars().next() {
        Some('-' | '/' | '{') => format!("a name with such characters is written ['{name}{word}']"),
        _ => "correct it as RFC 9535 has it".to_owned(),
    };
    Mistake { message, hint }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// How deep calls of functions are nested.
fn nested_calls(text: &str) -> usize {
    let (mut open, mut deepest) = (Vec::new(), 0);
    let mut quote = None;
    let mut before = ' ';
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(mark), _) if mark == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => open.push(before.is_ascii_alphanumeric() || before == '_'),
            (None, ')') => drop(open.pop()),
            _ => {}
        }
        deepest = deepest.max(open.iter().filter(|is_call| **is_call).count());
        before = c;
    }
    deepest
}

/// What RFC 9535 asks of the queries and functions in filters.
fn queries(segments: &[Segment]) -> Result<(), String> {
    for segment in segments {
        let mut segment = segment;
        while let Segment::Descendant(inner) = segment {
            segment = inner;
        }
        let selectors = match segment {
            Segment::Selector(one) => std::slice::from_ref(one),
            Segment::Selectors(several) => several,
            Segment::Descendant(_) => &[],
        };
        for selector in selectors {
            if let Selector::Filter(filter) = selector {
                logical(filter)?;
            }
        }
    }
    Ok(())
}

fn logical(filter: &Filter) -> Result<(), String> {
    match filter {
        Filter::Or(all) | Filter::And(all) => all.iter().try_for_each(logical),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => logical(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => match &**expr {
            Test::RelQuery(segments) | Test::AbsQuery(JpQuery { segments }) => queries(segments),
            Test::Function(called) if is_logical(called) => arguments(called),
            Test::Function(called) => Err(format!("`{called}` is a value: compare it with another")),
        },
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            side(left)?;
            side(right)
        }
    }
}

fn side(side: &Comparable) -> Result<(), String> {
    match side {
        Comparable::Function(called) if is_logical(called) => {
            Err(format!("`{called}` is true or false already: do not compare it"))
        }
        Comparable::Function(called) => arguments(called),
        Comparable::Literal(_) | Comparable::SingularQuery(_) => Ok(()),
    }
}

fn is_logical(called: &TestFunction) -> bool {
    matches!(called, TestFunction::Match(..) | TestFunction::Search(..) | TestFunction::Custom(..))
}

fn arguments(called: &TestFunction) -> Result<(), String> {
    let is_singular = |segments: &[Segment]| {
        segments.iter().all(|it| matches!(it, Segment::Selector(Selector::Name(_) | Selector::Index(_))))
    };
    let value = |argument: &FnArg| match argument {
        FnArg::Literal(_) => Ok(()),
        FnArg::Test(test) => match &**test {
            Test::RelQuery(segments) | Test::AbsQuery(JpQuery { segments }) if is_singular(segments) => Ok(()),
            Test::Function(inner) if !is_logical(inner) => arguments(inner),
            _ => Err(format!("an argument of `{called}` may have any number of values, and must have one")),
        },
        FnArg::Filter(_) => Err(format!("an argument of `{called}` must be a value")),
    };
    let nodes = |argument: &FnArg| match argument {
        FnArg::Test(test) => match &**test {
            Test::RelQuery(segments) | Test::AbsQuery(JpQuery { segments }) => queries(segments),
            Test::Function(_) => Err(format!("the argument of `{called}` must be a path")),
        },
        FnArg::Literal(_) | FnArg::Filter(_) => Err(format!("the argument of `{called}` must be a path")),
    };
    match called {
        TestFunction::Length(argument) => value(argument),
        TestFunction::Count(argument) | TestFunction::Value(argument) => nodes(argument),
        TestFunction::Match(text, pattern) | TestFunction::Search(text, pattern) => value(text).and(value(pattern)),
        TestFunction::Custom(name, _) => Err(format!("RFC 9535 has no function `{name}`")),
    }
}
