//! The flags and the call of every command that only reads.

use ges_client::{Client, Error};
use specwright::Failure;

use crate::call::dry_run;
use crate::connection::Connection;
use crate::error;
use crate::output::table::Format;

/// The flags of a command that only reads.
#[derive(clap::Args)]
pub(crate) struct ReadFlags {
    /// Print the request as a curl command and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) output: Format,
    #[command(flatten)]
    connection: Connection,
}

impl ReadFlags {
    /// The result of `call`; `None` if the request was only printed.
    pub(crate) async fn send<T>(
        &self,
        graph_id: Option<&str>,
        call: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<Option<(T, Client)>, Failure> {
        if self.dry_run {
            dry_run::print(&self.connection, call).await?;
            return Ok(None);
        }
        let ges = self.connection.client().await?;
        let found = call(&ges).await.map_err(|error| error::of_call(&error, graph_id))?;
        Ok(Some((found, ges)))
    }
}
