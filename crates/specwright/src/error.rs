//! Why a command failed: the message, a hint, and the exit status.

use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong; a hint follows on a line of its own.
    pub message: String,
    /// The exit status.
    pub exit: u8,
}

impl Failure {
    /// Something else, with an exit status of its own.
    pub fn new(exit: u8, message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit }
    }

    /// Bad usage, or not confirmed: exit status 2, as for an unknown flag.
    pub fn usage(message: impl fmt::Display) -> Failure {
        Failure::new(2, message)
    }

    /// The usage is right, but the command cannot start or finish: exit status 3.
    pub fn cannot_start(message: impl fmt::Display) -> Failure {
        Failure::new(3, message)
    }
}
