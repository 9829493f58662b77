//! Every reference leads to something of the right kind.

use std::collections::{HashMap, HashSet};

use crate::document::{Document, MAX_HOPS, Operation};
use crate::node::Node;
use crate::source::{At, Diagnostics, did_you_mean_within};
use crate::structure::{Reference, Survey};

/// How many words are compared with misspelt ones in one document.
const COMPARISONS: usize = 100_000;

pub(super) fn check(document: &Document, operations: &[Operation<'_>], survey: &Survey<'_>, found: &mut Diagnostics) {
    // The reader of the files has said why it did not follow these.
    let not_followed = document.found.0.iter().filter(|problem| problem.rule == "external-reference");
    let not_followed: HashSet<At> = not_followed.map(|problem| problem.at).collect();
    let (mut comparisons, mut chains) = (COMPARISONS, Chains::default());
    for reference in survey.references.iter().filter(|reference| !not_followed.contains(&reference.at)) {
        check_reference(document, reference, &mut chains, &mut comparisons, found);
    }
    check_links(document, operations, &mut comparisons, found);
    check_security(document, operations, &mut comparisons, found);
}

fn check_reference(
    document: &Document,
    reference: &Reference<'_>,
    chains: &mut Chains,
    comparisons: &mut usize,
    found: &mut Diagnostics,
) {
    let Reference { text, at, section, instead_of } = *reference;
    if !text.starts_with('#') && !text.contains(['/', '.', ':']) {
        let section = section.unwrap_or("schemas");
        let message = format!("`{text}` is not a reference");
        found.report("dangling-reference", at, message, format!("write #/components/{section}/{text}"));
        return;
    }
    if let Some(object) = instead_of {
        let leads = if document.target(text).is_some() { "back to itself" } else { "to nothing" };
        let message = format!("`{text}` stands in place of the {object}, and leads {leads}");
        found.report("misplaced-reference", at, message, format!("write the {object} out, or correct the reference"));
        return;
    }
    let Some(target) = document.target(text) else {
        let known = section.map(|section| (section, document.components(section).map(|entry| entry.key.as_str())));
        let hint = known.map_or_else(String::new, |(section, names)| {
            let wanted = text.rsplit('/').next().unwrap_or_default();
            let near = did_you_mean_within(comparisons, wanted, names);
            format!("{near}add it under components.{section}, or correct the name")
        });
        found.report("dangling-reference", at, format!("`{text}` refers to nothing"), hint);
        return;
    };
    // Within a component there are objects of many kinds.
    let component = section_of(text).filter(|_| text.matches('/').count() == 3);
    if let (Some(section), Some(("components", actual))) = (section, component)
        && actual != section
    {
        let message =
            format!("`{text}` refers into components.{actual}, where one of components.{section} is expected");
        found.report("reference-kind", at, message, format!("refer into components.{section}"));
        return;
    }
    let message = match chains.end_of(document, target) {
        Leads::Back => format!("`{text}` leads back to itself"),
        Leads::To(hops) if hops > MAX_HOPS => {
            format!("`{text}` leads to a value through {hops} other references, and {MAX_HOPS} are followed")
        }
        // Of what leads nowhere, the last reference is reported.
        Leads::To(_) | Leads::Nowhere => return,
    };
    found.report("reference-cycle", at, message, "let one of the references lead to a value");
}

/// Where references end that lead to references.
#[derive(Clone, Copy)]
enum Leads {
    /// At a value, after so many.
    To(usize),
    Nowhere,
    /// At one of themselves.
    Back,
}

/// Where each chain of references ends; each reference is followed once.
#[derive(Default)]
struct Chains(HashMap<*const Node, Leads>);

impl Chains {
    fn end_of(&mut self, document: &Document, node: &Node) -> Leads {
        let (mut passed, mut seen) = (Vec::new(), HashSet::new());
        let mut here = node;
        let mut end = loop {
            if let Some(known) = self.0.get(&std::ptr::from_ref(here)) {
                break *known;
            }
            if !seen.insert(std::ptr::from_ref(here)) {
                break Leads::Back;
            }
            let Some(next) = here.text("$ref") else { break Leads::To(0) };
            passed.push(std::ptr::from_ref(here));
            match document.target(next) {
                Some(target) => here = target,
                None => break Leads::Nowhere,
            }
        };
        for passed in passed.into_iter().rev() {
            if let Leads::To(hops) = &mut end {
                *hops += 1;
            }
            self.0.insert(passed, end);
        }
        end
    }
}

/// `("components", "schemas")` for `#/components/schemas/Name`.
fn section_of(reference: &str) -> Option<(&str, &str)> {
    let mut steps = reference.strip_prefix("#/")?.split('/');
    Some((steps.next()?, steps.next()?))
}

fn check_links(document: &Document, operations: &[Operation<'_>], comparisons: &mut usize, found: &mut Diagnostics) {
    let known: HashMap<&str, &Operation<'_>> = operations.iter().map(|operation| (operation.id, operation)).collect();
    let in_responses = operations.iter().flat_map(|operation| &operation.responses).map(|response| response.node);
    let links = in_responses.flat_map(|response| response.entries_of("links")).chain(document.components("links"));
    for link in links.filter_map(|entry| document.resolve(&entry.value)) {
        let Some((target, id)) = link.get("operationId").and_then(|target| Some((target, target.as_text()?))) else {
            continue;
        };
        match known.get(id) {
            Some(operation) => check_link(link, operation, comparisons, found),
            None => {
                let ids = operations.iter().map(|operation| operation.id);
                let hint = format!("{}name an operationId of this document", did_you_mean_within(comparisons, id, ids));
                found.report("link-target", target.at, format!("no operation is called `{id}`"), hint);
            }
        }
    }
}

/// A link sends only what its target takes.
fn check_link(link: &Node, target: &Operation<'_>, comparisons: &mut usize, found: &mut Diagnostics) {
    for sent in link.entries_of("parameters") {
        // `path.id` and `id` both name the parameter `id`; a name may have a dot of its own.
        let is_taken = target.parameters.iter().any(|parameter| {
            sent.key == parameter.name || sent.key == format!("{}.{}", parameter.place, parameter.name)
        });
        if !is_taken {
            let message = format!("`{}` takes no parameter `{}`", target.id, sent.key);
            let names = target.parameters.iter().map(|parameter| parameter.name);
            let hint = format!("{}name one of its parameters", did_you_mean_within(comparisons, &sent.key, names));
            found.report("link-parameter", sent.at, message, hint);
        }
    }
    if target.body.is_none() && link.get("requestBody").is_some() {
        let message = format!("`{}` takes no body", target.id);
        let hint = "remove requestBody, or describe the body where the operation is";
        found.report("link-parameter", link.key_at("requestBody"), message, hint);
    }
}

fn check_security(document: &Document, operations: &[Operation<'_>], comparisons: &mut usize, found: &mut Diagnostics) {
    let known: HashSet<&str> = document.components("securitySchemes").map(|entry| entry.key.as_str()).collect();
    let of_operations = operations.iter().flat_map(|operation| operation.node.items_of("security"));
    for requirement in document.root().items_of("security").iter().chain(of_operations) {
        for scheme in requirement.entries() {
            if !known.contains(scheme.key.as_str()) {
                let known = document.components("securitySchemes").map(|entry| entry.key.as_str());
                let message = format!("no security scheme is called `{}`", scheme.key);
                let near = did_you_mean_within(comparisons, &scheme.key, known);
                let hint = format!("{near}add it under components.securitySchemes");
                found.report("security-scheme", scheme.at, message, hint);
            }
        }
    }
}
