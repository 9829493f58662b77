//! Decides by its name whether a value is a secret.
//!
//! A name is split into words, whatever its case and separators (`X-Api-Key`, `apiKey`, `API_KEY`, `apikey`). Words that
//! name a secret make it one, unless the words around them say that it is something about a secret (`token_type`,
//! `password_expires_at`) or another thing of that name (`max_tokens`, `next_page_token`).

use std::cell::RefCell;
use std::collections::HashMap;

mod table;
mod value;
mod words;

use crate::decode::decoded;
use table::{
    ABOUT, ABOUT_OTHER, AROUND, CODES, CURSORS, ENGLISH, FIRST_OTHER, FORMS, KEY, KEYS, OF, OPEN_KEYS, PAIRS, PARTS,
    PARTS_ABOUT, QUESTIONS, SECRETS, SIGNED_IN, TRIPLES, WHOLE,
};
use words::{singular, unaccented, words};

pub use value::looks_random;
pub(crate) use value::{is_date, is_random, reads_as_words};

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
    // `/auth/token` is the path of something that gives one.
    if name.contains('/') && !matches!(place, Place::Header) {
        return undecided(&name.replace('/', "_"), place).min(Suspicion::ByValue);
    }
    if !name.is_ascii() {
        let letters: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).map(unaccented).collect();
        let has = |parts: &[&str]| {
            let mut parts = parts.iter().map(|part| part.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
            parts.any(|part| letters.contains(&part))
        };
        if has(PARTS) {
            return if has(PARTS_ABOUT) { Suspicion::None } else { Suspicion::Always };
        }
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

/// How sure it is that a value under `name` is a secret, where it is not known where the name stands: a header may have it if
/// it begins with `x-`; with another dash it may be one.
pub fn suspicion_anywhere(name: &str) -> Suspicion {
    let as_header = if name.contains('-') { suspicion(name, Place::Header) } else { Suspicion::None };
    let is_header = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let as_header = if is_header { as_header } else { as_header.min(Suspicion::ByValue) };
    suspicion(name, Place::Member).max(as_header)
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
        let near = |list: &[&str]| before.last().is_some_and(|before| list.contains(before));
        let is_key = KEY.contains(&word);
        let is_named = is_plain
            // `chave_de_acesso`
            || is_key && word != "key" && after.len() > 1 && OF.contains(&after[0]) && KEYS.contains(&after[1])
            || is_key && (near(KEYS) || word != "key" && after.first().is_some_and(|after| KEYS.contains(after)))
            || word == "code" && near(CODES)
            || PAIRS.iter().any(|(first, second)| word == *second && before.last() == Some(first))
            || TRIPLES.iter().any(|three| words[..=index].ends_with(three));
        if !is_named {
            continue;
        }
        // The token of a client's request makes a repetition harmless.
        if word == "token" && (near(CURSORS) || before.ends_with(&["client", "request"])) {
            return Suspicion::None;
        }
        if is_key && words[..index].contains(&"public")
            || word == "cookie" && !after.is_empty() && place == Place::Member
        {
            return Suspicion::None;
        }
        // `secret_id` is the half of a login that is secret.
        if word == "secret" && after == ["id"] {
            return Suspicion::Always;
        }
        let is_owned = after.first().is_some_and(|first| OF.contains(first));
        if !is_owned && after.iter().any(|word| ABOUT.contains(word)) {
            return Suspicion::None;
        }
        // `date_of_signature`, `number_of_tokens`
        if let [.., what, of] = before
            && OF.contains(of)
            && (ABOUT.contains(what) || CURSORS.contains(what))
        {
            return Suspicion::None;
        }
        if !is_owned && after.iter().any(|word| AROUND.contains(word)) {
            return Suspicion::ByValue;
        }
        let is_form = |word: &&str| {
            FORMS.contains(word) || is_number(word) || SECRETS.contains(&singular(word)) || KEYS.contains(word)
        };
        if is_owned || after.iter().all(is_form) {
            // With other meanings: `sas` is also a product, a signature that of a function, an assertion one of a test.
            let is_doubtful = matches!(word, "sas" | "cred" | "signature" | "assertion");
            return if is_doubtful && words.len() == 1 && place == Place::Member {
                Suspicion::ByValue
            } else {
                Suspicion::Always
            };
        }
        let is_other = is_plain && !ENGLISH.contains(&word) && !is_english(word);
        return match is_other {
            true if after.iter().any(|word| ABOUT_OTHER.contains(word)) => Suspicion::None,
            true => Suspicion::Always,
            false => Suspicion::ByValue,
        };
    }
    alone(words, last, place)
}

/// Words that are names of secrets in some places only.
fn alone(words: &[&str], last: &str, place: Place) -> Suspicion {
    let is_one = words.len() == 1;
    match (place, last) {
        (Place::Parameter, "sig" | "sign" | "hmac" | "pin" | "nonce" | "hdnts" | "hdnea" | "hdntl" | "tok" | "tkn") => {
            Suspicion::Always
        }
        // `account_sid` names an account.
        (Place::Parameter | Place::Member, "sid") if !is_one && !words.iter().any(|word| SIGNED_IN.contains(word)) => {
            Suspicion::None
        }
        (Place::Parameter | Place::Header, "auth" | "authentication" | "sid" | "session" | "sess" | "ticket") => {
            Suspicion::Always
        }
        (
            Place::Header,
            "sign" | "mfa" | "saml" | "sso" | "authz" | "authn" | "authen" | "magic" | "hmac" | "nonce",
        ) => Suspicion::Always,
        (Place::Header, "key") if is_one => Suspicion::Always,
        (Place::Header, "key") if !words.iter().any(|word| OPEN_KEYS.contains(word)) => Suspicion::ByValue,
        (Place::Header, "login" | "access" | "identity" | "sec") if is_one => Suspicion::ByValue,
        // The parameters of OAuth, of Google's and of Azure's addresses, and of links that are sent by mail.
        (
            Place::Parameter,
            "key" | "code" | "magic" | "invite" | "invitation" | "verify" | "verification" | "unsubscribe" | "confirm"
            | "activation" | "reset" | "tk",
        ) if is_one => Suspicion::ByValue,
        (_, "key" | "session" | "sig" | "sign" | "dsn" | "pat" | "sess" | "tok" | "tkn" | "access" | "refresh")
            if is_one =>
        {
            Suspicion::ByValue
        }
        (_, "auth" | "sid" | "pin" | "ticket" | "hmac" | "authenticator") => Suspicion::ByValue,
        (Place::Header, _) if words.contains(&"auth") && !ABOUT.contains(&last) && !AROUND.contains(&last) => {
            Suspicion::Always
        }
        _ if words.contains(&"auth") && FORMS.contains(&last) => Suspicion::ByValue,
        _ => Suspicion::None,
    }
}

/// Whether a name within an object that is a secret says something about it: `expires_at`, `type`, `user`.
pub(crate) fn is_about(name: &str) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    // The `id` of a token may be the token; that of a user is not.
    if last == "id" {
        let is_of_secret = |word: &String| SECRETS.contains(&singular(word)) || KEY.contains(&word.as_str());
        return !before.is_empty() && !before.iter().any(is_of_secret);
    }
    ABOUT.contains(&last.as_str()) || AROUND.contains(&last.as_str())
}

/// Whether a name says how many there are, or whether one passed: `tokens`, `pass`.
pub(crate) fn is_several(name: &str) -> bool {
    words(name).last().is_some_and(|last| last.ends_with('s'))
}

/// Whether a word that names a secret stands before those of other languages.
fn is_english(word: &str) -> bool {
    SECRETS.iter().take_while(|known| **known != FIRST_OTHER).any(|known| *known == word)
}

fn is_session(word: &str) -> bool {
    ["sessionid", "sessid", "jsessionid", "phpsessid", "sessionkey"].contains(&word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
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
             signing_key subscriptionKey sasToken rootPassword MYSQL_ROOT_PASSWORD GITHUB_TOKEN ｐａｓｓｗｏｒｄ mypassword2 tokenSecret psk wpa_psk preSharedKey csrf xsrf auths request_token \
             context_token apiKeyV3 secret_for_alice password-of-user pswrd cvv securityAnswer totpSeed session_ticket oauth_verifier \
             user_code passwordConfirmation",
        );
    }

    #[test]
    fn members_in_other_languages() {
        check(
            Place::Member,
            Suspicion::Always,
            "senhaUsuario password_utente haslo_uzytkownika secret_partagé geheimcode Zugangscode toegangssleutel chave_de_acesso \
             salainen_avain gizli_anahtar titkos_kulcs lozinka_korisnika slaptažodis lykilorð ключ_доступа ключ_api APIキー 암호 סיסמא \
             رمز_عبور κωδικόςΠρόσβασης μυστικό hemlighet geslo sandi Passwort benutzerPasswort passwort_neu kennwort Geheimnis geheimer_schlüssel apiSchluessel Zugangsdaten wachtwoord \
             lösenord adgangskode passord salasana contraseña contraseña_nueva Contrasenia clave clave_secreta claveApi credenciales \
             senha senha_atual senhaDoUsuario chave_secreta chaveApi palavra-passe mot_de_passe motDePasse motdepasse mdp jeton \
             clé_secrete parola parola_d_ordine chiave_privata hasło haslo_nowe heslo jelszó şifre kata_sandi mật_khẩu mima \
             пароль Пароль новый_пароль парольПользователя токен секретный_ключ 密码 用户密码 新密碼 口令 访问令牌 密钥 パスワード \
             新しいパスワード 暗証番号 秘密鍵 비밀번호 סיסמה كلمة_المرور पासवर्ड รหัสผ่าน συνθηματικό",
        );
        check(
            Place::Member,
            Suspicion::None,
            "senha_tipo contraseña_longitud haslo_typ passwort_vergessen 암호화_방식 秘密保持契約 ταχυδρομικός 密码提示 令牌类型 密码长度 パスワードのヒント длина_пароля срок_токена 用户 名前 имя ключ schlüssel chave chiave_primaria clé \
             desenha compasso passageiro passer passeport geheimhaltung usuario benutzer passende passwort_typ",
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
             session_timeout session_count session_type sign_in_count signIn signed access_level ticket_id clientRequestToken change_token accessible secretariat signature_algorithm count created_at",
        );
    }

    #[test]
    fn headers_that_are_secrets() {
        check(
            Place::Header,
            Suspicion::Always,
            "Authorization authorization Proxy-Authorization X-Auth-Token x-auth X-Auth-Key X-Subject-Token X-Security-Token Cookie \
             Set-Cookie X-Api-Key apikey X-Session-Id x-sk X-Access-Key x-secret-key Ocp-Apim-Subscription-Key X-Functions-Key \
             X-Session Session X-Ticket Key X-Key X-Sign Sign X-CSRF X-XSRF X-MFA X-Authz X-Magic X-SAML X-Nonce X-Request-Token \
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
             Idempotency-Key X-Request-Id X-Next-Page-Token X-Auth-User X-Auth-Email X-Token-Type X-Project-Id \
             Cache-Control Vary Server Location X-RateLimit-Remaining Surrogate-Key Access-Control-Allow-Credentials-Mode \
             Access-Control-Allow-Origin Author X-Password-Expires-At",
        );
    }

    #[test]
    fn parameters() {
        check(
            Place::Parameter,
            Suspicion::Always,
            "sig signature token access_token api_key X-Amz-Signature X-Amz-Credential X-Amz-Security-Token auth sid pin \
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
        check(
            Place::Member,
            Suspicion::ByValue,
            "key auth session sid sig pin sas ticket dsn sign signature assertion tok password_input tokenResponse secret_rotator_x",
        );
        check(Place::Header, Suspicion::ByValue, "X-TC-Key Signature-Input X-Login");
        check(Place::Parameter, Suspicion::ByValue, "key code magic invite verify unsubscribe");
        for value in [
            "AIzaSyA1b2C3d4E5",
            "0123456789abcdef0123456789abcdef",
            "a1b2c3d4e5f6",
            "YWJjMTIzNDU2Nzg5MA==",
            "q7Zk001vXw9",
            "dXNlcjpwYXNzd29yZA",
            "4c5f882d-a813-4d78-a8e3-6d3212ddd121",
            "x9Kp2mQ7",
        ] {
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
            "spring-2026-a1",
            "photos2024/image001.jpg",
            "PROJECT-123456",
            "created_at",
            "validationFailed",
            "HS256",
            "v1beta2",
            "x86_64-unknown-linux",
            "getUserByIdAndName",
            "NOT_FOUND",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }
}
