//! The two kinds of schedules, as everything that searches, shrinks and tells takes them: runs of
//! one list each, and crews of workers that share a queue of tasks.

use decorum_engine::run::Kit;

use crate::crew::{self, CrewSchedule};
use crate::faults::Fault;
use crate::schedule::Schedule;
use crate::world::{self, Played};

/// Which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs of one list each.
    Run,
    /// Workers, tasks and phones.
    Crew,
}

/// One schedule.
#[derive(Clone, Debug)]
pub(crate) enum Scene {
    Run(Schedule),
    Crew(CrewSchedule),
}

impl Scene {
    /// What a seed stands for.
    pub(crate) fn of(kind: Kind, seed: u64) -> Self {
        match kind {
            Kind::Run => Self::Run(Schedule::of(seed)),
            Kind::Crew => Self::Crew(CrewSchedule::of(seed)),
        }
    }

    /// What goes wrong in it.
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::Run(schedule) => &schedule.faults,
            Self::Crew(schedule) => &schedule.faults,
        }
    }

    /// The same with other faults.
    #[must_use]
    pub(crate) fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        match &mut self {
            Self::Run(schedule) => schedule.faults = faults,
            Self::Crew(schedule) => schedule.faults = faults,
        }
        self
    }

    /// Plays it to its end, in virtual time.
    pub(crate) fn play(&self, kit: &Kit, recording: bool) -> Result<Played, String> {
        match self {
            Self::Run(schedule) => world::play(schedule, kit, recording),
            Self::Crew(schedule) => crew::play(schedule, kit, recording),
        }
    }

    /// Who and what is in it.
    pub(crate) fn described(&self) -> Vec<String> {
        match self {
            Self::Run(schedule) => schedule.described(),
            Self::Crew(schedule) => schedule.described(),
        }
    }
}
