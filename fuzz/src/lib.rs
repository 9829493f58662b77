//! The properties that must hold for every input from outside, one function for each way in. A panic is a finding.
//!
//! Each runs twice: for seconds as a test, on its corpus and on small changes to it (`tests/tests/hostile_input.rs`),
//! and for as long as somebody likes under libFuzzer (`fuzz/fuzz_targets`).

mod authorization;
mod deviations;
mod document;
mod overlay;
mod profile;
mod recording;
pub mod reply;
mod request;
#[path = "../../crates/ges-emulator/tests/http/signer.rs"]
mod signer;
mod snapshot;
mod suite;
mod words;

pub use authorization::authorization;
pub use deviations::deviations;
pub use document::document;
pub use overlay::overlay;
pub use profile::profile;
pub use recording::recording;
pub use reply::reply;
pub use request::request;
pub use snapshot::snapshot;
pub use suite::suite;
pub use words::words;

/// A way in: the folder of its corpus, what is done with the bytes, and how many changed files a test tries.
pub struct Target {
    /// As below `fuzz/corpus` and in `cargo fuzz run NAME`.
    pub name: &'static str,
    /// Panics if something is wrong with us, never because of the bytes.
    pub check: fn(&[u8]),
    /// What takes about a second in a build with debug assertions.
    pub rounds: u32,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "authorization", check: authorization, rounds: 300 },
    Target { name: "deviations", check: deviations, rounds: 300 },
    Target { name: "document", check: document, rounds: 300 },
    Target { name: "overlay", check: overlay, rounds: 300 },
    Target { name: "profile", check: profile, rounds: 300 },
    Target { name: "recording", check: recording, rounds: 300 },
    Target { name: "reply", check: reply, rounds: 300 },
    Target { name: "request", check: request, rounds: 300 },
    Target { name: "snapshot", check: snapshot, rounds: 300 },
    Target { name: "suite", check: suite, rounds: 300 },
    Target { name: "words", check: words, rounds: 300 },
];
