//! `drill failover`: see the library. Prints what was counted; fails if a promise was broken.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the counts are what it is for")]

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use decorum_core::DedupScope;
use decorum_drill::{Error, Failover, Fault, failover};

/// Breaks what Decorum stands on, and counts what came of it.
#[derive(Parser)]
#[command(name = "drill", version, about)]
struct Args {
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    /// Strike the primary of a replica set again and again while writers race
    Failover {
        /// How long
        #[arg(long, default_value_t = 3.0)]
        minutes: f64,
        /// From one stroke to the next
        #[arg(long, default_value_t = 5.0)]
        every_seconds: f64,
        /// How many write at the same time
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
        writers: u16,
        /// What befalls the primary, in turn: kill, pause, step-down
        #[arg(long, value_delimiter = ',', default_value = "kill")]
        faults: Vec<Fault>,
        /// Who may engage a person only once
        #[arg(long, value_enum, default_value_t = Scope::Account)]
        scope: Scope,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Each account for itself
    Account,
    /// All accounts together
    Fleet,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let Drill::Failover { minutes, every_seconds, writers, faults, scope } = Args::parse().drill;
    let drill = Failover {
        lasts: Duration::try_from_secs_f64(minutes * 60.0)?,
        every: Duration::try_from_secs_f64(every_seconds)?,
        faults,
        writers: writers.into(),
        scope: match scope {
            Scope::Account => DedupScope::Account,
            Scope::Fleet => DedupScope::Fleet,
        },
    };
    let findings = failover(&drill, |how| eprintln!("{how}")).await?;
    println!("{findings}");
    let violations = findings.violations();
    for violation in &violations {
        println!("BROKEN {violation}");
    }
    if violations.is_empty() {
        println!("every promise was kept");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}
