//! Of any document, what can be generated is, and the rest is reported.

#![allow(clippy::unwrap_used)]

use specwright_codegen::{Artefact, Generated, generate_lenient};

fn generated(paths: &str) -> Generated {
    let text = format!("openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\npaths:\n{paths}");
    let wanted = [(Artefact::Client { inner: None }, "client.rs".into())];
    generate_lenient("shop.yaml", &text, &wanted).unwrap_or_else(|found| panic!("{found}"))
}

#[test]
fn operations_get_ids_that_stay_apart() {
    let reply = "{responses: {'204': {description: Done}}}";
    let with = |id: &str| format!("{{operationId: {id}, responses: {{'204': {{description: Done}}}}}}");
    let paths = [
        format!("  /a: {{get: {}, put: {reply}}}", with("\"shop/a: read's\"")),
        format!("  /a/x: {{get: {}, post: {}}}", with("put_a"), with("new")),
        format!("  /b: {{get: {}, post: {}}}", with("op2"), with("op_2")),
    ];
    let Generated { files, report } = generated(&paths.join("\n"));
    let names: Vec<_> = report.renames.iter().map(|name| (name.from.as_str(), name.to.as_str())).collect();
    let expected =
        [("shop/a: read's", "shop_a_read_s"), ("PUT /a", "put_a_2"), ("new", "new_operation"), ("op_2", "op_2_2")];
    assert_eq!(names, expected);
    for method in ["shop_a_read_s", "put_a_2", "put_a", "new_operation", "op2", "op_2_2"] {
        assert_eq!(files[0].text.matches(&format!("pub fn {method}(")).count(), 1, "{method}");
    }
}
