//! A known secret is found in every encoding that a report can show.

#![allow(clippy::unwrap_used)]

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use specwright_redaction::{Format, Redactor};

fn redactor(secret: &str) -> Redactor {
    let mut redactor = Redactor::new();
    redactor.known.add(secret);
    redactor
}

#[track_caller]
fn check(secret: &str, text: &str, expected: &str) {
    let mut redacted = text.to_owned();
    redactor(secret).known(&mut redacted);
    assert_eq!(redacted, expected);
}

#[test]
fn as_it_is() {
    check("s3cret", "a s3cret, s3cret!", "a ***, ***!");
    check("s3cret-long", "x-S3CRET-LONG-id", "x-***-id");
    check("abc123456==", "token=abc123456==;", "token=***;");
    check("two\nlines-of-it", r"two\nlines-of-it", "***");
    check("two\nlines-of-it", "only lines-of-it", "only ***");
    check("ends with a line\n", "ends with a line, yes", "***, yes");
    check("täglich", "t&auml;glich täglich", "t&auml;glich ***");
    check("t", "the report", "the report");
    check("a%41b", "a%41b aAb", "*** aAb");
    check("a%b/c", "a%25b%2fc", "***");
    check("aaaa", "aaaaaaa", "***");
}

#[test]
fn of_a_long_one_the_beginning_is_enough() {
    let long = "s3cret/+".repeat(200);
    check(&long, &format!("a {long} b"), "a *** b");
    check(&long, &format!(r#"{{"a":"{long}","b":1}}"#), r#"{"a":"***","b":1}"#);
    check(&long, &format!("t={}&b", long.replace('/', "%2F").replace('+', "%2b")), "t=***&b");
    check(&long, &format!("cut {}", &long[..1000]), "cut ***");
    check(&long, &format!("x {} y", BASE64_STANDARD.encode(&long)), "x *** y");
    check(&"%41".repeat(300), &format!("x {} y", "A".repeat(300)), "x *** y");
    check(&"ä".repeat(300), &format!("x {} y", "ä".repeat(300)), "x *** y");
}

#[test]
fn percent_encoded() {
    check("a b/c=", "x=a%20b%2Fc%3D&y", "x=***&y");
    check("a b/c=", "x=a%20b%2fc%3d&y", "x=***&y");
    check("a b/c=", "x=a b%2fc=&y", "x=***&y");
    check("a b/c=", "x=a+b/c%3D&y", "x=***&y");
    check("a b/c=", "x=%61%20%62%2F%63%3D", "x=***");
    check("a b/c=", "x=a%2520b%252Fc%253D", "x=***");
    check("a b/c=", "x=a%25252520b%2Fc=", "x=***");
    check("a b/c=", "x=a%u0020b%u002Fc=", "x=***");
    check("a:b/c=+&ä", "x=a:b/c=+&%C3%A4&y", "x=***&y");
    check("100%sure", "100%25sure 100%sure", "*** ***");
}

#[test]
fn in_character_references() {
    check("a+b/c<d>", "a&#x2b;b/c&lt;d&gt;", "***");
    check("a+b/c<d>", "a&#43;b&#x2F;c&#60;d&#62;", "***");
    check("a+b/c<d>", "a&plus;b&sol;c&lt;d&gt;", "***");
    check("a+b/c<d>", "a&amp;#43;b/c&amp;lt;d&amp;gt;", "***");
    check("a+b/c<d>", "&#97;&#43;&#98;&#47;&#99;&#60;&#100;&#62;", "***");
    check("a\"b'c&d", "a&quot;b&apos;c&amp;d", "***");
    check("a\"b'c&d", "a&#34;b&#39;c&#38;d", "***");
    check("a\"b'c&d", "a&#x22 b", "a&#x22 b");
    check("a=b==c", "a&#x3D;b&equals;&#61;c", "***");
    check("köln{1}", "k&#246;ln&lbrace;1&rcub;", "***");
}

#[test]
fn in_escapes() {
    check("a/b\\c", r#"{"t":"a\/b\\c""#, r#"{"t":"***""#);
    check("a\"b\"", r#"in "{\"t\":\"a\\\"b\\\"\"}""#, r#"in "{\"t\":\"***\"}""#);
    check("s3cret", r"\u00733cret", "***");
    check("s3cret", r"not json: \u0073\u0033\u0063ret,", "not json: ***,");
    check("s3cret", r"\x733cret \1633cret \u{73}3cret \U000000733cret", "*** *** *** ***");
    check("s3cret", r"b'\x73\x33\x63\x72\x65\x74'", "b'***'");
    check("it's m3", r"'it\'s m3'", "'***'");
    check("a<b>c&d", r"a\u003cb\u003ec\u0026d", "***");
    check("smile😀key", r"smile\ud83d\ude00key", "***");
    check("a$b`c", r#""a\$b\`c""#, r#""***""#);
    check("a/b~c", "/names/a~1b~0c/x", "/names/***/x");
}

#[test]
fn in_base64_and_hexadecimal() {
    check("s3cret/~?>", "czNjcmV0L34/Pg==", "***==");
    check("s3cret/~?>", "czNjcmV0L34_Pg", "***");
    check("s3cret/~?>", "OnMzY3JldC9+Pz4=", "***=");
    check("s3cret/~?>", "7333637265742f7e3f3e", "***");
    check("s3cret/~?>", "7333637265742F7E3F3E", "***");
    let json = BASE64_STANDARD.encode(r#"{"a": "\u0073\u0033cret/~?>"}"#);
    check("s3cret/~?>", &format!("x {json}"), "x ***=");
    let twice = BASE64_STANDARD.encode(BASE64_STANDARD.encode("the s3cret/~?> of it"));
    check("s3cret/~?>", &twice, "***==");
    let url = BASE64_URL_SAFE_NO_PAD.encode("text before the s3cret/~?> and after");
    let mut text = url.clone();
    redactor("s3cret/~?>").known(&mut text);
    assert!(text.contains("***"), "{text}");
    let wrapped = "dGhlIGZpcnN0IGxpbmUgb2YgaXQgczNj\r\n  cmV0L34/PiBhbmQgdGhlIGxhc3Q=";
    check("s3cret/~?>", wrapped, "***=");
    check("s3cret/~?>", r#""dGhlIGZpcnN0IGxpbmUgb2YgaXQgczNj\ncmV0L34/PiBhbmQgdGhlIGxhc3Q=""#, r#""***=""#);
    check("s3cret/~?>", "czNjcmV0L34%2FPg%3D%3D", "***%3D%3D");
    check("0123456789abcdef0123", "0123456789abc\ndef0123", "***");
}

#[test]
fn in_quoted_printable() {
    check("s3cret+key", "s3cret=2Bkey", "***");
    check("s3cret+key", "s3cre=\r\nt+key", "***");
    check("s3cret+key", "token=s3cret+key", "token=***");
}

#[test]
fn cut_off() {
    check("s3cret", "token s3cre…", "token ***…");
    check("s3cret", "token s3c…", "token s3c…");
    check("s3cret-key", "\"s3cret-k…\" and s3cr…", "\"***…\" and ***…");
    let mut body = b"it was s3cre".to_vec();
    redactor("s3cret").bytes(&mut body, None);
    assert_eq!(body, b"it was ***");
}

#[test]
fn the_last_of_many_secrets_is_found_like_the_first() {
    let mut redactor = Redactor::new();
    let secrets: Vec<String> = (0..500).map(|number| format!("tok{number:05}/+x")).collect();
    secrets.iter().for_each(|secret| redactor.known.add(secret));
    let mut text = secrets.join("&#32;").replace('+', "%2B");
    redactor.text(&mut text, Format::Any);
    assert!(!text.contains("tok"), "{text}");
}

/// One way to write a text.
fn encoded(way: u8, text: &str) -> String {
    let each = |write: &dyn Fn(char) -> String| text.chars().map(write).collect::<String>();
    match way % 9 {
        0 => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
        1 => each(&|c| format!("&#x{:x};", c as u32)),
        2 => each(&|c| format!("&#{};", c as u32)),
        3 => each(&|c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()),
        4 => serde_json::to_string(text).unwrap(),
        5 => text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        6 => text
            .bytes()
            .enumerate()
            .map(|(at, byte)| {
                if at % 3 == 0 || !byte.is_ascii_alphanumeric() {
                    format!("%{byte:02x}")
                } else {
                    char::from(byte).to_string()
                }
            })
            .collect(),
        7 => BASE64_STANDARD.encode(text),
        _ => text.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    /// Two encodings within each other, in any order, hide nothing.
    #[test]
    fn no_encoding_hides_a_secret(core in "[a-zA-Z0-9+/=&<>\"'%~ äß-]{6,20}", first in 0_u8..9, second in 0_u8..9) {
        // Ends that every encoding keeps apart from what is around it.
        let secret = format!("Qj{}zX9", core);
        let text = encoded(second, &format!("see {} here", encoded(first, &secret)));
        let mut redacted = text.clone();
        redactor(&secret).known(&mut redacted);
        prop_assert!(redacted.contains("***"), "{secret:?} stays in {text:?}");
        prop_assert!(!redacted.contains(&secret));
    }

    /// Whatever the text, redacting it does not fail, and what was replaced stays replaced.
    #[test]
    fn any_text_can_be_redacted(text in "(?s)([\"':=&%<>{}\\[\\]\\\\ \n,;#a-e]|token|password|eyJ|://|@|…|key|name|value){0,60}") {
        let redactor = redactor("secret-value-1");
        let mut once = text.clone();
        redactor.text(&mut once, Format::Any);
        let body = text.into_bytes();
        let _ = redactor.body(&body, "application/json");
    }
}
