//! How does a generated call get from its arguments to its answer? By way of the crate it is generated into.
//!
//! progenitor's `send` builds an address as text, makes the call, and sorts the answer into an error type of the operation.
//! A crate with credentials, retries and one error of its own wants to do all of that itself. So everything in `send` that
//! follows from the document stays (arguments, path, query, body, which statuses are a success), and the rest becomes one
//! call of `Inner::call`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::items::{items, opened};

/// The client in `tokens`, with calls that go through the field `inner`. The module that contains it must have `Error` and
/// `Response`; see [`Artefact::Client`](crate::Artefact::Client).
pub(crate) fn through_inner(tokens: TokenStream) -> Result<TokenStream, String> {
    let mut out = Vec::new();
    for item in items(tokens) {
        if has(&item, "progenitor_client") && has(&item, "use") {
            // Twice: what is public, and what is not.
            if has(&item, "pub") {
                out.extend(parse("use super::{Error, Response, encode_path};")?);
            }
        } else if !has(&item, "mod") && (names(&item, "ClientHooks") || names(&item, "ClientInfo")) {
            // What progenitor's own run-time library asks of a client.
        } else {
            out.extend(rewritten(item)?);
        }
    }
    // An empty statement follows the item about hooks.
    out.dedup_by(|a, b| is_punct(a, ';') && is_punct(b, ';'));
    Ok(out.into_iter().collect())
}

/// Everything below an item: each `send`, and what is imported for it.
fn rewritten(trees: Vec<TokenTree>) -> Result<Vec<TokenTree>, String> {
    let mut out: Vec<TokenTree> = Vec::with_capacity(trees.len());
    let mut trees = trees.into_iter();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "send" && out.last().is_some_and(|last| is_word(last, "fn")) => {
                let (mut signature, mut body) = (Vec::new(), None);
                for tree in trees.by_ref() {
                    match tree {
                        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                            body = Some(group);
                            break;
                        }
                        tree => signature.push(tree),
                    }
                }
                let body = body.ok_or("a `send` has no body")?;
                let reply = reply(&signature).ok_or("a `send` returns something else than a `ResponseValue`")?;
                out.extend(parse(&format!("send(self) -> Result<Response<{reply}>, Error>"))?);
                out.push(Group::new(Delimiter::Brace, send(opened(body))?).into());
            }
            TokenTree::Group(group) if is_import(&out, &group) => {
                out.extend(parse("{Error, Response, encode_path}")?);
            }
            TokenTree::Group(group) => {
                let delimiter = group.delimiter();
                let inside: Vec<TokenTree> = opened(group).into_iter().collect();
                // A text that every call would throw away again. What it says is known where it is needed.
                let inside = if is_not_given(&inside) { parse("String::new()")? } else { rewritten(inside)? };
                out.push(Group::new(delimiter, inside.into_iter().collect()).into());
            }
            tree => out.push(tree),
        }
    }
    Ok(out)
}

/// `"id was not initialized".to_string()`: where a builder begins.
fn is_not_given(inside: &[TokenTree]) -> bool {
    matches!(inside.first(), Some(TokenTree::Literal(text)) if text.to_string().ends_with(" was not initialized\""))
}

/// `use super::{…}` with what every call needs.
fn is_import(before: &[TokenTree], group: &Group) -> bool {
    before.len() >= 4 && is_word(&before[before.len() - 4], "use") && group.to_string().contains("OperationInfo")
}

/// The `T` of `-> Result<ResponseValue<T>, Error<E>>`.
fn reply(signature: &[TokenTree]) -> Option<TokenStream> {
    let start = signature.iter().position(|tree| is_word(tree, "ResponseValue"))? + 2;
    let mut depth = 1;
    let end = signature[start..].iter().position(|tree| {
        depth += i32::from(is_punct(tree, '<')) - i32::from(is_punct(tree, '>'));
        depth == 0
    })?;
    Some(signature[start..start + end].iter().cloned().collect())
}

/// The body of a `send`, statement by statement.
fn send(body: TokenStream) -> Result<TokenStream, String> {
    const UNKNOWN: &str = "the body of a `send` is not what it was";
    let mut statements = statements(body);
    let answer = statements.pop().ok_or(UNKNOWN)?;
    let has_headers = statements.iter().any(|statement| is_header(statement));
    let mut out = Vec::new();
    let (mut request, mut operation) = (None, None);
    for statement in statements {
        if names(&statement, "baseurl") {
            out.extend(address(&statement).ok_or(UNKNOWN)?);
        } else if names(&statement, "header_map") && !names(&statement, "build") {
            // Only what the document says: the header with the version of the document is progenitor's own.
            if has_headers && !names(&statement, "api_version") {
                out.extend(statement);
            }
        } else if names(&statement, "build") {
            let start = statement.iter().position(|tree| is_word(tree, "let")).ok_or(UNKNOWN)?;
            let mut statement = plain_queries(statement[start..].to_vec())?;
            statement.retain(|tree| !is_word(tree, "mut"));
            if !has_headers {
                remove_call(&mut statement, "headers");
            }
            // No document asks for it: what is accepted is for `inner` to say.
            if statement.iter().any(|tree| matches!(tree, TokenTree::Group(group) if has(&inside(group), "ACCEPT"))) {
                remove_call(&mut statement, "header");
            }
            request = statement.get(1).cloned();
            out.extend(statement);
        } else if names(&statement, "OperationInfo") {
            operation = statement.iter().find_map(|tree| match tree {
                TokenTree::Group(group) => {
                    group.stream().into_iter().find(|tree| matches!(tree, TokenTree::Literal(_)))
                }
                _ => None,
            });
        } else if request.is_none() {
            // An argument that the builder did not take.
            let name = statement.get(1).ok_or(UNKNOWN)?.to_string();
            out.extend(with_error(statement, &name)?);
        }
    }
    let (request, operation) = (request.ok_or(UNKNOWN)?, operation.ok_or(UNKNOWN)?);
    let succeeds = successes(answer).ok_or(UNKNOWN)?;
    let call = format!(
        "client.inner.call(&client.client, {operation}, |status: u16| matches!(status, {succeeds}), {request}).await"
    );
    out.extend(parse(&call)?);
    Ok(out.into_iter().collect())
}

/// `let url = format!("{}/path", client.baseurl, …);` without the first part, which `inner` knows in parts.
fn address(statement: &[TokenTree]) -> Option<Vec<TokenTree>> {
    let url = statement.get(1)?;
    let arguments = statement.iter().find_map(|tree| match tree {
        TokenTree::Group(group) => Some(group.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    })?;
    let path = arguments.first()?.to_string();
    let path = path.strip_prefix("\"{}")?;
    // `"…", client.baseurl, …`
    let rest: TokenStream = arguments.get(5..)?.iter().cloned().map(without_copy).collect();
    parse(&format!("let {url} = client.inner.address(format_args!(\"{path} {rest}))?;")).ok()
}

/// `encode_path(&name.to_string())` as `encode_path(&name)`.
fn without_copy(tree: TokenTree) -> TokenTree {
    match tree {
        TokenTree::Group(group) if names(&inside(&group), "to_string") => {
            let kept = inside(&group).into_iter().take(2);
            Group::new(group.delimiter(), kept.collect()).into()
        }
        tree => tree,
    }
}

/// `.query(&progenitor_client::QueryParam::new("name", &value))` as `.query(&[("name", &value)])`, which is the same for a
/// single value, absent or not.
fn plain_queries(trees: Vec<TokenTree>) -> Result<Vec<TokenTree>, String> {
    let plain = |tree| match tree {
        TokenTree::Group(group) if group.to_string().contains("progenitor_client") => {
            let pair = group.stream().into_iter().last().ok_or("a query parameter has no name")?;
            let pair = parse(&format!("(&[{pair}])"))?;
            pair.into_iter().next().ok_or_else(|| "a query parameter has no value".to_owned())
        }
        tree => Ok(tree),
    };
    trees.into_iter().map(plain).collect()
}

/// The patterns of the statuses that are a success: `200u16`, `200..=299`.
fn successes(answer: Vec<TokenTree>) -> Option<String> {
    let TokenTree::Group(arms) = answer.last()? else { return None };
    let mut found = Vec::new();
    let mut pattern = TokenStream::new();
    for tree in arms.stream() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let first = group.stream().into_iter().next()?;
                let pattern = std::mem::take(&mut pattern).to_string();
                if is_word(&first, "ResponseValue") || is_word(&first, "Ok") {
                    found.push(pattern.trim_end_matches("=>").trim().to_owned());
                }
            }
            tree => pattern.extend([tree]),
        }
    }
    (!found.is_empty()).then(|| found.join(" | "))
}

/// Whether a statement is about a header that the document knows.
fn is_header(statement: &[TokenTree]) -> bool {
    names(statement, "append") && !names(statement, "api_version")
}

/// `.name(…)`, out of a chain of calls.
fn remove_call(statement: &mut Vec<TokenTree>, name: &str) {
    if let Some(at) = statement.iter().position(|tree| is_word(tree, name)) {
        statement.drain(at - 1..(at + 2).min(statement.len()));
    }
}

/// `.map_err(Error::InvalidRequest)` with the argument that is not what it must be.
fn with_error(trees: Vec<TokenTree>, name: &str) -> Result<Vec<TokenTree>, String> {
    let replace = |tree| match tree {
        TokenTree::Group(group) => {
            let inside = inside(&group);
            let inside = match inside.last().is_some_and(|last| is_word(last, "InvalidRequest")) {
                true => parse(&format!("|message| Error::invalid_argument(\"{name}\", message)"))?,
                false => with_error(inside, name)?,
            };
            Ok(Group::new(group.delimiter(), inside.into_iter().collect()).into())
        }
        tree => Ok(tree),
    };
    trees.into_iter().map(replace).collect()
}

/// Each ends behind its semicolon, or behind the braces of an `if`; the last one where the body does.
fn statements(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut found = vec![Vec::new()];
    for tree in body {
        let Some(last) = found.last_mut() else { continue };
        let is_if = last.first().is_some_and(|first| is_word(first, "if"));
        let is_block = matches!(&tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let ends = is_punct(&tree, ';') || (is_if && is_block);
        last.push(tree);
        if ends {
            found.push(Vec::new());
        }
    }
    found
}

/// Whether a word is anywhere in these tokens.
fn names(trees: &[TokenTree], word: &str) -> bool {
    trees.iter().any(|tree| match tree {
        TokenTree::Group(group) => names(&inside(group), word),
        tree => is_word(tree, word),
    })
}

/// Whether a word is among these tokens, and not only within a group of them.
fn has(trees: &[TokenTree], word: &str) -> bool {
    trees.iter().any(|tree| is_word(tree, word))
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn parse(text: &str) -> Result<Vec<TokenTree>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
    Ok(tokens.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::through_inner;

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
        let tokens = generated(statements, request, arms).parse().unwrap();
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
        let expected: proc_macro2::TokenStream = expected.parse().unwrap();
        assert_eq!(through_inner(tokens).unwrap().to_string(), expected.to_string());
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
        let expected: proc_macro2::TokenStream =
            "impl Do { fn new() -> Self { Self { id: Err(String::new()), limit: Ok(None), } } }".parse().unwrap();
        assert_eq!(through_inner(tokens.parse().unwrap()).unwrap().to_string(), expected.to_string());
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
        assert!(through_inner(tokens.parse().unwrap()).is_err());
    }
}
