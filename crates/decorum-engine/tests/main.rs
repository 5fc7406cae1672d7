//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod accounts;
mod clock;
mod crawl;
mod people;
mod spool;
