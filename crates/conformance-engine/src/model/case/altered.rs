//! The changes that make a valid credential one that is nearly right, and so must be refused.

use serde::{Deserialize, Serialize};

/// What stands in the token's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Instead {
    /// This text, which is nobody's token.
    Text(String),
    /// The token of the run with one change. It is made when the request is sent.
    Altered {
        /// The change.
        altered: Altered,
    },
}

impl Instead {
    /// The change, if it is one of the token.
    pub fn altered(&self) -> Option<Altered> {
        match self {
            Self::Altered { altered } => Some(*altered),
            Self::Text(_) => None,
        }
    }
}

/// One change of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Altered {
    /// One character more at its end.
    Longer,
    /// Without its last character.
    Shorter,
    /// Each letter in the other case.
    OtherCase,
    /// Nothing.
    Empty,
    /// Blanks only.
    Blank,
    /// Another word before it.
    Before,
    /// Without the scheme that belongs before it.
    NoScheme,
    /// Under another scheme.
    OtherScheme,
}

impl Altered {
    /// Every change.
    pub const ALL: [Self; 8] = [
        Self::Longer,
        Self::Shorter,
        Self::OtherCase,
        Self::Empty,
        Self::Blank,
        Self::Before,
        Self::NoScheme,
        Self::OtherScheme,
    ];

    /// One word for an id: `longer`, `other_case`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Longer => "longer",
            Self::Shorter => "shorter",
            Self::OtherCase => "other_case",
            Self::Empty => "empty",
            Self::Blank => "blank",
            Self::Before => "before",
            Self::NoScheme => "no_scheme",
            Self::OtherScheme => "other_scheme",
        }
    }

    /// In words that fit after what is changed.
    pub fn about(self) -> &'static str {
        match self {
            Self::Longer => "has a character more than the token",
            Self::Shorter => "lacks the last character of the token",
            Self::OtherCase => "is the token with each letter in the other case",
            Self::Empty => "is empty",
            Self::Blank => "has only blanks",
            Self::Before => "has another word before the token",
            Self::NoScheme => "has no scheme before the token",
            Self::OtherScheme => "has another scheme before the token",
        }
    }
}
