//! Crews: several workers that share a queue of tasks, accounts and phones.
//!
//! The worker is the real one ([`decorum_engine::crew`]): its loop, what it chooses and takes, the
//! errand, the notes it makes, what it does about those that are gone. It runs on the machines,
//! the store and the phones that everything else here runs on, and meets the same faults.

mod hands;
mod judge;
mod notes;
mod play;
mod schedule;

pub(crate) use hands::by_hand;
pub(crate) use notes::{Claimed, Notes, changed, in_time};
pub(crate) use play::play;
pub(crate) use schedule::CrewSchedule;
