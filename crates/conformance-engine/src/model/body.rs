//! The body of a reply: its bytes, and the JSON that was read from them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::model::json::Reading;

/// The bytes of a reply's body, as many as came. Clones share them, and the JSON that was read from them.
#[derive(Clone, Default)]
pub struct Body {
    shared: Arc<Shared>,
    is_unknown: bool,
}

#[derive(Default)]
struct Shared {
    bytes: Vec<u8>,
    json: OnceLock<Result<Reading, String>>,
}

impl Body {
    /// A body that is not known: a recorder left it out.
    pub fn unknown() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }

    /// The body is not known, so that it is empty means nothing.
    pub fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// Changes the bytes.
    pub fn edit(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let shared = std::mem::take(&mut self.shared);
        let mut bytes = Arc::try_unwrap(shared).map_or_else(|shared| shared.bytes.clone(), |shared| shared.bytes);
        change(&mut bytes);
        self.shared = Arc::new(Shared { bytes, json: OnceLock::new() });
    }

    /// Keeps the bytes alone: the JSON that was read from them takes many times their memory.
    #[cfg(feature = "run")]
    pub(crate) fn forget_json(&mut self) {
        self.edit(|_| {});
    }

    /// The JSON in it, which `read` reads the first time that it is asked for.
    pub(crate) fn json(&self, read: impl FnOnce() -> Result<Reading, String>) -> Result<&Reading, &str> {
        self.shared.json.get_or_init(read).as_ref().map_err(String::as_str)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { shared: Arc::new(Shared { bytes, json: OnceLock::new() }), is_unknown: false }
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.shared.bytes
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        **self == **other && self.is_unknown == other.is_unknown
    }
}

impl Eq for Body {}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
