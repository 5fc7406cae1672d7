//! What goes wrong, as a list that can be written down, read again, and shortened.

use std::fmt;
use std::str::FromStr;

/// What a worker's process meets at one of its passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// The process dies.
    Crash,
    /// It stands still for so many seconds, and knows nothing of it.
    Freeze(u32),
    /// What it waits for takes so many seconds longer.
    Slow(u32),
    /// The line breaks: before, nothing was done; after, the answer is lost.
    Break,
}

/// What a person does to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Pause,
    Resume,
    Cancel,
    /// To the front of its queue.
    Hurry,
}

impl Deed {
    pub(crate) const ALL: [Self; 4] = [Self::Pause, Self::Resume, Self::Cancel, Self::Hurry];

    const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Hurry => "hurry",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A worker meets a blow at its passage.
    Blow {
        /// Which worker.
        worker: usize,
        /// At which of its passages.
        passage: u32,
        /// What.
        blow: Blow,
    },
    /// The store cannot be reached from a machine.
    Partition {
        /// Which machine.
        machine: usize,
        /// From which second.
        from: u32,
        /// For how many.
        seconds: u32,
    },
    /// A phone answers nobody.
    PhoneGone {
        /// Which phone.
        phone: usize,
        /// From which second.
        from: u32,
        /// For how many.
        seconds: u32,
    },
    /// A machine's clock is set.
    ClockSet {
        /// Which machine.
        machine: usize,
        /// At which second.
        at: u32,
        /// By how many seconds.
        by: i32,
    },
    /// The platform refuses an act with a rate limit.
    RateLimit {
        /// Of which account.
        account: usize,
        /// Which of its acts.
        act: u32,
    },
    /// The platform takes an act back a moment later.
    Revert {
        /// Of which account.
        account: usize,
        /// Which of its acts.
        act: u32,
    },
    /// The platform asks for a person instead of doing an act.
    Challenge {
        /// Of which account.
        account: usize,
        /// Which of its acts.
        act: u32,
    },
    /// The platform does the act, and then asks for a person.
    ChallengeAfter {
        /// Of which account.
        account: usize,
        /// Which of its acts.
        act: u32,
    },
    /// The phone's server forgets its session.
    SessionLost {
        /// Which phone.
        phone: usize,
        /// At which second.
        at: u32,
    },
    /// A person does something to a task.
    Hand {
        /// Which task.
        task: usize,
        /// At which second.
        at: u32,
        /// What.
        deed: Deed,
    },
    /// A person does something to a task while a worker's change of that task is on its way.
    Amid {
        /// Which worker.
        worker: usize,
        /// Which of its changes of a task.
        change: u32,
        /// What.
        deed: Deed,
    },
    /// A worker is asked to end, and started again.
    Drain {
        /// Which worker.
        worker: usize,
        /// At which second.
        at: u32,
    },
    /// Somebody switches the app to another account, for a while.
    Switched {
        /// Which phone.
        phone: usize,
        /// At which second.
        at: u32,
        /// For how many.
        seconds: u32,
    },
}

/// What the name of a deed ends with that comes in between.
const AMID: &str = "-amid";

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Blow { worker, passage, blow } => match blow {
                Blow::Crash => write!(f, "crash:{worker}:{passage}"),
                Blow::Freeze(s) => write!(f, "freeze:{worker}:{passage}:{s}"),
                Blow::Slow(s) => write!(f, "slow:{worker}:{passage}:{s}"),
                Blow::Break => write!(f, "break:{worker}:{passage}"),
            },
            Self::Partition { machine, from, seconds } => {
                write!(f, "partition:{machine}:{from}:{seconds}")
            }
            Self::PhoneGone { phone, from, seconds } => write!(f, "gone:{phone}:{from}:{seconds}"),
            Self::ClockSet { machine, at, by } => write!(f, "clock:{machine}:{at}:{by}"),
            Self::RateLimit { account, act } => write!(f, "limit:{account}:{act}"),
            Self::Revert { account, act } => write!(f, "revert:{account}:{act}"),
            Self::Challenge { account, act } => write!(f, "challenge:{account}:{act}"),
            Self::ChallengeAfter { account, act } => write!(f, "covered:{account}:{act}"),
            Self::SessionLost { phone, at } => write!(f, "session:{phone}:{at}"),
            Self::Switched { phone, at, seconds } => write!(f, "switched:{phone}:{at}:{seconds}"),
            Self::Drain { worker, at } => write!(f, "drain:{worker}:{at}"),
            Self::Hand { task, at, deed } => write!(f, "{}:{task}:{at}", deed.name()),
            Self::Amid { worker, change, deed } => {
                write!(f, "{}{AMID}:{worker}:{change}", deed.name())
            }
        }
    }
}

/// A fault that cannot be read.
#[derive(Debug)]
pub(crate) struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a fault, such as crash:0:17 or clock:1:600:-400", self.0)
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let fail = || FaultError(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(fail)?;
        let numbers: Result<Vec<i64>, _> = rest.split(':').map(str::parse).collect();
        let numbers = numbers.map_err(|_| fail())?;
        let number = |n: usize| numbers.get(n).copied().ok_or_else(fail);
        let index = |n| usize::try_from(number(n)?).map_err(|_| fail());
        let small = |n| u32::try_from(number(n)?).map_err(|_| fail());
        let blow = |blow| Ok(Self::Blow { worker: index(0)?, passage: small(1)?, blow });
        match kind {
            "crash" => blow(Blow::Crash),
            "freeze" => blow(Blow::Freeze(small(2)?)),
            "slow" => blow(Blow::Slow(small(2)?)),
            "break" => blow(Blow::Break),
            "drain" => Ok(Self::Drain { worker: index(0)?, at: small(1)? }),
            "partition" => {
                Ok(Self::Partition { machine: index(0)?, from: small(1)?, seconds: small(2)? })
            }
            "gone" => Ok(Self::PhoneGone { phone: index(0)?, from: small(1)?, seconds: small(2)? }),
            "clock" => {
                let by = i32::try_from(number(2)?).map_err(|_| fail())?;
                Ok(Self::ClockSet { machine: index(0)?, at: small(1)?, by })
            }
            "limit" => Ok(Self::RateLimit { account: index(0)?, act: small(1)? }),
            "revert" => Ok(Self::Revert { account: index(0)?, act: small(1)? }),
            "challenge" => Ok(Self::Challenge { account: index(0)?, act: small(1)? }),
            "covered" => Ok(Self::ChallengeAfter { account: index(0)?, act: small(1)? }),
            "session" => Ok(Self::SessionLost { phone: index(0)?, at: small(1)? }),
            "switched" => {
                Ok(Self::Switched { phone: index(0)?, at: small(1)?, seconds: small(2)? })
            }
            _ => {
                let amid = kind.strip_suffix(AMID);
                let deed = Deed::named(amid.unwrap_or(kind)).ok_or_else(fail)?;
                Ok(match amid {
                    Some(_) => Self::Amid { worker: index(0)?, change: small(1)?, deed },
                    None => Self::Hand { task: index(0)?, at: small(1)?, deed },
                })
            }
        }
    }
}
