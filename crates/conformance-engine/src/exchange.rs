//! What went over the wire for one request: what was sent, what came back, when, and what for?
//!
//! Values only; nothing here opens a socket, and nothing here holds a secret: whoever makes an [`Exchange`] replaces
//! them by `***` first.

use std::time::{Duration, SystemTime};

use crate::compare::Reply;
use crate::value::excerpt;

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// What it was for.
    pub purpose: Purpose,
    /// The request.
    pub sent: Sent,
    /// The reply, if one came.
    pub reply: Option<Reply>,
    /// Why no reply came, in words.
    pub trouble: Option<String>,
    /// When the request went out, by the clock of this machine.
    pub started: SystemTime,
    /// From then to the last byte that came.
    pub took: Duration,
}

/// What a request was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The request of the case itself: the one whose reply is judged.
    Case,
    /// A request before it, of this case: a step of a journey, judged as well.
    Step(String),
    /// Asking the provider for this state.
    ProviderState(String),
    /// On the way to this state: the request of a case, sent for what it does and not to be judged.
    Towards(String),
    /// A look at what is going on, to wait for its end.
    Wait,
    /// Back to the state in which everything was found.
    Return,
}

impl Purpose {
    /// One word for each kind: `case`, `step`, `state`, `way`, `wait` or `return`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Step(_) => "step",
            Self::ProviderState(_) => "state",
            Self::Towards(_) => "way",
            Self::Wait => "wait",
            Self::Return => "return",
        }
    }

    /// The step or the state, if there is one.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Step(text) | Self::ProviderState(text) | Self::Towards(text) => Some(text),
            Self::Case | Self::Wait | Self::Return => None,
        }
    }
}

/// A request as it was sent, with every secret replaced by `***`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Path and query.
    pub target: String,
    /// The headers that say something; those of the framing (`host`, `content-length`) are left out.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, if there was one.
    pub body: Option<Vec<u8>>,
    /// The shell variable that stands for the token in [`curl`](crate::curl()), without its `$`.
    pub token_variable: String,
}

impl Sent {
    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> Option<String> {
        self.body.as_ref().map(|body| text(body, limit))
    }
}

impl Reply {
    /// The body as text, cut after `limit` bytes; what is not UTF-8 is replaced.
    pub fn text(&self, limit: usize) -> String {
        text(&self.content().unwrap_or_else(|_| std::borrow::Cow::Borrowed(&self.body)), limit)
    }
}

fn text(body: &[u8], limit: usize) -> String {
    let enough = &body[..body.len().min(limit.saturating_add(4))];
    let text = excerpt(&String::from_utf8_lossy(enough), limit);
    if body.len() > enough.len() && !text.ends_with('…') { text + "…" } else { text }
}
