//! Rows and what they mean, one file per table.

pub(super) mod account;
pub(super) mod admin;
pub(super) mod alert;
pub(super) mod candidate;
pub(super) mod cell;
pub(super) mod device;
pub(super) mod event;
pub(super) mod keeper;
pub(super) mod latest;
pub(super) mod lease;
pub(super) mod metrics;
pub(super) mod sealed;
pub(super) mod settings;
pub(super) mod suppression;
pub(super) mod task;
pub(super) mod token;
