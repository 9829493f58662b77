//! The part of IAM that callers need: signing in for a token, and the project of a region.
//!
//! A small part of Identity and Access Management (IAM), as far as a caller of the service needs it:
//! `POST /v3/auth/tokens` with a password, and `GET /v3/projects?name=REGION`, which the official
//! SDKs ask when they are given a region and no project (reference: credentials).

use crate::api::json::{allow, content_coding, json, not_decoded};
use crate::api::parameters::parameters;
use crate::auth::authentication::{Authenticator, Clocks, Scope, Unauthenticated, same};
use crate::auth::credentials::User;
use crate::auth::signature::hexadecimal;
use crate::auth::token::{Claims, LIFETIME};
use crate::service::clock::Timestamp;
use crate::service::id::RequestId;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A resource of IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Tokens,
    Projects,
}

/// `None` if IAM has no such path.
pub(crate) fn resource(path: &str) -> Option<Resource> {
    match path.strip_prefix("/v3/")? {
        "auth/tokens" => Some(Resource::Tokens),
        "projects" => Some(Resource::Projects),
        _ => None,
    }
}

/// Answers a request; `at` is the time of the emulator's clock.
pub(crate) fn answer(
    resource: Resource,
    request: &Request<Bytes>,
    authenticator: &Authenticator,
    clocks: &dyn Clocks,
    id: RequestId,
    at: Timestamp,
) -> Result<Response<Bytes>, Unauthenticated> {
    match (resource, request.method()) {
        (Resource::Tokens, &Method::POST) => {
            let coding = content_coding(request.headers()).filter(|_| !request.body().is_empty());
            let read = coding.map_or_else(
                || SignIn::read(request.body()),
                |coding| Err(IamError::bad_request(format!("Request body is invalid: {}.", not_decoded(coding)))),
            );
            let answer = read.and_then(|sign_in| sign_in.token(authenticator, id, at));
            Ok(answer.unwrap_or_else(IamError::response))
        }
        (Resource::Tokens, _) => Ok(wrong_method(&Method::POST)),
        (Resource::Projects, &Method::GET) => {
            let scope = authenticator.authenticate(request, clocks)?;
            Ok(projects(&scope, request.uri().query().unwrap_or_default(), &authenticator.project_id))
        }
        (Resource::Projects, _) => Ok(wrong_method(&Method::GET)),
    }
}

/// An error as IAM writes it.
struct IamError {
    status: u16,
    title: &'static str,
    message: Cow<'static, str>,
}

impl IamError {
    fn bad_request(why: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 400, title: "Bad Request", message: why.into() }
    }

    /// The same for an unknown name as for a wrong password.
    fn unauthorized() -> Self {
        Self { status: 401, title: "Unauthorized", message: "The username or password is wrong.".into() }
    }

    fn response(self) -> Response<Bytes> {
        let Self { status, title, message } = self;
        json(status, &json!({"error": {"code": status, "message": message, "title": title}}))
    }
}

fn wrong_method(allowed: &Method) -> Response<Bytes> {
    let message = "This address takes another method.".into();
    let mut response = IamError { status: 405, title: "Method Not Allowed", message }.response();
    allow(&mut response, std::iter::once(allowed));
    response
}

/// A sign-in. Unknown members are ignored.
struct SignIn {
    name: String,
    password: String,
    domain: Named,
    /// `None` for the whole domain, which is also what IAM makes of a missing scope.
    project: Option<Named>,
}

/// A reference by identifier, by name, or by both.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

impl SignIn {
    fn read(body: &[u8]) -> Result<Self, IamError> {
        #[derive(Deserialize)]
        struct Body {
            auth: Auth,
        }
        #[derive(Deserialize)]
        struct Auth {
            identity: Identity,
            #[serde(default)]
            scope: Wanted,
        }
        #[derive(Deserialize)]
        struct Identity {
            methods: Vec<String>,
            password: Password,
        }
        #[derive(Deserialize)]
        struct Password {
            user: Presented,
        }
        #[derive(Deserialize)]
        struct Presented {
            id: Option<String>,
            name: Option<String>,
            password: String,
            #[serde(default)]
            domain: Named,
        }
        #[derive(Default, Deserialize)]
        struct Wanted {
            project: Option<Named>,
            domain: Option<Named>,
        }

        // The message of serde may quote the body, and so a password.
        let wrong = |_| IamError::bad_request("Request body is invalid: auth.identity.password.user is needed.");
        let Auth { identity, scope } = serde_json::from_slice::<Body>(body).map_err(wrong)?.auth;
        if identity.methods != ["password"] {
            return Err(IamError::bad_request("Request parameter auth.identity.methods must be [\"password\"]."));
        }
        if scope.project.is_some() && scope.domain.is_some() {
            return Err(IamError::bad_request("Request parameter auth.scope is for a project or a domain, not both."));
        }
        let Presented { id, name, password, domain } = identity.password.user;
        let Some(name) = name.or(id).filter(|name| !name.is_empty()) else {
            return Err(IamError::bad_request("Request parameter auth.identity.password.user.name is missing."));
        };
        if domain.id.is_none() && domain.name.is_none() {
            return Err(IamError::bad_request("Request parameter auth.identity.password.user.domain is missing."));
        }
        Ok(Self { name, password, domain, project: scope.project })
    }

    fn token(self, authenticator: &Authenticator, id: RequestId, at: Timestamp) -> Result<Response<Bytes>, IamError> {
        let user = self.user(&authenticator.users)?;
        let name = user.map_or(&self.name, |user| &user.name);
        let configured = user.and_then(|user| user.domain.as_deref());
        let domain_name = configured.or(self.domain.name.as_deref()).unwrap_or(DOMAIN);
        let domain = json!({"id": identifier(domain_name), "name": domain_name});
        let project = self.project.map(|project| project.find(&authenticator.project_id)).transpose()?;

        let mut token = json!({
            "expires_at": text(at.plus(LIFETIME)),
            "issued_at": text(at),
            "methods": ["password"],
            "catalog": [],
            "roles": [{"id": "0", "name": "te_admin"}],
            "user": {
                "id": identifier(&format!("{domain_name}/{name}")),
                "name": name,
                "domain": domain,
                "password_expires_at": "",
            },
        });
        match &project {
            Some(project) => token["project"] = json!({"id": project.id, "name": project.name, "domain": domain}),
            None => token["domain"] = domain,
        }
        let claims = Claims { project: project.map(|project| project.id), at };
        let mut response = json(201, &json!({ "token": token }));
        if let Ok(mut secret) = HeaderValue::try_from(authenticator.issuer.issue(id, &claims)) {
            secret.set_sensitive(true);
            response.headers_mut().insert(HeaderName::from_static("x-subject-token"), secret);
        }
        Ok(response)
    }

    /// `None` if no users are configured, so that anyone may sign in. All users are compared, so that
    /// the time taken reveals nothing about them.
    fn user<'c>(&self, users: &'c [User]) -> Result<Option<&'c User>, IamError> {
        if users.is_empty() {
            return Ok(None);
        }
        let found = users.iter().fold(None, |found, user| if self.is_from(user) { Some(user) } else { found });
        found.map(Some).ok_or_else(IamError::unauthorized)
    }

    fn is_from(&self, user: &User) -> bool {
        let domain = user.domain.as_deref();
        let right_domain = domain.is_none_or(|domain| {
            self.domain.name.as_deref().is_none_or(|name| name == domain)
                && self.domain.id.as_ref().is_none_or(|id| *id == identifier(domain))
        });
        let by_name = self.name == user.name;
        let by_id = || self.name == identifier(&format!("{}/{}", domain.unwrap_or(DOMAIN), user.name));
        same(self.password.as_bytes(), user.password.as_bytes()) & right_domain & (by_name || by_id())
    }
}

/// A project as IAM shows it.
#[derive(Serialize)]
struct Project {
    id: String,
    name: String,
}

/// Longer than the identifier of any project; a token with a longer one might not fit a header.
const LONGEST_PROJECT: usize = 64;

impl Named {
    /// Every region is the project of the configuration; every identifier is its own project.
    fn find(self, default: &str) -> Result<Project, IamError> {
        let Self { id, name } = self;
        let (id, name) = match (id, name) {
            (Some(id), name) => (id.clone(), name.unwrap_or(id)),
            (None, Some(name)) => (default.to_owned(), name),
            (None, None) => (String::new(), String::new()),
        };
        if id.is_empty() || name.is_empty() || id.len() > LONGEST_PROJECT {
            return Err(IamError::bad_request("Request parameter auth.scope.project is invalid."));
        }
        Ok(Project { id, name })
    }
}

/// The domain where none is named.
const DOMAIN: &str = "emulated";

/// The region of a project where none is named.
const REGION: &str = "emulated";

fn projects(scope: &Scope<'_>, query: &str, default: &str) -> Response<Bytes> {
    let id = match scope {
        Scope::Project(project) => project.as_ref(),
        Scope::Everything | Scope::Domain => default,
    };
    let wanted = parameters(query).find(|(name, _)| name == "name");
    let name = wanted.and_then(|(_, value)| value).filter(|name| !name.is_empty());
    let domain = identifier(DOMAIN);
    let project = json!({
        "id": id,
        "name": name.as_deref().unwrap_or(REGION),
        "domain_id": domain,
        "parent_id": domain,
        "is_domain": false,
        "enabled": true,
        "description": "",
    });
    let links = json!({"self": "/v3/projects", "next": Value::Null, "previous": Value::Null});
    json(200, &json!({"projects": [project], "links": links}))
}

/// 32 hexadecimal digits that depend on the text alone.
fn identifier(of: &str) -> String {
    hexadecimal(&Sha256::digest(of).into())[..32].iter().copied().map(char::from).collect()
}

/// As IAM writes times: `2020-01-04T09:05:22.701000Z`.
fn text(moment: Timestamp) -> String {
    format!("{moment}.{:03}000Z", moment.millis() % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::gateway::rejection::Rejection;
    use crate::service::id::Ids;
    use std::time::{Duration, SystemTime};

    impl Clocks for Timestamp {
        fn system(&self) -> Timestamp {
            *self
        }

        fn emulated(&self) -> Timestamp {
            *self
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_system(SystemTime::UNIX_EPOCH + Duration::from_millis(1_545_053_474_501))
    }

    fn config() -> Config {
        let users = vec!["ann:secret@acme".parse().unwrap(), "bob:secret".parse().unwrap()];
        Config { users, ..Config::default() }
    }

    fn ask(method: Method, target: &str, body: &str, config: &Config) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(target).header("X-Auth-Token", "t");
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let authenticator = config.authenticator();
        let resource = resource(request.uri().path()).unwrap();
        let id = Ids::new(0).request();
        answer(resource, &request, &authenticator, &now(), id, now())
            .unwrap_or_else(|why| Rejection::Unauthenticated(why).response(id))
    }

    fn body(response: &Response<Bytes>) -> Value {
        serde_json::from_slice(response.body()).unwrap()
    }

    fn sign_in(name: &str, password: &str, domain: &Value, scope: &Value) -> String {
        let user = json!({"name": name, "password": password, "domain": domain});
        json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}).to_string()
    }

    #[track_caller]
    fn check_user(name: &str, password: &str, domain: &Value, config: &Config, status: u16) {
        let scope = json!({"project": {"name": "cn-north-4"}});
        let found = ask(Method::POST, "/v3/auth/tokens", &sign_in(name, password, domain, &scope), config);
        assert_eq!(found.status(), status, "{name} {password} {domain}");
        assert_eq!(found.headers().contains_key("x-subject-token"), status == 201);
        if status == 401 {
            let error = json!({"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"});
            assert_eq!(body(&found), json!({ "error": error }));
        }
    }

    #[test]
    fn a_user_signs_in_with_name_password_and_domain() {
        let acme = json!({"name": "acme"});
        check_user("ann", "secret", &acme, &config(), 201);
        check_user("ann", "secret", &json!({"id": identifier("acme")}), &config(), 201);
        check_user(&identifier("acme/ann"), "secret", &acme, &config(), 201);
        check_user("ann", "wrong", &acme, &config(), 401);
        check_user("ann", "secret", &json!({"name": "other"}), &config(), 401);
        check_user("ann", "secret", &json!({"id": "other"}), &config(), 401);
        check_user("nobody", "secret", &acme, &config(), 401);
    }

    #[test]
    fn a_user_without_a_domain_is_found_in_any() {
        check_user("bob", "secret", &json!({"name": "acme"}), &config(), 201);
        check_user("bob", "secret", &json!({}), &config(), 400);
    }

    #[test]
    fn without_users_every_sign_in_is_accepted() {
        check_user("anyone", "anything", &json!({"name": "d"}), &Config::default(), 201);
    }

    #[track_caller]
    fn check_scope(scope: &Value, expected: Option<Option<&str>>) {
        let config = config();
        let found =
            ask(Method::POST, "/v3/auth/tokens", &sign_in("bob", "secret", &json!({"name": "d"}), scope), &config);
        assert_eq!(found.status(), if expected.is_some() { 201 } else { 400 }, "{scope}");
        let Some(project) = expected else { return };
        let token = found.headers()["x-subject-token"].to_str().unwrap();
        let claims = config.authenticator().issuer.read(token).unwrap();
        assert_eq!(claims, Claims { project: project.map(str::to_owned), at: now() });
        let shown = &body(&found)["token"];
        assert_eq!(shown["project"]["id"].as_str(), project);
        assert_eq!(shown.get("domain").is_some(), project.is_none());
    }

    #[test]
    fn a_token_is_for_a_project_or_a_domain() {
        let own = Config::default().project_id;
        check_scope(&json!({"project": {"name": "cn-north-4"}}), Some(Some(&own)));
        check_scope(&json!({"project": {"id": "p1"}}), Some(Some("p1")));
        check_scope(&json!({"domain": {"name": "d"}}), Some(None));
        check_scope(&json!({}), Some(None));
        check_scope(&json!({"project": {}}), None);
        check_scope(&json!({"project": {"id": ""}}), None);
        check_scope(&json!({"project": {"id": "p".repeat(65)}}), None);
        check_scope(&json!({"project": {"id": "p"}, "domain": {"name": "d"}}), None);
    }

    #[test]
    fn the_response_has_the_user_and_the_expiry() {
        let scope = json!({"project": {"name": "cn-north-4"}});
        let sign_in = sign_in("ann", "secret", &json!({"name": "acme"}), &scope);
        let found = body(&ask(Method::POST, "/v3/auth/tokens", &sign_in, &config()));
        let token = &found["token"];
        assert_eq!(token["issued_at"], "2018-12-17T13:31:14.501000Z");
        assert_eq!(token["expires_at"], "2018-12-18T13:31:14.501000Z");
        assert_eq!((&token["user"]["name"], &token["user"]["domain"]["name"]), (&json!("ann"), &json!("acme")));
        assert_eq!(token["project"]["name"], "cn-north-4");
        assert!(!found.to_string().contains("secret"));
    }

    #[test]
    fn an_invalid_sign_in_is_a_bad_request_that_does_not_repeat_the_body() {
        for text in [
            "",
            "null",
            "{}",
            r#"{"auth": {"identity": {"methods": ["password"]}}}"#,
            r#"{"auth": {"identity": {"methods": ["token"], "password": {"user": {"password": "secret"}}}}}"#,
            r#"{"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "secret"}}}}}"#,
            r#"{"auth": {"identity": {"methods": ["password"], "password": {"user": "secret"}}}}"#,
        ] {
            let found = ask(Method::POST, "/v3/auth/tokens", text, &config());
            assert_eq!((found.status().as_u16(), &body(&found)["error"]["code"]), (400, &json!(400)), "{text}");
            assert!(!body(&found).to_string().contains("secret"));
        }
    }

    #[test]
    fn a_region_is_the_project_of_the_configuration() {
        let found = ask(Method::GET, "/v3/projects?name=cn-north-4", "", &Config::default());
        let project = &body(&found)["projects"][0];
        assert_eq!(project["id"], Config::default().project_id);
        assert_eq!(project["name"], "cn-north-4");
        assert_eq!(body(&found)["projects"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn projects_require_credentials() {
        let found = ask(Method::GET, "/v3/projects?name=cn-north-4", "", &config());
        assert_eq!((found.status().as_u16(), &body(&found)["error_code"]), (401, &json!("APIGW.0301")));
    }

    #[test]
    fn a_wrong_method_gets_the_allowed_one() {
        for (target, allowed) in [("/v3/auth/tokens", "POST"), ("/v3/projects", "GET")] {
            let found = ask(Method::PUT, target, "", &Config::default());
            assert_eq!((found.status().as_u16(), &found.headers()["allow"]), (405, &HeaderValue::from_static(allowed)));
        }
        assert_eq!(resource("/v3/projects/p"), None);
    }
}
