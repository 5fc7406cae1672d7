//! The log, written out: CSV, JSON and JSON lines.
//!
//! An [`Encoder`] turns events into bytes one by one, so that a file and the body of an HTTP
//! answer are the same bytes, in constant memory. [`resume`] finds where a file that was cut
//! short can go on. [`guard`] keeps a spreadsheet from running what a cell says.

mod encode;
pub mod guard;
pub mod resume;
mod row;

pub use encode::{Encoder, Format};
pub use row::COLUMNS;
