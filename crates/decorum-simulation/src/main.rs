//! `simulate`: the whole way of an engagement on virtual time, from a seed, with faults everywhere.
//!
//! The engine is the real one (guard, leases, run, automator, screens, classifier), and so are the
//! decisions (`decorum-core`). Time, machines, phones and the store are models, so that thousands
//! of hours and crashes fit into a minute and every one of them can be played again:
//!
//! - [`schedule`]: what a seed stands for; [`crew`]: the same for workers that share a queue of
//!   tasks, and how they are played and judged; [`scene`]: either of them; [`faults`]: what goes wrong, as a list that can be read;
//! - [`gate`]: where processes die, freeze, and lose answers, at every await;
//! - [`machine`], [`store`], [`tasks`], [`keeper`] and [`board`], [`phone`], [`pages`] and [`platform`]: the models;
//! - [`watcher`] and [`judge`]: what must hold at the moment of an act, and in the end;
//! - [`search`] and [`work`]: many schedules at once, and what the arguments ask for;
//! - [`shrink`]: from a failing schedule to the few faults that it takes;
//! - [`protection`]: what can be left out, to see that the judge would notice.

mod board;
mod crew;
mod faults;
mod gate;
mod judge;
mod keeper;
mod machine;
mod pages;
mod phone;
mod platform;
mod protection;
mod scene;
mod schedule;
mod search;
mod shrink;
mod store;
mod tasks;
mod watcher;
mod work;
mod world;

use clap::Parser;

/// Plays schedules of faults, and looks whether a promise is broken.
#[derive(Debug, Parser)]
struct Args {
    /// Schedules to play
    #[arg(long, default_value_t = 1000)]
    schedules: u64,
    /// The seed of the first
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Go on for so many seconds instead
    #[arg(long)]
    seconds: Option<u64>,
    /// Crews: workers that share a queue of tasks and several phones, instead of runs of one list
    #[arg(long)]
    crew: bool,
    /// Threads; as many as there are processors if not given
    #[arg(long)]
    jobs: Option<usize>,
    /// Play this one seed and tell its story
    #[arg(long)]
    seed: Option<u64>,
    /// With --seed: these faults instead of the seed's own, such as `crash:0:17,clock:1:600:-400`
    #[arg(long, value_delimiter = ',')]
    faults: Option<Vec<faults::Fault>>,
    /// Leave out each protection in turn, and show which schedule catches that
    #[arg(long)]
    protections: bool,
    /// Leave this protection out
    #[arg(long)]
    without: Option<String>,
}

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    match work::work(&args) {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(why) => {
            work::complain(&why);
            std::process::ExitCode::from(2)
        }
    }
}
