//! Finds what progenitor refuses, for reasons that lowering does not know, and takes it out of the document.

use std::collections::BTreeSet;

use openapi_document::document::{METHODS, references};
use serde_json::{Map, Value, json};

use super::progenitor::try_out;
use crate::lower::{Findings, Site, remove_operation};

const HINT: &str = "the client generator has no form for this; describe it by plainer schemas";

/// Replaces schemas by any JSON, and then removes operations, until progenitor takes the document. Halves are tried, and
/// halves of those that fail: however many culprits there are, it costs as much as a few clients.
pub(super) fn remove(document: &mut Value, findings: &mut Findings) {
    let marks = findings.marks.clone();
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let names: Vec<&String> = schemas.keys().collect();
    let mut refused = Vec::new();
    halve(&names, &|some| try_out(with_schemas(&schemas, some), &marks), &mut refused);
    for (name, why) in refused {
        let message = format!("no Rust type can be generated for `{name}`, so any JSON is taken: {why}");
        findings.warn("generator", format!("/components/schemas/{name}"), message, HINT);
        document["components"]["schemas"][name.as_str()] = json!({});
    }
    let sites = sites(document);
    let mut refused = Vec::new();
    halve(&sites, &|some| try_out(with_operations(document, some), &marks), &mut refused);
    let mut kept = sites.clone();
    for (site, why) in refused {
        refuse(document, &site, &why, findings);
        kept.retain(|known| *known != site);
    }
    // What is left goes by itself, and perhaps not together: then whatever comes last has to go.
    while !kept.is_empty() && try_out(document.clone(), &marks).is_err() {
        let Some((index, why)) =
            first_refused(kept.len(), |count| try_out(with_operations(document, &kept[..count]), &marks))
        else {
            break;
        };
        refuse(document, &kept.remove(index), &why, findings);
    }
}

fn refuse(document: &mut Value, site: &Site, why: &str, findings: &mut Findings) {
    let message = format!("no client can be generated for this operation: {why}");
    findings.refuse("generator", site, site.place(&[]), message, HINT);
    remove_operation(document, site);
}

/// Those of `all` with which a run fails alone, and why.
pub(super) fn halve<T: Clone>(all: &[T], run: &impl Fn(&[T]) -> Result<(), String>, refused: &mut Vec<(T, String)>) {
    let Err(why) = (if all.is_empty() { Ok(()) } else { run(all) }) else { return };
    match all {
        [only] => refused.push((only.clone(), why)),
        _ => {
            let (first, second) = all.split_at(all.len() / 2);
            halve(first, run, refused);
            halve(second, run, refused);
        }
    }
}

/// The first of `count` things with which a run fails that has all things in front of it, too; and why.
fn first_refused(count: usize, run: impl Fn(usize) -> Result<(), String>) -> Option<(usize, String)> {
    // With `good` things it does not fail, with `bad` it does.
    let (mut good, mut bad) = (0, count);
    let mut why = run(bad).err()?;
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        match run(middle) {
            Ok(()) => good = middle,
            Err(reason) => (bad, why) = (middle, reason),
        }
    }
    Some((bad - 1, why))
}

fn document(paths: Value, components: Value) -> Value {
    let info = json!({ "title": "", "version": "" });
    json!({ "openapi": "3.0.3", "info": info, "paths": paths, "components": components })
}

/// These schemas; those that they refer to are any JSON.
pub(super) fn with_schemas(schemas: &Map<String, Value>, some: &[&String]) -> Value {
    let mut out = Map::new();
    for name in some {
        let schema = &schemas[name.as_str()];
        for target in targets(schema) {
            out.entry(target).or_insert_with(|| json!({}));
        }
        out.insert((*name).clone(), schema.clone());
    }
    document(json!({}), json!({ "schemas": out }))
}

/// These operations, with the schemas that they need.
pub(super) fn with_operations(all: &Value, some: &[Site]) -> Value {
    let mut paths = json!({});
    for site in some {
        paths[site.path.as_str()][site.method.as_str()] =
            all["paths"][site.path.as_str()][site.method.as_str()].clone();
    }
    let others = all["components"].as_object().into_iter().flatten().filter(|(section, _)| *section != "schemas");
    let mut components: Map<String, Value> = others.map(|(section, all)| (section.clone(), all.clone())).collect();
    let mut schemas = Map::new();
    let mut open: Vec<String> = targets(&paths).into_iter().collect();
    open.extend(components.values().flat_map(targets));
    while let Some(name) = open.pop() {
        let schema = &all["components"]["schemas"][name.as_str()];
        if !schema.is_null() && schemas.insert(name, schema.clone()).is_none() {
            open.extend(targets(schema).into_iter().filter(|target| !schemas.contains_key(target)));
        }
    }
    components.insert("schemas".to_owned(), schemas.into());
    document(paths, components.into())
}

/// The names of the schemas that something refers to.
fn targets(value: &Value) -> BTreeSet<String> {
    let mut found = Vec::new();
    references(value, &mut found);
    found.iter().filter_map(|text| text.strip_prefix("#/components/schemas/")).map(str::to_owned).collect()
}

fn sites(document: &Value) -> Vec<Site> {
    let items = document["paths"].as_object().into_iter().flatten();
    let sites = items.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flat_map(Map::keys).filter(|name| METHODS.contains(&name.as_str()));
        methods.map(|method| Site { path: path.clone(), method: method.clone() })
    });
    sites.collect()
}
