//! The flags and the call of every command that only reads.

use ges_client::{Client, Error};

use crate::Failure;
use crate::call::dry_run;
use crate::connection::Connection;
use crate::output::table::Format;

/// The flags of a command that only reads.
#[derive(clap::Args)]
pub(crate) struct Look {
    /// Print the request as a curl command and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) output: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Look {
    /// The result of `ask`; `None` if the request was only printed.
    pub(crate) async fn ask<T>(
        &self,
        graph_id: Option<&str>,
        ask: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<Option<(T, Client)>, Failure> {
        if self.dry_run {
            dry_run::print(&self.connection, ask).await?;
            return Ok(None);
        }
        let ges = self.connection.client().await?;
        let found = ask(&ges).await.map_err(|error| Failure::of_call(&error, graph_id))?;
        Ok(Some((found, ges)))
    }
}
