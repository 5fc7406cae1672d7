//! What things cost, each beside a named reference measured in the same run, in turn.
//!
//! Machines differ and are noisy: what is worth quoting is the ratio of medians. Run it with
//! `make bench`, which builds the binary it measures first.

mod engagement;
mod export;
mod fill;
mod group;
mod mongodb;
mod pages;
mod process;
mod reading;
mod store;
mod table;

use clap::{Parser, ValueEnum};

use engagement::Failed;

/// Measures what things cost, each beside a named reference.
#[derive(Parser)]
#[command(name = "decorum-bench", version, about)]
struct Args {
    /// What to measure; all of it if nothing is named
    #[arg(value_enum)]
    what: Vec<What>,
    /// Events of the long log that pages of an SQLite store are read from
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Events of the short log beside it
    #[arg(long, default_value_t = 100_000)]
    short: u64,
    /// Events of the long log that is exported; the short one is the same
    #[arg(long, default_value_t = 1_000_000)]
    export_events: u64,
    /// Events of the long log that pages of a MongoDB store are read from; the short one has a tenth
    #[arg(long, default_value_t = 100_000)]
    mongodb_events: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Claims and commits of an SQLite store
    Store,
    /// The same of many accounts at once, beside the same statements
    Group,
    /// Claims and commits of a MongoDB store
    Mongodb,
    /// Pages of a long log (SQLite)
    Pages,
    /// Pages of a long log (MongoDB)
    MongodbPages,
    /// Exports of a long log
    Export,
    /// What the app says and shows
    Reading,
    /// Whole processes: cold start, memory
    Process,
}

fn main() -> Result<(), Failed> {
    let args = Args::parse();
    let wanted = match args.what.as_slice() {
        [] => What::value_variants(),
        named => named,
    };
    for what in wanted {
        match what {
            What::Store => store::claim_and_commit()?,
            What::Group => group::claim_and_commit()?,
            What::Mongodb => mongodb::claim_and_commit()?,
            What::Pages => pages::sqlite(args.short, args.events)?,
            What::MongodbPages => mongodb::pages(args.mongodb_events / 10, args.mongodb_events)?,
            What::Export => export::all(args.short, args.export_events)?,
            What::Reading => reading::all()?,
            What::Process => process::all()?,
        }
    }
    Ok(())
}
