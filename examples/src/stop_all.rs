//! Stops graphs, and skips those that do not run. Its unit tests replace GES by a mock server.

use ges_client::{Client, Error};

/// Stops each graph and waits until it has stopped. Returns the IDs of those that ran.
///
/// # Errors
/// A graph cannot be stopped for another reason than that it does not run. The graphs after it are left as they are.
pub async fn stop_all(ges: &Client, graph_ids: &[&str]) -> Result<Vec<String>, Error> {
    let mut stopped = Vec::new();
    for graph_id in graph_ids {
        match ges.stop_graph(*graph_id).send().await {
            Ok(stop) => {
                ges.wait_for(&stop).await?;
                stopped.push((*graph_id).to_owned());
            }
            Err(error) if error.is_not_running() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stopped)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use ges_client::credentials::Token;
    use ges_mock::{Server, TOKEN, stop_graph};
    use serde_json::json;

    use super::*;

    async fn mock() -> (Server, Client) {
        let server = Server::start_async().await;
        let ges = Client::builder().endpoint(server.base_url()).project_id("a1b2c3");
        let ges = ges.credentials(Token::new(TOKEN).unwrap());
        // A job that is running for two looks would take four seconds with the pauses of a real service.
        let pause = Duration::from_millis(1);
        (server, ges.wait_pauses(pause, pause).build().unwrap())
    }

    #[tokio::test]
    async fn graphs_that_do_not_run_are_skipped() {
        let (server, ges) = mock().await;
        let running = server.stop_graph().graph_id("running").example(stop_graph::Example::Accepted);
        server.stop_graph().graph_id("stopped").example(stop_graph::Example::NotRunning);
        server.show_job().graph_id("running").times(2).status_200(json!({"status": "running"}));
        server.show_job().graph_id("running").status_200(json!({"status": "success"}));
        assert_eq!(stop_all(&ges, &["stopped", "running"]).await.unwrap(), ["running"]);
        running.assert();
    }

    #[tokio::test]
    async fn a_refusal_leaves_the_other_graphs_as_they_are() {
        let (server, ges) = mock().await;
        let forbidden = json!({"error_code": "APIG.0304", "error_msg": "The user is not allowed to."});
        server.stop_graph().graph_id("first").reply(403, "application/json", forbidden.to_string());
        let second = server.stop_graph().graph_id("second").example(stop_graph::Example::Accepted);
        let error = stop_all(&ges, &["first", "second"]).await.unwrap_err();
        assert!(error.is_forbidden(), "{error}");
        assert_eq!(second.calls(), 0);
    }
}
