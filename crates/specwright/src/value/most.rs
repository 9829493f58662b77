//! How many of a list are printed: a number, or all.

use std::str::FromStr;

/// The most that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most(pub usize);

impl FromStr for Most {
    type Err = String;

    fn from_str(text: &str) -> Result<Most, String> {
        match text {
            "all" => Ok(Most(usize::MAX)),
            _ => text.parse().map(Most).map_err(|_| "expected a number or `all`".to_owned()),
        }
    }
}
