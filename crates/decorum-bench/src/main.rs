//! What things cost, each beside a named reference measured in the same run, in turn with it.
//!
//! Machines differ and are noisy: what is worth quoting is the ratio of medians. `make bench` builds
//! the binary that is measured first; what comes out is `docs/benchmarks.md`, its pictures, and the
//! data they are made of ([`book`]).

mod book;
mod checks;
mod child;
mod claims;
mod console;
mod engagement;
mod export;
mod fill;
mod http;
mod mongodb;
mod others;
mod pages;
mod phone;
mod process;
mod reading;
mod scale;
mod summary;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Parser, ValueEnum};

use book::{Book, Chapter, Machine, Section};
use engagement::Failed;
use scale::Scale;

/// Measures what things cost, each beside a named reference.
#[derive(Parser)]
#[command(name = "decorum-bench", version, about)]
struct Args {
    /// What to measure; all of it if nothing is named
    #[arg(value_enum)]
    what: Vec<What>,
    /// Everything small: to try the program, not to learn anything
    #[arg(long)]
    quick: bool,
    /// Lengths of the logs that pages are read from, with commas between them
    #[arg(long, value_delimiter = ',')]
    events: Option<Vec<u64>>,
    /// Events of the long log that is exported
    #[arg(long)]
    export_events: Option<u64>,
    /// Events of the long log that pages of a MongoDB store are read from; the short one has a tenth
    #[arg(long)]
    mongodb_events: Option<u64>,
    /// Where the page, its pictures and its data go; `docs`, or with --quick nowhere
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only serve the bare handler that the API is compared with, answering this JSON
    #[arg(long, hide = true)]
    bare_axum: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Claims and commits of an SQLite store
    Claims,
    /// Claims and commits of a MongoDB store
    Mongodb,
    /// Whether people may be engaged: a remembered refusal, ten thousand at once
    Checks,
    /// Pages of a long log (SQLite)
    Pages,
    /// Pages of a long log (MongoDB)
    MongodbPages,
    /// Exports of a long log
    Export,
    /// The HTTP API: checks, claims
    Http,
    /// The HTTP API among thousands of clients that only wait
    Crowd,
    /// What others do instead: Redis, a JSON file, a Python service with MongoDB
    Others,
    /// An engagement: requests, seconds on a slow phone, what Decorum itself takes
    Phone,
    /// What the app says and shows
    Reading,
    /// Whole processes: cold start, memory
    Process,
}

impl What {
    fn measure(self, scale: &Scale) -> Result<Vec<Section>, Failed> {
        match self {
            Self::Claims => claims::claim_and_commit(scale),
            Self::Mongodb => mongodb::claim_and_commit(scale),
            Self::Checks => checks::measure(scale),
            Self::Pages => pages::sqlite(scale),
            Self::MongodbPages => mongodb::pages(scale),
            Self::Export => export::all(scale),
            Self::Http => {
                Ok([http::check::measure(scale)?, http::claims::measure(scale)?].concat())
            }
            Self::Crowd => http::crowd::measure(scale),
            Self::Others => others::measure(scale),
            Self::Phone => phone::measure(scale),
            Self::Reading => reading::all(scale),
            Self::Process => process::all(scale),
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

fn main() -> Result<(), Failed> {
    let args = Args::parse();
    if let Some(answer) = &args.bare_axum {
        return http::bare::serve(answer);
    }
    let scale = scale(&args);
    let wanted = match args.what.as_slice() {
        [] => What::value_variants(),
        named => named,
    };
    let out = match args.out {
        None if args.quick => None,
        None => Some(PathBuf::from("docs")),
        given => given,
    };
    let mut book = out.as_deref().map_or_else(|| Ok(Book::default()), Book::open)?;
    let machine = Machine::this();
    let parts: Vec<String> = What::value_variants().iter().map(|what| what.name()).collect();
    for (n, what) in wanted.iter().enumerate() {
        let (name, started) = (what.name(), Instant::now());
        console::say(&format!("\n[{} of {}] {name}", n + 1, wanted.len()));
        let sections = what.measure(&scale)?;
        console::say(&format!("{name}: {} s", started.elapsed().as_secs()));
        book.put(&name, Chapter { machine: machine.clone(), sections });
        // After every part: one that fails later takes nothing with it.
        if let Some(folder) = &out {
            book.write(folder, &parts)?;
        }
    }
    Ok(())
}

fn scale(args: &Args) -> Scale {
    let mut scale = if args.quick { Scale::quick() } else { Scale::whole() };
    if let Some(events) = &args.events {
        let shortest = scale.events.first().copied();
        scale.events.clone_from(events);
        // A log alone has nothing beside it.
        if let ([only], Some(shortest)) = (events.as_slice(), shortest)
            && shortest < *only
        {
            scale.events.push(shortest);
        }
        scale.events.sort_unstable();
    }
    scale.exported.0 = args.export_events.unwrap_or(scale.exported.0);
    scale.mongodb_events = args.mongodb_events.unwrap_or(scale.mongodb_events);
    scale
}
