//! Leaving out one protection, so that the simulation can show that it would be missed.
//!
//! Without the feature `sabotage`, which no release has, nothing can be left out and the questions
//! asked here cost nothing.

/// A protection that stands in the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// The leases are asked immediately before the tap.
    LeaseBeforeTap,
    /// The tap is sent once, whatever comes back.
    TapOnce,
    /// A tap of which nobody knows whether it took effect is looked at.
    LookBack,
    /// A doubt is settled by looking, not by guessing.
    LookAtDoubts,
    /// A doubt is settled only while the account and the phone are certainly ours.
    StillOurs,
    /// That an act was not done is believed only of the phone on which it was to be done.
    SamePhone,
    /// What shows as done is looked at a second time.
    SecondLook,
    /// The account in the app is the one that is meant.
    RightAccount,
    /// A clock that was set stops everything.
    ClockWatch,
    /// What the store does not take is kept beside.
    Spool,
    /// What is in the spool is delivered before anything else.
    DeliverFirst,
    /// The task of a worker that is gone is taken up.
    TakeUp,
    /// A task is taken up only under the lease on its account.
    OrphanLease,
    /// An account that somebody drives is left to them.
    BusyAccount,
    /// An engagement that is over is noted with its task before the next.
    Checkpoint,
    /// What an earlier worker did for the task is counted with it.
    OwnEvents,
    /// A task that does not run holds no phone.
    FreePhone,
    /// Whether the copy of a scheduled task is made is written in the task first.
    DecideCopy,
}

impl Protection {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::LeaseBeforeTap,
        Self::TapOnce,
        Self::LookBack,
        Self::LookAtDoubts,
        Self::StillOurs,
        Self::SamePhone,
        Self::SecondLook,
        Self::RightAccount,
        Self::ClockWatch,
        Self::Spool,
        Self::DeliverFirst,
        Self::TakeUp,
        Self::OrphanLease,
        Self::BusyAccount,
        Self::Checkpoint,
        Self::OwnEvents,
        Self::FreePhone,
        Self::DecideCopy,
    ];

    /// Whether it is about tasks and workers, rather than about one engagement.
    pub const fn is_of_the_crew(self) -> bool {
        matches!(
            self,
            Self::SamePhone
                | Self::TakeUp
                | Self::OrphanLease
                | Self::BusyAccount
                | Self::Checkpoint
                | Self::OwnEvents
                | Self::FreePhone
                | Self::DecideCopy
        )
    }

    /// What is protected, in a sentence.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::LeaseBeforeTap => "the leases are asked immediately before the tap",
            Self::TapOnce => "a tap is sent once, whatever comes back",
            Self::LookBack => "a tap of unknown fate is looked at, not taken as not done",
            Self::LookAtDoubts => "a doubt is settled by looking, not by guessing",
            Self::StillOurs => "a doubt is settled only while account and phone are ours",
            Self::SamePhone => "that it was not done is believed only of the phone it was for",
            Self::SecondLook => "what shows as done is looked at a second time",
            Self::RightAccount => "the account in the app is the one that is meant",
            Self::ClockWatch => "a clock that was set stops everything",
            Self::Spool => "what the store does not take is kept beside",
            Self::DeliverFirst => "what is in the spool is delivered before anything else",
            Self::TakeUp => "the task of a worker that is gone is taken up",
            Self::OrphanLease => "a task is taken up only under the lease on its account",
            Self::BusyAccount => "an account that somebody drives is left to them",
            Self::Checkpoint => "an engagement is noted with its task before the next",
            Self::OwnEvents => "what an earlier worker did for the task is counted with it",
            Self::FreePhone => "a task that does not run holds no phone",
            Self::DecideCopy => "whether a scheduled copy is made is written in the task first",
        }
    }
}

#[cfg(feature = "sabotage")]
mod switch {
    use super::Protection;
    use std::cell::Cell;

    thread_local! {
        static LEFT_OUT: Cell<Option<Protection>> = const { Cell::new(None) };
    }

    /// Leaves one out, on this thread, from here on.
    pub fn leave_out(protection: Option<Protection>) {
        LEFT_OUT.set(protection);
    }

    pub(crate) fn is_off(protection: Protection) -> bool {
        LEFT_OUT.get() == Some(protection)
    }
}

#[cfg(not(feature = "sabotage"))]
mod switch {
    use super::Protection;

    /// Leaves nothing out: this build has no such switch.
    pub const fn leave_out(_: Option<Protection>) {}

    pub(crate) const fn is_off(_: Protection) -> bool {
        false
    }
}

pub(crate) use switch::is_off;
pub use switch::leave_out;
