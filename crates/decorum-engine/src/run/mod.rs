//! One account, one phone, a list of people: each engaged once, and told how it went.
//!
//! A run holds two leases (account, phone), settles what an earlier run left in doubt, then
//! takes the list in order. It may be ended at any moment and started again: what was done is in
//! the store, so starting again continues. Whoever holds the leases already lends them to it
//! ([`Loan`]).

mod attempt;
mod doubts;
mod drive;
mod phone;
mod plan;
mod rest;
mod summary;
mod tell;

pub use drive::run;
pub use phone::Dial;
pub(crate) use phone::{in_front_of_nobody, in_front_of_other};
pub use plan::{Kit, Loan, Plan, PlanError, Stop, StopSwitch};
pub use summary::{Ended, Engagement, Refused, Summary};
pub use tell::{Progress, Settled, Tell};
