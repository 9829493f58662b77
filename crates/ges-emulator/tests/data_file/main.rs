//! Tests with a data file.

mod damage;
mod folder;
mod kill;
mod load;
mod reopening;
