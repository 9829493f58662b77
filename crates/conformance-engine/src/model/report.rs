//! The report of a run, a replay or an observation, as it is written and read.
//!
//! One value, [`Report`], from which every format is written ([`write`](Report::write)) and which its own format, JSON,
//! gives back ([`Report::from_json`]). It is plain data; secrets are replaced by `***`.
//! The JSON is described by [`SCHEMA`]; a member that is added is no new version, one that changes its meaning is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::case::present;
use crate::model::coverage::Coverage;
use crate::model::exchange::{Exchange, Purpose, Reply};
use crate::model::exchange_json::rfc_3339;
use crate::model::note::Note;
use crate::model::shard::Shard;
use crate::model::suite::{Case, DocumentPlace, Expected, Kind as CaseKind, Source, Suite};

/// The version of the JSON format that is written and read here.
pub const VERSION: u32 = 1;

/// The JSON schema (draft 2020-12) of the format.
pub const SCHEMA: &str = include_str!("report.schema.json");

/// The report of a run, a replay or an observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`VERSION`].
    pub report_version: u32,
    /// The program and its version.
    pub written_by: String,
    /// Where the exchanges come from.
    pub origin: Origin,
    /// The document they are compared with.
    pub document: DocumentName,
    /// The endpoint that was asked, the file that was read, or the server that was watched.
    pub subject: String,
    /// How closely replies were compared.
    pub level: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// From the first request to the last byte, in seconds.
    pub seconds: f64,
    /// What it says as a whole.
    pub verdict: Verdict,
    /// How many entries ended in which way.
    pub counts: Counts,
    /// Which part of the document's cases this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// How many entries are counted and not listed, for want of room.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: usize,
    /// The result of each tour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tours: Vec<TourResult>,
    /// Operation -> how many things are still there that it made for cases to find.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_behind: BTreeMap<String, usize>,
    /// How much of the contract was exercised, if a contract was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// One entry for each case or exchange, in the order of the document or of the traffic.
    pub entries: Vec<Entry>,
}

/// Where exchanges come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// We sent the requests: a plan was carried out.
    Run,
    /// They were read from a file.
    Replay,
    /// A proxy observed them.
    Watch,
    /// Reports of several origins were merged.
    Merged,
}

/// A document, told apart from others and from other versions of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentName {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The same for the same cases only: a hash of what was derived from the document.
    pub fingerprint: String,
}

impl DocumentName {
    /// The document that `suite` was derived from.
    pub fn of(suite: &Suite) -> Self {
        Self { title: suite.title.clone(), version: suite.version.clone(), fingerprint: fingerprint(suite) }
    }
}

/// The result of driving one resource through its states.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TourResult {
    /// What names it, as `name=value`.
    pub name: String,
    /// The state it was found in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The state it is left in, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What is different although the state is the same again, a line for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What was sent for no case: the first status request, and the way back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
}

impl TourResult {
    /// The state it was found in was read from the endpoint, and not assumed.
    pub(crate) fn was_observed(&self) -> bool {
        let mut looks = self.exchanges.iter().filter(|exchange| exchange.purpose == Purpose::Wait);
        looks.any(|look| look.reply.as_ref().is_some_and(|reply| reply.status == 200))
    }
}

/// One word for what a run says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was judged passed, and something was.
    Passed,
    /// Something failed.
    ContractBroken,
    /// Something could not be judged although it should have been.
    CouldNotRun,
    /// Nothing was judged.
    NothingRan,
}

impl Verdict {
    /// The exit status of a program that ran nothing else.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::ContractBroken => 1,
            Self::CouldNotRun => 3,
            Self::NothingRan => 4,
        }
    }
}

/// How many entries ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// [`Outcome::Pass`].
    pub pass: usize,
    /// [`Outcome::Fail`].
    pub fail: usize,
    /// [`Outcome::Deviates`].
    pub deviates: usize,
    /// [`Outcome::Unreachable`].
    pub unreachable: usize,
    /// [`Outcome::Skipped`].
    pub skipped: usize,
    /// [`Outcome::Broken`].
    pub broken: usize,
    /// [`Outcome::Unmatched`].
    pub unmatched: usize,
    /// [`Outcome::Unjudged`].
    pub unjudged: usize,
    /// Of those that passed: entries of which something documented was not judged.
    #[serde(skip_serializing_if = "is_zero")]
    pub in_part: usize,
}

/// What came of one case or exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It keeps what the document promises.
    Pass,
    /// It does not.
    Fail,
    /// It does not, and that is known and accepted.
    Deviates,
    /// A case's state cannot be reached, so nothing was asked.
    Unreachable,
    /// It was not selected.
    Skipped,
    /// It could not be judged, and the endpoint is not to blame.
    Broken,
    /// It is no exchange of this API.
    Unmatched,
    /// Too little of it is known: a body that is not there, no reply.
    Unjudged,
}

impl Outcome {
    /// All of them, in the order in which people want to see them.
    pub const ALL: [Self; 8] = [
        Self::Fail,
        Self::Broken,
        Self::Deviates,
        Self::Unreachable,
        Self::Unjudged,
        Self::Unmatched,
        Self::Skipped,
        Self::Pass,
    ];

    /// One word, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Deviates => "deviates",
            Self::Unreachable => "unreachable",
            Self::Skipped => "skipped",
            Self::Broken => "broken",
            Self::Unmatched => "unmatched",
            Self::Unjudged => "unjudged",
        }
    }
}

impl Counts {
    /// The number of one of them.
    pub fn of(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Fail => self.fail,
            Outcome::Deviates => self.deviates,
            Outcome::Unreachable => self.unreachable,
            Outcome::Skipped => self.skipped,
            Outcome::Broken => self.broken,
            Outcome::Unmatched => self.unmatched,
            Outcome::Unjudged => self.unjudged,
        }
    }

    /// One more.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome, 1);
    }

    /// So many more.
    pub fn add_many(&mut self, outcome: Outcome, more: usize) {
        let count = match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Fail => &mut self.fail,
            Outcome::Deviates => &mut self.deviates,
            Outcome::Unreachable => &mut self.unreachable,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Broken => &mut self.broken,
            Outcome::Unmatched => &mut self.unmatched,
            Outcome::Unjudged => &mut self.unjudged,
        };
        *count = count.saturating_add(more);
    }

    /// One more, with what it leaves unjudged.
    pub fn count(&mut self, entry: &Entry) {
        self.add(entry.outcome);
        self.in_part += usize::from(entry.outcome == Outcome::Pass && !entry.unjudged.is_empty());
    }

    /// What follows from them. What is unmatched or unjudged is neither right nor wrong.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self { fail: 1.., .. } => Verdict::ContractBroken,
            Self { broken: 1.., .. } => Verdict::CouldNotRun,
            Self { pass: 0, deviates: 0, .. } => Verdict::NothingRan,
            _ => Verdict::Passed,
        }
    }
}

/// One case with its exchanges, or one exchange that was no case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The case's id, or `exchange/LABEL`.
    pub id: String,
    /// Its place in the document or in the traffic, counted from 0.
    pub position: usize,
    /// `documented`, `described`, `permitted`, `derived`, `journey`, or `exchange` where it is no case.
    pub kind: String,
    /// What a permitted case is about, a derived case breaks, or a journey shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The operation, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The state it was made in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Where it is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Where its example stands in the document, or its operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DocumentPlace>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, where the findings do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong, in reading order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What is worth saying and nothing forbids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What is documented and was not judged, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unjudged: Vec<String>,
    /// What the document promises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expectation>,
    /// Everything that was sent, in order, with what came back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// A shell line that sends the judged request again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// In seconds, reaching the state included.
    pub seconds: f64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Who is to blame.
    pub side: Side,
    /// A short name of the kind of difference: `status`, `schema`.
    pub kind: String,
    /// The JSON pointer concerned; empty for a whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What was expected and what was found.
    pub message: String,
}

/// One of the two sides of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Who sent it.
    Request,
    /// Who answered.
    Reply,
}

impl Side {
    /// One word, as in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
        }
    }
}

/// What the document promises of a case's reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// The status.
    pub status: u16,
    /// Other statuses that are as good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<u16>,
    /// Every status of the same class is as good: the document describes `2XX` or `default`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub class: bool,
    /// The media type of the body, if one is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The documented body.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
}

impl Report {
    /// A report of entries that are there already. It begins when the first of them does.
    pub fn new(origin: Origin, document: DocumentName, subject: String, level: String, entries: Vec<Entry>) -> Self {
        let mut counts = Counts::default();
        entries.iter().for_each(|entry| counts.count(entry));
        let mut starts = entries.iter().flat_map(|entry| &entry.exchanges).filter_map(Exchange::started_text);
        let started = starts.next().unwrap_or_else(|| rfc_3339(SystemTime::now()));
        let mut report = Self {
            report_version: VERSION,
            written_by: concat!("conformance-engine ", env!("CARGO_PKG_VERSION")).to_owned(),
            origin,
            document,
            subject,
            level,
            started,
            // Of no entries, `sum` makes it -0.
            seconds: entries.iter().fold(0.0, |sum, entry| sum + entry.seconds),
            verdict: Verdict::NothingRan,
            counts,
            shard: None,
            omitted: 0,
            tours: Vec::new(),
            left_behind: BTreeMap::new(),
            coverage: None,
            entries,
        };
        report.verdict = report.concluded();
        report
    }

    /// What the run says as a whole. A run that could not run never looks like one that passed.
    fn concluded(&self) -> Verdict {
        if self.credentials_were_refused() { Verdict::CouldNotRun } else { self.counts.verdict() }
    }

    /// Every reply of a run was 401 although no case expects that: this says nothing about the API, and the token is
    /// wrong.
    pub fn credentials_were_refused(&self) -> bool {
        // A derived case is sent without the right credential on purpose.
        let sent = self.entries.iter().filter(|entry| entry.judged().is_some() && !entry.is_wrong_on_purpose());
        let expects_it = |entry: &Entry| entry.expected.as_ref().is_some_and(|expected| expected.status == 401);
        let mut replies = sent.clone().filter_map(Entry::reply).peekable();
        self.origin == Origin::Run
            && replies.peek().is_some()
            && !sent.clone().any(expects_it)
            && replies.all(|reply| reply.status == 401)
    }

    /// Counts entries that are not listed.
    pub fn omit(&mut self, omitted: Counts) {
        let total: usize = Outcome::ALL.iter().map(|outcome| omitted.of(*outcome)).sum();
        for outcome in Outcome::ALL {
            for _ in 0..omitted.of(outcome) {
                self.counts.add(outcome);
            }
        }
        self.counts.in_part += omitted.in_part;
        self.omitted += total;
        self.verdict = self.concluded();
    }

    /// Every entry, and an entry for the requests of each tour that belong to no case.
    pub(crate) fn with_tours(&self) -> Vec<Cow<'_, Entry>> {
        let tours = self.tours.iter().map(|tour| {
            let mut entry = Entry::new(tour.name.clone(), self.entries.len(), Outcome::Skipped);
            entry.exchanges.clone_from(&tour.exchanges);
            Cow::Owned(entry)
        });
        self.entries.iter().map(Cow::Borrowed).chain(tours).collect()
    }

    /// Reads what [`to_json`](Report::to_json) wrote.
    ///
    /// # Errors
    /// It is no report, or one of another version.
    pub fn from_json(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            report_version: u32,
        }
        let version: Version = serde_json::from_str(text).map_err(|error| format!("not a report: {error}"))?;
        if version.report_version != VERSION {
            return Err(format!(
                "a report of version {}, and only version {VERSION} can be read\nhint: use the program that wrote it",
                version.report_version
            ));
        }
        serde_json::from_str(text).map_err(|error| format!("not a report: {error}"))
    }

    /// The report as JSON, described by [`SCHEMA`].
    pub fn to_json(&self) -> String {
        // Maps, lists, strings and numbers that are finite: writing them to memory cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl Entry {
    /// What is known of `case` before anything was sent.
    pub(crate) fn about(case: &Case, position: usize, outcome: Outcome) -> Self {
        Self {
            kind: case.kind.name().to_owned(),
            about: case.kind.about().map(ToOwned::to_owned),
            operation: Some(case.operation.clone()),
            given: case.given.clone(),
            source: case.source.clone(),
            expected: Some(Expectation::of(&case.expected)),
            ..Self::new(case.id.clone(), position, outcome)
        }
    }

    pub(crate) fn new(id: String, position: usize, outcome: Outcome) -> Self {
        Self {
            id,
            position,
            kind: "exchange".to_owned(),
            about: None,
            operation: None,
            given: None,
            source: None,
            at: None,
            outcome,
            reason: None,
            findings: Vec::new(),
            notes: Vec::new(),
            unjudged: Vec::new(),
            expected: None,
            exchanges: Vec::new(),
            curl: None,
            seconds: 0.0,
        }
    }

    /// The exchange that was judged.
    pub fn judged(&self) -> Option<&Exchange> {
        self.exchanges.iter().rfind(|exchange| matches!(exchange.purpose, Purpose::Case | Purpose::Step(_)))
    }

    /// The reply that was judged, if one came.
    pub fn reply(&self) -> Option<&Reply> {
        self.judged()?.reply.as_ref()
    }

    /// From here on, what `case` expects is what counts: of a journey that fails on its way, the step.
    pub(crate) fn compare_with(&mut self, case: &Case) {
        self.expected = Some(Expectation::of(&case.expected));
        self.source.clone_from(&case.source);
    }

    pub(crate) fn end(&mut self, outcome: Outcome, reason: String) {
        (self.outcome, self.reason) = (outcome, Some(reason));
    }

    pub(crate) fn fail(&mut self, findings: impl IntoIterator<Item = impl Into<Finding>>) {
        self.outcome = Outcome::Fail;
        self.findings.extend(findings.into_iter().map(Into::into));
    }

    /// Something documented that was not judged; said once.
    pub(crate) fn leave_unjudged(&mut self, what: Vec<String>) {
        self.unjudged.extend(what);
        let mut known = std::collections::BTreeSet::new();
        self.unjudged.retain(|what| known.insert(what.clone()));
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(Note { pointer: String::new(), text: text.into() });
    }

    /// The request breaks the document on purpose.
    pub(crate) fn is_wrong_on_purpose(&self) -> bool {
        self.kind == CaseKind::Derived { breaks: String::new(), any_refusal: false }.name()
    }

    /// The operation, or what stands in its place where there is none.
    pub(crate) fn group(&self) -> &str {
        self.operation.as_deref().unwrap_or("(no operation)")
    }
}

impl Finding {
    /// With its place, if it has one.
    pub fn shown(&self) -> String {
        match self.pointer.as_deref() {
            None | Some("") => self.message.clone(),
            Some(pointer) => format!("{pointer}: {}", self.message),
        }
    }
}

impl Expectation {
    /// `200 or 404`, `2XX`.
    pub(crate) fn statuses(&self) -> String {
        let or: String = self.or.iter().map(|status| format!(" or {status}")).collect();
        if self.class { format!("{}XX{or}", self.status / 100) } else { format!("{}{or}", self.status) }
    }

    pub(crate) fn of(expected: &Expected) -> Self {
        let body = expected.body.as_ref();
        Self {
            status: expected.status,
            or: expected.or.clone(),
            class: expected.class,
            media_type: body.filter(|body| !body.undocumented).map(|body| body.media_type.clone()),
            example: body.and_then(|body| body.example.clone()),
        }
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A hash of what was derived from a document: the same for the same text, on every machine.
pub fn fingerprint(derived: &impl Serialize) -> String {
    use sha2::{Digest as _, Sha256};

    let text = serde_json::to_string(derived).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
