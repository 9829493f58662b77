//! Judges exchanges that were recorded or observed, and collects them for a report.
//!
//! Each becomes an [`Entry`] of a report: judged first, then scrubbed of secrets. Nothing is sent.

use crate::check::exchange::{Fault, Judge, Judgement};
use crate::check::response::{Level, compare};
use crate::check::schema::Schemas;
use crate::format::curl::curl;
use crate::format::recording::{Recording, Unreadable};
use crate::model::contract::Contract;
use crate::model::exchange::{Body, Purpose, Sent};
use crate::model::note::Note;
use crate::model::recorded::Recorded;
use crate::model::report::{DocumentName, Entry, Finding, Outcome, Side, fingerprint};
use crate::model::suite::{Case, Credential, Kind, Suite};
use crate::redact::traffic::TrafficRedactor;

/// Headers that belong to one connection; a line to repeat a request with does better without them.
const FRAMING: [&str; 6] =
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "proxy-connection"];

/// Judges exchanges and remembers their secrets.
pub struct Watcher<'c> {
    contract: &'c Contract,
    judge: Judge<'c>,
    suite: Option<(&'c Suite, Schemas<'c>)>,
    level: Level,
    side: JudgedSide,
    redactor: TrafficRedactor,
    token_variable: String,
    seen: usize,
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
        let (judge, redactor, token_variable) = (Judge::new(contract), TrafficRedactor::default(), "TOKEN".to_owned());
        Self { contract, judge, suite, level, side, redactor, token_variable, seen: 0 }
    }

    /// The API may also begin below this path.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.judge = self.judge.below(path);
        self
    }

    /// The shell variable that stands for the token in the line that repeats a request, without its `$`; `TOKEN` otherwise.
    #[must_use]
    pub fn token_variable(mut self, name: &str) -> Self {
        name.clone_into(&mut self.token_variable);
        self
    }

    /// The document that exchanges are compared with.
    pub fn document(&self) -> DocumentName {
        DocumentName {
            title: self.contract.title.clone(),
            version: self.contract.version.clone(),
            fingerprint: fingerprint(self.contract),
        }
    }

    /// Judges a whole file. A secret that one exchange shows is kept out of all.
    pub fn replay(&mut self, recording: Recording) -> Vec<Entry> {
        for recorded in recording.entries.iter().flatten() {
            self.redactor.learn(&recorded.exchange, self.judge.credential(recorded));
        }
        recording.entries.into_iter().map(|entry| self.entry(entry)).collect()
    }

    /// Judges one exchange as it passed, with its bodies still encoded.
    pub fn see_passing(&mut self, mut recorded: Recorded) -> Entry {
        recorded.decode_bodies(true);
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
            entry.curl = Some(curl(&repeatable(&kept.sent), &self.token_variable, None));
        }
        if let (Some(_), Some(reply)) = (&recorded.reply_body_missing, &mut kept.reply) {
            reply.body = Body::unknown();
        }
        entry.seconds = kept.took.as_secs_f64();
        entry.exchanges = vec![kept];
        self.redactor.words(&mut entry);
        entry
    }

    fn judged(&self, position: usize, recorded: &Recorded) -> (Entry, Option<&'c Credential>) {
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
        let case = named.and_then(|id| {
            let (suite, schemas) = self.suite.as_ref()?;
            Some((suite.case(id)?, schemas))
        });
        let mut entry = match case {
            Some((case, _)) if recorded.case.is_none() => Entry { id, ..Entry::about(case, position, Outcome::Pass) },
            Some((case, _)) => Entry::about(case, position, Outcome::Pass),
            None => Entry::new(id, position, Outcome::Pass),
        };
        let credential = judgement.operation.and_then(|operation| operation.credential.as_ref());
        if let Some(operation) = judgement.operation {
            entry.operation = Some(operation.id.clone());
        } else if case.is_none() {
            entry.outcome = Outcome::Unmatched;
            entry.reason = judgement.unmatched;
            return (entry, None);
        }
        self.decide(&mut entry, judgement, case, recorded);
        (entry, credential)
    }

    fn decide(
        &self,
        entry: &mut Entry,
        judgement: Judgement<'_>,
        case: Option<(&Case, &Schemas<'_>)>,
        recorded: &Recorded,
    ) {
        let is_wrong_on_purpose =
            recorded.is_wrong_on_purpose || case.is_some_and(|(case, _)| matches!(case.kind, Kind::Derived { .. }));
        let (mut findings, mut notes) = (Vec::new(), Vec::new());
        for fault in judgement.request {
            if self.side == JudgedSide::Replies || is_wrong_on_purpose {
                let why = if is_wrong_on_purpose { "wrong on purpose" } else { "the request is wrong" };
                notes.push(Note { pointer: String::new(), text: format!("{why}: {fault}") });
            } else {
                findings.push(of_request(fault));
            }
        }
        let mut unjudged = judgement.unjudged;
        let replies = match (case, &recorded.exchange.reply) {
            // The case asks for all that the contract does, and more.
            (Some((case, schemas)), Some(reply)) if recorded.reply_body_missing.is_none() => {
                let comparison = compare(case, schemas, reply, self.level);
                notes.extend(comparison.notes);
                let faults = comparison.schema_faults.iter();
                unjudged.extend(faults.map(|fault| format!("the documented schema cannot be applied: {fault}")));
                comparison.mismatches
            }
            _ => {
                notes.extend(judgement.notes);
                judgement.reply
            }
        };
        for mismatch in &replies {
            let finding = Finding::from(mismatch);
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
}

fn of_request(fault: Fault) -> Finding {
    Finding { side: Side::Request, kind: fault.kind.to_owned(), pointer: fault.pointer, message: fault.message }
}

fn repeatable(sent: &Sent) -> Sent {
    let headers = sent.headers.iter().filter(|(name, _)| !FRAMING.contains(&name.to_ascii_lowercase().as_str()));
    Sent { headers: headers.cloned().collect(), ..sent.clone() }
}
