//! What a build server makes of our diagnostics: the problem matcher in `.github/problem-matcher.json`.

#![allow(clippy::unwrap_used)]

use openapi_document::{Api, Document, Level, check};
use regress::Regex;
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.github/problem-matcher.json");

const MISTAKES: &str = "openapi: 3.1.0
info: {title: 'a: b', version: '1'}
paths:
  /boats/{hull}:
    get:
      operationId: show_boat
      responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}}}
    post:
      operationId: show_boat
      responses: {'200': {descripton: d}}
";

#[test]
fn the_matcher_finds_every_diagnostic_at_its_place() {
    // A package is built without the repository.
    let Ok(text) = std::fs::read_to_string(PATH) else { return };
    let matcher: Value = serde_json::from_str(&text).unwrap();
    let matcher = &matcher["problemMatcher"][0]["pattern"][0];
    let regex = Regex::new(matcher["regexp"].as_str().unwrap()).unwrap();
    let document = Document::read("api/boats: new.yaml", MISTAKES).unwrap_or_else(|found| panic!("{found}"));
    let found = check(&Api::of(&document));
    assert!(found.errors().count() > 0 && found.warnings().count() > 0, "{found}");

    let printed = found.to_string();
    let lines: Vec<_> = printed.lines().filter_map(|line| Some((line, regex.find(line)?))).collect();
    assert_eq!(lines.len(), found.0.len(), "{printed}");
    for ((line, matched), diagnostic) in lines.into_iter().zip(&found.0) {
        let group = |name: &str| {
            let number = usize::try_from(matcher[name].as_u64().unwrap()).unwrap();
            &line[matched.group(number).unwrap()]
        };
        // GitHub knows errors and warnings.
        assert!(matches!(diagnostic.level, Level::Error | Level::Warning));
        assert_eq!(group("severity"), diagnostic.level.word());
        assert_eq!(group("code"), diagnostic.rule);
        assert_eq!(group("file"), "api/boats: new.yaml");
        assert_eq!(group("line"), diagnostic.at.line.to_string());
        assert_eq!(group("column"), diagnostic.at.column.to_string());
        assert_eq!(Some(group("message")), diagnostic.message.lines().next());
    }
}
