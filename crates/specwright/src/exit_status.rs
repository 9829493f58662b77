//! The exit statuses, as the help of each command lists them.

/// The exit statuses of a command: one that runs a `check`, or one that does something `local`. A literal, for `concat!`.
#[macro_export]
macro_rules! exit_status {
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
