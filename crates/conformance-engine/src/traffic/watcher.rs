//! Judges exchanges that were recorded or observed, and collects them for a report.
//!
//! Each becomes an [`Entry`] of a report: judged first, then scrubbed of secrets. Nothing is sent.

use crate::check::comparison::Level;
use crate::check::coverage::Tracker;
use crate::check::exchange::{Fault, Judge, Judgement};
use crate::check::response::compare;
use crate::check::schema::Schemas;
use crate::check::value::equal;
use crate::format::curl::curl;
use crate::format::recording::{Recording, Unreadable};
use crate::model::contract::{Contract, Operation};
use crate::model::coverage::Coverage;
use crate::model::exchange::{Body, Purpose, Sent};
use crate::model::json;
use crate::model::note::Note;
use crate::model::percent;
use crate::model::recorded::Recorded;
use crate::model::report::{DocumentName, Entry, Finding, Outcome, Side, fingerprint};
use crate::model::suite::{Case, Credential, Kind, Suite};
use crate::redact::secret::{is_sensitive, is_sensitive_parameter};
use crate::redact::traffic::TrafficRedactor;
use crate::traffic::sequence::{Found, OF_A_PROXY, Sequence};

/// Headers that belong to one connection; a line to repeat a request with does better without them.
const FRAMING: [&str; 6] =
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "proxy-connection"];

/// The shell variable where a secret was. Whose it was is not known, and the host is the recording's: a variable with a
/// secret of the user would send it there.
const FOREIGN_SECRET: &str = "SECRET";

/// Judges exchanges and remembers their secrets.
pub struct Watcher<'c> {
    contract: &'c Contract,
    judge: Judge<'c>,
    suite: Option<(&'c Suite, Schemas<'c>)>,
    level: Level,
    side: JudgedSide,
    redactor: TrafficRedactor,
    seen: usize,
    sequence: Sequence<'c>,
    tracker: Tracker<'c>,
    /// A header, cookie or parameter that usually carries a secret is seen if it is sent.
    shows_credentials: bool,
}

/// The side whose mistakes are failures; those of the other are notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JudgedSide {
    /// Both sides.
    #[default]
    Both,
    /// The client.
    Requests,
    /// The server.
    Replies,
}

impl<'c> Watcher<'c> {
    /// Compares exchanges with `contract`, and those that name a case of `suite` with that case as well, at `level`.
    pub fn new(contract: &'c Contract, suite: Option<&'c Suite>, level: Level, side: JudgedSide) -> Self {
        let suite = suite.map(|suite| (suite, Schemas::new(&suite.schemas)));
        let (judge, redactor) = (Judge::new(contract), TrafficRedactor::default());
        let documents = suite.as_ref().map(|(suite, _)| *suite);
        let sequence = Sequence::new(contract, documents.and_then(|suite| suite.lifecycle.as_ref()));
        let tracker = Tracker::new(contract, documents);
        let shows_credentials = false;
        Self { contract, judge, suite, level, side, redactor, seen: 0, sequence, tracker, shows_credentials }
    }

    /// The API may also begin below this path.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.judge = self.judge.below(path);
        self
    }

    /// Reports show bodies that cannot be read, and may therefore hold a secret.
    #[must_use]
    pub fn show_bodies(mut self, shows: bool) -> Self {
        self.redactor.shows_bodies = shows;
        self
    }

    /// Takes those secrets out of `entries` that were only learnt after them.
    pub fn redact_again(&self, entries: &mut [Entry]) {
        for entry in entries {
            entry.exchanges.iter_mut().for_each(|exchange| self.redactor.scrub(exchange, None));
            self.redactor.words(entry);
        }
    }

    /// The document that exchanges are compared with.
    pub fn document(&self) -> DocumentName {
        DocumentName {
            title: self.contract.title.clone(),
            version: self.contract.version.clone(),
            fingerprint: fingerprint(self.contract),
        }
    }

    /// How much of the contract the exchanges so far exercise.
    pub fn coverage(&self) -> Coverage {
        self.tracker.coverage(false)
    }

    /// Judges a whole file. A secret that one exchange shows is kept out of all.
    pub fn replay(&mut self, recording: Recording) -> Vec<Entry> {
        recording.entries.iter().flatten().for_each(|recorded| self.learn(recorded));
        recording.entries.into_iter().map(|entry| self.judge(entry)).collect()
    }

    /// Looks at an exchange of a file before any is judged: for its secrets, and whether the recorder keeps what proves
    /// who asks, which many leave out.
    pub fn learn(&mut self, recorded: &Recorded) {
        self.shows_credentials |= has_credential(&recorded.exchange.sent);
        self.redactor.learn(&recorded.exchange, self.judge.credential(recorded));
    }

    /// Judges one entry of a file of which all were learnt.
    pub fn judge(&mut self, entry: Result<Recorded, Unreadable>) -> Entry {
        self.entry(entry)
    }

    /// Judges one exchange as it passed, with its bodies still encoded.
    pub fn see_passing(&mut self, mut recorded: Recorded) -> Entry {
        recorded.decode_raw_bodies();
        self.shows_credentials = true;
        self.sequence.certain = OF_A_PROXY;
        self.see(recorded)
    }

    /// Judges one exchange.
    pub fn see(&mut self, recorded: Recorded) -> Entry {
        self.redactor.learn(&recorded.exchange, self.judge.credential(&recorded));
        self.entry(Ok(recorded))
    }

    fn entry(&mut self, entry: Result<Recorded, Unreadable>) -> Entry {
        let position = self.seen;
        self.seen += 1;
        let mut recorded = match entry {
            Ok(recorded) => recorded,
            Err(Unreadable { label, reason }) => {
                self.sequence.forget_states();
                let mut entry = Entry::new(format!("exchange/{label}"), position, Outcome::Broken);
                entry.reason = Some(format!("the entry cannot be read: {reason}"));
                return entry;
            }
        };
        let (mut entry, credential) = self.judged(position, &recorded);
        self.redactor.scrub(&mut recorded.exchange, credential);
        let mut kept = recorded.exchange;
        if recorded.request_body_missing.is_some() {
            kept.sent.body = None;
        } else if entry.operation.is_some() {
            entry.curl = Some(curl(&repeatable(&kept.sent), FOREIGN_SECRET, None));
        }
        if let (Some(_), Some(reply)) = (&recorded.reply_body_missing, &mut kept.reply) {
            reply.body = Body::unknown();
        }
        if let Some(reply) = &mut kept.reply {
            // An entry may be kept for long.
            reply.body.forget_json();
        }
        entry.seconds = kept.took.as_secs_f64();
        entry.exchanges = vec![kept];
        self.redactor.words(&mut entry);
        entry
    }

    fn judged(&mut self, position: usize, recorded: &Recorded) -> (Entry, Option<&'c Credential>) {
        let id = format!("exchange/{}", recorded.label);
        if let Purpose::ProviderState(state) = &recorded.exchange.purpose {
            let mut entry = Entry::new(id, position, Outcome::Skipped);
            entry.reason = Some(format!("a request for the state `{state}`, which is no exchange of the API"));
            return (entry, None);
        }
        let judgement = self.judge.judge(recorded);
        // A step of a journey is the request of a case as well.
        let named = match &recorded.exchange.purpose {
            Purpose::Step(id) => Some(id.as_str()),
            _ => recorded.case.as_deref(),
        };
        let suite = self.suite.as_ref().map(|(suite, _)| *suite);
        let case = named.and_then(|id| suite?.case(id));
        let mut entry = match case {
            Some(case) if recorded.case.is_none() => Entry { id, ..Entry::about(case, position, Outcome::Pass) },
            Some(case) => Entry::about(case, position, Outcome::Pass),
            None => Entry::new(id, position, Outcome::Pass),
        };
        let credential = judgement.operation.and_then(|operation| operation.credential.as_ref());
        let before = self.sequence.see(&entry.id, &judgement, recorded);
        if let Some(operation) = judgement.operation {
            entry.operation = Some(operation.id.clone());
            entry.at = suite.and_then(|suite| suite.place(named.unwrap_or_default(), Some(&operation.id))).cloned();
        } else if case.is_none() {
            entry.outcome = Outcome::Unmatched;
            entry.reason = judgement.unmatched;
            return (entry, None);
        }
        self.decide(&mut entry, &judgement, case, recorded, before);
        let holds = entry.findings.iter().all(|finding| finding.side == Side::Request);
        self.tracker.see(&judgement, recorded, holds);
        if let Some(case) = case.filter(|_| entry.outcome != Outcome::Unjudged && recorded.exchange.reply.is_some()) {
            let is_step = matches!(recorded.exchange.purpose, Purpose::Step(_));
            self.tracker.see_case(&case.id, case.given.as_deref().filter(|_| !is_step));
        }
        (entry, credential)
    }

    fn decide(
        &self,
        entry: &mut Entry,
        judgement: &Judgement<'_>,
        case: Option<&Case>,
        recorded: &Recorded,
        before: Found,
    ) {
        let is_derived = case.is_some_and(|case| matches!(case.kind, Kind::Derived { .. }));
        let is_wrong_on_purpose = recorded.is_wrong_on_purpose || is_derived;
        let (mut findings, mut notes) = (Vec::new(), before.notes);
        for fault in judgement.request.iter().cloned() {
            if self.side == JudgedSide::Replies || is_wrong_on_purpose {
                let why = if is_wrong_on_purpose { "wrong on purpose" } else { "the request is wrong" };
                notes.push(Note { pointer: String::new(), text: format!("{why}: {fault}") });
            } else {
                findings.push(of_request(fault));
            }
        }
        let mut unjudged = judgement.unjudged.clone();
        entry.leave_unjudged(judgement.left_out.clone());
        let schemas = self.suite.as_ref().map(|(_, schemas)| schemas);
        let replies = match (case.zip(schemas), &recorded.exchange.reply) {
            // The case asks for all that the contract does, and more.
            (Some((case, schemas)), Some(reply)) if recorded.reply_body_missing.is_none() => {
                let comparison = compare(case, schemas, reply, self.level);
                notes.extend(comparison.notes);
                entry.leave_unjudged(comparison.unjudged);
                let faults = comparison.schema_faults.iter();
                unjudged.extend(faults.map(|fault| format!("the documented schema cannot be applied: {fault}")));
                comparison.mismatches
            }
            _ => {
                notes.extend(judgement.notes.iter().cloned());
                judgement.reply.clone()
            }
        };
        let mut of_reply: Vec<Finding> = replies.iter().map(Finding::from).collect();
        // Of a case that has to be refused, the status says so.
        if !is_derived {
            of_reply.extend(self.accepted(judgement, recorded, &mut notes));
        }
        of_reply.extend(before.findings);
        for finding in of_reply {
            if self.side == JudgedSide::Requests {
                notes.push(Note { pointer: String::new(), text: format!("the reply is wrong: {}", finding.shown()) });
            } else {
                findings.push(finding);
            }
        }
        if !findings.is_empty() {
            entry.outcome = Outcome::Fail;
            notes.extend(unjudged.into_iter().map(|text| Note { pointer: String::new(), text }));
        } else if !unjudged.is_empty() {
            entry.outcome = Outcome::Unjudged;
            entry.reason = Some(unjudged.join("; "));
        }
        entry.findings = findings;
        entry.notes = notes;
    }

    /// A success is the answer to a request that the document forbids.
    fn accepted(&self, judgement: &Judgement<'_>, recorded: &Recorded, notes: &mut Vec<Note>) -> Option<Finding> {
        let exchange = &recorded.exchange;
        let (operation, reply) = (judgement.operation?, exchange.reply.as_ref()?);
        if !(200..300).contains(&reply.status) {
            return None;
        }
        // Another media type is undocumented, but not forbidden.
        let forbidden = judgement.request.iter().filter(|fault| fault.kind != "media type");
        let mut faults: Vec<String> = forbidden.map(ToString::to_string).collect();
        if !faults.is_empty() && self.is_example(operation, exchange.sent.body.as_deref()) {
            let text = format!("the document's own example is what its schema forbids: {}", faults.join("; "));
            notes.push(Note { pointer: String::new(), text });
            faults.clear();
        }
        // There are ways to sign in that a document does not mention.
        if let Some(absent) = judgement.no_credential.as_ref()
            && self.shows_credentials
            && recorded.has_all_headers
            && !has_credential(&exchange.sent)
        {
            faults.push(absent.clone());
        }
        let (first, more) = (faults.first()?, faults.len() - 1);
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        let message = format!("accepted a request that the document forbids: {first}{more}");
        Some(Finding { side: Side::Reply, kind: "accepted".to_owned(), pointer: None, message })
    }

    /// Whether the body is one that the document shows for this operation.
    fn is_example(&self, operation: &Operation, body: Option<&[u8]>) -> bool {
        let Some(((suite, _), body)) = self.suite.as_ref().zip(body.and_then(|body| json::read(body).value)) else {
            return false;
        };
        let cases = suite.cases.iter().filter(|case| case.kind.is_documented() && case.operation == operation.id);
        cases.filter_map(|case| case.request.body.as_ref()).any(|known| equal(&known.value, &body))
    }
}

/// Something in the request usually carries a secret.
fn has_credential(sent: &Sent) -> bool {
    let query = percent::pairs(percent::query(&sent.url));
    sent.headers.iter().any(|(name, _)| is_sensitive(name))
        || query.into_iter().any(|(name, _)| is_sensitive_parameter(&name))
}

fn of_request(fault: Fault) -> Finding {
    Finding { side: Side::Request, kind: fault.kind.to_owned(), pointer: fault.pointer, message: fault.message }
}

fn repeatable(sent: &Sent) -> Sent {
    let headers = sent.headers.iter().filter(|(name, _)| !FRAMING.contains(&name.to_ascii_lowercase().as_str()));
    Sent { headers: headers.cloned().collect(), ..sent.clone() }
}
