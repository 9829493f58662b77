//! Rewrites generated calls so that they use the transport of the client crate.
//!
//! progenitor's `send` builds an address as text, makes the call, and sorts the answer into an error type of the operation.
//! A crate with credentials, retries and one error of its own wants to do all of that itself. So everything in `send` that
//! follows from the document stays (arguments, path, query, body, which statuses are a success), and the rest becomes one
//! call of `Inner::call`.

use proc_macro2::{Delimiter, Spacing};

use crate::rust::items::into_items;
use crate::rust::tree::{Group, Tree, parse, text};

/// Makes the calls of the client go through the field `inner`. The module that contains it must have `Error` and
/// `Response`; see [`Artefact::Client`](crate::Artefact::Client).
pub(crate) fn through_inner(client: &mut Vec<Tree>) -> Result<(), String> {
    let mut out = Vec::with_capacity(client.len());
    for mut item in into_items(std::mem::take(client)) {
        if has(&item, "progenitor_client") && has(&item, "use") {
            // Twice: what is public, and what is not.
            if has(&item, "pub") {
                out.extend(parse("use super::{Error, Response, encode_path};")?);
            }
        } else if !has(&item, "mod") && (names(&item, "ClientHooks") || names(&item, "ClientInfo")) {
            // What progenitor's own run-time library asks of a client.
        } else {
            rewrite(&mut item)?;
            out.append(&mut item);
        }
    }
    // An empty statement follows the item about hooks.
    out.dedup_by(|a, b| a.is_punct(';') && b.is_punct(';'));
    *client = out;
    Ok(())
}

/// Everything below an item: each `send`, and what is imported for it.
fn rewrite(trees: &mut Vec<Tree>) -> Result<(), String> {
    let mut at = 0;
    while at < trees.len() {
        if at > 0 && trees[at - 1].is_word("fn") && trees[at].is_word("send") {
            let body = trees[at..].iter().position(|tree| tree.within(Delimiter::Brace).is_some());
            let body = at + body.ok_or("a `send` has no body")?;
            let reply = reply(&trees[at..body]).ok_or("a `send` returns something else than a `ResponseValue`")?;
            let signature = parse(&format!("send(self) -> Result<Response<{}>, Error>", text(reply)))?;
            if let Some(inside) = trees[body].within_mut(Delimiter::Brace) {
                *inside = send(std::mem::take(inside))?;
            }
            let behind = at + signature.len() + 1;
            trees.splice(at..body, signature);
            at = behind;
            continue;
        }
        let is_use = at >= 4 && trees[at - 4].is_word("use");
        if let Tree::Group(group) = &mut trees[at] {
            if is_use && has(&group.trees, "OperationInfo") {
                // `use super::{…}` with what every call needs.
                group.trees = parse("Error, Response, encode_path")?;
            } else if is_not_given(&group.trees) {
                // A text that every call would throw away again. What it says is known where it is needed.
                group.trees = parse("String::new()")?;
            } else {
                rewrite(&mut group.trees)?;
            }
        }
        at += 1;
    }
    Ok(())
}

/// `"id was not initialized".to_string()`: where a builder begins.
fn is_not_given(inside: &[Tree]) -> bool {
    matches!(inside.first(), Some(Tree::Literal(text)) if text.ends_with(" was not initialized\""))
}

/// The `T` of `-> Result<ResponseValue<T>, Error<E>>`.
fn reply(signature: &[Tree]) -> Option<&[Tree]> {
    let start = signature.iter().position(|tree| tree.is_word("ResponseValue"))? + 2;
    let mut depth = 1;
    let end = signature.get(start..)?.iter().position(|tree| {
        depth += i32::from(tree.is_punct('<')) - i32::from(tree.is_punct('>'));
        depth == 0
    })?;
    Some(&signature[start..start + end])
}

/// The body of a `send`, statement by statement.
fn send(body: Vec<Tree>) -> Result<Vec<Tree>, String> {
    const UNKNOWN: &str = "the body of a `send` is not what it was";
    let mut statements = without_own_header(statements(body));
    let answer = statements.pop().ok_or(UNKNOWN)?;
    let has_wire = statements.iter().any(|statement| names(statement, "wire"));
    let mut out = Vec::new();
    let (mut request, mut operation) = (None, None);
    for mut statement in statements {
        if names(&statement, "baseurl") {
            out.extend(address(statement).ok_or(UNKNOWN)?);
        } else if names(&statement, "header_map") && !names(&statement, "build") {
            out.append(&mut statement);
        } else if names(&statement, "build") {
            let start = statement.iter().position(|tree| tree.is_word("let")).ok_or(UNKNOWN)?;
            statement.drain(..start);
            plain_queries(&mut statement);
            if !has_wire {
                statement.retain(|tree| !tree.is_word("mut"));
            }
            // No document asks for it: what is accepted is for `inner` to say.
            if statement.iter().any(|tree| matches!(tree, Tree::Group(group) if has(&group.trees, "ACCEPT"))) {
                remove_call(&mut statement, "header");
            }
            request = statement.get(1).cloned();
            out.append(&mut statement);
        } else if request.is_some() && names(&statement, "wire") {
            // What the built request still needs.
            out.append(&mut statement);
        } else if names(&statement, "OperationInfo") {
            operation = statement.into_iter().find_map(|tree| match tree {
                Tree::Group(group) => group.trees.into_iter().find(|tree| matches!(tree, Tree::Literal(_))),
                _ => None,
            });
        } else if request.is_none() {
            // An argument that the builder did not take.
            let name = text(statement.get(1..2).ok_or(UNKNOWN)?);
            name_error(&mut statement, name.trim_end())?;
            out.append(&mut statement);
        }
    }
    let (request, operation) = (request.ok_or(UNKNOWN)?, operation.ok_or(UNKNOWN)?);
    let call = format!(
        "client.inner.call(&client.client, {}, |status: u16| matches!(status, {}), {}).await",
        text(&[operation]),
        successes(&answer).ok_or(UNKNOWN)?,
        text(&[request]),
    );
    out.extend(parse(&call)?);
    Ok(out)
}

/// `let url = format!("{}/path", client.baseurl, …);` without the first part, which `inner` knows in parts.
fn address(mut statement: Vec<Tree>) -> Option<Vec<Tree>> {
    let url = text(statement.get(1..2)?);
    let arguments = statement.iter_mut().find_map(|tree| match tree {
        Tree::Group(group) => Some(&mut group.trees),
        _ => None,
    })?;
    let Tree::Literal(path) = arguments.first()?.clone() else { return None };
    let path = path.strip_prefix("\"{}")?;
    // `"…", client.baseurl, …`
    let rest = arguments.get_mut(5..)?;
    rest.iter_mut().for_each(remove_copy);
    parse(&format!("let {url} = client.inner.address(format_args!(\"{path} {}))?;", text(rest))).ok()
}

/// `encode_path(&name.to_string())` as `encode_path(&name)`.
fn remove_copy(tree: &mut Tree) {
    if let Tree::Group(group) = tree
        && names(&group.trees, "to_string")
    {
        group.trees.truncate(2);
    }
}

/// `.query(&progenitor_client::QueryParam::new("name", &value))` as `.query(&[("name", &value)])`, which is the same for a
/// single value, absent or not.
fn plain_queries(trees: &mut [Tree]) {
    for tree in trees {
        if let Tree::Group(group) = tree
            && names(&group.trees, "progenitor_client")
            && let Some(pair) = group.trees.pop()
        {
            let list = Group { delimiter: Delimiter::Bracket, trees: vec![pair] };
            group.trees = vec![Tree::Punct('&', Spacing::Alone), Tree::Group(list)];
        }
    }
}

/// The patterns of the statuses that are a success: `200u16`, `200..=299`.
fn successes(answer: &[Tree]) -> Option<String> {
    let Tree::Group(arms) = answer.last()? else { return None };
    let mut found = Vec::new();
    let mut start = 0;
    for (at, tree) in arms.trees.iter().enumerate() {
        if let Some(inside) = tree.within(Delimiter::Brace) {
            let first = inside.first()?;
            if first.is_word("ResponseValue") || first.is_word("Ok") {
                // In front of `=>`, which is two.
                found.push(text(arms.trees.get(start..at.checked_sub(2)?)?));
            }
            start = at + 1;
        }
    }
    (!found.is_empty()).then(|| found.join(" | "))
}

/// The statements of a `send` without the header `api-version`, which no document asks for: it is progenitor's own.
pub(super) fn without_own_header(statements: Vec<Vec<Tree>>) -> Vec<Vec<Tree>> {
    let is_own = |statement: &Vec<Tree>| names(statement, "api_version");
    let has_others = statements.iter().any(|statement| names(statement, "append") && !is_own(statement));
    let is_kept = |statement: &Vec<Tree>| {
        !is_own(statement) && (has_others || !names(statement, "header_map") || names(statement, "build"))
    };
    let mut kept: Vec<Vec<Tree>> = statements.into_iter().filter(is_kept).collect();
    if !has_others {
        kept.iter_mut().filter(|statement| names(statement, "build")).for_each(|one| remove_call(one, "headers"));
    }
    kept
}

/// `.name(…)`, out of a chain of calls.
fn remove_call(statement: &mut Vec<Tree>, name: &str) {
    if let Some(at) = statement.iter().position(|tree| tree.is_word(name)) {
        statement.drain(at - 1..(at + 2).min(statement.len()));
    }
}

/// `.map_err(Error::InvalidRequest)` with the argument that is not what it must be.
fn name_error(trees: &mut [Tree], name: &str) -> Result<(), String> {
    for tree in trees {
        let Tree::Group(group) = tree else { continue };
        if group.trees.last().is_some_and(|last| last.is_word("InvalidRequest")) {
            group.trees = parse(&format!("|message| Error::invalid_argument(\"{name}\", message)"))?;
        } else {
            name_error(&mut group.trees, name)?;
        }
    }
    Ok(())
}

/// Each ends behind its semicolon, or behind the braces of an `if`; the last one where the body does.
pub(super) fn statements(body: Vec<Tree>) -> Vec<Vec<Tree>> {
    let mut found = vec![Vec::new()];
    for tree in body {
        let Some(last) = found.last_mut() else { continue };
        let is_if = last.first().is_some_and(|first: &Tree| first.is_word("if"));
        let ends = tree.is_punct(';') || is_if && tree.within(Delimiter::Brace).is_some();
        last.push(tree);
        if ends {
            found.push(Vec::new());
        }
    }
    found
}

/// Whether a word is anywhere in these tokens.
pub(super) fn names(trees: &[Tree], word: &str) -> bool {
    trees.iter().any(|tree| match tree {
        Tree::Group(group) => names(&group.trees, word),
        tree => tree.is_word(word),
    })
}

/// Whether a word is among these tokens, and not only within a group of them.
fn has(trees: &[Tree], word: &str) -> bool {
    trees.iter().any(|tree| tree.is_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &str) -> Result<Vec<Tree>, String> {
        let mut client = parse(source)?;
        through_inner(&mut client).map(|()| client)
    }

    /// What progenitor makes of a call, shortened to what is looked at.
    fn generated(statements: &str, request: &str, arms: &str) -> String {
        format!(
            "pub mod builder {{ use super::{{encode_path, ByteStream, Error, OperationInfo, ResponseValue}}; impl Do {{
                pub async fn send(self) -> Result<ResponseValue<::std::vec::Vec<types::Thing>>, Error<types::Fault>,> {{
                    let Self {{ client, id, }} = self;
                    let id = id.map_err(Error::InvalidRequest)?;
                    let url = format!(\"{{}}/things/{{}}?kind=a%26b\", client.baseurl, encode_path(&id.to_string()),);
                    let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
                    header_map.append(HeaderName::from_static(\"api-version\"), super::Client::api_version());
                    {statements}
                    #[allow(unused_mut)]
                    let mut request = client.client.get(url){request}.headers(header_map).build()?;
                    let info = OperationInfo {{ operation_id: \"do\", }};
                    client.pre(&mut request, &info).await?;
                    let result = client.exec(request, &info).await;
                    client.post(&result, &info).await?;
                    let response = result?;
                    match response.status().as_u16() {{ {arms} _ => Err(Error::UnexpectedResponse(response)), }}
                }}
            }} }}"
        )
    }

    #[track_caller]
    fn check(statements: &str, request: &str, arms: &str, expected: [&str; 3]) {
        let [kept, built, succeeds] = expected;
        let expected = format!(
            "pub mod builder {{ use super::{{Error, Response, encode_path}}; impl Do {{
                pub async fn send(self) -> Result<Response<::std::vec::Vec<types::Thing>>, Error> {{
                    let Self {{ client, id, }} = self;
                    let id = id.map_err(|message| Error::invalid_argument(\"id\", message))?;
                    let url = client.inner.address(format_args!(\"/things/{{}}?kind=a%26b\", encode_path(&id),))?;
                    {kept}
                    let request = client.client.get(url){built}.build()?;
                    client.inner.call(&client.client, \"do\", |status: u16| matches!(status, {succeeds}), request).await
                }}
            }} }}"
        );
        assert_eq!(rewritten(&generated(statements, request, arms)), parse(&expected));
    }

    #[test]
    fn what_follows_from_the_document_stays() {
        const ONE: &str = "200u16 => { ResponseValue::from_response(response).await }";
        const FAILS: &str = "400u16 => { Err(Error::ErrorResponse(ResponseValue::from_response(response).await?)) }";
        check("", "", &format!("{ONE} {FAILS}"), ["", "", "200u16"]);
        check("", ".json(&body)", ONE, ["", ".json(&body)", "200u16"]);
        let accept = ".header(::reqwest::header::ACCEPT, HeaderValue::from_static(\"application/json\",),)";
        check("", &format!("{accept}.json(&body)"), ONE, ["", ".json(&body)", "200u16"]);
        let query = ".query(&progenitor_client::QueryParam::new(\"limit\", &limit))";
        check("", query, ONE, ["", ".query(&[(\"limit\", &limit)])", "200u16"]);
        let more = format!("{ONE} 202u16 => {{ Ok(ResponseValue::empty(response)) }}");
        check("", "", &more, ["", "", "200u16 | 202u16"]);
    }

    #[test]
    fn a_builder_begins_without_a_text_for_each_argument() {
        let tokens = "impl Do { fn new() -> Self { Self { id: Err(\"id was not initialized\".to_string()), limit: Ok(None), } } }";
        let expected = "impl Do { fn new() -> Self { Self { id: Err(String::new()), limit: Ok(None), } } }";
        assert_eq!(rewritten(tokens), parse(expected));
    }

    #[test]
    fn documented_headers_are_sent_and_the_version_of_the_document_is_not() {
        const ARMS: &str = "200 ..= 299 => { ResponseValue::from_response(response).await }";
        let headers = "header_map.append(\"a\", a.to_string().try_into()?);
                       if let Some(value) = b { header_map.append(\"b\", value.to_string().try_into()?); }";
        let kept = format!("let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize); {headers}");
        check(headers, "", ARMS, [&kept, ".headers(header_map)", "200..=299"]);
    }

    #[test]
    fn what_is_not_known_is_an_error_and_not_a_wrong_call() {
        let tokens = "impl Do { pub async fn send(self) -> Result<ResponseValue<()>, Error<()>> { todo!() } }";
        assert!(rewritten(tokens).is_err());
    }
}
