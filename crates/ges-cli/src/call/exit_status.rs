//! The table of exit statuses in the help of every command that calls a service.

/// What the exit status of a call means; conform has its own 1 and 4.
macro_rules! exit_status {
    () => {
        "\n\nExit status:
  0    done; with --wait: the job succeeded
  1    refused by the service; nothing has changed
  2    bad usage, or not confirmed; nothing was sent
  3    not reached, or no valid credentials; nothing changed
  4    the job failed
  5    not known: no end within --deadline, or no answer
  130  Ctrl-C; a job that was accepted goes on"
    };
}
pub(crate) use exit_status;
