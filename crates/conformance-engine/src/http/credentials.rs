//! Chooses the credentials of a request among those that a run has.

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::http::altered::Presented;
use crate::model::suite::{Credential, Instead, Place};
use crate::redact::secret::{REDACTED, Secret};

/// Values of security schemes, by the names that the document gives them.
pub type SchemeValues = BTreeMap<String, Secret>;

/// What a run has to prove who sends its requests.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'k> {
    pub(crate) token: Option<&'k Secret>,
    pub(crate) schemes: &'k SchemeValues,
}

impl Keys<'static> {
    /// Of a request that is only shown.
    pub(crate) const NONE: Keys<'static> = {
        static NOTHING: SchemeValues = SchemeValues::new();
        Keys { token: None, schemes: &NOTHING }
    };
}

/// One credential as it is sent, and as it is shown.
pub(crate) struct Proof<'c> {
    pub(crate) name: &'c str,
    /// The scheme, if it is a value of this very scheme and not the token.
    pub(crate) scheme: Option<&'c str>,
    pub(crate) place: Place,
    pub(crate) value: String,
    pub(crate) shown: String,
}

/// The first alternative that can be sent whole: an invalid credential of the case itself, a value of the scheme, or the
/// token, which stands for one scheme and no more.
///
/// # Errors
/// Where the case asks for a change of the token that this token does not allow.
pub(crate) fn proofs<'c>(credential: Option<&'c Credential>, keys: Keys<'_>) -> Result<Vec<Proof<'c>>, String> {
    let Some(credential) = credential else { return Ok(Vec::new()) };
    if credential.instead.is_some() {
        // The case is about this alternative; what else belongs to it is right as far as it is known.
        let mut token = keys.token;
        let members = std::iter::once(credential).chain(&credential.with);
        return members.filter_map(|one| proof(one, keys.schemes, &mut token).transpose()).collect();
    }
    let whole = |members: Vec<&'c Credential>| {
        let mut token = keys.token;
        members.into_iter().map(|one| proof(one, keys.schemes, &mut token).ok()?).collect::<Option<Vec<_>>>()
    };
    Ok(credential.alternatives().find_map(whole).unwrap_or_default())
}

fn proof<'c>(
    credential: &'c Credential,
    schemes: &SchemeValues,
    token: &mut Option<&Secret>,
) -> Result<Option<Proof<'c>>, String> {
    let Credential { scheme, name, place, prefix, .. } = credential;
    let proof = |sent: Presented, shown: Presented| {
        let [value, shown] = [sent, shown].map(|Presented { prefix, token }| format!("{prefix}{token}"));
        let scheme = schemes.contains_key(scheme).then_some(scheme.as_str());
        Some(Proof { name, scheme, place: *place, value, shown })
    };
    let plain = |token: &str| Presented { prefix: prefix.clone(), token: token.to_owned() };
    // An invalid credential is no secret, and the case is about it, so the report shows it.
    if let Some(Instead::Text(text)) = &credential.instead {
        return Ok(proof(plain(text), plain(text)));
    }
    if credential.unsupported.is_some() {
        return Ok(None);
    }
    let secret = match schemes.get(scheme) {
        Some(secret) => Some(secret),
        None if credential.named_only || is_basic(credential) && !token.is_some_and(names_a_user) => None,
        None => token.take(),
    };
    let altered = credential.instead.as_ref().and_then(Instead::altered);
    let Some(secret) = secret else {
        // Without any token, an empty one can still be sent.
        return match altered.filter(|altered| altered.without_token(false).is_none()) {
            Some(altered) => {
                let empty = altered.of(prefix, "")?;
                Ok(proof(empty.clone(), empty))
            }
            None => Ok(None),
        };
    };
    let mut value = secret.expose().to_owned();
    // Source: RFC 7617, section 2. Base64 has no colon, so a value with one is not encoded yet.
    if is_basic(credential) && value.contains(':') {
        value = BASE64_STANDARD.encode(value);
    }
    Ok(match altered {
        Some(altered) => proof(altered.of(prefix, &value)?, altered.shown(prefix, REDACTED)),
        None => proof(plain(&value), plain(REDACTED)),
    })
}

fn is_basic(credential: &Credential) -> bool {
    credential.prefix.eq_ignore_ascii_case("basic ")
}

/// Whether a token is what HTTP basic asks for, a name and a password: no other token can be right there.
fn names_a_user(token: &Secret) -> bool {
    let decoded = BASE64_STANDARD.decode(token.expose()).unwrap_or_default();
    token.expose().contains(':') || decoded.contains(&b':')
}

/// What a run has, by name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    token: bool,
    names_a_user: bool,
    schemes: BTreeSet<String>,
}

impl Known {
    /// The names of what there is; `signs` where something else than a token proves who sends requests.
    pub fn of(token: Option<&Secret>, schemes: &SchemeValues, signs: bool) -> Known {
        let names_a_user = signs || token.is_some_and(names_a_user);
        Known { token: signs || token.is_some(), names_a_user, schemes: schemes.keys().cloned().collect() }
    }
}

/// Why no request can carry what `credential` asks for; nothing where one can, where none has to, or where the run has
/// no credential at all: then it is about an endpoint that asks for none.
pub(crate) fn missing(credential: Option<&Credential>, known: &Known) -> Option<String> {
    let credential = credential.filter(|credential| !credential.optional)?;
    let reasons: Vec<&str> = credential
        .alternatives()
        .filter_map(|members| members.into_iter().find_map(|one| one.unsupported.as_deref()))
        .collect();
    if reasons.len() == credential.or.len() + 1 {
        return Some(format!("no credential can be sent: {}", reasons.join("; ")));
    }
    if !known.token && known.schemes.is_empty() && !credential.subject {
        return None;
    }
    let mut asked = Vec::new();
    for members in credential.alternatives().filter(|members| members.iter().all(|one| one.unsupported.is_none())) {
        let lacking: Vec<_> = members.into_iter().filter(|one| !known.schemes.contains(&one.scheme)).collect();
        match lacking[..] {
            [] => return None,
            [one] if known.token && !one.named_only && (!is_basic(one) || known.names_a_user) => return None,
            _ => {}
        }
        let flags: Vec<String> = lacking.iter().map(|one| format!("--credential {}=VALUE", one.scheme)).collect();
        asked.push(flags.join(" "));
    }
    Some(format!("needs {}: the operation asks for it", asked.join(", or ")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is sent and shown with a token and values of schemes, and what is missing.
    #[track_caller]
    fn check(credential: Value, token: Option<&str>, schemes: &[(&str, &str)], expected: &[&str], lacks: Option<&str>) {
        let credential: Credential = serde_json::from_value(credential).unwrap();
        let token = token.map(Secret::new);
        let schemes: SchemeValues =
            schemes.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        let known = Known::of(token.as_ref(), &schemes, false);
        let proofs = proofs(Some(&credential), Keys { token: token.as_ref(), schemes: &schemes }).unwrap();
        let lines: Vec<_> = proofs.iter().map(|it| format!("{}: {} ({})", it.name, it.value, it.shown)).collect();
        assert_eq!(lines, expected);
        assert_eq!(missing(Some(&credential), &known).as_deref(), lacks);
    }

    fn key(scheme: &str, name: &str) -> Value {
        json!({"scheme": scheme, "name": name, "in": "header"})
    }

    #[test]
    fn a_value_goes_to_its_scheme_and_the_token_to_the_one_that_is_left() {
        let mut both = key("tower", "X-Tower");
        both["with"] = json!([key("pad", "X-Pad")]);
        check(both.clone(), Some("t"), &[("pad", "p")], &["X-Tower: t (***)", "X-Pad: p (***)"], None);
        check(both.clone(), None, &[("pad", "p"), ("tower", "q")], &["X-Tower: q (***)", "X-Pad: p (***)"], None);
        let lacks = "needs --credential tower=VALUE --credential pad=VALUE: the operation asks for it";
        check(both.clone(), Some("t"), &[], &[], Some(lacks));
        check(both, None, &[], &[], None);
    }

    #[test]
    fn the_first_alternative_that_can_be_sent_whole_is() {
        let mut either = key("tower", "X-Tower");
        either["with"] = json!([key("pad", "X-Pad")]);
        either["or"] = json!([key("crew", "X-Crew")]);
        check(either.clone(), Some("t"), &[], &["X-Crew: t (***)"], None);
        check(either.clone(), None, &[("crew", "c")], &["X-Crew: c (***)"], None);
        let lacks = "needs --credential pad=VALUE, or --credential crew=VALUE: the operation asks for it";
        check(either, None, &[("tower", "q")], &[], Some(lacks));
        let mut free = key("tower", "X-Tower");
        free["optional"] = json!(true);
        check(free, None, &[("pad", "p")], &[], None);
    }

    #[test]
    fn a_name_and_a_password_are_encoded_and_what_is_not_known_is_not_sent() {
        let mut basic = key("door", "Authorization");
        basic["prefix"] = json!("Basic ");
        check(basic.clone(), None, &[("door", "Ada:pw")], &["Authorization: Basic QWRhOnB3 (Basic ***)"], None);
        check(basic.clone(), Some("QWRhOnB3"), &[], &["Authorization: Basic QWRhOnB3 (Basic ***)"], None);
        let lacks = "needs --credential door=VALUE: the operation asks for it";
        check(basic.clone(), Some("t0ken"), &[], &[], Some(lacks));
        basic["or"] = json!([{"scheme": "pass", "name": "Authorization", "in": "header", "prefix": "Bearer "}]);
        check(basic, Some("t0ken"), &[], &["Authorization: Bearer t0ken (Bearer ***)"], None);
        let mut hoba = key("hoba", "Authorization");
        (hoba["prefix"], hoba["named_only"]) = (json!("HOBA "), json!(true));
        let lacks = "needs --credential hoba=VALUE: the operation asks for it";
        check(hoba.clone(), Some("t"), &[], &[], Some(lacks));
        check(hoba, Some("t"), &[("hoba", "r")], &["Authorization: HOBA r (HOBA ***)"], None);
        let mut mutual = key("mutual", "");
        mutual["unsupported"] = json!("`mutual` is mutualTLS");
        check(mutual, None, &[], &[], Some("no credential can be sent: `mutual` is mutualTLS"));
    }
}
