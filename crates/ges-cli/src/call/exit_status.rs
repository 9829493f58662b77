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
        "\
Exit status:
  0    at least one case or exchange was checked, and none
       failed; or the plan was printed
  1    a case or an exchange failed
  2    bad usage; nothing was sent
  3    the check could not start or finish: no connection,
       credentials refused, provider states that fail, a
       deadline, Ctrl-C
  4    nothing was checked
  5    nothing failed, but less is covered than
       --coverage-min requires
  130  interrupted by a second Ctrl-C"
    };
    (local) => {
        "\
Exit status:
  0    done
  2    bad usage
  3    could not start or write its output"
    };
}
pub(crate) use exit_status;
