//! The page at `/`: graphs, jobs, backups and the latest requests.
//!
//! The page works without its script, which updates it. Text from requests (names, targets, header fields, bodies) is
//! escaped, and the Content-Security-Policy allows only the script and the style of this folder. Loading the page is no
//! query of a job, see [`Service::overview`].

use crate::api::json::{allow, json};
use crate::api::parameters::parameters;
use crate::control::origin;
use crate::instance::Instance;
use crate::journal::Filter;
use crate::service::clock::Timestamp;
use crate::service::graph::State;
use crate::service::job::End;
use crate::service::query::{BackupView, GraphView, JobView, List, Overview, Page};
use crate::ui::docs;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The path of the page.
pub(crate) const PATH: &str = "/";

const METHODS: [Method; 2] = [Method::GET, Method::HEAD];

/// Of jobs, backups and requests the latest; graphs can be paged through.
const ROWS: usize = 25;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The answer to a request for it; the query may say which graphs to show.
pub(crate) fn answer(request: &Request<Bytes>, instance: &Instance) -> Response<Bytes> {
    if let Some(why) = origin::refuse_name(request) {
        return json(403, &serde_json::json!({ "error": why }));
    }
    if !METHODS.contains(request.method()) {
        let mut response = json(405, &serde_json::json!({ "error": "this path accepts GET and HEAD only" }));
        allow(&mut response, METHODS.iter());
        return response;
    }
    let asked = PageQuery::read(request.uri().query().unwrap_or_default());
    let (overview, now) = {
        let mut state = instance.lock();
        let now = state.now();
        let page = Page { offset: (asked.page - 1).saturating_mul(ROWS), limit: ROWS };
        (state.service.overview(&asked.wanted, page, ROWS, now), now)
    };
    let filter = Filter { most: u32::try_from(ROWS).ok(), ..Filter::default() };
    let requests = instance.journal().show(&filter, &instance.authenticator);
    let requests = requests.as_array().map_or(&[][..], Vec::as_slice);
    response(document(instance, &asked, &overview, requests, now))
}

fn response(document: Markup) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document.into_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Our own style and script, to the byte, and the icon; the script may ask for this page again.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The query of the page.
struct PageQuery {
    /// A part of the name or the id of a graph.
    wanted: String,
    /// Counted from 1.
    page: usize,
}

impl PageQuery {
    /// Ignores invalid values.
    fn read(query: &str) -> Self {
        // A form writes a space as `+`.
        let query = query.replace('+', " ");
        let value = |name: &str| {
            let found = parameters(&query).find(|(key, _)| key == name).and_then(|(_, value)| value);
            found.map_or_else(String::new, |value| value.trim().to_owned())
        };
        Self { wanted: value("graph"), page: value("page").parse().unwrap_or(1).max(1) }
    }

    fn address(&self, page: usize) -> String {
        let wanted: String =
            percent_encoding::utf8_percent_encode(&self.wanted, percent_encoding::NON_ALPHANUMERIC).collect();
        format!("{PATH}?graph={wanted}&page={page}#graphs")
    }
}

fn document(instance: &Instance, asked: &PageQuery, overview: &Overview, requests: &[Value], now: Timestamp) -> Markup {
    let config = &instance.config;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "GES emulator" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#graphs" { "Skip to the graphs" }
                header {
                    h1 { "GES emulator" }
                    dl #facts {
                        div { dt { "Clock" } dd { (time(now)) " UTC" } }
                        div { dt { "Jobs take" } dd { (config.transitions) } }
                        div { dt { "Project" } dd { code { (config.project_id) } } }
                    }
                    div.live {
                        p #live role="status" { "Loaded once. Reload the page for the current state." }
                        button #pause type="button" hidden { "Pause" }
                    }
                    nav aria-label="Sections" {
                        @for (id, name, count) in [
                            ("graphs", "Graphs", overview.graphs_made),
                            ("jobs", "Jobs", overview.jobs.total),
                            ("backups", "Backups", overview.backups.total),
                        ] {
                            a href={ "#" (id) } { (name) " " span.count { (count) } }
                        }
                        a href="#requests" { "Requests" }
                    }
                }
                main {
                    (graphs(asked, overview))
                    (jobs(&overview.jobs))
                    (backups(&overview.backups))
                    (self::requests(requests, config.limits.journal))
                }
                footer {
                    p {
                        "To set up graphs, move the clock or inject faults, use the "
                        a href="/_emulator/openapi.yaml" { "control API" } "."
                        @if config.reference.is_some() {
                            " The API is documented in the " a href=(docs::PATH) { "reference" } "."
                        }
                    }
                }
                p #changes.hidden role="status" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// A graph of three nodes.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M3 12 8 4l5 8z' fill='none' stroke='%23777'/%3E%3Ccircle cx='3' cy='12' r='2.5' fill='%23c33'/%3E%3Ccircle cx='8' cy='4' r='2.5' fill='%23c33'/%3E%3Ccircle cx='13' cy='12' r='2.5' fill='%23c33'/%3E%3C/svg%3E";

fn graphs(asked: &PageQuery, overview: &Overview) -> Markup {
    let List { total, page } = &overview.graphs;
    let pages = total.div_ceil(ROWS).max(1);
    let content = html! {
        form role="search" action=(PATH) method="get" {
            label for="graph" { "Name or id contains" }
            input #graph name="graph" type="search" value=(asked.wanted) autocomplete="off" spellcheck="false";
            button type="submit" { "Find" }
            @if !asked.wanted.is_empty() { a href=(PATH) { "Show all" } }
        }
        @if page.is_empty() {
            p.none {
                @if overview.graphs_made == 0 {
                    "No graphs yet. Create one: "
                    code { "curl -d '{\"state\": \"a running graph\"}' http://ADDRESS/_emulator/provider-states" }
                } @else if *total == 0 {
                    "No graph matches."
                } @else {
                    "There is no such page. " a href=(asked.address(pages)) { "Show the last one" }
                }
            }
        } @else {
            (table("Graphs, the latest first", &["Graph", "State", "In progress", "Version", "Edition", "Project", "Changed"], page.iter().map(graph_row)))
        }
        @if pages > 1 {
            nav.pages aria-label="Pages of graphs" {
                @if asked.page > 1 { a #newer href=(asked.address(asked.page - 1)) { "Newer" } }
                span { "Page " (asked.page) " of " (pages) ", " (total) " graphs" }
                @if asked.page < pages { a #older href=(asked.address(asked.page + 1)) { "Older" } }
            }
        }
    };
    section("graphs", "Graphs", content)
}

fn graph_row(seen: &GraphView) -> Row {
    let GraphView { graph, state, .. } = seen;
    let under_way: Vec<String> =
        [graph.job, graph.backup_job].into_iter().flatten().map(|job| job.to_string()).collect();
    Row {
        head: html! { (graph.name) br; code { (graph.id) } },
        cells: vec![
            state_of_graph(*state),
            html! {
                @if under_way.is_empty() { (nothing()) }
                @for job in &under_way { "job " code { (job) } " " }
            },
            html! { (&graph.version) },
            html! { (graph.edition.product_type()) },
            html! { code { (graph.project) } },
            time(graph.updated),
        ],
    }
}

/// The state as a word, as the documented status, and as a symbol.
fn state_of_graph(state: State) -> Markup {
    let (kind, word) = match state {
        State::Running => (Kind::Good, "running"),
        State::Stopped => (Kind::Still, "stopped"),
        State::Faulty => (Kind::Bad, "faulty"),
        State::Frozen => (Kind::Bad, "frozen"),
        State::Upgrading => (Kind::Moving, "upgrading"),
        State::Importing => (Kind::Moving, "importing"),
        State::RollingBack => (Kind::Moving, "rolling back"),
        State::Exporting => (Kind::Moving, "exporting"),
        State::Clearing => (Kind::Moving, "clearing"),
        State::Stopping => (Kind::Moving, "stopping"),
        State::Preparing => (Kind::Moving, "preparing"),
        State::Starting => (Kind::Moving, "starting"),
    };
    html! { (badge(kind, word)) " " span.code { "status " (state.status()) } }
}

fn jobs(jobs: &List<JobView>) -> Markup {
    let rows = jobs.page.iter().map(|JobView { job, graph_name, now }| {
        let status = job.status(*now).word();
        let kind = match status {
            "success" => Kind::Good,
            "failed" => Kind::Bad,
            "pending" => Kind::Still,
            _ => Kind::Moving,
        };
        Row {
            head: html! { (job.task.name()) br; code { (job.id) } },
            cells: vec![
                html! {
                    (badge(kind, status))
                    @if let Some(End { failure: Some(failure), .. }) = job.end { " " (failure.reason()) }
                },
                html! { (graph_name) br; code { (job.graph) } },
                time(job.accepted),
                html! { @if let Some(End { at, .. }) = job.end { (time(at)) } @else { (nothing()) } },
            ],
        }
    });
    let columns = ["Job", "Status", "Graph", "Accepted", "Ended"];
    listed("jobs", "Jobs", jobs.total, &columns, rows.collect(), "No jobs yet.")
}

fn backups(backups: &List<BackupView>) -> Markup {
    let rows = backups.page.iter().map(|BackupView { backup, graph_name, .. }| {
        let status = backup.status.word();
        let kind = match status {
            "success" => Kind::Good,
            "failed" => Kind::Bad,
            _ => Kind::Moving,
        };
        Row {
            head: html! { code { (backup.id) } },
            cells: vec![
                badge(kind, &status.replace('_', " ")),
                html! { (graph_name) br; code { (backup.graph) } },
                html! { (&backup.version) },
                time(backup.began),
            ],
        }
    });
    let columns = ["Backup", "Status", "Graph", "Version", "Begun"];
    listed("backups", "Backups", backups.total, &columns, rows.collect(), "No backups yet.")
}

/// What the journal shows, which is without secrets.
fn requests(requests: &[Value], remembered: usize) -> Markup {
    let text = |value: &Value| cut(value.as_str().unwrap_or_default());
    let rows = requests.iter().rev().map(|request| {
        let status = request["status"].as_u64();
        let kind = match status {
            Some(..400) => Kind::Good,
            Some(400..500) => Kind::Still,
            _ => Kind::Bad,
        };
        let headers = request["headers"].as_array().map_or(&[][..], Vec::as_slice);
        Row {
            head: html! { (request["method"].as_str().unwrap_or_default()) " " code { (text(&request["target"])) } },
            cells: vec![
                badge(kind, &status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())),
                html! {
                    @match request["operation"].as_str() { Some(name) => (name), None => (nothing()) }
                    @if let Some(rule) = request["fault"].as_u64() { br; "fault rule " (rule) }
                },
                html! { (request["at"].as_str().unwrap_or_default().replace('T', " ")) },
                html! {
                    details #{ "r" (request["request_id"].as_str().unwrap_or_default()) } {
                        summary { "Show" span.hidden { " the request and the response" } }
                        p { "Request" }
                        pre tabindex="0" {
                            @for header in headers { (text(&header[0])) ": " (text(&header[1])) "\n" }
                            "\n" (text(&request["body"]))
                        }
                        p { "Response" }
                        pre tabindex="0" { (text(&request["answer"])) }
                    }
                },
            ],
        }
    });
    let columns = ["Request", "Status", "Operation", "At", "Content"];
    let none = if remembered == 0 { "The journal is off (`--max-journal 0`)." } else { "No requests yet." };
    let rows: Vec<_> = rows.collect();
    listed("requests", "Requests", rows.len(), &columns, rows, none)
}

/// A section with a table of the latest of something.
fn listed(id: &str, name: &str, total: usize, columns: &[&str], rows: Vec<Row>, none: &str) -> Markup {
    let shown = rows.len();
    let caption = match total {
        total if total > shown => format!("The latest {shown} of {total}, the latest first"),
        _ => format!("{name}, the latest first"),
    };
    let content = html! {
        @if rows.is_empty() { p.none { (none) } } @else { (table(&caption, columns, rows.into_iter())) }
    };
    section(id, name, content)
}

fn section(id: &str, name: &str, content: Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-heading" } {
            h2 id={ (id) "-heading" } { (name) }
            (content)
        }
    }
}

struct Row {
    head: Markup,
    /// For all columns but the first.
    cells: Vec<Markup>,
}

/// In a narrow window the style makes every row a list; the roles keep the elements a table for screen readers.
fn table(caption: &str, columns: &[&str], rows: impl Iterator<Item = Row>) -> Markup {
    html! {
        table role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in columns { th scope="col" role="columnheader" { (column) } }
                }
            }
            tbody role="rowgroup" {
                @for Row { head, cells } in rows {
                    tr role="row" {
                        th scope="row" role="rowheader" { (head) }
                        @for (cell, column) in cells.iter().zip(&columns[1..]) {
                            td role="cell" data-column=(column) { div { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Good,
    Still,
    Moving,
    Bad,
}

fn badge(kind: Kind, word: &str) -> Markup {
    let (class, shape) = match kind {
        Kind::Good => ("good", "●"),
        Kind::Still => ("still", "■"),
        Kind::Moving => ("moving", "◐"),
        Kind::Bad => ("bad", "▲"),
    };
    html! { span class={ "badge " (class) } { span aria-hidden="true" { (shape) } " " (word) } }
}

fn nothing() -> Markup {
    html! { span.nothing { "none" } }
}

fn time(moment: Timestamp) -> Markup {
    let text = moment.to_string();
    html! { time datetime={ (text) "Z" } { (text.replace('T', " ")) } }
}

/// The beginning of a long text.
fn cut(text: &str) -> String {
    const MOST: usize = 2000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
