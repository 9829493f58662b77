//! Which requests follow from a document: every documented success, with the values, the bodies and the credentials that
//! it asks for.

#![allow(clippy::unwrap_used)]

use conformance_engine::suite::{Case, Credential, Kind, Place, Suite};
use openapi_document::{Api, Document, check as findings, contract, suite};

fn document(paths: &str) -> String {
    format!("openapi: 3.0.3\ninfo: {{title: Pots, version: '1'}}\nservers: [{{url: /}}]\npaths:\n{paths}")
}

fn suite_of(text: &str) -> Suite {
    let suite = suite(&Api::of(&Document::read("pots.yaml", text).unwrap()));
    // The reader is strict.
    // Places are of this document, and not written.
    let written = Suite { places: Default::default(), ..suite.clone() };
    assert_eq!(Suite::from_json(&serde_json::to_string(&suite).unwrap()), Ok(written));
    suite
}

/// The documented and described cases, a line for each, and what is left out.
#[track_caller]
fn check(paths: &str, expected: &[&str]) {
    let suite = suite_of(&document(paths));
    let cases = suite.cases.iter().filter(|case| ["documented", "described"].contains(&case.kind.name())).map(line);
    let left_out = suite.left_out.iter().map(|it| format!("no {}: {}", it.operation, it.reason));
    assert_eq!(cases.chain(left_out).collect::<Vec<_>>(), expected);
}

fn line(case: &Case) -> String {
    if let Kind::Contradiction { reason } = &case.kind {
        let reason = reason.split_once(": ").map_or(reason.as_str(), |(_place, reason)| reason);
        return format!("{} is broken: {reason}", case.id);
    }
    let request = &case.request;
    let mut line = format!("{} {}", case.id, request.method);
    for parameter in &request.parameters {
        let sign = match parameter.place {
            Place::Path => "/",
            Place::Query => "?",
            Place::Header => "",
            Place::Cookie => "@",
        };
        let equals = if parameter.encoded { ":" } else { "=" };
        line += &format!(" {sign}{}{equals}{}{}", parameter.name, parameter.prefix, parameter.value);
    }
    if let Some(body) = &request.body {
        line += &format!(" [{}] {}", body.media_type, body.value);
    }
    line += &format!(" -> {}", case.expected.status);
    for status in &case.expected.or {
        line += &format!(" or {status}");
    }
    if let Some(body) = &case.expected.body {
        line += &format!(" {}{}", body.media_type, if body.example.is_some() { " as shown" } else { "" });
    }
    line
}

#[test]
fn every_success_is_a_case_whatever_its_method_and_status() {
    let json = |example: &str| format!("content: {{application/json: {{schema: {{type: object}}{example}}}}}");
    let shown = json(", example: {size: 1}");
    let lid = "parameters: [{name: lid, in: path, required: true, schema: {type: integer}, example: 4}]";
    check(
        &format!(
            "  /lids/{{lid}}:
    head: {{operationId: has_lid, {lid}, responses: {{'200': {{description: d, {shown}}}}}}}
    delete: {{operationId: drop_lid, {lid}, responses: {{'204': {{description: d}}, '404': {{description: d}}}}}}
    put: {{operationId: put_lid, {lid}, responses: {{'205': {{description: d, {shown}}}}}}}
  /old: {{get: {{operationId: moved, responses: {{'301': {{description: d}}, default: {{description: d, {shown}}}}}}}}}
  /new: {{get: {{operationId: either, responses: {{'200': {{description: d, {shown}}}, '303': {{description: d}}, '304': {{description: d}}}}}}}}
  /range: {{post: {{operationId: range, responses: {{2XX: {{description: d}}}}}}}}
  no/slash: {{get: {{operationId: lost, responses: {{'200': {{description: d}}}}}}}}
"
        ),
        &[
            "has_lid/example HEAD /lid=4 -> 200",
            "put_lid/described PUT /lid=4 -> 205",
            "moved/described GET -> 301",
            "either/example GET -> 200 or 303 application/json as shown",
            "range/described POST -> 200",
            "drop_lid/described DELETE /lid=4 -> 204",
            "no no/slash: a path begins with `/`, so its operations have no address",
            "no put_lid: a reply with the status 205 has no body",
            "no moved: nothing says how this failure is provoked",
        ],
    );
}

#[test]
fn optional_parameters_with_an_example_are_left_out_and_sent() {
    let parameters = "parameters: [
        {name: kind, in: query, required: true, schema: {type: string}, example: wok},
        {name: size, in: query, schema: {type: integer}, example: 3},
        {name: page, in: query, schema: {type: integer, example: 2}},
        {name: wrong, in: query, schema: {type: integer}, example: many},
        {name: plain, in: query, schema: {type: integer}},
        {name: by, in: query, schema: {type: string}, examples: {cheap: {value: price}}},
        {name: If-None-Match, in: header, schema: {type: string}, example: e1},
        {name: X-Lang, in: header, schema: {type: string}, example: de}]";
    let of = |method: &str, id: &str, status: &str, content: &str| {
        format!(
            "    {method}: {{operationId: {id}, {parameters}, responses: {{'{status}': {{description: d{content}}}}}}}\n"
        )
    };
    let named = ", content: {application/json: {examples: {all: {value: [1]}, cheap: {value: [2]}}}}";
    let paths = [
        "  /pots:\n".to_owned(),
        of("get", "pots", "200", named),
        of("delete", "clear", "204", ""),
        of("put", "fill", "204", ""),
    ];
    check(
        &paths.concat(),
        &[
            "pots/all GET ?kind=wok -> 200 application/json as shown",
            "pots/all.optional GET ?kind=wok ?size=3 ?page=2 X-Lang=de -> 200 application/json as shown",
            "pots/cheap GET ?kind=wok ?by=price -> 200 application/json as shown",
            "fill/described PUT ?kind=wok -> 204",
            "fill/described.optional PUT ?kind=wok ?size=3 ?page=2 ?by=price X-Lang=de -> 204",
            "clear/described DELETE ?kind=wok -> 204",
        ],
    );
    // What no case sends is said.
    let suite = suite_of(&document(&paths.concat()));
    assert_eq!(suite.case("pots/all").unwrap().request.unsent, ["wrong", "If-None-Match"]);
    let all = ["size", "page", "wrong", "by", "If-None-Match", "X-Lang"];
    assert_eq!(suite.case("clear/described").unwrap().request.unsent, all);
}

#[test]
fn parameters_are_written_as_their_style_or_their_content_says() {
    let get = |id: &str, place: &str, more: &str| {
        let path = if place == "path" { format!("/{id}/{{p}}") } else { format!("/{id}") };
        let parameter = format!("{{name: p, in: {place}, required: true, {more}}}");
        format!(
            "  {path}: {{get: {{operationId: {id}, parameters: [{parameter}], responses: {{'204': {{description: d}}}}}}}}\n"
        )
    };
    let list = "schema: {type: array, items: {type: string}}, example: [a, 'b,c']";
    let paths = [
        get("matrix", "path", &format!("style: matrix, explode: true, {list}")),
        get("label", "path", &format!("style: label, {list}")),
        get("commas", "query", &format!("explode: false, {list}")),
        get("pipes", "query", &format!("style: pipeDelimited, {list}")),
        get("reserved", "query", "allowReserved: true, schema: {type: string}, example: 'a/b?c&d'"),
        get("cookie", "cookie", &format!("explode: false, {list}")),
        get("cookies", "cookie", list),
        get("json", "query", "content: {application/json: {schema: {type: object}, example: {a: [1.50]}}}"),
        get("xml", "query", "content: {application/xml: {schema: {type: object}, example: {a: 1}}}"),
        get("none", "query", "schema: {type: array, items: {}}, example: []"),
        get("blank", "query", "allowEmptyValue: true, schema: {type: array, items: {}}, example: []"),
        get("whole", "querystring", "content: {application/json: {example: {}}}"),
    ];
    check(
        &paths.concat(),
        &[
            "matrix/described GET /p:;p=a;p=b%2Cc -> 204",
            "label/described GET /p:.a,b%2Cc -> 204",
            "commas/described GET ?p:a,b%2Cc -> 204",
            "pipes/described GET ?p:a%7Cb%2Cc -> 204",
            "reserved/described GET ?p:a/b?c%26d -> 204",
            "cookie/described GET @p:a,b%2Cc -> 204",
            r#"json/described GET ?p={"a":[1.50]} -> 204"#,
            "blank/described GET ?p= -> 204",
            "no cookies: the value of the parameter `p` is several, and no style says how `explode: true` writes them as a cookie",
            "no xml: the example of a `application/xml` body is a value and not the text to send (the parameter `p`)",
            "no none: the value of the required parameter `p` is empty, and is not sent in its style",
            "no whole: the required parameter `p` is in `querystring`, which is not supported",
        ],
    );
}

#[test]
fn a_body_is_written_as_its_media_type_and_its_encoding_say() {
    let post = |id: &str, content: &str| {
        let body = format!("requestBody: {{required: true, content: {{{content}}}}}");
        format!("  /{id}: {{post: {{operationId: {id}, {body}, responses: {{'204': {{description: d}}}}}}}}\n")
    };
    let paths = [
        post(
            "form",
            "application/x-www-form-urlencoded: {example: {ids: [1, 2], at: {x: 1}, tag: a b}, encoding: {ids: {explode: false}, at: {style: deepObject}}}",
        ),
        post(
            "parts",
            "multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}}}, example: {file: part-0, pot: {size: 1.0}, n: [1, 2]}, encoding: {file: {contentType: 'text/csv, text/plain'}}}",
        ),
        post("image", "multipart/form-data: {example: {photo: x}, encoding: {photo: {contentType: image/*}}}"),
        post(
            "file",
            "multipart/form-data: {schema: {type: object, required: [file], properties: {file: {type: string, format: binary}}}}",
        ),
        post("made", "multipart/form-data: {schema: {type: object, required: [n], properties: {n: {type: integer}}}}"),
        post("text", "text/plain: {schema: {type: integer}, example: 3}"),
        post("bytes", "application/octet-stream: {example: abc}"),
        post("value", "application/octet-stream: {example: {a: 1}}"),
        post("old", "text/json: {example: {a: 1}}"),
        post("any", "'*/*': {example: abc}"),
        post(
            "one_item",
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {ids: {type: array, items: {type: integer}}, kind: {type: string, enum: [wok]}}}, example: {ids: 1, kind: wok}}",
        ),
        post(
            "no_wok",
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {kind: {type: string, enum: [wok]}}}, example: {kind: WOK}}",
        ),
    ];
    let part =
        |head: &str, text: &str| format!(r"--part-1\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n");
    let parts = [
        part(r#"name=\"file\"; filename=\"file\"\r\nContent-Type: text/csv"#, "part-0"),
        part(r#"name=\"pot\"\r\nContent-Type: application/json"#, r#"{\"size\":1.0}"#),
        part(r#"name=\"n\""#, "1"),
        part(r#"name=\"n\""#, "2"),
    ];
    let parts = format!(
        r#"parts/example POST [multipart/form-data; boundary=part-1] "{}--part-1--\r\n" -> 204"#,
        parts.concat()
    );
    let made = r#"made/described POST [multipart/form-data; boundary=part-0] "--part-0\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--part-0--\r\n" -> 204"#;
    check(
        &paths.concat(),
        &[
            r#"form/example POST [application/x-www-form-urlencoded] "ids=1,2&at%5Bx%5D=1&tag=a+b" -> 204"#,
            &parts,
            made,
            r#"text/example POST [text/plain] "3" -> 204"#,
            r#"bytes/example POST [application/octet-stream] "abc" -> 204"#,
            r#"old/example POST [text/json] {"a":1} -> 204"#,
            r#"one_item/example POST [application/x-www-form-urlencoded] "ids=1&kind=wok" -> 204"#,
            r#"no_wok/example is broken: the request example contradicts its own schema at /kind: expected "wok", found "WOK""#,
            r#"no_wok/described POST [application/x-www-form-urlencoded] "" -> 204"#,
            "no image: the part `photo` has the content type `image/*`, and a part has one that is no range",
            "no file: the request body is required, and its file `file` has no example",
            "no value: the example of a `application/octet-stream` body is a value and not the text to send",
            "no any: `*/*` is a range of media types, and a body has one",
        ],
    );
}

#[test]
fn examples_of_further_media_types_are_cases_or_have_their_reason() {
    check(
        "  /pots:
    post:
      operationId: add
      requestBody: {required: true, content: {application/xml: {example: '<pot/>'}, application/json: {example: {size: 1}}, application/x-www-form-urlencoded: {example: {size: 1}}}}
      responses:
        '200': {description: d, content: {text/csv: {example: 'id'}, application/json: {schema: {type: object}, example: {id: p}}}}
",
        &[
            r#"add/example POST [application/json] {"size":1} -> 200 application/json as shown"#,
            r#"add/example.xml POST [application/xml] "<pot/>" -> 200 application/json"#,
            r#"add/example.x-www-form-urlencoded POST [application/x-www-form-urlencoded] "size=1" -> 200 application/json"#,
            "no add: it is of `text/csv`, and replies are asked for, and judged, as `application/json`",
        ],
    );
}

#[test]
fn credentials_are_asked_for_as_the_security_requirements_say() {
    let get = |id: &str, security: &str| {
        format!("  /{id}: {{get: {{operationId: {id}, {security}responses: {{'204': {{description: d}}}}}}}}\n")
    };
    let paths = [
        get("inherited", ""),
        get("free", "security: [], "),
        get("both", "security: [{key: [], app: []}], "),
        get("either", "security: [{digest: []}, {basic: []}, {oauth: [read]}], "),
        get("late", "security: [{app: []}, {}, {key: []}], "),
        get("never", "security: [{}, {app: []}], "),
        get("tls", "security: [{tls: []}], "),
        get("own", "security: [{own: []}], "),
        get("lost", "security: [{nowhere: []}], "),
    ];
    let schemes = "security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: key}
    app: {type: apiKey, in: cookie, name: app}
    basic: {type: http, scheme: Basic}
    digest: {type: http, scheme: digest}
    own: {type: http, scheme: PotToken}
    oauth: {type: oauth2, flows: {}}
    tls: {type: mutualTLS}
";
    fn shown(one: &Credential) -> String {
        match &one.unsupported {
            Some(reason) => reason.clone(),
            None => format!(
                "{}: {:?} {} {}{}",
                one.scheme,
                one.place,
                one.name,
                one.prefix,
                if one.named_only { "!" } else { "" }
            ),
        }
    }
    let text = document(&paths.concat()) + schemes;
    let suite = suite_of(&text);
    let derived = |case: &&Case| matches!(case.kind, Kind::Documented | Kind::Described);
    let lines: Vec<_> = suite
        .cases
        .iter()
        .filter(derived)
        .map(|case| {
            let Some(credential) = &case.request.credential else { return format!("{} -", case.operation) };
            let all = credential.alternatives().map(|all| all.into_iter().map(shown).collect::<Vec<_>>().join(" + "));
            let optional = if credential.optional { " or none" } else { "" };
            format!("{} {}{optional}", case.operation, all.collect::<Vec<_>>().join(" or "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "inherited key: Query key !",
            "free -",
            "both key: Query key ! + app: Cookie app !",
            "either the security scheme `digest` is the HTTP scheme `digest`, which is not supported or basic: Header Authorization Basic  or oauth: Header Authorization Bearer ",
            "late app: Cookie app ! or none",
            "never -",
            "tls the security scheme `tls` is mutualTLS, and no client certificate is sent",
            "own own: Header Authorization PotToken !",
            "lost the security scheme `nowhere` is not described",
        ]
    );
    // Whoever can send one value only gets the first that is one.
    let document = Document::read("pots.yaml", &text).unwrap();
    let api = Api::of(&document);
    let single = |operation| openapi_document::credential(&document, operation).map(|it| it.scheme);
    let all: Vec<_> = api.operations().iter().map(|operation| single(operation).unwrap_or_default()).collect();
    assert_eq!(all, ["key", "", "", "basic", "", "", "", "", ""]);
    assert!(contract(&api).operations[2].credential.as_ref().unwrap().is_called("app"));
}

#[test]
fn the_paths_of_servers_are_known_at_every_level() {
    let text = "openapi: 3.0.3
info: {title: Pots, version: '1'}
servers: [{url: 'https://{zone}.example.org/{base}/', variables: {zone: {default: eu}, base: {default: api/v2}}}]
paths:
  /pots:
    servers: [{url: /other}]
    get: {operationId: pots, responses: {'204': {description: d}}}
";
    assert_eq!(suite_of(text).base_paths, ["/api/v2", "/other"]);
}

#[test]
fn an_array_has_items_and_an_enum_each_value_once() {
    let text = document(
        "  /pots: {get: {operationId: pots, parameters: [{name: p, in: query, schema: {type: string, enum: [a, b, a]}}, {name: q, in: query, schema: {type: array}}], responses: {'204': {description: d}}}}\n",
    );
    let found = |text: &str| {
        let document = Document::read("pots.yaml", text).unwrap();
        let found = findings(&Api::of(&document)).0;
        let ours = found.iter().filter(|it| ["array-items", "enum-twice"].contains(&it.rule));
        ours.map(|it| it.to_string().lines().next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let twice = "warning[enum-twice]: pots.yaml:5:106: the enum lists the string \"a\" twice";
    let items = "warning[array-items]: pots.yaml:5:141: a schema of the type array has no `items`";
    assert_eq!(found(&text), [twice, items]);
    assert_eq!(found(&text.replace("3.0.3", "3.1.0")), [twice]);
}
