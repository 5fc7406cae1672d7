//! The documents of each collection: how they are written and read.

pub(super) mod account;
pub(super) mod admin;
pub(super) mod event;
pub(super) mod latest;
pub(super) mod lease;
pub(super) mod settings;
pub(super) mod suppression;
pub(super) mod token;
