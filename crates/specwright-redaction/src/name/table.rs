//! The words of which names of secrets are made, by what they do, in several languages.
//!
//! Letters have no accents here (`contrasena`, `haslo`): names lose theirs before they are compared.

/// Words that name a secret, in the singular; those of four letters and more also at the end of a longer word
/// (`adminpassword`).
#[rustfmt::skip]
pub(super) const SECRETS: &[&str] = &[
    "password", "passwd", "passphrase", "passcode", "passkey", "pwd", "pswd", "pswrd", "passwrd", "pasword", "secret",
    "token", "credential", "cred", "apikey", "accesskey", "secretkey", "privatekey", "privkey", "authkey", "sharedkey",
    "masterkey", "sessionkey", "signingkey", "encryptionkey", "subscriptionkey", "accountkey", "authorization",
    "authorisation", "signature", "bearer", "jwt", "cookie", "sessionid", "sessid", "jsessionid", "phpsessid", "otp",
    "totp", "assertion", "dpop", "connectionstring", "connstr", "mnemonic", "samlresponse", "wresult", "sk", "sas",
    "psk", "csrf", "xsrf", "auths", "cvv", "cvc",
    // German, Dutch, Swedish, Danish, Norwegian, Finnish.
    "passwort", "kennwort", "geheimnis", "zugangsdaten", "anmeldedaten", "wachtwoord", "losenord",
    "adgangskode", "kodeord", "passord", "salasana",
    // Spanish, Portuguese, French, Italian, Romanian.
    "contrasena", "contrasenia", "secreto", "credencial", "credenciale", "palavrapasse", "segredo", "motdepasse",
    "jeton", "segreto", "credenziali", "parolachiave", "parola",
    // Polish, Czech and Slovak, Hungarian, Turkish, Indonesian, Vietnamese.
    "haslo", "heslo", "jelszo", "sifre", "katasandi", "matkhau",
    // Swedish, Danish and Norwegian; Croatian, Lithuanian, Icelandic, Albanian, Catalan, Basque, Estonian.
    "hemlighet", "hemmelighed", "hemmelighet", "lozinka", "zaporka", "slaptazodis", "lykilord", "fjalekalimi",
    "contrasenya", "pasahitza", "parool",
];
/// Of these the first that is not English: in other languages, words after it say whose it is (`senhaUsuario`), or about it.
pub(super) const FIRST_OTHER: &str = "passwort";
/// Words of other languages that say something about a secret.
#[rustfmt::skip]
pub(super) const ABOUT_OTHER: &[&str] = &[
    "tipo", "typ", "tip", "longitud", "comprimento", "tamanho", "taille", "longueur", "laenge", "lange", "lunghezza",
    "lengte", "dlugosc", "delka", "uzunluk", "panjang", "expira", "caduca", "caducidad", "vencimiento", "validade",
    "scadenza", "gueltig", "waznosc", "platnost", "fecha", "datum", "hinweis", "pista", "dica", "indice", "regeln",
    "richtlinie", "politica", "politique", "vergessen", "olvidada", "esqueceu", "oublie", "aendern", "cambiar",
    "geaendert", "staerke", "anzahl", "numero", "nombre",
];
/// Such words that also end others (`bypass`, `compass`, `desenha`).
pub(super) const WHOLE: &[&str] =
    &["sandi", "geslo", "pass", "passw", "pw", "psw", "clave", "senha", "mdp", "geheim", "sekret", "mima", "passe"];
/// Those of them that are English.
pub(super) const ENGLISH: &[&str] = &["pass", "passw", "pw", "psw"];
/// Parts of names in scripts that write no blanks, or inflect the end of a word.
#[rustfmt::skip]
pub(super) const PARTS: &[&str] = &[
    // Russian, Ukrainian, Bulgarian; Greek.
    "парол", "секрет", "токен", "ключдоступ", "ключapi", "apiключ", "кодовадума", "κωδικοςπροσβασης", "συνθηματικ", "μυστικ",
    // Chinese, Japanese, Korean.
    "密码", "密碼", "口令", "令牌", "密钥", "密鑰", "秘钥", "私钥", "私鑰", "凭证", "憑證", "パスワード", "暗証番号", "合言葉", "秘密鍵",
    "トークン", "認証情報", "秘密", "apiキー", "アクセスキー", "비밀번호", "암호", "토큰", "비밀키", "api키", "액세스키",
    // Hebrew, Arabic, Hindi, Thai.
    "סיסמה", "סיסמא", "אסימון", "رمزالدخول", "الرمزالسري", "رمزعبور", "گذرواژه", "कूटशब्द", "โทเค็น", "كلمةالمرور", "كلمةالسر", "पासवर्ड", "รหัสผ่าน",
];
/// Parts of such names that say something about a secret.
#[rustfmt::skip]
pub(super) const PARTS_ABOUT: &[&str] = &[
    "提示", "类型", "類型", "长度", "長度", "策略", "过期", "過期", "有效期", "强度", "数量", "ヒント", "有効期限", "長さ", "힌트", "длин", "срок",
    "подсказ", "секретар", "колич", "암호화", "秘密保持",
];
/// What stands before `pass`, `pwd`, `key` and such in one word: `adminpass`, `dbpass`.
#[rustfmt::skip]
pub(super) const OWNERS: &[&str] = &[
    "admin", "administrator", "user", "root", "db", "database", "my", "login", "auth", "mail", "smtp", "ftp", "ssh",
    "wifi", "http", "proxy", "client", "server", "service", "svc", "account", "new", "old", "current", "x", "app",
    "api", "master", "bind", "ldap", "redis", "mysql", "pg", "postgres", "mongo", "owner", "sys", "system", "network",
    "net", "confirm", "repeat", "key", "keystore", "truststore", "store", "web", "rest", "host", "vpn", "sudo", "su",
    "os", "vm",
];
/// `key` in other languages: a secret one beside one of [`KEYS`].
pub(super) const KEY: &[&str] = &[
    "key",
    "chave",
    "chiave",
    "cle",
    "schluessel",
    "schlussel",
    "sleutel",
    "klucz",
    "nyckel",
    "anahtar",
    "anahtari",
    "clef",
    "avain",
    "kulcs",
];
/// Words that make a `key` a secret one.
#[rustfmt::skip]
pub(super) const KEYS: &[&str] = &[
    "api", "access", "secret", "private", "subscription", "auth", "authentication", "authorization", "encryption",
    "encrypt", "decryption", "signing", "sign", "signature", "session", "account", "shared", "master", "function",
    "functions", "license", "app", "application", "client", "admin", "storage", "ssh", "hmac", "consumer", "webhook",
    "security", "server", "service", "preshared", "psk", "rsa", "tls", "ssl", "pgp", "gpg", "aes", "cipher", "vault",
    "integration", "developer", "dev", "deploy", "root", "user", "write", "read", "ingest", "ingestion",
    "instrumentation", "recovery", "backup", "sdk", "ak", "bot", "login", "pass", "password", "symmetric", "wallet",
    "secreta", "secrete", "segreta", "privada", "privee", "privata", "acesso", "acceso", "accesso", "acces", "geheimer",
    "privater", "zugangs", "zugriffs", "toegangs", "salainen", "tajny", "titkos", "gizli", "geheime", "acceso",
];
/// Words that make a `code` a secret one.
#[rustfmt::skip]
pub(super) const CODES: &[&str] = &[
    "auth", "authorization", "verification", "verify", "security", "otp", "totp", "mfa", "2fa", "device", "recovery",
    "backup", "pin", "pass", "login", "sms", "activation", "reset", "invite", "access", "oauth", "user", "geheim",
    "zugangs", "toegangs",
];
/// Two words that name a secret together only.
#[rustfmt::skip]
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("connection", "string"), ("seed", "phrase"), ("pass", "phrase"), ("recovery", "phrase"), ("pass", "word"),
    ("pass", "wort"), ("code", "verifier"), ("oauth", "verifier"), ("security", "answer"), ("secret", "answer"),
    ("totp", "seed"), ("otp", "seed"), ("mfa", "seed"), ("wallet", "seed"), ("auth", "ticket"), ("session", "ticket"),
    ("access", "ticket"), ("login", "ticket"), ("service", "ticket"), ("auth", "cookie"),
];
/// Three words that do.
pub(super) const TRIPLES: &[[&str; 3]] =
    &[["mot", "de", "passe"], ["pre", "shared", "key"], ["parola", "d", "ordine"], ["api", "secret", "key"]];
/// Words at the end that say something about a secret, of which what they name may look random (`token_id`).
#[rustfmt::skip]
pub(super) const ABOUT: &[&str] = &[
    "type", "types", "name", "names", "url", "uri", "endpoint", "expires", "expiry", "expiration", "expire",
    "expired", "at", "on", "in", "ttl", "lifetime", "age", "length", "len", "size", "count", "counts", "limit",
    "limits", "max", "min", "maximum", "minimum", "policy", "policies", "status", "state", "kind", "algorithm", "alg",
    "method", "methods", "scheme", "schemes", "format", "version", "required", "enabled", "disabled", "valid",
    "validity", "rotation", "strength", "changed", "updated", "created", "modified", "used", "usage", "budget",
    "file", "path", "env", "variable", "index", "position", "provider", "issuer", "audience", "scope", "scopes",
    "manager", "class", "supported", "duration", "seconds", "minutes", "days", "time", "date", "timestamp", "timeout",
    "id", "ids", "arn", "prefix", "per", "page", "mode", "only", "samesite", "exists", "matches", "bucket", "level",
    "attempts", "retries", "rate", "second", "minute", "hour", "day", "reason", "fingerprint", "thumbprint", "etag",
    "ref", "agent", "username", "email", "schema", "optional", "present", "description", "label", "title", "tipo",
    "typ", "ablauf", "href", "emails", "phone", "pattern", "attributes",
];
/// Words at the end that say something about a secret, or hold it: a value that looks random is one.
#[rustfmt::skip]
pub(super) const AROUND: &[&str] = &[
    "hint", "field", "details", "error", "errors", "message", "location", "question", "input", "header", "headers",
    "settings", "config", "configuration", "service", "server", "store", "response", "request", "requests", "group",
    "domain", "origin", "user", "link", "links", "action", "actions", "set", "operation", "operations", "resource",
    "resources", "binding", "info",
];
/// Words after a secret that begin to say whose it is.
pub(super) const OF: &[&str] = &["of", "for", "de", "del", "du", "des", "do", "da", "di", "fur", "fuer", "van", "dla"];
/// Words right after a secret that name a part or a form of it.
#[rustfmt::skip]
pub(super) const FORMS: &[&str] = &[
    "value", "values", "data", "string", "str", "text", "hash", "digest", "plain", "plaintext", "raw", "b64",
    "base64", "encoded", "decoded", "current", "new", "old", "hex", "key", "keys", "code", "codes", "payload", "list",
    "map", "body", "confirm", "confirmation", "again", "repeat", "material", "salt", "content", "256", "sha256",
    "sha1", "512", "v", "seed", "answer", "primary", "secondary", "prod", "dev", "test", "staging", "temp",
    "temporary", "nueva", "nuevo", "nowe", "nowy", "nya", "actual", "atual", "nova", "novo", "nouveau", "actuel", "ancien", "neu", "alt",
    "partage", "compartido", "condiviso", "geteilt", "utente", "usuario", "utilizador", "utilisateur", "benutzer",
    "nutzer", "gebruiker", "uzytkownika", "korisnika", "utilizator", "wiederholung", "confirmar", "confirmacao", "confirmacion", "repetir",
];
/// Words before `token` that make it a cursor or a count.
#[rustfmt::skip]
pub(super) const CURSORS: &[&str] = &[
    "page", "next", "previous", "prev", "continuation", "continue", "pagination", "cursor", "sync", "skip", "start",
    "starting", "resume", "max", "min", "total", "prompt", "completion", "input", "output", "num", "number", "cached",
    "reasoning", "audio", "remaining", "used", "stop", "eos", "bos", "pad", "unk", "special", "budget", "per", "lexer",
    "syntax", "unexpected", "vary", "scroll", "marker", "idempotency", "concurrency", "change", "delta", "watch",
    "version",
];
/// Words that make a name one about a choice or a test.
#[rustfmt::skip]
pub(super) const QUESTIONS: &[&str] = &[
    "is", "has", "no", "needs", "need", "requires", "require", "allow", "allows", "use", "uses", "with", "without",
    "supports", "support", "show", "hide", "enable", "disable", "can", "should", "must", "public", "max", "min",
    "num", "count", "www",
];
/// Words beside `sid` that make it the name of a session.
pub(super) const SIGNED_IN: &[&str] = &["session", "sess", "connect", "login", "auth", "sso", "php", "cookie", "web"];
/// Words before `key` in a header that make it no secret.
pub(super) const OPEN_KEYS: &[&str] = &[
    "idempotency",
    "surrogate",
    "cache",
    "websocket",
    "routing",
    "partition",
    "public",
    "dedup",
    "deduplication",
    "sort",
    "primary",
    "foreign",
    "ordering",
    "message",
    "object",
    "row",
    "socket",
];
