//! Whether a call may have taken effect is reported correctly for a connection that fails at any byte.
//!
//! A relay between client and emulator ends the connection after a number of bytes, of the request or of the answer:
//! every number there is. Afterwards the emulator is asked what really happened.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ges_client::credentials::Token;
use ges_client::{Client, Error, Retries};
use ges_emulator::ProviderState;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::service::{Service, TOKEN};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Request,
    Answer,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// As if it were meant.
    Close,
    /// As a machine that lost its mind does it.
    Reset,
    /// Nothing comes any more.
    Silence,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    side: Side,
    /// How many bytes get through.
    after: usize,
    end: End,
    /// On a connection that served a call before.
    is_second_call: bool,
    /// v1, or v2.
    is_start: bool,
}

/// Passes bytes on; the first connection fails, later ones do not.
async fn relay(listener: TcpListener, service: String, failure: Failure, connections: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let is_first = connections.fetch_add(1, Ordering::Relaxed) == 0;
        let service = TcpStream::connect(&service).await.unwrap();
        let fails = Arc::new(Notify::new());
        let room = |side| if is_first && side == failure.side { failure.after } else { usize::MAX };
        if is_first && failure.end == End::Reset {
            SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        }
        let ((from_client, to_client), (from_service, to_service)) = (client.into_split(), service.into_split());
        let mut ways = JoinSet::new();
        ways.spawn(pass(from_client, to_service, room(Side::Request), fails.clone()));
        ways.spawn(pass(from_service, to_client, room(Side::Answer), fails.clone()));
        tokio::spawn(async move {
            fails.notified().await;
            if is_first && failure.end == End::Silence {
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            // Both sides are dropped, and with them the connections.
            ways.shutdown().await;
        });
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut room: usize, fails: Arc<Notify>) {
    let mut buffer = [0; 4096];
    while room > 0 {
        let most = room.min(buffer.len());
        match from.read(&mut buffer[..most]).await {
            Ok(length @ 1..) if to.write_all(&buffer[..length]).await.is_ok() => room -= length,
            _ => break,
        }
    }
    fails.notify_one();
    // The halves live until the other way ends too: what was passed on is still to arrive.
    std::future::pending::<()>().await;
}

/// What the client said, and what to ask the emulator for.
struct Said {
    failure: Failure,
    outcome: Result<(), Error>,
    graph_id: String,
    connections: usize,
}

async fn call(service: Arc<Service>, failure: Failure) -> Said {
    let state = if failure.is_start { ProviderState::StoppedGraph } else { ProviderState::RunningGraph };
    let graph_id = service.emulator.set_up(state).graph_id;
    let other = service.emulator.set_up(state).graph_id;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let address = service.endpoint.trim_start_matches("http://").to_owned();
    let relay = tokio::spawn(relay(listener, address, failure, connections.clone()));

    // With repetitions, as a user has it.
    let client = Client::builder().endpoint(endpoint).project_id(&*service.emulator.config().project_id);
    // Only silence has to be given up on.
    let timeout = Duration::from_millis(if failure.end == End::Silence { 300 } else { 60_000 });
    let client = client.credentials(Token::new(TOKEN).unwrap()).timeout(timeout);
    let client = client.retries(Retries::default().first_pause(Duration::from_millis(1))).build().unwrap();
    let send = async |graph: &str| match failure.is_start {
        true => client.start_graph(graph).send().await.map(drop),
        false => client.stop_graph(graph).send().await.map(drop),
    };
    if failure.is_second_call {
        send(&other).await.unwrap();
    }
    let outcome = send(&graph_id).await;
    relay.abort();
    Said { failure, outcome, graph_id, connections: connections.load(Ordering::Relaxed) }
}

/// How long a request and its answer are on the wire.
async fn lengths(service: &Arc<Service>, is_start: bool) -> (usize, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let address = service.endpoint.trim_start_matches("http://").to_owned();
    let counting = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut service = TcpStream::connect(address).await.unwrap();
        tokio::io::copy_bidirectional(&mut client, &mut service).await.unwrap()
    });
    let state = if is_start { ProviderState::StoppedGraph } else { ProviderState::RunningGraph };
    let graph_id = service.emulator.set_up(state).graph_id;
    let client = Client::new(&endpoint, &*service.emulator.config().project_id, TOKEN).unwrap();
    match is_start {
        true => client.start_graph(graph_id).send().await.map(drop).unwrap(),
        false => client.stop_graph(graph_id).send().await.map(drop).unwrap(),
    }
    drop(client);
    let (request, answer) = counting.await.unwrap();
    (request as usize, answer as usize)
}

/// How many calls were carried out, for each graph that there were some for.
fn carried_out(service: &Service) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    let journal = service.control("GET", "requests?status=200&limit=1000000", "");
    for address in journal.split("/graphs/").skip(1) {
        let graph_id = address.split('/').next().unwrap_or_default();
        *times.entry(graph_id.to_owned()).or_default() += 1;
    }
    times
}

#[tokio::test]
async fn the_client_tells_the_truth_wherever_the_connection_fails() {
    let limits = ges_emulator::Limits { journal: 1_000_000, ..ges_emulator::Limits::default() };
    let config = ges_emulator::Config { tokens: vec![TOKEN.to_owned()], limits, ..ges_emulator::Config::default() };
    let service = Arc::new(Service::start(config));
    let mut failures = Vec::new();
    for is_start in [false, true] {
        let (request, answer) = lengths(&service, is_start).await;
        for (side, length) in [(Side::Request, request), (Side::Answer, answer)] {
            for after in 0..=length {
                for (end, is_second_call) in [(End::Close, false), (End::Reset, false), (End::Close, true)] {
                    // The first call of a connection goes through whole, and is answered.
                    let after = match (is_second_call, side) {
                        (true, Side::Request) => length + after.max(1),
                        (true, Side::Answer) => length + after,
                        (false, _) => after,
                    };
                    failures.push(Failure { side, after, end, is_second_call, is_start });
                }
                if after % 7 == 0 {
                    failures.push(Failure { side, after, end: End::Silence, is_second_call: false, is_start });
                }
            }
        }
    }
    assert!(failures.len() > 1_000, "{} positions", failures.len());

    let (mut said, mut running) = (Vec::new(), JoinSet::new());
    for failure in failures {
        running.spawn(call(service.clone(), failure));
        if running.len() >= 32 {
            said.extend(running.join_next().await.map(Result::unwrap));
        }
    }
    said.extend(running.join_all().await);
    // What was on its way has arrived by now.
    tokio::time::sleep(Duration::from_millis(200)).await;

    let carried_out = carried_out(&service);
    let (mut open, mut happened_after_all, mut succeeded) = (0, 0, 0);
    for Said { failure, outcome, graph_id, connections } in said {
        let times = carried_out.get(&graph_id).copied().unwrap_or_default();
        assert!(times <= 1, "{failure:?}: carried out {times} times");
        match outcome {
            Ok(()) => {
                assert_eq!(times, 1, "{failure:?}: a success that did not happen");
                succeeded += 1;
            }
            Err(error) => {
                assert!(times == 0 || error.may_have_taken_effect(), "{failure:?}: {error}");
                assert!(connections == 1, "{failure:?}: repeated without being told to");
                assert_eq!(error.status().unwrap_or(200), 200, "{failure:?}: {error}");
                assert!(error.is_connection() || error.status() == Some(200), "{failure:?}: {error}");
                open += usize::from(error.may_have_taken_effect());
                happened_after_all += times;
            }
        }
    }
    // Otherwise the relay did not do what it is there for.
    assert!(
        succeeded > 0 && happened_after_all > 100 && open > happened_after_all,
        "{succeeded} {happened_after_all} {open}"
    );
    println!("{succeeded} succeeded; of {open} that may have taken effect, {happened_after_all} had");
}

#[tokio::test]
async fn an_effect_behind_an_error_of_the_gateway_is_left_open() {
    let service = Service::with_token();
    let ges = service.builder().credentials(Token::new(TOKEN).unwrap()).retries(Retries::default()).build().unwrap();
    for when in ["before", "after"] {
        let graph = service.emulator.set_up(ProviderState::RunningGraph).graph_id;
        service.control("POST", "faults", &format!(r#"{{"status":503,"when":"{when}","times":1}}"#));
        let error = ges.stop_graph(&graph).send().await.unwrap_err();
        assert_eq!((error.status(), error.may_have_taken_effect()), (Some(503), true));
        assert_eq!(ges.stop_graph(&graph).send().await.is_ok(), when == "before");
    }
}
