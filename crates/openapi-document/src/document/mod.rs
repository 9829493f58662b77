//! A document, the requests that its operations are, and the exchanges that its examples show.

mod address;
mod api;
mod body;
mod compose;
mod concern;
mod exchange;
mod given;
mod load;
mod operation;
mod parameters;
mod raised;
mod reference;
mod resolve;
mod rust_name;
mod schema;
mod style;

pub use crate::node::{escaped, unescaped};
pub(crate) use address::has_constant;
pub use address::{are_told_apart, variable_names, without_names};
pub use api::Api;
pub(crate) use body::{Content, composable, unsendable, written};
pub use body::{essence, is_json};
pub(crate) use compose::{compose, is_identifier};
pub(crate) use exchange::{Documented, Pair, UNPROVOKED, pairs, pairs_of_other_media, spare_examples};
pub use exchange::{Exchange, Gap, ReplyExample};
pub(crate) use given::{Chains, MOST, Named, Unmade, given_nodes, links, named_states, state_name};
pub(crate) use load::variables;
pub(crate) use operation::scalar;
pub use operation::{Constant, METHODS, Operation, Parameter, Response};
pub use parameters::is_ignored_header;
pub(crate) use parameters::{Optional, Values, candidates, carried, fits_as_text, is_remark};
pub use raised::raised;
pub use reference::{references, schema_name};
pub use resolve::Document;
pub use rust_name::{given_name, is_free_for_operation, pascal_case, snake_case};
pub(crate) use schema::parts;
