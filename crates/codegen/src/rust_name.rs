//! Names of the document as Rust spells them.

/// `stop_graph` for `stopGraph`, `StopGraph` or `stop-graph`.
pub(crate) fn snake_case(name: &str) -> String {
    words(name).join("_")
}

/// `StopGraph` for `stop_graph`; `RunningGraph` for `running graph`.
pub(crate) fn pascal_case(name: &str) -> String {
    let capital = |word: String| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    let name: String = words(name).into_iter().map(capital).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The words of a name, lower case: split at what is not a letter or digit, and where a capital begins a word.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).map(|index| chars[index]);
        let after = chars.get(index + 1);
        let begins = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|a| a.is_lowercase())));
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{pascal_case, snake_case};

    #[test]
    fn every_spelling_of_a_name_becomes_the_same_words() {
        for name in ["stop_graph", "stopGraph", "StopGraph", "stop-graph", "stop graph"] {
            assert_eq!((snake_case(name), pascal_case(name)), ("stop_graph".to_owned(), "StopGraph".to_owned()));
        }
        assert_eq!(snake_case("listHTTPRoutes2"), "list_http_routes2");
        assert_eq!(pascal_case("2fa codes"), "_2faCodes");
    }
}
