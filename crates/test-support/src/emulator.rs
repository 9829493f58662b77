//! Runs an emulator on a free port.

use std::net::TcpListener;

use ges_emulator::{Config, Emulator, Listeners, Tls, serve};
use tokio::sync::oneshot;

/// The token that [`RunningEmulator::with_token`] takes.
pub const TOKEN: &str = "a-token-of-this-test";

/// An emulator in a thread of its own. It is stopped when this is dropped.
pub struct RunningEmulator {
    /// The emulator itself.
    pub emulator: Emulator,
    /// `http://127.0.0.1` and the port; with TLS, `https://localhost` and the port.
    pub endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl RunningEmulator {
    /// One that takes [`TOKEN`] and no other.
    pub fn with_token() -> Self {
        Self::start(Config { tokens: vec![TOKEN.to_owned()], ..Config::default() })
    }

    /// One over http.
    pub fn start(config: Config) -> Self {
        Self::listen(config, None)
    }

    /// One over https.
    pub fn start_tls(config: Config, tls: Tls) -> Self {
        Self::listen(config, Some(tls))
    }

    fn listen(config: Config, tls: Option<Tls>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let endpoint = match tls {
            None => format!("http://{address}"),
            Some(_) => format!("https://localhost:{}", address.port()),
        };
        let emulator = Emulator::new(config);
        let (served, (stop, stopped)) = (emulator.clone(), oneshot::channel::<()>());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let listeners = Listeners { tls, ..Listeners::from(listener) };
                serve(listeners, served, async { drop(stopped.await) }).await;
            });
        });
        Self { emulator, endpoint, _stop: stop }
    }
}
