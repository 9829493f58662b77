//! One exchange: the request sent, the reply received, the time and the purpose.
//!
//! Values only; nothing here opens a socket, and nothing here holds a secret: whoever makes an [`Exchange`] replaces
//! them by `***` first.

use std::time::{Duration, SystemTime};

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

    /// The purpose that [`name`](Self::name) and [`detail`](Self::detail) describe; `case` if the name is unknown.
    pub fn from_name(name: &str, detail: Option<&str>) -> Self {
        let detail = detail.unwrap_or_default().to_owned();
        match name {
            "step" => Self::Step(detail),
            "state" => Self::ProviderState(detail),
            "way" => Self::Towards(detail),
            "wait" => Self::Wait,
            "return" => Self::Return,
            _ => Self::Case,
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
    /// The shell variable that stands for the token in [`curl`](crate::format::curl()), without its `$`.
    pub token_variable: String,
}

/// What came back. The body may be incomplete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What stood behind the status; often nothing.
    pub reason: String,
    /// `HTTP/1.1`, or nothing where it is not known.
    pub version: String,
    /// The headers in the order received; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, as many as came.
    pub body: Vec<u8>,
    /// What is wrong with the end of the body, in words that fit after "the body"; nothing if it ends as it should.
    pub framing_fault: Option<String>,
    /// The body was longer, and the rest was judged but not kept.
    pub truncated: bool,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }
}
