//! Servers that refuse, or answer otherwise, what the pages permit, each with the case that must fail; and right servers
//! that have their own way with such requests.

use std::sync::Arc;

use serde_json::json;

use crate::deviations::Deviation;
use crate::server::{Answer, Call, Fault, World, written};

pub(crate) fn all() -> Vec<Deviation> {
    let mut list = List(Vec::new());
    values(&mut list);
    json(&mut list);
    headers(&mut list);
    targets(&mut list);
    framing(&mut list);
    list.0
}

/// Right servers.
pub(crate) fn right() -> Vec<(&'static str, Fault)> {
    let forward: fn(&World, &Call) -> Answer = |world, call| world.forward(call);
    vec![
        (
            "a connection is closed where the request says so, and the answer says it too",
            Arc::new(move |world, call| {
                let answer = forward(world, &call);
                let closes = has(&call, "connection", "close");
                let raw = closes.then(|| written(&answer.clone().with_header("connection", "close")));
                Answer { raw, ..answer }
            }),
        ),
        (
            "`100 Continue` comes twice",
            Arc::new(move |world, call| {
                let answer = forward(world, &call);
                let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
                let raw = has(&call, "expect", "100-continue").then(|| {
                    [&interim[..], interim, &written(&answer.clone().with_header("connection", "close"))].concat()
                });
                Answer { raw, ..answer }
            }),
        ),
        (
            "the media type of an answer is spelled as that of the request",
            Arc::new(move |world, call| {
                let answer = forward(world, &call);
                let spelled = header(&call, "content-type").unwrap_or("application/json").to_owned();
                answer.with_header("content-type", &spelled)
            }),
        ),
        (
            "an answer has the member order, the white space and the escapes of the request",
            Arc::new(move |world, call| {
                let answer = forward(world, &call);
                let is_wide = call.body.windows(2).any(|pair| pair == b"\n\t");
                let text = if is_wide { format!("\r\n\t{:#}\n", answer.value()) } else { answer.value().to_string() };
                Answer { body: text.into_bytes(), ..answer }
            }),
        ),
        (
            "who starts without a backup is told that there is no error",
            Arc::new(move |world, call| {
                let answer = forward(world, &call);
                if call.operation() != "start" || answer.status != 200 || call.members().contains_key("graph_backup_id")
                {
                    return answer;
                }
                let mut value = answer.value();
                value["errorCode"] = json!("");
                value["errorMessage"] = json!(null);
                answer.with_value(&value)
            }),
        ),
    ]
}

struct List(Vec<Deviation>);

impl List {
    /// Requests to this operation of which this is true are answered so; all others rightly.
    fn add(
        &mut self,
        name: &str,
        (operation, case): (&'static str, &str),
        is_concerned: fn(&Call) -> bool,
        answer: impl Fn(&World, &Call) -> Answer + Send + Sync + 'static,
    ) {
        let label = match operation {
            "backup" => "create_backup".to_owned(),
            operation => format!("{operation}_graph"),
        };
        let fault: Fault = Arc::new(move |world, call| {
            if call.operation() == operation && is_concerned(&call) {
                answer(world, &call)
            } else {
                world.forward(&call)
            }
        });
        self.0.push(Deviation {
            name: name.to_owned(),
            case: format!("{label}/permitted/{case}"),
            // A graph is upgraded once, for the documented case.
            on_tour: operation != "upgrade",
            fault,
        });
    }

    /// The last one does not answer at all. On a tour, such a request cannot be repeated from the same state, so it stays
    /// open whose fault it is.
    fn without_answer(&mut self) {
        self.0.iter_mut().next_back().unwrap().on_tour = false;
    }

    /// They are refused with this status.
    fn refuse(&mut self, name: &str, of: (&'static str, &str), is_concerned: fn(&Call) -> bool, status: u16) {
        self.add(name, of, is_concerned, move |_, call| {
            let is_v1 = call.path.starts_with("/v1.0") || call.target.contains("/v1.0/");
            let (code, text) = if is_v1 { ("errorCode", "errorMessage") } else { ("error_code", "error_msg") };
            Answer::json(status, &json!({code: "GES.0000", text: "not like this"}))
        });
    }
}

fn header<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    call.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn has(call: &Call, name: &str, value: &str) -> bool {
    header(call, name) == Some(value)
}

/// The name of a header as it came.
fn spelled<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    call.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(known, _)| known.as_str())
}

fn text(call: &Call) -> &str {
    std::str::from_utf8(&call.body).unwrap()
}

fn values(list: &mut List) {
    list.refuse("stop wants a body", ("stop", "body.absent"), |call| call.body.is_empty(), 400);
    list.refuse("a backup wants a body", ("backup", "body.absent"), |call| call.body.is_empty(), 400);
    list.refuse("start wants a body", ("start", "body.absent"), |call| call.body.is_empty(), 400);
    list.refuse(
        "start wants a media type, also of no body",
        ("start", "body.absent"),
        |call| header(call, "content-type").is_none(),
        415,
    );
    let is_empty = |call: &Call| !call.body.is_empty() && call.members().is_empty();
    list.refuse("start wants a backup", ("start", "body.empty"), is_empty, 400);
    // On one graph, the first start is such a one, and fails under another name.
    list.0.iter_mut().rev().take(1).for_each(|deviation| deviation.on_tour = false);
    list.add("start without a backup names no job", ("start", "body.empty"), is_empty, |world, call| {
        let answer = world.forward(call);
        if answer.status == 200 { answer.with_value(&json!({})) } else { answer }
    });
    list.add(
        "start without a body has an answer of its own",
        ("start", "body.absent"),
        |call| call.body.is_empty(),
        |world, call| {
            let answer = world.forward(call);
            if answer.status == 200 { Answer { status: 202, ..answer } } else { answer }
        },
    );
    let is_not_said =
        |call: &Call| call.members().contains_key("upgradeVersion") && !call.members().contains_key("forceUpgrade");
    list.refuse(
        "an upgrade wants to know whether it is forced",
        ("upgrade", "body.forceUpgrade.absent"),
        is_not_said,
        400,
    );
    let is_forced = |call: &Call| call.members().get("forceUpgrade") == Some(&json!(true));
    list.refuse("no upgrade is forced", ("upgrade", "body.forceUpgrade.value.true"), is_forced, 400);
    list.add(
        "a forced upgrade is answered with 201",
        ("upgrade", "body.forceUpgrade.value.true"),
        is_forced,
        |world, call| {
            let answer = world.forward(call);
            if answer.status == 200 { Answer { status: 201, ..answer } } else { answer }
        },
    );
}

fn json(list: &mut List) {
    list.refuse(
        "members in one order",
        ("upgrade", "wire.member_order"),
        |call| text(call).starts_with("{\"forceUpgrade"),
        400,
    );
    list.refuse("`{}` and no space in it", ("stop", "wire.spaces"), |call| text(call) == "{ }", 400);
    list.refuse("no space behind a bracket", ("upgrade", "wire.spaces"), |call| text(call).starts_with("{ \""), 400);
    list.refuse("no line break", ("backup", "wire.lines"), |call| text(call).contains('\n'), 400);
    list.refuse("no tab", ("start", "wire.lines"), |call| text(call).contains('\t'), 400);
    list.refuse("nothing before the bracket", ("stop", "wire.lines"), |call| text(call).starts_with('\r'), 500);
    list.refuse("no escapes", ("upgrade", "wire.escapes"), |call| text(call).contains("\\u"), 400);
    list.add(
        "escapes are not undone",
        ("start", "wire.escapes"),
        |call| text(call).contains("\\u"),
        |world, call| {
            let call = Call { body: text(call).replace('\\', "").into_bytes(), ..call.clone() };
            let length = call.body.len().to_string();
            let mut call = call;
            call.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
            call.headers.push(("content-length".to_owned(), length));
            let answer = world.forward(&call);
            // A member of an unknown name: as if it was not there, and the answer says so.
            if answer.status == 200 {
                Answer::json(400, &json!({"errorCode": "GES.0001", "errorMessage": "unknown member"}))
            } else {
                answer
            }
        },
    );
    let has_charset = |call: &Call| header(call, "content-type").is_some_and(|it| it.contains(';'));
    list.refuse("no charset", ("stop", "wire.charset"), has_charset, 415);
    list.refuse("no charset in an upgrade", ("upgrade", "wire.charset"), has_charset, 400);
    let is_other_case =
        |call: &Call| header(call, "content-type").is_some_and(|it| !it.starts_with("application/json"));
    list.refuse("a media type in lower case only", ("start", "wire.media_type_case"), is_other_case, 415);
    list.refuse(
        "a media type in lower case only, for a backup",
        ("backup", "wire.media_type_case"),
        is_other_case,
        400,
    );
}

fn headers(list: &mut List) {
    list.refuse(
        "a token in a header with capitals",
        ("restart", "wire.lower_case_names"),
        |call| spelled(call, "x-auth-token") == Some("x-auth-token"),
        401,
    );
    list.refuse(
        "a media type in a header with capitals",
        ("upgrade", "wire.lower_case_names"),
        |call| spelled(call, "content-type") == Some("content-type"),
        415,
    );
    list.refuse(
        "a host in a header with capitals",
        ("backup", "wire.lower_case_names"),
        |call| spelled(call, "host") == Some("host"),
        400,
    );
    list.refuse("`Accept` is required", ("stop", "wire.no_accept"), |call| header(call, "accept").is_none(), 406);
    list.add(
        "without `Accept` the answer is a page",
        ("restart", "wire.no_accept"),
        |call| header(call, "accept").is_none(),
        |world, call| world.forward(call).with_header("content-type", "text/html"),
    );
    list.refuse("`*/*` is not acceptable", ("start", "wire.any_accept"), |call| has(call, "accept", "*/*"), 406);
    list.add(
        "for `*/*` the answer is XML",
        ("backup", "wire.any_accept"),
        |call| has(call, "accept", "*/*"),
        |world, call| {
            let answer = world.forward(call).with_header("content-type", "application/xml");
            Answer { body: b"<job/>".to_vec(), ..answer }
        },
    );
    list.refuse(
        "no agent, no service",
        ("restart", "wire.no_user_agent"),
        |call| header(call, "user-agent").is_none(),
        403,
    );
    list.add(
        "no agent, no answer",
        ("stop", "wire.no_user_agent"),
        |call| header(call, "user-agent").is_none(),
        |world, call| Answer { raw: Some(Vec::new()), ..world.forward(call) },
    );
    list.without_answer();
}

fn targets(list: &mut List) {
    let has_upper_case = |call: &Call| call.path.contains("%3") || call.path.contains("%6");
    list.refuse("a path is not decoded", ("stop", "wire.percent_path"), has_upper_case, 404);
    list.refuse("a percent sign is an attack", ("start", "wire.percent_path"), |call| call.path.contains('%'), 403);
    list.refuse("a query is not decoded", ("restart", "wire.percent_query"), |call| call.query.contains('%'), 400);
    list.refuse(
        "a query is not decoded for a start",
        ("start", "wire.percent_query"),
        |call| call.query.contains('%'),
        404,
    );
    let has_lower_case = |call: &Call| ["%2d", "%5f", "%6a", "%6f"].iter().any(|code| call.path.contains(code));
    list.refuse("digits in capitals only", ("backup", "wire.percent_lower_case"), has_lower_case, 404);
    list.refuse("digits in capitals only, for a stop", ("stop", "wire.percent_lower_case"), has_lower_case, 400);
    list.refuse(
        "a path begins with a slash",
        ("stop", "wire.absolute_form"),
        |call| !call.target.starts_with('/'),
        404,
    );
    list.refuse("no proxy here", ("restart", "wire.absolute_form"), |call| call.target.starts_with("http"), 400);
}

fn framing(list: &mut List) {
    let is_chunked = |call: &Call| has(call, "transfer-encoding", "chunked");
    list.refuse("a length is required", ("stop", "wire.chunked"), is_chunked, 411);
    list.refuse("chunks are not implemented", ("backup", "wire.chunked"), is_chunked, 501);
    list.add("a body in chunks is not read", ("upgrade", "wire.chunked"), is_chunked, |world, call| {
        world.forward(&Call { body: Vec::new(), ..call.clone() })
    });
    let expects = |call: &Call| has(call, "expect", "100-continue");
    list.refuse("no expectation is met", ("stop", "wire.expect_continue"), expects, 417);
    list.add("an interim answer is the only one", ("start", "wire.expect_continue"), expects, |world, call| Answer {
        raw: Some(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        ..world.forward(call)
    });
    let closes = |call: &Call| has(call, "connection", "close");
    list.refuse("a connection must be kept", ("restart", "wire.close"), closes, 400);
    list.add("a connection is closed too early", ("backup", "wire.close"), closes, |world, call| Answer {
        raw: Some(Vec::new()),
        ..world.forward(call)
    });
    list.without_answer();
}
