//! Replays arbitrary recorded traffic.

use std::sync::LazyLock;

use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::report::text::write_report;
use conformance_engine::report::{Format, Origin, Report};
use conformance_engine::suite::Suite;
use conformance_engine::terminal::Style;
use conformance_engine::traffic::recording::Recording;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let text = include_str!("../../crates/ges-conformance/src/contract.json");
    Contract::from_json(text).expect("a committed contract is one")
});
static SUITE: LazyLock<Suite> = LazyLock::new(|| {
    let text = include_str!("../../crates/ges-conformance/src/cases.json");
    Suite::from_json(text).expect("a committed suite is one")
});

/// Refused with a reason, or judged and reported in every format; what we wrote down is read again, with an entry for
/// every exchange, and our own format as the same.
pub fn recording(data: &[u8]) {
    let recording = match Recording::read(data) {
        Ok(recording) => recording,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let count = recording.entries.len();
    let mut watcher = Watcher::new(&CONTRACT, Some(&SUITE), Level::Documented, JudgedSide::Both);
    let document = watcher.document();
    let entries = watcher.replay(recording);
    assert_eq!(entries.len(), count);
    for entry in &entries {
        let line = entry.curl.as_deref().unwrap_or_default();
        assert!(!line.chars().any(char::is_control), "a line to repeat a request with is more than that: {line:?}");
    }
    let exchanges: usize = entries.iter().map(|entry| entry.exchanges.len()).sum();
    let report = Report::new(Origin::Replay, document, "a file".to_owned(), "documented".to_owned(), entries);
    let (style, mut shown) = (Style { columns: Some(30), ..Style::default() }, String::new());
    write_report(&report, style, &mut shown).expect("writing to memory does not fail");
    assert!(!shown.chars().any(|character| character != '\n' && character.is_control()), "{shown}");
    for format in Format::ALL {
        let text = report.write(format).expect("writing to memory does not fail");
        match format {
            Format::Json => assert_eq!(Report::from_json(&text).as_ref(), Ok(&report)),
            Format::Har | Format::Vcr => {
                let again = Recording::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
                assert_eq!(again.entries.iter().filter(|entry| entry.is_ok()).count(), exchanges, "{text}");
            }
            Format::Junit | Format::Html | Format::Markdown | Format::Github => assert!(!text.contains('\0'), "{text}"),
        }
    }
}
