//! Requests with no credential, with nobody's, and with one that is nearly right.

use conformance_engine::suite::{Altered, Credential, Instead, Place, Request};

use super::deriving::Deriving;
use super::refusal::WRONG_CREDENTIAL;

/// A credential that no server knows; well formed also where it has to be a name and a password in Base64.
const NOBODY: &str = "bm9ib2R5OndpdGhvdXQtcmlnaHRz";

impl Deriving<'_, '_> {
    /// The operation requires a credential: without one, with a wrong one and with one that is nearly right, it is
    /// refused.
    pub(super) fn credential(&mut self) {
        let known = |it: &Credential| !it.optional && it.unsupported.is_none();
        let Some(credential) = self.base.request.credential.clone().filter(known) else { return };
        let name = &credential.name;
        let answers = self.answers(WRONG_CREDENTIAL, &[]);
        let mut absent = self.base.request.clone();
        absent.credential = None;
        absent.parameters.retain(|parameter| !parameter.name.eq_ignore_ascii_case(name));
        self.push("credential.missing", format!("the credential `{name}` is left out"), absent, answers.clone());
        let wrong = self.presenting(Instead::Text(NOBODY.to_owned()));
        self.push("credential.wrong", format!("the credential `{name}` is nobody's"), wrong, answers.clone());
        for altered in Altered::ALL.into_iter().filter(|altered| is_wrong(*altered, &credential)) {
            let request = self.presenting(Instead::Altered { altered });
            let mut answers = answers.clone();
            // What has not the form of a credential may be refused for its form (RFC 6750, section 3.1).
            if !matches!(altered, Altered::Longer | Altered::Shorter | Altered::OtherCase)
                && let Some(answers) = &mut answers
                && self.operation.responses.iter().any(|response| response.code() == Some(400))
            {
                answers.or.push(400);
            }
            let breaks = format!("the credential `{name}` {}", altered.about());
            self.push(&format!("credential.{}", altered.name()), breaks, request, answers);
        }
    }

    fn presenting(&self, instead: Instead) -> Request {
        let mut request = self.base.request.clone();
        if let Some(credential) = &mut request.credential {
            credential.instead = Some(instead);
        }
        request
    }
}

/// Whether the change makes a credential that no server may take for the right one.
fn is_wrong(altered: Altered, credential: &Credential) -> bool {
    let has_scheme = !credential.prefix.is_empty();
    match altered {
        Altered::NoScheme | Altered::OtherScheme => has_scheme,
        // A key in `Authorization` may well have a scheme before it, whatever the document calls it.
        Altered::Before => has_scheme || !credential.name.eq_ignore_ascii_case("authorization"),
        // Around the value of a header and a cookie, blanks mean nothing (RFC 9110, section 5.5): it is empty once more.
        Altered::Blank => credential.place != Place::Cookie,
        _ => true,
    }
}
