//! Listens on an address until a signal arrives.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::Failure;

/// A listener on an address.
///
/// # Errors
/// The address is in use or not of this machine.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let cannot = |error| Failure::cannot_start(format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(cannot)
}

/// The address that a listener has.
///
/// # Errors
/// The system does not say.
pub fn local(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::cannot_start(format!("cannot determine the address to listen on: {error}")))
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            // Without signal handlers, a signal kills the process.
            _ => std::future::pending().await,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
