//! Names of crates, and the one that follows from the title of an API.

use super::dependencies;
use crate::text::is_keyword;

/// The longest name that crates.io takes.
/// Source: The Cargo Book, "The Manifest Format", the `name` field.
const LONGEST: usize = 64;
/// What every such name ends with, unless the title does.
const SUFFIX: &str = "client";
/// Crates that come with the compiler; one of the same name could not be told from it.
const SYSROOT: [&str; 5] = ["alloc", "core", "proc_macro", "std", "test"];

/// The name of a crate for an API with this title: its ASCII letters and digits in lower case, with hyphens between the
/// words, and `-client`. `None` if the title has no ASCII letter or digit.
pub fn crate_name(title: &str) -> Option<String> {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    if words.first()?.starts_with(|c: char| c.is_ascii_digit()) {
        words.insert(0, "api".to_owned());
    }
    if words.last().is_some_and(|last| last == SUFFIX) && words.len() > 1 {
        words.pop();
    }
    let mut name = String::new();
    for word in &words {
        if name.len() + word.len() + SUFFIX.len() + 2 > LONGEST {
            // A word that is too long alone is cut; all of it is ASCII.
            if name.is_empty() {
                name.push_str(&word[..LONGEST - SUFFIX.len() - 2]);
                name.push('-');
            }
            break;
        }
        name.push_str(word);
        name.push('-');
    }
    Some(name + SUFFIX)
}

/// Checks a name that a crate is to have.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check_crate_name(name: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let wrong = if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "it must begin with a letter"
    } else if !name.chars().all(is_plain) {
        "it may have letters, digits, `-` and `_` only, all of ASCII"
    } else if name.len() > LONGEST {
        return Err(format!("it has {} characters, and 64 are allowed", name.len()));
    } else if is_keyword(name) {
        "Rust reserves the word"
    } else if SYSROOT.contains(&&*name.replace('-', "_")) {
        "a crate of the compiler has it"
    } else if dependencies::is_one(name) {
        "the client depends on a crate of this name"
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_gives_a_name_that_is_allowed() {
        let check = |title: &str, expected: &str| {
            assert_eq!(crate_name(title).as_deref(), Some(expected));
            assert_eq!(check_crate_name(expected), Ok(()));
        };
        check("Order Service", "order-service-client");
        check("  Straße & Söhne™ — API (v2.1)\n", "stra-e-s-hne-api-v2-1-client");
        check("3scale", "api-3scale-client");
        check("Acme Client", "acme-client");
        check("client", "client-client");
        check("fn", "fn-client");
        check(&"x".repeat(100), &format!("{}-client", "x".repeat(56)));
        check(&"word ".repeat(30), &format!("{}client", "word-".repeat(11)));
    }

    #[test]
    fn a_title_without_letters_gives_none() {
        assert_eq!(crate_name("订单服务"), None);
        assert_eq!(crate_name("!?"), None);
        assert_eq!(crate_name(""), None);
    }

    #[test]
    fn a_name_that_cargo_or_rust_would_refuse_is_refused() {
        for name in [
            "",
            "9lives",
            "-a",
            "a b",
            "a\"b",
            "ü",
            "async",
            "std",
            "proc-macro",
            "reqwest",
            "serde-json",
            &"a".repeat(65),
        ] {
            assert!(check_crate_name(name).is_err(), "{name}");
        }
        for name in ["a", "shop_client", "Shop-Client2"] {
            assert_eq!(check_crate_name(name), Ok(()), "{name}");
        }
    }
}
