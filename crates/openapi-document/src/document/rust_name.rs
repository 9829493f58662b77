//! Names of the document as Rust spells them.

use conformance_engine::suite::words;

/// `stop_engine` for `stopEngine`, `StopEngine` or `stop-engine`.
pub fn snake_case(name: &str) -> String {
    words(name).join("_")
}

/// `StopEngine` for `stop_engine`; `RunningEngine` for `running engine`.
pub fn pascal_case(name: &str) -> String {
    let capital = |word: String| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    let name: String = words(name).into_iter().map(capital).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// `RunningEngine` for `a running engine`: articles carry no meaning.
pub fn given_name(given: &str) -> String {
    let words = given.split_whitespace().filter(|word| !["a", "an", "the"].contains(word));
    pascal_case(&words.collect::<Vec<_>>().join(" "))
}

/// Whether an operation of this id can be a method of the generated client, and a builder beside what builders use.
pub fn is_free_for_operation(id: &str) -> bool {
    // Those of the client, and of the hooks that each call of it goes through.
    const METHODS: [&str; 12] = [
        "new",
        "new_with_client",
        "api_version",
        "baseurl",
        "client",
        "inner",
        "clone",
        "fmt",
        "exec",
        "pre",
        "post",
        "from",
    ];
    const NAMES: [&str; 19] = [
        "From",
        "Into",
        "TryInto",
        "Self",
        "Client",
        "Error",
        "ResponseValue",
        "ByteStream",
        "ClientInfo",
        "ClientHooks",
        "OperationInfo",
        "RequestBuilderExt",
        "String",
        "Result",
        "Ok",
        "Err",
        "Some",
        "None",
        "Option",
    ];
    let (snake, pascal) = (snake_case(id), pascal_case(id));
    let is_ascii = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
    is_ascii && !snake.is_empty() && !METHODS.contains(&snake.as_str()) && !NAMES.contains(&pascal.as_str())
}

#[cfg(test)]
mod tests {
    use super::{pascal_case, snake_case};

    #[test]
    fn every_spelling_of_a_name_becomes_the_same_words() {
        for name in ["stop_engine", "stopEngine", "StopEngine", "stop-engine", "stop engine"] {
            assert_eq!((snake_case(name), pascal_case(name)), ("stop_engine".to_owned(), "StopEngine".to_owned()));
        }
        assert_eq!(snake_case("listHTTPRoutes2"), "list_http_routes2");
        assert_eq!(pascal_case("2fa codes"), "_2faCodes");
    }
}
