//! What is made to take all memory and time gets by with little of both: recordings, documents, reports.
//!
//! The peak of each command's memory is read, and its CPU time is limited, in the debug profile. A row is a file of less than 6 MB,
//! so that all take seconds.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use test_support::cost::within;
use test_support::files::empty_folder;
use test_support::process::command;

/// In MiB.
const MEMORY: usize = 256;

/// CPU time in seconds.
const TIME: usize = 20;

const DOCUMENT: &str = "openapi: 3.0.3\ninfo: {title: Jars, version: '1'}\npaths:\n  /jars:\n    post:\n      operationId: add\n      \
    requestBody: {content: {application/json: {schema: {type: object}}, application/x-www-form-urlencoded: {schema: {type: object}}}}\n      \
    responses: {'200': {description: a, content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}}\n  \
    /jars/{id}:\n    get:\n      operationId: show\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n      \
    responses: {'200': {description: a, content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}}\n";

fn folder(name: &str) -> PathBuf {
    empty_folder(env!("CARGO_TARGET_TMPDIR"), name)
}

/// Runs `specwright` and requires one of these exit statuses, and `said` in what it writes.
#[track_caller]
fn check(what: &str, arguments: &[&str], statuses: &[i32], said: &str) {
    let mut specwright = command(env!("CARGO_BIN_EXE_specwright"), &["SPECWRIGHT_"]);
    specwright.args(arguments);
    let spent = within(&specwright, TIME);
    let end: String = spent.output.chars().rev().take(2000).collect::<Vec<_>>().into_iter().rev().collect();
    assert!(spent.status.is_some_and(|status| statuses.contains(&status)), "{what}: {:?}\n{end}", spent.status);
    assert!(spent.output.contains(said), "{what}: no `{said}` in\n{end}");
    assert!((1..=MEMORY).contains(&spent.mebibytes), "{what}: {} MiB", spent.mebibytes);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Base64, as a HAR file has bodies that are not text.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let number = part.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        let digits = (0..=part.len()).map(|at| DIGITS[(number >> (18 - 6 * at)) as usize & 63] as char);
        out.extend(digits);
    }
    out
}

/// An entry of a HAR file; `body` is of the reply, `codings` are its content codings.
fn entry(body: &str, codings: &str, encoding: &str) -> String {
    format!(
        r#"{{"request": {{"method": "GET", "url": "http://h/jars/a", "headers": []}}, "response": {{"status": 200, "statusText": "OK",
        "httpVersion": "HTTP/1.1", "headers": [{{"name": "Content-Type", "value": "application/json"}}, {{"name": "Content-Encoding", "value": "{codings}"}}],
        "content": {{"mimeType": "application/json", "encoding": "{encoding}", "text": {body}}}}}}}"#
    )
}

fn har(entries: &[String]) -> String {
    format!(r#"{{"log": {{"creator": {{"name": "x"}}, "entries": [{}]}}}}"#, entries.join(","))
}

fn text(text: &str) -> String {
    format!("{text:?}")
}

#[test]
fn recordings() {
    let folder = folder("bounds-recordings");
    let document = folder.join("jars.yaml").display().to_string();
    fs::write(&document, DOCUMENT).unwrap();
    let zeros = gzip(&vec![b'0'; 24 << 20]);
    let bomb = text(&base64(&gzip(&zeros)));
    let (mebibyte, of_members) = (format!("{{\"x\": \"{}\"}}", "a".repeat(1 << 20)), "{\"n\":1},".repeat(100_000));
    let fat = text(&base64(&gzip(mebibyte.as_bytes())));
    let rich = text(&base64(&gzip(format!("[{of_members}1]").as_bytes())));
    let honest = text(&base64(&gzip(br#"{"n": 1}"#)));
    let request = |rest: &str| format!(r#"{{"request": {{"method": "POST", "url": "http://h/jars", {rest}}}}}"#);
    let long = |unit: &str, bytes: usize| unit.repeat(bytes / unit.len());
    let rows: &[(&str, String, &[i32], &str)] = &[
        ("bombs", har(&vec![entry(&bomb, "gzip, gzip", "base64"); 20]), &[1, 4], "more than"),
        ("many bodies of 1 MB", har(&vec![entry(&fat, "gzip", "base64"); 80]), &[0, 4], "which is all that is decoded"),
        ("many bodies of members", har(&vec![entry(&rich, "gzip", "base64"); 20]), &[1, 4], "20 failures"),
        ("many codings", har(&vec![entry(&honest, &long("gzip,", 50_000), "base64"); 20]), &[4], "more than 3 codings"),
        (
            "a list of values",
            har(&[entry(&text(&format!("[{}0]", long("0,", 3 << 20))), "", "")]),
            &[4],
            "more than 500000 values",
        ),
        (
            "values of an entry",
            har(&[format!(r#"{{"x": [{}0]}}"#, long("0,", 3 << 20))]),
            &[3, 4],
            "more than 200000 values",
        ),
        ("entries without anything", har(&vec!["{}".to_owned(); 100_000]), &[3, 4], "has no `request`"),
        (
            "a form",
            har(&[request(&format!(
                r#""postData": {{"mimeType": "application/x-www-form-urlencoded", "text": {}}}"#,
                text(&long("a&", 3 << 20))
            ))]),
            &[3, 4],
            "",
        ),
        (
            "headers",
            har(&[request(&format!(r#""headers": [{}{{"name": "b"}}]"#, long(r#"{"name": "a"},"#, 1 << 20)))]),
            &[3, 4],
            "more than 2000 headers",
        ),
        (
            "an address",
            har(&[format!(r#"{{"request": {{"method": "GET", "url": "http://h/jars?{}"}}}}"#, long("a&", 2 << 20))]),
            &[3, 4],
            "its method and address are longer than",
        ),
        ("brackets", har(&[entry(&text(&long("[", 2 << 20)), "", "")]), &[1, 4], ""),
        (
            "duplicate members",
            har(&[entry(&text(&format!("{{{}\"n\":1}}", long("\"n\":1,", 1 << 20))), "", "")]),
            &[1, 4],
            "",
        ),
        (
            "aliases of a text",
            format!("x: &a {}\nhttp_interactions:\n{}", text(&long("y", 1 << 20)), long("- *a\n", 500_000)),
            &[2],
            "the aliases up to here repeat too much",
        ),
        (
            "anchors in anchors",
            format!(
                "http_interactions:\n- {}{}{}\n",
                (0..60).map(|at| format!("&a{at} [")).collect::<String>(),
                text(&long("y", 2 << 20)),
                "]".repeat(60)
            ),
            &[2],
            "belong together",
        ),
        (
            "one collection of YAML",
            format!("http_interactions: [[{}1]]", "{a: b},".repeat(500_000)),
            &[2],
            "more than 400000 brackets, commas, colons and quotes in one value",
        ),
        ("no end of a line", long("\n", 4 << 20), &[2], "the file is empty"),
    ];
    for (what, content, statuses, said) in rows {
        let file = folder.join("recording").display().to_string();
        fs::write(&file, content).unwrap();
        check(what, &["replay", &document, &file], statuses, said);
    }
    // An honest exchange is judged, whatever came before it.
    let file = folder.join("recording").display().to_string();
    let after = [vec![entry(&bomb, "gzip, gzip", "base64"); 3], vec![entry(&honest, "gzip", "base64")]].concat();
    fs::write(&file, har(&after)).unwrap();
    check("an honest one after bombs", &["replay", &document, &file], &[0], "1 passed");
}

fn with_schemas(schemas: impl Iterator<Item = String>) -> String {
    let mut document =
        DOCUMENT.replace("{type: object, properties: {n: {type: integer}}}", "{$ref: '#/components/schemas/S0'}");
    document.push_str("components:\n  schemas:\n");
    schemas.enumerate().for_each(|(index, schema)| _ = writeln!(document, "    S{index}: {schema}"));
    document
}

#[test]
fn documents() {
    let folder = folder("bounds-documents");
    let next = |from: usize| format!("{{$ref: '#/components/schemas/S{}'}}", from + 1);
    let last = |count: usize, schema: &'static str, made: fn(String) -> String| {
        (0..count).map(move |index| made(next(index))).chain(std::iter::once(schema.to_owned()))
    };
    let beside = |text: &str| format!("{DOCUMENT}x-beside: {text}\n");
    let slow = |index: usize| {
        format!(
            "  /p{index}:\n    get:\n      operationId: p{index}\n      parameters: [{{name: q, in: query, example: '{}!', schema: {{type: string, pattern: '^(a+)+b{index}$'}}}}]\n      responses: {{'204': {{description: a}}}}\n",
            "a".repeat(40)
        )
    };
    let rows: &[(&str, String, &[i32], &str)] = &[
        (
            "aliases of a text",
            beside(&format!("[&a {}, {}0]", text(&"y".repeat(1 << 20)), "*a ,".repeat(50_000))),
            &[1],
            "yaml-alias",
        ),
        (
            "anchors in anchors",
            beside(&format!(
                "{}{}{}",
                (0..60).map(|at| format!("&a{at} [")).collect::<String>(),
                "1,".repeat(200_000),
                "]".repeat(60)
            )),
            &[1],
            "yaml-size",
        ),
        ("a chain of references", with_schemas(last(2_000, "{type: object}", |next| next)), &[1], "other references"),
        (
            "allOf of the same twice",
            with_schemas(last(40, "{type: object}", |next| format!("{{allOf: [{next}, {next}]}}"))),
            &[0],
            "",
        ),
        (
            "references to nothing",
            with_schemas((0..4_000).map(|index| format!("{{$ref: '#/components/schemas/X{index}'}}"))),
            &[1],
            "refers to nothing",
        ),
        ("keys twice", beside(&format!("\n{}", "  a: 1\n".repeat(50_000))), &[1], "yaml-size"),
        ("brackets", beside(&"[".repeat(1 << 20)), &[1], "nested more than"),
        ("a long text", beside(&text(&"y".repeat(4 << 20))), &[0], ""),
        (
            "a long operationId",
            DOCUMENT.replace("operationId: show", &format!("operationId: {}", "s".repeat(300_000))),
            &[0, 1],
            "",
        ),
        ("values without end", beside(&format!("[{}0]", "0,".repeat(1_100_000))), &[1], "yaml-size"),
        ("patterns that backtrack", format!("{DOCUMENT}{}", (0..20).map(slow).collect::<String>()), &[0, 1], ""),
        (
            "a wide mapping",
            with_schemas(std::iter::once(format!(
                "{{type: object, properties: {{{}}}}}",
                (0..5_000).map(|at| format!("p{at}: {{type: string}},")).collect::<String>()
            ))),
            &[0],
            "",
        ),
        (
            "a mapping too wide",
            with_schemas(std::iter::once(format!(
                "{{type: object, properties: {{{}}}}}",
                (0..40_000).map(|at| format!("p{at}: {{type: string}},")).collect::<String>()
            ))),
            &[0],
            "this schema has 40000 properties",
        ),
        (
            "values without end of an enum",
            with_schemas(std::iter::once(format!(
                "{{type: string, enum: [{}]}}",
                (0..60_000).map(|at| format!("v{at},")).collect::<String>()
            ))),
            &[0],
            "this schema has 60000 values",
        ),
        (
            "alternatives without end",
            with_schemas(std::iter::once(format!(
                "{{oneOf: [{}]}}",
                (0..5_000)
                    .map(|at| format!("{{type: object, required: [p{at}], properties: {{p{at}: {{type: string}}}}}},"))
                    .collect::<String>()
            ))),
            &[0],
            "this schema has 5000 alternatives",
        ),
    ];
    for (what, content, statuses, said) in rows {
        let file = folder.join("document.yaml").display().to_string();
        fs::write(&file, content).unwrap();
        check(what, &["check", &file], statuses, said);
    }
}

#[test]
fn other_files() {
    let folder = folder("bounds-others");
    let document = folder.join("jars.yaml").display().to_string();
    fs::write(&document, DOCUMENT).unwrap();
    let file = folder.join("file").display().to_string();
    let merge: &[&str] = &["merge", &file];
    let conform: &[&str] = &["conform", &document, "--endpoint", "http://127.0.0.1:1", "--deviations", &file];
    let overlay: &[&str] = &["check", &document, "--overlay", &file];
    let diff: &[&str] = &["diff", &document, &file];
    let values = format!("{{\"entries\": [{}0]}}", "0,".repeat(2_100_000));
    let aliases = format!("- &a {}\n{}", text(&"y".repeat(1 << 20)), "- *a\n".repeat(50_000));
    for (what, arguments, content, status) in [
        ("a report of many values", merge, &values, 2),
        ("a report that nests", merge, &"[".repeat(1 << 20), 2),
        ("deviations of aliases", conform, &aliases, 2),
        ("an overlay of aliases", overlay, &aliases, 1),
        ("deviations on one line of JSON", conform, &format!("[{}1]", "[{}],".repeat(1_000_000)), 2),
        ("deviations in one collection", conform, &format!("[{}1]", "{a: b},".repeat(700_000)), 2),
        ("a document of aliases", diff, &aliases, 2),
    ] {
        fs::write(&file, content).unwrap();
        check(what, arguments, &[status], "");
    }
    // A device has no end.
    check("a device", &["merge", "/dev/zero"], &[2], "more than 128 MiB");
    check("a device as a recording", &["replay", &document, "/dev/zero"], &[2], "more than 64 MiB");
}
