//! Lists are read page by page, to their end.

use ges_client::Error;
use ges_emulator::{Config, ProviderState};
use test_support::json_reply;

use crate::service::{Service, TOKEN};
use crate::wire::Wire;

/// A page of graphs with these ids.
fn page(ids: &[&str], count: Option<i64>) -> String {
    let graphs: Vec<serde_json::Value> = ids.iter().map(|id| serde_json::json!({ "id": id })).collect();
    let mut body = serde_json::json!({ "graphs": graphs });
    if let Some(count) = count {
        body["graph_count"] = count.into();
    }
    json_reply("200 OK", &body.to_string())
}

/// Reads all graphs from a service that answers with `pages`; expects these ids, by requests with these queries.
async fn check(pages: &[String], expected: &[&str], queries: &[&str]) {
    let wire = Wire::replying(pages.iter().cloned());
    let found = wire.client().list_graphs().all().page_size(2).collect().await.unwrap();
    let ids: Vec<&str> = found.iter().filter_map(|graph| graph.id.as_deref()).collect();
    assert_eq!(ids, expected);
    let sent = wire.requests();
    let query = |request: &'_ String| Some(request.lines().next()?.split(['?', ' ']).nth(2)?.to_owned());
    let sent: Vec<String> = sent.iter().filter_map(query).collect();
    assert_eq!(sent, queries);
}

#[tokio::test]
async fn a_list_ends_with_its_count_or_an_empty_page() {
    check(&[page(&[], Some(0))], &[], &["limit=2&offset=0"]).await;
    check(
        &[page(&["a", "b"], Some(3)), page(&["c"], Some(3))],
        &["a", "b", "c"],
        &["limit=2&offset=0", "limit=2&offset=2"],
    )
    .await;
    // A service may return fewer than requested; and graphs that it counted may be gone.
    check(
        &[page(&["a"], Some(5)), page(&["b"], None), page(&[], Some(5))],
        &["a", "b"],
        &["limit=2&offset=0", "limit=2&offset=1", "limit=2&offset=2"],
    )
    .await;
}

#[tokio::test]
async fn entries_are_fetched_as_they_are_taken_and_end_at_the_limit() {
    let wire = Wire::replying([page(&["a", "b"], Some(9)), page(&["c", "d"], Some(9))]);
    let client = wire.client();
    let mut graphs = client.list_graphs().all().at_most(3);
    assert_eq!(wire.requests().len(), 0);
    for expected in [Some("a"), Some("b"), Some("c"), None, None] {
        let found = graphs.next().await.unwrap();
        assert_eq!(found.and_then(|graph| graph.id).as_deref(), expected);
    }
    assert_eq!(wire.requests().len(), 2);
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let many: Vec<String> = (0..120_000).map(|id| id.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let wire = Wire::replying(many.chunks(30_000).map(|entries| page(entries, None)));
    let error = wire.client().list_graphs().all().collect().await.unwrap_err();
    assert!(error.is_endless() && error.to_string().contains("more than 100000 entries"), "{error}");
    assert!(!error.may_have_taken_effect());
    assert_eq!(wire.requests().len(), 4);
}

/// A service that ignores `offset` is found out by its fourth answer, whatever it says there is.
#[tokio::test]
async fn a_page_that_comes_again_and_again_is_an_error() {
    for (entries, count) in [(&["a"][..], None), (&["a", "b", "c"], None), (&["a", "b"], Some(1_000_000))] {
        let wire = Wire::replying(vec![page(entries, count); 5]);
        let error = wire.client().list_graphs().all().collect().await.unwrap_err();
        assert!(error.is_endless() && error.to_string().contains("came 4 times in a row"), "{error}");
        assert_eq!(wire.requests().len(), 4);
    }
    // The one before last comes again where an entry was added meanwhile; that is no end.
    let pages = [["a"], ["b"], ["b"], ["b"], ["c"]].map(|entries| page(&entries, None));
    let wire = Wire::replying(pages.into_iter().chain([page(&[], Some(9))]));
    let found = wire.client().list_graphs().all().page_size(1).collect().await.unwrap();
    assert_eq!(found.len(), 5);
    // Empty pages are the end and no repetition.
    let wire = Wire::replying([page(&["a"], Some(9)), page(&[], Some(9))]);
    assert_eq!(wire.client().list_graphs().all().collect().await.unwrap().len(), 1);
}

#[tokio::test]
async fn after_an_error_the_same_page_is_requested_again() {
    let refused = json_reply("400 Bad Request", r#"{"error_code":"GES.0001","error_msg":"no"}"#);
    let wire = Wire::replying([page(&["a"], Some(2)), refused, page(&["b"], Some(2))]);
    let client = wire.client();
    let mut graphs = client.list_graphs().all();
    assert!(graphs.next().await.unwrap().is_some());
    assert_eq!(graphs.next().await.unwrap_err().code(), Some("GES.0001"));
    assert_eq!(graphs.next().await.unwrap().unwrap().id.as_deref(), Some("b"));
    assert!(graphs.next().await.unwrap().is_none());
}

#[tokio::test]
async fn all_lists_have_pages() -> Result<(), Error> {
    let service = Service::start(Config { tokens: vec![TOKEN.to_owned()], ..Config::default() });
    let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
    let ges = service.client();
    for _ in 0..3 {
        service.emulator.set_up(ProviderState::RunningGraph);
    }
    let graphs = ges.list_graphs().all().page_size(1).collect().await?;
    assert!(graphs.len() >= 4, "{graphs:?}");
    assert_eq!(ges.list_graphs_v1().all().collect().await?.len(), graphs.len());
    let jobs = ges.list_jobs().all().page_size(1).collect().await?;
    assert_eq!(jobs.len(), ges.list_jobs_v1().all().collect().await?.len());
    let backups = ges.list_backups().all().collect().await?.len();
    assert_eq!(backups, ges.list_backups_v1().all().page_size(1).collect().await?.len());
    let own = ges.list_graph_backups(&graph).all().collect().await?.len();
    assert_eq!(own, ges.list_graph_backups_v1(&graph).all().collect().await?.len());
    Ok(())
}
