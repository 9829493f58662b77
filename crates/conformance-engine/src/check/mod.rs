//! Decides whether a reply, or a whole exchange, keeps what the document says of it.

pub(crate) mod comparison;
#[cfg(feature = "run")]
pub(crate) mod coverage;
pub(crate) mod described;
pub(crate) mod example;
#[cfg(feature = "run")]
pub mod exchange;
pub(crate) mod headers;
pub(crate) mod media_type;
pub(crate) mod mismatch;
pub(crate) mod response;
#[cfg(feature = "run")]
pub(crate) mod routing;
pub mod schema;
pub(crate) mod text_value;
pub(crate) mod undocumented;
pub(crate) mod value;

pub use self::comparison::{Comparison, Level};
pub use self::mismatch::{MAX_MISMATCHES, Mismatch};
pub use self::response::compare;
pub use crate::model::json;
pub use crate::model::note::Note;
