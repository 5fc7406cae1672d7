//! A fleet: many phones with several accounts each, several workers, one MongoDB, and people that
//! are shared among all accounts. Phones are lost and come back, workers are killed or held still
//! for longer than their leases live, the platform says stop. At the end the ledgers of the phones are judged.

mod cast;
mod findings;
mod judge;
mod play;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use findings::FleetFindings;

use crate::Error;
use crate::place::Kind;

/// How large, for how long, and what befalls it.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Where the workers remember.
    pub store: Kind,
    /// Phones.
    pub phones: usize,
    /// Accounts on each of them.
    pub accounts_each: usize,
    /// Workers, each a process.
    pub workers: usize,
    /// People, shared among all accounts.
    pub targets: usize,
    /// On how many accounts' lists each of them is.
    pub lists_each: usize,
    /// Workers killed on the way.
    pub kills: usize,
    /// Workers held still on the way, each for longer than a lease lives, and then let go on.
    pub freezes: usize,
    /// Phones lost on the way, to be back some seconds later.
    pub losses: usize,
    /// Phones on which the platform asks for a person once.
    pub challenges: usize,
    /// The longest it may take.
    pub within: Duration,
    /// What repeats who is on which list, and what the phones play.
    pub seed: u64,
    /// The `decorum` to be judged; `None`: the one beside this program.
    pub binary: Option<PathBuf>,
    /// Keep every log and ledger here.
    pub keep: Option<PathBuf>,
}

impl Fleet {
    /// 20 phones, 60 accounts, 3 workers, 5,000 people.
    pub const fn large(seed: u64) -> Self {
        Self {
            store: Kind::Mongodb,
            phones: 20,
            accounts_each: 3,
            workers: 3,
            targets: 5_000,
            lists_each: 2,
            kills: 2,
            freezes: 2,
            losses: 4,
            challenges: 3,
            within: Duration::from_mins(40),
            seed,
            binary: None,
            keep: None,
        }
    }

    /// One that fits into a test.
    pub fn small(seed: u64) -> Self {
        Self {
            phones: 5,
            accounts_each: 3,
            targets: 150,
            kills: 1,
            freezes: 0,
            losses: 1,
            challenges: 1,
            within: Duration::from_mins(3),
            ..Self::large(seed)
        }
    }
}

/// Plays a fleet from beginning to end and judges it. `say` is told in a sentence how it goes;
/// `stop` ends it early, in order. Returns what was found, and the folder with every log and ledger
/// if it was kept.
pub async fn fleet(
    fleet: &Fleet,
    stop: &AtomicBool,
    say: impl Fn(&str) + Send + Sync,
) -> Result<(FleetFindings, Option<PathBuf>), Error> {
    let (home, temporary) = if let Some(path) = &fleet.keep {
        fs::create_dir_all(path)?;
        (path.canonicalize()?, None)
    } else {
        let folder = tempfile::Builder::new().prefix("decorum-fleet-").tempdir()?;
        (folder.path().to_owned(), Some(folder))
    };
    let played = play::play(fleet, &home, stop, &say).await;
    let in_order = played.as_ref().is_ok_and(|found| found.violations().is_empty());
    if !in_order {
        drop(temporary.map(tempfile::TempDir::keep));
    }
    let kept = !in_order || fleet.keep.is_some();
    match played {
        Ok(found) => Ok((found, kept.then_some(home))),
        Err(error) => Err(format!("{error}; all that there is lies in {}", home.display()).into()),
    }
}
