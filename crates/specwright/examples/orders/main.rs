//! A service for the tutorial `docs/any-api.md`: it keeps `openapi.yaml` beside this file, unless it is told not to.
//!
//! `orders ADDRESS` serves it under `/shop/v1`, with the token `a-token`, and sets up provider states at `/states`.
//! `--bug` lets orders be paid twice, and spells `articles` where `article` is documented.

use std::net::SocketAddr;

mod service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, has_bug) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [address] => (address, false),
        [address, "--bug"] => (address, true),
        _ => return Err("usage: orders ADDRESS [--bug]".into()),
    };
    let listener = tokio::net::TcpListener::bind(address.parse::<SocketAddr>()?).await?;
    println!("listening on http://{}/shop/v1", listener.local_addr()?);
    service::serve(listener, has_bug).await?;
    Ok(())
}
