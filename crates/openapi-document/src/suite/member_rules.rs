//! What the document says of the members of a reply: `x-match` and `x-present-on`.

use std::collections::{BTreeMap, BTreeSet};

use conformance_engine::suite::Rule;

use crate::document::{Document, Operation, parts};
use crate::node::{Node, escaped};

/// The rules of members (`x-match`): of those that the example has, and of identifiers also where it has none.
pub(crate) fn member_rules(
    document: &Document,
    schema: &Node,
    example: Option<&Node>,
    at: String,
    rules: &mut BTreeMap<String, Rule>,
) {
    for property in parts(document, schema).into_iter().flat_map(|part| part.entries_of("properties")) {
        let value = example.and_then(|example| example.get(&property.key));
        let pointer = format!("{at}/{}", escaped(&property.key));
        let rule = document.resolve(&property.value).and_then(|member| member.text("x-match"));
        let rule = match rule {
            Some("equal") => value.map(|_| Rule::Equal),
            Some("id") => Some(Rule::Id),
            _ => None,
        };
        if let Some(rule) = rule {
            rules.insert(pointer.clone(), rule);
        }
        if value.is_some() {
            member_rules(document, &property.value, value, pointer, rules);
        }
    }
}

/// The names of members that have a value only in replies of one kind, anywhere in the document.
#[derive(Default)]
pub(crate) struct OneKind<'d> {
    /// `x-present-on: success`.
    success: BTreeSet<&'d str>,
    /// `x-present-on: failure`.
    failure: BTreeSet<&'d str>,
    /// Members of the schemas of failures that have a code to compare (`x-match: equal`): every spelling of the API.
    failures: BTreeSet<&'d str>,
}

impl<'d> OneKind<'d> {
    pub(crate) fn of(document: &'d Document, operations: &[Operation<'d>]) -> OneKind<'d> {
        let mut names = OneKind::default();
        for property in document.components("schemas").flat_map(|schema| schema.value.entries_of("properties")) {
            match property.value.text("x-present-on") {
                Some("success") => names.success.insert(&property.key),
                Some("failure") => names.failure.insert(&property.key),
                _ => false,
            };
        }
        let responses = operations.iter().flat_map(|operation| &operation.responses);
        let media = responses.filter(|response| response.is_failure()).flat_map(|it| it.node.entries_of("content"));
        for schema in media.filter_map(|media| document.resolve(media.value.get("schema")?)) {
            let members = schema.entries_of("properties");
            if members.clone().any(|member| member.value.text("x-match") == Some("equal")) {
                names.failures.extend(members.map(|member| member.key.as_str()));
            }
        }
        names
    }

    /// Members that are blank in a success: those of failures, and other spellings of its own.
    pub(crate) fn success_rules(&self, schema: Option<&Node>, rules: &mut BTreeMap<String, Rule>) {
        blank("success", self.failure.union(&self.failures), schema, rules);
        let own: BTreeSet<String> = names_of(schema).map(spelt).collect();
        let twins = self.success.iter().filter(|name| own.contains(&spelt(name)));
        blank("success", twins, schema, rules);
    }

    /// Members that are blank in a failure: those of successes and, where the shape of the failure is documented, the
    /// spellings of other failures.
    pub(crate) fn failure_rules(&self, schema: Option<&Node>, rules: &mut BTreeMap<String, Rule>) {
        blank("failure", self.success.iter(), schema, rules);
        if names_of(schema).any(|name| self.failures.contains(name)) {
            blank("failure", self.failures.iter(), schema, rules);
        }
    }
}

/// Members of the other kind are blank in a reply, also where its own schema does not know them: an API that spells
/// things in two ways must not mix them.
fn blank<'n>(
    own: &str,
    names: impl Iterator<Item = &'n &'n str>,
    schema: Option<&Node>,
    rules: &mut BTreeMap<String, Rule>,
) {
    let properties = schema.and_then(|schema| schema.get("properties"));
    for name in names {
        // A schema that lists the member without restricting it to the other kind allows it here.
        let listed = properties.and_then(|all| all.get(name)).map(|member| member.text("x-present-on"));
        if listed.is_none_or(|kind| kind.is_some_and(|kind| kind != own)) {
            rules.insert(format!("/{}", escaped(name)), Rule::Blank);
        }
    }
}

fn names_of(schema: Option<&Node>) -> impl Iterator<Item = &str> {
    schema.into_iter().flat_map(|schema| schema.entries_of("properties")).map(|member| member.key.as_str())
}

/// `job_id` and `jobId` are two spellings of one name.
fn spelt(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
