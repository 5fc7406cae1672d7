//! `fleet`: plays a fleet of phones, accounts and workers, and judges it; see the library.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the counts are what it is for")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Parser;
use decorum_soak::{Error, Fleet, Kind, fleet};

/// Plays a fleet of simulated phones, accounts and workers on MongoDB, kills and freezes workers, loses phones,
/// and judges by the phones' ledgers that nobody was engaged twice.
#[derive(Parser)]
#[command(name = "fleet", version, about)]
struct Args {
    /// sqlite or mongodb
    #[arg(long, default_value = "mongodb")]
    store: Kind,
    /// Phones
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    phones: u16,
    /// Accounts on each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=5))]
    accounts_each: u16,
    /// Workers
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
    workers: u16,
    /// Workers killed on the way
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(..=50))]
    kills: u16,
    /// Workers held still on the way for longer than a lease lives
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(..=50))]
    freezes: u16,
    /// People
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    targets: u32,
    /// The longest it may take, in minutes
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// What repeats an earlier one [default: drawn]
    #[arg(long)]
    seed: Option<u64>,
    /// Keep every log and ledger in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let args = Args::parse();
    let plan = Fleet {
        store: args.store,
        phones: args.phones.into(),
        accounts_each: args.accounts_each.into(),
        workers: args.workers.into(),
        kills: args.kills.into(),
        freezes: args.freezes.into(),
        targets: usize::try_from(args.targets)?,
        within: Duration::from_mins(args.minutes),
        keep: args.keep,
        ..Fleet::large(args.seed.unwrap_or_else(|| fastrand::u64(..)))
    };
    eprintln!("--seed {} repeats it", plan.seed);
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("ending");
            told.store(true, Ordering::Relaxed);
        }
    });
    let (found, folder) = fleet(&plan, &stop, |how| eprintln!("{how}")).await?;
    print!("{found}");
    if let Some(folder) = folder {
        println!("every log and ledger is in {}", folder.display());
    }
    let violations = found.violations();
    for violation in &violations {
        println!("BROKEN {violation}");
    }
    if !violations.is_empty() {
        println!("{} promises broken; seed {}", violations.len(), found.seed);
        return Ok(ExitCode::FAILURE);
    }
    if found.interrupted {
        println!("interrupted; what was judged until then was in order");
        return Ok(ExitCode::from(130));
    }
    println!("every promise was kept");
    Ok(ExitCode::SUCCESS)
}
