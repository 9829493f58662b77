//! Flags and the call of every command that only reads.

use ges_client::{Client, Error};

use crate::Failure;
use crate::call::dry_run;
use crate::connection::Connection;
use crate::output::table::Format;

/// What all commands take that only look at something.
#[derive(clap::Args)]
pub(crate) struct Look {
    /// Print the request as a line of curl, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) output: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Look {
    /// What `ask` finds out; nothing if it is only shown how it would ask.
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
