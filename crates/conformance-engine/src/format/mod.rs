//! Formats that are read as well as written (HAR, VCR), and exports; formats of reports only are in `report`.

pub(crate) mod curl;
pub mod export;
pub(crate) mod har;
pub(crate) mod locust;
pub(crate) mod recording;
pub mod shell;
pub(crate) mod stream;
pub mod terminal;
pub(crate) mod vcr;
pub(crate) mod wrap;
pub(crate) mod yaml;
