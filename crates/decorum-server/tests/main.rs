//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod by_hand;
mod log;
mod phones;
mod security;
mod sidecar;
mod stream;
mod support;
