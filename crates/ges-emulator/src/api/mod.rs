//! The HTTP API of the service: paths, arguments and the JSON of both API versions.

pub(crate) mod call;
pub(crate) mod dispatch;
pub(crate) mod json;
pub(crate) mod operation;
pub(crate) mod parameters;
pub(crate) mod response;
pub(crate) mod route;
