//! The exit statuses, as the help of each command lists them.

/// The exit statuses of a command: one that makes a `call`, one that runs a `check`, or one that does something `local`.
macro_rules! exit_status {
    (call) => {
        "\
Exit status:
  0    done; with --wait, the job succeeded
  1    the service refused the call; nothing changed
  2    bad usage, or not confirmed; nothing was sent
  3    no connection or no valid credentials; nothing changed
  4    the job failed
  5    unknown: the job did not finish within --job-timeout,
       or no response arrived
  130  interrupted by Ctrl-C; an accepted job continues"
    };
    (check) => {
        ::specwright::exit_status!(check)
    };
    (local) => {
        ::specwright::exit_status!(local)
    };
}
pub(crate) use exit_status;
