//! States that documented calls make: a shop whose document names exchanges and links instead of provider states, right in
//! some ways and wrong in others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::report::{Entry, Report, merge};
use conformance_engine::run::{Options, Outcome, Verdict, run};
use conformance_engine::suite::Suite;
use conformance_engine::{Address, exchange::Purpose};
use openapi_document::{Api, Document, suite};
use serde_json::{Value, json};
use test_support::server::{Then, json_reply, reply, write};
use test_support::{Server, message::Request};

use crate::block_on;

const SHOP: &str = r#"
openapi: 3.1.0
info: {title: Shop, version: '1'}
x-givens:
  a paid order: [{exchange: create_order/created}, {exchange: pay_order/paid}]
paths:
  /orders:
    post:
      operationId: create_order
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}, examples: {created: {value: {item: book, count: 2}}}}}}
      responses:
        '201': {description: created, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, examples: {created: {value: {id: 17, item: book, status: open}}}}}}
        '400': {$ref: '#/components/responses/Bad'}
  /orders/{order_id}:
    parameters: [{$ref: '#/components/parameters/OrderId'}]
    get:
      operationId: show_order
      responses:
        '200':
          description: it
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Order'}
              examples:
                open: {x-given: {exchange: create_order/created}, value: {id: 17, item: book, status: open}}
                paid: {x-given: a paid order, value: {id: 17, item: book, status: paid}}
        '404': {$ref: '#/components/responses/None'}
    delete:
      operationId: delete_order
      responses:
        '204': {description: removed, x-given: {exchange: create_order}}
        '404': {$ref: '#/components/responses/None'}
        '409': {description: it is paid, x-given: a paid order}
  /orders/{order_id}/pay:
    parameters: [{$ref: '#/components/parameters/OrderId'}]
    post:
      operationId: pay_order
      responses:
        '200': {description: paid, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, examples: {paid: {x-given: {exchange: create_order/created}, value: {id: 17, item: book, status: paid}}}}}}
        '404': {$ref: '#/components/responses/None'}
        '409': {description: not open, content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}, examples: {already_paid: {x-given: {exchange: pay_order/paid}, value: {problem: it is paid}}}}}}
  /orders/{order_id}/refund:
    parameters: [{$ref: '#/components/parameters/OrderId'}]
    post:
      operationId: refund_order
      responses:
        '204': {description: refunded, x-given: a paid order}
        '404': {$ref: '#/components/responses/None'}
        '409': {description: it is not paid, x-given: {exchange: create_order/created}}
  /users:
    post:
      operationId: create_user
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string, minLength: 1, x-unique: true}}}, examples: {created: {value: {name: ada}}, taken: {value: {name: ada}}}}}}
      responses:
        '201': {description: created, content: {application/json: {schema: {$ref: '#/components/schemas/User'}, examples: {created: {value: {user_id: u-1, name: ada}}}}}}
        '400': {$ref: '#/components/responses/Bad'}
        '409': {description: taken, content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}, examples: {taken: {x-given: {exchange: create_user/created}, value: {problem: taken}}}}}}
  /users/{user}:
    parameters: [{name: user, in: path, required: true, schema: {type: string}}]
    delete:
      operationId: delete_user
      responses: {'204': {description: removed, x-given: {exchange: create_user}}, '404': {$ref: '#/components/responses/None'}}
  /users/{owner}/addresses:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
    post:
      operationId: add_address
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [city], properties: {city: {type: string}}}, examples: {added: {value: {city: Ulm}}}}}}
      responses:
        '201': {description: added, content: {application/json: {schema: {type: object, required: [data], properties: {data: {type: object, required: [id], properties: {id: {type: integer}}}}}, examples: {added: {x-given: {exchange: create_user/created}, value: {data: {id: 5}}}}}}}
        '400': {$ref: '#/components/responses/Bad'}
        '404': {$ref: '#/components/responses/None'}
  /users/{user_id}/addresses/{address}:
    parameters: [{name: user_id, in: path, required: true, schema: {type: string}}, {name: address, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: show_address
      responses:
        '200': {description: it, content: {application/json: {schema: {type: object, required: [city]}, examples: {shown: {x-given: [add_address/added], value: {city: Ulm}}}}}}
        '400': {$ref: '#/components/responses/Bad'}
        '404': {$ref: '#/components/responses/None'}
  /carts:
    post:
      operationId: open_cart
      responses:
        '201':
          description: opened
          content: {application/json: {schema: {type: object, required: [cart], properties: {cart: {type: string}}}}}
          links: {add: {operationId: add_item, parameters: {cart_id: $response.body#/cart}, requestBody: {item: thing, note: 'for {$response.body#/cart}'}}}
  /carts/{cart_id}/items:
    parameters: [{name: cart_id, in: path, required: true, schema: {type: string}}]
    post:
      operationId: add_item
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [item, note], properties: {item: {type: string}, note: {type: string}}}, example: {item: thing, note: none}}}}
      responses:
        '201':
          description: added
          content: {application/json: {schema: {type: object, required: [line], properties: {line: {type: integer}}}}}
          links: {show: {operationRef: '#/paths/~1carts~1{cart_id}~1items~1{item}/get', parameters: {cart_id: $request.path.cart_id, path.item: $response.body#/line}}}
        '400': {$ref: '#/components/responses/Bad'}
        '404': {$ref: '#/components/responses/None'}
  /carts/{cart_id}/items/{item}:
    parameters: [{name: cart_id, in: path, required: true, schema: {type: string}}, {name: item, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: show_item
      responses:
        '200': {description: it, content: {application/json: {schema: {type: object, required: [item], properties: {item: {type: string}}}}}}
        '400': {$ref: '#/components/responses/Bad'}
        '404': {$ref: '#/components/responses/None'}
  /files:
    post:
      operationId: upload
      responses: {'201': {description: kept, headers: {Location: {required: true, schema: {type: string}}}}}
  /files/{file}:
    parameters: [{name: file, in: path, required: true, schema: {type: string}}]
    get:
      operationId: download
      responses:
        '200': {description: it, content: {text/plain: {schema: {type: string}, examples: {whole: {x-given: {exchange: upload}, value: text}}}}}
        '404': {$ref: '#/components/responses/None'}
    delete:
      operationId: drop_file
      responses: {'204': {description: dropped, x-given: {exchange: upload}}, '404': {$ref: '#/components/responses/None'}}
components:
  parameters:
    OrderId: {name: order_id, in: path, required: true, schema: {type: integer}}
  responses:
    Bad: {description: not understood, content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
    None: {description: there is none, content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  schemas:
    NewOrder: {type: object, required: [item], properties: {item: {type: string}, count: {type: integer, minimum: 1}}}
    Order: {type: object, required: [id, status], properties: {id: {type: integer}, item: {type: string}, status: {enum: [open, paid, refunded], x-match: equal}}}
    User: {type: object, required: [user_id, name], properties: {user_id: {type: string}, name: {type: string}}}
    Problem: {type: object, required: [problem], properties: {problem: {type: string}}}
"#;

/// What the shop has.
#[derive(Default)]
struct Shop {
    last: u64,
    orders: BTreeMap<u64, &'static str>,
    users: BTreeMap<u64, String>,
    addresses: BTreeMap<u64, u64>,
    carts: BTreeMap<u64, Vec<u64>>,
    files: BTreeMap<u64, ()>,
}

impl Shop {
    fn next(&mut self) -> u64 {
        // No request has such a number by chance.
        self.last = self.last.max(1000);
        self.last += 1;
        self.last
    }

    fn answer(&mut self, request: &Request, wrong: &str) -> String {
        let problem = |status: &str, text: &str| json_reply(status, &json!({"problem": text}).to_string());
        let (none, bad) = (|| problem("404 N", "none"), || problem("400 B", "bad"));
        let path: Vec<String> = request.path().trim_matches('/').split('/').map(str::to_owned).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let body: Option<Value> = serde_json::from_slice(&request.body).ok();
        let is_json =
            request.header("content-type").is_some_and(|it| it.to_ascii_lowercase().starts_with("application/json"));
        let body = body.filter(|body| body.is_object() && is_json);
        let number = |text: &str, prefix: &str| text.strip_prefix(prefix).and_then(|text| text.parse::<u64>().ok());
        let order = |id: u64, status: &str| json!({"id": id, "item": "book", "status": status}).to_string();
        match (request.method(), &path[..]) {
            ("POST", ["orders"]) => {
                let Some(body) = body else { return bad() };
                let count = body.get("count").is_none_or(|count| count.as_u64().is_some_and(|count| count > 0));
                if !body["item"].is_string() || !count {
                    return bad();
                }
                let id = self.next();
                if wrong == "the second order is broken" && id.is_multiple_of(2) {
                    return json_reply("201 C", r#"{"status": "open"}"#);
                }
                if wrong == "orders cannot be made" {
                    return problem("500 E", "out of order");
                }
                if wrong != "an order is not kept" {
                    self.orders.insert(id, "open");
                }
                json_reply("201 C", &order(id, "open"))
            }
            (method, ["orders", id, action @ ..]) => {
                let Some(id) = number(id, "") else { return none() };
                let Some(status) = self.orders.get(&id).copied() else {
                    let is_shown = wrong == "an unknown order is shown" && request.method() == "GET";
                    return if is_shown { json_reply("200 O", &order(id, "open")) } else { none() };
                };
                match (method, action) {
                    ("GET", []) => json_reply(
                        "200 O",
                        &order(id, if wrong == "a paid order is shown open" { "open" } else { status }),
                    ),
                    ("DELETE", []) if status == "paid" && wrong != "a paid order is deleted" => reply("409 C", "", ""),
                    ("DELETE", []) => {
                        if wrong != "a removed order is still there" {
                            self.orders.remove(&id);
                        }
                        if wrong == "deleting answers 200" {
                            reply("200 O", "", "")
                        } else {
                            "HTTP/1.1 204 N\r\n\r\n".to_owned()
                        }
                    }
                    ("POST", ["pay"]) if status != "open" && wrong != "an order is paid twice" => {
                        problem("409 C", "it is paid")
                    }
                    ("POST", ["pay"]) => {
                        self.orders.insert(id, "paid");
                        json_reply("200 O", &order(id, "paid"))
                    }
                    ("POST", ["refund"]) if status != "paid" && wrong != "an open order is refunded" => {
                        reply("409 C", "", "")
                    }
                    ("POST", ["refund"]) if wrong == "a paid order is not refunded" => reply("409 C", "", ""),
                    ("POST", ["refund"]) => {
                        self.orders.insert(id, "refunded");
                        "HTTP/1.1 204 N\r\n\r\n".to_owned()
                    }
                    _ => reply("405 M", "Allow: GET, DELETE, POST\r\n", ""),
                }
            }
            ("POST", ["users"]) => {
                let name = body.as_ref().and_then(|body| body["name"].as_str()).filter(|name| !name.is_empty());
                let Some(name) = name else { return bad() };
                if self.users.values().any(|known| known == name) && wrong != "a name is taken twice" {
                    return problem("409 C", "taken");
                }
                let id = self.next();
                self.users.insert(id, name.to_owned());
                json_reply("201 C", &json!({"user_id": format!("u-{id}"), "name": name}).to_string())
            }
            (method, ["users", user, rest @ ..]) => {
                let Some(user) = number(user, "u-").filter(|user| self.users.contains_key(user)) else {
                    let is_done = wrong == "an unknown user is deleted" && request.method() == "DELETE";
                    return if is_done { "HTTP/1.1 204 N\r\n\r\n".to_owned() } else { none() };
                };
                match (method, rest) {
                    ("DELETE", []) => {
                        self.users.remove(&user);
                        "HTTP/1.1 204 N\r\n\r\n".to_owned()
                    }
                    ("POST", ["addresses"]) => {
                        if !body.is_some_and(|body| body["city"].is_string()) {
                            return bad();
                        }
                        let id = self.next();
                        self.addresses.insert(id, user);
                        json_reply("201 C", &json!({"data": {"id": id}}).to_string())
                    }
                    ("GET", ["addresses", id]) => {
                        let Ok(id) = id.parse::<u64>() else { return bad() };
                        let is_own = self.addresses.get(&id) == Some(&user);
                        let city = if wrong == "an address has no city" { json!({}) } else { json!({"city": "Ulm"}) };
                        if is_own { json_reply("200 O", &city.to_string()) } else { none() }
                    }
                    _ => reply("405 M", "Allow: GET, DELETE, POST\r\n", ""),
                }
            }
            ("POST", ["carts"]) => {
                let id = self.next();
                self.carts.insert(id, Vec::new());
                json_reply("201 C", &json!({"cart": format!("c-{id}")}).to_string())
            }
            (method, ["carts", cart, "items", rest @ ..]) => {
                let Some(cart) = number(cart, "c-").filter(|cart| self.carts.contains_key(cart)) else { return none() };
                match (method, rest) {
                    ("POST", []) => {
                        let Some(body) = body else { return bad() };
                        // The link says what the note is.
                        let note = body["note"].as_str();
                        if !body["item"].is_string() || note.is_none() {
                            return bad();
                        }
                        let line = self.next();
                        self.carts.entry(cart).or_default().push(line);
                        json_reply("201 C", &json!({"line": line}).to_string())
                    }
                    ("GET", [item]) => {
                        let Ok(item) = item.parse::<u64>() else { return bad() };
                        let has = self.carts.get(&cart).is_some_and(|lines| lines.contains(&item));
                        let found =
                            if wrong == "an item is a number" { json!({"item": 1}) } else { json!({"item": "thing"}) };
                        if has && wrong != "an item is not found" {
                            json_reply("200 O", &found.to_string())
                        } else {
                            none()
                        }
                    }
                    _ => reply("405 M", "Allow: GET, POST\r\n", ""),
                }
            }
            ("POST", ["files"]) => {
                let id = self.next();
                self.files.insert(id, ());
                let place = if id.is_multiple_of(2) {
                    format!("/files/f%20{id}")
                } else {
                    format!("http://{}/files/f%20{id}?v=1", request.header("host").unwrap_or_default())
                };
                reply("201 C", &format!("Location: {place}\r\n"), "")
            }
            (method, ["files", file]) => {
                let Some(file) = number(file, "f%20").filter(|file| self.files.contains_key(file)) else {
                    return none();
                };
                match method {
                    "GET" if wrong == "a file is gone" => none(),
                    "GET" => reply("200 O", "Content-Type: text/plain\r\n", "text"),
                    "DELETE" => {
                        self.files.remove(&file);
                        "HTTP/1.1 204 N\r\n\r\n".to_owned()
                    }
                    _ => reply("405 M", "Allow: GET, DELETE\r\n", ""),
                }
            }
            _ => none(),
        }
    }
}

struct Served {
    server: Server,
    shop: Arc<Mutex<Shop>>,
}

fn served(wrong: &'static str) -> Served {
    let shop: Arc<Mutex<Shop>> = Arc::default();
    let own = Arc::clone(&shop);
    let server = Server::start(move |request, stream| {
        let answer = own.lock().unwrap().answer(request, wrong);
        write(stream, answer);
        Then::KeepOpen
    });
    Served { server, shop }
}

fn suite_of(text: &str) -> Suite {
    let document = Document::read("shop.yaml", text).map_err(|found| found.to_string()).unwrap();
    let api = Api::of(&document);
    let suite = suite(&api);
    // It is written and read as it is.
    Suite::from_json(&serde_json::to_string(&suite).unwrap()).unwrap()
}

fn exchanges() -> Selection {
    let kinds = ["documented", "described", "permitted"].map(str::to_owned).into();
    Selection { kinds, ..Selection::default() }
}

fn ran(suite: &Suite, url: &str, selection: &Selection, concurrency: usize) -> Report {
    let environment = Environment::default();
    // The test's server reads requests as they are usually written.
    let skip = ["*/wire.chunked", "*/wire.absolute_form", "*/wire.percent_path"].map(str::to_owned).into();
    let selection = Selection { skip, ..selection.clone() };
    let plan = Plan::new(suite, &environment, &selection).unwrap();
    let options = Options { concurrency, ..Options::new(Address::endpoint(url).unwrap()) };
    block_on(run(&plan, &options, |_| {})).unwrap()
}

/// Entries that did not pass, with why.
fn others(report: &Report) -> Vec<String> {
    let others = report.entries.iter().filter(|entry| !matches!(entry.outcome, Outcome::Pass | Outcome::Skipped));
    let why = |entry: &Entry| entry.findings.first().map(|it| it.shown()).or(entry.reason.clone()).unwrap_or_default();
    others.map(|entry| format!("{} {}: {}", entry.outcome.name(), entry.id, why(entry))).collect()
}

#[test]
fn a_right_shop_passes_with_states_that_calls_make() {
    let suite = suite_of(SHOP);
    for turn in 0..20 {
        let Served { server, shop } = served("");
        let report = ran(&suite, &server.url, &Selection::default(), 1 + turn % 4);
        assert_eq!((others(&report), report.verdict), (Vec::new(), Verdict::Passed), "turn {turn}");
        let shop = shop.lock().unwrap();
        let left = |operation: &str| report.left_behind.get(operation).copied().unwrap_or_default();
        // Paid orders cannot be deleted, and for carts nothing is documented; everything else is removed.
        assert_eq!(left("create_user") + left("upload"), 0, "{:?}", report.left_behind);
        assert!(left("create_order") > 0 && left("open_cart") > 0, "{:?}", report.left_behind);
        assert_eq!((shop.users.len(), shop.files.len()), (0, 0));
        assert_eq!(shop.orders.values().filter(|status| **status == "open").count(), 0);
    }
}

#[test]
fn each_wrong_shop_is_caught_by_the_case_that_names_it() {
    let suite = suite_of(SHOP);
    for (wrong, case) in [
        ("the second order is broken", "create_order/created"),
        ("orders cannot be made", "create_order/created"),
        ("an order is not kept", "show_order/open"),
        ("a paid order is shown open", "show_order/paid"),
        ("a paid order is deleted", "delete_order/409"),
        ("deleting answers 200", "delete_order/described"),
        ("an order is paid twice", "pay_order/already_paid"),
        ("an open order is refunded", "refund_order/409"),
        ("a paid order is not refunded", "refund_order/described"),
        ("a name is taken twice", "create_user/taken"),
        ("an address has no city", "show_address/shown"),
        ("an item is a number", "show_item/described"),
        ("an item is not found", "show_item/described"),
        ("a file is gone", "download/whole"),
        ("an unknown order is shown", "show_order/derived/path.order_id.unknown"),
        ("a removed order is still there", "delete_order/journey/described_then_show_order_none"),
        ("an unknown user is deleted", "delete_user/derived/path.user.unknown"),
    ] {
        let Served { server, .. } = served(wrong);
        let selection = if case.contains("/derived/") || case.contains("/journey/") {
            Selection { only: vec![case.to_owned()], ..Selection::default() }
        } else {
            exchanges()
        };
        let report = ran(&suite, &server.url, &selection, 1);
        let failed: Vec<&str> =
            report.entries.iter().filter(|it| it.outcome == Outcome::Fail).map(|it| it.id.as_str()).collect();
        assert!(
            failed.contains(&case),
            "{wrong}: expected {case} to fail, found {failed:?}\n{}",
            others(&report).join("\n")
        );
        assert_eq!(report.verdict, Verdict::ContractBroken);
    }
}

#[test]
fn what_cannot_be_made_is_unreachable_and_reported_once() {
    let suite = suite_of(SHOP);
    let Served { server, .. } = served("orders cannot be made");
    let report = ran(&suite, &server.url, &exchanges(), 1);
    let failed: Vec<&Entry> = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).collect();
    assert!(
        failed.iter().all(|entry| entry.operation.as_deref() == Some("create_order")),
        "{}",
        others(&report).join("\n")
    );
    let show = report.entries.iter().find(|entry| entry.id == "show_order/open").unwrap();
    assert_eq!(show.outcome, Outcome::Unreachable);
    let reason = "its state could not be made: create_order/created was answered 500 (expected 201)";
    assert_eq!(show.reason.as_deref(), Some(reason));
}

#[test]
fn a_setup_that_is_refused_says_what_to_do() {
    let suite = suite_of(&SHOP.replace(", x-unique: true", ""));
    let Served { server, shop } = served("");
    let selection = Selection { only: vec!["*_address/*".to_owned()], ..exchanges() };
    let first = ran(&suite, &server.url, &selection, 1);
    // Each state is removed before the next is made, so that a name is free again.
    assert_eq!(others(&first), Vec::<String>::new());
    shop.lock().unwrap().users.insert(0, "ada".to_owned());
    let selection = Selection { only: vec!["add_address/added".to_owned()], ..exchanges() };
    let report = ran(&suite, &server.url, &selection, 1);
    let expected = "unreachable add_address/added: its state could not be made: create_user/created was answered 409 \
                    (expected 201); if a value of it has to be new each time, mark it with `x-unique`";
    assert_eq!(others(&report), [expected]);
}

#[test]
fn shards_make_their_own_states() {
    let suite = suite_of(SHOP);
    let Served { server, .. } = served("");
    let shard = |index| {
        let shard = Some(format!("{index}/3").parse().unwrap());
        ran(&suite, &server.url, &Selection { shard, ..exchanges() }, 2)
    };
    let all = merge((1..=3).map(|index| (index.to_string(), shard(index))).collect()).unwrap();
    let whole = ran(&suite, &server.url, &exchanges(), 1);
    assert_eq!(all.counts, whole.counts);
    assert_eq!(all.left_behind, whole.left_behind);
    assert_eq!(others(&all), Vec::<String>::new());
}

#[test]
fn a_plan_shows_the_calls_and_counts_them() {
    let suite = suite_of(SHOP);
    let environment = Environment::default();
    let selection = Selection {
        only: vec!["show_order/paid".to_owned(), "show_item/described".to_owned()],
        ..Selection::default()
    };
    let plan = Plan::new(&suite, &environment, &selection).unwrap();
    let text = plan.to_string();
    for line in [
        "given a paid order (made by calls)",
        "call create_order/created  POST /orders",
        "body {\"item\":\"book\",\"count\":2}",
        "call pay_order/paid  POST /orders/{order_id}/pay",
        "then delete_order/described  DELETE /orders/{order_id}",
        "call open_cart/described  POST /carts",
        "call add_item/example  POST /carts/{cart_id}/items",
        "left behind: what open_cart/described, add_item/example made",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(plan.size().requests, 4 + 3);
    assert!(plan.disruptive().contains(&"create_order"));
}

#[test]
fn a_link_puts_its_values_into_path_and_body() {
    let suite = suite_of(SHOP);
    let Served { server, .. } = served("");
    let selection = Selection { only: vec!["show_item/described".to_owned()], ..Selection::default() };
    let report = ran(&suite, &server.url, &selection, 1);
    let entry = report.entries.iter().find(|entry| entry.id == "show_item/described").unwrap();
    let sent: Vec<String> =
        entry.exchanges.iter().map(|it| format!("{} {}", it.sent.method, it.sent.target())).collect();
    assert_eq!(sent, ["POST /carts", "POST /carts/c-1001/items", "GET /carts/c-1001/items/1002"]);
    assert_eq!(entry.exchanges[1].purpose, Purpose::Setup("add_item/example".to_owned()));
    let body: Value = serde_json::from_slice(entry.exchanges[1].sent.body.as_deref().unwrap()).unwrap();
    assert_eq!(body, json!({"item": "thing", "note": "for c-1001"}));
    // A value that the user sets is as good as a link.
    let values = [("cart_id".to_owned(), "c-1".to_owned()), ("item".to_owned(), "2".to_owned())].into();
    let environment = Environment { values, ..Environment::default() };
    let plan = Plan::new(&suite, &environment, &selection).unwrap();
    assert_eq!(plan.size().requests, 1);
}

/// The orders of the shop, with their states: what is not listed leaves them as they are, and what is removed is gone.
const STATES: &str = r#"
openapi: 3.0.3
info: {title: Orders, version: '1'}
x-lifecycle:
  resource: order
  identifier: order_id
  states: {open: {}, paid: {}}
  operations:
    pay_order: {from: open, to: paid}
    refund_order: {from: [paid], to: null}
    delete_order: {from: [open], to: null}
  givens: {an open order: {state: open}, a paid order: {state: paid}, no order: {state: null}}
x-givens:
  an open order: {exchange: create_order/created}
  a paid order: [create_order/created, pay_order]
paths:
  /orders:
    post:
      operationId: create_order
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [item], properties: {item: {type: string}}}, examples: {created: {value: {item: book}}}}}}
      responses:
        '201': {description: created, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, examples: {created: {value: {id: 17, status: open}}}}}}
        '400': {description: not understood}
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}, example: 17}]
    get:
      operationId: show_order
      responses:
        '200': {description: it, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, examples: {open: {x-given: an open order, value: {id: 17, status: open}}}}}}
        '404': {description: there is none, content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}, examples: {none: {x-given: no order, value: {problem: none}}}}}}
    delete:
      operationId: delete_order
      responses: {'204': {description: removed}, '404': {description: none}, '409': {description: it is paid}}
  /orders/{order_id}/pay:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}, example: 17}]
    post:
      operationId: pay_order
      responses: {'200': {description: paid}, '404': {description: none}, '409': {description: not open}}
  /orders/{order_id}/refund:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}, example: 17}]
    post:
      operationId: refund_order
      responses: {'204': {description: refunded and gone}, '404': {description: none}, '409': {description: not paid}}
components:
  schemas:
    Order: {type: object, required: [id, status], properties: {id: {type: integer}, status: {type: string}}}
    Problem: {type: object, required: [problem], properties: {problem: {type: string}}}
"#;

/// The shop, where a refund removes the order.
fn served_with_states(wrong: &'static str) -> Served {
    let shop: Arc<Mutex<Shop>> = Arc::default();
    let own = Arc::clone(&shop);
    let server = Server::start(move |request, stream| {
        let mut shop = own.lock().unwrap();
        let answer = shop.answer(request, wrong);
        if wrong != "a refund keeps the order" {
            shop.orders.retain(|_, status| *status != "refunded");
        }
        write(stream, answer);
        Then::KeepOpen
    });
    Served { server, shop }
}

#[test]
fn states_of_a_lifecycle_are_made_and_what_is_removed_is_gone() {
    let document = Document::read("orders.yaml", STATES).map_err(|found| found.to_string()).unwrap();
    let found = openapi_document::check(&Api::of(&document));
    assert_eq!(
        found.0.iter().filter(|it| it.rule.starts_with("lifecycle") || it.rule.starts_with("given")).count(),
        0,
        "{found}"
    );
    let suite = suite_of(STATES);
    for turn in 0..20 {
        let Served { server, .. } = served_with_states("");
        let report = ran(&suite, &server.url, &Selection::default(), 1 + turn % 3);
        assert_eq!((others(&report), report.verdict), (Vec::new(), Verdict::Passed), "turn {turn}");
    }
    for (wrong, case) in [
        ("a paid order is deleted", "delete_order/state/paid"),
        ("an order is paid twice", "pay_order/state/paid"),
        ("an open order is refunded", "refund_order/state/open"),
        ("a paid order is not refunded", "refund_order/described"),
        ("a refund keeps the order", "refund_order/journey/paid_then_show_order_none"),
        ("an order is not kept", "show_order/open"),
    ] {
        let Served { server, .. } = served_with_states(wrong);
        let report = ran(&suite, &server.url, &Selection::default(), 1);
        let failed: Vec<&str> =
            report.entries.iter().filter(|it| it.outcome == Outcome::Fail).map(|it| it.id.as_str()).collect();
        let all: Vec<&str> = suite.cases.iter().map(|case| case.id.as_str()).collect();
        assert!(
            failed.contains(&case),
            "{wrong}: expected {case} to fail, found {failed:?}\n{}\n{all:?}",
            others(&report).join("\n")
        );
    }
}
