//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod csv;
mod gramaddict;
mod instagram;
mod instapy;
mod support;
