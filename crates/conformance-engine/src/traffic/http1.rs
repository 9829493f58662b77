//! Reads HTTP/1.1 messages beside the bytes that a proxy forwards.
//!
//! Requests and replies are read as they come, in pieces of any size; of a body no more is kept than a limit. What
//! cannot be read as HTTP/1.1 is not judged from there on, and passes all the same.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::model::exchange::Reply;
use crate::model::exchange::{Exchange, Purpose, Sent};
use crate::model::recorded::Recorded;
use crate::traffic::framing::{Budget, Chunks, Framing, Head, MAX_HEAD, Share, Taken, framing, split};

/// The most headers of one message.
const MAX_HEADERS: usize = 1000;

/// The most headers of nearly every message: room for more is only made where they are.
const FEW_HEADERS: usize = 64;

/// The most requests of one connection that wait for their reply.
const MAX_OPEN: usize = 256;

/// What is known of one connection.
pub(crate) struct ConnectionParser {
    /// Scheme, host and port of who answers.
    root: String,
    /// How much of a body is kept, in bytes.
    keep: usize,
    /// How much is kept of all connections.
    budget: Arc<Budget>,
    asking: Reader,
    answering: Reader,
    /// Requests whose reply has not ended, oldest first.
    open: VecDeque<Open>,
    /// The number of the next request.
    next: u64,
    /// The reply that is being read.
    reply: Option<Partial>,
    /// Exchanges that ended and were not taken yet.
    ended: Vec<Recorded>,
    /// What else there is to say, once.
    remark: Option<String>,
}

/// A request whose reply has not ended.
struct Open {
    share: Share,
    number: u64,
    head: RequestHead,
    body: Kept,
    is_whole: bool,
    started: SystemTime,
    clock: Instant,
}

struct RequestHead {
    version: u8,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

struct Partial {
    share: Share,
    /// Why its end is doubtful.
    doubt: Option<String>,
    status: u16,
    reason: String,
    version: String,
    headers: Vec<(String, String)>,
    body: Kept,
}

/// A body, as much of it as is kept.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    is_cut: bool,
    /// The budget of all connections was used up.
    has_no_room: bool,
}

impl Kept {
    fn push(&mut self, bytes: &[u8], most: usize, share: &mut Share) {
        let room = most - self.bytes.len().min(most);
        let kept = &bytes[..bytes.len().min(room)];
        self.is_cut |= bytes.len() > room;
        if self.has_no_room || !share.grow(kept.len()) {
            self.has_no_room = true;
        } else {
            self.bytes.extend_from_slice(kept);
        }
    }

    fn missing(&self, most: usize) -> Option<String> {
        if self.has_no_room {
            return Some("more traffic than could be kept".to_owned());
        }
        self.is_cut.then(|| format!("longer than {most} bytes, which is all that is kept to judge"))
    }
}

/// How one direction is read.
enum Reader {
    /// A head, as far as it has come.
    Head(Head),
    /// So many bytes of a body are to come.
    Length(u64),
    Chunked(Chunks),
    /// The body ends with the connection.
    UntilEnd,
    /// No longer HTTP.
    Blind,
}

impl Reader {
    fn start() -> Self {
        Self::Head(Head::default())
    }
}

impl ConnectionParser {
    pub(crate) fn new(root: String, keep: usize, budget: Arc<Budget>) -> Self {
        Self {
            root,
            keep,
            budget,
            asking: Reader::start(),
            answering: Reader::start(),
            open: VecDeque::new(),
            next: 0,
            reply: None,
            ended: Vec::new(),
            remark: None,
        }
    }

    /// Exchanges that have ended since this was last asked.
    pub(crate) fn take_ended(&mut self) -> Vec<Recorded> {
        std::mem::take(&mut self.ended)
    }

    /// Why nothing is judged on this connection from here on, said once.
    pub(crate) fn take_remark(&mut self) -> Option<String> {
        self.remark.take()
    }

    /// Whether nothing is judged any more: a tunnel, or no HTTP.
    pub(crate) fn is_blind(&self) -> bool {
        matches!(self.asking, Reader::Blind)
    }

    /// Requests that have no whole reply yet.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Reads what the client says; no bytes are the end. With `host`, gives what to pass on instead: the same with
    /// another `Host`.
    pub(crate) fn asked(&mut self, mut bytes: &[u8], host: Option<&str>) -> Option<Vec<u8>> {
        if let (true, Some(_), Reader::Head(head)) = (bytes.is_empty(), host, &mut self.asking) {
            return Some(std::mem::take(head).bytes);
        }
        let mut out = host.map(|_| Vec::with_capacity(bytes.len()));
        let mut pass = |bytes: &[u8]| out.iter_mut().for_each(|out| out.extend_from_slice(bytes));
        while !bytes.is_empty() {
            match &mut self.asking {
                Reader::Head(head) => {
                    let taken = match head.take(bytes) {
                        Taken::All => break,
                        Taken::Whole(taken) => taken,
                        Taken::TooLong(taken) => {
                            pass(&head.bytes);
                            bytes = &bytes[taken..];
                            self.go_blind(&format!("a request has a head of more than {MAX_HEAD} bytes"));
                            continue;
                        }
                    };
                    bytes = &bytes[taken..];
                    let head = std::mem::take(head).bytes;
                    pass(&host.map_or_else(Vec::new, |host| with_host(&head, host)));
                    self.begin_request(&head);
                }
                Reader::Length(left) => {
                    let (mine, rest) = split(bytes, *left);
                    *left -= mine.len() as u64;
                    let is_over = *left == 0;
                    pass(mine);
                    bytes = rest;
                    self.request_body(mine);
                    if is_over {
                        self.end_request();
                    }
                }
                Reader::Chunked(chunks) => {
                    let mut data = Vec::new();
                    let found = chunks.read(bytes, &mut data);
                    let (mine, rest) = bytes.split_at(found.consumed);
                    pass(mine);
                    bytes = rest;
                    self.request_body(&data);
                    match found.end {
                        Some(Ok(())) => self.end_request(),
                        Some(Err(reason)) => self.go_blind(&format!("a request's chunks are broken: {reason}")),
                        None => {}
                    }
                }
                Reader::UntilEnd | Reader::Blind => {
                    pass(bytes);
                    break;
                }
            }
        }
        out
    }

    /// Reads what the server says.
    pub(crate) fn answered(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.answering {
                Reader::Head(head) => {
                    let taken = match head.take(bytes) {
                        Taken::All => return,
                        Taken::Whole(taken) => taken,
                        Taken::TooLong(_) => {
                            self.end_without_reply(&format!("a head of more than {MAX_HEAD} bytes came in answer"));
                            return self.go_blind("a reply has a head without end");
                        }
                    };
                    bytes = &bytes[taken..];
                    let head = std::mem::take(head).bytes;
                    self.begin_reply(&head);
                }
                Reader::Length(left) => {
                    let (mine, rest) = split(bytes, *left);
                    *left -= mine.len() as u64;
                    let is_over = *left == 0;
                    bytes = rest;
                    self.reply_body(mine);
                    if is_over {
                        self.end_reply(None);
                    }
                }
                Reader::Chunked(chunks) => {
                    let mut data = Vec::new();
                    let found = chunks.read(bytes, &mut data);
                    bytes = &bytes[found.consumed..];
                    self.reply_body(&data);
                    match found.end {
                        Some(Ok(())) => self.end_reply(None),
                        Some(Err(reason)) => {
                            self.end_reply(Some(format!("is not in chunks as it says: {reason}")));
                            self.go_blind("a reply's chunks are broken");
                        }
                        None => {}
                    }
                }
                Reader::UntilEnd => {
                    self.reply_body(bytes);
                    return;
                }
                Reader::Blind => return,
            }
        }
    }

    /// The server says no more, because of `trouble` or as it should.
    pub(crate) fn answered_all(&mut self, trouble: Option<&str>) {
        let how = trouble.unwrap_or("the connection was closed");
        match (std::mem::replace(&mut self.answering, Reader::Blind), trouble) {
            (Reader::UntilEnd, None) => self.end_reply(None),
            (Reader::UntilEnd | Reader::Length(_) | Reader::Chunked(_), _) => {
                self.end_reply(Some(format!("did not arrive whole: {how}")));
            }
            (Reader::Head(head), _) if !head.bytes.is_empty() => {
                self.end_without_reply(&format!("{how} in the middle of an answer"));
            }
            _ => {}
        }
        while !self.open.is_empty() {
            self.end_without_reply(&format!("{how} without an answer"));
        }
    }

    /// The connection goes no further for another reason: the client left, or the watch ends.
    pub(crate) fn abandoned(&mut self, why: &str) {
        if self.reply.is_some() {
            self.end_reply(Some(format!("did not arrive whole: {why}")));
        }
        while !self.open.is_empty() {
            self.end_without_reply(why);
        }
        self.asking = Reader::Blind;
        self.answering = Reader::Blind;
    }

    fn begin_request(&mut self, bytes: &[u8]) {
        let Some(head) = request_head(bytes) else {
            return self.go_blind("what the client says is not HTTP/1.1");
        };
        let (framing, doubt) = match framing(head.version, &head.headers) {
            Ok(found) => found,
            Err(reason) => return self.go_blind(&format!("a request's end cannot be known: {reason}")),
        };
        if let Some(doubt) = doubt {
            // Whoever reads the length sees other requests than are judged here.
            return self.go_blind(&format!("a request's end cannot be known: {doubt}"));
        }
        let mut share = self.budget.share();
        // Once as it came, and once more for its parts.
        if self.open.len() >= MAX_OPEN || !share.grow(2 * bytes.len()) {
            return self.go_blind("more requests wait for their replies than can be kept");
        }
        let number = self.next;
        self.next += 1;
        let (started, clock) = (SystemTime::now(), Instant::now());
        self.open.push_back(Open { share, number, head, body: Kept::default(), is_whole: false, started, clock });
        self.asking = match framing {
            Framing::None | Framing::Length(0) => {
                self.end_request();
                Reader::start()
            }
            Framing::Length(length) => Reader::Length(length),
            Framing::Chunked => Reader::Chunked(Chunks::default()),
            Framing::Other => return self.go_blind("a request's transfer-encoding is not chunked"),
        };
    }

    /// The request that is being read, if its reply has not ended before it did.
    fn asking_now(&mut self) -> Option<&mut Open> {
        let number = self.next.checked_sub(1)?;
        self.open.back_mut().filter(|open| open.number == number)
    }

    fn request_body(&mut self, bytes: &[u8]) {
        let most = self.keep;
        if let Some(open) = self.asking_now() {
            open.body.push(bytes, most, &mut open.share);
        }
    }

    fn end_request(&mut self) {
        self.asking = Reader::start();
        if let Some(open) = self.asking_now() {
            open.is_whole = true;
        }
    }

    fn begin_reply(&mut self, bytes: &[u8]) {
        let Some(mut partial) = reply_head(bytes, self.budget.share()) else {
            self.end_without_reply("what came in answer is not HTTP/1.1");
            return self.go_blind("what the server says is not HTTP/1.1");
        };
        let status = partial.status;
        if (100..200).contains(&status) && status != 101 {
            // On the way to the answer.
            self.answering = Reader::start();
            return;
        }
        let Some(method) = self.open.front().map(|open| open.head.method.as_str()) else {
            // Which request the next one answers is not known either.
            return self.go_blind(&format!("a reply ({status}) came without a request"));
        };
        let is_tunnel = status == 101 || method == "CONNECT" && (200..300).contains(&status);
        let has_no_body = method == "HEAD" || matches!(status, 101 | 204 | 304);
        let framing = framing(partial.version.ends_with('1').into(), &partial.headers);
        let framing = framing.map(|(framing, doubt)| {
            partial.doubt = doubt.filter(|_| !has_no_body);
            framing
        });
        self.reply = Some(partial);
        if is_tunnel {
            self.end_reply(None);
            return self.go_blind("the connection became a tunnel");
        }
        self.answering = match framing {
            _ if has_no_body => {
                self.end_reply(None);
                Reader::start()
            }
            Ok(Framing::Length(0)) => {
                self.end_reply(None);
                Reader::start()
            }
            Ok(Framing::Length(length)) => Reader::Length(length),
            Ok(Framing::Chunked) => Reader::Chunked(Chunks::default()),
            Ok(Framing::None | Framing::Other) => Reader::UntilEnd,
            Err(reason) => {
                self.end_reply(Some(format!("has no certain end: {reason}")));
                return self.go_blind("a reply's end cannot be known");
            }
        };
    }

    fn reply_body(&mut self, bytes: &[u8]) {
        let most = self.keep;
        if let Some(reply) = &mut self.reply {
            reply.body.push(bytes, most, &mut reply.share);
        }
    }

    fn end_reply(&mut self, framing_fault: Option<String>) {
        self.answering = Reader::start();
        let Some(partial) = self.reply.take() else { return };
        let Some(open) = self.open.pop_front() else { return };
        let missing = partial.body.missing(self.keep);
        let framing_fault = framing_fault.or(partial.doubt.map(|doubt| format!("has two ends: {doubt}")));
        let reply = Reply {
            status: partial.status,
            reason: partial.reason,
            version: partial.version,
            headers: partial.headers,
            truncated: partial.body.is_cut || partial.body.has_no_room,
            body: partial.body.bytes.into(),
            framing_fault,
        };
        self.end(open, Some(reply), missing, None);
    }

    fn end_without_reply(&mut self, trouble: &str) {
        self.reply = None;
        if let Some(open) = self.open.pop_front() {
            self.end(open, None, None, Some(trouble.to_owned()));
        }
    }

    fn end(&mut self, open: Open, reply: Option<Reply>, reply_missing: Option<String>, trouble: Option<String>) {
        let early = "the reply came before its end".to_owned();
        let request_missing = open.body.missing(self.keep).or((!open.is_whole).then_some(early));
        let RequestHead { method, target, headers, .. } = open.head;
        let url = if target.starts_with('/') { format!("{}{target}", self.root) } else { target };
        let body = (!open.body.bytes.is_empty()).then_some(open.body.bytes);
        let sent = Sent { method, url, headers, body, wire: None };
        let took = open.clock.elapsed();
        let exchange = Exchange { purpose: Purpose::Case, sent, reply, trouble, started: open.started, took };
        let mut recorded = Recorded::whole(String::new(), exchange);
        recorded.request_body_missing = request_missing;
        recorded.reply_body_missing = reply_missing;
        self.ended.push(recorded);
    }

    fn go_blind(&mut self, why: &str) {
        self.asking = Reader::Blind;
        self.answering = Reader::Blind;
        self.remark = Some(format!("{why}; the rest of this connection passes without being judged"));
        let why = why.to_owned();
        while !self.open.is_empty() {
            self.end_without_reply(&why);
        }
    }
}

fn request_head(bytes: &[u8]) -> Option<RequestHead> {
    with_headers(|headers| {
        let mut request = httparse::Request::new(headers);
        let parsed = request.parse(bytes)?;
        let is_whole = parsed.is_complete();
        let parts = request.method.zip(request.path).zip(request.version).filter(|_| is_whole);
        Ok(parts.map(|((method, target), version)| RequestHead {
            version,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: owned(request.headers),
        }))
    })
}

fn reply_head(bytes: &[u8], share: Share) -> Option<Partial> {
    let (status, reason, version, headers) = with_headers(|headers| {
        let mut reply = httparse::Response::new(headers);
        let mut config = httparse::ParserConfig::default();
        config.allow_obsolete_multiline_headers_in_responses(true);
        let is_whole = config.parse_response(&mut reply, bytes)?.is_complete();
        let parts = reply.code.zip(reply.version).filter(|_| is_whole);
        let reason = reply.reason.unwrap_or_default().to_owned();
        Ok(parts.map(|(status, version)| (status, reason, version, owned(reply.headers))))
    })?;
    let (version, body) = (format!("HTTP/1.{version}"), Kept::default());
    Some(Partial { share, doubt: None, status, reason, version, headers, body })
}

/// What `parse` makes of a head. The room for headers is cleared each time, so it is small as long as that will do: a
/// head may have 16 bytes.
fn with_headers<'b, T>(parse: impl Fn(&mut [httparse::Header<'b>]) -> Result<Option<T>, httparse::Error>) -> Option<T> {
    match parse(&mut [httparse::EMPTY_HEADER; FEW_HEADERS]) {
        Err(httparse::Error::TooManyHeaders) => parse(&mut vec![httparse::EMPTY_HEADER; MAX_HEADERS]).ok()?,
        parsed => parsed.ok()?,
    }
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect()
}

/// The same head, with every `Host` saying `host`.
fn with_host(head: &[u8], host: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + host.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if line.contains(&b':') && name.eq_ignore_ascii_case(b"host") {
            let end: &[u8] = if line.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
            out.extend_from_slice(name);
            out.extend_from_slice(b": ");
            out.extend_from_slice(host.as_bytes());
            out.extend_from_slice(end);
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What passes, as lines: `METHOD target body -> status body fault`, or the trouble.
    fn lines(asked: &[u8], answered: &[u8], step: usize, ends: bool) -> Vec<String> {
        let mut conversation = ConnectionParser::new("http://h".to_owned(), 20, Budget::new(1 << 20));
        asked.chunks(step).for_each(|bytes| assert_eq!(conversation.asked(bytes, None), None));
        answered.chunks(step).for_each(|bytes| conversation.answered(bytes));
        if ends {
            conversation.answered_all(None);
        }
        let mut lines: Vec<_> = conversation.take_ended().iter().map(line).collect();
        lines.extend(conversation.take_remark().map(|remark| format!("({remark})")));
        lines
    }

    fn line(recorded: &Recorded) -> String {
        let Exchange { sent, reply, trouble, .. } = &recorded.exchange;
        let body = sent.text(100).map_or_else(String::new, |body| format!(" {body}"));
        let cut = recorded.request_body_missing.as_ref().map_or("", |_| " …");
        let answer = match reply {
            None => trouble.clone().unwrap_or_default(),
            Some(reply) => {
                let fault = reply.framing_fault.as_ref().map_or_else(String::new, |fault| format!(" ({fault})"));
                let cut = recorded.reply_body_missing.as_ref().map_or("", |_| " …");
                format!("{} {}{cut}{fault}", reply.status, reply.text(100)).trim_end().to_owned()
            }
        };
        format!("{} {}{body}{cut} -> {answer}", sent.method, sent.target())
    }

    #[track_caller]
    fn check(asked: &str, answered: &str, expected: &[&str]) {
        for step in [1, 2, 7, 10_000] {
            assert_eq!(lines(asked.as_bytes(), answered.as_bytes(), step, true), expected, "in steps of {step}");
        }
    }

    const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    fn parser() -> ConnectionParser {
        ConnectionParser::new("http://h".to_owned(), 1 << 20, Budget::new(1 << 20))
    }

    #[test]
    fn every_byte_is_looked_at_once() {
        // (what, what the client says, what the server says), over and over.
        for (what, asked, answered) in [
            ("bare new lines", "\n", ""),
            ("one long line", "x", ""),
            ("headers", "A: 1\r\n", ""),
            ("requests", GET, ""),
            ("exchanges", GET, "HTTP/1.1 204 No\r\n\r\n"),
            ("new lines in answer", "", "\r\n"),
            ("interim answers", "", "HTTP/1.1 100 C\r\n\r\n"),
            ("small chunks", "", "1\r\na\r\n"),
            ("answers to nothing", "", "HTTP/1.1 204 No\r\n\r\n"),
        ] {
            let (asked, answered) = (asked.as_bytes(), answered.as_bytes());
            let make = |bytes: usize| vec![b'.'; bytes];
            test_support::cost::assert_linear(what, 20_000, make, |input| {
                let mut parser = parser();
                parser.asked(GET.as_bytes(), None);
                if what == "small chunks" {
                    parser.answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                }
                let mut count = 0;
                while count < input.len() {
                    _ = parser.asked(asked, None);
                    parser.answered(answered);
                    count += asked.len() + answered.len();
                }
                drop(parser.take_ended());
            });
        }
    }

    #[test]
    fn what_is_never_answered_takes_no_memory_without_end() {
        let mut parser = parser();
        (0..MAX_OPEN).for_each(|_| _ = parser.asked(GET.as_bytes(), None));
        assert_eq!((parser.open(), parser.take_remark()), (MAX_OPEN, None));
        _ = parser.asked(GET.as_bytes(), None);
        let remark = "more requests wait for their replies than can be kept; the rest of this connection passes \
                      without being judged";
        assert_eq!((parser.open(), parser.take_remark().as_deref()), (0, Some(remark)));

        // All connections have one budget, which is given back.
        let budget = Budget::new(1000);
        let parser = || ConnectionParser::new("http://h".to_owned(), 1 << 20, Arc::clone(&budget));
        for _ in 0..3 {
            let (mut first, mut second) = (parser(), parser());
            let long = format!("POST /b HTTP/1.1\r\nContent-Length: 800\r\n\r\n{}", "x".repeat(800));
            for parser in [&mut first, &mut second] {
                _ = parser.asked(long.as_bytes(), None);
                parser.answered(b"HTTP/1.1 204 No\r\n\r\n");
                let ended = parser.take_ended();
                assert_eq!(ended[0].request_body_missing, None, "what has ended takes nothing of it");
            }
            _ = first.asked(long.as_bytes(), None);
            _ = second.asked(long.as_bytes(), None);
            second.answered(b"HTTP/1.1 204 No\r\n\r\n");
            let missing = second.take_ended()[0].request_body_missing.clone();
            assert_eq!(missing.as_deref(), Some("more traffic than could be kept"));
        }
    }

    #[test]
    fn a_reply_to_nothing_ends_the_judging() {
        check(
            GET,
            "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
            &[
                "GET /a -> 204",
                "(a reply (204) came without a request; the rest of this connection passes without being judged)",
            ],
        );
    }

    #[test]
    fn exchanges_on_one_connection_are_told_apart() {
        check(
            &format!("{GET}POST /b HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi\r\nHEAD /c HTTP/1.1\r\n\r\n{GET}"),
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n\
             HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.0 200\r\n\r\nto the end",
            &["GET /a -> 200 one", "POST /b hi -> 204", "HEAD /c -> 200", "GET /a -> 200 to the end"],
        );
    }

    #[test]
    fn chunks_are_put_together() {
        check(
            "POST /b HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n3;x=y\r\n ho\r\n0\r\nT: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\n0\r\n\r\n",
            &["POST /b hi ho -> 200 0123456789"],
        );
        check(
            GET,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            &[
                "GET /a -> 200  (is not in chunks as it says: `zz` is no size)",
                "(a reply's chunks are broken; the rest of this connection passes without being judged)",
            ],
        );
    }

    #[test]
    fn what_is_no_chunk_is_shown_without_secrets() {
        for (line, shown) in [
            (r#"{"token":"s3cr3t-value-of-a-long-token"}"#, r#"{\"token\":\"***\"}"#),
            ("password=s3cr3t-value-of-a-long-password", "password=***"),
            ("Authorization: Bearer s3cr3t-value", "Authorization: ***"),
            (
                r#"{"name":"kept","api_key":"s3cr3t-value","more":"of it"}"#,
                r#"{\"name\":\"kept\",\"api_key\":\"***\",\"more\":\"o"#,
            ),
            ("0123456789012345678901234567890123456é789", "0123456789012345678901234567890123456é7"),
            ("012345678901234567890123456789012345678é", "012345678901234567890123456789012345678"),
        ] {
            check(
                GET,
                &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{line}\r\n"),
                &[
                    &format!("GET /a -> 200  (is not in chunks as it says: `{shown}` is no size)"),
                    "(a reply's chunks are broken; the rest of this connection passes without being judged)",
                ],
            );
        }
    }

    #[test]
    fn an_answer_that_does_not_end_well_says_how() {
        check(GET, "", &["GET /a -> the connection was closed without an answer"]);
        check(GET, "HTTP/1.1 2", &["GET /a -> the connection was closed in the middle of an answer"]);
        check(
            GET,
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            &["GET /a -> 200 abc (did not arrive whole: the connection was closed)"],
        );
        check(
            GET,
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            &[
                "GET /a -> 200  (has no certain end: two different lengths)",
                "(a reply's end cannot be known; the rest of this connection passes without being judged)",
            ],
        );
    }

    #[test]
    fn of_a_long_body_the_beginning_is_kept() {
        let long = "x".repeat(30);
        check(
            &format!("POST /b HTTP/1.1\r\nContent-Length: 30\r\n\r\n{long}{GET}"),
            &format!("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{long}HTTP/1.1 204 No\r\n\r\n"),
            &["POST /b xxxxxxxxxxxxxxxxxxxx … -> 200 xxxxxxxxxxxxxxxxxxxx …", "GET /a -> 204"],
        );
    }

    #[test]
    fn what_is_not_http_passes_without_being_judged() {
        check(
            &format!("{GET}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nbinary",
            &[
                "GET /a -> what the client says is not HTTP/1.1",
                "(what the client says is not HTTP/1.1; the rest of this connection passes without being judged)",
            ],
        );
        check(
            GET,
            "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            &[
                "GET /a -> 101",
                "(the connection became a tunnel; the rest of this connection passes without being judged)",
            ],
        );
    }

    #[test]
    fn a_host_is_replaced_and_nothing_else() {
        let mut conversation = ConnectionParser::new("http://h".to_owned(), 20, Budget::new(1 << 20));
        let asked = "POST /host: HTTP/1.1\r\nhOsT:me\r\nX-Host: you\r\nContent-Length: 9\r\n\r\nHost: me\nGET / ";
        let mut out = Vec::new();
        for byte in asked.as_bytes() {
            out.extend(conversation.asked(&[*byte], Some("there:8")).unwrap());
        }
        let expected = "POST /host: HTTP/1.1\r\nhOsT: there:8\r\nX-Host: you\r\nContent-Length: 9\r\n\r\nHost: me\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_no_step_size_matters(
            asked in bytes_like("GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0"),
            answered in bytes_like("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"),
            step in 1_usize..9,
        ) {
            prop_assert_eq!(lines(&asked, &answered, step, true), lines(&asked, &answered, 10_000, true));
        }
    }

    /// Pieces of a message in any order, with noise.
    fn bytes_like(message: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let piece = (any::<prop::sample::Index>(), 0_usize..40).prop_map(move |(at, length)| {
            let at = at.index(message.len());
            message.as_bytes()[at..(at + length).min(message.len())].to_vec()
        });
        let whole = Just(message.as_bytes().to_vec());
        let any = prop_oneof![whole, piece, proptest::collection::vec(any::<u8>(), 0..5)];
        proptest::collection::vec(any, 0..8).prop_map(|pieces| pieces.concat())
    }
}
