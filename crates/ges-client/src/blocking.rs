//! The client for programs without a runtime of their own.
//!
//! ```no_run
//! use ges_client::{Client, blocking};
//!
//! let ges = Client::builder().region("cn-north-4").project_id("0123456789abcdef0123456789abcdef");
//! let ges = blocking::Client::new(ges.build()?)?;
//! ges.run(async |ges| {
//!     let stop = ges.stop_graph("4c5f882d-a813-4d78-a8e3-6d3212ddd121").send().await?;
//!     ges.wait_for(&stop).await
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use tokio::runtime::{Builder, Runtime};

/// A [`Client`](crate::Client) with a runtime that makes its calls on the current thread.
#[derive(Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Runtime,
}

impl Client {
    /// Makes a runtime for `client`.
    ///
    /// # Errors
    /// The system has no resources for a runtime, such as a free file descriptor.
    pub fn new(client: crate::Client) -> std::io::Result<Client> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Client { client, runtime })
    }

    /// Makes calls, and blocks until they are done.
    ///
    /// # Panics
    /// Within a runtime, whose thread it would block: use the [client](crate::Client) itself there.
    pub fn run<T>(&self, calls: impl AsyncFnOnce(&crate::Client) -> T) -> T {
        self.runtime.block_on(calls(&self.client))
    }
}
