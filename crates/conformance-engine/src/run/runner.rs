//! Sends the requests of one run and keeps secrets out of what comes of them.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in an [`Entry`] contains it, not even where a server sends it back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Instant, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use specwright_redaction::name::{Suspicion, suspicion_anywhere};
use specwright_redaction::{Redactor, learn_header};

use crate::check::coverage::Tracker;
use crate::check::exchange::Judge;
use crate::check::schema::Schemas;
use crate::format::curl::{Variables, credential_variable, curl_with};
use crate::http::address::Address;
use crate::http::client::{Client, SendError, is_idempotent};
use crate::http::credentials::{Keys, proofs};
use crate::http::request::{Prepared, Replacements, Values, prepare};
use crate::http::wire;
use crate::model::case::{Altered, Instead};
use crate::model::coverage::Coverage;
use crate::model::exchange::{Exchange, Purpose, Reply, Sent};
use crate::model::report::{Entry, TourResult};
use crate::model::suite::{Case, Credential, Setup, Suite, Taken};
use crate::plan::plan::{Naming, Plan};
use crate::plan::tour_search::is_success;
use crate::redact::exchange::{Way, redact_exchange, redact_words, secrets_of_reply};
use crate::redact::secret::{REDACTED, Secret, Unsigned, is_sensitive};
use crate::redact::traffic::is_secret_value;
use crate::run::identity::Identities;
use crate::run::made::preparations::Preparations;
use crate::run::options::Options;

/// The connections of one worker. Each has connections of its own, even at the same host and port: what happens on the way
/// to the provider of states says nothing about the endpoint.
pub(crate) struct Connections {
    pub(crate) endpoint: Client,
    pub(crate) provider: Option<Client>,
}

impl Connections {
    pub(crate) fn another(&self) -> Self {
        Self { endpoint: self.endpoint.another(), provider: self.provider.as_ref().map(Client::another) }
    }
}

/// What all cases of one run share.
pub(crate) struct Runner<'r, 'a> {
    pub(crate) plan: &'r Plan<'a>,
    pub(crate) options: &'r Options,
    pub(crate) schemas: Schemas<'a>,
    redactor: RwLock<Redactor>,
    /// How many secrets were known before the first request.
    known_at_first: usize,
    /// The keys of values that are taken from replies and are secrets.
    secret_keys: BTreeSet<&'a str>,
    root: String,
    pub(crate) identities: Identities,
    /// Bytes of bodies that are kept for reports.
    kept: AtomicUsize,
    pub(crate) served: Served,
    /// How often it was in vain to send a request again that was answered 429 without `Retry-After`.
    pub(crate) impatient: AtomicUsize,
    /// How often it was in vain to wait for what was only accepted (202).
    pub(crate) unready: AtomicUsize,
    pub(crate) toured: Mutex<Vec<TourResult>>,
    pub(crate) preparations: Preparations,
    /// The addresses of things that were answered with a success.
    pub(crate) seen: Mutex<BTreeSet<String>>,
    /// What of the contract was exercised, if there is one.
    coverage: Option<(Judge<'r>, Mutex<Tracker<'r>>)>,
}

/// What is known of the paths of status requests.
#[derive(Debug, Default)]
pub(crate) struct Served {
    /// Which of the paths is served: found out once in a run.
    pub(crate) thing: AtomicUsize,
    pub(crate) job: AtomicUsize,
    /// The job that was queried last.
    pub(crate) last_job: Mutex<String>,
    /// The identifiers, and the values of them, of which no path is served.
    pub(crate) nowhere: Mutex<BTreeSet<(String, String)>>,
    /// Waits for a status that did not come.
    pub(crate) in_vain: AtomicUsize,
}

impl Served {
    pub(crate) fn is_nowhere(&self, subject: &(String, String)) -> bool {
        self.nowhere.lock().unwrap_or_else(PoisonError::into_inner).contains(subject)
    }
}

/// Of all bodies together, so much is kept whole; of the rest only the beginning.
const KEPT: usize = 16 << 20;

const BEGINNING: usize = 4 << 10;

impl<'r, 'a> Runner<'r, 'a> {
    pub(crate) fn new(plan: &'r Plan<'a>, options: &'r Options) -> Self {
        let redactor = redactor(plan, options);
        Self {
            plan,
            options,
            schemas: Schemas::new(&plan.suite.schemas),
            known_at_first: redactor.known.len(),
            redactor: RwLock::new(redactor),
            secret_keys: secret_keys(plan.suite),
            root: options.endpoint.root(),
            identities: Identities::default(),
            kept: AtomicUsize::new(0),
            served: Served::default(),
            impatient: AtomicUsize::new(0),
            unready: AtomicUsize::new(0),
            toured: Mutex::default(),
            preparations: Preparations::default(),
            seen: Mutex::default(),
            coverage: options.contract.as_deref().map(|contract| {
                let judge = Judge::new(contract).below(options.endpoint.prefix());
                (judge, Mutex::new(Tracker::new(contract, Some(plan.suite))))
            }),
        }
    }

    /// What of the contract was exercised, if there is one.
    pub(crate) fn coverage(&self) -> Option<Coverage> {
        let (_, tracker) = self.coverage.as_ref()?;
        Some(tracker.lock().unwrap_or_else(PoisonError::into_inner).coverage(true))
    }

    pub(crate) fn redactor(&self) -> RwLockReadGuard<'_, Redactor> {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps out of all reports what a request takes from a reply and what is a secret by its name.
    fn learn(&self, values: &Values) {
        let secrets = values.iter().filter(|(key, _)| self.secret_keys.contains(key.as_str()));
        self.add(secrets.map(|(_, value)| value.as_str()));
    }

    /// Keeps these out of all reports.
    fn add<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) {
        let new: Vec<&str> = {
            let redactor = self.redactor();
            secrets.into_iter().filter(|secret| !redactor.known.contains(secret)).collect()
        };
        if !new.is_empty() {
            self.redactor.write().unwrap_or_else(PoisonError::into_inner).known.learn(new);
        }
    }

    /// Takes those secrets out of what was recorded that were only learnt after it.
    pub(crate) fn redact_again(&self, entries: &mut [Entry], tours: &mut [TourResult]) {
        let redactor = self.redactor();
        // Nothing was learnt on the way.
        if redactor.known.len() == self.known_at_first {
            return;
        }
        let way = Way { shows_bodies: true, is_again: true, ..Way::default() };
        let exchanges = entries.iter_mut().flat_map(|entry| &mut entry.exchanges);
        let exchanges = exchanges.chain(tours.iter_mut().flat_map(|tour| &mut tour.exchanges));
        exchanges.for_each(|exchange| redact_exchange(exchange, None, &redactor, way));
        entries.iter_mut().for_each(|entry| redact_words(entry, &redactor));
    }

    pub(crate) fn take_tours(&self) -> Vec<TourResult> {
        std::mem::take(&mut *self.toured.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes an entry ready for the report: without secrets, without bodies that there is no room for.
    pub(crate) fn finish(&self, entry: &mut Entry) {
        if let Some((judge, tracker)) = &self.coverage {
            tracker.lock().unwrap_or_else(PoisonError::into_inner).see_entry(judge, entry);
        }
        self.redact(entry);
    }

    /// Takes secrets out of an entry, and bodies that there is no room for.
    pub(crate) fn redact(&self, entry: &mut Entry) {
        let case = self.plan.entries.get(entry.position).map(|planned| planned.case);
        let credential = case.and_then(|case| case.request.credential.as_ref());
        for reply in entry.exchanges.iter().filter_map(|exchange| exchange.reply.as_ref()) {
            let found = secrets_of_reply(reply, None);
            self.add(found.iter().map(String::as_str));
        }
        for exchange in &mut entry.exchanges {
            redact_exchange(exchange, credential, &self.redactor(), self.way());
            self.shorten(exchange);
        }
        redact_words(entry, &self.redactor());
        // A changed token is not shown, so a line could only repeat the request with the right one.
        let altered = credential.and_then(|it| it.instead.as_ref()).and_then(Instead::altered);
        let is_shown = altered.is_none_or(|altered| matches!(altered, Altered::Empty | Altered::Blank));
        let judged = entry.judged().filter(|_| is_shown);
        entry.curl = judged.map(|exchange| curl_with(&exchange.sent, &self.variables(credential), None));
    }

    /// How secrets are kept out of exchanges.
    pub(crate) fn way(&self) -> Way {
        Way { shows_bodies: self.options.shows_bodies, ..Way::default() }
    }

    /// The shell variables for what proves who sends a request: each scheme with a value of its own has one.
    fn variables<'v>(&'v self, credential: Option<&'v Credential>) -> Variables<'v> {
        let Options { token, credentials, token_variable, credential_variables, .. } = self.options;
        let proofs = proofs(credential, Keys { token: token.as_ref(), schemes: credentials }).unwrap_or_default();
        let variable = |scheme| credential_variable(credential_variables, scheme);
        let named = proofs.into_iter().filter_map(|proof| Some((proof.name, variable(proof.scheme?))));
        let taken = self.secret_keys.iter().map(|key| key.rsplit(['/', '.']).next().unwrap_or_default());
        let named = named.chain(taken.map(|name| (name, variable(name))));
        Variables { token: token_variable, named: named.collect() }
    }

    /// Sends one request, again where the endpoint asks for it, and remembers it with what came of it. A request that cannot
    /// be written was not sent.
    pub(crate) async fn send(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        purpose: Purpose,
        values: &Values,
        client: &mut Client,
    ) -> Result<Reply, SendError> {
        loop {
            let answer = self.send_once(exchanges, case, purpose.clone(), values, client).await;
            let Ok(reply) = &answer else { return answer };
            let Some(pause) = self.pause_for(case, reply, exchanges) else { return answer };
            let what = format!("the endpoint, which answered {} to {}", reply.status, case.operation);
            if !self.sleep(&what, pause, &self.options.stop).await {
                return answer;
            }
        }
    }

    async fn send_once(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        purpose: Purpose,
        values: &Values,
        client: &mut Client,
    ) -> Result<Reply, SendError> {
        let Options { endpoint, token, credentials, .. } = self.options;
        self.learn(values);
        let unique = self.unique_values(case, values);
        let all: Values;
        let values = if unique.is_empty() {
            values
        } else {
            all = values.iter().chain(&unique).map(|(name, value)| (name.clone(), value.clone())).collect();
            &all
        };
        let replacements = Replacements { state: values, run: self.plan.values };
        let keys = Keys { token: token.as_ref(), schemes: credentials };
        let prepared = prepare(case, replacements, endpoint.prefix(), &self.root, keys);
        let (mut prepared, mut sent) = prepared.map_err(SendError::Request)?;
        if let Some(naming) = self.plan.prefer {
            let header = ("Prefer".to_owned(), preference(case, naming));
            prepared.headers.push(header.clone());
            sent.headers.push(header);
        }
        self.sign(case, &mut prepared, &mut sent).map_err(SendError::Request)?;
        let mut answer = carry_out(exchanges, purpose.clone(), sent.clone(), &prepared, client).await;
        if matches!(answer, Err(SendError::Unanswered(_))) && is_idempotent(&prepared.method) {
            answer = carry_out(exchanges, purpose, sent, &prepared, client).await;
        }
        if let Ok(reply) = &answer
            && is_success(case)
            && (200..300).contains(&reply.status)
        {
            // What an operation adds is new, whatever its request names.
            let lifecycle = self.plan.suite.lifecycle.as_ref();
            let transition = lifecycle.and_then(|lifecycle| lifecycle.operations.get(&case.operation));
            let adds = transition.is_some_and(|transition| !transition.adds.is_empty());
            let sent = exchanges.last().filter(|_| !adds).map(|exchange| &exchange.sent);
            self.identities.remember(case, sent, reply);
        }
        answer
    }

    /// Where a token would go, a signature goes, if there is a signer and no token.
    fn sign(&self, case: &Case, prepared: &mut Prepared, sent: &mut Sent) -> Result<(), String> {
        let Some(signer) = self.options.signer.as_ref().filter(|_| self.options.token.is_none()) else { return Ok(()) };
        let Some(credential) = &case.request.credential else { return Ok(()) };
        let altered = credential.instead.as_ref().map(Instead::altered);
        if altered == Some(None) {
            return Ok(());
        }
        let url = format!("{}{}", self.root, prepared.target);
        let body = prepared.body.as_deref().unwrap_or_default();
        let unsigned = Unsigned { method: &prepared.method, url: &url, headers: &prepared.headers, body };
        for (name, value) in signer.sign(&unsigned).map_err(|why| format!("the request cannot be signed: {why}"))? {
            let is_sensitive = is_sensitive(&name);
            if is_sensitive {
                let found = learn_header(&name, &value, true);
                self.add(found.iter().map(String::as_str));
            }
            let shown = if is_sensitive { REDACTED.to_owned() } else { value.clone() };
            let value = match altered.flatten().filter(|_| is_sensitive) {
                Some(altered) => altered.of("", &value)?.token,
                None => value,
            };
            sent.headers.push((name.clone(), shown));
            prepared.headers.push((name, value));
        }
        Ok(())
    }

    /// Why the request of `case` cannot have the credential that it is about.
    pub(crate) fn unalterable(&self, case: &Case) -> Option<String> {
        let credential = case.request.credential.as_ref()?;
        let altered = credential.instead.as_ref()?.altered()?;
        let Options { token, credentials, signer, .. } = self.options;
        match proofs(Some(credential), Keys { token: token.as_ref(), schemes: credentials }) {
            Err(reason) => Some(reason),
            Ok(proofs) if proofs.iter().any(|proof| proof.name == credential.name) => None,
            Ok(_) if signer.is_some() && token.is_none() => altered.without_token(true),
            Ok(_) => Some(
                altered
                    .without_token(false)
                    .unwrap_or_else(|| "no credential is given that could be changed".to_owned()),
            ),
        }
    }

    /// Keeps a report of many large bodies from filling the memory.
    fn shorten(&self, exchange: &mut Exchange) {
        let Some(reply) = &mut exchange.reply else { return };
        let length = reply.body.len();
        reply.truncated = length > BEGINNING && self.kept.fetch_add(length, Ordering::Relaxed) + length > KEPT;
        let most = if reply.truncated { BEGINNING } else { length };
        reply.body.edit(|bytes| {
            bytes.truncate(most);
            bytes.shrink_to_fit();
        });
    }
}

/// The keys under which requests take secrets from the replies before them.
fn secret_keys(suite: &Suite) -> BTreeSet<&str> {
    let takes = suite.setups.values().flat_map(Setup::takes).chain(suite.undo.values().map(|undo| &undo.takes));
    let is_secret = |(key, taken): &(&String, &Taken)| is_secret_value(key, &taken.value);
    takes.flatten().filter(is_secret).map(|(key, _)| key.as_str()).collect()
}

/// Knows what proves who sends the requests, and what the user gave under the name of a secret.
fn redactor(plan: &Plan<'_>, options: &Options) -> Redactor {
    let mut secrets: Vec<Secret> = options.token.iter().chain(options.credentials.values()).cloned().collect();
    secrets.extend(options.signer.iter().flat_map(|signer| signer.secrets()));
    // A name and a password are encoded before they are sent, and before they are changed.
    let pairs: Vec<&str> = secrets.iter().map(Secret::expose).filter(|secret| secret.contains(':')).collect();
    let mut all: Vec<String> = pairs.iter().map(|pair| BASE64_STANDARD.encode(pair)).collect();
    all.extend(secrets.iter().map(|secret| secret.expose().to_owned()));
    let altered: Vec<String> = all.iter().flat_map(|secret| Altered::secrets(secret)).collect();
    all.extend(altered);
    // The password alone, and what a name and a password in base64 stand for.
    for secret in &secrets {
        all.extend(learn_header("Authorization", &format!("Basic {}", secret.expose()), true));
    }
    all.extend(pairs.iter().filter_map(|pair| pair.split_once(':')).map(|(_, password)| password.to_owned()));
    let given = plan.values.iter().filter(|(name, _)| suspicion_anywhere(name) == Suspicion::Always);
    all.extend(given.map(|(_, value)| value.clone()));
    let addresses = [Some(&options.endpoint), options.provider_states.as_ref()].into_iter().flatten();
    all.extend(addresses.flat_map(Address::secrets));
    let mut redactor = Redactor::new();
    redactor.known.extend(all.iter().map(String::as_str));
    redactor
}

/// Which answer is asked for, as Prism understands it.
fn preference(case: &Case, naming: Naming) -> String {
    let status = case.expected.status;
    if case.expected.body.as_ref().is_none_or(|body| body.example.is_none()) {
        return format!("code={status}");
    }
    let name = case.id.strip_prefix(case.operation.as_str()).and_then(|name| name.strip_prefix('/'));
    let name = name.unwrap_or(&case.id);
    // A name that occurs under several statuses has them in the id.
    let name = name.strip_suffix(&format!(".{status}")).unwrap_or(name);
    match naming {
        Naming::Merged => format!("code={status}, example={}.{name}", case.operation),
        // So a lone `example` is called here; it has no name of its own.
        Naming::Plain if name == "example" => format!("code={status}"),
        Naming::Plain => format!("code={status}, example={name}"),
    }
}

/// Sends one request and remembers it with what came of it. A request that cannot be written was not sent.
pub(crate) async fn carry_out(
    exchanges: &mut Vec<Exchange>,
    purpose: Purpose,
    sent: Sent,
    prepared: &Prepared,
    client: &mut Client,
) -> Result<Reply, SendError> {
    let mut sent = sent;
    wire::spell(prepared.wire, &mut sent.headers);
    let (started, clock) = (SystemTime::now(), Instant::now());
    let answer = client.exchange(prepared).await;
    let (reply, trouble) = match &answer {
        Ok(reply) => (Some(reply.clone()), None),
        Err(SendError::Endpoint(reason) | SendError::Unanswered(reason)) => (None, Some(reason.clone())),
        Err(SendError::Request(_)) => return answer,
    };
    exchanges.push(Exchange { purpose, sent, reply, trouble, started, took: clock.elapsed() });
    answer
}
