//! The report as one HTML page.

mod page;

pub(crate) use self::page::write;
