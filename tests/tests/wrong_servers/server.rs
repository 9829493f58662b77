//! The emulator behind a hand-written HTTP server, with a fault in between that may do anything: rewrite, repair, act,
//! or write bytes that are no answer.

use std::sync::Arc;

use bytes::Bytes;
use ges_emulator::{Config, Emulator, ProviderState, StateValues, Transitions};
use http::Request;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const TOKEN: &str = "a-token-of-this-test";

/// What a server does with a call.
pub(crate) type Fault = Arc<dyn Fn(&World, Call) -> Answer + Send + Sync>;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// As it came: a path and a query, or a whole address.
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What goes back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// These bytes instead of everything above; then the connection is closed.
    pub(crate) raw: Option<Vec<u8>>,
    /// Nothing at all, and the connection stays open.
    pub(crate) silent: bool,
}

/// The emulator and what a fault may do with it.
pub(crate) struct World {
    emulator: Emulator,
}

pub(crate) struct Served {
    pub(crate) url: String,
    emulator: Emulator,
}

impl Served {
    pub(crate) fn running_graph(&self) -> StateValues {
        self.emulator.set_up(ProviderState::RunningGraph)
    }
}

pub(crate) fn plain() -> Fault {
    Arc::new(|world, call| world.forward(&call))
}

/// What a server is like, apart from its fault.
#[derive(Clone, Copy, Default)]
pub(crate) struct Nature {
    /// The fault concerns status requests as well.
    pub(crate) with_looks: bool,
    /// The fault blocks its thread, so that calls meet.
    pub(crate) blocks: bool,
    pub(crate) transitions: Transitions,
}

/// Serves as long as the runtime lives.
pub(crate) async fn serve(fault: Fault) -> Served {
    serve_as(fault, Nature::default()).await
}

/// The same, of this nature.
pub(crate) async fn serve_as(fault: Fault, nature: Nature) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let transitions = nature.transitions;
    let emulator = Emulator::new(Config { tokens: vec![TOKEN.to_owned()], transitions, ..Config::default() });
    let world = Arc::new(World { emulator: emulator.clone() });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, world.clone(), fault.clone(), nature));
        }
    });
    Served { url, emulator }
}

async fn connection(mut stream: TcpStream, world: Arc<World>, fault: Fault, nature: Nature) {
    let mut buffer = Vec::new();
    while let Some(call) = read(&mut stream, &mut buffer).await {
        // How states are made is no part of what is checked, and looks at them seldom are.
        let is_look =
            call.method == "GET" && !["/stop", "/action", "/backups"].iter().any(|it| call.path.ends_with(it));
        let is_operation = !is_look || nature.with_looks;
        let is_concerned = is_operation && !call.path.starts_with("/_emulator/");
        let answer = if is_concerned && nature.blocks {
            let (fault, world) = (fault.clone(), world.clone());
            tokio::task::spawn_blocking(move || fault(&world, call)).await.unwrap()
        } else if is_concerned {
            fault(&world, call)
        } else {
            world.forward(&call)
        };
        if answer.silent {
            return std::future::pending().await;
        }
        if let Some(raw) = &answer.raw {
            _ = stream.write_all(raw).await;
            return;
        }
        if stream.write_all(&written(&answer)).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Call> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let named = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if named("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
    }
    if named("transfer-encoding").is_some() {
        buffer.drain(..head_end + 4);
        let body = chunks(stream, buffer).await?;
        return Some(Call::of(method, target, headers, body));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    while buffer.len() < head_end + 4 + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_end + 4..head_end + 4 + length].to_vec();
    buffer.drain(..head_end + 4 + length);
    Some(Call::of(method, target, headers, body))
}

/// A body in chunks, without trailers.
async fn chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line_end = loop {
            match buffer.windows(2).position(|pair| pair == b"\r\n") {
                Some(at) => break at,
                None if stream.read_buf(buffer).await.ok()? == 0 => return None,
                None => {}
            }
        };
        let size = usize::from_str_radix(std::str::from_utf8(&buffer[..line_end]).ok()?, 16).ok()?;
        while buffer.len() < line_end + 2 + size + 2 {
            if stream.read_buf(buffer).await.ok()? == 0 {
                return None;
            }
        }
        body.extend(&buffer[line_end + 2..line_end + 2 + size]);
        buffer.drain(..line_end + 2 + size + 2);
        if size == 0 {
            return Some(body);
        }
    }
}

pub(crate) fn written(answer: &Answer) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Status\r\n", answer.status).into_bytes();
    for (name, value) in answer.headers.iter().filter(|(name, _)| name != "content-length") {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    if answer.status != 204 && !answer.headers.iter().any(|(name, _)| name == "transfer-encoding") {
        bytes.extend(format!("content-length: {}\r\n", answer.body.len()).into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(&answer.body);
    bytes
}

/// An answer in its parts, for whoever wants to put them together in another way.
pub(crate) struct Written {
    pub(crate) status: u16,
    /// Each on a line, without those about the length.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Written {
    pub(crate) fn of(answer: &Answer) -> Written {
        let lengths = ["content-length", "transfer-encoding"];
        let headers = answer.headers.iter().filter(|(name, _)| !lengths.contains(&name.as_str()));
        let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Written { status: answer.status, headers, body: answer.body.clone() }
    }
}

impl World {
    /// What the emulator answers.
    pub(crate) fn forward(&self, call: &Call) -> Answer {
        let target = if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.query) };
        let mut request = Request::builder().method(call.method.as_str()).uri(target);
        // How a message is framed is the server's business, which has read it.
        let framing = ["transfer-encoding", "expect", "connection"];
        for (name, value) in call.headers.iter().filter(|(name, _)| !framing.contains(&name.to_lowercase().as_str())) {
            request = request.header(name, value);
        }
        let answer = self.emulator.answer(request.body(Bytes::from(call.body.clone())).unwrap());
        let headers = answer.headers().iter();
        Answer {
            status: answer.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect(),
            body: answer.into_body().to_vec(),
            raw: None,
            silent: false,
        }
    }

    /// Calls an operation on the graph of `call`, with the right token, whatever it is answered.
    pub(crate) fn act(&self, call: &Call, operation: &str) {
        let segments: Vec<&str> = call.path.split('/').collect();
        let (project, graph) = (segments[2], segments[4]);
        let path = match operation {
            "stop" => format!("/v2/{project}/graphs/{graph}/stop"),
            _ => format!("/v1.0/{project}/graphs/{graph}/action"),
        };
        let query = if operation == "stop" { String::new() } else { format!("action_id={operation}") };
        let headers = vec![("x-auth-token".to_owned(), TOKEN.to_owned())];
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        self.forward(&Call::of("POST".to_owned(), target, headers, Vec::new()));
    }
}

impl Call {
    fn of(method: String, target: String, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let origin = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => target.as_str(),
        };
        let (path, query) = origin.split_once('?').unwrap_or((origin, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        Self { method, target, path, query, headers, body }
    }

    /// The operation that the address means: `start`, `stop`, … or nothing that is known.
    pub(crate) fn operation(&self) -> &'static str {
        match self.path.rsplit('/').next() {
            Some("stop") => "stop",
            Some("backups") => "backup",
            _ => {
                let query = percent_encoding::percent_decode_str(&self.query).decode_utf8_lossy();
                let action = query.strip_prefix("action_id=").unwrap_or_default();
                ["start", "restart", "upgrade"].into_iter().find(|known| *known == action).unwrap_or_default()
            }
        }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-auth-token")).map(|(_, token)| token.as_str())
    }

    pub(crate) fn with_token(mut self) -> Self {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-auth-token"));
        self.headers.push(("x-auth-token".to_owned(), TOKEN.to_owned()));
        self
    }

    /// The body as an object; of what is none, an empty one.
    pub(crate) fn members(&self) -> serde_json::Map<String, Value> {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn with_body(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        self
    }
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes(), raw: None, silent: false }
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn with_value(mut self, value: &Value) -> Self {
        self.body = value.to_string().into_bytes();
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
