//! Declares the variables of paths that no parameter describes.

use crate::document::operation;
use crate::document::resolve::Document;
use crate::node::{Data, Entry, Map, Node};
use crate::source::{At, Diagnostics, did_you_mean};

/// Reports each variable of a path without a parameter, and adds the parameter: a string.
pub(super) fn declare(document: &mut Document) {
    let mut found = Diagnostics::default();
    let mut missing: Vec<(String, &'static str, Vec<Node>)> = Vec::new();
    for operation in operation::all(document).iter().filter(|operation| operation.node.get("$ref").is_none()) {
        let Ok(variables) = variables(operation.path) else { continue };
        // A parameter that cannot be found may be the one that is missing, and has its own rule.
        let mut listed = operation.item.items_of("parameters").iter().chain(operation.node.items_of("parameters"));
        if !listed.all(|parameter| document.resolve(parameter).is_some_and(|it| it.text("name").is_some())) {
            continue;
        }
        let declared = || operation.parameters.iter().filter(|it| it.place == "path").map(|it| it.name);
        let mut added: Vec<&str> = Vec::new();
        for variable in &variables {
            if declared().any(|name| name == *variable) || added.contains(variable) {
                continue;
            }
            let message = format!("the path has a variable `{{{variable}}}`, and no path parameter is called that");
            let unused = declared().filter(|name| !variables.contains(name));
            let hint = format!("{}correct the path, or add the parameter", did_you_mean(variable, unused));
            found.report("path-variable", operation.path_at, message, hint);
            added.push(variable);
        }
        if !added.is_empty() {
            let parameters = added.iter().map(|name| parameter(name, operation.path_at));
            missing.push((operation.key.to_owned(), operation.method, parameters.collect()));
        }
    }
    document.found.0.append(&mut found.0);
    for (path, method, parameters) in missing {
        let operation = document.root_mut().get_mut("paths").and_then(|paths| paths.get_mut(&path)?.get_mut(method));
        let Some(Data::Map(operation)) = operation.map(|operation| &mut operation.data) else { continue };
        match operation.get_mut("parameters").map(|listed| &mut listed.data) {
            Some(Data::List(listed)) => listed.extend(parameters),
            Some(other) => *other = Data::List(parameters),
            None => {
                let at = parameters.first().map_or(At::START, |first| first.at);
                let value = Node { at, data: Data::List(parameters) };
                operation.push(Entry { key: "parameters".to_owned(), at, value });
            }
        }
    }
}

fn parameter(name: &str, at: At) -> Node {
    let text = |text: &str| Node { at, data: Data::Text(text.to_owned()) };
    let map = |members: Vec<(&str, Node)>| {
        let mut map = Map::default();
        members.into_iter().for_each(|(key, value)| map.push(Entry { key: key.to_owned(), at, value }));
        Node { at, data: Data::Map(map) }
    };
    map(vec![
        ("name", text(name)),
        ("in", text("path")),
        ("required", Node { at, data: Data::Flag(true) }),
        ("schema", map(vec![("type", text("string"))])),
    ])
}

/// The names in braces, or what is wrong with the braces.
pub(crate) fn variables(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(start) = rest.find(['{', '}']) {
        let inner = &rest[start + 1..];
        let end = inner.find(['{', '}', '/']);
        match end {
            Some(end) if rest.as_bytes()[start] == b'{' && inner.as_bytes()[end] == b'}' && end > 0 => {
                names.push(&inner[..end]);
                rest = &inner[end + 1..];
            }
            _ => return Err(format!("the braces of the path `{path}` do not match")),
        }
    }
    Ok(names)
}
