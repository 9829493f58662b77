//! Values that are secrets by their names are found in every format, whether it is well-formed or not.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use specwright_redaction::{Format, Redactor};

/// `SECRET` is gone, `kept` is not.
#[track_caller]
fn check(text: &str) {
    check_as(Format::Any, text);
}

#[track_caller]
fn check_as(format: Format, text: &str) {
    let mut redacted = text.to_owned();
    Redactor::new().text(&mut redacted, format);
    assert!(!redacted.contains("SECRET"), "{text}\n{redacted}");
    assert_eq!(redacted.matches("kept").count(), text.matches("kept").count(), "{text}\n{redacted}");
    assert!(redacted.contains("***"), "{text}\n{redacted}");
}

#[test]
fn json_and_what_resembles_it() {
    for text in [
        r#"{"user": "kept", "password": "SECRET", "id": "kept"}"#,
        r#"{"secretKey":"SECRET\"SECRET","x":"kept"}"#,
        "\u{feff}{\"PASSWORD\": \"SECRET\", \"a\": \"kept\"}",
        r#"{"adminPass": "SECRET", "a": "kept",}"#,
        "{\"sk\": \"SECRET\"}\n{\"a\": \"kept\", \"pwd\": \"SECRET\"}\n",
        r#"{'password': 'SECRET', 'a': 'kept'}"#,
        r#"{'password': 'SECRET's SECRET', 'a': 'kept'}"#,
        r#"{u'authToken': u'SECRET', b'passwd': b'SECRET', 'a': 'kept'}"#,
        r#"{password: SECRET, a: kept}"#,
        r#"{"tokens": ["SECRET", "SECRET2"], "a": ["kept"]}"#,
        r#"{"token": {"id": "SECRET", "type": "kept", "user": {"name": "kept"}}, "a": "kept"}"#,
        r#"{"credentials": [{"value": "SECRET", "type": "kept"}], "a": "kept"}"#,
        r#"{"auth": {"identity": {"methods": ["kept"], "password": {"user": {"name": "kept", "password": "SECRET"}}}}}"#,
        r#"{"auth": {"passphrase": "SECRET"}, "session": ["kept", {"token": "SECRET"}]}"#,
        r#"{"inner": "{\"password\":\"SECRET\",\"a\":\"kept\"}"}"#,
        r#"{"inner": "{\"deep\":\"{\\\"password\\\":\\\"SECRET\\\"}\"}", "a": "kept"}"#,
        r#"{"a": "kept", "password" : "SECRET never ends"#,
        r#"{"a": "kept", "tokens": ["SECRET", "SECRET"#,
        r#"[{"name": "password", "value": "SECRET"}, {"name": "id", "value": "kept"}]"#,
        r#"[{"value": "SECRET", "name": "X-Auth-Token"}, {"value": "kept", "name": "id"}]"#,
        "{\"password\"\n  :\n  \"SECRET\", \"a\": \"kept\"}",
        r#"{"pass\u0077ord": "SECRET", "a": "kept"}"#,
        r#"{"a":"kept","url":"https://h/?token=SECRET&kept=1"}"#,
        r#"{"a":"kept","header":"Bearer SECRET0123","b":"kept"}"#,
        r#"{"password": """SECRET "quoted" SECRET""", "a": "kept"}"#,
    ] {
        check(text);
    }
    let mut number = r#"{"pin": 123456789012, "password":12345,"a":1}"#.to_owned();
    Redactor::new().text(&mut number, Format::Any);
    assert_eq!(number, r#"{"pin": 123456789012, "password":"***","a":1}"#);
}

#[test]
fn addresses() {
    for text in [
        "https://h/p?token=SECRET&kept=1",
        "https://h/p?kept=1;access_token=SECRET;kept=2",
        "https://h/p?kept=1#access_token=SECRET&kept=2",
        "https://h/p?sig=SECRET%2B%3D&kept=1",
        "https://h/p?key=4eSECRETx9Q&code=4/0SECRETx9Q&kept",
        "https://h/p?key=kept_at&code=KEPT_kept&sort=kept&token=SECRET",
        "https://h/p?api%5Fkey=SECRET&kept=1",
        "https://h/p?api%255Fkey=SECRET&kept=1",
        "https://h/p?back=https%3A%2F%2Fh%2F%3Ftoken%3DSECRET%26kept%3D1",
        "https://user:SECRET@kept/path",
        "https://SECRET@kept:8080/path?a=b@kept",
        "/callback?state=kept&code=4eSECRETx9Q",
        "<https://h/p?page=kept&token=SECRET>; rel=kept",
        "5; url=https://h/kept?token=SECRET",
        "//user:kept@h/kept?X-Amz-Signature=SECRET&X-Amz-Date=kept",
        "https://h/p;jsessionid=SECRET?kept=1",
        "https://h/p;jsessionid=SECRET?kept",
        "https://h/p?token={SECRET,SECRET}&kept=1",
        "see https://h/p?token={SECRET,b=SECRET}&kept=1",
        "https://h/p?password=\"SECRET\"SECRET&kept=1",
        "postgres://app:SECRET@kept/kept?sslmode=kept",
    ] {
        check(text);
    }
}

#[test]
fn forms() {
    for text in [
        "grant_type=kept&client_secret=SECRET&scope=kept",
        "user=kept&password=SECRET with blanks SECRET&a=kept",
        "user=kept&password=SECRET%0ASECRET&a=kept",
        "user=kept&password=SECRET\nSECRET&a=kept",
        "user=kept\r\npassword=SECRET SECRET\r\na=kept\r\n",
        "user%5Bpassword%5D=SECRET&a=kept",
        "user[password]=SECRET&a=kept",
        "password=SECRET\"SECRET'SECRET<SECRET&a=kept",
        "a=kept&newPassword=SECRET&confirm_password=SECRET",
        "PWD=SECRET;SECRET&a=kept",
        "pass%77ord=SECRET&a=kept",
        "token=SECRET",
        "password==SECRET&a=kept",
        "password=a,b=SECRET&a=kept",
        "password=a?b=SECRET#c=SECRET&a=kept",
        "password={SECRET},SECRET&a=kept",
        "password=\"SECRET\",'SECRET&a=kept",
    ] {
        check_as(Format::Form, text);
    }
}

#[test]
fn headers_and_cookies_in_a_text() {
    for text in [
        "GET /kept HTTP/1.1\r\nX-Auth-Token: SECRET\r\nX-Id: kept\r\n",
        "a: kept\nAuthorization: Basic SECRET SECRET\nb: kept",
        "Cookie: a=SECRET; b=SECRET\nkept",
        "> Proxy-Authorization: Bearer SECRET012345\n> kept",
        "said Bearer SECRET0123456 to kept",
        "curl -H 'Authorization: Bearer SECRET012' kept",
        "header x-api-key: SECRET0123456789 kept",
        r#"{"text": "X-Auth-Token: SECRET word\r\nHost: y", "a": "kept"}"#,
        "token eyJSECRET012345678.eyJSECRET01234567.SECRET0123456 kept",
        "-----BEGIN PRIVATE KEY-----\nSECRET\nSECRET\n-----END PRIVATE KEY-----\nkept",
    ] {
        check(text);
    }
}

#[test]
fn xml() {
    for text in [
        "<a><Password>SECRET</Password><b>kept</b></a>",
        "<ns:password xsi:type=\"string\">SECRET</ns:password><b>kept</b>",
        "<password><![CDATA[SECRET]]></password><b>kept</b>",
        "<user name=\"kept\" password=\"SECRET\"/>",
        "<user password='SECRET' id='kept'/>",
        "<add key=\"Password\" value=\"SECRET\"/><add key=\"Other\" value=\"kept\"/>",
        "<param name=\"token\">SECRET</param><param name=\"x\">kept</param>",
        "<token><value>SECRET</value><type>kept</type></token><b>kept</b>",
        "<Credentials><AccessKeyId>SECRET</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey></Credentials><b>kept</b>",
        "<password>SECRET &amp; SECRET</password>",
        "<a>kept</a><password>SECRET without an end",
        "&lt;password&gt;SECRET&lt;/password&gt;&lt;b&gt;kept&lt;/b&gt;",
        "<input type=\"hidden\" name=\"csrf_token\" value=\"SECRET\"><p>kept</p>",
    ] {
        check(text);
    }
}

#[test]
fn yaml_and_settings() {
    for text in [
        "user: kept\npassword: SECRET with # and SECRET\nid: kept\n",
        "user: kept\npassword: 'SECRET'\nid: kept\n",
        "password: |\n  SECRET\n  SECRET\nid: kept\n",
        "private_key: >-\n    SECRET\n\n    SECRET\nid: kept\n",
        "user: kept\rpassword:\r  SECRET\rid: kept\r",
        "id: kept\r\npassword:\r\n  SECRET\r\n  SECRET\r\nid: kept\r\n",
        "{key: a1b2c3SECRET456, a: kept}",
        "{key: a1b2c3SECRET456 }, kept",
        "x=kept&pat=a1b2c3SECRET456&kept",
        "tokens:\n  - SECRET\n  - SECRET\nids:\n  - kept\n",
        "tokens:\n- SECRET\n- SECRET\nids:\n- kept\n",
        "outer:\n  - name: kept\n    apiKey: SECRET\n",
        "password:\n  SECRET\nid: kept\n",
        "pass: 12 SECRET\ntokens: 4711-SECRET\nid: kept\n",
        "password: |  # how\n  SECRET\nid: kept\n",
        "password: !!str |-\n  SECRET\n  SECRET\nid: kept\n",
        "password: &anchor !!str\n  SECRET\nid: kept\n",
        "password: # it follows\n  SECRET\nid: kept\n",
        "password: !SECRET\nid: kept\n",
        "password: #SECRET\nid: kept\n",
        "password            : SECRET\nid: kept\n",
        "password               =  SECRET\nid = kept\n",
        "\"password\": SECRET\nid: kept\n",
        "[section]\nuser = kept\npassword = SECRET\n",
        "export API_TOKEN=SECRET\nexport A=kept\n",
        "spring.datasource.password=SECRET\na=kept\n",
    ] {
        check(text);
    }
}

#[test]
fn multipart() {
    let part = |head: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
    for text in [
        part("name=\"password\"", "SECRET") + &part("name=\"a\"", "kept") + "--b--",
        part("name=\"api_key\"; filename=\"k.txt\"\r\nContent-Type: text/plain", "SECRET\r\nSECRET") + "--b--",
        part("name=\"a\"", "kept") + &part("name=\"clientSecret\"", "SECRET never ends"),
        part("name=password", "SECRET") + &part("name=a", "kept") + "--b--",
        part("name*=UTF-8''pass%77ord", "SECRET") + &part("name*=UTF-8''a", "kept") + "--b--",
        part("name=\"a\"", r#"{"password": "SECRET", "b": "kept"}"#) + "--b--",
    ] {
        check(&text);
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        r#"{"max_tokens": 5, "page_token": "abc123def456", "token_type": "bearer", "expires_in": 3600}"#,
        r#"{"key": "colour", "value": "red"}"#,
        r#"{"message": "password: must have 8 characters", "field": "password"}"#,
        r#"{"error_msg": "Incorrect IAM authentication information: decrypt token fail", "error_code": "APIGW.0301"}"#,
        r#"{"required": ["token", "name"], "type": "object"}"#,
        r#"{"id": "0123456789abcdef0123456789abcdef", "job_id": "ff8080816025a0a1016025a5a2700007"}"#,
        "the token is invalid: try again",
        "https://h/p?page=2&limit=10&id=5#top",
        "mail me@example.com, or see http://example.com/a@b",
        "Content-Type: application/json; charset=utf-8\r\nDate: Mon, 01 Jan 2026 00:00:00 GMT",
        "<p>Enter your password:</p><p>Secret santa</p>",
        "keyboard: qwerty\nmonkey: george\ntokenizer: bpe\n",
        r#"{"password": null, "has_password": true, "token": false, "secret": ""}"#,
        "basic authentication is bearer of news",
        "Bearer authorization_uri=\"https://h/a\", realm=R2D2",
        "www-authenticate: Basic realm=Graph01",
        "if password == expected {",
        "tokens: 4711\npass: 12\nsecrets: 3 # of them\ncredentials: true",
        r#"{"tokens": 4711, "pass": true, "secrets": 0, "usedTokens": 1.5}"#,
        "<tokens>4711</tokens><pass>true</pass>",
    ] {
        let mut redacted = text.to_owned();
        Redactor::new().text(&mut redacted, Format::Any);
        assert_eq!(redacted, text);
    }
}

#[test]
fn bodies_that_cannot_be_read_are_cut() {
    let gzip = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let mut redactor = Redactor::new();
    redactor.known.add("known-secret");
    let body = |body: &[u8], media_type: &str| {
        let shown = redactor.body(body, media_type).map(|changed| changed.unwrap_or_else(|| body.to_vec()));
        shown.map(|body| String::from_utf8_lossy(&body).into_owned()).map_err(|cut| cut.to_string())
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let shown = [
        (gzip(b"a known-secret"), "", "a ***"),
        (gzip(br#"{"password": "x"}"#), "application/json", r#"{"password": "***"}"#),
        (utf16(r#"{"a": "known-secret"}"#), "", r#"{"a": "***"}"#),
        (br#"{"message": "decrypt token fail"}"#.to_vec(), "application/json", r#"{"message": "decrypt token fail"}"#),
        (b"nothing here {".to_vec(), "application/json", "nothing here {"),
        (b"\x89PNG\xff token".to_vec(), "image/png", "PNG\u{fffd} token"),
    ];
    for (bytes, media_type, expected) in shown {
        let body = body(&bytes, media_type);
        assert!(body.as_ref().is_ok_and(|body| body.contains(expected)), "{media_type} {expected}: {body:?}");
    }
    let whole = gzip(b"a known-secret that is long enough to be cut somewhere");
    let cut = [
        (whole[..whole.len() - 9].to_vec(), "", "compression"),
        (gzip(&gzip(b"a known-secret")), "", "compression"),
        (b"PK\x03\x04\xff\xff\xff\xff".to_vec(), "application/zip", "compression"),
        (b"\x28\xb5\x2f\xfd\xff\xff".to_vec(), "application/json", "compression"),
        (b"\x82\xa8password\xa6hunter\xff".to_vec(), "application/msgpack", "binary"),
        (b"user,password\nann,hunter22\n".to_vec(), "text/csv", "format"),
        (b"{\"password\" \"hunter22\"}".to_vec(), "application/json", "format"),
    ];
    for (bytes, media_type, why) in cut {
        let found = body(&bytes, media_type);
        assert!(found.as_ref().is_err_and(|said| said.contains(why)), "{media_type}: {found:?}");
    }
}

/// Base64 of gzip of base64 of gzip, many times over: what there is no budget for is replaced.
#[test]
fn texts_within_each_other_have_one_budget() {
    let packed = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        BASE64_STANDARD.encode(encoder.finish().unwrap())
    };
    let inner = packed(&b"nothing. ".repeat(400_000)) + " ";
    let outer = packed(inner.repeat(400).as_bytes()) + " ";
    let begun = Instant::now();
    let mut text = format!("kept {}", outer.repeat(20));
    Redactor::new().text(&mut text, Format::Any);
    assert!(text.starts_with("kept ***"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let small = packed(b"nothing to hide. ");
    let mut text = small.clone();
    Redactor::new().text(&mut text, Format::Any);
    assert_eq!(text, small);
}

#[test]
fn time_grows_with_the_text_and_not_with_the_secrets() {
    let piece = "name=\"a\" value='a{\"key\": [\"token:\n <tag key=a>://\\u0041%41&#65;eyJ, password";
    let mut redactor = Redactor::new();
    (0..200).for_each(|number| redactor.known.add(&format!("secret-number-{number}")));
    for piece in [
        piece,
        "<token>",
        "key='a",
        "\"key\": '",
        "token:",
        "{\"token\":[",
        "name=\"token\"",
        "… ",
        "%25",
        "QUJDQUJD",
        "=\n",
        ",auth:",
        "eyJ.",
        "eyJ-",
        "password:\r",
        "{auth:x ",
        "pat=x|",
        "\"key\":x|",
        "-----BEGIN PRIVATE KEY",
    ] {
        let time = |size: usize| {
            let text = piece.repeat(size / piece.len());
            let mut least = Duration::MAX;
            for _ in 0..2 {
                let begun = Instant::now();
                redactor.text(&mut text.clone(), Format::Any);
                least = least.min(begun.elapsed());
            }
            least
        };
        // Eight times the text; a square would take 64 times, however often it is tried.
        let is_square = |_| {
            let (small, large) = (time(5_000), time(40_000));
            large >= small * 24 + Duration::from_millis(20)
        };
        assert!(!(0..4).all(is_square), "{piece}");
    }
}
