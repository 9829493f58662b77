//! Changes the token of a run in the way that a case asks for.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::model::case::Altered;

/// What is sent in the place of a credential: what stands before the token, and the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) prefix: String,
    pub(crate) token: String,
}

impl Altered {
    /// The change is one of the token's own characters, so that it takes a token to make it.
    fn needs_token(self) -> bool {
        !matches!(self, Self::Empty | Self::Blank)
    }

    /// What is sent in place of `prefix` and `token`; or why this token cannot be changed so that it must be refused.
    pub(crate) fn of(self, prefix: &str, token: &str) -> Result<Presented, String> {
        let with = |token: String| Ok(Presented { prefix: prefix.to_owned(), token });
        match self {
            Self::Longer => with(secret_part(prefix, token, &|secret| Some(format!("{secret}0"))).unwrap_or_default()),
            Self::Shorter => {
                let shorter = |secret: &str| {
                    let mut shorter = secret.to_owned();
                    shorter.pop().filter(|_| !shorter.is_empty())?;
                    Some(shorter)
                };
                with(secret_part(prefix, token, &shorter).ok_or("the token has one character only")?)
            }
            // Source: RFC 9562, section 4: a UUID is read in either case; so is what a server decodes to bytes.
            Self::OtherCase if is_hexadecimal(token) => {
                Err("the token is hexadecimal, such as a UUID, which has no case".to_owned())
            }
            Self::OtherCase => {
                let other = |secret: &str| Some(other_case(secret)).filter(|other| other != secret);
                with(secret_part(prefix, token, &other).ok_or("the token has no letters")?)
            }
            Self::Empty => with(String::new()),
            Self::Blank => with("   ".to_owned()),
            Self::Before => with(format!("Bearer {token}")),
            Self::NoScheme => Ok(Presented { prefix: String::new(), token: token.to_owned() }),
            Self::OtherScheme => {
                let other = if is_basic(prefix) { "Bearer " } else { "Basic " };
                Ok(Presented { prefix: other.to_owned(), token: token.to_owned() })
            }
        }
    }

    /// The same as it is shown, where `hidden` stands for the token.
    pub(crate) fn shown(self, prefix: &str, hidden: &str) -> Presented {
        match self {
            // Whatever was done to it, it is not shown.
            Self::Shorter | Self::OtherCase => Presented { prefix: prefix.to_owned(), token: hidden.to_owned() },
            Self::Longer => Presented { prefix: prefix.to_owned(), token: format!("{hidden}0") },
            _ => self.of(prefix, hidden).unwrap_or(Presented { prefix: prefix.to_owned(), token: hidden.to_owned() }),
        }
    }

    /// Why a run with neither of these, or with a signature in place of a token, cannot make the change.
    pub(crate) fn without_token(self, is_signed: bool) -> Option<String> {
        match (self.needs_token(), is_signed) {
            (false, _) => None,
            (true, true) if matches!(self, Self::Longer | Self::Shorter) => None,
            (_, true) => Some("requests are signed, and this is a change of a token".to_owned()),
            _ => Some("no token is given that could be changed".to_owned()),
        }
    }

    /// Every changed form of `token` that still shows most of it.
    pub(crate) fn secrets(token: &str) -> Vec<String> {
        let changes = [Self::Longer, Self::Shorter, Self::OtherCase];
        let forms = changes.into_iter().flat_map(|change| ["", "Basic "].map(|prefix| change.of(prefix, token)));
        let mut forms: Vec<String> = forms.flatten().map(|it| it.token).filter(|form| !form.contains(token)).collect();
        forms.sort_unstable();
        forms.dedup();
        forms
    }
}

/// The token with its secret part changed: of a name and a password in Base64 (`Basic`) the password, as a decoder may
/// pass over what is wrong at the end, and names often have no case.
fn secret_part(prefix: &str, token: &str, change: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let decoded = BASE64_STANDARD.decode(token).ok().filter(|_| is_basic(prefix));
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    match text.as_deref().and_then(|text| text.split_once(':')) {
        Some((name, password)) => Some(BASE64_STANDARD.encode(format!("{name}:{}", change(password)?))),
        None => change(token),
    }
}

fn is_basic(prefix: &str) -> bool {
    prefix.trim().eq_ignore_ascii_case("basic")
}

fn other_case(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

fn is_hexadecimal(token: &str) -> bool {
    token.chars().filter(char::is_ascii_hexdigit).count() >= 32
        && token.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(altered: Altered, prefix: &str, token: &str, expected: Result<&str, &str>) {
        let found = altered.of(prefix, token).map(|Presented { prefix, token }| format!("{prefix}{token}"));
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_token_is_changed_in_one_way() {
        check(Altered::Longer, "", "ab-C", Ok("ab-C0"));
        check(Altered::Shorter, "Bearer ", "ab-C", Ok("Bearer ab-"));
        check(Altered::OtherCase, "", "ab-C", Ok("AB-c"));
        check(Altered::Empty, "Bearer ", "ab-C", Ok("Bearer "));
        check(Altered::Blank, "", "ab-C", Ok("   "));
        check(Altered::Before, "", "ab-C", Ok("Bearer ab-C"));
        check(Altered::NoScheme, "Bearer ", "ab-C", Ok("ab-C"));
        check(Altered::OtherScheme, "Bearer ", "ab-C", Ok("Basic ab-C"));
        check(Altered::OtherScheme, "Basic ", "ab-C", Ok("Bearer ab-C"));
    }

    #[test]
    fn of_a_name_and_a_password_the_password_is_changed() {
        let encoded = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        let token = BASE64_STANDARD.encode("Ann:Se:cret");
        check(Altered::Longer, "Basic ", &token, Ok(&encoded("Ann:Se:cret0")));
        check(Altered::Shorter, "Basic ", &token, Ok(&encoded("Ann:Se:cre")));
        check(Altered::OtherCase, "Basic ", &token, Ok(&encoded("Ann:sE:CRET")));
    }

    #[test]
    fn what_would_mean_the_same_is_not_made() {
        check(Altered::Shorter, "", "a", Err("the token has one character only"));
        check(Altered::OtherCase, "", "12-34", Err("the token has no letters"));
        let uuid = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";
        check(Altered::OtherCase, "", uuid, Err("the token is hexadecimal, such as a UUID, which has no case"));
    }

    #[test]
    fn neither_what_is_shown_nor_what_is_kept_out_of_reports_misses_a_change() {
        for altered in Altered::ALL {
            let shown = altered.shown("", "***").token;
            assert!(["***", "***0", "", "   ", "Bearer ***"].contains(&shown.as_str()), "{shown}");
        }
        assert_eq!(Altered::secrets("toKen"), ["TOkEN", "toKe"]);
    }

    #[test]
    fn it_takes_a_token_to_change_one() {
        let reason = |altered: Altered, is_signed| altered.without_token(is_signed).is_some();
        let unsigned: Vec<bool> = Altered::ALL.map(|altered| reason(altered, false)).into();
        assert_eq!(unsigned, [true, true, true, false, false, true, true, true]);
        let signed: Vec<bool> = Altered::ALL.map(|altered| reason(altered, true)).into();
        assert_eq!(signed, [false, false, true, false, false, true, true, true]);
    }
}
