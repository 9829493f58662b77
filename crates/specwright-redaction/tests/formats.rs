//! Values that are secrets by their names are found in every format, whether it is well-formed or not.

#![allow(clippy::unwrap_used)]

use std::io::Write;

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
fn pairs_of_a_name_and_a_value_in_json() {
    for text in [
        r#"{"name":"password","value":"SECRET"}"#,
        r#"[{"name":"a","value":"kept"},{"name":"b","value":"kept"},{"name":"password","value":"SECRET"}]"#,
        r#"[{"value":"kept","name":"a"},{"value":"SECRET","name":"password"},{"value":"kept","name":"b"}]"#,
        r#"{"key":"sk_live_51H8xSECRETdef","a":"kept"}"#,
        r#"{"key":"secret_a1b2SECRET3D4e5F6","a":"kept"}"#,
        r#"{"password_for_email":"SECRET","a":"kept"}"#,
        r#"{"value": "SECRET", "type": "kept", "name": "clientSecret"}, {"name": "a", "value": "kept"}"#,
        r#"[{"key":"API_TOKEN","value":"SECRET","enabled":"kept"},{"key":"MODE","value":"kept"}]"#,
        r#"{"name": "Authorization", "value": "Bearer SECRET"}"#,
        r#"{"name": "пароль", "value": "SECRET", "a": "kept"}"#,
        r#"{"name": "password", "value": ["SECRET", "SECRET"], "a": "kept"}"#,
        r#"{"name":"tokens","values":["SECRET"],"a":"kept"}"#,
        r#"{"name":"credentials","value":{"id":"SECRET","user":"kept"},"a":"kept"}"#,
        "{\n  \"name\":\n    \"password\",\n  \"value\":\n    \"SECRET\"\n}, kept",
        r#"{"inner": "[{\"name\":\"password\",\"value\":\"SECRET\"}]", "a": "kept"}"#,
        r#"{"name":"sid","value":"x9KSECRET2mQ7","a":"kept"}"#,
        "{name: password, value: SECRET, a: kept}",
        "[{'name': 'password', 'value': 'SECRET'}, {'name': 'a', 'value': 'kept'}]",
    ] {
        check(text);
    }
    let mut number = r#"{"name":"pin_code","value":12345,"a":1} {"value":12345,"name":"password"}"#.to_owned();
    Redactor::new().text(&mut number, Format::Any);
    assert_eq!(number, r#"{"name":"pin_code","value":"***","a":1} {"value":"***","name":"password"}"#);
}

#[test]
fn lists_of_a_name_and_a_value() {
    for text in [
        r#"["password","SECRET"]"#,
        r#"[["password", "SECRET"], ["user", "kept"]]"#,
        r#"{"headers": [["Authorization", "SECRET"], ["accept", "kept"]]}"#,
        "[\n  [\n    \"api_key\",\n    \"SECRET\"\n  ],\n  [\"a\", \"kept\"]\n]",
        "[('password', 'SECRET'), ('user', 'kept')]",
        r#"{"pairs": "[[\"token\",\"SECRET\"]]", "a": "kept"}"#,
        r#"{"header": ["X-Auth-Token", "x9KSECRET2mQ7"], "a": ["kept", "kept"]}"#,
        r#"[["пароль","SECRET"],["имя","kept"]]"#,
        r#"[["contraseña", 'SECRET']], "kept""#,
        r#"[["password","SECRET"#,
    ] {
        check(text);
    }
}

#[test]
fn pairs_of_a_name_and_a_value_in_yaml() {
    for text in [
        "env:\n  - name: DB_PASSWORD\n    value: SECRET\n  - name: MODE\n    value: kept\n",
        "env:\n- name: DB_PASSWORD\n  value: \"SECRET\"\n- name: MODE\n  value: \"kept\"\n",
        "- name: \"API_TOKEN\"\n  value: SECRET # SECRET\n- name: a\n  value: kept\n",
        "- value: SECRET\n  name: password\n- value: kept\n  name: colour\n",
        "- name: password # of kept\n  value: |\n    SECRET\n    SECRET\n- name: a\n  value: kept\n",
        "- name: password\n  description: kept\n  value: SECRET\n- kept\n",
        "- {name: password, value: SECRET}\n- {name: a, value: kept}\n",
        "key: senha\nvalue: SECRET with blanks SECRET\nother: kept\n",
        "-   name: tls-private-key\r\n    value: >-\r\n      SECRET\r\n-   name: a\r\n    value: kept\r\n",
        "- name: session\n  value: x9KSECRET2mQ7\n- name: a\n  value: kept\n",
        "- name: password\n  value:\n    - SECRET\n    - SECRET\n- name: a\n  value: kept\n",
        "- name: MODE\n  value: kept\n- name: DB_PASSWORD\n  value: SECRET\n- name: LEVEL\n  value: kept\n- name: API_TOKEN\n  value: SECRET\n",
        "- value: kept\n  name: MODE\n- value: SECRET\n  name: password\n- value: kept\n  name: a\n",
    ] {
        check(text);
    }
}

#[test]
fn pairs_of_a_name_and_a_value_in_xml() {
    for text in [
        "<p><name>password</name><value>SECRET</value></p><p><name>a</name><value>kept</value></p>",
        "<property>\n  <name>fs.s3a.secret.key</name>\n  <value>SECRET</value>\n</property><a>kept</a>",
        "<p><value>SECRET</value><name>token</name></p><p><value>kept</value><name>a</name></p>",
        "<p><key>password</key><description>kept</description><value>SECRET</value></p>",
        "<p><ns:Name>apiKey</ns:Name><ns:Value>SECRET</ns:Value></p><b>kept</b>",
        "<p><name>password</name><value><![CDATA[SECRET]]></value></p><b>kept</b>",
        "<p><Name> password </Name><!-- kept --><Value type=\"string\">SECRET</Value></p>",
        "<entry><key>密码</key><value>SECRET</value></entry><b>kept</b>",
        "&lt;p&gt;&lt;name&gt;password&lt;/name&gt;&lt;value&gt;SECRET&lt;/value&gt;&lt;/p&gt;&lt;b&gt;kept&lt;/b&gt;",
        "<p><name>password</name><hint/><value>SECRET",
        "<dict><key>user</key><string>kept</string><key>password</key><string>SECRET</string><key>a</key><string>kept</string></dict>",
        "<p><name>a</name><value>kept</value><name>token</name><value>SECRET</value></p>",
        "<p><value>kept</value><name>a</name></p><p><value><![CDATA[SECRET]]></value><name>token</name></p>",
    ] {
        check(text);
    }
}

#[test]
fn tables() {
    for text in [
        "user,password\nkept,SECRET\nkept,SECRET\n",
        "id;Passwort;name\n1;SECRET;kept\n2;SECRET;kept\n",
        "id\tapi_key\r\nkept\tSECRET\r\n",
        "\u{feff}\"user\",\"secret\"\n\"kept\",\"SECRET, SECRET\"\n",
        "name,token,city\n\"kept\",\"SECRET \"\"SECRET\"\" SECRET\nSECRET\",kept\n",
        "User name,Access key ID,Secret access key\nkept,kept,SECRET\n",
        "utente,parola chiave\nkept,SECRET",
        "用户,密码\nkept,SECRET\n",
        "user,session\nkept,x9KSECRET2mQ7\nkept,kept\n",
        "user|password\nkept|SECRET\n",
        ",user,password\n0,kept,SECRET\n1,kept,SECRET\n",
        "a,password,b\nkept,SECRET,kept\nkept,SECRET,SECRET,SECRET\n",
    ] {
        check(text);
    }
}

#[test]
fn pairs_and_tables_that_hold_no_secret_stay() {
    for text in [
        r#"{"name":"color","value":"red"}"#,
        r#"{"id":"support-ticket","text":"My printer"}"#,
        r#"{"auflösung":"1920x1080 pixel","секретарь":"Ivanov"}"#,
        r#"[{"name":"tokenType","value":"bearer"},{"name":"max_tokens","value":"5"}]"#,
        r#"{"key":"session","value":"spring term"}"#,
        r#"{"value":"red","name":"color"},{"name":"password","required":true}"#,
        r#"{"name":"password","in":"query"}, {"name":"limit","value":"5"}"#,
        r#"["color","red"]"#,
        r#"{"required": ["token", "name"], "loc": ["body", "password"]}"#,
        r#"["password","token","name"]"#,
        r#"os.getenv("TOKEN", "none")"#,
        "- name: MODE\n  value: fast\n- name: COLOUR\n  value: red\n",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n- name: MODE\n  value: fast\n",
        "- name: token\n  in: header\n- name: limit\n  value: 5\n",
        "- name: has_password\n  value: true\n",
        "<p><name>color</name><value>red</value></p>",
        "<p><name>password</name></p><p><value>red</value></p>",
        "<p><name>password</name><type>text</type></p><p><name>a</name><value>red</value></p>",
        "user,city\nann,Oslo\n",
        "user,has_password,token_type\nann,true,bearer\n",
        "Give the user, password and token.\nThen go on, and on.\n",
        "user, password\nare both needed\n",
        "id,key\n1,created_at\n",
    ] {
        let mut redacted = text.to_owned();
        Redactor::new().text(&mut redacted, Format::Any);
        assert_eq!(redacted, text);
    }
}

#[test]
fn ordinary_texts_stay() {
    for text in [
        r#"{"account_sid": "AC0123456789abcdef0123456789abcdef", "page_token": "x9Kp2mQ7x9Kp2mQ7"}"#,
        r#"{"resetPassword": {"href": "https://h/api/v1/users/00u17vh0q8ov8IU881d7/reset", "method": "POST"}}"#,
        r#"{"device_code": {"location_id": "B5E4484SHHNYH", "paired_at": "2025-10-15T13:52:39.622Z"}}"#,
        r#"{"factorType": "token:software:totp", "scopes": ["token:read", "secrets:write", "tokens:manage"]}"#,
        r#"{"generic_secrets": "disabled", "discoverable_credentials": "preferred"}"#,
        r#"{"ssh_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"], "key": "ssh-rsa AAAAB3NzaC1yc2E"}"#,
        "use Basic Authentication, or Bearer Authentication",
        "x-token: true\npassword: null\nid: 1",
        "`credentials::Setting` is `credentials::Context`",
        "chat_session = client.beta.sessions.create(model)",
        r#"{"text": "{\"cache_tokens\": 0\n}", "a": 1}"#,
        r#"{"ssh_url": "ssh://git@example.com/a/b.git"}"#,
        "verify `<SAMLResponse>` messages and `<AuthnRequest>` messages",
        r#"{"projectKey": "PROJ", "key": "jira.i18n.title", "dateOfSignature": "2024-05-02"}"#,
        r#"{"/auth/tokens": {"get": {"summary": "All of them."}}}"#,
        r#"{"author": "ann", "authors": ["bob"], "signature": "fn(a, b) -> c", "key": "colour", "version_token": "a1B2c3D4e5F6"}"#,
    ] {
        let mut redacted = text.to_owned();
        Redactor::new().text(&mut redacted, Format::Any);
        assert_eq!(redacted, text);
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
        (b"user,password\nann,hunter22\n".to_vec(), "text/csv", "user,password\nann,***\n"),
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
        (b"password\nhunter22\n".to_vec(), "text/csv", "format"),
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
    let mut text = format!("kept {}", outer.repeat(20));
    Redactor::new().text(&mut text, Format::Any);
    assert!(text.starts_with("kept ***"), "{text}");
    let small = packed(b"nothing to hide. ");
    let mut text = small.clone();
    Redactor::new().text(&mut text, Format::Any);
    assert_eq!(text, small);
}

/// What begins everywhere and ends nowhere hides nothing that follows. `benches` counts what it costs
/// (`hostile_redaction`).
#[test]
fn beginnings_without_ends_hide_no_secret() {
    for piece in [
        "name=\"a\" value='a{\"key\": [\"token:\n <tag key=a>://\\u0041%41&#65;eyJ, password",
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
        "password:\r",
        "pat=x|",
        "-----BEGIN PRIVATE KEY",
        "[\"token\",'",
        "- name: password\n",
        "<name>password</name>",
        "a,token\n",
    ] {
        let mut text = format!("{}\nhttps://h/p?access_token=SECRET\n", piece.repeat(2000 / piece.len()));
        Redactor::new().text(&mut text, Format::Any);
        assert!(!text.contains("SECRET"), "{piece}");
    }
}
