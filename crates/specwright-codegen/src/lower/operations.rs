//! The operations of a lowered document, for passes that change them one after the other.

use openapi_document::document::{METHODS, escaped};
use serde_json::{Map, Value};

/// Which operation: its lowered path key and its method.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Site {
    pub(crate) path: String,
    pub(crate) method: String,
}

impl Site {
    /// A JSON pointer to a part of the operation.
    pub(crate) fn place(&self, steps: &[&str]) -> String {
        let own = ["paths", &self.path, &self.method];
        pointer(own.into_iter().chain(steps.iter().copied()))
    }
}

/// A JSON pointer of these steps.
pub(crate) fn pointer<'s>(steps: impl IntoIterator<Item = &'s str>) -> String {
    steps.into_iter().map(|step| format!("/{}", escaped(step))).collect()
}

/// Calls `change` for each operation, with the component schemas that its references lead to; it may add some.
pub(super) fn each_operation(
    document: &mut Value,
    mut change: impl FnMut(&Site, &mut Map<String, Value>, &mut Map<String, Value>),
) {
    let mut schemas = take(document, &["components", "schemas"]);
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            let Some(item) = item.as_object_mut() else { continue };
            for (method, operation) in item.iter_mut().filter(|(name, _)| METHODS.contains(&name.as_str())) {
                let site = Site { path: path.clone(), method: method.clone() };
                if let Some(operation) = operation.as_object_mut() {
                    change(&site, operation, &mut schemas);
                }
            }
        }
    }
    put(document, &["components", "schemas"], schemas);
}

/// The schema that `schema` stands for: references are followed, to something that is none.
pub(super) fn resolved<'s>(schemas: &'s Map<String, Value>, schema: &'s Value) -> &'s Value {
    let mut schema = schema;
    // More hops than any honest chain has.
    for _ in 0..100 {
        let name =
            schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"));
        match name.and_then(|name| schemas.get(name)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// Takes the object at these steps out of the document; it must be put back.
pub(super) fn take(document: &mut Value, steps: &[&str]) -> Map<String, Value> {
    let place = steps.iter().try_fold(document, |value, step| value.get_mut(*step));
    match place.map(Value::take) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// Puts an object back where it was taken.
pub(super) fn put(document: &mut Value, steps: &[&str], members: Map<String, Value>) {
    let mut place = document;
    for step in steps {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(object) = place.as_object_mut() else { return };
        place = object.entry(*step).or_insert(Value::Null);
    }
    *place = Value::Object(members);
}
