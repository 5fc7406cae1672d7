//! Commands that look after the store.

use clap::{Args as ClapArgs, Subcommand};
use decorum_core::Timestamp;
use decorum_store::Step;

use super::parse;

#[derive(Debug, ClapArgs)]
pub(crate) struct Cleanup {
    /// Count what would be removed, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TargetAction {
    /// Everybody who must never be contacted: who, since when, by whom and why
    Suppressed {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Erase a person everywhere; they stay on the suppression list, without their name
    Forget {
        /// The person
        user: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Metrics {
    /// Only of this account
    #[arg(long, alias = "account-id")]
    pub(crate) account: Option<String>,
    /// Only from this instant on (RFC 3339)
    #[arg(long, value_parser = parse::<Timestamp>)]
    pub(crate) from: Option<Timestamp>,
    /// Only before this instant (RFC 3339)
    #[arg(long, value_parser = parse::<Timestamp>)]
    pub(crate) to: Option<Timestamp>,
    /// How fine the series is: hour or day (UTC)
    #[arg(long, value_parser = parse::<Step>, default_value = "day")]
    pub(crate) step: Step,
    /// One JSON document, with the whole series
    #[arg(long)]
    pub(crate) json: bool,
}
