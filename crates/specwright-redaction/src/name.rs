//! Decides by its name whether a value is a secret.
//!
//! A name is split into words, whatever its case and separators (`X-Api-Key`, `apiKey`, `API_KEY`, `apikey`). Words that
//! name a secret make it one, unless the words around them say that it is something about a secret (`token_type`,
//! `password_expires_at`) or another thing of that name (`max_tokens`, `next_page_token`).

use std::cell::RefCell;
use std::collections::HashMap;

use crate::decode::decoded;

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header field.
    Header,
    /// A parameter of a query, a fragment, a form or a cookie.
    Parameter,
    /// A member of an object, a key of a map, an element or an attribute.
    Member,
}

/// How sure it is that a value of this name is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suspicion {
    /// It is none.
    None,
    /// It is one if it looks like one ([`looks_random`]).
    ByValue,
    /// It is one.
    Always,
}

/// Words that name a secret, in the singular; those of four letters and more also at the end of a longer word
/// (`adminpassword`).
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "password", "passwd", "passwort", "passphrase", "passcode", "passkey", "pwd", "pswd", "secret", "token",
    "credential", "cred", "apikey", "accesskey", "secretkey", "privatekey", "privkey", "authkey", "sharedkey",
    "masterkey", "sessionkey", "signingkey", "encryptionkey", "subscriptionkey", "accountkey", "authorization",
    "authorisation", "signature", "bearer", "jwt", "cookie", "sessionid", "sessid", "jsessionid", "phpsessid", "otp",
    "totp", "assertion", "dpop", "connectionstring", "connstr", "mnemonic", "samlresponse", "sk", "sas",
];
/// `pass` and `passw` are such words too, but end many others (`bypass`, `compass`).
const WHOLE: &[&str] = &["pass", "passw", "pw", "psw", "clave", "contrasena", "kennwort", "cvv", "cvc"];
/// What stands before `pass`, `pwd`, `key` and such in one word: `adminpass`, `dbpass`.
#[rustfmt::skip]
const OWNERS: &[&str] = &[
    "admin", "administrator", "user", "root", "db", "database", "my", "login", "auth", "mail", "smtp", "ftp", "ssh",
    "wifi", "http", "proxy", "client", "server", "service", "svc", "account", "new", "old", "current", "x", "app",
    "api", "master", "bind", "ldap", "redis", "mysql", "pg", "postgres", "mongo", "owner", "sys", "system", "network",
    "net", "confirm", "repeat", "key", "keystore", "truststore", "store", "web", "rest", "host", "vpn", "sudo", "su",
    "os", "vm",
];
/// Words that make a `key` a secret one.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "api", "access", "secret", "private", "subscription", "auth", "authentication", "authorization", "encryption",
    "encrypt", "decryption", "signing", "sign", "signature", "session", "account", "shared", "master", "function",
    "functions", "license", "app", "application", "client", "admin", "storage", "ssh", "hmac", "consumer", "webhook",
    "security", "server", "service", "preshared", "psk", "rsa", "tls", "ssl", "pgp", "gpg", "aes", "cipher", "vault",
    "integration", "developer", "dev", "deploy", "root", "user", "project", "write", "read", "ingest", "ingestion",
    "instrumentation", "recovery", "backup", "sdk", "ak", "bot", "login", "pass", "password",
];
/// Words that make a `code` a secret one.
#[rustfmt::skip]
const CODES: &[&str] = &[
    "auth", "authorization", "verification", "verify", "security", "otp", "totp", "mfa", "2fa", "device", "recovery",
    "backup", "pin", "pass", "login", "sms", "activation", "reset", "invite", "access",
];
/// Words at the end that say something about a secret instead of naming it.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "type", "types", "name", "names", "url", "uri", "endpoint", "expires", "expiry", "expiration", "expire",
    "expired", "at", "on", "in", "ttl", "lifetime", "age", "length", "len", "size", "count", "counts", "limit",
    "limits", "max", "min", "maximum", "minimum", "policy", "policies", "hint", "status", "state", "kind",
    "algorithm", "alg", "alg", "method", "methods", "scheme", "schemes", "format", "field", "version", "required",
    "enabled", "disabled", "valid", "validity", "rotation", "strength", "changed", "updated", "created", "modified",
    "used", "usage", "budget", "details", "file", "path", "env", "variable", "error", "errors", "message",
    "description", "label", "title", "index", "position", "provider", "issuer", "audience", "scope", "scopes",
    "location", "manager", "class", "question", "input", "required", "supported", "duration", "seconds", "minutes",
    "days", "time", "date", "timestamp", "timeout", "id", "ids", "arn", "header", "headers", "prefix", "per", "page",
    "mode", "only", "settings", "config", "configuration", "service", "server", "store", "response", "request",
    "requests", "group", "domain", "origin", "agent", "user", "username", "email", "schema", "ref", "link", "links",
    "action", "actions", "set", "optional", "present", "exists", "matches", "bucket", "operation", "operations",
    "samesite", "resource", "resources", "level", "reason", "attempts", "retries", "rate", "second", "minute", "hour",
    "day",
];
/// Words right after a secret that name a part or a form of it.
#[rustfmt::skip]
const FORMS: &[&str] = &[
    "value", "values", "data", "string", "str", "text", "hash", "digest", "plain", "plaintext", "raw", "b64",
    "base64", "encoded", "decoded", "current", "new", "old", "hex", "key", "keys", "code", "codes", "payload", "list",
    "map", "body", "confirm", "confirmation", "again", "repeat", "material", "salt", "pair", "content", "256",
    "sha256", "sha1", "512", "v1", "v2", "v4",
];
/// Words before `token` that make it a cursor or a count.
#[rustfmt::skip]
const CURSORS: &[&str] = &[
    "page", "next", "previous", "prev", "continuation", "continue", "pagination", "cursor", "sync", "skip", "start",
    "starting", "resume", "max", "min", "total", "prompt", "completion", "input", "output", "num", "number", "cached",
    "reasoning", "audio", "context", "remaining", "used", "stop", "eos", "bos", "pad", "unk", "special", "budget",
    "per", "lexer", "syntax", "unexpected", "vary", "scroll", "marker", "idempotency", "request", "concurrency",
];
/// Words that make a name one about a choice or a test.
#[rustfmt::skip]
const QUESTIONS: &[&str] = &[
    "is", "has", "no", "needs", "need", "requires", "require", "allow", "allows", "use", "uses", "with", "without",
    "supports", "support", "show", "hide", "enable", "disable", "can", "should", "must", "public", "max", "min",
    "num", "count", "www",
];

/// Whether a value under `name` is a secret. Names that were asked for lately are remembered.
pub fn suspicion(name: &str, place: Place) -> Suspicion {
    /// More names, and longer ones, are not remembered.
    const MOST: usize = 4096;
    const LONGEST: usize = 64;

    thread_local! {
        static KNOWN: RefCell<HashMap<String, [Option<Suspicion>; 3]>> = RefCell::default();
    }

    if name.len() > LONGEST {
        return undecided(name, place);
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(suspicion) = known.get(name).and_then(|found| found[place as usize]) {
            return suspicion;
        }
        let suspicion = undecided(name, place);
        if known.len() >= MOST {
            known.clear();
        }
        known.entry(name.to_owned()).or_default()[place as usize] = Some(suspicion);
        suspicion
    })
}

fn undecided(name: &str, place: Place) -> Suspicion {
    if name.len() > 200 {
        return Suspicion::None;
    }
    let unescaped = if name.bytes().any(|byte| b"%&\\".contains(&byte)) { decoded(name) } else { None };
    let name = unescaped.as_deref().unwrap_or(name);
    let words = words(name);
    // Whatever its humps: `DPoP`, `PassWord`.
    if words.len() > 1 && SECRETS.contains(&words.concat().as_str()) {
        return Suspicion::Always;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    of_words(&words, place)
}

/// Whether this value under `name` is a secret.
pub fn is_secret_value(name: &str, value: &str, place: Place) -> bool {
    match suspicion(name, place) {
        Suspicion::Always => true,
        Suspicion::ByValue => looks_random(value),
        Suspicion::None => false,
    }
}

/// Whether a value under `name` is always a secret.
pub fn is_secret(name: &str, place: Place) -> bool {
    suspicion(name, place) == Suspicion::Always
}

fn of_words(words: &[&str], place: Place) -> Suspicion {
    let words = if words.len() > 1 { words.strip_prefix(&["x"]).unwrap_or(words) } else { words };
    let Some(last) = words.last() else { return Suspicion::None };
    if words.iter().any(|word| *word == "session" || *word == "sess") && matches!(*last, "id" | "key" | "hash")
        || is_session(last)
    {
        return Suspicion::Always;
    }
    if QUESTIONS.contains(&words[0]) && words.len() > 1 && !matches!(place, Place::Header) || words[0] == "www" {
        return Suspicion::None;
    }
    // The last word that names a secret decides, by what stands around it.
    for index in (0..words.len()).rev() {
        let (before, after) = (&words[..index], &words[index + 1..]);
        let word = singular(words[index]);
        let is_plain = SECRETS.contains(&word) || WHOLE.contains(&word);
        let is_named = is_plain
            || word == "key" && before.last().is_some_and(|before| KEYS.contains(before))
            || word == "string" && before.last() == Some(&"connection")
            || word == "phrase" && before.last().is_some_and(|before| ["seed", "pass", "recovery"].contains(before))
            || word == "word" && before.last() == Some(&"pass")
            || word == "code" && before.last().is_some_and(|before| CODES.contains(before))
            || word == "verifier" && before.last() == Some(&"code");
        if !is_named {
            continue;
        }
        if word == "token" && before.last().is_some_and(|before| CURSORS.contains(before)) {
            return Suspicion::None;
        }
        if word == "key" && words[..index].contains(&"public")
            || word == "cookie" && !after.is_empty() && place == Place::Member
        {
            return Suspicion::None;
        }
        // `secret_id` is the half of a login that is secret.
        if word == "secret" && after == ["id"] {
            return Suspicion::Always;
        }
        if after.iter().any(|word| ABOUT.contains(word)) {
            return Suspicion::None;
        }
        if after.iter().all(|word| {
            FORMS.contains(word) || is_number(word) || SECRETS.contains(&singular(word)) || KEYS.contains(word)
        }) {
            // So short, and with other meanings: `sk` is also a language, `sas` a product.
            let is_short = matches!(word, "sk" | "sas" | "cred" | "pw" | "pin" | "cvc" | "cvv");
            return if is_short && words.len() == 1 && place == Place::Member && word != "sk" && word != "pw" {
                Suspicion::ByValue
            } else {
                Suspicion::Always
            };
        }
        return Suspicion::ByValue;
    }
    let is_parameter = place == Place::Parameter;
    match *last {
        "sig" | "hmac" | "pin" | "nonce" if is_parameter => Suspicion::Always,
        // The parameters of OAuth, of Google's and of Azure's addresses.
        "key" | "code" if is_parameter && words.len() == 1 => Suspicion::Always,
        "auth" | "authentication" | "sid" if place != Place::Member => Suspicion::Always,
        "key" | "session" | "sig" | "dsn" | "pat" | "sess" if words.len() == 1 => Suspicion::ByValue,
        "auth" | "sid" | "pin" | "ticket" | "hmac" | "authenticator" => Suspicion::ByValue,
        _ if words.contains(&"auth") && place == Place::Header && !ABOUT.contains(last) => Suspicion::Always,
        _ => Suspicion::None,
    }
}

/// Whether a name within an object that is a secret says something about it: `expires_at`, `type`, `user`.
pub(crate) fn is_about(name: &str) -> bool {
    words(name).last().is_some_and(|last| last != "id" && ABOUT.contains(&last.as_str()))
}

/// Whether a name says how many there are, or whether one passed: `tokens`, `pass`.
pub(crate) fn is_several(name: &str) -> bool {
    words(name).last().is_some_and(|last| last.ends_with('s'))
}

fn is_session(word: &str) -> bool {
    ["sessionid", "sessid", "jsessionid", "phpsessid", "sessionkey"].contains(&word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if SECRETS.contains(&one) || matches!(one, "key" | "code") => one,
        _ => word,
    }
}

/// The words of a name, in lower case; a word made of several known ones is split.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, &letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let previous = index.checked_sub(1).map(|before| letters[before]);
        let next = letters.get(index + 1);
        // `aB`, `ABc`, `a1`: a new word begins.
        let is_hump = letter.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase()
                    || previous.is_ascii_digit()
                    || next.is_some_and(|next| next.is_lowercase()) && previous.is_uppercase()
            });
        let is_digit = letter.is_ascii_digit() != previous.is_some_and(|previous| previous.is_ascii_digit());
        if (is_hump || is_digit) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase().map(unaccented));
    }
    words.extend((!word.is_empty()).then_some(word));
    words.iter().flat_map(|word| split(word)).collect()
}

fn unaccented(letter: char) -> char {
    match letter {
        'ñ' => 'n',
        'ſ' => 's',
        // The Kelvin sign lowers to `k` by itself; letters of full width do not.
        'ａ'..='ｚ' => char::from_u32(letter as u32 - 'ａ' as u32 + 'a' as u32).unwrap_or(letter),
        other => other,
    }
}

/// `accesstoken` is `access` and `token`; `tokentype` is `token` and `type`; `tokenize` is one word.
fn split(word: &str) -> Vec<String> {
    let parts = |at: usize| vec![word[..at].to_owned(), word[at..].to_owned()];
    if SECRETS.contains(&singular(word)) || WHOLE.contains(&word) || word.len() > 60 {
        return vec![word.to_owned()];
    }
    let ends =
        |end: &str| word.strip_suffix(end).or_else(|| word.strip_suffix('s').and_then(|word| word.strip_suffix(end)));
    for secret in SECRETS.iter().filter(|secret| secret.len() >= 4) {
        if let Some(before) = ends(secret).filter(|before| !before.is_empty()) {
            let mut all = split(before);
            all.push((*secret).to_owned());
            return all;
        }
        if let Some(after) = word.strip_prefix(secret) {
            let known = |list: &[&str]| list.contains(&after);
            if known(ABOUT) || known(FORMS) || SECRETS.contains(&singular(after)) || after.starts_with("expir") {
                return parts(secret.len());
            }
        }
    }
    let short = WHOLE.iter().copied().chain(["pwd", "sk", "key", "keys", "code", "otp", "auth"]);
    for secret in short {
        let owners = if secret.starts_with("key") {
            KEYS
        } else if secret == "code" {
            CODES
        } else {
            OWNERS
        };
        if word.strip_suffix(secret).is_some_and(|before| owners.contains(&before)) {
            return parts(word.len() - secret.len());
        }
    }
    // `nextpagetoken` has come here without `token`.
    for cursor in ["page", "prompt", "completion"] {
        if word.strip_suffix(cursor).is_some_and(|before| !before.is_empty()) {
            return parts(word.len() - cursor.len());
        }
    }
    vec![word.to_owned()]
}

/// Whether a value looks like one that a machine made to be secret: long, without blanks, of letters and digits mixed.
pub fn looks_random(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    value.len() >= 12
        && value.bytes().all(is_random)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !value.contains("://")
        && !is_date(value)
}

/// Whether a value that looks so can have this byte.
pub(crate) fn is_random(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=-_.~:".contains(&byte)
}

/// `2026-01-02T03:04:05Z`
fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' && bytes[7] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: Place, expected: Suspicion, names: &str) {
        let wrong = names.split_whitespace().filter(|name| suspicion(name, place) != expected);
        let wrong: Vec<String> =
            wrong.map(|name| format!("{name} {:?} {:?}", words(name), suspicion(name, place))).collect();
        assert!(wrong.is_empty(), "not {expected:?}: {wrong:#?}");
    }

    #[test]
    fn members_that_are_secrets() {
        check(
            Place::Member,
            Suspicion::Always,
            "PASSWORD secretKey secret_key sk adminPass adminpass admin_pass passphrase pwd userPwd dbpwd authorization Authorization \
             token tokens accessToken access_token ACCESSTOKEN accesstoken refresh-token id_token idToken apiKey api_key apikey APIKey \
             x-api-key clientSecret client_secret clientsecret passwd newPassword password2 password_confirmation passwordHash \
             private_key privateKey PRIVATEKEY secretAccessKey aws_secret_access_key accessKey session_token sessionToken sessionId \
             session_id JSESSIONID credentials userCredentials jwt bearerToken bearer_token otp totp_secret webhookSecret \
             encryption_key connectionString connection_string tokenValue secret_value secret_id code_verifier authorization_code \
             authCode mfaCode recovery_codes seed_phrase pass-phrase db.password spring.datasource.password user[password] \
             ns:Password pass%77ord pass%2577ord \\u0070assword deviceToken csrf_token _token __token csrfmiddlewaretoken masterKey \
             signing_key subscriptionKey sasToken rootPassword MYSQL_ROOT_PASSWORD GITHUB_TOKEN ｐａｓｓｗｏｒｄ mypassword2 tokenSecret",
        );
    }

    #[test]
    fn members_that_are_none() {
        check(
            Place::Member,
            Suspicion::None,
            "tokenize tokenizer tokenization keyboard monkey max_tokens maxTokens total_tokens prompt_tokens completion_tokens \
             completiontokens page_token pageToken next_page_token nextPageToken nextpagetoken continuationToken sync_token token_type \
             tokenType tokentype expires_in token_expires_at tokenExpiry password_expires_at passwordPolicy password_policy \
             password_length has_password is_secret requires_password secretary secretName secret_name passenger compass bypass \
             passed passes passive author authority authors design assignment signal pinned spin skip task desk public_key \
             publicKey foreign_key primaryKey partition_key sort_key keys keyId keyspace id name status job_id order_id code \
             error_code errorCode status_code zip_code country_code message description cookie_policy token_count tokens_per_page \
             tokens_used usage credential_type credential_provider authorization_endpoint token_endpoint token_url url scope \
             password_reset_url input_tokens output_tokens max-token-length classpath passport turnkey hockey whiskey donkey \
             session_timeout session_count access access_level accessible secretariat signature_algorithm count created_at",
        );
    }

    #[test]
    fn headers_that_are_secrets() {
        check(
            Place::Header,
            Suspicion::Always,
            "Authorization authorization Proxy-Authorization X-Auth-Token x-auth X-Auth-Key X-Subject-Token X-Security-Token Cookie \
             Set-Cookie X-Api-Key apikey X-Session-Id x-sk X-Access-Key x-secret-key Ocp-Apim-Subscription-Key X-Functions-Key \
             X-Amz-Security-Token X-Goog-Api-Key X-CSRF-Token X-Vault-Token X-Hub-Signature-256 X-Hub-Signature DPoP \
             X-Forwarded-Authorization x-original-authorization PRIVATE-TOKEN X-Amz-Signature X-Password X-User-Pass api_key X-JWT-Assertion",
        );
    }

    #[test]
    fn headers_that_are_none() {
        check(
            Place::Header,
            Suspicion::None,
            "Content-Type Content-Length Accept Host Date ETag If-Match WWW-Authenticate Proxy-Authenticate Sec-WebSocket-Key \
             Idempotency-Key X-Request-Id X-Next-Page-Token X-Auth-User X-Auth-Email Signature-Input X-Token-Type X-Project-Id \
             Cache-Control Vary Server Location X-RateLimit-Remaining Surrogate-Key Access-Control-Allow-Credentials-Mode \
             Access-Control-Allow-Origin Author X-Password-Expires-At",
        );
    }

    #[test]
    fn parameters() {
        check(
            Place::Parameter,
            Suspicion::Always,
            "key code sig signature token access_token api_key X-Amz-Signature X-Amz-Credential X-Amz-Security-Token auth sid pin \
             password client_secret refresh_token id_token hmac api%5Fkey session_id",
        );
        check(
            Place::Parameter,
            Suspicion::None,
            "id limit offset page_token next_token marker q action_id project_id error_code response_type grant_type \
             token_type scope state redirect_uri client_id keyword keyId sort",
        );
    }

    #[test]
    fn doubtful_names_are_decided_by_the_value() {
        check(Place::Member, Suspicion::ByValue, "key auth session sid sig pin sas ticket dsn");
        for value in ["AIzaSyA1b2C3d4E5", "0123456789abcdef0123456789abcdef", "a1b2c3d4e5f6", "YWJjMTIzNDU2Nzg5MA=="] {
            assert!(looks_random(value), "{value}");
        }
        for value in [
            "spring term",
            "user",
            "2026-01-02T03:04:05Z",
            "https://host1/path",
            "12345678901234",
            "abcdefghijklmnop",
            "a1",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }
}
