//! `soak`: see the library. Prints how it goes and what was counted; fails if a promise was
//! broken.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the counts are what it is for")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Parser;
use decorum_soak::{Error, Fault, Kind, Soak, soak};
use tokio::signal::unix::{SignalKind, signal};

/// Runs real workers, phones and stores under faults at random, and compares what the phones say
/// happened with what the log says.
#[derive(Parser)]
#[command(name = "soak", version, about)]
struct Args {
    /// sqlite or mongodb
    #[arg(long)]
    store: Kind,
    /// How long
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// What repeats an earlier soak [default: drawn]
    #[arg(long)]
    seed: Option<u64>,
    /// How many work at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// What may happen [default: everything]
    #[arg(long, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// Keep every log and ledger in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let args = Args::parse();
    let plan = Soak {
        store: args.store,
        lasts: Duration::from_secs(args.seconds),
        settles: Soak::SETTLES,
        seed: args.seed.unwrap_or_else(|| fastrand::u64(..)),
        workers: args.workers.into(),
        faults: if args.faults.is_empty() { Fault::ALL.to_vec() } else { args.faults },
        binary: None,
        keep: args.keep,
    };
    eprintln!("soaking {} for {} s; --seed {} repeats it", plan.store, args.seconds, plan.seed);
    let stop = stop_on_signal()?;
    let (findings, folder) = soak(&plan, &stop, |how| eprintln!("{how}")).await?;
    print!("{findings}");
    if let Some(folder) = folder {
        println!("every log and ledger is in {}", folder.display());
    }
    let violations = findings.violations();
    for violation in &violations {
        println!("BROKEN {violation}");
    }
    if !violations.is_empty() {
        println!("{} promises broken; seed {}", violations.len(), findings.seed);
        return Ok(ExitCode::FAILURE);
    }
    if findings.interrupted {
        println!("interrupted; what was judged until then was in order");
        return Ok(ExitCode::from(130));
    }
    println!("every promise was kept");
    Ok(ExitCode::SUCCESS)
}

/// The first Ctrl-C (or SIGTERM) ends in order. So does the second, as nobody waits for it: what
/// we started ends with us.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let told = Arc::clone(&stop);
    tokio::spawn(async move {
        for times in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if times > 0 {
                std::process::exit(130);
            }
            eprintln!("ending; once more ends at once");
            told.store(true, Ordering::Relaxed);
        }
    });
    Ok(stop)
}
