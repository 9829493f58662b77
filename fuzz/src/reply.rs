//! What an endpoint answered, on its way into the comparison.

use std::sync::LazyLock;

use conformance_engine::check::{Level, MAX_MISMATCHES, compare};
use conformance_engine::exchange::Reply;
use conformance_engine::schema::Schemas;
use conformance_engine::suite::Suite;

static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../crates/ges-conformance/src/cases.json"),
        include_str!("../../crates/specwright-codegen/tests/golden/cases.json"),
    ];
    texts.map(|text| Suite::from_json(text).expect("a committed suite is one")).into()
});

/// Every level asks more than the one before, what is said about a reply is of bounded length, and asking twice gives
/// the same answer.
pub fn reply(data: &[u8]) {
    against(data, usize::MAX);
}

/// The same with a few cases of each suite; which, the bytes say. With all of them a fuzzer makes 600 comparisons before it
/// can try something else.
pub fn against(data: &[u8], most: usize) {
    let reply = read(data);
    let first = data.iter().map(|byte| usize::from(*byte)).sum::<usize>();
    for suite in SUITES.iter() {
        let schemas = Schemas::new(&suite.schemas);
        let count = suite.cases.len();
        for case in suite.cases.iter().cycle().skip(first % count).take(most.min(count)) {
            // Nearly every other reply has the wrong status, and then nothing is looked at.
            let reply = Reply { status: case.expected.status, ..reply.clone() };
            let mut was_good = true;
            for level in [Level::Exact, Level::Documented, Level::Schema] {
                let found = compare(case, &schemas, &reply, level);
                assert_eq!(found, compare(case, &schemas, &reply, level));
                assert!(found.mismatches.len() <= MAX_MISMATCHES);
                for mismatch in &found.mismatches {
                    let text = mismatch.to_string();
                    assert!(!text.is_empty() && text.len() < 10_000, "{} bytes: {text}", text.len());
                }
                let is_good = found.mismatches.is_empty();
                assert!(
                    is_good || !was_good || level == Level::Exact,
                    "{}: {level} refuses what more allowed",
                    case.id
                );
                was_good = is_good;
            }
            let wrong = Reply { status: 99, ..reply };
            assert!(!compare(case, &schemas, &wrong, Level::Schema).mismatches.is_empty());
        }
    }
}

/// Header lines, an empty line, a body. `!` in front of the first line cuts the body off.
fn read(data: &[u8]) -> Reply {
    let (data, framing_fault) = match data.strip_prefix(b"!") {
        Some(rest) => (rest, Some("ended early".to_owned())),
        None => (data, None),
    };
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((data, &data[..0]), |end| (&data[..end], &data[end + 2..]));
    let head = String::from_utf8_lossy(head);
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Reply { status: 200, headers, body: body.to_vec().into(), framing_fault, ..Reply::default() }
}
