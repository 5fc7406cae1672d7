//! What drives an engagement: the guard, the leases, the automator, a run.
//!
//! The guard decides nothing by itself ([`decorum_core::engage`] does, inside the store) and the
//! automator decides nothing at all; the run puts them together in the one order that keeps the
//! promises: check, approach, claim, tap once, look, commit.

pub mod audit;
pub mod automator;
pub mod clock;
pub mod crew;
pub mod entropy;
pub mod evidence;
pub mod guard;
pub mod lease;
pub mod lexicon;
pub mod machine;
pub mod process;
pub mod run;
pub mod sabotage;
pub mod spool;
