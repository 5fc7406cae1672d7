//! The protections, and which of them is left out.
//!
//! A simulation that finds nothing proves nothing unless it finds something when there is
//! something to be found. So each protection can be left out, one at a time, and the judge must
//! then object.

use std::cell::Cell;
use std::fmt;

pub(crate) use decorum_engine::sabotage::Protection as Engine;

use crate::scene::Kind;

/// One protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Whoever was engaged is not engaged again before the window ends.
    DedupRow,
    /// In `fleet` scope the other accounts' rows count too.
    FleetScope,
    /// A claim whose holder vanished is in doubt, and not free.
    Doubt,
    /// A claim is stored before it is granted.
    DurableClaim,
    /// A second report on a claim changes nothing.
    CommitOnce,
    /// A resting account engages nobody.
    Breaker,
    /// A claim names the lease on the account, and it must be the newest.
    AccountFence,
    /// A new session on the phone ends the one before, so whoever had it cannot tap.
    SessionFence,
    /// A worker whose fence is older than the task's notes nothing about it.
    TaskFence,
    /// A task is replaced only as it was read.
    TaskRev,
    /// One that stands in the engine.
    Engine(Engine),
}

impl Protection {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![
            Self::DedupRow,
            Self::FleetScope,
            Self::Doubt,
            Self::DurableClaim,
            Self::CommitOnce,
            Self::Breaker,
            Self::AccountFence,
            Self::SessionFence,
            Self::TaskFence,
            Self::TaskRev,
        ];
        all.extend(Engine::ALL.map(Self::Engine));
        all
    }

    /// In which kind of schedule it is at work.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::TaskFence | Self::TaskRev => Kind::Crew,
            Self::Engine(engine) if engine.is_of_the_crew() => Kind::Crew,
            _ => Kind::Run,
        }
    }

    /// What is protected, in a sentence.
    pub(crate) const fn explained(self) -> &'static str {
        match self {
            Self::DedupRow => "whoever was engaged is not engaged again in the window",
            Self::FleetScope => "in fleet scope, what another account did counts",
            Self::Doubt => "a claim whose holder vanished is in doubt, not free",
            Self::DurableClaim => "a claim is stored before it is granted",
            Self::CommitOnce => "a second report on a claim changes nothing",
            Self::Breaker => "a resting account engages nobody",
            Self::AccountFence => "a claim needs the newest lease on the account",
            Self::SessionFence => "a new session on the phone ends the one before",
            Self::TaskFence => "a worker whose fence is old notes nothing about the task",
            Self::TaskRev => "a task is replaced only as it was read",
            Self::Engine(engine) => engine.explained(),
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(engine) => write!(f, "{engine:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

thread_local! {
    static LEFT_OUT: Cell<Option<Protection>> = const { Cell::new(None) };
}

/// Leaves one out, on this thread, from here on.
pub(crate) fn leave_out(protection: Option<Protection>) {
    LEFT_OUT.set(protection);
    decorum_engine::sabotage::leave_out(match protection {
        Some(Protection::Engine(engine)) => Some(engine),
        _ => None,
    });
}

/// Whether it is left out.
pub(crate) fn is_off(protection: Protection) -> bool {
    LEFT_OUT.get() == Some(protection)
}
