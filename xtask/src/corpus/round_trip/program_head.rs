//! Calls a generated client with the values of documented cases, and prints one line for each.
#![allow(dead_code, clippy::all)]

#[path = "client.rs"]
mod client;

use client::{ByteStream, Client, Error, types};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// What was read of a reply.
enum Read {
    Nothing,
    Json(Value),
    /// It is of a type that JSON does not have.
    Other,
}

fn client(index: usize) -> Client {
    Client::new(&format!("{}/{index}", std::env::args().nth(1).expect("an address")))
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("body: {error}"))
}

/// The fields of a form, each as text, unless the type asks for another kind of value: the error names the text then.
fn form<T: DeserializeOwned>(pairs: &[(&str, &str)]) -> Result<T, String> {
    let mut members = Map::new();
    for (name, text) in pairs {
        let text = Value::String((*text).to_owned());
        match members.get_mut(*name) {
            None => drop(members.insert((*name).to_owned(), text)),
            Some(Value::Array(list)) => list.push(text),
            Some(first) => *first = Value::Array(vec![first.take(), text]),
        }
    }
    loop {
        let error = match serde_json::from_value(Value::Object(members.clone())) {
            Ok(value) => return Ok(value),
            Err(error) => error.to_string(),
        };
        let blamed = members.values_mut().find_map(|value| match value {
            Value::String(text) if error.contains(&format!("string {text:?}")) => Some(value),
            _ => None,
        });
        let value = blamed.ok_or_else(|| format!("form: {error}"))?;
        let text = value.as_str().unwrap_or_default();
        *value = match serde_json::from_str(text) {
            Ok(other) if !error.contains("expected a sequence") => other,
            _ => Value::Array(vec![value.take()]),
        };
    }
}

/// The body that is sent, which is printed.
fn sent(index: usize, text: &str) -> Result<String, String> {
    let value = canonical(json(text)?);
    println!("{index} body {value}");
    Ok(value.to_string())
}

/// A value of any type from the texts that stand for it on the wire, with the members that they are of.
fn argument<T: DeserializeOwned>(texts: &[(&str, &str)]) -> Result<T, String> {
    let text = |text: &str| Value::String(text.to_owned());
    let value = |one: &str| serde_json::from_str(one).unwrap_or_else(|_| text(one));
    let mut forms = Vec::new();
    if let [("", one)] = texts {
        forms.extend([text(one), value(one)]);
    }
    if texts.iter().all(|(member, _)| !member.is_empty()) {
        for read in [&text as &dyn Fn(&str) -> Value, &value] {
            let members = texts.iter().map(|(member, one)| ((*member).to_owned(), read(one)));
            forms.push(Value::Object(members.collect::<Map<_, _>>()));
        }
    }
    let mut lists: Vec<Vec<&str>> = vec![texts.iter().map(|(_, one)| *one).collect()];
    if let [(_, one)] = texts {
        lists.extend([',', '|', ' ', ';', '.'].map(|separator| one.split(separator).collect()));
    }
    for list in &lists {
        for read in [&text as &dyn Fn(&str) -> Value, &value] {
            forms.push(list.iter().map(|one| read(one)).collect());
            if list.len() % 2 == 0 {
                let members = list.chunks(2).map(|pair| (pair[0].to_owned(), read(pair[1])));
                forms.push(Value::Object(members.collect::<Map<_, _>>()));
            }
        }
    }
    let mut first = None;
    for form in forms {
        match serde_json::from_value(form) {
            Ok(value) => return Ok(value),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    Err(format!("{texts:?}: {}", first.map(|error| error.to_string()).unwrap_or_default()))
}

struct Body<T>(T);

/// A reply whose form depends on its status.
trait Shown {
    fn shown(self) -> Read;
}

trait ReadShown {
    fn read(&self) -> Read;
}

impl<T: Shown + Clone> ReadShown for &&Body<T> {
    fn read(&self) -> Read {
        self.0.clone().shown()
    }
}

trait ReadJson {
    fn read(&self) -> Read;
}

impl<T: Serialize> ReadJson for &Body<T> {
    fn read(&self) -> Read {
        serde_json::to_value(&self.0).map_or(Read::Other, Read::Json)
    }
}

trait ReadOther {
    fn read(&self) -> Read;
}

impl<T> ReadOther for Body<T> {
    fn read(&self) -> Read {
        Read::Other
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// The value with every instant in UTC: a client need not keep the offset that one was written with.
fn canonical(mut value: Value) -> Value {
    match &mut value {
        Value::String(text) => {
            if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
                *text = instant.to_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| *value = canonical(value.take())),
        Value::Object(members) => members.values_mut().for_each(|value| *value = canonical(value.take())),
        _ => {}
    }
    value
}

fn print(index: usize, status: u16, read: Read) {
    match read {
        Read::Nothing => println!("{index} read {status}"),
        Read::Json(value) => println!("{index} read {status} {}", canonical(value)),
        Read::Other => println!("{index} other {status}"),
    }
}

macro_rules! finish {
    ($index:expr, $call:expr) => {{
        match $call.send().await {
            Ok(reply) => {
                let status = reply.status().as_u16();
                print($index, status, (&&&Body(reply.into_inner())).read());
            }
            Err(Error::InvalidRequest(reason)) => return Err(reason),
            Err(Error::ErrorResponse(reply)) => {
                let status = reply.status().as_u16();
                print($index, status, (&&&Body(reply.into_inner())).read());
            }
            Err(Error::CommunicationError(error)) => println!("{} failed {}", $index, one_line(&format!("{error:?}"))),
            Err(Error::InvalidResponsePayload(_, error)) => {
                println!("{} unreadable {}", $index, one_line(&error.to_string()));
            }
            Err(Error::UnexpectedResponse(reply)) => println!("{} undocumented {}", $index, reply.status().as_u16()),
        }
        Ok(())
    }};
}

