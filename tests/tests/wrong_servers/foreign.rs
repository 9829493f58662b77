//! Clean-up on a server that has things of others: after each run exactly these are left, and what the run could not
//! remove, which is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use conformance_engine::Address;
use conformance_engine::exchange::{Exchange, Purpose};
use conformance_engine::plan::{Environment, Naming, Plan, Selection};
use conformance_engine::report::Report;
use conformance_engine::run::{Options, Outcome, run};
use openapi_document::{Api, Document, suite};
use serde_json::{Value, json};
use test_support::Server;
use test_support::message::Request;
use test_support::server::{Then, json_reply, reply, write};

use crate::block_on;

/// What is there before the run.
const FOREIGN: [&str; 6] = ["1", "10", "5", "7", "admin", "t-1"];

/// The pets of the server, each with whether the run made it.
struct Pets {
    pets: BTreeMap<String, bool>,
    last: u64,
    deletes: usize,
    /// What was to be removed before it was known everywhere.
    asked: BTreeSet<String>,
}

impl Pets {
    fn add(&mut self) -> u64 {
        self.last += 1;
        self.pets.insert(self.last.to_string(), true);
        self.last
    }

    fn named(&mut self, id: &str) -> bool {
        let is_new = !self.pets.contains_key(id);
        self.pets.entry(id.to_owned()).or_insert(true);
        is_new
    }
}

/// A server, and the document that it is run with.
struct Row {
    name: &'static str,
    /// The request body of `create_pet` and its examples, as its member `requestBody`.
    body: &'static str,
    /// The successes of `create_pet`.
    successes: &'static str,
    /// The variable of the item's path.
    variable: &'static str,
    /// What `show_pet` and `delete_pet` are given.
    given: [&'static str; 2],
    /// More operations of the item.
    more: &'static str,
    /// Answers the requests that make something.
    create: fn(&mut Pets, &Value, &Request) -> String,
    /// Whether every thing of the run can be removed.
    clean: bool,
    /// A documented call leads to what others have, so that a case that removes it is left out.
    leads_astray: bool,
}

const NAMED: &str = "{required: true, content: {application/json: {schema: {type: object, required: [name], properties: \
                     {name: {type: string, minLength: 1}}}, examples: {made: {value: {name: admin}}, other: {value: {name: rex}}}}}}";
const WITH_ID: &str = "{required: true, content: {application/json: {schema: {type: object, required: [id], properties: \
                       {id: {type: integer}}}, examples: {made: {value: {id: 10}}, other: {value: {id: 10}}}}}}";
const ANSWERS_ID: &str = "'201': {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}";
const TWO: &str = "[create_pet/made, create_pet/other]";

const fn row(name: &'static str, create: fn(&mut Pets, &Value, &Request) -> String) -> Row {
    let given = ["{exchange: create_pet}", TWO];
    Row {
        name,
        body: NAMED,
        successes: ANSWERS_ID,
        variable: "petId",
        given,
        more: "",
        create,
        clean: false,
        leads_astray: false,
    }
}

fn made(id: &str, status: &str) -> String {
    json_reply(status, &json!({"id": id.parse::<u64>().unwrap_or_default()}).to_string())
}

fn rows() -> Vec<Row> {
    let nothing = "'200': {description: ok}";
    let answers_id_200 = "'200': {description: ok, content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}";
    let owner = "'201': {description: made, content: {application/json: {schema: {type: object, properties: {name: {type: string}, owner: {type: object, properties: {id: {type: integer}}}}}}}}";
    let name = "'201': {description: made, content: {application/json: {schema: {type: object, properties: {name: {type: string}, login: {type: string}}}}}}";
    let location = "'201': {description: made, headers: {Location: {schema: {type: string}}}}";
    let wrapped = "'201': {description: made, content: {application/json: {schema: {type: object, properties: {data: {type: object, properties: {id: {type: integer}}}}}}}}";
    let put = "\n    put:\n      operationId: write_pet\n      responses: {'200': {description: old}, '201': {description: new}}";
    let right = |pets: &mut Pets, _: &Value, _: &Request| made(&pets.add().to_string(), "201 C");
    vec![
        Row { clean: true, ..row("a right server", right) },
        Row {
            successes: wrapped,
            clean: true,
            ..row("a reply that wraps the pet", |pets, _, _| {
                json_reply("201 C", &json!({"data": {"id": pets.add()}}).to_string())
            })
        },
        Row {
            successes: location,
            clean: true,
            ..row("the address of what was made", |pets, _, _| {
                reply("201 C", &format!("Location: /pets/{}\r\n", pets.add()), "")
            })
        },
        Row {
            given: ["{exchange: create_pet, values: {petId: '1'}}", TWO],
            clean: true,
            ..row("a constant in place of the identifier", right)
        },
        Row {
            successes: nothing,
            ..row("a reply without a body", |pets, _, _| {
                pets.add();
                reply("200 O", "", "")
            })
        },
        Row {
            successes: owner,
            ..row("the identifier of an owner", |pets, body, _| {
                pets.add();
                json_reply("201 C", &json!({"name": body["name"], "owner": {"id": 5}}).to_string())
            })
        },
        Row {
            successes: name,
            variable: "username",
            ..row("a name that is no identifier", |pets, body, _| {
                let login = format!("u-{}", pets.add());
                json_reply("201 C", &json!({"name": body["name"], "login": login}).to_string())
            })
        },
        Row {
            successes: name,
            variable: "name",
            ..row("an identifier that the request has", |pets, body, _| {
                pets.add();
                json_reply("201 C", &json!({"name": body["name"], "login": "x"}).to_string())
            })
        },
        Row {
            successes: location,
            ..row("the address of something else", |pets, _, _| {
                pets.add();
                reply("201 C", "Location: /operations/5\r\n", "")
            })
        },
        Row {
            successes: location,
            ..row("an address above the pet", |pets, _, _| {
                pets.add();
                reply("201 C", "Location: /others/5/pets/7\r\n", "")
            })
        },
        Row {
            successes: location,
            ..row("the address of another host", |pets, _, _| {
                pets.add();
                reply("201 C", "Location: http://pets.example/pets/7\r\n", "")
            })
        },
        Row {
            successes: location,
            ..row("the address of another port", |pets, _, _| {
                pets.add();
                reply("201 C", "Location: //127.0.0.1:1/pets/7\r\n", "")
            })
        },
        Row {
            successes: location,
            clean: true,
            ..row("one that is not known everywhere yet", |pets, _, _| {
                let id = format!("late-{}", pets.add());
                pets.pets.remove(&pets.last.to_string());
                pets.pets.insert(id.clone(), true);
                reply("201 C", &format!("Location: /pets/{id}\r\n"), "")
            })
        },
        row("an error after it was made", |pets, _, _| {
            pets.add();
            reply("500 E", "", "")
        }),
        row("one that exists, which the status says", |_, _, _| made("7", "200 O")),
        Row {
            successes: answers_id_200,
            ..row("one that exists, where no status would say so", |_, _, _| made("7", "200 O"))
        },
        Row {
            body: WITH_ID,
            leads_astray: true,
            ..row("the request's own identifier", |pets, body, _| {
                pets.named(&body["id"].to_string());
                made(&body["id"].to_string(), "201 C")
            })
        },
        Row {
            body: WITH_ID,
            successes: answers_id_200,
            ..row("the request's own identifier, and 200", |pets, body, _| {
                pets.named(&body["id"].to_string());
                made(&body["id"].to_string(), "200 O")
            })
        },
        Row {
            more: put,
            clean: true,
            ..row("what was there is written and called new", |pets, _, request| match request.method() {
                "PUT" => reply("201 C", "", ""),
                _ => made(&pets.add().to_string(), "201 C"),
            })
        },
        Row {
            body: "{required: true, content: {application/json: {schema: {type: object, required: [name], properties: \
                   {name: {type: string, minLength: 2, x-unique: true}}}, examples: {made: {value: {name: adam}}, \
                   other: {value: {name: adam}}}}}}",
            clean: true,
            ..row("a refusal that has to be told apart", |pets, body, _| {
                match body["name"].as_str().is_some_and(|name| name.len() > 2) {
                    true => made(&pets.add().to_string(), "201 C"),
                    false => json_reply("409 C", "{}"),
                }
            })
        },
    ]
}

fn document(row: &Row) -> String {
    let Row { body, successes, variable, given: [show, delete], more, .. } = row;
    format!(
        "openapi: 3.1.0
info: {{title: Pets, version: '1'}}
paths:
  /pets:
    post:
      operationId: create_pet
      requestBody: {body}
      responses:
        {successes}
        '400': {{description: not understood}}
        '409': {{description: taken, content: {{application/json: {{schema: {{type: object}}}}}}}}
  /pets/{{{variable}}}:
    parameters: [{{name: {variable}, in: path, required: true, schema: {{type: string}}, example: 't-1'}}]
    get:
      operationId: show_pet
      responses: {{'200': {{description: it, x-given: {show}, content: {{application/json: {{schema: {{type: object}}}}}}}}}}
    delete:
      operationId: delete_pet
      responses: {{'204': {{description: gone, x-given: {delete}}}}}{more}
"
    )
}

/// What is left of others, what is left of the run, the number of removals that were asked for, and the report.
fn left(row: &Row, environment: &Environment) -> (Vec<String>, Vec<String>, usize, Report) {
    let pets = FOREIGN.iter().map(|id| ((*id).to_owned(), false)).collect();
    let pets = Arc::new(Mutex::new(Pets { pets, last: 1000, deletes: 0, asked: BTreeSet::new() }));
    let (own, create, can_write) = (Arc::clone(&pets), row.create, !row.more.is_empty());
    let server = Server::start(move |request, stream| {
        let mut pets = own.lock().unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let id = request.path().trim_start_matches("/pets").trim_start_matches('/').to_owned();
        let answer = match request.method() {
            "POST" if body["name"].as_str().is_none_or(str::is_empty) && !body["id"].is_u64() => reply("400 B", "", ""),
            "PUT" if !can_write => reply("405 M", "Allow: GET, DELETE\r\n", ""),
            "POST" | "PUT" => create(&mut pets, &body, request),
            "GET" if pets.pets.contains_key(&id) => json_reply("200 O", "{}"),
            "DELETE" if id.starts_with("late-") && pets.asked.insert(id.clone()) => reply("404 N", "", ""),
            "DELETE" => {
                pets.deletes += 1;
                match pets.pets.remove(&id) {
                    Some(_) => "HTTP/1.1 204 N\r\n\r\n".to_owned(),
                    None => reply("404 N", "", ""),
                }
            }
            _ => reply("404 N", "", ""),
        };
        write(stream, answer);
        Then::KeepOpen
    });
    let document = Document::read("pets.yaml", &document(row)).map_err(|found| found.to_string()).unwrap();
    let suite = suite(&Api::of(&document));
    // What a case removes by its own request, it removes as documented: here it is about the clean-up.
    let own = if row.leads_astray { "delete_pet/*" } else { "*/wire.*" };
    let skip = vec!["*/wire.*".to_owned(), own.to_owned()];
    let plan = Plan::new(&suite, environment, &Selection { skip, ..Selection::default() }).unwrap();
    let options = Options::new(Address::endpoint(&server.url).unwrap());
    let report = block_on(run(&plan, &options, |_| {})).unwrap();
    let pets = pets.lock().unwrap();
    let of = |is_own: bool| pets.pets.iter().filter(|(_, own)| **own == is_own).map(|(id, _)| id.clone()).collect();
    (of(false), of(true), pets.deletes, report)
}

#[test]
fn what_others_have_is_left_and_what_the_run_leaves_is_counted() {
    for row in rows() {
        let (foreign, own, deletes, report) = left(&row, &Environment::default());
        assert_eq!(foreign, FOREIGN, "{}: {:?}", row.name, report.left_behind);
        let counted: usize = report.left_behind.values().sum();
        let shown: Vec<String> = report
            .entries
            .iter()
            .map(|it| format!("{} {} {:?} {:?}", it.outcome.name(), it.id, it.reason, it.notes))
            .collect();
        if row.clean {
            assert_eq!(
                (own.len(), row.more.is_empty() && counted > 0),
                (0, false),
                "{}: {}",
                row.name,
                shown.join("\n")
            );
            assert!(deletes > 0, "{}", row.name);
        } else {
            assert!(counted >= own.len().max(1), "{}: {own:?} {counted}\n{}", row.name, shown.join("\n"));
        }
    }
}

#[test]
fn a_case_of_something_that_no_reply_names_is_unreachable() {
    let all = rows();
    let row = all.iter().find(|row| row.name == "a reply without a body").unwrap();
    let (.., report) = left(row, &Environment::default());
    let show = report.entries.iter().find(|entry| entry.id == "show_pet/described").unwrap();
    assert_eq!(show.outcome, Outcome::Unreachable);
    let reason = "its state cannot be made: the reply to create_pet/made is not documented to have a value for `petId`";
    assert_eq!(show.reason.as_deref(), Some(reason));
}

#[test]
fn the_unchanged_request_is_one_that_makes_something() {
    let all = rows();
    let row = all.iter().find(|row| row.name == "a refusal that has to be told apart").unwrap();
    let (.., report) = left(row, &Environment::default());
    let exchanges = || report.entries.iter().flat_map(|entry| &entry.exchanges);
    let is_unchanged = |it: &&Exchange| matches!(it.purpose, Purpose::Unchanged(_));
    let found: Vec<String> =
        report.entries.iter().map(|it| format!("{} {} {:?}", it.outcome.name(), it.id, it.reason)).collect();
    assert!(
        exchanges().filter(is_unchanged).any(|it| it.reply.as_ref().is_some_and(|reply| reply.status == 201)),
        "{}",
        found.join("\n")
    );
}

#[test]
fn a_static_mock_is_asked_to_remove_nothing() {
    for row in rows() {
        let environment = Environment { prefer: Some(Naming::Plain), ..Environment::default() };
        let document = Document::read("pets.yaml", &document(&row)).map_err(|found| found.to_string()).unwrap();
        let suite = suite(&Api::of(&document));
        let only = Selection { only: vec!["create_pet/*".to_owned()], ..Selection::default() };
        let plan = Plan::new(&suite, &environment, &only).unwrap();
        assert!(!plan.to_string().contains("then delete_pet"), "{}", row.name);
        let server = Server::start(|request, stream| {
            assert_eq!(request.method(), "POST");
            write(stream, made("7", "201 C"));
            Then::KeepOpen
        });
        let options = Options::new(Address::endpoint(&server.url).unwrap());
        let report = block_on(run(&plan, &options, |_| {})).unwrap();
        let methods = report.entries.iter().flat_map(|entry| &entry.exchanges).map(|it| it.sent.method.as_str());
        assert!(methods.clone().all(|method| method == "POST"), "{}", row.name);
        assert!(methods.count() > 0 && report.left_behind.is_empty(), "{}", row.name);
    }
}
